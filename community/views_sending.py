"""Answering and acting on TikTok from a thread: what waits ten seconds, how to stop it, and what became of it."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from agency import jobs
from agency.access import WorkspaceRequest, get_visible, requires
from agency.roles import Can
from community import answering, presence, queries, views
from community.answering import Kind
from community.forms import ReplyForm
from community.models import Comment, Sending
from community.opened import sendings_of
from community.views_acts import back_of, thread_of
from community.wanted import Wanted
from integrations import actions as connections
from integrations.features import Feature


def _thread_again(request: WorkspaceRequest, thread: Comment, wanted: Wanted, *, draft: str = "") -> HttpResponse:
    """The thread as it stands now: alone for the list itself, the whole page otherwise."""
    if request.htmx.target == "thread":
        return render(request, "community/_beside.html", {"beside": views.thread_page(request, thread, draft=draft), "wanted": wanted})
    query = "&".join(part for part in (wanted.address, f"draft={draft}" if draft else "") if part)
    place = reverse("community_thread", args=[thread.pk])
    return redirect(f"{place}?{query}" if query else place)


def _goes(sending: Sending) -> None:
    """The sweep that finds it is asked for at its time; if that message is lost, the next one finds it."""
    jobs.nudge(answering.WORK, after=sending.WAITS.total_seconds())


@require_POST
@requires(Can.TRIAGE)
def community_reply(request: WorkspaceRequest, comment_id: UUID) -> HttpResponse:
    """Answer a comment, in ten seconds. What was written is never lost: whatever stands in the way, it stays in the box."""
    comment = get_visible(request, Comment, comment_id)
    thread, wanted, form = thread_of(request, comment.thread_id), back_of(request), ReplyForm(request.POST)
    warning = ""
    if form.is_valid():
        try:
            seen_at = None if request.POST.get("anyway") else _moment(request.POST.get("seen", ""))
            sending = answering.ask(comment, Kind.REPLY, by=request.membership, text=form.cleaned_data["text"], seen_at=seen_at)
        except answering.Overtaken as other:
            warning = str(other)
        except answering.NotPossible as refusal:
            form.add_error("text", str(refusal))
        else:
            _goes(sending)
            presence.note_answered(thread, request.membership)
            return _thread_again(request, thread, wanted)
    beside = views.thread_page(request, thread, reply_form=form, overtaken=warning)
    if request.htmx.target == "thread":
        return render(request, "community/_thread.html", {"beside": beside, "wanted": wanted})
    return render(request, "community/inbox.html", views.inbox(request, thread) | {"beside": beside}, status=422)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


@require_POST
@requires(Can.TRIAGE)
def community_like(request: WorkspaceRequest, comment_id: UUID) -> HttpResponse:
    """Like it as the account."""
    return _act(request, comment_id, Kind.LIKE)


@require_POST
@requires(Can.TRIAGE)
def community_unlike(request: WorkspaceRequest, comment_id: UUID) -> HttpResponse:
    """Take the like back."""
    return _act(request, comment_id, Kind.UNLIKE)


@require_POST
@requires(Can.TRIAGE)
def community_hide(request: WorkspaceRequest, comment_id: UUID) -> HttpResponse:
    """Hide it from everybody but its author."""
    return _act(request, comment_id, Kind.HIDE)


@require_POST
@requires(Can.TRIAGE)
def community_show(request: WorkspaceRequest, comment_id: UUID) -> HttpResponse:
    """Show it again."""
    return _act(request, comment_id, Kind.SHOW)


@require_POST
@requires(Can.TRIAGE)
def community_delete(request: WorkspaceRequest, comment_id: UUID) -> HttpResponse:
    """Delete one of the account's own."""
    return _act(request, comment_id, Kind.DELETE)


def _act(request: WorkspaceRequest, comment_id: UUID, kind: Kind) -> HttpResponse:
    comment = get_visible(request, Comment, comment_id)
    thread = thread_of(request, comment.thread_id)
    try:
        _goes(answering.ask(comment, kind, by=request.membership))
    except answering.NotPossible as refusal:
        messages.error(request, str(refusal))
    return _thread_again(request, thread, back_of(request))


@require_POST
@requires(Can.TRIAGE)
def community_stop(request: WorkspaceRequest, sending_id: UUID) -> HttpResponse:
    """Keep it from going. A reply goes back into the box."""
    sending = get_visible(request, Sending, sending_id)
    thread = thread_of(request, sending.thread_id)
    stopped = answering.stop(sending, by=request.membership)
    if not stopped:
        messages.info(request, "It is on its way already.")
    is_reply = stopped and sending.kind == Kind.REPLY
    return _thread_again(request, thread, back_of(request), draft=str(sending.pk) if is_reply else "")


@require_POST
@requires(Can.MANAGE_CONNECTIONS)
def community_replies(request: WorkspaceRequest) -> HttpResponse:
    """Let the team answer from here. Who owns an account still has to allow it on TikTok's page."""
    if not request.membership.as_role.can(Can.VIEW_COMMUNITY):  # a creator connects accounts and decides nothing for the workspace
        raise PermissionDenied(Can.VIEW_COMMUNITY.name)
    if connections.switch_feature(Feature.REPLIES, is_on=True, by=request.membership):
        messages.success(request, f"Replies are switched on. Connect each account again and allow {answering.SCOPE} on TikTok’s page.")
    else:
        messages.info(request, "Replies are on already.")
    return redirect("community")


@require_safe
@requires(Can.TRIAGE, is_look=False)
def community_doing(request: WorkspaceRequest, comment_id: UUID) -> HttpResponse:
    """What is under way in a thread and who else is at it, for the page that polls."""
    thread = thread_of(request, comment_id)
    doing = views.doing(request, thread, sendings_of(thread, request.membership), queries.names_of_team(), handle=thread.stands_under)
    return render(request, "community/_doing.html", {"doing": doing, "wanted": views.wanted_of(request)})


@require_POST
@requires(Can.TRIAGE, is_look=False)
def community_answering(request: WorkspaceRequest, comment_id: UUID) -> HttpResponse:
    """Somebody is at the reply box."""
    presence.note_answering(thread_of(request, comment_id), request.membership)
    return HttpResponse(status=204)
