"""Weekly reports in tests: planting weeks, composing, and reading what came out."""

from datetime import date, datetime, timedelta
from uuid import UUID

from agency import clock, jobs, scope
from agency.models import DueWork, Membership, Workspace
from metrics.models import Account
from metrics.periods import Week
from reports import content
from reports.content import Content
from reports.models import WeeklyReport
from tests.metrics.planting import days_from, plant_account, plant_days
from tests.work import work_off

W21 = Week(2026, 21)  # May 18 to 24


def account_with_weeks(by: Membership, handle: str = "brassorbit3", *, last: date, weeks: int = 3) -> Account:
    """A live account with the same figures on every day of the weeks that end with `last`."""
    with scope.inside(by.workspace_id):
        account = plant_account(by, handle)
        plant_days(account, days_from(last - timedelta(days=7 * weeks - 1), 7 * weeks))
    return account


def seen_now(workspace: Workspace) -> None:
    """As if every account had just been synced."""
    now = clock.now()
    with scope.inside(workspace.pk):
        Account.objects.update(profile_seen_at=now, days_seen_at=now, posts_seen_at=now)


def report_is_due(workspace: Workspace) -> None:
    """What a complete sync leaves behind."""
    jobs.put("report", workspace.pk, workspace_id=workspace.pk, at=clock.now())


def compose(workspace: Workspace) -> None:
    """A complete sync, and whatever is due after it; no mail."""
    seen_now(workspace)
    report_is_due(workspace)
    work_off("report")


def weeks_of(workspace: Workspace) -> list[str]:
    """The weeks that have been reported."""
    with scope.inside(workspace.pk):
        return list(WeeklyReport.objects.order_by("week").values_list("week", flat=True))


def content_of(workspace: Workspace, week: Week | str) -> Content:
    """A week's frozen content."""
    with scope.inside(workspace.pk):
        return content.from_json(WeeklyReport.objects.get(week=str(week)).content)


def next_at(workspace: Workspace | UUID) -> datetime:
    """When the next report is planned."""
    return DueWork.objects.get(kind="report", ref=getattr(workspace, "pk", workspace)).due_at
