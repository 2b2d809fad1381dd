"""Reads about leaving: requests, runs and what is due, across the workspaces that somebody of the privacy team works for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from agency import address_book, clock, scope
from agency.models import Membership, Workspace
from agency.roles import Can
from integrations.models import Connection
from privacy.models import Certificate, Correction, DeletionRequest, DeletionRun, RequestStep, RunFinding
from privacy.references import BOOK


@dataclass(frozen=True)
class Listed:
    """One request with the workspace that it belongs to."""

    request: DeletionRequest
    workspace: Workspace
    run: DeletionRun | None

    @property
    def is_late(self) -> bool:
        """Its promise is broken, or will be in a week."""
        return self.request.state in DeletionRequest.OPEN and (self.request.due_at - clock.now()).days < 7

    @property
    def days_left(self) -> int:
        """Until it must be done; 0 once that is past."""
        return max(0, (self.request.due_at - clock.now()).days)


def workspaces_of_team(memberships: Iterable[Membership]) -> list[Membership]:
    """Where somebody belongs to the privacy team."""
    return [m for m in memberships if m.as_role.can(Can.MANAGE_PRIVACY)]


def all_requests(memberships: Iterable[Membership], *, open_only: bool) -> list[Listed]:
    """Requests of every workspace that somebody is the privacy team of: open ones by due date, others newest first."""
    found = []
    for membership in workspaces_of_team(memberships):
        with scope.inside(membership.workspace_id):
            rows = DeletionRequest.objects.of(membership.workspace_id)
            rows = rows.open() if open_only else rows.exclude(state__in=DeletionRequest.OPEN).order_by("-created_at")[:100]
            runs = {run.request_id: run for run in DeletionRun.objects.filter(request__in=[r.pk for r in rows])}
            found += [Listed(row, membership.workspace, runs.get(row.pk)) for row in rows]
    return sorted(found, key=lambda x: x.request.due_at if open_only else -x.request.created_at.timestamp())


@dataclass(frozen=True)
class DueRun:
    """A run that is planned, under way, or waits for somebody."""

    run: DeletionRun
    workspace: Workspace


def runs(memberships: Iterable[Membership], states: Iterable[str], *, limit: int = 100) -> list[DueRun]:
    """Runs in these states, the next first."""
    found = []
    for membership in workspaces_of_team(memberships):
        with scope.inside(membership.workspace_id):
            rows = DeletionRun.objects.of(membership.workspace_id).filter(state__in=list(states)).order_by("-scheduled_at")[:limit]
            found += [DueRun(row, membership.workspace) for row in rows]
    return sorted(found, key=lambda x: x.run.scheduled_at)


def steps(request: DeletionRequest) -> list[RequestStep]:
    """What happened to it, in order."""
    return list(RequestStep.objects.filter(request=request).select_related("person").order_by("at", "pk"))


def findings(run: DeletionRun) -> list[RunFinding]:
    """What a run found, trouble first, then the largest."""
    rows = RunFinding.objects.filter(run=run)
    return sorted(rows, key=lambda f: (-f.left_count, -f.found_count, f.place))


@dataclass(frozen=True)
class Standing:
    """How a request or a run stands, as anybody who knows its reference may read it. Names nobody."""

    reference: str
    words: str
    tone: str
    asked_at: datetime
    run_at: datetime | None
    due_at: datetime
    done_at: datetime | None
    certificate_id: UUID | None


_WORDS: dict[str, tuple[str, str]] = {
    "checking": ("Being checked", "warn"),
    "scheduled": ("Scheduled", "info"),
    "running": ("Under way", "info"),
    "done": ("Done", "good"),
    "cancelled": ("Taken back", "off"),
    "refused": ("Not carried out", "bad"),
    "waiting": ("Scheduled", "info"),
    "failed": ("Under way", "info"),
    "dropped": ("Not needed any more", "off"),
}


def standing(reference: str) -> Standing | None:
    """By reference, from wherever it belongs."""
    for entry in address_book.find(BOOK, reference):
        with scope.inside(entry.workspace_id):
            request = DeletionRequest.objects.filter(reference=reference).first()
            if request is not None:
                return standing_of(request)
            run = DeletionRun.objects.filter(reference=reference).first()
            if run is not None:
                words, tone = _WORDS[run.state]
                return Standing(
                    reference, words, tone, run.scheduled_at, run.scheduled_at, run.due_at, run.finished_at, certificate_id(run)
                )
    return None


def standing_of(request: DeletionRequest) -> Standing:
    """Inside the request's workspace."""
    words, tone = _WORDS[request.state]
    run = DeletionRun.objects.filter(request=request, state=DeletionRun.State.DONE).first()
    return Standing(
        reference=request.reference,
        words=words,
        tone=tone,
        asked_at=request.created_at,
        run_at=request.run_at,
        due_at=request.due_at,
        done_at=request.done_at,
        certificate_id=certificate_id(run) if run else None,
    )


def certificate_id(run: DeletionRun) -> UUID | None:
    """The proof of a finished run."""
    return Certificate.objects.filter(run=run).values_list("pk", flat=True).first()


def certificate(reference: str) -> Certificate | None:
    """By the reference of the request, or of the run."""
    for entry in address_book.find(BOOK, reference):
        with scope.inside(entry.workspace_id):
            found = Certificate.objects.filter(run__reference=reference) | Certificate.objects.filter(run__request__reference=reference)
            row = found.select_related("run").first()
            if row is not None:
                return row
    return None


def accounts_to_erase(membership: Membership) -> QuerySet[Connection]:
    """The workspace's accounts that were attached, disconnected ones too."""
    rows = Connection.objects.of(membership.workspace_id).of_accounts().exclude(state=Connection.State.ASKED)
    return rows.order_by("handle", "display_name")


def run_of(request: DeletionRequest) -> DeletionRun | None:
    """The run that carries a request out, or the last one that was planned for it."""
    return DeletionRun.objects.filter(request=request).order_by("-scheduled_at").first()


def find_for_team(
    memberships: Iterable[Membership], model: type[DeletionRequest | DeletionRun | Correction], pk: UUID
) -> tuple[Membership, DeletionRequest | DeletionRun | Correction] | None:
    """A row with the membership by which somebody of the privacy team sees it."""
    for membership in workspaces_of_team(memberships):
        with scope.inside(membership.workspace_id):
            also = {DeletionRun: ("workspace", "request"), Correction: ("workspace", "asked_by", "account")}.get(model, ("workspace",))
            row = model.objects.of(membership.workspace_id).filter(pk=pk).select_related(*also).first()
        if row is not None:
            return membership, row
    return None
