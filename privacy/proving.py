"""Showing by signing in to TikTok that an account is one's own, so that its data is deleted at one's word. integrations/proofs.py goes to
TikTok and back and says whose account it was; this module says what that means for a request, and takes it.

The account that was signed in with is looked up by TikTok's id, never by a name: handles change hands. The handle that was asked for must
not contradict it. From then on the request goes the way of one that was confirmed by mail.
"""

from dataclasses import dataclass, replace
from enum import Enum

from django.db import transaction
from django.db.models import Q

from agency import clock
from agency.sealing import KeyDestroyed
from integrations import proofs
from integrations.queries import held_under
from privacy import public_requests
from privacy.models import PublicRequest

State, Way = PublicRequest.State, PublicRequest.Way


class Match(Enum):
    """What is held of the account that somebody signed in with."""

    HELD = "held"
    OTHER_HANDLE = "other_handle"  # it is held, by another name than was asked for
    NOTHING = "nothing"


@dataclass(frozen=True)
class Found:
    """What its owner may read: the names by which it is held here, most of all. Says nothing of any other account."""

    match: Match
    handles: tuple[str, ...] = ()
    asked: str = ""


def found(request: PublicRequest, shown: proofs.Shown) -> Found:
    """Compare the account that was signed in with, with what was asked. Asks the key service: outside transactions."""
    said = public_requests.said(request)
    held = held_under(shown.open_id)
    if said is None or not held:
        return Found(Match.NOTHING)
    handles = tuple(sorted({connection.handle.lower() for connection in held if connection.handle}))
    is_other = bool(handles) and said.handle.lower() not in handles
    return Found(Match.OTHER_HANDLE if is_other else Match.HELD, handles, said.handle)


def accept(request: PublicRequest, proof_id: object, shown: proofs.Shown) -> bool:
    """Take the proof, once: the request is verified and waits to be led to where the account is held. False when something came first.

    The account goes into what is sealed of the request, and nothing of it stays with the proof.
    """
    said = public_requests.said(request)
    if said is None:
        return False
    try:
        sealed = public_requests.sealed(request, replace(said, open_id=shown.open_id))
    except KeyDestroyed:
        return False
    now = clock.now()
    unshown = Q(state=State.UNVERIFIED, created_at__gt=now - PublicRequest.VERIFIED_WITHIN) | Q(state=State.CHECKING, way=Way.MAIL)
    with transaction.atomic():
        waiting = PublicRequest.objects.filter(unshown, pk=request.pk)
        is_taken = waiting.update(state=State.CHECKING, way=Way.TIKTOK, verified_at=now, said_sealed=sealed, sorted_at=None) > 0
        if is_taken and not proofs.take(proof_id):
            transaction.set_rollback(True)
            is_taken = False
    if is_taken:
        proofs.forget(proof_id)
    return is_taken
