"""What an account tells of the comments under its posts: how far they are read, what is kept, and what is gone.

Natural keys carry every write, so a page that comes twice, late or in another order changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from community import keeping
from community.keeping import Kept, Lacking, Teller, hold, settle
from community.models import Comment, PostReading, Reading
from integrations.tiktok import comments as tiktok
from metrics.models import Account


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


@dataclass
class Look:
    """One look at the comments of a post: what it needs of the post, and how far it has come."""

    pk: UUID
    workspace_id: UUID
    post_id: UUID
    tiktok_item_id: str
    posted_at: datetime
    comments: int | None  # TikTok's number of them
    began_at: datetime | None  # of the reading of all, when one is under way
    whole_at: datetime | None
    cursor: int | None
    is_listed: bool


# The post is asked for by its place in the order of ids: community/keeping.py says why.
_LOOK = """
    SELECT r.id, r.workspace_id, r.post_id, p.tiktok_item_id, p.created_at, p.comments, r.began_at, r.whole_at, r.cursor, r.is_listed
    FROM community_postreading r CROSS JOIN LATERAL (
        SELECT tiktok_item_id, created_at, comments, gone_at FROM metrics_post
        WHERE workspace_id = %(workspace)s AND id BETWEEN r.post_id AND r.post_id ORDER BY id LIMIT 1) p
    WHERE r.workspace_id = %(workspace)s"""


def _look(condition: str, values: dict[str, object]) -> Look | None:
    with connection.prepared_cursor() as cursor:
        cursor.execute(f"{_LOOK} {condition}", values)
        row = cursor.fetchone()
    return Look(*row) if row else None


def due_post(account: Account, *, now: datetime) -> Look | None:
    """The newest post whose comments are to be looked at: its time has come, or TikTok's number of them has changed."""
    due = """AND r.account_id = %(account)s AND p.gone_at IS NULL AND (r.look_at <= %(now)s OR r.counted IS DISTINCT FROM p.comments)
        ORDER BY p.created_at DESC, r.id LIMIT 1"""
    return _look(due, {"workspace": account.workspace_id, "account": account.pk, "now": now})


def look_at(account: Account, post_id: UUID) -> Look | None:
    """That post, whether its time has come or not."""
    return _look("AND r.post_id = %(post)s", {"workspace": account.workspace_id, "post": post_id})


def next_look_at(account: Account) -> datetime | None:
    """When the next post's time comes."""
    rows = PostReading.objects.filter(account=account, post__gone_at=None).order_by("look_at")
    return rows.values_list("look_at", flat=True).first()


# What an account's own list names is the account's from then on, whoever told of it before.
_KEEP = keeping.statement(
    """
        account_id = EXCLUDED.account_id, post_id = EXCLUDED.post_id, ad_account_id = NULL,
        tiktok_author_id = CASE WHEN c.ad_account_id IS NULL THEN c.tiktok_author_id ELSE EXCLUDED.tiktok_author_id END,
        author_name = COALESCE(NULLIF(EXCLUDED.author_name, ''), c.author_name),
        has_image = EXCLUDED.has_image, is_liked = EXCLUDED.is_liked,
        replies_read_count = COALESCE(EXCLUDED.replies_read_count, c.replies_read_count),
        call_id = CASE WHEN c.ad_account_id IS NOT NULL OR (c.text, c.likes_count, c.replies_count, c.shown, c.is_liked, c.is_pinned)
            IS DISTINCT FROM (EXCLUDED.text, COALESCE(EXCLUDED.likes_count, c.likes_count),
                COALESCE(EXCLUDED.replies_count, c.replies_count), EXCLUDED.shown, EXCLUDED.is_liked, EXCLUDED.is_pinned)
            THEN EXCLUDED.call_id ELSE c.call_id END
    WHERE c.account_id IS NULL OR c.account_id = EXCLUDED.account_id"""
)


def keep(account: Account, post_id: UUID, told: Iterable[tiktok.Comment], *, reading: Reading, call_id: int | None, now: datetime) -> Kept:
    """Store comments and the replies that came with them, and bring their threads up to date."""
    by_id: dict[str, tiktok.Comment] = {}
    for one in told:
        for comment in (*one.reply_list, one):
            by_id[comment.comment_id] = comment  # a page may name one twice; as an entry of its own it says more than as a reply
    teller = Teller(account.workspace_id, None, reading.began_at, _KEEP)
    return keeping.keep(teller, by_id, dict.fromkeys(by_id, (account.pk, post_id)), call_id=call_id, now=now)


def read_replies_again(account: Account, tiktok_ids: Iterable[str]) -> None:
    """Something happened among the replies to these."""
    _read_again(Comment.objects.threads().filter(account=account, tiktok_comment_id__in=list(tiktok_ids)))


def _read_again(firsts: QuerySet[Comment]) -> None:
    """Held in the order of their ids before they change: community/keeping.py says why."""
    ids = list(firsts.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    if ids:
        Comment.objects.filter(pk__in=ids).update(replies_read_count=None, replies_cursor=None, replies_began_at=None)


def note_gone(account: Account, tiktok_ids: Iterable[str], *, now: datetime) -> int:
    """TikTok was asked for these and does not know them any more; with a comment its replies go. They may come back."""
    ids = list(tiktok_ids)
    if not ids:
        return 0
    hold(account.workspace_id, ids)
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
            {"now": now, "workspace": account.workspace_id, "account": account.pk, "ids": ids},
        )
        threads = [thread for (thread,) in cursor.fetchall()]
    settle(account.workspace_id, threads, now=now)
    return len(threads)


def lacking_replies(workspace_id: UUID, post_id: UUID) -> Lacking | None:
    """A comment under the post whose replies have not all been read. Written out, for it is asked with every page of replies."""
    with connection.prepared_cursor() as cursor:
        cursor.execute(
            """
            SELECT id, workspace_id, tiktok_comment_id, said_at, replies_count, replies_cursor, replies_began_at FROM community_comment
            WHERE workspace_id = %s AND post_id = %s AND NOT is_reply AND shown = 'visible' AND replies_count IS NOT NULL
                AND replies_read_count IS DISTINCT FROM replies_count
            ORDER BY said_at DESC LIMIT 1
            """,
            [workspace_id, post_id],
        )
        row = cursor.fetchone()
    return Lacking(*row) if row else None


def unseen(post_id: UUID, *, since: datetime, most: int) -> list[str]:
    """Comments that ought to be there and that no page has named since. Replies are not: the list shows only the first three."""
    rows = Comment.objects.threads().filter(post_id=post_id, seen_at__lt=since).exclude(shown=Comment.Shown.DELETED)
    return list(rows.order_by("said_at").values_list("tiktok_comment_id", flat=True)[:most])


def doubt_unseen_replies(post_id: UUID, *, since: datetime) -> None:
    """Replies that no page has named since are looked for in the list of replies."""
    replies = Comment.objects.filter(post_id=post_id, is_reply=True, seen_at__lt=since).exclude(shown=Comment.Shown.DELETED)
    _read_again(Comment.objects.threads().filter(post_id=post_id, shown=Comment.Shown.VISIBLE, pk__in=replies.values("thread_id")))


def is_anything_unseen(look: Look) -> bool:
    """Whether anything under the post that ought to be there, comment or reply, was named by no page since the reading of all began."""
    with connection.prepared_cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (SELECT FROM community_comment
                WHERE workspace_id = %s AND post_id = %s AND seen_at < %s AND shown <> 'deleted')
            """,
            [look.workspace_id, look.post_id, look.began_at],
        )
        return cursor.fetchone()[0]


def note_replies_closed(first: Lacking, *, now: datetime) -> None:
    """TikTok does not list the replies to this one; what is known of them stays as it is."""
    done = {"replies_read_count": first.replies_count, "replies_cursor": None, "replies_began_at": None}
    Comment.objects.filter(pk=first.pk).update(**done)
    Comment.objects.filter(thread_id=first.pk, is_reply=True).update(seen_at=now)


def note_replies_read(first: Lacking, *, cursor: int | None, began_at: datetime, now: datetime) -> None:
    """A page of replies is kept. After the last one, what none of them named is gone."""
    if cursor is not None:
        Comment.objects.filter(pk=first.pk).update(replies_cursor=cursor, replies_began_at=began_at)
        return
    hold(first.workspace_id, [first.tiktok_comment_id])  # an empty page has held nothing, and replies are written before their thread
    values = {"workspace": first.workspace_id, "first": first.pk, "count": first.replies_count, "began_at": began_at, "now": now}
    with connection.prepared_cursor() as database:
        database.execute(
            """
            WITH done AS (
                UPDATE community_comment SET replies_read_count = %(count)s, replies_cursor = NULL, replies_began_at = NULL
                WHERE workspace_id = %(workspace)s AND id = %(first)s
            )
            UPDATE community_comment SET shown = 'deleted', gone_at = %(now)s
            WHERE workspace_id = %(workspace)s AND thread_id = %(first)s AND is_reply AND seen_at < %(began_at)s AND shown <> 'deleted'
            """,
            values,
        )
        are_gone = database.rowcount > 0
    if are_gone:
        settle(first.workspace_id, [first.pk], now=now)


def note_place(look: Look) -> None:
    """How far its list is read. Written out, for it goes with every page."""
    with connection.prepared_cursor() as cursor:
        cursor.execute(
            "UPDATE community_postreading SET cursor = %s::bigint, is_listed = %s WHERE workspace_id = %s AND id = %s",
            [look.cursor, look.is_listed, look.workspace_id, look.pk],
        )
