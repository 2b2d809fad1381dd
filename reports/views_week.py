"""One week's report: the page, its files, and what is decided about it."""

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from agency import clock, jobs
from agency.access import WorkspaceRequest, get_visible, requires
from agency.chrome import mark
from agency.models import Membership
from agency.outlets import figures
from agency.outlets.parts import Recipient
from agency.roles import Can, Role
from metrics.models import Post
from metrics.periods import Week
from reports import actions, composition, content, corrections, outlets, presentation, queries, sharing
from reports.content import Content
from reports.forms import CreditForm, LinkForm
from reports.models import Credit, Delivery, ShareLink, WeeklyReport

State = Delivery.State


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
        "week": report.week,
        "files": True,
        "can_export": request.membership.as_role.can(Can.EXPORT),
        "corrected": _corrected(request.membership, report, what),
        "corrected_at": figures.moment_text(clock.now()),
        "previous": presentation.neighbour(this.before) if str(this.before) in near else None,
        "next": presentation.neighbour(this.after) if str(this.after) in near else None,
        "recipients": _recipients(request.membership, report),
        "not_sent_line": _waits(report),
        "aggregate_line": presentation.AGGREGATES_ONLY,
        "accounts_erased_count": report.accounts_erased_count,
    }
    return render(request, "reports/week.html", context | _review(request.membership, report) | _links(request.membership, report))


@require_safe
@requires(Can.VIEW_REPORTS)
def week_pdf(request: WorkspaceRequest, week: str) -> HttpResponse:
    """The report on paper, with what was corrected since at its end."""
    report = _with_content(request.membership, week)
    what, workspace = content.from_json(report.content), request.membership.workspace
    corrected = _corrected(request.membership, report, what)
    return _download(outlets.as_pdf(what, workspace, corrections=corrected.rows, corrected_at=figures.moment_text(clock.now())))


@require_safe
@requires(Can.EXPORT)
def week_csv(request: WorkspaceRequest, week: str) -> HttpResponse:
    """All figures of the report in one table."""
    report = _with_content(request.membership, week)
    return _download(outlets.as_csv(content.from_json(report.content), request.membership.workspace))


@require_safe
@requires(Can.EXPORT)
def week_xlsx(request: WorkspaceRequest, week: str) -> HttpResponse:
    """The report as a workbook."""
    report = _with_content(request.membership, week)
    return _download(outlets.as_xlsx(content.from_json(report.content), request.membership.workspace))


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


def _with_content(membership: Membership, week: str) -> WeeklyReport:
    """The report asked for, unless what it said was erased."""
    _, report = _find(membership, week)
    if report.erased_at is not None:
        raise Http404("Its content was erased.")
    return report


def _corrected(membership: Membership, report: WeeklyReport, sent: Content) -> corrections.Corrected:
    if report.accounts_erased_count:
        return corrections.Corrected(sentence="An account in it was erased since: what TikTok corrected is not known.")
    return corrections.corrected_since(sent, composition.compose(membership.workspace, report.as_week, now=clock.now()))


def _download(file: outlets.File) -> HttpResponse:
    answer = HttpResponse(file.content, content_type=file.kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return answer


# --- who got it ---------------------------------------------------------------------------------------------------------

_SAID = {
    State.WAITING: "waiting to be sent",
    State.SENDING: "on its way",
    State.REFUSED: "Refused by the mail server. Check the address.",
    State.GIVEN_UP: "Could not be delivered.",
    State.STOPPED: "stopped by the person",
    State.SUPPRESSED: "Not sent: this address refused mail before.",
    State.BOUNCED: "Came back. Check the address.",
    State.COMPLAINED: "Called unwanted by the reader; nothing more is sent.",
}
_BAD = {State.REFUSED, State.GIVEN_UP, State.SUPPRESSED, State.BOUNCED, State.COMPLAINED}


def _recipients(membership: Membership, report: WeeklyReport) -> list[Recipient]:
    """Who got it. Clients and creators see themselves and how many others; who manages people sees everybody."""
    everybody = list(queries.deliveries(report))
    sees_all = membership.as_role.can(Can.VIEW_PEOPLE)
    rows = [d for d in everybody if sees_all or d.person_id == membership.person_id]
    shown = [_recipient(d) for d in rows]
    if others := len(everybody) - len(rows):
        shown.append(Recipient(f"+{others}", f"{others} other {'person' if others == 1 else 'people'}", "On the list for this report"))
    return shown


def _recipient(delivery: Delivery) -> Recipient:
    name = delivery.person.name if delivery.person else delivery.extra.email
    role = Role(delivery.role).label if delivery.role else "Extra address"
    said = f"delivered {figures.time_text(delivery.sent_at)}" if delivery.state == State.SENT else _SAID[State(delivery.state)]
    if delivery.state == State.WAITING and delivery.detail:
        said = f"The mail server was busy ({delivery.detail}). It is tried again."
    return Recipient(mark(name), name, f"{role} · {said}", "bad" if delivery.state in _BAD else "ok")


def _waits(report: WeeklyReport) -> str:
    """Why it has not gone yet."""
    if report.released_at:
        return "Nobody is on the list for this report."
    if report.goes_at is None:
        return "It waits until somebody approves it or sends it."
    return f"It goes {figures.moment_text(report.goes_at)}."


# --- before it goes -----------------------------------------------------------------------------------------------------


def _review(membership: Membership, report: WeeklyReport) -> dict[str, object]:
    """What a reviewer may do, and what was done. Nothing for others."""
    if not membership.as_role.can(Can.REVIEW_REPORTS):
        return {}
    steps = [f"{step.get_kind_display()} by {step.person.name if step.person else 'the platform'}, {figures.moment_text(step.at)}"
             for step in queries.steps(report)]  # fmt: skip
    posts = queries.posts_of(membership.workspace, report.as_week)
    return {
        "can_review": True,
        "is_released": report.released_at is not None,
        "waits": _waits(report),
        "is_held": report.goes_at is None,
        "steps": steps,
        "credits": queries.credits_of(posts),
        "credit_form": _credit_form(membership, posts),
    }


def _credit_form(membership: Membership, posts: list[Post], data: object = None) -> CreditForm | None:
    creators = [(str(m.pk), m.person.name) for m in queries.creators(membership.workspace)]
    choices = [(str(p.pk), presentation.caption(p.caption, 60)) for p in posts]
    return CreditForm(data, posts=choices, creators=creators) if posts and creators else None


def _decide(request: WorkspaceRequest, week: str, act: Callable[..., None], said: str) -> HttpResponse:
    _, report = _find(request.membership, week)
    act(report, by=request.membership)
    jobs.nudge("delivery")
    messages.success(request, said)
    return redirect("week", week=report.week)


@require_POST
@requires(Can.REVIEW_REPORTS)
def approve_week(request: WorkspaceRequest, week: str) -> HttpResponse:
    """Looked at: it goes at its hour, or now where that has passed."""
    return _decide(request, week, actions.approve, "Approved.")


@require_POST
@requires(Can.REVIEW_REPORTS)
def hold_week(request: WorkspaceRequest, week: str) -> HttpResponse:
    """Kept back until somebody approves or sends it."""
    return _decide(request, week, actions.hold, "Held back. It waits until somebody approves it or sends it.")


@require_POST
@requires(Can.REVIEW_REPORTS)
def send_week(request: WorkspaceRequest, week: str) -> HttpResponse:
    """Now. A report that went already goes to who has come since."""
    return _decide(request, week, actions.release, "It is on its way to everybody who has not got it yet.")


@require_POST
@requires(Can.REVIEW_REPORTS)
def add_credit(request: WorkspaceRequest, week: str) -> HttpResponse:
    """Credit a post of the week to a creator."""
    _, report = _find(request.membership, week)
    form = _credit_form(request.membership, queries.posts_of(request.membership.workspace, report.as_week), request.POST)
    if form is None or not form.is_valid():
        messages.error(request, "Choose a post and a creator.")
        return redirect("week", week=report.week)
    post = get_visible(request, Post, form.cleaned_data["post"])
    creator = get_visible(request, Membership, form.cleaned_data["creator"], role=Role.CREATOR.value)
    actions.credit(post, creator, by=request.membership)
    messages.success(request, f"Credited to {creator.person.name}. Reports written from now on show it.")
    return redirect("week", week=report.week)


@require_POST
@requires(Can.REVIEW_REPORTS)
def remove_credit(request: WorkspaceRequest, credit_id: UUID) -> HttpResponse:
    """Take a credit back."""
    made = get_visible(request, Credit, credit_id)
    week = Week.of(made.post.created_at.date())
    actions.take_credit_back(made, by=request.membership)
    messages.success(request, "The credit is taken back.")
    return redirect("week", week=str(week))


# --- links --------------------------------------------------------------------------------------------------------------


def _links(membership: Membership, report: WeeklyReport) -> dict[str, object]:
    if not membership.as_role.can(Can.MANAGE_REPORTS) or report.released_at is None:
        return {}
    return {"link_form": LinkForm(), "links": list(queries.open_links(report, now=clock.now()))}


@require_POST
@requires(Can.MANAGE_REPORTS)
def make_link(request: WorkspaceRequest, week: str) -> HttpResponse:
    """A link for who has no sign-in. Its address is shown once."""
    _, report = _find(request.membership, week)
    form = LinkForm(request.POST)
    if report.released_at is None or not form.is_valid():
        messages.error(request, "Choose for how long the link holds. A report can be shared once it was sent.")
        return redirect("week", week=report.week)
    try:
        secret = sharing.make_link(report, days=form.cleaned_data["days"], by=request.membership)
    except sharing.TooMany:
        messages.error(request, f"This report has {sharing.MOST_LINKS} links already. Withdraw one first.")
    else:
        address = settings.APP_URL + reverse("shared_report", args=[secret])
        messages.success(request, f"Copy this link now, it is shown once: {address}")
    return redirect("week", week=report.week)


@require_POST
@requires(Can.MANAGE_REPORTS)
def withdraw_link(request: WorkspaceRequest, link_id: UUID) -> HttpResponse:
    """The link opens nothing any more."""
    link = get_visible(request, ShareLink, link_id)
    sharing.withdraw_link(link, by=request.membership)
    messages.success(request, "The link is withdrawn. It opens nothing any more.")
    return redirect("week", week=link.report.week)
