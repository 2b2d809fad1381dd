"""Pages of figures: Performance, the list of reports, a week's report, and stopping the Monday mail."""

from zoneinfo import ZoneInfo

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
from integrations import queries as connections
from metrics.periods import Week
from reports import actions, content, dashboard, presentation, queries
from reports.models import Delivery, ReportSchedule, WeeklyReport


@require_safe
@requires(Can.VIEW_PERFORMANCE)
def performance(request: WorkspaceRequest) -> HttpResponse:
    """The workspace's figures. `?connected=` greets an account that has just been connected."""
    page = dashboard.dashboard(request.membership, dashboard.Asked.of(request.GET), now=clock.now())
    just = connections.connection_named(request.membership, request.GET.get("connected", ""))
    context = {
        **vars(page),
        "connected_notice": {"name": just.shown_name, "handle": just.handle or str(just.pk)} if just else None,
        "steps": dashboard.steps_of(just) if just else (),
        "can_refresh": request.membership.as_role.can(Can.MANAGE_CONNECTIONS),
    }
    return render(request, "reports/performance.html", context)


@require_safe
@requires(Can.VIEW_PERFORMANCE)
def performance_steps(request: WorkspaceRequest) -> HttpResponse:
    """The sync steps of one account, for the page that polls them. When all are done the page is loaded anew, once."""
    connection = connections.connection_named(request.membership, request.GET.get("connected", ""))
    if connection is None:
        raise Http404("No such connection.")
    response = render(request, "reports/_steps.html", {"steps": dashboard.steps_of(connection)})
    if not connections.sync_state(connection).is_busy:
        response.headers["HX-Redirect"] = reverse("performance")
    return response


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
    """One week's report, as it was sent."""
    reports = queries.visible_reports(request.membership)
    try:
        report = reports.filter(week=str(Week.parse(week))).first()
    except ValueError:
        raise Http404("Not a week.") from None
    if report is None:
        raise Http404("No report of such a week, or not for this person.")
    if report.erased_at is not None:
        return render(request, "reports/week_erased.html", {"sent": report, "recipients": _recipients(request.membership, report)})
    this = report.as_week
    near = set(reports.filter(week__in=[str(this.before), str(this.after)]).values_list("week", flat=True))
    context = {
        "report": presentation.shown(content.from_json(report.content)),
        "previous": presentation.neighbour(this.before) if str(this.before) in near else None,
        "next": presentation.neighbour(this.after) if str(this.after) in near else None,
        "recipients": _recipients(request.membership, report),
        "aggregate_line": presentation.AGGREGATES_ONLY,
        "accounts_erased_count": report.accounts_erased_count,
    }
    return render(request, "reports/week.html", context)


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
