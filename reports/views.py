"""Weekly reports: their list, a week, and stopping the Monday mail."""

from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from agency import clock, scope
from agency.access import WorkspaceRequest, public, requires
from agency.chrome import mark
from agency.models import Membership
from agency.outlets import figures
from agency.outlets.parts import Recipient
from agency.roles import Can, Role
from metrics.periods import Week
from reports import actions, composition, content, corrections, outlets, presentation, queries
from reports.content import Content
from reports.models import Delivery, ReportSchedule, WeeklyReport


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
                "state": "",
            }
        )
    empty = "" if weeks else f"The first report is written on Monday, {_next_monday(request.membership)}."
    return render(request, "reports/index.html", {"weeks": weeks, "empty_sentence": empty})


def _next_monday(membership: Membership) -> str:
    """The day of the next report, as the workspace's calendar has it."""
    now, workspace = clock.now(), membership.workspace
    schedule = ReportSchedule.objects.first() or ReportSchedule()
    _, slot = queries.next_slot(Week.of(now.date()).before, schedule, workspace, now=now)
    return figures.day(slot.astimezone(ZoneInfo(workspace.time_zone)).date())


@require_safe
@requires(Can.VIEW_REPORTS)
def week(request: WorkspaceRequest, week: str) -> HttpResponse:
    """One week's report, as it was sent, and what TikTok corrected since."""
    reports, report = _find(request.membership, week)
    if report.erased_at is not None:
        return render(request, "reports/week_erased.html", {"sent": report, "recipients": _recipients(request.membership, report)})
    this, what = report.as_week, content.from_json(report.content)
    near = set(reports.filter(week__in=[str(this.before), str(this.after)]).values_list("week", flat=True))
    context = {
        "report": presentation.shown(what),
        "pdf_href": reverse("week_pdf", args=[report.week]),
        "corrected": _corrected(request.membership, report, what),
        "corrected_at": figures.moment_text(clock.now()),
        "previous": presentation.neighbour(this.before) if str(this.before) in near else None,
        "next": presentation.neighbour(this.after) if str(this.after) in near else None,
        "recipients": _recipients(request.membership, report),
        "aggregate_line": presentation.AGGREGATES_ONLY,
        "accounts_erased_count": report.accounts_erased_count,
    }
    return render(request, "reports/week.html", context)


@require_safe
@requires(Can.VIEW_REPORTS)
def week_pdf(request: WorkspaceRequest, week: str) -> HttpResponse:
    """The report on paper, with what was corrected since at its end."""
    _, report = _find(request.membership, week)
    if report.erased_at is not None:
        raise Http404("Its content was erased.")
    what, workspace = content.from_json(report.content), request.membership.workspace
    corrected = _corrected(request.membership, report, what)
    file = outlets.as_pdf(what, workspace, corrections=corrected.rows, corrected_at=figures.moment_text(clock.now()))
    return _download(file)


def _find(membership: Membership, week: str) -> tuple[QuerySet[WeeklyReport], WeeklyReport]:
    """All reports that the member may read, and the one asked for."""
    reports = queries.visible_reports(membership)
    try:
        report = reports.filter(week=str(Week.parse(week))).first()
    except ValueError:
        raise Http404("Not a week.") from None
    if report is None:
        raise Http404("No report of such a week, or not for this person.")
    return reports, report


def _corrected(membership: Membership, report: WeeklyReport, sent: Content) -> corrections.Corrected:
    if report.accounts_erased_count:
        return corrections.Corrected(sentence="An account in it was erased since: what TikTok corrected is not known.")
    return corrections.corrected_since(sent, composition.compose(membership.workspace, report.as_week, now=clock.now()))


def _download(file: outlets.File) -> HttpResponse:
    answer = HttpResponse(file.content, content_type=file.kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return answer


_SAID = {
    Delivery.State.WAITING: "waiting to be sent",
    Delivery.State.SENDING: "on its way",
    Delivery.State.REFUSED: "Refused by the mail server. Check the address.",
    Delivery.State.GIVEN_UP: "Could not be delivered.",
    Delivery.State.STOPPED: "stopped by the person",
}


def _recipients(membership: Membership, report: WeeklyReport) -> list[Recipient]:
    """Who got it. Clients and creators see themselves and how many others; who manages people sees everybody."""
    everybody = list(queries.deliveries(report))
    sees_all = membership.as_role.can(Can.VIEW_PEOPLE)
    rows = [d for d in everybody if sees_all or d.person_id == membership.person_id]
    shown = []
    for d in rows:
        said = f"delivered {figures.time_text(d.sent_at)}" if d.state == Delivery.State.SENT else _SAID[Delivery.State(d.state)]
        bad = d.state in {Delivery.State.REFUSED, Delivery.State.GIVEN_UP}
        shown.append(Recipient(mark(d.person.name), d.person.name, f"{Role(d.role).label} · {said}", "bad" if bad else "ok"))
    if others := len(everybody) - len(rows):
        shown.append(Recipient(f"+{others}", f"{others} other {'person' if others == 1 else 'people'}", "On the list for this report"))
    return shown


@csrf_exempt  # RFC 8058: mail programs post here without a page, a cookie or a token; the signed link is the proof
@require_http_methods(["GET", "HEAD", "POST"])
@public
def stop_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the Monday reports of one workspace. Opening the link changes nothing; posting does, and asks nothing."""
    found = actions.membership_behind(token)
    if found is None:
        raise Http404("Not a link of ours.")
    workspace_id, membership_id = found
    with scope.inside(workspace_id):
        membership = Membership.objects.select_related("workspace", "person").filter(pk=membership_id).first()
        if membership is None:
            raise Http404("Not a member any more.")
        done = ""
        if request.method == "POST" and request.POST.get("again"):
            actions.resume_mail(membership)
            done = "resumed"
        elif request.method == "POST":
            actions.stop_mail(membership)
            done = "stopped"
        elif queries.has_stopped(membership):
            done = "stopped"
        return render(request, "reports/stop_mail.html", {"workspace_name": membership.workspace.name, "done": done})
