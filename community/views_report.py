"""How the community work goes: the page of figures, and the comments of a period as a file."""

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from agency import audit, clock
from agency.access import WorkspaceRequest, ask_to_confirm, confirmed_lately, requires
from agency.outlets import figures, sheets
from agency.outlets.figures import lasting
from agency.roles import Can
from community import reporting
from community.presentation import counted

PERIODS = (7, 28, 90)
_COLUMNS = tuple(
    sheets.Column(*column)
    for column in (
        ("said_at", "Said", "moment"), ("account", "Account"), ("post", "Post"), ("author", "Author"), ("text", "Comment"),
        ("language", "Language, guessed"), ("shown", "On TikTok"), ("likes", "Likes", "count"), ("answered_at", "Answered", "moment"),
        ("answered_after", "Answered after", "seconds"), ("settled_at", "Settled", "moment"), ("assignee", "Assigned to"), ("tags", "Tags"),
    )
)  # fmt: skip


def _period(request: WorkspaceRequest) -> tuple[int, date, date]:
    asked = request.GET.get("period", "")
    number = int(asked) if asked in {str(p) for p in PERIODS} else PERIODS[0]
    today = clock.today()
    return number, today - timedelta(days=number - 1), today


@require_safe
@requires(Can.VIEW_COMMUNITY)
def community_report(request: WorkspaceRequest) -> HttpResponse:
    """Volume, response times, what is open by age, topics."""
    number, first, last = _period(request)
    found = reporting.report(request.membership, first, last, now=clock.now())
    most = max((day.came for day in found.days), default=0) or 1
    context = {
        "periods": [{"label": f"{p} days", "href": f"?period={p}", "current": p == number} for p in PERIODS],
        "range": figures.day_range(first, last),
        "facts": (
            ("Comments", figures.count(found.week.came), ""),
            ("Answered", figures.count(found.week.answered), figures.rate(found.week.answered_rate)),
            ("First answer, median", lasting(found.week.median_seconds), f"nine of ten within {lasting(found.slow_seconds)}"),
            ("Within the aim", figures.rate(found.week.in_aim_rate), f"of the answered; the aim is {lasting(found.aim.total_seconds())}"),
        ),
        "days": [(day, day.came / most) for day in reversed(found.days)],
        "waiting": counted(found.week.waiting),
        "ages": found.open_by_age,
        "topics": [(f"{reverse('community')}?view=all&tag={pk}", name, count) for pk, name, count in found.topics],
        "export": f"{reverse('community_export')}?period={number}",
        "can_export": request.membership.as_role.can(Can.TRIAGE),
    }
    return render(request, "community/report.html", context)


@require_safe
@requires(Can.TRIAGE)
def community_export(request: WorkspaceRequest) -> HttpResponse:
    """The comments of the period as CSV or XLSX. They are other people's words, so it asks again who is there, and is on record."""
    if not confirmed_lately(request):
        return ask_to_confirm(request)
    _, first, last = _period(request)
    workspace = request.membership.workspace
    sheet = sheets.Sheet("Comments", _COLUMNS, reporting.rows(request.membership, first, last))
    is_book = request.GET.get("as") == "xlsx"
    pieces = sheets.xlsx_stream([sheet], made_at=clock.now()) if is_book else sheets.csv_stream(sheet)
    body = b"".join(pieces)
    audit.record("comments.exported", workspace, by=request.membership, kind="xlsx" if is_book else "csv")
    name = f"comments-{workspace.slug}-{first}-{last}.{'xlsx' if is_book else 'csv'}"
    kind = sheets.XLSX_TYPE if is_book else sheets.CSV_TYPE
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
