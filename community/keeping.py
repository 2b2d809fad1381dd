"""How comments become rows, whoever tells of them, and how their threads stand after it. Bulk and idempotent: natural keys carry every
write, so a page that comes twice, late or in another order changes nothing.

Several workers write the comments of a workspace: an account is read while an ad account that boosts its posts is, and people act on
threads meanwhile. So that nobody waits in a circle, what TikTok tells is written by one at a time in a workspace, and everybody, people
too, holds the first comments of the threads that they change, in the order of their ids, before they touch what stands in them.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Lacking:
    """A comment whose replies have not all been read, and where reading them goes on."""

    pk: UUID
    workspace_id: UUID
    tiktok_comment_id: str
    said_at: datetime
    replies_count: int
    replies_cursor: int | None
    replies_began_at: datetime | None


@dataclass(frozen=True)
class Kept:
    """What came of a page."""

    new_count: int = 0
    changed_count: int = 0
    lacking: tuple[Lacking, ...] = ()  # of what it named, the newest first

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
    "answered_at": "timestamptz", "waits_since": "timestamptz", "stirred_at": "timestamptz", "last_said_at": "timestamptz",
}  # fmt: skip
_COLUMNS = ", ".join(_TYPES)
# What was answered before it came is settled as it comes.
_COLUMNS_TOLD = _COLUMNS.replace(
    "settled_at", "COALESCE(settled_at, CASE WHEN answer.at IS NOT NULL THEN %(now)s::timestamptz END)"
).replace("answered_at", "answer.at")
_LACKS = "NOT is_reply AND shown = 'visible' AND replies_count IS NOT NULL AND replies_read_count IS DISTINCT FROM replies_count"
_OF_LACKING = "id, workspace_id, tiktok_comment_id, said_at, replies_count, replies_cursor, replies_began_at"


def statement(when_known: str) -> str:
    """The one that keeps rows. What is new stands at once as it is told. `when_known` says what of a row that was told again counts."""
    return f"""
    INSERT INTO community_comment AS c (workspace_id, ad_account_id, call_id, first_seen_at, seen_at, {_COLUMNS})
    SELECT %(workspace)s::uuid, %(ad_account)s::uuid, %(call)s::bigint, %(now)s::timestamptz, %(now)s::timestamptz, {_COLUMNS_TOLD}
    FROM json_to_recordset(%(rows)s::json) AS t({", ".join(f"{name} {kind}" for name, kind in _TYPES.items())})
    CROSS JOIN LATERAL (SELECT LEAST(t.answered_at, CASE WHEN t.is_reply AND NOT t.is_own THEN (
        SELECT o.said_at FROM community_comment o
        WHERE o.workspace_id = %(workspace)s AND o.thread_id BETWEEN t.thread_id AND t.thread_id AND o.said_at > t.said_at
            AND o.is_own AND o.shown <> 'deleted'
        ORDER BY o.thread_id, o.said_at LIMIT 1
    ) END) AS at OFFSET 0) answer
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
    RETURNING thread_id, call_id = %(call)s::bigint, {_LACKS}, {_OF_LACKING}
    """  # noqa: S608 # nosec B608 - built from the table above and two texts in this app


def keep(teller: Teller, by_id: dict[str, tiktok.Comment], places: Mapping[str, Place], *, call_id: int | None, now: datetime) -> Kept:
    """Store what was told, and bring its threads up to date. One statement for all of it, whoever it answers."""
    if not by_id:
        return Kept()
    answered = {one.parent_comment_id for one in by_id.values() if one.parent_comment_id}
    known, forgotten = _held(teller.workspace_id, by_id.keys() | answered)
    leave_out_forgotten(teller.workspace_id, by_id, forgotten, now=now)
    if not by_id:
        return Kept()
    ids = {comment_id: known.get(comment_id) or uuid4() for comment_id, one in by_id.items() if one.parent_comment_id is None}
    threads, settled_before = known | ids, teller.began_at - BACKLOG
    rows = []
    for comment_id in sorted(by_id):
        one = by_id[comment_id]
        # A reply to something that TikTok does not show stands for itself.
        thread = threads.get(one.parent_comment_id) if one.parent_comment_id else None
        row = _row_of(one, ids.get(comment_id) or uuid4(), thread, settled_before, now)
        row["account_id"], row["post_id"] = places[comment_id]
        rows.append(row)
    # Somebody answered, before it was told, what comes only now: such threads are put together by statements.
    joins = bool(known.keys() - by_id.keys() - answered)
    whole = set() if joins else _stand(rows, known, now)
    values = {"workspace": teller.workspace_id, "ad_account": teller.ad_account_id, "call": call_id, "now": now}
    with connection.prepared_cursor() as cursor:
        cursor.execute(teller.statement, values | {"rows": json.dumps(rows, default=str)})
        came = cursor.fetchall()
    lacking = {one[0]: Lacking(*one) for _, _, lacks, *one in came if lacks}
    keys = [one[2] for _, _, _, *one in came]
    if again := [known[key] for key in keys if key in known and key in ids]:
        lacking |= {one.pk: one for one in _doubt_replies(teller.workspace_id, again)}
    touched = {thread for thread, *_ in came}
    if joins:
        touched |= _join_replies(teller.workspace_id, keys)
    settle(teller.workspace_id, touched - whole, now=now)
    new_count = sum(key not in known for key in keys)
    changed_count = sum(changed and key in known for key, (_, changed, *_) in zip(keys, came, strict=True))
    return Kept(new_count, changed_count, tuple(sorted(lacking.values(), key=lambda one: one.said_at, reverse=True)))


def _stand(rows: list[dict[str, Any]], known: Mapping[str, UUID], now: datetime) -> set[UUID]:
    """What is new stands from its first row on as `settle` would find it, for a second write costs more than the first: answered by what
    came with it, and, where nothing of a thread was known, the thread too. Returns those threads."""
    parts: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    old = set()
    for row in rows:
        if row["tiktok_comment_id"] in known:
            old.add(row["thread_id"])
        else:
            parts[row["thread_id"]].append(row)
    whole = {row["id"] for row in rows if row["id"] == row["thread_id"]} - old
    for thread, new in parts.items():
        if own := sorted(row["said_at"] for row in new if row["is_own"]):
            for row in new:
                if not row["is_own"] and (answer := next((at for at in own if at > row["said_at"]), None)):
                    row["answered_at"], row["settled_at"] = answer, row["settled_at"] or now
        if thread in whole:
            first = next(row for row in new if row["id"] == thread)
            waits = [row["said_at"] for row in new if row["settled_at"] is None and row["shown"] == "visible"]
            first["last_said_at"] = max(row["said_at"] for row in new)
            if waits:
                first["waits_since"], first["stirred_at"] = min(waits), now
    return whole


def write_alone(workspace_id: UUID, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Become the one who writes here what TikTok tells, until the transaction ends."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_lock_of(workspace_id)])


def _lock_of(workspace_id: UUID) -> int:
    return int.from_bytes(blake2b(b"comments" + workspace_id.bytes, digest_size=8).digest(), signed=True)


def hold(workspace_id: UUID, tiktok_ids: Iterable[str]) -> dict[str, UUID]:
    """Become the one who writes, and hold the threads in which these stand, and those of what is known to answer them. Returns the threads
    of all that are known, whoever told of them. For short transactions of jobs: all that follows in them is planned as `_ALONE` says."""
    return _held(workspace_id, tiktok_ids)[0]


# Each is looked up by itself: of a workspace that is read for the first time the planner has no figures yet, and would go through all that
# is kept of it for every page. Believing in one row at most, it even takes any index that begins with the workspace for as good as the one
# that leads to the row. Only that one gives the order that is asked for without sorting, and without sorting is how it is asked: a range
# says what an equality would, of which no order would be left.
# Plans are kept as long as a connection lives, and may have been made while there was next to nothing: until the transaction ends, reading
# a whole table, or sorting what an index has in order, is never the way to what a page names. What is switched off counts as dear, and must
# not be taken for worth compiling.
_ALONE = """
    SELECT pg_advisory_xact_lock(%s), set_config('enable_sort', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true),
        set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)
"""
_HOLD = """
    SELECT known.tiktok_comment_id, known.thread_id, NULL::bytea AS mark, NULL::timestamptz AS until
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
    UNION ALL
    SELECT NULL, NULL, mark, until FROM community_forgotten WHERE workspace_id = %(workspace)s
"""


def _held(workspace_id: UUID, tiktok_ids: Iterable[str]) -> tuple[dict[str, UUID], dict[bytes, datetime]]:
    """As `hold`, and beside it who asked to be forgotten until when, by their marks: read once nobody else writes, for whoever forgets
    somebody writes too."""
    known: dict[str, UUID] = {}
    forgotten: dict[bytes, datetime] = {}
    with connection.prepared_cursor() as cursor:
        cursor.execute(_ALONE, [_lock_of(workspace_id)])
        cursor.execute(_HOLD, {"workspace": workspace_id, "ids": list(tiktok_ids)})
        for comment_id, thread, mark, until in cursor.fetchall():
            if comment_id is not None:
                known[comment_id] = thread
            else:
                forgotten[bytes(mark)] = until
    return known, forgotten


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
        "last_said_at": None if thread is not None else said_at,
    }


def _count(value: Figure) -> int | None:
    return int(value) if value is not None and value == int(value) and 0 <= value <= _MOST else None


# Rows are found as in `_HOLD`, and changed where they were found: for what has an id the planner would go through the workspace again. That
# it is the same id once more tells the planner that there are few.
_DOUBT = f"""
    WITH doubted AS MATERIALIZED (
        SELECT f.version FROM unnest(%(threads)s::uuid[]) AS named (id) CROSS JOIN LATERAL (
            SELECT ctid AS version, id, account_id, replies_count FROM community_comment
            WHERE workspace_id = %(workspace)s AND id BETWEEN named.id AND named.id ORDER BY id LIMIT 1) f
        WHERE f.id = named.id AND f.account_id IS NOT NULL AND f.replies_count < (SELECT count(*) FROM (
            SELECT FROM community_comment
            WHERE workspace_id = %(workspace)s AND thread_id BETWEEN named.id AND named.id AND is_reply AND shown <> 'deleted'
            ORDER BY thread_id, said_at) r)
    )
    UPDATE community_comment c SET replies_read_count = NULL FROM doubted d WHERE c.ctid = d.version
    RETURNING {_LACKS}, {_OF_LACKING}
"""  # noqa: S608 # nosec B608 - built from two texts above


def _doubt_replies(workspace_id: UUID, threads: list[UUID]) -> list[Lacking]:
    """Where more replies are kept than TikTok counts, some were deleted: they are read again. Returns those of which they can be. All of
    the threads are held."""
    with connection.prepared_cursor() as cursor:
        cursor.execute(_DOUBT, {"workspace": workspace_id, "threads": threads})
        return [Lacking(*one) for lacks, *one in cursor.fetchall() if lacks]


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
    values = {"workspace": workspace_id, "threads": list(set(threads)), "now": now}
    is_settled = not values["threads"]
    while not is_settled:
        with connection.prepared_cursor() as cursor:
            cursor.execute(_SETTLE, values)
            (is_settled,) = cursor.fetchone()


# What is answered and how its thread stands then, from one look, and one write of what is other than it was, where that was found. What
# somebody else has moved since the look cannot be written there: then it is looked again.
_SETTLE = """
    WITH said AS MATERIALIZED (
        SELECT c.* FROM unnest(%(threads)s::uuid[]) AS named (id) CROSS JOIN LATERAL (
            SELECT ctid AS version, id, thread_id, said_at, first_seen_at, is_own, shown, settled_at, answered_at, waits_since,
                last_said_at, stirred_at
            FROM community_comment WHERE workspace_id = %(workspace)s AND thread_id BETWEEN named.id AND named.id
            ORDER BY thread_id, said_at) c WHERE c.thread_id = named.id
    ), answers AS MATERIALIZED (
        SELECT asked.id, asked.version, min(own.said_at) AS first FROM said own
        JOIN said asked ON asked.thread_id = own.thread_id AND NOT asked.is_own AND asked.said_at < own.said_at
        WHERE own.is_own AND own.shown <> 'deleted'
        GROUP BY asked.id, asked.version, asked.answered_at HAVING asked.answered_at IS DISTINCT FROM min(own.said_at)
    ), stands AS (
        SELECT t.*, f.version FROM (
            SELECT thread_id, min(said_at) FILTER (WHERE open) AS since, max(first_seen_at) FILTER (WHERE open) AS stirred,
                max(said_at) FILTER (WHERE shown <> 'deleted') AS last
            FROM (
                SELECT s.*, NOT is_own AND settled_at IS NULL AND shown = 'visible' AND a.id IS NULL AS open
                FROM said s LEFT JOIN answers a ON a.id = s.id) c
            GROUP BY thread_id
        ) t JOIN said f ON f.id = t.thread_id AND (f.waits_since, f.last_said_at, f.stirred_at)
            IS DISTINCT FROM (t.since, t.last, COALESCE(t.stirred, f.stirred_at))
    ), other AS MATERIALIZED (
        SELECT COALESCE(a.version, t.version) AS version, a.id IS NOT NULL AS answers, a.first, t.thread_id IS NOT NULL AS stands,
            t.since, t.last, t.stirred
        FROM answers a FULL JOIN stands t ON t.thread_id = a.id
    ), written AS (
        UPDATE community_comment c SET
            answered_at = CASE WHEN x.answers THEN x.first ELSE c.answered_at END,
            settled_at = CASE WHEN x.answers THEN COALESCE(c.settled_at, %(now)s) ELSE c.settled_at END,
            waits_since = CASE WHEN x.stands THEN x.since ELSE c.waits_since END,
            last_said_at = CASE WHEN x.stands THEN x.last ELSE c.last_said_at END,
            stirred_at = CASE WHEN x.stands THEN COALESCE(x.stirred, c.stirred_at) ELSE c.stirred_at END,
            later_until = CASE WHEN NOT x.stands OR x.since IS NOT NULL AND x.stirred IS NOT DISTINCT FROM c.stirred_at
                THEN c.later_until END,
            done_at = CASE WHEN NOT x.stands THEN c.done_at WHEN x.since IS NOT NULL THEN NULL
                WHEN c.waits_since IS NOT NULL THEN %(now)s ELSE c.done_at END
        FROM other x WHERE c.ctid = x.version RETURNING c.id
    )
    SELECT (SELECT count(*) FROM written) = (SELECT count(*) FROM other)
"""
