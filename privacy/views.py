"""Rights of people who are signed in: having an account's data deleted, taking that back, and a copy of everything."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from agency import audit, jobs, scope
from agency.access import WorkspaceRequest, ask_to_confirm, confirmed_lately, get_visible, networked, requires
from agency.roles import Can
from integrations.models import Connection
from privacy import actions, archives, queries
from privacy.models import DataArchive, DeletionRequest


@require_POST
@requires(Can.MANAGE_CONNECTIONS)
def request_deletion(request: WorkspaceRequest, connection_id: UUID) -> HttpResponse:
    """One POST asks for it. Asked again, it leads to the same request."""
    connection = get_visible(request, Connection, connection_id)
    if connection.state == Connection.State.ASKED:
        messages.warning(request, f"{connection.shown_name} is not attached yet, so nothing of it is kept.")
        return redirect("integrations")
    asked = actions.request_deletion(connection, by=request.membership)
    jobs.nudge("deletion_mail")
    return redirect("deletion", request_id=asked.pk)


@require_safe
@requires(Can.MANAGE_CONNECTIONS)
def deletion(request: WorkspaceRequest, request_id: UUID) -> HttpResponse:
    """What was asked for, when it happens, and the way back until then; afterwards the proof."""
    asked = get_visible(request, DeletionRequest, request_id)
    context = {"asked": asked, "standing": queries.standing_of(asked), "name": asked.account_name}
    return render(request, "privacy/deletion.html", context)


@require_POST
@requires(Can.MANAGE_CONNECTIONS)
def cancel_deletion(request: WorkspaceRequest, request_id: UUID) -> HttpResponse:
    """Take it back while the run has not begun."""
    asked = get_visible(request, DeletionRequest, request_id)
    if actions.cancel(asked, by=request.membership):
        jobs.nudge("deletion_mail")
        messages.success(request, f"Request {asked.reference} is taken back. Nothing was deleted.")
    elif asked.state != DeletionRequest.State.CANCELLED:
        messages.warning(request, f"Request {asked.reference} can no longer be taken back: its run has begun.")
    return redirect("deletion", request_id=asked.pk)


@require_POST
@requires(Can.MANAGE_CONNECTIONS)
def ask_archive(request: WorkspaceRequest, connection_id: UUID) -> HttpResponse:
    """Have a copy of everything held about the account put together."""
    connection = get_visible(request, Connection, connection_id)
    made = archives.ask(connection, by=request.membership)
    jobs.nudge("archive")
    return redirect("archive", archive_id=made.pk)


@require_safe
@requires(Can.MANAGE_CONNECTIONS)
def archive(request: WorkspaceRequest, archive_id: UUID) -> HttpResponse:
    """How the copy stands, and where it can be had."""
    return render(request, "privacy/archive.html", {"archive": get_visible(request, DataArchive, archive_id, asked_by=request.user)})


@require_safe
@networked
@requires(Can.MANAGE_CONNECTIONS)
def download_archive(request: WorkspaceRequest, archive_id: UUID) -> HttpResponse:
    """The copy, to whoever asked for it and has just proven who they are."""
    workspace_id = request.membership.workspace_id
    with scope.inside(workspace_id):
        found = get_visible(request, DataArchive, archive_id, asked_by=request.user)
    if not confirmed_lately(request):
        return ask_to_confirm(request)
    if found.state != DataArchive.State.READY:
        raise Http404("Not ready, or expired.")
    with scope.inside(workspace_id):
        audit.record("archive.downloaded", found, by=request.membership)
    headers = {"Content-Disposition": f'attachment; filename="account-data-{found.created_at:%Y-%m-%d}.zip"'}
    return StreamingHttpResponse(archives.read(found), content_type="application/zip", headers=headers)
