"""The end of a closed workspace: 90 days after its engagement everything that is its own goes, by a run as for an account.

What stays is what proves it: audit rows, which hold ids, and requests, runs and certificates, which then name nobody. The workspace itself
stays as a row without a name, because those refer to it. People stay: they may be members elsewhere.
"""

from collections.abc import Iterator
from uuid import UUID

from django.apps import apps
from django.db import connections, models
from django.db.models import QuerySet

from agency import clock
from agency.models import AddressBook, DueWork, Workspace
from integrations.models import Connection
from privacy.models import DeletionRequest, DeletionRun, Of, RequestStep
from privacy.references import BOOK
from privacy.sweep import tables

_DB = "privacy"
NAME = "An erased workspace"
# These refer to the workspace and name nobody.
STAYS = frozenset(
    {
        "agency.Workspace",
        "agency.AuditRow",
        "agency.AuditTail",
        "agency.AuditSeal",
        "privacy.DeletionRequest",
        "privacy.RequestStep",
        "privacy.DeletionRun",
        "privacy.RunFinding",
        "privacy.Certificate",
    }
)


def why_not(workspace_id: UUID) -> str:
    """Why it is not erased after all; empty when it is. Inside the workspace."""
    workspace = Workspace.objects.filter(pk=workspace_id).first()
    return "" if workspace is None or workspace.closed_at is not None else "The workspace was opened again."


def waits_for_others() -> bool:
    """Whether something goes first by a run of its own: accounts that are left, and people whose request was filed here. Inside the
    workspace."""
    people = DeletionRequest.objects.open().filter(of=Of.PERSON)
    return people.exists() or Connection.objects.exclude(state=Connection.State.ASKED).exists()


def begin(workspace_id: UUID, *, is_again: bool) -> bool:
    """From now on it cannot be opened again. False when it was, between two lines; of what came back with a backup nobody asks. Inside the
    workspace."""
    rows = Workspace.objects.filter(pk=workspace_id)
    return bool((rows if is_again else rows.filter(closed_at__isnull=False)).update(erasure_began_at=clock.now()))


def is_erased(workspace_id: UUID) -> bool:
    """Whether a run has already done it."""
    of_it = DeletionRun.objects.using(_DB).filter(workspace_id=workspace_id, of=DeletionRun.Of.WORKSPACE)
    return of_it.filter(state=DeletionRun.State.DONE).exists()


def rows_of(workspace_id: UUID, *, run_id: UUID) -> Iterator[QuerySet]:
    """Everything of the workspace, in an order in which nothing refers to what is already gone; the run itself stays due."""
    for model in _children_first():
        yield model._base_manager.filter(workspace_id=workspace_id)
    yield _led_to(workspace_id)
    yield _due(workspace_id, run_id)


def redact(workspace_id: UUID) -> int:
    """Take names out of what stays."""
    here = {"workspace_id": workspace_id}
    requests = DeletionRequest.objects.using(_DB).filter(**here)
    changed = RequestStep.objects.using(_DB).filter(**here).exclude(note="").update(note="")
    changed += _naming(requests).update(account_id=None, account_name="", contact="", identity_note="")
    named = Workspace.objects.using(_DB).filter(pk=workspace_id).exclude(name=NAME)
    return changed + named.update(
        name=NAME, slug=f"erased-{workspace_id.hex}", accent=Workspace.Accent.SLATE, time_zone="UTC", posts_per_week=1
    )


def leftovers(workspace_id: UUID, *, run_id: UUID) -> Iterator[tuple[str, int]]:
    """By table, how many rows are left; asked of the catalogue, so that a table that no model knows is looked at too."""
    stays = {apps.get_model(label)._meta.db_table for label in STAYS}
    apart = {AddressBook._meta.db_table: _led_to(workspace_id), DueWork._meta.db_table: _due(workspace_id, run_id)}
    for table in tables():
        if table.name in apart:
            yield table.name, apart[table.name].using(_DB).count()
        elif table.has_workspace and table.name not in stays:
            with connections[_DB].cursor() as cursor:
                cursor.execute(f'SELECT count(*) FROM "{table.name}" WHERE workspace_id = %s', [workspace_id])  # noqa: S608  # nosec B608
                yield table.name, int(cursor.fetchone()[0])
    yield "agency_workspace", Workspace.objects.using(_DB).filter(pk=workspace_id).exclude(name=NAME).count()
    yield "privacy_deletionrequest", _naming(DeletionRequest.objects.using(_DB).filter(workspace_id=workspace_id)).count()


def _naming(requests: QuerySet) -> QuerySet:
    return requests.exclude(account_id=None, account_name="", contact="", identity_note="")


def _led_to(workspace_id: UUID) -> QuerySet:
    """What leads to it, but for references of requests and runs, whose pages stay."""
    return AddressBook.objects.filter(workspace_id=workspace_id).exclude(kind=BOOK)


def _due(workspace_id: UUID, run_id: UUID) -> QuerySet:
    return DueWork.objects.filter(workspace_id=workspace_id).exclude(kind="erase", ref=run_id)


def _children_first() -> list[type[models.Model]]:
    """Tables of workspaces that go, those first to which no other of them refers."""
    waiting = [m for m in apps.get_models() if getattr(m, "is_workspace_table", False) and m._meta.label not in STAYS]
    ordered: list[type[models.Model]] = []
    while waiting:
        free = [m for m in waiting if not any(_refers(other, m) for other in waiting if other is not m)]
        if not free:
            raise RuntimeError(f"these tables refer to each other in a circle: {waiting}")
        ordered += free
        waiting = [m for m in waiting if m not in free]
    return ordered


def _refers(model: type[models.Model], to: type[models.Model]) -> bool:
    return any(field.is_relation and field.related_model is to for field in model._meta.concrete_fields)
