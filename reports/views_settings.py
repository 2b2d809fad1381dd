"""What a workspace sets about its reports: when they go, who looks before, who gets them; and sending by hand."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from agency import clock, counting, jobs, scope
from agency.access import WorkspaceRequest, get_visible, networked, requires
from agency.chrome import mark
from agency.models import Membership
from agency.outlets import figures, mail, suppression
from agency.roles import Can
from metrics.periods import Week
from reports import actions, addressees, composition, emails, queries
from reports.forms import RecipientForm, ScheduleForm
from reports.models import ExtraRecipient

TESTS_AN_HOUR = 5


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.MANAGE_REPORTS)
def report_settings(request: WorkspaceRequest) -> HttpResponse:
    """When reports go and who gets them."""
    workspace = request.membership.workspace
    schedule = actions.schedule_of(workspace)
    kept = {name: getattr(schedule, name) for name in ScheduleForm.base_fields if name != "time_zone"} | {"time_zone": workspace.time_zone}
    form = ScheduleForm(request.POST if request.method == "POST" else None, initial=kept)
    if form.is_valid():
        actions.set_schedule(workspace, actions.Settings(**form.cleaned_data), by=request.membership)
        jobs.nudge("report")
        messages.success(request, "Saved. " + _next(request.membership))
        return redirect("report_settings")
    return render(request, "reports/settings.html", _page(request.membership, form), status=422 if form.errors else 200)


def _page(membership: Membership, form: ScheduleForm, recipient: RecipientForm | None = None) -> dict[str, Any]:
    return {
        "form": form,
        "next": _next(membership),
        "recipient_form": recipient or RecipientForm(),
        "people": [_row(a) for a in queries.standing_recipients()],
        "extras": [_extra(e) for e in queries.extra_recipients()],
        "can_send": membership.as_role.can(Can.REVIEW_REPORTS),
        "own_email": membership.person.email,
    }


def _next(membership: Membership) -> str:
    """`The report of week 22 goes Monday, June 1, 09:00 PDT.`"""
    workspace = membership.workspace
    schedule = actions.schedule_of(workspace)
    week, slot = queries.next_slot(Week.parse(schedule.next_week), schedule, workspace, now=clock.now())
    local = queries.local(slot, workspace)
    return f"The report of week {week.number} goes {local:%A}, {figures.day(local.date())}, {local:%H:%M %Z}."


def _row(addressee: queries.Addressee) -> dict[str, Any]:
    cause = suppression.cause_of(addressee.email)
    said = cause or ("Stopped the mails" if queries.has_stopped(addressee) else "")
    return {
        "mark": mark(addressee.name),
        "name": addressee.name,
        "role": addressee.role.label if addressee.role else "",
        "said": said,
        "retry": addressee.ref if cause == suppression.Cause.BOUNCED.label else None,
    }


def _extra(extra: ExtraRecipient) -> dict[str, Any]:
    if extra.refused:
        said, asks = "Its mail server refused the question. Check the address.", True
    elif extra.confirmed_at is None:
        asked = figures.moment_text(extra.asked_at)
        said, asks = f"Asked {asked}; waits for its owner's yes.", clock.now() - extra.asked_at > addressees.ASK_AGAIN_AFTER
    elif extra.stopped_at is not None:
        said, asks = "Stopped the mails", False
    else:
        said, asks = suppression.cause_of(extra.email) or f"Confirmed {figures.day(extra.confirmed_at.date(), year=True)}", False
    return {"id": extra.pk, "email": extra.email, "said": said, "can_ask": asks}


@require_POST
@requires(Can.MANAGE_REPORTS)
def add_recipient(request: WorkspaceRequest) -> HttpResponse:
    """An extra address, which is asked first."""
    form = RecipientForm(request.POST)
    if form.is_valid():
        try:
            extra = addressees.add_extra(form.cleaned_data["email"], by=request.membership)
        except addressees.Unwanted as error:
            form.add_error("email", str(error))
        else:
            jobs.nudge("confirm_mail")
            messages.success(request, f"{extra.email} is asked. It gets reports once its owner says yes.")
            return redirect("report_settings")
    workspace = request.membership.workspace
    schedule = actions.schedule_of(workspace)
    kept = {name: getattr(schedule, name) for name in ScheduleForm.base_fields if name != "time_zone"} | {"time_zone": workspace.time_zone}
    return render(request, "reports/settings.html", _page(request.membership, ScheduleForm(initial=kept), form), status=422)


@require_POST
@requires(Can.MANAGE_REPORTS)
def ask_recipient(request: WorkspaceRequest, recipient_id: UUID) -> HttpResponse:
    """Ask an extra address once more."""
    extra = get_visible(request, ExtraRecipient, recipient_id, removed_at=None)
    try:
        addressees.ask_again(extra, by=request.membership)
    except addressees.Unwanted as error:
        messages.error(request, str(error))
    else:
        jobs.nudge("confirm_mail")
        messages.success(request, f"{extra.email} is asked again.")
    return redirect("report_settings")


@require_POST
@requires(Can.MANAGE_REPORTS)
def remove_recipient(request: WorkspaceRequest, recipient_id: UUID) -> HttpResponse:
    """The extra address gets nothing more."""
    extra = get_visible(request, ExtraRecipient, recipient_id, removed_at=None)
    addressees.remove_extra(extra, by=request.membership)
    messages.success(request, f"{extra.email} gets no more reports.")
    return redirect("report_settings")


@require_POST
@requires(Can.MANAGE_REPORTS)
def retry_address(request: WorkspaceRequest, membership_id: UUID) -> HttpResponse:
    """Send to a member's address again that bounced: somebody mended the mailbox."""
    member = get_visible(request, Membership, membership_id)
    if suppression.lift(member.person.email):
        messages.success(request, f"The next report goes to {member.person.name} again.")
    return redirect("report_settings")


@require_POST
@networked
@requires(Can.MANAGE_REPORTS)
def send_test(request: WorkspaceRequest) -> HttpResponse:
    """The newest week that is over, to whoever asks, and to nobody else. Sent while they wait, so that they see what came of it."""
    membership = request.membership
    key = f"{membership.workspace_id}:report-tests:{membership.pk}"
    if counting.is_too_often(key, times=TESTS_AN_HOUR, within=timedelta(hours=1)):
        messages.error(request, f"{TESTS_AN_HOUR} tests an hour are enough. Try again later.")
        return redirect("report_settings")
    with scope.inside(membership.workspace_id):
        schedule = actions.schedule_of(membership.workspace)
        now = clock.now()
        what = composition.compose(membership.workspace, Week.of((now - timedelta(days=7)).date()), now=now)
        letter = emails.weekly_report(what, queries.addressee_of(membership), reply_to=schedule.reply_to, is_test=True)
    try:
        mail.send(letter)
    except mail.Refused:
        messages.error(request, f"The mail server refuses {letter.to}. Check the address.")
    except mail.TryAgain:
        messages.error(request, "The mail server does not take mail now. Try again in some minutes.")
    else:
        messages.success(request, f"A test of week {Week.parse(what.week).number} was sent to {letter.to}.")
    return redirect("report_settings")


@require_POST
@requires(Can.REVIEW_REPORTS)
def send_now(request: WorkspaceRequest) -> HttpResponse:
    """Write and send the week that is next, without waiting for its hour."""
    try:
        report = actions.send_now(request.membership.workspace, by=request.membership)
    except actions.TooEarly:
        messages.error(request, "The next week is not over yet, or no account is connected. There is nothing to send.")
        return redirect("report_settings")
    jobs.nudge("delivery")
    messages.success(request, "It is written and on its way.")
    return redirect("week", week=report.week)
