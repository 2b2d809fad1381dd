"""Showing which TikTok account is one's own, without a sign-in here: the way to TikTok and back, and what it showed.

It is the consent of the API for Business and not that of Login Kit. `open_id` is an account's id within one app: Login Kit's app and ours
know the same account by two of them, and the `union_id` that would join them is not among what the API for Business tells. The consent of
our own app, for the one scope that says who somebody is, brings the very id that a connection is kept by.
TikTok's page: https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info

The tokens that come back live in memory for two calls and are never stored. They are revoked at TikTok, unless somebody here is connected
to the account: there is one consent per account and app, and revoking would end theirs before anything was decided.
"""

import hmac
import json
import logging
import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings

from agency import address_book, clock
from agency.key_service import KeyServiceError
from agency.keyring import data_key, keyring
from agency.sealing import Binding, CannotOpen, KeyDestroyed, seal, unseal
from agency.secret import Secret
from integrations import queries, trips
from integrations.actions import printable
from integrations.consent import Cause, cause_of, cause_of_return
from integrations.gateway import app, base_urls, transport_for, transport_for_tokens
from integrations.models import Flow, Proof
from integrations.tiktok import accounts, oauth
from integrations.tiktok.errors import TikTokError
from integrations.tiktok.oauth import TokenGrant

logger = logging.getLogger(__name__)
SCOPE = "user.info.basic"
_BOOK, _LONGEST = "identity_proof", 2048
AT_ONCE = 200  # rows forgotten by one sweep


@dataclass(frozen=True)
class Shown:
    """Whose account it is: TikTok's id within our app, and what the account calls itself, if TikTok said."""

    open_id: str
    name: str


@dataclass(frozen=True)
class Look:
    """How a trip stands, to the browser that began it: what it showed, or why it did not. `wanted_by` is None for everybody else."""

    wanted_by: UUID | None
    shown: Shown | None = None
    cause: Cause | None = None


def begin(session: Any, *, wanted_by: UUID) -> str:
    """Note a trip of this browser and return the address of TikTok's page. Sealing may ask the key service: outside transactions."""
    verifier, state, now = oauth.new_verifier(), secrets.token_urlsafe(32), clock.now()
    proof = Proof(
        pk=uuid4(),
        wanted_by=wanted_by,
        state_hash=address_book.hash_of(_BOOK, state),
        browser_hash=trips.browser_hash(trips.nonce_of(session)),
        started_at=now,
        expires_at=now + Proof.LIFETIME,
    )
    proof.verifier_sealed = _sealed(proof, "verifier_sealed", verifier.reveal())
    proof.save(force_insert=True)
    encode = oauth.CHALLENGES.get(settings.TIKTOK_PKCE)
    return oauth.account_consent_url(
        base_urls(),
        client_key=settings.TIKTOK_APP_ID,
        scopes=(SCOPE,),
        redirect_uri=settings.TIKTOK_REDIRECT_URI,
        state=state,
        challenge=encode(verifier) if encode else None,
    )


def of_state(state: str) -> Proof | None:
    """The trip that a state was given out for. None for every other way back from TikTok."""
    if not state or len(state) > _LONGEST:
        return None
    return Proof.objects.filter(state_hash=address_book.hash_of(_BOOK, state)).first()


def begun_in(browser_nonce: str) -> UUID | None:
    """The trip that this browser has not come back from. For a return without a state, which proves nothing and uses nothing up."""
    if not browser_nonce:
        return None
    waiting = Proof.objects.filter(browser_hash=trips.browser_hash(browser_nonce), used_at=None, expires_at__gt=clock.now())
    return waiting.order_by("-started_at").values_list("pk", flat=True).first()


def come_back(proof: Proof, *, code: str, error: str, browser_nonce: str) -> Cause | None:
    """Work through a return, once and in its own browser; how it ended stands in the row. Returns why nothing was done, if nothing was."""
    if not _is_of(proof, browser_nonce):
        return Cause.OTHER_BROWSER
    now = clock.now()
    if not Proof.objects.filter(pk=proof.pk, used_at=None, expires_at__gt=now).update(used_at=now):
        return Cause.EXPIRED if proof.used_at is None and proof.expires_at <= now else Cause.REPLAYED
    if error or not code or len(code) > _LONGEST:
        _fail(proof, cause_of_return(error))
        return None
    try:
        verifier = Secret(_opened(proof, "verifier_sealed")) if settings.TIKTOK_PKCE != "off" else None
        wire, back_to = transport_for_tokens(for_person=True), settings.TIKTOK_REDIRECT_URI
        grant = oauth.exchange_code(wire, app(), code=Secret(code), verifier=verifier, redirect_uri=back_to).value
        sealed = _sealed(proof, "account_sealed", json.dumps({"open_id": grant.open_id, "name": _name_of(grant)}))
    except (TikTokError, KeyServiceError, CannotOpen, KeyDestroyed) as problem:
        cause = cause_of(problem)
        logger.warning("an account could not be proved: %s", problem, extra={"facts": {"cause": cause.value, "proof": str(proof.pk)}})
        _fail(proof, cause)
        return None
    Proof.objects.filter(pk=proof.pk).update(state=Proof.State.PROVED, verifier_sealed=None, account_sealed=sealed)
    _let_go(grant)
    return None


def _name_of(grant: TokenGrant) -> str:
    """What the account calls itself, so that people see which one they signed in with. Not knowing it is no failure."""
    fields = accounts.fields_for(grant.scopes & {SCOPE}, accounts.PROFILE_FIELDS)
    with suppress(TikTokError):
        wire = transport_for(grant.open_id, for_person=True)
        told = accounts.profile(wire, access_token=grant.access_token, business_id=grant.open_id, fields=fields).value if fields else None
        return printable((told.display_name if told else "") or "", 120).strip()
    return ""


def _let_go(grant: TokenGrant) -> None:
    """Give the consent back. When TikTok does not take it now, nobody has the token any more, and it ends by itself."""
    if address_book.find(queries.BOOKS[Flow.ACCOUNT], grant.open_id):
        return
    try:
        oauth.revoke(transport_for_tokens(for_person=True), app(), access_token=grant.access_token)
    except TikTokError as problem:
        logger.warning("a consent that only proved an account was not given back: %s", problem)


def look(proof_id: UUID, *, browser_nonce: str) -> Look:
    """How a trip stands. Opening what it showed may ask the key service: outside transactions."""
    proof = Proof.objects.filter(pk=proof_id).first()
    if proof is None:
        return Look(None, cause=Cause.FORGED)
    if not _is_of(proof, browser_nonce):
        return Look(None, cause=Cause.OTHER_BROWSER)
    if cause := _why_not(proof):
        return Look(proof.wanted_by, cause=cause)
    try:
        return Look(proof.wanted_by, shown=Shown(**json.loads(_opened(proof, "account_sealed"))))
    except (KeyServiceError, CannotOpen, KeyDestroyed):
        return Look(proof.wanted_by, cause=Cause.NOT_SAFE)


def _why_not(proof: Proof) -> Cause | None:
    if proof.state == Proof.State.TAKEN:
        return Cause.REPLAYED
    if proof.state == Proof.State.FAILED:
        return Cause(proof.cause)
    if clock.now() >= proof.counts_until:
        return Cause.EXPIRED
    if proof.state == Proof.State.OPEN:  # not back yet; or whoever worked on the return died over it
        return Cause.REFUSED if proof.used_at else Cause.NO_CODE
    return None


def take(proof_id: UUID) -> bool:
    """Use what a trip showed, once: nothing of the account is left in it. False when it was used before, or no longer counts."""
    fresh = Proof.objects.filter(pk=proof_id, state=Proof.State.PROVED, used_at__gt=clock.now() - Proof.LIFETIME)
    return fresh.update(state=Proof.State.TAKEN, account_sealed=None) > 0


def forget(proof_id: UUID) -> None:
    """Destroy the key of a trip that is over. Outside transactions."""
    keyring().destroy(Proof(pk=proof_id).key_ref)


def forget_due() -> int:
    """What trips that no longer count had sealed goes with its key; the rows go a week later."""
    now, count = clock.now(), 0
    sealed = Proof.objects.exclude(verifier_sealed=None, account_sealed=None)
    for pk in list(sealed.filter(expires_at__lte=now - Proof.LIFETIME).values_list("pk", flat=True)[:AT_ONCE]):
        forget(pk)
        count += Proof.objects.filter(pk=pk).update(verifier_sealed=None, account_sealed=None)
    old = Proof.objects.filter(expires_at__lte=now - Proof.KEPT)
    for pk in list(old.values_list("pk", flat=True)[:AT_ONCE]):
        forget(pk)
        count += Proof.objects.filter(pk=pk).delete()[0]
    return count


def _fail(proof: Proof, cause: Cause) -> None:
    Proof.objects.filter(pk=proof.pk).update(state=Proof.State.FAILED, cause=cause.value, verifier_sealed=None)
    forget(proof.pk)


def _is_of(proof: Proof, browser_nonce: str) -> bool:
    return bool(browser_nonce) and hmac.compare_digest(bytes(proof.browser_hash), trips.browser_hash(browser_nonce))


def _sealed(proof: Proof, column: str, text: str) -> bytes:
    return seal(data_key(proof.key_ref, create=True), text.encode(), _binding(proof, column))


def _opened(proof: Proof, column: str) -> str:
    return unseal(data_key(proof.key_ref), bytes(getattr(proof, column) or b""), _binding(proof, column)).decode()


def _binding(proof: Proof, column: str) -> Binding:
    return Binding(
        workspace="",
        subject=proof.key_ref,
        table=Proof._meta.db_table,
        column=column,
        row=str(proof.pk),
        generation=0,
        purpose="identity proof",
    )
