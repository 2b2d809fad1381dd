"""What to fetch of an account's comments and what to keep. Runs inside `integrations.sync.run`, as work of its own beside the figures.

First whatever TikTok told by webhook, then the posts whose time has come, the newest first. Of a post the newest comments are looked at
often; all of them are read at first and from time to time, because a list of the newest shows neither what was deleted nor a reply to
something old. What no page named is asked for by its id before it counts as deleted: pages shift while they are read, and far down they
repeat themselves.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from agency import clock, jobs, scope
from agency.jobs import Claim
from community import store
from community.keeping import Lacking
from community.models import PostReading, Reading
from community.store import Look
from integrations import actions, sync
from integrations.events import COMMENT
from integrations.models import Connection, SyncRun, WebhookEvent
from integrations.sync import Found, Plan, Run
from integrations.tiktok import comments as tiktok
from integrations.tiktok.errors import NotGranted, OurMistake
from metrics import store as metrics
from metrics.models import Account, Post

logger = logging.getLogger(__name__)
Kind = SyncRun.Kind
SCOPE = "comment.list"
AT_ONCE = tiktok.MOST_COMMENTS_A_PAGE
MOST_EVENTS = 300
ALONE_SECONDS = 2.0  # what a turn takes when TikTok answers slowly; while it answers fast, beginning turns would cost more than pages
# By the age of a post: how soon its newest comments are looked at again, and how often all of them are read.
LOOKS: tuple[tuple[timedelta, timedelta, timedelta], ...] = (
    (timedelta(days=2), timedelta(minutes=10), timedelta(hours=3)),
    (timedelta(days=7), timedelta(hours=1), timedelta(hours=12)),
    (timedelta(days=30), timedelta(hours=6), timedelta(days=3)),
    (timedelta.max, timedelta(days=2), timedelta(days=30)),
)
_REFUSED_POST = timedelta(days=1)
_UNKNOWN_POST, _LOOK_FOR_IT = timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True)
class Due:
    """A post to look at, and a comment under it of which replies are lacking from before."""

    look: Look
    first: Lacking | None


@dataclass(frozen=True)
class Over:
    """A look is over."""

    due: Due | None  # the next one


def run(claim: Claim) -> None:
    """One turn of one connection."""
    with scope.begin():
        _prepare(claim)
    sync.run(claim, PLANS, then=_nothing_more, alone_seconds=ALONE_SECONDS)


def _nothing_more(work: Run) -> None:
    """No floor above waits for comments."""


def _prepare(claim: Claim) -> None:
    """The row of this kind, made with the first turn and begun anew with a new consent. Whoever asked for a turn gets it, unless TikTok
    asked us to wait."""
    connection = Connection.objects.live().of_accounts().filter(pk=claim.ref).first()
    if connection is None:
        return
    now = clock.now()
    fresh = {"state": SyncRun.State.WAITING, "generation": connection.generation, "due_at": now, "failure_count": 0, "sentence": ""}
    named = {"workspace_id": connection.workspace_id, "connection": connection, "ad_account": None, "kind": Kind.COMMENTS}
    row, _ = SyncRun.objects.get_or_create(**named, defaults=fresh)
    if row.generation != connection.generation:
        SyncRun.objects.filter(pk=row.pk).update(**fresh)
    elif row.state == SyncRun.State.DONE:
        SyncRun.objects.filter(pk=row.pk).update(due_at=now)


def _comments(work: Run) -> Found:
    if not work.connection.has(SCOPE):
        raise NotGranted(sentence=f"Not granted: {SCOPE}.")
    with work.writing():
        now = clock.now()
        account = metrics.account_of(work.connection.pk, work.connection.workspace_id)
        reading = store.reading_of(account, now=now)
        store.watch_posts(account, now=now)
        is_told = _events(work).exists()
        due = None if is_told else _due(account)
    is_news = False
    if is_told:
        is_news = _told(work, account, reading)
        with work.writing():
            due = _due(account)
    while due is not None:
        look = due.look
        try:
            came, due = _post(work, account, reading, look, due.first)
            is_news |= came
        except OurMistake as error:  # the post is gone, or closed to us; the others are not
            logger.warning("comments of a post refused: %s", error, extra={"facts": {"post": str(look.post_id)}})
            with work.writing():
                _next(look, look_at=clock.now() + _REFUSED_POST, counted=look.comments)
                due = _due(account)
    with work.writing():
        Reading.objects.filter(pk=reading.pk).update(read_at=clock.now())
        return Found(is_news, due_at=_due_at(work, account))


def _due_at(work: Run, account: Account) -> datetime:
    """When there is something to do again: a post's next look, or an event about a post that is not known yet."""
    now = clock.now()
    times = [now + jobs.spread(timedelta(minutes=30))]
    if (next_look := store.next_look_at(account)) is not None:
        times.append(next_look)
    if _events(work).exists():
        times.append(now + _LOOK_FOR_IT)
    return max(min(times), now)


def _events(work: Run):
    return WebhookEvent.objects.filter(connection=work.connection, name=COMMENT, state=WebhookEvent.State.STORED)


def _told(work: Run, account: Account, reading: Reading) -> bool:
    """Comments that TikTok told of. It says that something happened, never how it stands now, so each is asked for; what it does not
    know any more is deleted. Order and repetitions of its messages therefore do not matter."""
    with work.writing():
        events = list(_events(work).order_by("received_at")[:MOST_EVENTS])
        posts = dict(
            Post.objects.filter(account=account, tiktok_item_id__in={e.payload["video_id"] for e in events}).values_list(
                "tiktok_item_id", "pk"
            )
        )
        unknown = [e for e in events if e.payload["video_id"] not in posts]
        if unknown:
            _look_for_posts(work, unknown)
    by_post: dict[str, dict[str, list[WebhookEvent]]] = defaultdict(lambda: defaultdict(list))
    for event in events:
        if event.payload["video_id"] in posts:
            by_post[event.payload["video_id"]][_first_of(event)].append(event)
    is_news = False
    for item_id, named in by_post.items():
        for asked in batched(named, AT_ONCE):
            is_news |= _ask_for(work, account, posts[item_id], item_id, asked, reading)
            told = [event for first in asked for event in named[first]]
            with work.writing():
                store.read_replies_again(account, {_first_of(e) for e in told if _first_of(e) != e.payload["comment_id"]})
                WebhookEvent.objects.filter(pk__in=[e.pk for e in told]).update(state=WebhookEvent.State.DONE)
                look = store.look_at(account, posts[item_id])
                first = store.lacking_replies(account.workspace_id, posts[item_id])
            if look is not None:
                is_news |= _replies(work, account, reading, look, first)[0]
    return is_news


def _first_of(event: WebhookEvent) -> str:
    """The comment that stands for the thread: a reply is read with the replies to it."""
    parent = event.payload.get("parent_comment_id")
    return str(parent if parent and parent != "0" else event.payload["comment_id"])


def batched(items: Iterable[str], most: int) -> Iterator[list[str]]:
    """So many at once."""
    rest = iter(items)
    while batch := list(islice(rest, most)):
        yield batch


def _look_for_posts(work: Run, events: list[WebhookEvent]) -> None:
    """A comment under a post that the figures have not brought yet: they are asked for it. After a day it is nobody's."""
    old = [e.pk for e in events if clock.now() - e.received_at > _UNKNOWN_POST]
    WebhookEvent.objects.filter(pk__in=old).update(state=WebhookEvent.State.OUTDATED)
    if len(old) < len(events):
        actions.look_soon(work.connection, Kind.POSTS)


def _ask_for(work: Run, account: Account, post_id: UUID, item_id: str, asked: list[str], reading: Reading) -> bool:
    """Comments by their ids, at most thirty. Those that do not come are gone."""
    page = work.ask(tiktok.comments_page, video_id=item_id, comment_ids=asked, max_count=AT_ONCE)
    with work.writing() as call_id:
        now = clock.now()
        kept = store.keep(account, post_id, page.records, reading=reading, call_id=call_id, now=now)
        gone = store.note_gone(account, set(asked) - {one.comment_id for one in page.records}, now=now)
    return kept.is_news or gone > 0


def _due(account: Account) -> Due | None:
    """The next post, and whether all of its comments are to be read this time."""
    now = clock.now()
    look = store.due_post(account, now=now)
    if look is None:
        return None
    if look.began_at is None and (look.whole_at is None or now - look.whole_at > _rhythm(look)[1]):
        look.began_at, look.cursor, look.is_listed = now, None, False
        _next(look, began_at=now, cursor=None, is_listed=False)
    return Due(look, store.lacking_replies(look.workspace_id, look.post_id))


def _rhythm(look: Look) -> tuple[timedelta, timedelta]:
    age = clock.now() - look.posted_at
    return next((pause, whole) for until, pause, whole in LOOKS if age < until)


def _post(work: Run, account: Account, reading: Reading, look: Look, first: Lacking | None) -> tuple[bool, Due | None]:
    """The newest comments of a post back to what is known, or all of them. Whether there was anything new, and which post is next."""
    began_at = clock.now()
    is_news, over = _replies(work, account, reading, look, first)
    while over is None and not look.is_listed:
        page = work.ask(
            tiktok.comments_page,
            video_id=look.tiktok_item_id,
            include_replies=True,
            sort_field="create_time",
            sort_order="desc",
            cursor=look.cursor,
            max_count=AT_ONCE,
        )
        with work.writing() as call_id:
            kept = store.keep(account, look.post_id, page.records, reading=reading, call_id=call_id, now=clock.now())
            look.is_listed = not page.has_more or (look.began_at is None and kept.new_count == 0)
            look.cursor = None if look.is_listed else page.cursor
            if look.began_at is not None:
                store.note_place(look)
            elif not look.is_listed:
                # Should this be the turn's last page, the next turn would find what was kept here and take it for the end of the news. What
                # is not ended goes on from here as a reading of all.
                _next(look, began_at=began_at, cursor=page.cursor, is_listed=False)
            others = iter(kept.lacking)
            first = next(others, None)
            over = _over(account, look) if first is None else None
        is_news |= kept.is_news
        if first is not None:
            came, over = _replies(work, account, reading, look, first, others=others)
            is_news |= came
    if over is None:
        came, over = _end(work, account, reading, look)
        is_news |= came
    return is_news, over.due


def _over(account: Account, look: Look) -> Over | None:
    """The last page of a look was kept, with all replies, and mostly nothing is left to ask for: the next look begins with what this one
    ends with, for each transaction costs as much as a page."""
    if not look.is_listed or (look.began_at is not None and store.is_anything_unseen(look)):
        return None
    return _ended(account, look)


def _ended(account: Account, look: Look) -> Over:
    now = clock.now()
    whole = {"whole_at": now} if look.began_at is not None else {}
    ended = {"began_at": None, "is_listed": False, "cursor": None, "counted": look.comments}
    _next(look, look_at=now + jobs.spread(_rhythm(look)[0]), **ended, **whole)
    return Over(_due(account))


def _end(work: Run, account: Account, reading: Reading, look: Look) -> tuple[bool, Over]:
    """Once all of them were read, what no page named is asked for, and replies that no page named are read."""
    is_news, are_doubted = False, look.began_at is None
    while True:
        first = None
        with work.writing():
            asked = [] if look.began_at is None else store.unseen(look.post_id, since=look.began_at, most=AT_ONCE)
            if not asked and not are_doubted:
                store.doubt_unseen_replies(look.post_id, since=look.began_at)
                first, are_doubted = store.lacking_replies(look.workspace_id, look.post_id), True
            if not asked and first is None:
                return is_news, _ended(account, look)
        if asked:
            is_news |= _ask_for(work, account, look.post_id, look.tiktok_item_id, asked, reading)
        came, over = _replies(work, account, reading, look, first)
        is_news |= came
        if over is not None:
            return is_news, over


def _next(look: Look, **values: object) -> None:
    PostReading.objects.filter(pk=look.pk).update(**values)


def _replies(
    work: Run, account: Account, reading: Reading, look: Look, first: Lacking | None, *, others: Iterator[Lacking] | None = None
) -> tuple[bool, Over | None]:
    """Replies of which the list shows only the first three: to this one, and then to the others, or to whatever else under the post lacks
    some. Where they cannot be listed, their number has to change first. Whether anything was new, and whether the look is over with it.

    What is next is read together with what was written last: a transaction of its own for each costs more than the page.
    """
    is_news, over = False, None
    while first is not None:
        began_at = first.replies_began_at or clock.now()
        try:
            page = work.ask(
                tiktok.replies_page,
                video_id=look.tiktok_item_id,
                comment_id=first.tiktok_comment_id,
                status="ALL",
                cursor=first.replies_cursor,
                max_count=AT_ONCE,
            )
        except OurMistake:
            with work.writing():
                store.note_replies_closed(first, now=clock.now())
                first, over = _following(account, look, others)
            continue
        with work.writing() as call_id:
            now = clock.now()
            kept = store.keep(account, look.post_id, page.records, reading=reading, call_id=call_id, now=now)
            store.note_replies_read(first, cursor=page.cursor if page.has_more else None, began_at=began_at, now=now)
            if page.has_more:
                first = replace(first, replies_cursor=page.cursor, replies_began_at=began_at)
            else:
                first, over = _following(account, look, others)
        is_news |= kept.is_news
    return is_news, over


def _following(account: Account, look: Look, others: Iterator[Lacking] | None) -> tuple[Lacking | None, Over | None]:
    first = store.lacking_replies(look.workspace_id, look.post_id) if others is None else next(others, None)
    return first, _over(account, look) if first is None else None


PLANS = {Kind.COMMENTS: Plan(_comments, every=timedelta(minutes=10), slowest=timedelta(minutes=30))}
