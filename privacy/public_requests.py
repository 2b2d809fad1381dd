"""What comes through the public form: received, confirmed by mail or by signing in to TikTok (privacy/proving.py), led to the workspaces
that hold the account, answered.

Whoever sends it learns nothing by it: the page, the mail and the status are the same whether or not anybody holds the account. Only who has
signed in to TikTok with an account is told what is held of that one. What was sent is sealed under a key of its own, which goes once the
request is answered or was not confirmed in time.
"""

import json
from dataclasses import asdict, dataclass
from uuid import UUID, uuid4

from django.core import signing
from django.db import transaction

from agency import address_book, audit, clock, scope
from agency.keyring import data_key, keyring
from agency.models import Membership
from agency.sealing import Binding, KeyDestroyed, seal, unseal
from community.erasure import commenters_named
from community.models import Comment
from integrations.models import Connection
from integrations.queries import held_under
from privacy import actions, timing
from privacy.models import DeletionRequest, PublicRequest
from privacy.references import new_reference

CHILDREN = "deletion_form"  # where the address book files which workspaces' requests came of one form
ROLE = "privacy"
_LINK = "privacy.deletion_form"
State = PublicRequest.State
Way = PublicRequest.Way


@dataclass(frozen=True)
class Said:
    """What somebody wrote into the form."""

    handle: str
    contact: str
    relation: str
    message: str
    open_id: str = ""  # TikTok's id of the account that they signed in with


def receive(said: Said, *, way: str = Way.MAIL) -> PublicRequest:
    """Keep it, sealed. Talks to the key service: call it outside a transaction."""
    now = clock.now()
    request = PublicRequest(pk=uuid4(), reference=new_reference(), way=way, created_at=now, due_at=now + timing.REQUEST_WITHIN)
    request.said_sealed = sealed(request, said, is_new=True)
    request.save(force_insert=True)
    return request


def sealed(request: PublicRequest, said: Said, *, is_new: bool = False) -> bytes:
    """What was written, for its column. KeyDestroyed once it is to be gone."""
    return seal(data_key(request.key_ref, create=is_new), json.dumps(asdict(said)).encode(), _binding(request))


def said(request: PublicRequest) -> Said | None:
    """What was written; None once it is gone."""
    if request.said_sealed is None:
        return None
    try:
        return Said(**json.loads(unseal(data_key(request.key_ref), bytes(request.said_sealed), _binding(request))))
    except KeyDestroyed:
        return None


def link_token(request: PublicRequest) -> str:
    """What the link in the mail carries: nobody else can make it."""
    return signing.dumps(str(request.pk), salt=_LINK)


def behind(token: str) -> PublicRequest | None:
    """The request that a link leads to, while the link counts."""
    try:
        pk = signing.loads(token, salt=_LINK, max_age=PublicRequest.VERIFIED_WITHIN)
    except signing.BadSignature:
        return None
    return PublicRequest.objects.filter(pk=pk).first()


def confirm(request: PublicRequest) -> bool:
    """The mail arrived. False when that was known, or came too late."""
    waiting = PublicRequest.objects.filter(
        pk=request.pk, state=State.UNVERIFIED, created_at__gt=clock.now() - PublicRequest.VERIFIED_WITHIN
    )
    return waiting.update(state=State.CHECKING, way=Way.MAIL, verified_at=clock.now()) > 0


def mail_instead(request: PublicRequest) -> bool:
    """Have the link sent after all. False when it was sent before, or is not needed any more."""
    unsent = PublicRequest.objects.filter(pk=request.pk, state=State.UNVERIFIED, way=Way.TIKTOK, mailed_at=None)
    return unsent.update(way=Way.MAIL) > 0


def sort_one(request: PublicRequest) -> int:
    """Lead a confirmed request to every workspace that holds the account, or comments that were written under its handle. Returns how many
    requests came of it. Done twice, it is the same."""
    words = said(request)
    if words is None:
        return 0
    found = _held(words)
    asked = {"contact": words.contact, "public_request_id": request.pk, "created_at": request.created_at}
    for workspace_id, connection_id in found:
        with scope.inside(workspace_id):
            connection = Connection.objects.filter(pk=connection_id).select_related("connected_by").first()
            if connection is None:
                continue
            child = actions.receive_request(connection, **asked, is_proved=bool(words.open_id))
            address_book.enter(CHILDREN, request.reference, workspace_id=workspace_id, ref=child.pk)
    count = len(found) + _sort_commenters(request, words)
    # Unless it was shown meanwhile whose account it is: then it is sorted again.
    PublicRequest.objects.filter(pk=request.pk, way=request.way).update(sorted_at=clock.now())
    return count


def _held(words: Said) -> list[tuple[UUID, UUID]]:
    """Workspaces and connections of the account: of the one that was signed in with, or else of all that had the handle."""
    if words.open_id:
        return [(connection.workspace_id, connection.pk) for connection in held_under(words.open_id)]
    named = Connection.objects.using(ROLE).of_accounts().filter(handle__iexact=bare(words.handle))
    return list(named.exclude(state=Connection.State.ASKED).values_list("workspace_id", "pk"))


def _sort_commenters(request: PublicRequest, words: Said) -> int:
    """Who wrote comments under that handle, workspace by workspace."""
    count = 0
    written = Comment.objects.using(ROLE).filter(author_handle__iexact=bare(words.handle))
    for workspace_id in list(written.order_by().values_list("workspace_id", flat=True).distinct()):
        with scope.inside(workspace_id):
            for somebody in commenters_named(workspace_id, bare(words.handle)):
                form = {"contact": words.contact, "public_request_id": request.pk, "created_at": request.created_at}
                child = actions.receive_request(somebody, **form, is_proved=bool(words.open_id))
                address_book.enter(CHILDREN, request.reference, workspace_id=workspace_id, ref=child.pk)
                count += 1
    return count


def children(request: PublicRequest) -> list[DeletionRequest]:
    """What became of it, workspace by workspace."""
    found = []
    for entry in address_book.find(CHILDREN, request.reference):
        with scope.inside(entry.workspace_id):
            found += DeletionRequest.objects.filter(pk=entry.ref)
    return found


def unmatched() -> list[PublicRequest]:
    """Confirmed requests for accounts that nobody holds under that name. Somebody looks at each, as at all others."""
    waiting = PublicRequest.objects.filter(state=State.CHECKING, sorted_at__isnull=False).order_by("created_at")
    return [request for request in waiting if not address_book.find(CHILDREN, request.reference)]


def close(request: PublicRequest) -> bool:
    """It is answered. False when it was before, or is to be sorted again. Call `forget` afterwards, outside the transaction."""
    answered = PublicRequest.objects.filter(pk=request.pk, state=State.CHECKING, sorted_at__isnull=False)
    return answered.update(state=State.ANSWERED, answered_at=clock.now()) > 0


def close_unmatched(request: PublicRequest, *, by: Membership) -> bool:
    """Nobody holds the account; whoever asked is told so by the next sweep."""
    with transaction.atomic():
        if not close(request):
            return False
        audit.record("deletion.done", request, by=by, outcome="nothing_held")
    return True


def expire_due() -> int:
    """Requests of which nobody showed who they are."""
    late = PublicRequest.objects.filter(state=State.UNVERIFIED, created_at__lte=clock.now() - PublicRequest.VERIFIED_WITHIN)
    count = 0
    for request in late:
        count += PublicRequest.objects.filter(pk=request.pk, state=State.UNVERIFIED).update(state=State.EXPIRED)
        forget(request)
    return count


def forget(request: PublicRequest) -> None:
    """Destroy what was written, in backups too."""
    keyring().destroy(request.key_ref)
    PublicRequest.objects.filter(pk=request.pk).update(said_sealed=None)


def bare(handle: str) -> str:
    """A handle without its @ and without the address around it."""
    return handle.strip().rstrip("/").rsplit("/", 1)[-1].lstrip("@").split("?", 1)[0]


def by_reference(reference: str) -> PublicRequest | None:
    """A form by what its sender was told to quote."""
    return PublicRequest.objects.filter(reference=reference).first()


def get(pk: UUID) -> PublicRequest | None:
    """A form by its id."""
    return PublicRequest.objects.filter(pk=pk).first()


def _binding(request: PublicRequest) -> Binding:
    return Binding(
        workspace="",
        subject=request.key_ref,
        table="privacy_publicrequest",
        column="said_sealed",
        row=str(request.pk),
        generation=0,
        purpose="deletion form",
    )
