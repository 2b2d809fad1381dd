"""Requests for deletion: made, checked, approved, refused, taken back. Owns their states; never erases anything (privacy/run.py does)."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from agency import address_book, audit, clock, jobs
from agency.models import Membership, Person
from community.erasure import Commenter
from integrations.models import Connection
from privacy import timing
from privacy.models import DeletionRequest, DeletionRun, Of, RequestStep
from privacy.references import BOOK, BOOK_OF_PEOPLE, new_reference

State = DeletionRequest.State
Source = DeletionRequest.Source
Whom = Connection | Commenter


def request_deletion(connection: Connection, *, by: Membership) -> DeletionRequest:
    """From the danger zone: whoever may end the connection may have its data deleted. Asked again, it is the same request."""
    with transaction.atomic():
        request, is_new = _open_request(connection, source=Source.ZONE, asked_by_id=by.person_id)
        if is_new:
            audit.record("deletion.asked", request, by=by, kind=request.source)
            _schedule(request, person_id=by.person_id, note="Asked for in the danger zone")
    return request


def enter_request(whom: Whom, *, by: Membership, contact: str, identity_note: str) -> DeletionRequest:
    """A request that reached the privacy contact by mail, entered by staff who made sure who wrote."""
    with transaction.atomic():
        request, is_new = _open_request(whom, source=Source.MAIL, contact=contact, identity_note=identity_note)
        if is_new:
            audit.record("deletion.asked", request, by=by, kind=request.source)
            _schedule(request, person_id=by.person_id, note="Entered for a mail to the privacy contact")
    return request


PROVED = "Signed in to TikTok with this account"
PROVED_OTHER = "Signed in to TikTok with an account. That it wrote under this handle does not follow from that"


def receive_request(whom: Whom, *, contact: str, public_request_id: UUID, created_at: datetime, is_proved: bool = False) -> DeletionRequest:
    """From the public form, once whoever sent it has shown who they are: `is_proved` by signing in to TikTok with the account, else by
    following the link in a mail. It runs by itself when it is proved, or when the address is that of whoever connected the account; else
    somebody makes sure first, and always of who signs with a handle that anybody can read."""
    due_at = created_at + timing.REQUEST_WITHIN
    form = {"source": Source.FORM, "public_request_id": public_request_id, "created_at": created_at, "due_at": due_at}
    with transaction.atomic():
        request, is_new = _open_request(whom, contact=contact, **form)
        is_account = isinstance(whom, Connection)
        if is_proved:
            _note_proof(request, PROVED if is_account else PROVED_OTHER, is_new=is_new)
        if not is_new:
            if is_proved and is_account and request.state == State.CHECKING:  # it only waited for somebody to make sure who asks
                audit.record("deletion.approved", request, by=None, reason="tiktok")
                _schedule(request, person_id=None, note=PROVED)
            return request
        audit.record("deletion.asked", request, by=None, kind=request.source, reason="tiktok" if is_proved else "mail")
        if is_proved and is_account:
            _schedule(request, person_id=None, note=PROVED)
        elif is_account and whom.connected_by.is_active and whom.connected_by.email == contact.strip().lower():
            _schedule(request, person_id=None, note="The address is that of whoever connected the account")
        else:
            shown = PROVED_OTHER if is_proved else "The address was confirmed; who asks is to be made sure of"
            _step(request, State.CHECKING, person_id=None, note=shown)
    return request


def _note_proof(request: DeletionRequest, note: str, *, is_new: bool) -> None:
    """What the privacy team reads about who asked. What somebody of the team found out about them before stays."""
    if is_new or not request.identity_note:
        DeletionRequest.objects.filter(pk=request.pk).update(identity_note=note)
        request.identity_note = note


def file_person(person: Person, *, workspace_id: UUID, by: Membership | None, source: str, **values: object) -> DeletionRequest:
    """A person's own, or one entered for them; privacy/person_requests.py has made sure that they may go, and that there is none yet."""
    named = {"of": Of.PERSON, "account_id": person.pk, "account_name": person.name[:200], "generation": 0, "source": source}
    request = _create(workspace_id, **named | values)
    address_book.enter(BOOK_OF_PEOPLE, str(person.pk), workspace_id=workspace_id, ref=request.pk)
    audit.record("deletion.asked", request, by=by, kind=source)
    note = "Entered for a mail to the privacy contact" if by else "Asked for on their own page"
    _schedule(request, person_id=by.person_id if by else None, note=note)
    return request


def approve(request: DeletionRequest, *, by: Membership, identity_note: str) -> bool:
    """It was made sure who asks. False when it was decided meanwhile."""
    with transaction.atomic():
        row = DeletionRequest.objects.select_for_update().get(pk=request.pk)
        if row.state != State.CHECKING:
            return False
        DeletionRequest.objects.filter(pk=row.pk).update(identity_note=identity_note)
        audit.record("deletion.approved", row, by=by)
        _schedule(row, person_id=by.person_id, note=identity_note)
    return True


def refuse(request: DeletionRequest, *, by: Membership, note: str) -> bool:
    """It could not be made sure who asks. False when it was decided meanwhile."""
    with transaction.atomic():
        row = DeletionRequest.objects.select_for_update().get(pk=request.pk)
        if row.state != State.CHECKING:
            return False
        _step(row, State.REFUSED, person_id=by.person_id, note=note)
        audit.record("deletion.refused", row, by=by)
        tell(row)
    return True


def cancel(request: DeletionRequest, *, by: Membership | None, note: str = "Taken back") -> bool:
    """Take a request back. False once its run has begun."""
    with transaction.atomic():
        row = DeletionRequest.objects.select_for_update().get(pk=request.pk)
        if not row.can_be_cancelled:
            return False
        for run in DeletionRun.objects.filter(request=row, state=DeletionRun.State.WAITING):
            drop_run(run, sentence="The request was taken back.")
        _step(row, State.CANCELLED, person_id=by.person_id if by else None, note=note)
        audit.record("deletion.cancelled", row, by=by)
        tell(row)
    return True


def drop_run(run: DeletionRun, *, sentence: str) -> None:
    """Nothing is to be erased after all."""
    DeletionRun.objects.filter(pk=run.pk).update(
        state=DeletionRun.State.DROPPED, finished_at=clock.now(), sentence=sentence, subject_id=None
    )
    jobs.drop("erase", ref=run.pk)


def try_again(run: DeletionRun, *, by: Membership) -> bool:
    """Have a run that needed somebody go on: what it left may have been taken away by hand."""
    with transaction.atomic():
        failed = DeletionRun.objects.filter(pk=run.pk, state=DeletionRun.State.FAILED)
        if not failed.update(state=DeletionRun.State.RUNNING, sentence=""):
            return False
        jobs.put("erase", run.pk, workspace_id=run.workspace_id, at=clock.now(), priority=jobs.Priority.INTERACTIVE)
        audit.record("deletion.began", run, by=by)
    return True


def tell(request: DeletionRequest) -> None:
    """Have the people concerned told how the request stands."""
    jobs.put("deletion_mail", request.pk, workspace_id=request.workspace_id, at=clock.now(), priority=jobs.Priority.INTERACTIVE)


def note_step(request: DeletionRequest, state: str, *, note: str = "") -> None:
    """What the platform itself did about it."""
    _step(request, state, person_id=None, note=note)


def _open_request(whom: Whom, **values: object) -> tuple[DeletionRequest, bool]:
    """The open request about it, or a new one. An account's row is locked, so that of two at once one finds the other's; of a commenter
    there is none, and the database refuses one of two."""
    named = {"account_name": whom.shown_name[:200]}
    if isinstance(whom, Connection):
        row = Connection.objects.select_for_update(of=("self",)).get(pk=whom.pk)
        named |= {"account_id": row.pk, "generation": row.generation}
    else:
        named |= {"of": Of.COMMENTER, "account_id": whom.ref, "generation": 0}
    known = DeletionRequest.objects.open().filter(account_id=named["account_id"])
    try:
        with transaction.atomic():
            return (known.get(), False) if known.exists() else (_create(whom.workspace_id, **named | values), True)
    except IntegrityError:
        return known.get(), False


def _create(workspace_id: UUID, **values: object) -> DeletionRequest:
    now = clock.now()
    request = DeletionRequest.objects.create(
        **{
            "workspace_id": workspace_id,
            "reference": new_reference(),
            "state": State.CHECKING,
            "created_at": now,
            "due_at": now + timing.REQUEST_WITHIN,
        }
        | values
    )
    address_book.enter(BOOK, request.reference, workspace_id=request.workspace_id, ref=request.pk)
    return request


def _schedule(request: DeletionRequest, *, person_id: UUID | None, note: str) -> None:
    """Plan its run. A run that was planned for the same account anyway becomes this request's, and earlier."""
    run_at = timing.next_run(clock.now())
    DeletionRequest.objects.filter(pk=request.pk).update(run_at=run_at)
    request.run_at = run_at
    planned = DeletionRun.objects.select_for_update().filter(subject_id=request.account_id, state=DeletionRun.State.WAITING).first()
    values = {"request": request, "cause": DeletionRun.Cause.REQUEST, "due_at": request.due_at, "scheduled_at": run_at}
    if planned is not None:
        DeletionRun.objects.filter(pk=planned.pk).update(**values)
        run = planned
    else:
        run = DeletionRun.objects.create(
            workspace_id=request.workspace_id, reference=request.reference, of=request.of, subject_id=request.account_id, **values
        )
    jobs.put("erase", run.pk, workspace_id=request.workspace_id, at=run_at)
    _step(request, State.SCHEDULED, person_id=person_id, note=note)
    tell(request)


def _step(request: DeletionRequest, state: str, *, person_id: UUID | None, note: str) -> None:
    DeletionRequest.objects.filter(pk=request.pk).update(state=state)
    request.state = state
    RequestStep.objects.create(
        workspace_id=request.workspace_id, request=request, state=state, person_id=person_id, note=note[:300], at=clock.now()
    )
