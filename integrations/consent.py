"""The way to TikTok's consent page and back. Owns every outcome of a callback; each ends on a page, none in an error.

The callback's requests are made outside transactions; what is written is written in short ones.
"""

import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings

from agency import address_book, clock, scope
from agency.key_service import KeyServiceError
from agency.models import Membership
from agency.roles import Can
from agency.sealing import CannotOpen, KeyDestroyed
from agency.secret import Secret
from integrations import actions, ad_accounts, ad_consent, queries, trips, vault
from integrations.features import PERMISSIONS
from integrations.gateway import app, base_urls, transport, transport_for
from integrations.models import Connection, ConsentRequest, Flow, connection_key_ref
from integrations.tiktok import accounts, advertisers, oauth
from integrations.tiktok.advertisers import AdvertiserGrant
from integrations.tiktok.errors import ConsentRefused, NotUnderstood, OurMistake, TikTokError, TryLater
from integrations.tiktok.oauth import TokenGrant

logger = logging.getLogger(__name__)
_LONGEST = 2048  # of state and code; ours have 43 characters, TikTok's codes about 70


class Cause(Enum):
    """How a callback ended."""

    CONNECTED = "connected"
    ASKED = "asked"
    DENIED = "denied"
    FORGED = "forged"
    OTHER_BROWSER = "other_browser"
    OTHER_PERSON = "other_person"
    REPLAYED = "replayed"
    EXPIRED = "expired"
    TIKTOK_SAID_NO = "tiktok_said_no"
    NO_CODE = "no_code"
    REFUSED = "refused"
    UPSTREAM = "upstream"
    MISCONFIGURED = "misconfigured"
    NOT_UNDERSTOOD = "not_understood"
    NO_LONGER_ALLOWED = "no_longer_allowed"
    SIGNED_OUT = "signed_out"
    NOT_SAFE = "not_safe"
    BEING_ERASED = "being_erased"


@dataclass(frozen=True)
class Outcome:
    """What the callback's page says."""

    cause: Cause
    connection: Connection | None = None
    membership: Membership | None = None
    flow: Flow = Flow.ACCOUNT


NEEDED = {Flow.ACCOUNT: Can.MANAGE_CONNECTIONS, Flow.ADVERTISER: Can.MANAGE_AD_ACCOUNTS}


def begin(membership: Membership, session: Any, *, reconnect: Connection | None = None) -> str:
    """Prepare a consent and return the address of TikTok's page. Runs outside a transaction: sealing may ask the key service."""
    verifier, request_id = oauth.new_verifier(), uuid4()
    sealed = vault.seal_verifier(verifier, workspace_id=membership.workspace_id, request_id=request_id)
    with scope.inside(membership.workspace_id):
        scopes = queries.scopes_of_workspace()
        state = _started(membership, session, Flow.ACCOUNT, request_id, sealed, scopes, reconnect)
    encode = oauth.CHALLENGES.get(settings.TIKTOK_PKCE)
    return oauth.account_consent_url(
        base_urls(),
        client_key=settings.TIKTOK_APP_ID,
        scopes=scopes,
        redirect_uri=settings.TIKTOK_REDIRECT_URI,
        state=state,
        challenge=encode(verifier) if encode else None,
    )


def begin_advertiser(membership: Membership, session: Any) -> str:
    """The same for ad accounts. That page takes no scopes and no challenge: state, browser and the code that works once carry the rest."""
    with scope.inside(membership.workspace_id):
        state = _started(membership, session, Flow.ADVERTISER, uuid4(), None, tuple(str(p.number) for p in PERMISSIONS), None)
    return advertisers.advertiser_consent_url(
        base_urls(), app_id=settings.TIKTOK_APP_ID, redirect_uri=settings.TIKTOK_REDIRECT_URI, state=state
    )


def _started(
    membership: Membership,
    session: Any,
    flow: Flow,
    request_id: UUID,
    verifier_sealed: bytes | None,
    scopes: tuple[str, ...],
    reconnect: Connection | None,
) -> Secret:
    """The state to send along, noted for this browser."""
    return trips.start_trip(
        request_id=request_id,
        by=membership,
        browser_nonce=trips.nonce_of(session),
        flow=flow,
        verifier_sealed=verifier_sealed,
        scopes=scopes,
        redirect_uri=settings.TIKTOK_REDIRECT_URI,
        reconnect=reconnect,
    )


def come_back(*, state: str, code: str, error: str, memberships: list[Membership], browser_nonce: str) -> Outcome:
    """Work through a callback. Nothing is exchanged without a state that is known, fresh, unused, of this browser and this person.

    Which flow it ends is what was noted when it began, never what the address says.
    """
    if not state or len(state) > _LONGEST or "\x00" in state:
        return Outcome(Cause.FORGED)
    entries = address_book.find("oauth_state", state)
    if not entries:
        return Outcome(Cause.FORGED)
    entry = entries[0]
    with scope.inside(entry.workspace_id):
        request = ConsentRequest.objects.filter(pk=entry.ref).first()
        if request is None:
            return Outcome(Cause.FORGED)
        if not browser_nonce or not hmac.compare_digest(bytes(request.browser_hash), trips.browser_hash(browser_nonce)):
            return Outcome(Cause.OTHER_BROWSER)
        membership = next((m for m in memberships if m.workspace_id == request.workspace_id), None)
        if membership is None or membership.person_id != request.person_id:
            return Outcome(Cause.OTHER_PERSON)
        flow = Flow(request.flow)
        if not membership.as_role.can(NEEDED[flow]):
            return Outcome(Cause.NO_LONGER_ALLOWED, membership=membership, flow=flow)
        claimed = trips.claim_trip(request.pk)
        if claimed is None:
            # Of two at the same moment the second finds it used, although it looked unused when it was read.
            is_expired = request.used_at is None and request.expires_at <= clock.now()
            return Outcome(Cause.EXPIRED if is_expired else Cause.REPLAYED, membership=membership, flow=flow)
        if error or not code or len(code) > _LONGEST:
            trips.close_trip(claimed, ConsentRequest.Outcome.DENIED)
            return Outcome(cause_of_return(error), membership=membership, flow=flow)
    return _exchange(claimed, Secret(code), membership)


def _exchange(request: ConsentRequest, code: Secret, membership: Membership) -> Outcome:
    flow = Flow(request.flow)
    try:
        connection = _account(request, code) if flow is Flow.ACCOUNT else _advertiser(request, code)
    except (TikTokError, KeyServiceError, CannotOpen, KeyDestroyed, actions.BeingErased) as problem:
        cause = cause_of(problem)
        logger.warning("consent not completed: %s", problem, extra={"facts": {"cause": cause.value, "consent": str(request.pk)}})
        with scope.inside(request.workspace_id):
            refused = cause is Cause.REFUSED
            trips.close_trip(request, ConsentRequest.Outcome.REFUSED if refused else ConsentRequest.Outcome.UPSTREAM)
        return Outcome(cause, membership=membership, flow=flow)
    cause = Cause.ASKED if connection.state == Connection.State.ASKED else Cause.CONNECTED
    return Outcome(cause, connection=connection, membership=membership, flow=flow)


def _account(request: ConsentRequest, code: Secret) -> Connection:
    verifier = vault.open_verifier(request) if settings.TIKTOK_PKCE != "off" else None
    grant = oauth.exchange_code(transport(), app(), code=code, verifier=verifier, redirect_uri=request.redirect_uri).value
    return _named(_keep(request, grant, open_id=grant.open_id, scopes=grant.scopes))


def _advertiser(request: ConsentRequest, code: Secret) -> Connection:
    arrival = ad_consent.exchange(code)
    return _keep(
        request,
        arrival.grant,
        open_id=arrival.person_id,
        scopes=arrival.permissions,
        then=lambda connection: _offer(connection, arrival),
    )


def _offer(connection: Connection, arrival: ad_consent.Arrival) -> None:
    actions.name_account(connection, handle="", display_name=arrival.person_name)
    ad_accounts.offer(connection, arrival.ad_accounts)


def cause_of_return(error: str) -> Cause:
    """TikTok sends people back with a reason of its own too, which is not theirs: a scope it does not know, a failure on its side."""
    if not error:
        return Cause.NO_CODE
    return Cause.DENIED if error == "access_denied" else Cause.TIKTOK_SAID_NO


def cause_of(problem: Exception) -> Cause:
    """What an exchange that failed means to the person."""
    if isinstance(problem, actions.BeingErased):
        return Cause.BEING_ERASED
    if isinstance(problem, ConsentRefused):
        return Cause.REFUSED
    if isinstance(problem, OurMistake):
        return Cause.MISCONFIGURED
    if isinstance(problem, NotUnderstood):
        return Cause.NOT_UNDERSTOOD
    if isinstance(problem, TikTokError):
        return Cause.UPSTREAM if isinstance(problem, TryLater) else Cause.REFUSED
    return Cause.NOT_SAFE


def _keep(
    request: ConsentRequest,
    grant: TokenGrant | AdvertiserGrant,
    *,
    open_id: str,
    scopes: frozenset[str],
    then: Callable[[Connection], None] = lambda connection: None,
) -> Connection:
    """Seal outside, store inside. If another consent for the same account was stored in between, seal for its successor.

    `then` stores what came with the grant, in the same transaction.
    """
    while True:
        with scope.inside(request.workspace_id):
            connection_id, generation = actions.place_for(request.flow, open_id)
        sealed = vault.seal_grant(grant, workspace_id=request.workspace_id, connection_id=connection_id, generation=generation)
        try:
            with scope.inside(request.workspace_id):
                dropped = queries.revocation_keys(connection_id)
                connection = actions.keep_grant(
                    request, connection_id=connection_id, generation=generation, open_id=open_id, scopes=scopes, sealed=sealed
                )
                then(connection)
        except actions.PlaceTaken:
            continue
        except actions.BeingErased:
            vault.destroy_key(connection_key_ref(connection_id, generation))
            raise
        for ref in dropped:
            vault.destroy_key(ref)
        vault.destroy_older_keys(connection)
        return connection


def _named(connection: Connection) -> Connection:
    """Ask TikTok what the account is called, so that the person lands on its name. Not knowing it is no failure."""
    fields = accounts.fields_for(connection.scopes_granted, accounts.PROFILE_FIELDS)
    if not fields:
        return connection
    try:
        usable = vault.access_token(connection)
        profile = accounts.profile(
            transport_for(usable.open_id, for_person=True), access_token=usable.access_token, business_id=usable.open_id, fields=fields
        ).value
    except (TikTokError, KeyServiceError):
        return connection
    with scope.inside(connection.workspace_id):
        actions.name_account(
            connection, handle=profile.username or "", display_name=profile.display_name or "", picture_url=profile.profile_image
        )
        connection.refresh_from_db()
    return connection
