"""The platform admin's pages of workspaces: making them, their engagements, who has access, and the end."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from agency import directory, jobs, operating
from agency.access import WorkspaceRequest, ask_to_confirm, confirmed_lately, requires
from agency.chrome import mark
from agency.forms_operating import OwnGrantForm, SearchForm, WorkspaceForm
from agency.models import Membership, Workspace
from agency.roles import Can

PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.MANAGE_WORKSPACES)
def workspaces(request: WorkspaceRequest) -> HttpResponse:
    """Every workspace; making one."""
    is_post = request.method == "POST"
    form = WorkspaceForm(request.POST if is_post else None, prefix="new", initial={"time_zone": "America/Los_Angeles", "posts_per_week": 5})
    if is_post and form.is_valid():
        made = operating.make_workspace(by=request.membership, values=form.values())
        messages.success(request, f"{made.name} is made. You have access for a month, to invite its first people.")
        return redirect("workspace_page", workspace_ref=made.pk)
    search = SearchForm(request.GET)
    wanted = search.cleaned_data["q"].strip() if search.is_valid() else ""
    found = directory.entries(wanted)
    page = _page_of(request.GET.get("page", ""), len(found))
    shown = found[(page - 1) * PAGE : page * PAGE]
    directory.note_looks("workspaces", (entry.workspace.pk for entry in shown), by=request.membership)
    context = {
        "form": form,
        "search": search,
        "wanted": wanted,
        "total": len(found),
        "rows": [_row(entry) for entry in shown],
        "previous_href": f"?{urlencode({'q': wanted, 'page': page - 1})}" if page > 1 else "",
        "next_href": f"?{urlencode({'q': wanted, 'page': page + 1})}" if page * PAGE < len(found) else "",
    }
    return render(request, "agency/workspaces.html", context, status=422 if form.errors else 200)


def _page_of(asked: str, total: int) -> int:
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1
    return max(1, min(number, -(-total // PAGE)))


def _row(entry: directory.Entry) -> dict[str, Any]:
    workspace = entry.workspace
    return {
        "public_id": workspace.pk,
        "name": workspace.name,
        "slug": workspace.slug,
        "mark": mark(workspace.name),
        "people_count": entry.people_count,
        "staff_count": entry.staff_count,
        "starts_on": workspace.engagement_starts_on,
        "ends_on": workspace.engagement_ends_on,
        "is_closed": workspace.closed_at is not None,
        "is_erased": workspace.erasure_began_at is not None,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.MANAGE_WORKSPACES)
def workspace_page(request: WorkspaceRequest, workspace_ref: UUID) -> HttpResponse:
    """One workspace: what was agreed, who has access, and the end. Nothing of what it holds."""
    found = _find(workspace_ref)
    form = WorkspaceForm(request.POST if request.method == "POST" else None, instance=found.workspace)
    if request.method == "POST" and form.is_valid():
        try:
            changed = operating.change_workspace(workspace_ref, by=request.membership, values=form.values())
            messages.success(request, "Saved." if changed else "Nothing was changed.")
        except operating.NotAllowed as why:
            messages.error(request, str(why))
        return redirect("workspace_page", workspace_ref=workspace_ref)
    return _show(request, found, form, OwnGrantForm(prefix="own"))


def _find(workspace_ref: UUID) -> directory.Inside:
    found = directory.inside(workspace_ref)
    if found is None:
        raise Http404("No such workspace.")
    return found


def _show(request: WorkspaceRequest, found: directory.Inside, form: WorkspaceForm, own: OwnGrantForm) -> HttpResponse:
    directory.note_looks("workspace_page", (found.workspace.pk,), by=request.membership)
    people = [_person(request, m) for m in found.members]
    # The form's instance is untouched by what was entered; the page names what is stored.
    context = {
        "workspace": Workspace(pk=found.workspace.pk, name=found.workspace.name, slug=found.workspace.slug),
        "closed_at": found.workspace.closed_at,
        "is_erased": found.workspace.erasure_began_at is not None,
        "ends_on": found.workspace.engagement_ends_on,
        "form": form,
        "own_form": own,
        "is_member": any(m.person_id == request.user.pk for m in found.members),
        "people": [row for row in people if not row["is_staff"]],
        "staff": [row for row in people if row["is_staff"]],
        "open_invitation_count": found.open_invitation_count,
    }
    return render(request, "agency/workspace.html", context, status=422 if form.errors or own.errors else 200)


def _person(request: WorkspaceRequest, m: Membership) -> dict[str, Any]:
    return {
        "public_id": m.pk,
        "person_id": m.person_id,
        "name": m.person.name,
        "email": m.person.email,
        "mark": mark(m.person.name),
        "role_label": m.as_role.label,
        "is_staff": m.as_role.is_staff,
        "purpose": m.purpose,
        "ends_at": m.ends_at,
        "is_closed": not m.person.is_active,
        "you": m.person_id == request.user.pk,
    }


@require_POST
@requires(Can.MANAGE_WORKSPACES)
def join_workspace(request: WorkspaceRequest, workspace_ref: UUID) -> HttpResponse:
    """A grant for oneself, with purpose and last day."""
    found, form = _find(workspace_ref), OwnGrantForm(request.POST, prefix="own")
    if not form.is_valid():
        return _show(request, found, WorkspaceForm(instance=found.workspace), form)
    return _act(
        request,
        workspace_ref,
        lambda: operating.join(workspace_ref, by=request.membership, purpose=form.cleaned_data["purpose"], ends_at=form.ends_at()),
        f"You have access to {found.workspace.name}. Choose it in the switcher to manage its people.",
    )


@require_POST
@requires(Can.MANAGE_WORKSPACES)
def end_grant(request: WorkspaceRequest, workspace_ref: UUID, membership_id: UUID) -> HttpResponse:
    """Somebody is out of that workspace, and signed out everywhere, at once."""
    found = _find(workspace_ref)
    person = next((m.person for m in found.members if m.pk == membership_id), None)
    if person is None:
        raise Http404("No such access there.")
    said = f"{person.name} has no access to {found.workspace.name} any more and is signed out."
    return _act(request, workspace_ref, lambda: operating.end_grant(workspace_ref, membership_id, by=request.membership), said)


@require_POST
@requires(Can.MANAGE_WORKSPACES)
def close_workspace(request: WorkspaceRequest, workspace_ref: UUID) -> HttpResponse:
    """The engagement is over, now. Can be opened again until its data is deleted."""
    name = _find(workspace_ref).workspace.name
    said = f"{name} is closed. Its accounts are being disconnected and staff are out. What it holds is deleted in 90 days."
    answer = _act(request, workspace_ref, lambda: operating.close_workspace(workspace_ref, by=request.membership), said)
    jobs.nudge(operating.CLOSED)
    return answer


@require_POST
@requires(Can.MANAGE_WORKSPACES)
def open_workspace(request: WorkspaceRequest, workspace_ref: UUID) -> HttpResponse:
    """The engagement goes on."""
    name = _find(workspace_ref).workspace.name
    said = f"{name} is open again. Its accounts were disconnected: their owners connect them anew. Staff need new grants."
    return _act(request, workspace_ref, lambda: operating.open_workspace(workspace_ref, by=request.membership), said)


def _act(request: WorkspaceRequest, workspace_ref: UUID, act: Callable[[], Any], said: str) -> HttpResponse:
    """Do it once it is certain who asks; say what happened, and back to the workspace's page."""
    if not confirmed_lately(request):
        return ask_to_confirm(request, f"/settings/workspaces/{workspace_ref}")
    try:
        act()
    except operating.NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("workspace_page", workspace_ref=workspace_ref)
