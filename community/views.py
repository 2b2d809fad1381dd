"""The inbox: one page of two addresses, the list and a thread beside it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from agency import clock
from agency.access import WorkspaceRequest, get_visible, requires
from agency.models import Membership
from agency.outlets.parts import Action
from agency.roles import Can
from community import answering, around, doings, listing, presence, presentation, queries
from community.around import Choice, Saved
from community.forms import NoteForm, ReplyForm
from community.language import NAMES
from community.models import Comment
from community.opened import Opened, Sent, opened
from community.wanted import AGES, ANY_AD, FOR_CLIENTS, VIEWS, Wanted
from integrations import queries as connections
from integrations.features import Feature

FRESH_FOR = timedelta(hours=1)
_ANY_AD = Choice(ANY_AD, "Any ad")
_AGES = tuple(Choice(value, label) for value, label in AGES.items())
_LANGUAGES = tuple(Choice(value, label) for value, label in sorted(NAMES.items(), key=lambda item: item[1]))


@require_safe
@requires(Can.VIEW_COMMUNITY)
def community(request: WorkspaceRequest) -> HttpResponse:
    """The list of a view; a thread beside it once one is chosen."""
    return render(request, "community/inbox.html", inbox(request, None))


@require_safe
@requires(Can.VIEW_COMMUNITY)
def community_thread(request: WorkspaceRequest, comment_id: UUID) -> HttpResponse:
    """The same page with a thread open. Asked for by the list itself, the thread alone."""
    thread = get_visible(request, Comment, comment_id, is_reply=False)
    if request.htmx.target == "thread":
        wanted = wanted_of(request)
        return render(request, "community/_thread.html", {"beside": thread_page(request, thread), "wanted": wanted})
    return render(request, "community/inbox.html", inbox(request, thread))


@require_safe
@requires(Can.VIEW_COMMUNITY, is_look=False)
def community_news(request: WorkspaceRequest) -> HttpResponse:
    """How many threads have something new since the list was made, for the page that polls; rows stay where they are."""
    try:
        since = datetime.fromisoformat(request.GET.get("since", ""))
    except ValueError:
        raise Http404("Not a moment.") from None
    if since.tzinfo is None:
        raise Http404("Not a moment.")
    count = queries.new_since(request.membership, since)
    wanted = wanted_of(request)
    return render(request, "community/_news.html", {"count": count, "since": since.isoformat(), "wanted": wanted})


@require_safe
@requires(Can.VIEW_COMMUNITY, is_look=False)
def community_narrowing(request: WorkspaceRequest) -> HttpResponse:
    """What the list can be narrowed by, for the page on which somebody opens that."""
    wanted = wanted_of(request)
    return render(request, "community/_narrow.html", {"narrow": narrowing(request, wanted, queries.aim()), "wanted": wanted})


def wanted_of(request: WorkspaceRequest) -> Wanted:
    """The filter in the address. Views of what the team does are the team's."""
    wanted = Wanted.of(request.GET)
    if not request.membership.as_role.can(Can.TRIAGE):
        wanted = wanted.but(view=wanted.view if wanted.view in FOR_CLIENTS else "open", assignee="", tag="")
    return wanted


def inbox(request: WorkspaceRequest, thread: Comment | None) -> dict[str, Any]:
    """Everything on the page."""
    member, now, wanted = request.membership, clock.now(), wanted_of(request)
    try:
        number = min(max(int(request.GET.get("page", "1")), 1), 1_000)
    except ValueError:
        number = 1
    can_triage = member.as_role.can(Can.TRIAGE)
    found, has_more = listing.page_of(queries.threads(member, wanted, now=now), member, number=number)
    about = around.around(member)
    stands = about.standing
    rows = presentation.Rows(now=now, aim=about.aim, wanted=wanted, several=about.has_several, chosen=str(thread.pk) if thread else "")
    # What has been looked at, what it waits for and since when the page knows: none of it moves while the page is open.
    return {
        "rows": [rows.row(one) for one in found],
        "views": views(request, wanted, about.saved),
        "wanted": wanted,
        "title": presentation.VIEW_NAMES[wanted.view],
        "empty": presentation.EMPTY[wanted.view] if not wanted.filters else "Nothing fits these filters.",
        "stands": stands,
        "is_fresh": stands.read_at is not None and now - stands.read_at < FRESH_FOR,
        "now": now.isoformat(),
        "page": number,
        "previous_href": wanted.page_address(number - 1) if number > 1 else "",
        "next_href": wanted.page_address(number + 1) if has_more else "",
        "flip": wanted.but(sort="" if wanted.sort else "newest").address,
        "can_sort": wanted.view in {"open", "mine", "nobody"},
        "can_triage": can_triage,
        "laters": presentation.LATERS,
        "narrow": narrowing(request, wanted, about.aim) if wanted.filters or request.GET.get("narrow") else None,
        "undo": undoable(request),
        "offer": _offer(request),
        "batch": request.GET.get("batch", "")[: 37 * listing.PAGE],
        "beside": thread_page(request, thread, aim=about.aim) if thread else None,
    }


def _offer(request: WorkspaceRequest) -> Action | None:
    """Switching replies on, to whoever may decide it."""
    if not request.membership.as_role.can(Can.MANAGE_CONNECTIONS) or Feature.REPLIES in connections.features_of_workspace():
        return None
    return Action("Switch on replies", reverse("community_replies"), "post")


def views(request: WorkspaceRequest, wanted: Wanted, saved: Sequence[Saved]) -> dict[str, Any]:
    """The views with how much is in them, and the person's saved ones."""
    member, now = request.membership, clock.now()
    shown = VIEWS if member.as_role.can(Can.TRIAGE) else FOR_CLIENTS
    counted = around.counts(member, shown, now=now)
    inbox = reverse("community")
    return {
        "views": [
            {
                "label": "Done today" if view == "done" else presentation.VIEW_NAMES[view],
                "href": f"{inbox}?view={view}",
                "count": presentation.counted(number) if (number := counted.of.get(view)) else "",
                "is_current": view == wanted.view and not wanted.filters,
            }
            for view in shown
            if view != "mentions" or counted.of["mentions"] or wanted.view == "mentions"
        ],
        "saved": [
            {"pk": one.pk, "label": one.name, "href": f"{inbox}?{one.wanted.address}", "is_current": one.wanted == wanted} for one in saved
        ],
        "waiting": presentation.counted(counted.of["open"]),
        "oldest": presentation.age(counted.oldest, now) if counted.oldest else "",
    }


def narrowing(request: WorkspaceRequest, wanted: Wanted, aim: timedelta) -> dict[str, Any]:
    """What stands behind "Filter and settings"."""
    can_triage = request.membership.as_role.can(Can.TRIAGE)
    return {"filters": filters(request.membership, wanted), "can_triage": can_triage, "aim_hours": int(aim.total_seconds() // 3600)}


def filters(member: Membership, wanted: Wanted) -> list[dict[str, Any]]:
    """The choices that narrow a view, those that there is something to choose in."""
    choices = around.choices(member)
    found = [
        ("account", "Account", choices.accounts if len(choices.accounts) > 1 else ()),
        ("brand", "Brand", choices.brands if len(choices.brands) > 1 else ()),
        ("tag", "Tag", choices.tags),
        ("assignee", "Assigned to", choices.team),
        ("ads", "Under ads", (_ANY_AD, *choices.ad_accounts) if choices.ad_accounts else ()),
        ("age", "Age", _AGES),
        ("language", "Language", _LANGUAGES),
    ]
    return [{"name": name, "label": label, "choices": these, "value": getattr(wanted, name)} for name, label, these in found if these]


def undoable(request: WorkspaceRequest) -> dict[str, Any] | None:
    """What was just done, without script, with the way back."""
    try:
        act_id = UUID(request.GET.get("did", ""))
    except ValueError:
        return None
    act = queries.act_of(act_id, request.membership)
    if act is None:
        return None
    return {"sentence": presentation.act_sentence(act, act.thread), "pk": act.pk}


def doing(
    request: WorkspaceRequest, thread: Comment, sendings: Sequence[Sent], team: Sequence[tuple[UUID, str]], *, handle: str
) -> dict[str, Any]:
    """What is under way in a thread, under the name it goes out in, and who else of the team is answering."""
    shown = doings.doings(sendings, handle=handle, now=clock.now())
    return {
        "thread_pk": thread.pk,
        "rows": shown,
        "others": presence.answering(thread, request.membership, (person_id for person_id, _ in team)),
        "every": "2s" if any(row.pk and not row.is_bad for row in shown) else "15s",
    }


def thread_page(
    request: WorkspaceRequest,
    thread: Comment,
    *,
    note_form: NoteForm | None = None,
    reply_form: ReplyForm | None = None,
    overtaken: str = "",
    draft: str = "",
    aim: timedelta | None = None,
) -> dict[str, Any]:
    """A thread beside its post. `aim` is given by whoever has read it already."""
    member, now = request.membership, clock.now()
    can_triage = member.as_role.can(Can.TRIAGE)
    try:
        whole = opened(thread, member)
    except Comment.DoesNotExist:
        raise Http404("It was erased a moment ago.") from None
    if whole.is_named_unseen:
        queries.seen_by(thread, member, now=now)
    team = queries.names_of_team() if can_triage else []
    read_only = answering.why_not(whole.connection) if can_triage else ""
    can_act = can_triage and not read_only
    kept = queries.draft_of(draft or request.GET.get("draft", ""), member) if can_act else ""
    since, post, ad = whole.waits_since, whole.post, whole.ads[0].name if whole.ads else None
    return {
        "thread": whole,
        "said": [presentation.says(one, can_act=can_act) for one in whole.said],
        "history": presentation.history(whole.acts, whole.notes, whole.sendings),
        "doing": doing(request, thread, whole.sendings, team, handle=whole.stands_under) if can_triage else None,
        "read_only": read_only,
        "can_reply": can_act and whole.shown == Comment.Shown.VISIBLE,
        "reply_form": reply_form or (ReplyForm(initial={"text": kept}) if can_act else None),
        "overtaken": overtaken,
        "longest": answering.longest(),
        "now": now.isoformat(),
        "team": team,
        "state": state_of(whole),
        "is_waiting": since is not None,
        "is_late": since is not None and whole.later_until is None and now - since > (aim or queries.aim()),
        "waits": presentation.age(since, now) if since else "",
        "answered": presentation.age(whole.said_at, whole.answered_at) if whole.answered_at else "",
        "post_title": presentation.title_of(post.caption if post else None, post.created_at if post else None, ad),
        "sees_figures": member.as_role.can(Can.VIEW_CAMPAIGNS),
        "facts": presentation.post_facts(post, whole.waiting_under),
        "can_triage": can_triage,
        "laters": presentation.LATERS,
        "note_form": note_form or (NoteForm() if can_triage else None),
        "language": NAMES.get(whole.language, ""),
    }


def state_of(thread: Opened) -> str:
    """In a word."""
    if thread.shown == Comment.Shown.DELETED:
        return "Removed on TikTok"
    if thread.shown == Comment.Shown.HIDDEN:
        return "Hidden on TikTok"
    if thread.later_until:
        return "Later"
    if thread.waits_since:
        return "Waiting"
    return "Answered" if thread.answered_at else "Done"
