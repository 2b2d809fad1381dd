"""Keeping what TikTok tells of comments, in bulk and idempotently, and how their threads stand after it.

Natural keys carry every write, so a page that comes twice, late or in another order changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import F, Q

from community.forgotten import leave_out_forgotten
from community.language import language_of
from community.models import Comment, PostReading, Reading
from integrations.actions import printable
from integrations.tiktok import comments as tiktok
from integrations.tiktok.reading import Figure
from metrics.models import Account
from metrics.store import text

BACKLOG = timedelta(days=2)  # what was said longer before the account was first read is there to be found, but waits for nobody
_MOST = 2**63 - 1


@dataclass(frozen=True)
class Kept:
    """What came of a page."""

    new_count: int
    changed_count: int
    threads: frozenset[UUID]

    @property
    def is_news(self) -> bool:
        """Whether anything was not known before."""
        return self.new_count + self.changed_count > 0


def reading_of(account: Account, *, now: datetime) -> Reading:
    """How far the account's comments are read; begun at its first sync, never begun anew."""
    reading, _ = Reading.objects.get_or_create(workspace_id=account.workspace_id, account=account, defaults={"began_at": now})
    return reading


def watch_posts(account: Account, *, now: datetime) -> None:
    """Posts that have appeared since the last look. One without a comment has been read whole already."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO community_postreading (id, workspace_id, account_id, post_id, look_at, whole_at, counted, is_listed)
            SELECT gen_random_uuid(), workspace_id, account_id, id, %(now)s, CASE WHEN comments = 0 THEN %(now)s END,
                CASE WHEN comments = 0 THEN 0 END, false
            FROM metrics_post p WHERE workspace_id = %(workspace)s AND account_id = %(account)s AND gone_at IS NULL
                AND NOT EXISTS (SELECT FROM community_postreading r WHERE r.workspace_id = p.workspace_id AND r.post_id = p.id)
            ON CONFLICT (workspace_id, post_id) DO NOTHING
            """,
            {"now": now, "workspace": account.workspace_id, "account": account.pk},
        )


def due_post(account: Account, *, now: datetime) -> PostReading | None:
    """The newest post whose comments are to be looked at: its time has come, or TikTok's number of them has changed."""
    due = Q(look_at__lte=now) | ~Q(counted=F("post__comments"))
    rows = PostReading.objects.filter(due, account=account, post__gone_at=None)
    return rows.select_related("post").order_by("-post__created_at", "pk").first()


def next_look_at(account: Account) -> datetime | None:
    """When the next post's time comes."""
    rows = PostReading.objects.filter(account=account, post__gone_at=None).order_by("look_at")
    return rows.values_list("look_at", flat=True).first()


TYPES = {
    "id": "uuid", "thread_id": "uuid", "is_reply": "boolean", "tiktok_comment_id": "text", "tiktok_author_id": "text",
    "author_handle": "text", "author_name": "text", "is_own": "boolean", "text": "text", "has_image": "boolean", "language": "text",
    "likes_count": "bigint", "replies_count": "bigint", "replies_read_count": "bigint", "is_liked": "boolean", "is_pinned": "boolean",
    "shown": "text", "said_at": "timestamptz", "settled_at": "timestamptz",
}  # fmt: skip
_UPSERT = f"""
    INSERT INTO community_comment AS c (workspace_id, account_id, post_id, call_id, first_seen_at, seen_at, {", ".join(TYPES)})
    SELECT %s, %s, %s, %s, %s, %s, {", ".join(TYPES)} FROM unnest({", ".join(f"%s::{kind}[]" for kind in TYPES.values())})
        AS t({", ".join(TYPES)})
    ON CONFLICT (workspace_id, tiktok_comment_id) DO UPDATE SET
        account_id = EXCLUDED.account_id, post_id = EXCLUDED.post_id, ad_account_id = NULL,
        tiktok_author_id = CASE WHEN c.ad_account_id IS NULL THEN c.tiktok_author_id ELSE EXCLUDED.tiktok_author_id END,
        call_id = CASE WHEN c.ad_account_id IS NOT NULL OR (c.text, c.likes_count, c.replies_count, c.shown, c.is_liked, c.is_pinned)
            IS DISTINCT FROM (EXCLUDED.text, COALESCE(EXCLUDED.likes_count, c.likes_count),
                COALESCE(EXCLUDED.replies_count, c.replies_count), EXCLUDED.shown, EXCLUDED.is_liked, EXCLUDED.is_pinned)
            THEN EXCLUDED.call_id ELSE c.call_id END,
        edited_at = CASE WHEN c.text <> EXCLUDED.text THEN EXCLUDED.seen_at ELSE c.edited_at END,
        language = CASE WHEN c.text <> EXCLUDED.text THEN EXCLUDED.language ELSE c.language END,
        text = EXCLUDED.text, has_image = EXCLUDED.has_image, shown = EXCLUDED.shown, gone_at = NULL, seen_at = EXCLUDED.seen_at,
        author_handle = COALESCE(NULLIF(EXCLUDED.author_handle, ''), c.author_handle),
        author_name = COALESCE(NULLIF(EXCLUDED.author_name, ''), c.author_name),
        is_own = c.is_own OR EXCLUDED.is_own,
        likes_count = COALESCE(EXCLUDED.likes_count, c.likes_count),
        replies_count = COALESCE(EXCLUDED.replies_count, c.replies_count),
        replies_read_count = COALESCE(EXCLUDED.replies_read_count, c.replies_read_count),
        is_liked = EXCLUDED.is_liked, is_pinned = EXCLUDED.is_pinned,
        thread_id = CASE WHEN EXCLUDED.is_reply THEN EXCLUDED.thread_id ELSE c.thread_id END,
        is_reply = c.is_reply OR EXCLUDED.is_reply,
        waits_since = CASE WHEN EXCLUDED.is_reply THEN NULL ELSE c.waits_since END
    WHERE c.account_id IS NULL OR c.account_id = EXCLUDED.account_id
    RETURNING tiktok_comment_id, thread_id, xmax = 0, call_id = %s
"""  # noqa: S608 # nosec B608 - built from the table above alone


def keep(account: Account, post_id: UUID, told: Iterable[tiktok.Comment], *, reading: Reading, call_id: int | None, now: datetime) -> Kept:
    """Store comments and the replies that came with them, and bring their threads up to date. One statement each."""
    by_id: dict[str, tiktok.Comment] = {}
    for one in told:
        for comment in (*one.reply_list, one):
            by_id[comment.comment_id] = comment  # a page may name one twice; as an entry of its own it says more than as a reply
    leave_out_forgotten(account.workspace_id, by_id, now=now)
    if not by_id:
        return Kept(0, 0, frozenset())
    settled_before = reading.began_at - BACKLOG
    firsts = [row_of(one, uuid4(), None, settled_before, now) for one in by_id.values() if one.parent_comment_id is None]
    came = _write(account, post_id, firsts, call_id, now)
    known = [thread for _, thread, is_new, _ in came if not is_new]
    if known:
        _doubt_replies(account.workspace_id, known)
    replies = [one for one in by_id.values() if one.parent_comment_id is not None]
    here = {comment_id: thread for comment_id, thread, _, _ in came}
    threads = here | _threads(account, {one.parent_comment_id or "" for one in replies} - here.keys())
    rows = [row_of(one, uuid4(), threads.get(one.parent_comment_id or ""), settled_before, now) for one in replies]
    came += _write(account, post_id, rows, call_id, now)
    touched = frozenset(thread for _, thread, _, _ in came)
    settle(account.workspace_id, touched, now=now)
    new_count = sum(is_new for _, _, is_new, _ in came)
    return Kept(new_count, sum(changed and not is_new for _, _, is_new, changed in came), touched)


def _write(account: Account, post_id: UUID, rows: Sequence[tuple[Any, ...]], call_id: int | None, now: datetime) -> list[tuple[Any, ...]]:
    if not rows:
        return []
    with connection.cursor() as cursor:
        columns = [list(column) for column in zip(*rows, strict=True)]
        cursor.execute(_UPSERT, [account.workspace_id, account.pk, post_id, call_id, now, now, *columns, call_id])
        return list(cursor.fetchall())


def _doubt_replies(workspace_id: UUID, threads: list[UUID]) -> None:
    """Where more replies are kept than TikTok counts, some were deleted: they are read again."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE community_comment f SET replies_read_count = NULL
            WHERE f.workspace_id = %s AND f.id = ANY(%s) AND f.replies_count IS NOT NULL AND f.replies_count < (
                SELECT count(*) FROM community_comment r
                WHERE r.workspace_id = f.workspace_id AND r.thread_id = f.id AND r.is_reply AND r.shown <> 'deleted')
            """,
            [workspace_id, threads],
        )


def read_replies_again(account: Account, tiktok_ids: Iterable[str]) -> None:
    """Something happened among the replies to these."""
    firsts = Comment.objects.threads().filter(account=account, tiktok_comment_id__in=list(tiktok_ids))
    firsts.update(replies_read_count=None, replies_cursor=None, replies_began_at=None)


def _threads(account: Account, tiktok_ids: set[str]) -> dict[str, UUID]:
    if not tiktok_ids:
        return {}
    rows = Comment.objects.filter(account=account, tiktok_comment_id__in=tiktok_ids)
    return dict(rows.values_list("tiktok_comment_id", "thread_id"))


def row_of(one: tiktok.Comment, pk: UUID, thread: UUID | None, settled_before: datetime, now: datetime) -> tuple[Any, ...]:
    """In the order of TYPES. A reply to something that TikTok does not show stands for itself."""
    said, said_at, is_own = text(one.text), one.created_at or now, bool(one.is_owner)
    replies = _count(one.replies)
    is_whole = replies is not None and len(one.reply_list) >= replies
    return (
        pk, thread or pk, thread is not None, one.comment_id, text(one.unique_identifier)[:120],
        printable(text(one.username), 120), printable(text(one.display_name), 200), is_own, said, bool(one.image_url), language_of(said),
        _count(one.likes), replies, replies if is_whole else None, bool(one.is_liked), bool(one.is_pinned),
        Comment.Shown.VISIBLE if one.status in {None, "PUBLIC"} else Comment.Shown.HIDDEN, said_at,
        now if is_own or said_at < settled_before else None,
    )  # fmt: skip


def _count(value: Figure) -> int | None:
    return int(value) if value is not None and value == int(value) and 0 <= value <= _MOST else None


def note_gone(account: Account, tiktok_ids: Iterable[str], *, now: datetime) -> int:
    """TikTok was asked for these and does not know them any more; with a comment its replies go. They may come back."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE community_comment SET shown = 'deleted', gone_at = %(now)s
            WHERE workspace_id = %(workspace)s AND shown <> 'deleted' AND (
                account_id = %(account)s AND tiktok_comment_id = ANY(%(ids)s) OR thread_id IN (
                    SELECT id FROM community_comment
                    WHERE workspace_id = %(workspace)s AND account_id = %(account)s AND tiktok_comment_id = ANY(%(ids)s) AND NOT is_reply))
            RETURNING thread_id
            """,
            {"now": now, "workspace": account.workspace_id, "account": account.pk, "ids": list(tiktok_ids)},
        )
        threads = [thread for (thread,) in cursor.fetchall()]
    settle(account.workspace_id, threads, now=now)
    return len(threads)


def settle(workspace_id: UUID, threads: Iterable[UUID], *, now: datetime) -> None:
    """How threads stand, from their comments alone: run twice, or in another order, it says the same.

    What the account itself says answers everything before it. Something new ends a snooze.
    """
    values = {"workspace": workspace_id, "threads": list(threads), "now": now}
    if not values["threads"]:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH said AS MATERIALIZED (
                SELECT id, thread_id, said_at, is_own, answered_at FROM community_comment
                WHERE workspace_id = %(workspace)s AND thread_id = ANY(%(threads)s) AND NOT (is_own AND shown = 'deleted')
            ), answers AS MATERIALIZED (
                SELECT asked.id, min(own.said_at) AS first FROM said own
                JOIN said asked ON asked.thread_id = own.thread_id AND NOT asked.is_own AND asked.said_at < own.said_at
                WHERE own.is_own GROUP BY asked.id, asked.answered_at HAVING asked.answered_at IS DISTINCT FROM min(own.said_at)
            )
            UPDATE community_comment c SET answered_at = a.first, settled_at = COALESCE(c.settled_at, %(now)s)
            FROM answers a WHERE c.workspace_id = %(workspace)s AND c.id = a.id
            """,
            values,
        )
        cursor.execute(
            """
            UPDATE community_comment f SET
                waits_since = t.since, last_said_at = t.last, stirred_at = COALESCE(t.stirred, f.stirred_at),
                later_until = CASE WHEN t.since IS NOT NULL AND t.stirred IS NOT DISTINCT FROM f.stirred_at THEN f.later_until END,
                done_at = CASE WHEN t.since IS NOT NULL THEN NULL WHEN f.waits_since IS NOT NULL THEN %(now)s ELSE f.done_at END
            FROM (
                SELECT thread_id, min(said_at) FILTER (WHERE open) AS since, max(first_seen_at) FILTER (WHERE open) AS stirred,
                    max(said_at) FILTER (WHERE shown <> 'deleted') AS last
                FROM (SELECT thread_id, said_at, first_seen_at, shown, NOT is_own AND settled_at IS NULL AND shown = 'visible' AS open
                      FROM community_comment WHERE workspace_id = %(workspace)s AND thread_id = ANY(%(threads)s)) c
                GROUP BY thread_id
            ) t WHERE f.workspace_id = %(workspace)s AND f.id = t.thread_id
                AND (f.waits_since, f.last_said_at, f.stirred_at)
                    IS DISTINCT FROM (t.since, t.last, COALESCE(t.stirred, f.stirred_at))
            """,
            values,
        )


def lacking_replies(post_id: UUID, among: Iterable[UUID] | None = None) -> Comment | None:
    """A comment, under the whole post or among some threads of it, whose replies have not all been read."""
    rows = Comment.objects.threads().filter(post_id=post_id, shown=Comment.Shown.VISIBLE, replies_count__isnull=False)
    if among is not None:
        rows = rows.filter(pk__in=list(among))
    unread = Q(replies_read_count=None) | ~Q(replies_read_count=F("replies_count"))
    return rows.filter(unread).order_by("-said_at").first()


def unseen(post_id: UUID, *, since: datetime, most: int) -> list[str]:
    """Comments that ought to be there and that no page has named since. Replies are not: the list shows only the first three."""
    rows = Comment.objects.threads().filter(post_id=post_id, seen_at__lt=since).exclude(shown=Comment.Shown.DELETED)
    return list(rows.order_by("said_at").values_list("tiktok_comment_id", flat=True)[:most])


def doubt_unseen_replies(post_id: UUID, *, since: datetime) -> None:
    """Replies that no page has named since are looked for in the list of replies."""
    replies = Comment.objects.filter(post_id=post_id, is_reply=True, seen_at__lt=since).exclude(shown=Comment.Shown.DELETED)
    firsts = Comment.objects.threads().filter(post_id=post_id, shown=Comment.Shown.VISIBLE, pk__in=replies.values("thread_id"))
    firsts.update(replies_read_count=None, replies_cursor=None, replies_began_at=None)


def note_replies_closed(first: Comment, *, now: datetime) -> None:
    """TikTok does not list the replies to this one; what is known of them stays as it is."""
    done = {"replies_read_count": first.replies_count, "replies_cursor": None, "replies_began_at": None}
    Comment.objects.filter(pk=first.pk).update(**done)
    Comment.objects.filter(thread_id=first.pk, is_reply=True).update(seen_at=now)


def note_replies_read(first: Comment, *, cursor: int | None, began_at: datetime, now: datetime) -> None:
    """A page of replies is kept. After the last one, what none of them named is gone."""
    if cursor is not None:
        Comment.objects.filter(pk=first.pk).update(replies_cursor=cursor, replies_began_at=began_at)
        return
    done = {"replies_read_count": first.replies_count, "replies_cursor": None, "replies_began_at": None}
    Comment.objects.filter(pk=first.pk).update(**done)
    rows = Comment.objects.filter(thread_id=first.pk, is_reply=True, seen_at__lt=began_at).exclude(shown=Comment.Shown.DELETED)
    if rows.update(shown=Comment.Shown.DELETED, gone_at=now):
        settle(first.workspace_id, [first.pk], now=now)
