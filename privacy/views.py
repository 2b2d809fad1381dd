"""Leaving, for people who are signed in: the danger zone's request, its result page, taking it back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from agency import jobs
from agency.access import WorkspaceRequest, get_visible, requires
from agency.roles import Can
from integrations.models import Connection
from privacy import actions, queries
from privacy.models import DeletionRequest


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
