"""The list of weekly reports."""

from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from agency import clock, exports
from agency.access import WorkspaceRequest, requires
from agency.models import Membership
from agency.outlets import figures
from agency.roles import Can
from metrics.periods import Week
from reports import content, presentation, queries
from reports.models import ReportSchedule


@require_safe
@requires(Can.VIEW_REPORTS)
def reports(request: WorkspaceRequest) -> HttpResponse:
    """All weeks, newest first."""
    weeks = []
    for report in queries.visible_reports(request.membership):
        this = report.as_week
        headline = presentation.headline(content.from_json(report.content)) if report.erased_at is None else "Its content was erased."
        weeks.append(
            {
                "href": reverse("week", args=[report.week]),
                "title": f"Week {this.number}",
                "range": figures.day_range(this.monday, this.sunday),
                "headline": headline,
                "state": "" if report.released_at else "Not sent yet",
            }
        )
    empty = "" if weeks else f"The first report is written on Monday, {_next_monday(request.membership)}."
    can_manage = request.membership.as_role.can(Can.MANAGE_REPORTS)
    what = f"{len(weeks)} week{'' if len(weeks) == 1 else 's'}"
    files = exports.menu(request.membership, {}, ("weeks", what)) if weeks else []
    return render(request, "reports/index.html", {"weeks": weeks, "empty_sentence": empty, "can_manage": can_manage, "exports": files})


def _next_monday(membership: Membership) -> str:
    """The day of the next report, as the workspace's calendar has it."""
    now, workspace = clock.now(), membership.workspace
    schedule = ReportSchedule.objects.first() or ReportSchedule()
    _, slot = queries.next_slot(Week.of(now.date()).before, schedule, workspace, now=now)
    return figures.day(slot.astimezone(ZoneInfo(workspace.time_zone)).date())
