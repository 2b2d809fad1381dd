"""How comments become rows, whoever tells of them, and how their threads stand after it. Bulk and idempotent: natural keys carry every
write, so a page that comes twice, late or in another order changes nothing.

Several workers write the comments of a workspace: an account is read while an ad account that boosts its posts is, and people act on
threads meanwhile. So that nobody waits in a circle, what TikTok tells is written by one at a time in a workspace, and everybody, people
too, holds the first comments of the threads that they change, in the order of their ids, before they touch what stands in them.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID, uuid4

from django.db import DEFAULT_DB_ALIAS, connection, connections

from community.forgotten import leave_out_forgotten
from community.language import language_of
from integrations.actions import printable
from integrations.tiktok import comments as tiktok
from integrations.tiktok.reading import Figure
from metrics.store import text

BACKLOG = timedelta(days=2)  # what was said longer before a reading began is there to be found, but waits for nobody
_MOST = 2**63 - 1


@dataclass(frozen=True)
class Kept:
    """What came of a page."""

    new_count: int = 0
    changed_count: int = 0
    threads: frozenset[UUID] = field(default_factory=frozenset)
    lacks_replies: bool = False  # whether some of what it named has replies that have not been read

    @property
    def is_news(self) -> bool:
        """Whether anything was not known before."""
        return self.new_count + self.changed_count > 0


@dataclass(frozen=True)
class Teller:
    """Who tells: an account of its own posts, or an ad account of what stands under its ads."""

    workspace_id: UUID
    ad_account_id: UUID | None
    began_at: datetime  # since when they are read
    statement: str


Place = tuple[UUID | None, UUID | None]  # account and post

_TYPES = {
    "id": "uuid", "thread_id": "uuid", "is_reply": "boolean", "tiktok_comment_id": "text", "tiktok_author_id": "text",
    "author_handle": "text", "author_name": "text", "is_own": "boolean", "text": "text", "has_image": "boolean", "language": "text",
    "likes_count": "bigint", "replies_count": "bigint", "replies_read_count": "bigint", "is_liked": "boolean", "is_pinned": "boolean",
    "shown": "text", "said_at": "timestamptz", "settled_at": "timestamptz", "account_id": "uuid", "post_id": "uuid",
}  # fmt: skip
_COLUMNS = ", ".join(_TYPES)


def statement(when_known: str) -> str:
    """The one that keeps rows. What is new stands at once as `settle` would find it alone in its thread: most are, and need no second
    write. `when_known` says what of a row that was told again counts."""
    return f"""
    INSERT INTO community_comment AS c (workspace_id, ad_account_id, call_id, first_seen_at, seen_at, waits_since, stirred_at,
        last_said_at, {_COLUMNS})
    SELECT %s, %s, %s, %s, %s, CASE WHEN waits THEN said_at END, CASE WHEN waits THEN %s::timestamptz END,
        CASE WHEN NOT is_reply THEN said_at END, {_COLUMNS}
    FROM json_to_recordset(%s::json) AS t(waits boolean, {", ".join(f"{name} {kind}" for name, kind in _TYPES.items())})
    ON CONFLICT (workspace_id, tiktok_comment_id) DO UPDATE SET
        edited_at = CASE WHEN c.text <> EXCLUDED.text THEN EXCLUDED.seen_at ELSE c.edited_at END,
        language = CASE WHEN c.text <> EXCLUDED.text THEN EXCLUDED.language ELSE c.language END,
        text = EXCLUDED.text, shown = EXCLUDED.shown, gone_at = NULL, seen_at = EXCLUDED.seen_at,
        author_handle = COALESCE(NULLIF(EXCLUDED.author_handle, ''), c.author_handle),
        is_own = c.is_own OR EXCLUDED.is_own,
        likes_count = COALESCE(EXCLUDED.likes_count, c.likes_count),
        replies_count = COALESCE(EXCLUDED.replies_count, c.replies_count),
        is_pinned = EXCLUDED.is_pinned,
        thread_id = CASE WHEN EXCLUDED.is_reply THEN EXCLUDED.thread_id ELSE c.thread_id END,
        is_reply = c.is_reply OR EXCLUDED.is_reply,
        waits_since = CASE WHEN EXCLUDED.is_reply THEN NULL ELSE c.waits_since END,
        {when_known}
    RETURNING tiktok_comment_id, thread_id, call_id = %s,
        NOT is_reply AND shown = 'visible' AND replies_count IS NOT NULL AND replies_read_count IS DISTINCT FROM replies_count
    """  # noqa: S608 # nosec B608 - built from the table above and two texts in this app


def keep(teller: Teller, by_id: dict[str, tiktok.Comment], places: Mapping[str, Place], *, call_id: int | None, now: datetime) -> Kept:
    """Store what was told, and bring its threads up to date. One statement for all of it, whoever it answers."""
    leave_out_forgotten(teller.workspace_id, by_id, now=now)
    if not by_id:
        return Kept()
    answered = {one.parent_comment_id for one in by_id.values() if one.parent_comment_id}
    known = hold(teller.workspace_id, by_id.keys() | answered)
    ids = {comment_id: known.get(comment_id) or uuid4() for comment_id, one in by_id.items() if one.parent_comment_id is None}
    threads, settled_before = known | ids, teller.began_at - BACKLOG
    rows = []
    for comment_id in sorted(by_id):
        one = by_id[comment_id]
        # A reply to something that TikTok does not show stands for itself.
        thread = threads.get(one.parent_comment_id) if one.parent_comment_id else None
        row = _row_of(one, ids.get(comment_id) or uuid4(), thread, settled_before, now)
        row["account_id"], row["post_id"] = places[comment_id]
        row["waits"] = thread is None and row["settled_at"] is None and row["shown"] == "visible" and comment_id not in answered
        rows.append(row)
    values = [teller.workspace_id, teller.ad_account_id, call_id, now, now, now, json.dumps(rows, default=str), call_id]
    with connection.cursor() as cursor:
        cursor.execute(teller.statement, values)
        came = cursor.fetchall()
    lacking = any(lacks for *_, lacks in came)
    if again := [known[key] for key, *_ in came if key in known and key in ids]:
        lacking |= _doubt_replies(teller.workspace_id, again)
    touched = {thread for _, thread, _, _ in came}
    alone = {ids[key] for key, *_ in came if key in ids and key not in known and key not in answered}
    if known.keys() - by_id.keys() - answered:
        alone -= _join_replies(teller.workspace_id, [key for key, *_ in came])
    settle(teller.workspace_id, touched - alone, now=now)
    new_count = sum(key not in known for key, *_ in came)
    changed_count = sum(changed and key in known for key, _, changed, _ in came)
    return Kept(new_count, changed_count, frozenset(touched), lacking)


def write_alone(workspace_id: UUID, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Become the one who writes here what TikTok tells, until the transaction ends."""
    key = int.from_bytes(blake2b(b"comments" + workspace_id.bytes, digest_size=8).digest(), signed=True)
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def hold(workspace_id: UUID, tiktok_ids: Iterable[str]) -> dict[str, UUID]:
    """Become the one who writes, and hold the threads in which these stand, and those of what is known to answer them. Returns the threads
    of all that are known, whoever told of them.

    Each is looked up by itself: of a workspace that is read for the first time the planner has no figures yet, and would go through all
    that is kept of it for every page. Believing in one row at most, it even takes any index that begins with the workspace for as good as
    the one that leads to the row. Only that one gives the order that is asked for without sorting, and without sorting is how it is asked:
    a range says what an equality would, of which no order would be left.
    """
    write_alone(workspace_id)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(
            """
            SELECT known.tiktok_comment_id, known.thread_id
            FROM (
                SELECT c.tiktok_comment_id, c.thread_id FROM unnest(%(ids)s::text[]) AS named (id) CROSS JOIN LATERAL (
                    SELECT tiktok_comment_id, thread_id FROM community_comment
                    WHERE workspace_id = %(workspace)s AND tiktok_comment_id BETWEEN named.id AND named.id
                    ORDER BY tiktok_comment_id LIMIT 1) c
                UNION
                SELECT c.tiktok_comment_id, c.thread_id FROM unnest(%(ids)s::text[]) AS named (id) CROSS JOIN LATERAL (
                    SELECT comment_id FROM community_underad
                    WHERE workspace_id = %(workspace)s AND answers = named.id AND answers <> '') u CROSS JOIN LATERAL (
                    SELECT tiktok_comment_id, thread_id FROM community_comment
                    WHERE workspace_id = %(workspace)s AND id BETWEEN u.comment_id AND u.comment_id ORDER BY id LIMIT 1) c
                ORDER BY thread_id
            ) known CROSS JOIN LATERAL (
                SELECT FROM community_comment
                WHERE workspace_id = %(workspace)s AND id BETWEEN known.thread_id AND known.thread_id
                ORDER BY id LIMIT 1 FOR NO KEY UPDATE) held
            """,
            {"workspace": workspace_id, "ids": list(tiktok_ids)},
        )
        held = dict(cursor.fetchall())
        cursor.execute("SET LOCAL enable_sort TO DEFAULT")
    return held


def _row_of(one: tiktok.Comment, pk: UUID, thread: UUID | None, settled_before: datetime, now: datetime) -> dict[str, Any]:
    said, said_at, is_own = text(one.text), one.created_at or now, bool(one.is_owner)
    replies = _count(one.replies)
    is_whole = replies is not None and len(one.reply_list) >= replies
    return {
        "id": pk,
        "thread_id": thread or pk,
        "is_reply": thread is not None,
        "tiktok_comment_id": one.comment_id,
        "tiktok_author_id": text(one.unique_identifier)[:120],
        "author_handle": printable(text(one.username), 120),
        "author_name": printable(text(one.display_name), 200),
        "is_own": is_own,
        "text": said,
        "has_image": bool(one.image_url),
        "language": language_of(said),
        "likes_count": _count(one.likes),
        "replies_count": replies,
        "replies_read_count": replies if is_whole else None,
        "is_liked": bool(one.is_liked),
        "is_pinned": bool(one.is_pinned),
        "shown": "visible" if one.status in {None, "PUBLIC"} else "hidden",
        "said_at": said_at,
        "settled_at": now if is_own or said_at < settled_before else None,
    }


def _count(value: Figure) -> int | None:
    return int(value) if value is not None and value == int(value) and 0 <= value <= _MOST else None


def _doubt_replies(workspace_id: UUID, threads: list[UUID]) -> bool:
    """Where more replies are kept than TikTok counts, some were deleted: they are read again. Whether there are such."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE community_comment f SET replies_read_count = NULL
            WHERE f.workspace_id = %s AND f.id = ANY(%s) AND f.account_id IS NOT NULL AND f.replies_count < (
                SELECT count(*) FROM community_comment r
                WHERE r.workspace_id = f.workspace_id AND r.thread_id = f.id AND r.is_reply AND r.shown <> 'deleted')
            """,
            [workspace_id, threads],
        )
        return cursor.rowcount > 0


def _join_replies(workspace_id: UUID, tiktok_ids: list[str]) -> set[UUID]:
    """What an ad account told of before the comment that it answers joins its thread now. Returns the threads that are other since."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE community_comment r SET thread_id = f.thread_id, is_reply = true, waits_since = NULL, later_until = NULL, done_at = NULL
            FROM community_underad u JOIN community_comment f ON f.workspace_id = u.workspace_id AND f.tiktok_comment_id = u.answers
            WHERE u.workspace_id = %s AND u.answers = ANY(%s) AND r.workspace_id = u.workspace_id AND r.id = u.comment_id
                AND NOT r.is_reply AND r.id <> f.thread_id
            RETURNING r.thread_id
            """,
            [workspace_id, tiktok_ids],
        )
        return {thread for (thread,) in cursor.fetchall()}


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
