"""After a restore: what was erased since the backup is erased again, before anything is served.

The ledger knows every deletion that was carried out, the keystore every key that was destroyed; both lie outside the backup.
"""

from datetime import datetime, timedelta
from uuid import UUID

from agency import clock, jobs, ledger, scope
from agency.keyring import key_refs
from agency.models import Membership, Person, Restoration, Workspace
from community.erasure import commenter_refs
from integrations import revocation
from integrations.models import AdAccount, Connection
from privacy import closing, departing, run, timing
from privacy.models import DeletionRun
from privacy.references import new_reference

_DB = "privacy"
_OPEN = (DeletionRun.State.WAITING, DeletionRun.State.RUNNING, DeletionRun.State.FAILED)


def replay() -> list[str]:
    """Everything, then let the platform be served. Returns the references of runs that left something: then it is not."""
    entries = {entry.subject: entry.reference for entry in ledger.ledger().entries()}
    failed = []
    holders = [(DeletionRun.Of.ACCOUNT, Connection), (DeletionRun.Of.AD_ACCOUNT, AdAccount)]
    for of, model in holders:
        for workspace_id, pk in list(model.objects.using(_DB).values_list("workspace_id", "pk")):
            if ledger.subject_hash(pk) in entries:
                result, reference = _erase_again(workspace_id, pk, of)
                failed += [reference] if result.state != DeletionRun.State.DONE else []
    for workspace_id in list(Workspace.objects.using(_DB).values_list("pk", flat=True)):
        with scope.inside(workspace_id):
            refs = [ref for ref in commenter_refs(workspace_id) if ledger.subject_hash(ref) in entries]
        for ref in refs:
            result, reference = _erase_again(workspace_id, ref, DeletionRun.Of.COMMENTER)
            failed += [reference] if result.state != DeletionRun.State.DONE else []
    for pk in list(Workspace.objects.using(_DB).values_list("pk", flat=True)):  # after their accounts
        if ledger.subject_hash(pk) in entries and not closing.is_erased(pk):
            result, reference = _erase_again(pk, pk, DeletionRun.Of.WORKSPACE)
            failed += [reference] if result.state != DeletionRun.State.DONE else []
    for person in list(Person.objects.using(_DB).all()):
        if ledger.subject_hash(person.pk) in entries and not departing.is_erased(person):
            result, reference = _erase_again(_home_of(person), person.pk, DeletionRun.Of.PERSON)
            failed += [reference] if result.state != DeletionRun.State.DONE else []
    waiting = Restoration.objects.filter(replayed_at=None)
    for restoration in waiting:
        _end_what_ended(restoration.taken_at)
    if not failed:
        waiting.update(replayed_at=clock.now())
    return failed


def _home_of(person: Person) -> UUID:
    """Where the run is kept: where one was already, else where they are or were a member, else the oldest workspace."""
    begun = DeletionRun.objects.using(_DB).filter(of=DeletionRun.Of.PERSON, subject_id=person.pk, state__in=_OPEN)
    held = Membership.all_time.using(_DB).filter(person=person).order_by("-created_at")
    for rows in (begun, held):
        if found := rows.values_list("workspace_id", flat=True).first():
            return found
    return Workspace.objects.using(_DB).order_by("created_at").values_list("pk", flat=True)[0]


def _erase_again(workspace_id: UUID, pk: UUID, of: str) -> tuple[run.Result, str]:
    now = clock.now()
    values = {
        "cause": DeletionRun.Cause.RESTORE, "request": None, "state": DeletionRun.State.WAITING, "scheduled_at": now, "due_at": now,
        "started_at": None, "subject_sealed": None,
    }  # fmt: skip
    with scope.inside(workspace_id):
        again = DeletionRun.objects.filter(subject_id=pk, state__in=_OPEN).first()
        if again is None:
            again = DeletionRun(workspace_id=workspace_id, reference=new_reference(), of=of, subject_id=pk)
        for name, value in values.items():
            setattr(again, name, value)
        again.save()
        jobs.drop("erase", ref=again.pk)
        Connection.objects.filter(pk=pk).update(erasure_began_at=None)
    with scope.bound_to(workspace_id):
        return run.carry_out(again.pk, workspace_id=workspace_id, renew=lambda: None), again.reference


def _end_what_ended(taken_at: datetime) -> None:
    """Accounts whose key was destroyed since the backup had been disconnected: they are again, and their time runs from the backup."""
    held = {ref.split(":")[1] for ref in key_refs("connection:")}
    living = Connection.objects.using(_DB).filter(state__in=(Connection.State.LIVE, Connection.State.BROKEN))
    for workspace_id, pk in list(living.values_list("workspace_id", "pk")):
        if str(pk) in held:
            continue
        with scope.bound_to(workspace_id):
            with scope.begin():
                connection = Connection.objects.get(pk=pk)
            revocation.end(connection, by=None)
            with scope.begin():
                until = min(taken_at.date() + timing.DISCONNECT_WITHIN, clock.today() + timedelta(days=90))
                Connection.objects.filter(pk=pk, state=Connection.State.DISCONNECTED).update(delete_data_on=until)
