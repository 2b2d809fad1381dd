"""The beginning of a deletion run: whether it is still wanted, leaving TikTok, and the line after which there is no way back."""

from datetime import datetime, timedelta

from agency import audit, clock, scope
from agency.models import Person
from integrations import revocation
from integrations.models import AdAccount, Connection, PendingRevocation
from privacy import actions, closing, departing, person_requests, subjects, timing
from privacy.models import DeletionRequest, DeletionRun

REVOCATION_PAUSE = timedelta(minutes=15)
State = DeletionRun.State
Of = DeletionRun.Of


class NotYet(Exception):
    """The run goes on later."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(until.isoformat())


def is_wanted(run: DeletionRun) -> bool:
    """Whether nothing has changed since it was planned; if something has, say so and drop it. Raises NotYet."""
    if run.of == Of.PERSON and run.cause != DeletionRun.Cause.RESTORE:
        _wait_for_a_successor(run)
    with scope.inside(run.workspace_id):
        why = _why_not(run)
        if why:
            if run.request is not None and run.request.can_be_cancelled:
                actions.cancel(run.request, by=None, note=why)
            actions.drop_run(run, sentence=why)
            return False
    return True


def _why_not(run: DeletionRun) -> str:
    if run.cause == DeletionRun.Cause.RESTORE:
        return ""
    if run.scheduled_at > clock.now():
        raise NotYet(run.scheduled_at)
    if run.request is not None and run.request.state != DeletionRequest.State.SCHEDULED:
        return "The request was taken back."
    if run.of == Of.WORKSPACE:
        why = closing.why_not(run.workspace_id)
        if not why and closing.waits_for_others():
            raise NotYet(clock.now() + REVOCATION_PAUSE)
        return why
    if run.of == Of.AD_ACCOUNT:
        ad_account = AdAccount.objects.filter(pk=run.subject_id).first()
        if ad_account is not None and (ad_account.state != AdAccount.State.UNLINKED or ad_account.delete_data_on is None):
            return "The ad account was linked again."
        return ""
    connection = Connection.objects.filter(pk=run.subject_id).first()
    if connection is None or connection.erasure_began_at is not None:
        return ""
    if run.cause == DeletionRun.Cause.DISCONNECT:
        return "" if connection.state == Connection.State.DISCONNECTED else "The account was connected again."
    is_newer = run.request is not None and connection.generation > run.request.generation
    came_back = is_newer and connection.state != Connection.State.DISCONNECTED
    return "The account was connected again after the request." if came_back else ""


def _wait_for_a_successor(run: DeletionRun) -> None:
    """Since they asked they may have become the last who can do something. The run waits for somebody else and says so, as long as there is
    time; what was promised by law comes first then."""
    with scope.inside(run.workspace_id):
        asked = DeletionRequest.objects.filter(runs=run, state=DeletionRequest.State.SCHEDULED).first()
    now = clock.now()
    person = Person.objects.filter(pk=run.subject_id).first()
    if asked is None or person is None or run.scheduled_at > now or now >= asked.created_at + timing.REQUEST_RUNS_BY:
        return
    if reasons := person_requests.why_not(person):
        with scope.inside(run.workspace_id):
            DeletionRun.objects.filter(pk=run.pk).update(sentence=reasons[0][:300])
        raise NotYet(timing.next_run(now))


def leave(run: DeletionRun) -> None:
    """Who asks for deletion while connected leaves with it. What TikTok did not confirm is waited for, a day at most."""
    if run.of != Of.ACCOUNT:
        return
    with scope.inside(run.workspace_id):
        connection = Connection.objects.filter(pk=run.subject_id).first()
    if connection is None:
        return
    with scope.bound_to(run.workspace_id):
        if connection.state != Connection.State.DISCONNECTED:
            revocation.end(connection, by=None)
    if run.cause == DeletionRun.Cause.RESTORE:
        return  # it was revoked, or given up, before it was erased the first time
    with scope.inside(run.workspace_id):
        if PendingRevocation.objects.filter(connection=connection, give_up_at__gt=clock.now()).exists():
            raise NotYet(clock.now() + REVOCATION_PAUSE)


def begin(run: DeletionRun) -> DeletionRun:
    """From here on there is no way back: whom it is about is sealed, the account cannot be connected, the person not sign in, the workspace
    not be opened, the request not be taken back."""
    with scope.inside(run.workspace_id):
        subject = subjects.of_run(run)
    sealed = subjects.sealed(subject, run) if subject is not None else None
    with scope.inside(run.workspace_id):
        row = DeletionRun.objects.select_for_update().get(pk=run.pk)
        if row.state != State.WAITING:
            return row
        if row.request_id is not None:
            request = DeletionRequest.objects.select_for_update().get(pk=row.request_id)
            if request.state != DeletionRequest.State.SCHEDULED:
                return row
            actions.note_step(request, DeletionRequest.State.RUNNING, note="The run began")
        if subject is not None and not _close_behind(row):
            raise NotYet(clock.now() + REVOCATION_PAUSE)  # connected or opened again between two lines: look anew
        row.state, row.started_at, row.subject_sealed, row.sentence = State.RUNNING, clock.now(), sealed, ""
        row.save(update_fields=("state", "started_at", "subject_sealed", "sentence"))
        audit.record("deletion.began", row, by=None, kind=row.cause)
    return row


def _close_behind(run: DeletionRun) -> bool:
    if run.of == Of.ACCOUNT:
        ended = Connection.objects.filter(pk=run.subject_id, state=Connection.State.DISCONNECTED)
        return bool(ended.update(erasure_began_at=clock.now()))
    if run.of == Of.WORKSPACE:
        return closing.begin(run.workspace_id, is_again=run.cause == DeletionRun.Cause.RESTORE)
    if run.of == Of.PERSON:
        departing.begin(run.subject_id)
    return True
