"""Plans runs from what lower floors have marked: accounts that were disconnected, ad accounts that were
unlinked, workspaces that were closed. Erases nothing.

It sees all workspaces, as the privacy role, and writes in each workspace's own scope. Planning twice changes nothing.
"""

from datetime import date, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from agency import clock, jobs, scope
from agency.keyring import key_refs, keyring
from agency.models import Workspace
from integrations.models import AdAccount, Connection
from privacy import closing, timing
from privacy.models import DeletionRun
from privacy.references import new_reference

_DB = "privacy"
_AHEAD = timedelta(days=30)
OPEN = (DeletionRun.State.WAITING, DeletionRun.State.RUNNING, DeletionRun.State.FAILED)


def plan_all() -> int:
    """Everything whose day comes within a month, so that it is visible before it happens. Returns how many runs were planned."""
    until = clock.today() + (timing.DISCONNECT_WITHIN - timing.DISCONNECT_RUNS_ON) + _AHEAD
    ended = Connection.objects.using(_DB).filter(state=Connection.State.DISCONNECTED, delete_data_on__lte=until)
    unlinked = AdAccount.objects.using(_DB).filter(state=AdAccount.State.UNLINKED, delete_data_on__lte=until)
    planned = sum(_plan(DeletionRun.Of.ACCOUNT, row) for row in ended)
    # An ad account goes with its connection, unless it was unlinked before that.
    alone = (row for row in unlinked.select_related("connection") if row.connection.delete_data_on != row.delete_data_on)
    planned += sum(_plan(DeletionRun.Of.AD_ACCOUNT, row) for row in alone)
    planned += sum(_plan(DeletionRun.Of.WORKSPACE, row) for row in _closed_workspaces(until))
    _destroy_left_keys()
    return planned + _wake_failed()


def _closed_workspaces(until: date) -> list[Workspace]:
    """Those whose term ends by then, and that are not erased yet."""
    closed = Workspace.objects.using(_DB).filter(closed_at__isnull=False, engagement_ends_on__lte=until - timing.ENGAGEMENT_PLUS)
    return [workspace for workspace in closed if not closing.is_erased(workspace.pk)]


def _plan(of: str, row: Connection | AdAccount | Workspace) -> int:
    if isinstance(row, Workspace):
        workspace_id, last_day, cause = row.pk, row.engagement_ends_on + timing.ENGAGEMENT_PLUS, DeletionRun.Cause.ENGAGEMENT
    else:
        workspace_id, last_day, cause = row.workspace_id, row.delete_data_on, DeletionRun.Cause.DISCONNECT
    at = timing.run_of_disconnect(last_day)
    with scope.inside(workspace_id):
        if DeletionRun.objects.filter(subject_id=row.pk, state__in=OPEN).exists():
            return 0
        try:
            with transaction.atomic():
                run = DeletionRun.objects.create(
                    workspace_id=workspace_id,
                    reference=new_reference(),
                    cause=cause,
                    of=of,
                    subject_id=row.pk,
                    due_at=timing.end_of(last_day),
                    scheduled_at=at,
                )
        except IntegrityError:  # another planner was quicker
            return 0
        jobs.put("erase", run.pk, workspace_id=workspace_id, at=at)
    return 1


def _wake_failed() -> int:
    """Runs that left something are swept again every night, until nothing is left."""
    count = 0
    for workspace_id, pk in DeletionRun.objects.using(_DB).filter(state=DeletionRun.State.FAILED).values_list("workspace_id", "pk"):
        count += _put_for_tonight(workspace_id, pk)
    return count


def _put_for_tonight(workspace_id: UUID, run_id: UUID) -> int:
    with scope.inside(workspace_id):
        jobs.put("erase", run_id, workspace_id=workspace_id, at=timing.next_run(clock.now()))
    return 1


def _destroy_left_keys() -> None:
    """A process may have died between a run's last commit and the end of the key under which its subject was sealed."""
    for ref in key_refs("deletion_run:"):
        if (
            DeletionRun.objects.using(_DB)
            .filter(pk=ref.removeprefix("deletion_run:"), subject_sealed=None, started_at__isnull=False)
            .exists()
        ):
            keyring().destroy(ref)
