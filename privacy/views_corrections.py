"""Corrections: asked by whoever it is about, followed by reference, answered by the privacy team."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agency import clock, jobs, scope
from agency.access import WorkspaceRequest, get_visible, networked, public, requires, signed_in
from agency.roles import Can
from privacy import corrections, queries
from privacy.forms import AnswerForm, CorrectionForm, EnteredCorrectionForm
from privacy.models import Correction
from privacy.references import as_written

State = Correction.State


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def my_corrections(request: WorkspaceRequest) -> HttpResponse:
    """What one asked to have corrected, with the answers, and a form for more. Who is a member of nothing writes a mail instead."""
    if request.membership is None:
        return render(request, "privacy/my_corrections.html", {"form": None, "mine": ()})
    form = CorrectionForm(request.POST if request.method == "POST" else None, accounts=corrections.accounts_for(request.membership))
    if form.is_valid():
        made = corrections.ask(by=request.membership, **form.asked)
        if made is None:
            messages.warning(request, f"{corrections.OPEN_AT_ONCE} of your requests are open. Wait for an answer, or take one back.")
        else:
            jobs.nudge("correction_mail")
            messages.success(request, f"Sent. Your reference is {made.reference}; you get an answer by {made.due_at:%B} {made.due_at.day}.")
        return redirect("my_corrections")
    context = {"form": form, "mine": corrections.asked_by(request.membership)}
    return render(request, "privacy/my_corrections.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def withdraw_correction(request: WorkspaceRequest, correction_id: UUID) -> HttpResponse:
    """Take one's own back while nobody has answered."""
    if request.membership is None:
        raise Http404("A member of nothing has asked for nothing.")
    asked = get_visible(request, Correction, correction_id)
    if corrections.withdraw(asked, by=request.membership):
        messages.success(request, f"{asked.reference} is taken back.")
    else:
        messages.warning(request, f"{asked.reference} was answered meanwhile.")
    return redirect("my_corrections")


@require_safe
@networked
@public
def correction_status(request: HttpRequest, reference: str) -> HttpResponse:
    """How a correction stands, for anybody who has its reference. Says nothing of what it is about."""
    written = as_written(reference)
    found = corrections.standing(written)
    return render(request, "privacy/correction_status.html", {"reference": written, "standing": found})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.MANAGE_PRIVACY)
def privacy_corrections(request: WorkspaceRequest) -> HttpResponse:
    """All of them by due date, over all workspaces of whoever looks, and a form for those that came by mail."""
    accounts = list(queries.accounts_to_erase(request.membership))
    form = EnteredCorrectionForm(request.POST if request.method == "POST" else None, accounts=accounts)
    if form.is_valid():
        made = corrections.enter(by=request.membership, contact=form.cleaned_data["contact"], **form.asked)
        jobs.nudge("correction_mail")
        messages.success(request, f"Correction {made.reference} is noted; whoever wrote is told.")
        return redirect("privacy_correction", correction_id=made.pk)
    context = {
        "form": form,
        "open": corrections.of_team(request.memberships, open_only=True),
        "closed": corrections.of_team(request.memberships, open_only=False),
    }
    return render(request, "privacy/corrections.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.MANAGE_PRIVACY)
def privacy_correction(request: WorkspaceRequest, correction_id: UUID) -> HttpResponse:
    """One of them, and its answer."""
    found = queries.find_for_team(request.memberships, Correction, correction_id)
    if found is None:
        raise Http404("No such correction, or not for this person.")
    membership, asked = found
    form = AnswerForm(request.POST if request.method == "POST" else None)
    with scope.inside(membership.workspace_id):
        if form.is_valid():
            state = State.CORRECTED if request.POST.get("decision") == "correct" else State.REFUSED
            if corrections.answer(asked, state, by=membership, text=form.cleaned_data["text"]):
                jobs.nudge("correction_mail")
                messages.success(request, f"{asked.reference} is answered; whoever asked is told.")
            else:
                messages.warning(request, f"{asked.reference} was answered or taken back meanwhile.")
            return redirect("privacy_correction", correction_id=asked.pk)
        context = {"asked": asked, "workspace_name": membership.workspace.name, "form": form, "now": clock.now()}
        return render(request, "privacy/correction.html", context, status=422 if form.errors else 200)
