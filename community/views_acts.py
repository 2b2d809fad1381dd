"""What people do in the inbox. Each act is a form with an address of its own; from the list itself, only what changed is answered."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from agency import clock
from agency.access import WorkspaceRequest, get_visible, requires
from agency.roles import Can
from community import actions, around, listing, presentation, queries, views
from community.forms import AimForm, LaterForm, NoteForm, SavedViewForm, TagForm
from community.models import Comment, Triage
from community.wanted import Wanted

_DONE_WITH_MANY = {"done": "done", "later": "put off", "assign": "yours"}
NOT_NEEDED = "Somebody was faster: there was nothing left to do."


def thread_of(request: WorkspaceRequest, comment_id: UUID) -> Comment:
    """The thread that an address names."""
    return get_visible(request, Comment, comment_id, is_reply=False)


def back_of(request: WorkspaceRequest) -> Wanted:
    """The list that the form was sent from."""
    return Wanted.of(QueryDict(request.POST.get("back", "")[:2_000]))


def _answer(request: WorkspaceRequest, thread: Comment, act: Triage | None, sentence: str = "", *, stay: bool = True) -> HttpResponse:
    """After an act: the list again with a way back, or, to the list itself, the row, the thread, the counts and one sentence."""
    wanted = back_of(request)
    sentence = sentence or (presentation.act_sentence(act, thread) if act else NOT_NEEDED)
    if not request.htmx:
        if act is None:
            messages.info(request, sentence)
        place = reverse("community_thread", args=[thread.pk]) if stay else reverse("community")
        query = "&".join(part for part in (wanted.address, urlencode({"did": act.pk}) if act else "") if part)
        return redirect(f"{place}?{query}" if query else place)
    about = around.around(request.membership)
    chosen = str(thread.pk) if request.htmx.target == "thread" else ""  # the act was done in the opened thread, whose row stays marked
    rows = presentation.Rows(now=clock.now(), aim=about.aim, wanted=wanted, several=about.has_several, chosen=chosen)
    (listed,) = listing.listed([thread.pk], request.membership)
    context = {
        "rows": [rows.row(listed)],
        "is_gone": act is not None and act.undone_at is None and act.kind in {Triage.Kind.DONE, Triage.Kind.LATER},
        "act": act if act is not None and act.undone_at is None else None,
        "sentence": sentence,
        "wanted": wanted,
        "beside": views.thread_page(request, thread) if request.htmx.target == "thread" else None,
        "views": views.views(request, wanted, about.saved),
    }
    return render(request, "community/_acted.html", context)


@require_POST
@requires(Can.TRIAGE)
def community_done(request: WorkspaceRequest, comment_id: UUID) -> HttpResponse:
    """Nobody has to look at it any more."""
    thread = thread_of(request, comment_id)
    return _answer(request, thread, actions.finish(thread, by=request.membership), stay=False)


@require_POST
@requires(Can.TRIAGE)
def community_open(request: WorkspaceRequest, comment_id: UUID) -> HttpResponse:
    """Back on the list."""
    thread = thread_of(request, comment_id)
    return _answer(request, thread, actions.open_again(thread, by=request.membership))


@require_POST
@requires(Can.TRIAGE)
def community_later(request: WorkspaceRequest, comment_id: UUID) -> HttpResponse:
    """Out of sight for a while."""
    thread, form = thread_of(request, comment_id), LaterForm(request.POST)
    if not form.is_valid():
        return _answer(request, thread, None, "Choose until when.")
    until = presentation.later_until(form.cleaned_data["until"], request.membership.workspace, clock.now())
    act = actions.put_off(thread, until=until, by=request.membership) if until else None
    return _answer(request, thread, act, stay=False)


@require_POST
@requires(Can.TRIAGE)
def community_assignment(request: WorkspaceRequest, comment_id: UUID) -> HttpResponse:
    """Whose it is. Empty is nobody's, "me" whoever asks."""
    thread, chosen = thread_of(request, comment_id), request.POST.get("assignee", "")
    chosen = str(request.membership.person_id) if chosen == "me" else chosen
    to = queries.person_named(chosen) if chosen else None
    if chosen and to is None:
        return _answer(request, thread, None, "That person does not answer comments here any more.")
    return _answer(request, thread, actions.assign(thread, to=to, by=request.membership))


@require_POST
@requires(Can.TRIAGE)
def community_tag(request: WorkspaceRequest, comment_id: UUID) -> HttpResponse:
    """A tag onto it."""
    thread, form = thread_of(request, comment_id), TagForm(request.POST)
    if not form.is_valid():
        return _answer(request, thread, None, "A tag is one to thirty characters long.")
    try:
        act = actions.tag(thread, name=form.cleaned_data["name"], by=request.membership)
    except actions.NotPossible as refusal:
        return _answer(request, thread, None, str(refusal))
    return _answer(request, thread, act, "" if act else "It has this tag already.")


@require_POST
@requires(Can.TRIAGE)
def community_untag(request: WorkspaceRequest, comment_id: UUID, tag_id: UUID) -> HttpResponse:
    """A tag off it."""
    thread = thread_of(request, comment_id)
    return _answer(request, thread, actions.untag(thread, tag_id=tag_id, by=request.membership))


@require_POST
@requires(Can.TRIAGE)
def community_note(request: WorkspaceRequest, comment_id: UUID) -> HttpResponse:
    """A note for the team. What could not be kept stays in the box."""
    thread, form, wanted = thread_of(request, comment_id), NoteForm(request.POST), back_of(request)
    if not form.is_valid():
        beside = views.thread_page(request, thread, note_form=form)
        if request.htmx.target == "thread":
            return render(request, "community/_thread.html", {"beside": beside, "wanted": wanted})
        return render(request, "community/inbox.html", views.inbox(request, thread) | {"beside": beside}, status=422)
    note = actions.add_note(thread, text=form.cleaned_data["text"], by=request.membership)
    named = queries.named_in(note)
    sentence = f"Noted. {', '.join(named)} will find it." if named else "Noted."
    if not request.htmx:
        messages.success(request, sentence)
    return _answer(request, thread, None, sentence) if request.htmx else redirect(f"{_place(thread)}?{wanted.address}".rstrip("?"))


def _place(thread: Comment) -> str:
    return reverse("community_thread", args=[thread.pk])


@require_POST
@requires(Can.TRIAGE)
def community_undo(request: WorkspaceRequest, act_id: UUID) -> HttpResponse:
    """Take back what was done."""
    act = get_visible(request, Triage, act_id)
    thread = thread_of(request, act.thread_id)
    if actions.undo(act, by=request.membership):
        sentence = f"Taken back. {thread.author} is as before."
    else:
        sentence = "It was taken back already, or somebody has done something else with it since."
    if not request.htmx:
        messages.info(request, sentence)
        return redirect(f"{reverse('community')}?{back_of(request).address}".rstrip("?"))
    return _answer(request, thread, None, sentence)


@require_POST
@requires(Can.TRIAGE)
def community_bulk(request: WorkspaceRequest) -> HttpResponse:
    """The same act on all ticked threads."""
    member, wanted = request.membership, back_of(request)
    threads = queries.open_threads(member, request.POST.getlist("thread")[: listing.PAGE])
    what, until, to = request.POST.get("act", ""), None, None
    if what == "later":
        until = presentation.later_until(request.POST.get("until", "tomorrow"), member.workspace, clock.now())
    if what == "assign":
        to = queries.person_named(str(member.person_id))
    try:
        made = actions.each(threads, what, by=member, until=until, to=to)
    except actions.NotPossible as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{reverse('community')}?{wanted.address}".rstrip("?"))
    number = f"{len(made)} comment{'' if len(made) == 1 else 's'}"
    messages.success(request, f"{number} {_DONE_WITH_MANY[what]}." if made else "Nothing was ticked that this could be done with.")
    query = urlencode({"batch": ",".join(str(act.pk) for act in made)}) if made else ""
    address = "&".join(part for part in (wanted.address, query) if part)
    return redirect(f"{reverse('community')}?{address}".rstrip("?"))


@require_POST
@requires(Can.TRIAGE)
def community_undo_bulk(request: WorkspaceRequest) -> HttpResponse:
    """Take all of it back."""
    acts = [act for one in request.POST.get("batch", "").split(",")[: listing.PAGE] if (act := _own_act(request, one))]
    count = sum(actions.undo(act, by=request.membership) for act in acts)
    messages.info(request, f"{count} comment{'' if count == 1 else 's'} as before.")
    return redirect(f"{reverse('community')}?{back_of(request).address}".rstrip("?"))


def _own_act(request: WorkspaceRequest, text: str) -> Triage | None:
    try:
        return queries.act_of(UUID(text), request.membership)
    except ValueError:
        return None


@require_POST
@requires(Can.TRIAGE)
def community_views(request: WorkspaceRequest) -> HttpResponse:
    """Keep what is shown now under a name."""
    return _settled(request, SavedViewForm(request.POST), lambda data: _save(request, data["name"]))


def _save(request: WorkspaceRequest, name: str) -> str:
    wanted = back_of(request)
    actions.save_view(name=name, wanted={"view": wanted.view, **wanted.filters, "sort": wanted.sort}, by=request.membership)
    return f"Saved as “{name}”."


@require_POST
@requires(Can.TRIAGE)
def community_forget_view(request: WorkspaceRequest, view_id: UUID) -> HttpResponse:
    """Remove a saved view."""
    if not actions.forget_view(view_id, by=request.membership):
        raise Http404("No such view, or not this person's.")
    messages.success(request, "The saved view is removed. The comments in it are not.")
    return redirect("community")


@require_POST
@requires(Can.TRIAGE)
def community_aim(request: WorkspaceRequest) -> HttpResponse:
    """How soon a comment is to be answered."""

    def change(data: dict[str, int]) -> str:
        actions.set_aim(hours=data["hours"], by=request.membership)
        return f"Comments are late after {data['hours']} hour{'' if data['hours'] == 1 else 's'}."

    return _settled(request, AimForm(request.POST), change)


def _settled(request: WorkspaceRequest, form: SavedViewForm | AimForm, do: Callable[[dict], str]) -> HttpResponse:
    """A small form that leads back to the list, with what came of it."""
    if form.is_valid():
        try:
            messages.success(request, do(form.cleaned_data))
        except actions.NotPossible as refusal:
            messages.error(request, str(refusal))
    else:
        messages.error(request, " ".join(f"{form.fields[name].label}: {' '.join(errors)}" for name, errors in form.errors.items()))
    return redirect(f"{reverse('community')}?{back_of(request).address}".rstrip("?"))
