"""What people do with threads: done, later, whose, tags, notes, and taking it back. Every act is a row of its own; no network."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from agency import audit, clock, jobs
from agency.models import Membership, Person
from community import queries
from community.keeping import settle
from community.models import Aim, Comment, Mention, Note, SavedView, Tag, ThreadTag, Triage

Kind = Triage.Kind
_VERBS = {
    Kind.DONE: "comment.done",
    Kind.OPENED: "comment.opened",
    Kind.LATER: "comment.put_off",
    Kind.ASSIGNED: "comment.assigned",
    Kind.TAGGED: "comment.tagged",
    Kind.UNTAGGED: "comment.untagged",
}


class NotPossible(Exception):
    """Why not, in words for whoever asked."""


def _lock(thread_id: UUID) -> Comment:
    """The thread, held until the act is over: two people at once act one after the other."""
    return Comment.objects.select_for_update(of=("self",), no_key=True).get(pk=thread_id, is_reply=False)


def _act(thread: Comment, kind: str, *, by: Membership, now: datetime, **values: Any) -> Triage:
    before = {"assignee": str(thread.assignee_id or ""), "later_until": thread.later_until.isoformat() if thread.later_until else ""}
    act = Triage.objects.create(
        workspace_id=thread.workspace_id, thread_id=thread.pk, kind=kind, person_id=by.person_id, at=now, before=before, **values
    )
    audit.record(_VERBS[Kind(kind)], thread, by=by)
    return act


def finish(thread: Comment, *, by: Membership) -> Triage | None:
    """Take a thread off the list: nobody has to look at what it holds now. None when it did not wait."""
    with transaction.atomic():
        row, now = _lock(thread.pk), clock.now()
        waiting = Comment.objects.filter(thread_id=row.pk, settled_at=None, is_own=False)
        if row.waits_since is None:
            return None
        act = _act(row, Kind.DONE, by=by, now=now)
        waiting.update(settled_at=now, settled_act=act.pk)
        Comment.objects.filter(pk=row.pk).update(later_until=None)
        settle(row.workspace_id, [row.pk], now=now)
    return act


def open_again(thread: Comment, *, by: Membership) -> Triage | None:
    """Put a thread back on the list: the last thing that somebody else said in it waits again. None when nothing can wait."""
    with transaction.atomic():
        row, now = _lock(thread.pk), clock.now()
        said = Comment.objects.filter(thread_id=row.pk, is_own=False, shown=Comment.Shown.VISIBLE).order_by("-said_at", "-pk").first()
        if row.waits_since is not None or said is None:
            return None
        act = _act(row, Kind.OPENED, by=by, now=now)
        Comment.objects.filter(pk=said.pk).update(settled_at=None, settled_act=None)
        settle(row.workspace_id, [row.pk], now=now)
    return act


def put_off(thread: Comment, *, until: datetime, by: Membership) -> Triage | None:
    """Out of sight until a time, or until something new is said. None when it does not wait."""
    with transaction.atomic():
        row, now = _lock(thread.pk), clock.now()
        if row.waits_since is None or until <= now:
            return None
        act = _act(row, Kind.LATER, by=by, now=now, until=until)
        Comment.objects.filter(pk=row.pk).update(later_until=until)
        jobs.put("comments_back", row.workspace_id, workspace_id=row.workspace_id, at=until)
    return act


def bring_back(*, now: datetime) -> datetime | None:
    """Of the open workspace, what was put off until now waits again. Returns when the next one comes back."""
    due = Comment.objects.threads().select_for_update(no_key=True).filter(later_until__lte=now).order_by("pk")
    Comment.objects.filter(pk__in=list(due.values_list("pk", flat=True)), later_until__lte=now).update(later_until=None)
    rest = Comment.objects.threads().filter(later_until__isnull=False).order_by("later_until")
    return rest.values_list("later_until", flat=True).first()


def assign(thread: Comment, *, to: Person | None, by: Membership) -> Triage | None:
    """Say whose it is, or nobody's. None when it is so already."""
    with transaction.atomic():
        row, now = _lock(thread.pk), clock.now()
        if row.assignee_id == (to.pk if to else None):
            return None
        act = _act(row, Kind.ASSIGNED, by=by, now=now, assignee=to)
        Comment.objects.filter(pk=row.pk).update(assignee=to)
    return act


def tag(thread: Comment, *, name: str, by: Membership) -> Triage | None:
    """Put a tag on a thread, known or new. Putting it there again changes nothing."""
    name = " ".join(name.lower().split())[: Tag.LONGEST]
    if not name:
        raise NotPossible("A tag needs a name.")
    with transaction.atomic():
        row, now = _lock(thread.pk), clock.now()
        found, _ = Tag.objects.get_or_create(workspace_id=row.workspace_id, name=name)
        _, is_new = ThreadTag.objects.get_or_create(
            workspace_id=row.workspace_id, thread_id=row.pk, tag=found, defaults={"person_id": by.person_id, "at": now}
        )
        return _act(row, Kind.TAGGED, by=by, now=now, tag=found) if is_new else None


def untag(thread: Comment, *, tag_id: UUID, by: Membership) -> Triage | None:
    """Take a tag off. None when it is not there."""
    with transaction.atomic():
        row, now = _lock(thread.pk), clock.now()
        found = Tag.objects.filter(pk=tag_id).first()
        if found is None or not ThreadTag.objects.filter(thread_id=row.pk, tag=found).delete()[0]:
            return None
        return _act(row, Kind.UNTAGGED, by=by, now=now, tag=found)


def undo(act: Triage, *, by: Membership) -> bool:
    """Take an act back. False when it was taken back already, or when somebody has done something since that it would overrun."""
    with transaction.atomic():
        row, now = _lock(act.thread_id), clock.now()
        same = (Kind.DONE, Kind.OPENED, Kind.LATER) if act.kind in {Kind.DONE, Kind.OPENED, Kind.LATER} else (act.kind,)
        since = Triage.objects.filter(thread_id=row.pk, at__gt=act.at, undone_at=None, kind__in=same)
        if act.tag_id:
            since = since.filter(tag_id=act.tag_id)
        if since.exists() or not Triage.objects.filter(pk=act.pk, undone_at=None).update(undone_at=now):
            return False
        match act.kind:
            case Kind.DONE:
                Comment.objects.filter(thread_id=row.pk, settled_act=act.pk).update(settled_at=None, settled_act=None)
                Comment.objects.filter(pk=row.pk).update(later_until=_moment(act.before.get("later_until", ""), now))
                settle(row.workspace_id, [row.pk], now=now)
            case Kind.OPENED:
                Comment.objects.filter(thread_id=row.pk, is_own=False, settled_at=None).update(settled_at=now)
                settle(row.workspace_id, [row.pk], now=now)
            case Kind.LATER:
                Comment.objects.filter(pk=row.pk).update(later_until=_moment(act.before.get("later_until", ""), now))
            case Kind.ASSIGNED:
                Comment.objects.filter(pk=row.pk).update(assignee_id=act.before.get("assignee") or None)
            case Kind.TAGGED:
                ThreadTag.objects.filter(thread_id=row.pk, tag_id=act.tag_id).delete()
            case Kind.UNTAGGED:
                ThreadTag.objects.get_or_create(
                    workspace_id=row.workspace_id, thread_id=row.pk, tag_id=act.tag_id, defaults={"person_id": by.person_id, "at": now}
                )
        audit.record("comment.undone", row, by=by, kind=act.kind)
    return True


def _moment(text: str, now: datetime) -> datetime | None:
    moment = datetime.fromisoformat(text) if text else None
    return moment if moment and moment > now else None


_NAMED = re.compile(r"@([\w.'-]+(?: [\w.'-]+)?)")


def add_note(thread: Comment, *, text: str, by: Membership) -> Note:
    """Say something to the team. Whoever is named by @ and a first or whole name finds it among their mentions."""
    with transaction.atomic():
        row, now = _lock(thread.pk), clock.now()
        note = Note.objects.create(workspace_id=row.workspace_id, thread_id=row.pk, person_id=by.person_id, at=now, text=text)
        named = mentioned(text, queries.team())
        Mention.objects.bulk_create(
            Mention(workspace_id=row.workspace_id, note=note, person=person) for person in named if person.pk != by.person_id
        )
        audit.record("comment.noted", row, by=by)
    return note


def mentioned(text: str, team: Sequence[Membership]) -> list[Person]:
    """Who of the team is named in a note: by the whole name, or by a first name that only one of them has."""
    names: dict[str, list[Person]] = {}
    for member in team:
        words = member.person.name.lower().split()
        for name in {" ".join(words[:2]), words[0] if words else ""}:
            names.setdefault(name, []).append(member.person)
    found: dict[UUID, Person] = {}
    for match in _NAMED.findall(text.lower()):
        for name in (match, match.split()[0], match.split()[0].rstrip(".'-")):
            people = names.get(name, [])
            if len(people) == 1:
                found[people[0].pk] = people[0]
                break
    return list(found.values())


def save_view(*, name: str, wanted: dict[str, str], by: Membership) -> SavedView:
    """Keep a filter under a name; the same name again replaces it."""
    with transaction.atomic():
        known = SavedView.objects.filter(person_id=by.person_id, name=name).first()
        if known is None and SavedView.objects.filter(person_id=by.person_id).count() >= SavedView.MOST:
            raise NotPossible(f"You have {SavedView.MOST} saved views, which is all there is room for. Remove one first.")
        row, _ = SavedView.objects.update_or_create(
            workspace_id=by.workspace_id,
            person_id=by.person_id,
            name=name,
            defaults={"wanted": wanted},
            create_defaults={"wanted": wanted, "created_at": clock.now(), "id": uuid4()},
        )
    return row


def forget_view(view_id: UUID, *, by: Membership) -> bool:
    """Remove one of one's own."""
    return bool(SavedView.objects.filter(pk=view_id, person_id=by.person_id).delete()[0])


def set_aim(*, hours: int, by: Membership) -> None:
    """How soon comments are to be answered or settled in this workspace."""
    with transaction.atomic():
        seconds = int(timedelta(hours=hours).total_seconds())
        row, _ = Aim.objects.update_or_create(
            workspace_id=by.workspace_id, defaults={"seconds": seconds, "person_id": by.person_id, "changed_at": clock.now()}
        )
        audit.record("comment_aim.changed", row, by=by, count=hours)


def each(threads: Iterable[Comment], what: str, *, by: Membership, until: datetime | None = None, to: Person | None = None) -> list[Triage]:
    """The same act on several threads. Those for which it means nothing are passed over."""
    made = []
    if what not in {"done", "later", "assign"} or (what == "later" and until is None):
        raise NotPossible("That cannot be done with several comments at once.")
    chosen = list(threads)
    with transaction.atomic():
        # All of them first, in the order in which everybody takes several.
        list(Comment.objects.select_for_update(no_key=True).filter(pk__in=[t.pk for t in chosen]).order_by("pk").values_list("pk"))
        for thread in chosen:
            match what:
                case "done":
                    act = finish(thread, by=by)
                case "later":
                    act = put_off(thread, until=until, by=by)
                case _:
                    act = assign(thread, to=to, by=by)
            if act is not None:
                made.append(act)
    return made
