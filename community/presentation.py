"""How threads read: rows, ages, what was done, in words. Works on what queries found; asks the database for nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TypedDict
from zoneinfo import ZoneInfo

from django.urls import reverse

from agency.chrome import mark
from agency.models import Workspace
from agency.outlets import figures
from community.language import NAMES
from community.listing import Listed
from community.models import Comment, Sending, Triage
from community.opened import Acted, Noted, PostFacts, Sent, Spoken
from community.queries import MOST_COUNTED
from community.wanted import Wanted
from metrics.dictionary import engagement_rate

VIEW_NAMES = {
    "open": "Waiting",
    "mine": "Mine",
    "nobody": "Nobody’s",
    "later": "Later",
    "done": "Done",
    "mentions": "Mentions you",
    "all": "All",
}
EMPTY = {
    "open": "Nothing waiting.",
    "mine": "Nothing waits for you.",
    "nobody": "Everything that waits is somebody’s.",
    "later": "Nothing is put off.",
    "done": "Nothing is done yet.",
    "mentions": "Nobody has named you in a note that you have not read.",
    "all": "No comments yet.",
}
AGAIN_AT = time(9)  # in the workspace's zone
LATERS = (("hours", "In 3 hours"), ("tomorrow", "Tomorrow at 9:00"), ("monday", "On Monday at 9:00"))


def later_until(choice: str, workspace: Workspace, now: datetime) -> datetime | None:
    """The moment that a choice of "Later" means in the workspace's own time."""
    zone = ZoneInfo(workspace.time_zone)
    today = now.astimezone(zone).date()
    match choice:
        case "hours":
            return now + timedelta(hours=3)
        case "tomorrow":
            return datetime.combine(today + timedelta(days=1), AGAIN_AT, zone).astimezone(UTC)
        case "monday":
            return datetime.combine(today + timedelta(days=7 - today.weekday()), AGAIN_AT, zone).astimezone(UTC)
        case _:
            return None


def age(since: datetime, now: datetime) -> str:
    """5 h, 40 min, 3 days."""
    return figures.ago(since, now).removesuffix(" ago").removeprefix("on ").replace("just now", "now")


def counted(number: int) -> str:
    """12, or 1,000+."""
    return f"{MOST_COUNTED:,}+" if number > MOST_COUNTED else f"{number:,}"


def title_of(caption: str | None, posted_at: datetime | None, ad: str | None) -> str:
    """The first line of a post's caption, shortened at a word. Of a comment under no post that we know, its ad."""
    if caption is None or posted_at is None:
        return ad or "An ad"
    line = caption.split("\n", 1)[0].strip()
    if not line:
        return f"Post of {figures.day(posted_at.astimezone(UTC).date())}"
    return line if len(line) <= 70 else line[:70].rsplit(" ", 1)[0].rstrip(" ,.;:") + " …"


class Row(TypedDict):
    """One thread in the list. A dictionary, for a template looks a name up there first: thirty rows have some four hundred."""

    pk: str
    href: str
    mark: str
    author: str
    text: str
    at: str  # since when, as machines read it
    age: str
    is_late: bool
    tags: Sequence[str]
    notes: tuple[str, ...]
    post: str
    is_open: bool  # in the thread beside the list
    gone: str  # why it is only a line: removed on TikTok


class Rows:
    """Makes rows of one list: what they share is worked out once."""

    def __init__(self, *, now: datetime, aim: timedelta, wanted: Wanted, several: bool, chosen: str = "") -> None:
        self.now, self.aim, self.several, self.chosen = now, aim, several, chosen
        self.inbox, self.query = reverse("community"), f"?{wanted.address}".rstrip("?")

    def row(self, thread: Listed) -> Row:
        """A thread as the list shows it."""
        since, author, pk = thread.waits_since or thread.said_at, thread.author, str(thread.pk)
        return Row(
            pk=pk,
            href=f"{self.inbox}/{pk}{self.query}",
            mark=mark(author),
            author=author,
            text=said(thread.text, has_image=thread.has_image),
            at=since.isoformat(timespec="seconds"),
            age=age(since, self.now),
            is_late=thread.waits_since is not None and thread.later_until is None and self.now - thread.waits_since > self.aim,
            tags=thread.tags,
            notes=tuple(self._notes(thread)),
            post=title_of(thread.caption, thread.posted_at, thread.ad),
            is_open=pk == self.chosen,
            gone=f"{author} removed the comment on TikTok. Closed." if thread.shown == Comment.Shown.DELETED else "",
        )

    def _notes(self, thread: Listed) -> Iterable[str]:
        if thread.later_until:
            yield f"back {figures.moment_text(thread.later_until)}"
        if thread.shown == Comment.Shown.HIDDEN:
            yield "hidden on TikTok"
        if thread.is_own:
            yield "your comment"
        if thread.replies_count:
            yield f"{thread.replies_count} repl{'y' if thread.replies_count == 1 else 'ies'}"
        if thread.language and thread.language != "en":
            yield NAMES[thread.language]
        if thread.ad:
            yield "under an ad"
        if thread.holder:
            yield thread.holder
        if self.several or thread.connection_id is None:
            yield thread.stands_under


def said(text: str, *, has_image: bool) -> str:
    """A comment's words, or what stands in place of them."""
    if text.strip():
        return text
    return "A picture without words" if has_image else "Nothing that can be shown"


@dataclass(frozen=True)
class Said:
    """One comment or reply in the thread."""

    pk: str
    mark: str
    author: str
    is_own: bool
    is_reply: bool
    at: datetime
    text: str
    likes: str
    is_liked: bool
    is_pinned: bool
    shown: str
    edited: bool
    waits: bool
    can: tuple[str, ...]  # what may be done with it on TikTok


def says(comment: Spoken, *, can_act: bool = False) -> Said:
    """A comment as the thread shows it."""
    likes = "" if comment.likes_count is None else f"{comment.likes_count:,} like{'' if comment.likes_count == 1 else 's'}"
    return Said(
        pk=comment.pk,
        mark=mark(comment.author),
        author=comment.author,
        is_own=comment.is_own,
        is_reply=comment.is_reply,
        at=comment.said_at,
        text=said(comment.text, has_image=comment.has_image),
        likes=likes,
        is_liked=comment.is_liked,
        is_pinned=comment.is_pinned,
        shown=comment.shown,
        edited=comment.is_edited,
        waits=not comment.is_settled and not comment.is_own and comment.shown == Comment.Shown.VISIBLE,
        can=tuple(_can(comment)) if can_act else (),
    )


def _can(comment: Spoken) -> Iterable[str]:
    if comment.shown == Comment.Shown.DELETED:
        return
    yield "unlike" if comment.is_liked else "like"
    yield "show" if comment.shown == Comment.Shown.HIDDEN else "hide"
    if comment.is_own:
        yield "delete"


@dataclass(frozen=True)
class Line:
    """What somebody did or noted, in the order of time."""

    at: datetime
    text: str
    mark: str = ""
    author: str = ""
    is_note: bool = False


_DID = {
    "reply": "answered",
    "like": "liked",
    "unlike": "took back the like of",
    "hide": "hid",
    "show": "showed again",
    "delete": "deleted",
}


def history(acts: Sequence[Acted], notes: Sequence[Noted], sendings: Sequence[Sent]) -> list[Line]:
    """Acts that hold, what went to TikTok, and notes, oldest first."""
    lines = [Line(act.at, _act_text(act)) for act in acts]
    for sending in sendings:
        who = "You" if sending.is_readers else sending.person
        if sending.state == Sending.State.SENT:
            lines.append(Line(sending.state_since, f"{who} {_DID[sending.kind]} {sending.author} on TikTok"))
        elif sending.state == Sending.State.STOPPED:
            lines.append(Line(sending.state_since, f"{who} stopped a {Sending.Kind(sending.kind).label.lower()} in time"))
    for note in notes:
        author = "Your note" if note.is_readers else note.person
        lines.append(Line(note.at, note.text, mark(note.person), author, is_note=True))
    return sorted(lines, key=lambda line: line.at)


def _act_text(act: Acted) -> str:
    who = "You" if act.is_readers else act.person
    match act.kind:
        case Triage.Kind.DONE:
            return f"{who} marked it as done"
        case Triage.Kind.OPENED:
            return f"{who} opened it again"
        case Triage.Kind.LATER:
            return f"{who} put it off until {figures.moment_text(act.until)}"
        case Triage.Kind.ASSIGNED if act.assignee is None:
            return f"{who} made it nobody’s"
        case Triage.Kind.ASSIGNED if act.is_readers and act.is_to_reader:
            return "You took it"
        case Triage.Kind.ASSIGNED:
            return f"{who} gave it to {'you' if act.is_to_reader else act.assignee}"
        case Triage.Kind.TAGGED:
            return f"{who} tagged it “{act.tag or ''}”"
        case _:
            return f"{who} took off the tag “{act.tag or ''}”"


def act_sentence(act: Triage, thread: Comment) -> str:
    """What has just happened, for the line that offers to undo it."""
    match act.kind:
        case Triage.Kind.DONE:
            return f"{thread.author} is done."
        case Triage.Kind.OPENED:
            return f"{thread.author} waits again."
        case Triage.Kind.LATER:
            return f"{thread.author} comes back {figures.moment_text(act.until)}."
        case Triage.Kind.ASSIGNED:
            return f"{thread.author} is now {act.assignee.name if act.assignee else 'nobody'}’s."
        case Triage.Kind.TAGGED:
            return f"Tagged “{act.tag.name if act.tag else ''}”."
        case _:
            return f"Tag “{act.tag.name if act.tag else ''}” taken off."


def post_facts(post: PostFacts | None, waiting: int) -> tuple[tuple[str, str], ...]:
    """The figures beside a thread; an ad's own are on the campaigns' page."""
    if post is None:
        return ()
    return (
        ("Views", figures.count(post.views)),
        ("Engagement", figures.rate(engagement_rate(likes=post.likes, comments=post.comments, shares=post.shares, views=post.views))),
        ("Watch-through", figures.watch(post.watch_through_rate)),
        ("Comments", figures.count(post.comments)),
        ("Waiting here", counted(waiting)),
    )
