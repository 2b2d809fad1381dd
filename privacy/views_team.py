"""Pages of the privacy team: requests by due date, one request, one run, and the register of everything that is held."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agency import clock, jobs, scope
from agency.access import WorkspaceRequest, networked, requires
from agency.roles import Can
from privacy import actions, person_requests, public_requests, queries
from privacy.forms import DecisionForm, EnteredCommenterForm, EnteredPersonForm, EnteredRequestForm
from privacy.inventory import inventory, table
from privacy.models import DeletionRequest, DeletionRun, PublicRequest

_OPEN_RUNS = (DeletionRun.State.WAITING, DeletionRun.State.RUNNING, DeletionRun.State.FAILED)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.MANAGE_PRIVACY)
def requests(request: WorkspaceRequest) -> HttpResponse:
    """What is asked for, by due date, over all workspaces of whoever looks; runs that are planned; and forms for requests by mail."""
    here, sent = queries.accounts_to_erase(request.membership), request.POST if request.method == "POST" else None
    kind = next((kind for kind in ("commenter", "person") if sent and any(name.startswith(f"{kind}-") for name in sent)), "account")
    form = EnteredRequestForm(sent if kind == "account" else None, accounts=here)
    commenter = EnteredCommenterForm(sent if kind == "commenter" else None, workspace_id=request.membership.workspace_id)
    team = queries.workspaces_of_team(request.memberships)
    person = EnteredPersonForm(sent if kind == "person" else None, memberships=team)
    if commenter.is_valid():
        return _enter_commenters(request, commenter)
    if person.is_valid() and (made := _enter_person(request, person)):
        return redirect("privacy_request", deletion_id=made.pk)
    if form.is_valid():
        given = form.cleaned_data
        made = actions.enter_request(
            given["account"], by=request.membership, contact=given["contact"], identity_note=given["identity_note"]
        )
        jobs.nudge("deletion_mail")
        messages.success(request, f"Request {made.reference} is scheduled.")
        return redirect("privacy_request", deletion_id=made.pk)
    planned = queries.runs(request.memberships, _OPEN_RUNS)
    context = {
        "form": form,
        "commenter": commenter,
        "person": person,
        "open": queries.all_requests(request.memberships, open_only=True),
        "unmatched": public_requests.unmatched(),
        "closed": queries.all_requests(request.memberships, open_only=False),
        "failed": [due for due in planned if due.run.state == DeletionRun.State.FAILED],
        "planned": [due for due in planned if due.run.state != DeletionRun.State.FAILED and due.run.request_id is None],
        "now": clock.now(),
    }
    is_wrong = form.errors or commenter.errors or person.errors
    return render(request, "privacy/requests.html", context, status=422 if is_wrong else 200)


def _enter_person(request: WorkspaceRequest, form: EnteredPersonForm) -> DeletionRequest | None:
    """None when somebody has to see to something first; the form then says to what."""
    given = {"contact": form.cleaned_data["contact"], "identity_note": form.cleaned_data["identity_note"]}
    try:
        made = person_requests.enter(form.person, by=request.membership, **given)
    except person_requests.CannotLeave as why:
        form.add_error("address", why.reasons)
        return None
    jobs.nudge("deletion_mail")
    messages.success(request, f"Request {made.reference} is scheduled.")
    return made


def _enter_commenters(request: WorkspaceRequest, form: EnteredCommenterForm) -> HttpResponse:
    """One request for each who wrote under that handle."""
    given = {"contact": form.cleaned_data["contact"], "identity_note": form.cleaned_data["identity_note"]}
    made = [actions.enter_request(somebody, by=request.membership, **given) for somebody in form.found]
    jobs.nudge("deletion_mail")
    for one in made:
        messages.success(request, f"Request {one.reference} is scheduled.")
    return redirect("privacy_request", deletion_id=made[0].pk) if len(made) == 1 else redirect("privacy_requests")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.MANAGE_PRIVACY)
def request_page(request: WorkspaceRequest, deletion_id: UUID) -> HttpResponse:
    """One request with what happened to it; while it is being checked, the decision."""
    membership, asked = _find(request, DeletionRequest, deletion_id)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    with scope.inside(membership.workspace_id):
        if form.is_valid():
            _decide(request, membership, asked, form.cleaned_data["note"])
            return redirect("privacy_request", deletion_id=asked.pk)
        context = {
            "asked": asked,
            "workspace_name": membership.workspace.name,
            "steps": queries.steps(asked),
            "run": queries.run_of(asked),
            "form": form,
            "now": clock.now(),
        }
        return render(request, "privacy/request.html", context, status=422 if form.errors else 200)


def _decide(request: WorkspaceRequest, membership: Any, asked: DeletionRequest, note: str) -> None:
    """Approved or refused, by the button that was pressed."""
    if request.POST.get("decision") == "approve":
        done, said = actions.approve(asked, by=membership, identity_note=note), f"Request {asked.reference} is scheduled."
    else:
        done, said = actions.refuse(asked, by=membership, note=note), f"Request {asked.reference} is refused; whoever asked is told."
    jobs.nudge("deletion_mail")
    if done:
        messages.success(request, said)
    else:
        messages.warning(request, f"Request {asked.reference} was decided meanwhile.")


@require_POST
@networked
@requires(Can.MANAGE_PRIVACY)
def close_form(request: WorkspaceRequest, form_id: UUID) -> HttpResponse:
    """Nobody holds the account that a public form was about."""
    kept = public_requests.get(form_id)
    if kept is None:
        raise Http404("No such form.")
    with scope.inside(request.membership.workspace_id):
        if kept.state == PublicRequest.State.CHECKING and public_requests.close_unmatched(kept, by=request.membership):
            messages.success(request, f"{kept.reference} is answered: nothing is held. What was written is destroyed with the mail.")
    return redirect("privacy_requests")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.MANAGE_PRIVACY)
def run_page(request: WorkspaceRequest, run_id: UUID) -> HttpResponse:
    """What a run found, took and left, place by place. Posting has one that left something go on."""
    membership, found = _find(request, DeletionRun, run_id)
    with scope.inside(membership.workspace_id):
        if request.method == "POST":
            if actions.try_again(found, by=membership):
                jobs.nudge("erase")
                messages.success(request, "It is swept again now. Load the page again in a moment.")
            return redirect("privacy_run", run_id=found.pk)
        findings = queries.findings(found)
        context = {
            "run": found,
            "workspace_name": membership.workspace.name,
            "findings": findings,
            "left_count": sum(f.left_count for f in findings),
            "erased_count": sum(f.erased_count for f in findings),
            "quiet_count": max(0, found.places_count - len(findings)),
            "certificate_id": queries.certificate_id(found),
            "asked": found.request,
            "now": clock.now(),
        }
        return render(request, "privacy/run.html", context)


@require_safe
@requires(Can.MANAGE_PRIVACY)
def register(request: WorkspaceRequest) -> HttpResponse:
    """Everything that is held: what for, how long, how it goes. With `?table=`, the columns of one table."""
    if "table" not in request.GET:
        return render(request, "privacy/register.html", inventory())
    found = table(request.GET["table"])
    if found is None:
        raise Http404("No such table.")
    return render(request, "privacy/register_table.html", found)


def _find(request: WorkspaceRequest, model: Any, pk: UUID) -> tuple[Any, Any]:
    """A row in one of the workspaces that whoever looks is the privacy team of; 404 like what does not exist."""
    found = queries.find_for_team(request.memberships, model, pk)
    if found is None:
        raise Http404("No such row, or not for this person.")
    return found
