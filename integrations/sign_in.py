"""Sign in with TikTok, for creators who were invited: the way to Login Kit's consent page and back. Owns how each trip ends.

An account is linked while an invitation is accepted with it, and signs in from then on. The one scope asked for says who somebody is. The
tokens that come back are used for that and dropped: nothing of them is stored. They are not revoked, because at TikTok there is one consent
per account and app, and revoking would end a connection for posting that the same person made.

A trip is noted in the browser's session: hash of the state, sealed verifier, ten minutes. It is used up before TikTok is asked anything.
TikTok's page: https://developers.tiktok.com/doc/login-kit-web
"""

import hmac
import logging
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError

from agency import actions, address_book, clock, scope, sign_in_links
from agency.key_service import KeyServiceError
from agency.keyring import data_key
from agency.models import Invitation, Person
from agency.queries import is_person
from agency.roles import Role
from agency.sealing import Binding, CannotOpen, KeyDestroyed, seal, unseal
from agency.secret import Secret
from integrations.actions import printable
from integrations.gateway import base_urls, transport_for, transport_for_tokens
from integrations.tiktok import display, login_kit, oauth
from integrations.tiktok.errors import NotUnderstood, OurMistake, TikTokError, TryLater
from integrations.tiktok.oauth import App, TokenGrant

logger = logging.getLogger(__name__)
SCOPE = "user.info.basic"
LIFETIME = timedelta(minutes=10)
_TRIP, _KEY, _LONGEST = "tiktok_sign_in", "tiktok-sign-in", 2048


class Ending(Enum):
    """How a trip ended."""

    SIGNED_IN = "signed_in"
    JOINED = "joined"
    UNKNOWN = "unknown"
    TAKEN = "taken"
    CLOSED = "closed"
    INVITATION_GONE = "invitation_gone"
    DENIED = "denied"
    FORGED = "forged"
    EXPIRED = "expired"
    REFUSED = "refused"
    UPSTREAM = "upstream"
    MISCONFIGURED = "misconfigured"
    NOT_UNDERSTOOD = "not_understood"
    NOT_SAFE = "not_safe"


@dataclass(frozen=True)
class Outcome:
    """What the page says, or who is signed in and where they go."""

    ending: Ending
    person: Person | None = None
    back: str = "/"


def is_offered() -> bool:
    """Whether this installation has an app at TikTok for Developers."""
    return bool(settings.TIKTOK_LOGIN_KEY)


def may_join(invitation: Invitation) -> bool:
    """Creators who are new here. Staff and clients sign in with what the agency can reset."""
    return Role(invitation.role) is Role.CREATOR and not is_person(invitation.email)


def begin(session: Any, *, invitation: Invitation | None, back: str) -> str:
    """Note a trip in this browser's session and return the address of TikTok's page. Sealing may ask the key service."""
    state, verifier = secrets.token_urlsafe(32), oauth.new_verifier()
    known = address_book.hash_of(_TRIP, state).hex()
    session[_TRIP] = {
        "state": known,
        "verifier": seal(data_key(_KEY, create=True), verifier.reveal().encode(), _binding(known)).hex(),
        "at": clock.now().isoformat(),
        "invitation": [str(invitation.workspace_id), str(invitation.pk)] if invitation else None,
        "back": back,
    }
    return login_kit.login_consent_url(
        base_urls(),
        client_key=settings.TIKTOK_LOGIN_KEY,
        scopes=(SCOPE,),
        redirect_uri=settings.TIKTOK_LOGIN_REDIRECT_URI,
        state=state,
        challenge=oauth.hex_challenge(verifier),
    )


def come_back(session: Any, *, state: str, code: str, error: str) -> Outcome:
    """Work through a return. Nothing is exchanged without a trip of this browser that is fresh and unused."""
    trip = session.get(_TRIP)
    known = address_book.hash_of(_TRIP, state[:_LONGEST]).hex()
    if not trip or not hmac.compare_digest(trip["state"], known):
        return Outcome(Ending.FORGED)
    del session[_TRIP]
    session.save()  # used up before the code is, whatever happens next
    if clock.now() - datetime.fromisoformat(trip["at"]) > LIFETIME:
        return Outcome(Ending.EXPIRED)
    if error or not code or len(code) > _LONGEST:
        return Outcome(Ending.DENIED if error == "access_denied" else Ending.REFUSED)
    try:
        return _arrive(trip, Secret(code))
    except (TikTokError, KeyServiceError, CannotOpen, KeyDestroyed) as problem:
        ending = _ending_of(problem)
        logger.warning("signing in with TikTok was not completed: %s", problem, extra={"facts": {"cause": ending.value}})
        return Outcome(ending)


def _arrive(trip: dict[str, Any], code: Secret) -> Outcome:
    verifier = Secret(unseal(data_key(_KEY), bytes.fromhex(trip["verifier"]), _binding(trip["state"])).decode())
    us = App(app_id=settings.TIKTOK_LOGIN_KEY, secret=Secret(settings.TIKTOK_LOGIN_SECRET))
    wire = transport_for_tokens(for_person=True)
    grant = login_kit.exchange_login_code(wire, us, code=code, verifier=verifier, redirect_uri=settings.TIKTOK_LOGIN_REDIRECT_URI).value
    person = sign_in_links.person_behind(grant.open_id)
    if trip["invitation"]:
        return Outcome(Ending.TAKEN) if person else _join(trip["invitation"], grant)
    if person is None:
        return Outcome(Ending.UNKNOWN)
    return Outcome(Ending.SIGNED_IN if person.is_active else Ending.CLOSED, person, trip["back"])


def _join(noted: list[str], grant: TokenGrant) -> Outcome:
    """Accept the invitation and link the account, both or neither."""
    workspace_id, invitation_id = map(UUID, noted)
    name = _name_of(grant)
    try:
        with scope.inside(workspace_id):
            invitation = Invitation.objects.filter(pk=invitation_id).first()
            if invitation is None or not may_join(invitation):
                return Outcome(Ending.INVITATION_GONE)
            person = actions.accept_invitation(invitation, name=name or invitation.email.split("@")[0], password=None)
            sign_in_links.make(grant.open_id, person)
    except actions.NotAllowed:
        return Outcome(Ending.INVITATION_GONE)
    except IntegrityError:  # of two at once with one account, or of one address, the second comes too late
        return Outcome(Ending.TAKEN)
    return Outcome(Ending.JOINED, person)


def _name_of(grant: TokenGrant) -> str:
    """What the person is called at TikTok. Not knowing it is no failure."""
    if SCOPE not in grant.scopes:
        return ""
    with suppress(TikTokError):
        wire = transport_for(grant.open_id, for_person=True)
        told = display.user_info(wire, access_token=grant.access_token, fields=("open_id", "display_name")).value
        return printable(told.display_name or "", 120).strip()
    return ""


def _ending_of(problem: Exception) -> Ending:
    if isinstance(problem, OurMistake):
        return Ending.MISCONFIGURED
    if isinstance(problem, NotUnderstood):
        return Ending.NOT_UNDERSTOOD
    if isinstance(problem, TryLater):
        return Ending.UPSTREAM
    return Ending.REFUSED if isinstance(problem, TikTokError) else Ending.NOT_SAFE


def _binding(state: str) -> Binding:
    return Binding(
        workspace="", subject="sign-in", table="agency_session", column="session_data", row=state, generation=0, purpose="pkce verifier"
    )
