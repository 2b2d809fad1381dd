"""Keeping what ad accounts tell of the comments under their ads, beside what accounts tell of their posts and never over it.

A comment that an account's own list has named stays as that list says; of it only the ad is noted. Everything here can come twice, late and
in another order: a reply that comes before what it answers stands for itself until that comes.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import F, Max, Min

from community.forgotten import leave_out_forgotten, mark_of
from community.models import Comment, GroupReading, UnderAd
from community.store import BACKLOG, TYPES, Kept, row_of, settle
from integrations.models import AdAccount
from integrations.tiktok import comments as tiktok
from integrations.tiktok.ad_comments import AdComment
from metrics.models import AdSum, Post
from metrics.store import text

# Two ad accounts can run the same post. While the one that brought the comment is read, the comment stays with that one.
_KEPT = (
    "EXISTS (SELECT FROM integrations_adaccount a WHERE a.workspace_id = c.workspace_id AND a.id = c.ad_account_id AND a.state = 'linked')"
)
_COLUMNS = ", ".join(TYPES)
_ARRAYS = ", ".join(f"%s::{kind}[]" for kind in TYPES.values())
_UPSERT = f"""
    INSERT INTO community_comment AS c (workspace_id, ad_account_id, call_id, first_seen_at, seen_at, account_id, post_id, {_COLUMNS})
    SELECT %s, %s, %s, %s, %s, account_id, post_id, {_COLUMNS}
    FROM unnest(%s::uuid[], %s::uuid[], {_ARRAYS}) AS t(account_id, post_id, {_COLUMNS})
    ON CONFLICT (workspace_id, tiktok_comment_id) DO UPDATE SET
        call_id = CASE WHEN (c.text, c.likes_count, c.replies_count, c.shown)
            IS DISTINCT FROM (EXCLUDED.text, COALESCE(EXCLUDED.likes_count, c.likes_count),
                COALESCE(EXCLUDED.replies_count, c.replies_count), EXCLUDED.shown) OR NOT {_KEPT}
            THEN EXCLUDED.call_id ELSE c.call_id END,
        ad_account_id = CASE WHEN {_KEPT} THEN c.ad_account_id ELSE EXCLUDED.ad_account_id END,
        edited_at = CASE WHEN c.text <> EXCLUDED.text THEN EXCLUDED.seen_at ELSE c.edited_at END,
        language = CASE WHEN c.text <> EXCLUDED.text THEN EXCLUDED.language ELSE c.language END,
        text = EXCLUDED.text, shown = EXCLUDED.shown, gone_at = NULL, seen_at = EXCLUDED.seen_at,
        author_handle = COALESCE(NULLIF(EXCLUDED.author_handle, ''), c.author_handle),
        is_own = c.is_own OR EXCLUDED.is_own,
        likes_count = COALESCE(EXCLUDED.likes_count, c.likes_count),
        replies_count = COALESCE(EXCLUDED.replies_count, c.replies_count),
        is_pinned = EXCLUDED.is_pinned,
        account_id = COALESCE(c.account_id, EXCLUDED.account_id),
        post_id = CASE WHEN c.account_id IS NULL THEN EXCLUDED.post_id ELSE c.post_id END,
        thread_id = CASE WHEN EXCLUDED.is_reply THEN EXCLUDED.thread_id ELSE c.thread_id END,
        is_reply = c.is_reply OR EXCLUDED.is_reply,
        waits_since = CASE WHEN EXCLUDED.is_reply THEN NULL ELSE c.waits_since END
    WHERE c.ad_account_id IS NOT NULL
    RETURNING tiktok_comment_id, thread_id, xmax = 0, call_id = %s
"""  # noqa: S608 # nosec B608 - built from the table of columns alone


def keep(ad_account: AdAccount, told: Iterable[AdComment], *, adgroup_id: str, call_id: int | None, now: datetime) -> Kept:
    """Store a page of comments under the ads of a group, and bring their threads up to date."""
    listed = list(told)
    by_id = {one.comment_id: _as_comment(ad_account.workspace_id, one) for one in listed}
    leave_out_forgotten(ad_account.workspace_id, by_id, now=now)
    if not by_id:
        return Kept(0, 0, frozenset())
    items = {one.comment_id: one.tiktok_item_id or "" for one in listed}
    posts = {item: (account, pk) for item, account, pk in Post.objects.filter(tiktok_item_id__in={i for i in items.values() if i})
             .values_list("tiktok_item_id", "account_id", "pk")}  # fmt: skip
    places = {comment_id: posts.get(item, (None, None)) for comment_id, item in items.items()}
    since = ad_account.state_since - BACKLOG
    firsts = [row_of(one, uuid4(), None, since, now) for one in by_id.values() if one.parent_comment_id is None]
    came = _write(ad_account, firsts, places, call_id, now)
    replies = [one for one in by_id.values() if one.parent_comment_id is not None]
    threads = _threads({one.parent_comment_id or "" for one in replies})
    rows = [row_of(one, uuid4(), threads.get(one.parent_comment_id or ""), since, now) for one in replies]
    came += _write(ad_account, rows, places, call_id, now)
    _note_ads(ad_account, [one for one in listed if one.comment_id in by_id], adgroup_id=adgroup_id, call_id=call_id, now=now)
    touched = {thread for _, thread, _, _ in came} | set(_join_replies(ad_account.workspace_id, [one.comment_id for one in listed]))
    settle(ad_account.workspace_id, touched, now=now)
    new_count = sum(is_new for _, _, is_new, _ in came)
    return Kept(new_count, sum(changed and not is_new for _, _, is_new, changed in came), frozenset(touched))


def _as_comment(workspace_id: UUID, one: AdComment) -> tiktok.Comment:
    """In the words of the accounts' lists. TikTok's number of a person is the same in every app and does not come into the house: here they
    are known by a mark that holds in this workspace alone."""
    mark = f"ads-{mark_of(workspace_id, one.user_id).hex()}" if one.user_id else None
    return tiktok.Comment(
        comment_id=one.comment_id,
        parent_comment_id=one.original_comment_id,
        video_id=one.tiktok_item_id,
        unique_identifier=mark,
        username=one.user_name,
        display_name=None,
        profile_image=None,
        created_at=one.created_at,
        text=one.content,
        image_url=None,
        likes=one.likes,
        replies=one.replies,
        is_owner=one.can_delete,
        is_liked=None,
        is_pinned=one.is_pinned,
        status=one.comment_status,
        reply_list=(),
    )


def _write(
    ad_account: AdAccount, rows: Sequence[tuple[Any, ...]], places: dict[str, tuple[Any, Any]], call_id: int | None, now: datetime
) -> list[tuple[Any, ...]]:
    if not rows:
        return []
    number = list(TYPES).index("tiktok_comment_id")
    columns = [list(column) for column in zip(*rows, strict=True)]
    accounts, posts = ([places[row[number]][which] for row in rows] for which in (0, 1))
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [ad_account.workspace_id, ad_account.pk, call_id, now, now, accounts, posts, *columns, call_id])
        return list(cursor.fetchall())


def _threads(tiktok_ids: set[str]) -> dict[str, UUID]:
    return (
        dict(Comment.objects.filter(tiktok_comment_id__in=tiktok_ids).values_list("tiktok_comment_id", "thread_id")) if tiktok_ids else {}
    )


def _note_ads(ad_account: AdAccount, told: Sequence[AdComment], *, adgroup_id: str, call_id: int | None, now: datetime) -> None:
    pks = dict(Comment.objects.filter(tiktok_comment_id__in=[o.comment_id for o in told]).values_list("tiktok_comment_id", "pk"))
    rows = {
        (pks[one.comment_id], one.ad_id or ""): UnderAd(
            workspace_id=ad_account.workspace_id,
            comment_id=pks[one.comment_id],
            ad_account=ad_account,
            tiktok_ad_id=one.ad_id or "",
            tiktok_adgroup_id=adgroup_id,
            tiktok_campaign_id=one.campaign_id or "",
            answers=one.original_comment_id or "",
            seen_at=now,
            call_id=call_id,
        )
        for one in told
        if one.comment_id in pks
    }
    UnderAd.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=("workspace", "comment", "ad_account", "tiktok_ad_id"),
        update_fields=("tiktok_adgroup_id", "tiktok_campaign_id", "seen_at", "call"),
    )


def _join_replies(workspace_id: UUID, tiktok_ids: list[str]) -> list[UUID]:
    """What came before the comment that it answers joins its thread. Returns the threads that are other now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE community_comment r SET thread_id = f.thread_id, is_reply = true, waits_since = NULL, later_until = NULL, done_at = NULL
            FROM community_underad u JOIN community_comment f ON f.workspace_id = u.workspace_id AND f.tiktok_comment_id = u.answers
            WHERE u.workspace_id = %s AND u.answers = ANY(%s) AND r.workspace_id = u.workspace_id AND r.id = u.comment_id
                AND NOT r.is_reply AND r.ad_account_id IS NOT NULL AND r.id <> f.thread_id
            RETURNING r.thread_id
            """,
            [workspace_id, tiktok_ids],
        )
        return [thread for (thread,) in cursor.fetchall()]


# --- which groups, and how far ------------------------------------------------------------------------------------------------


def watch_groups(ad_account: AdAccount, *, now: datetime) -> None:
    """Ad groups that have run since the last look. What never ran has no comments."""
    ran = AdSum.objects.filter(ad_account=ad_account, level=AdSum.Level.AD_GROUP, span=AdSum.Span.MONTH).exclude(tiktok_id="")
    known = GroupReading.objects.filter(ad_account=ad_account).values("tiktok_adgroup_id")
    fresh = ran.exclude(tiktok_id__in=known).order_by().values_list("tiktok_id", flat=True).distinct()
    GroupReading.objects.bulk_create(
        (
            GroupReading(workspace_id=ad_account.workspace_id, ad_account=ad_account, tiktok_adgroup_id=tiktok_id, look_at=now)
            for tiktok_id in fresh
        ),
        ignore_conflicts=True,
    )


def due_group(ad_account: AdAccount, *, now: datetime) -> GroupReading | None:
    """The ad group whose comments are to be looked at: one that was begun, else the one that waits longest, of several the newest."""
    rows = GroupReading.objects.filter(ad_account=ad_account, look_at__lte=now)
    return rows.order_by(F("began_at").asc(nulls_last=True), "look_at", "-tiktok_adgroup_id").first()


def next_look_at(ad_account: AdAccount) -> datetime | None:
    """When the next group's time comes."""
    return GroupReading.objects.filter(ad_account=ad_account).order_by("look_at").values_list("look_at", flat=True).first()


def days_run(look: GroupReading) -> tuple[date | None, date | None]:
    """The first and the last day, in the ad account's zone, on which a group ran."""
    days = AdSum.objects.filter(
        ad_account_id=look.ad_account_id, level=AdSum.Level.AD_GROUP, span=AdSum.Span.DAY, tiktok_id=look.tiktok_adgroup_id
    )
    found = days.aggregate(first=Min("date"), last=Max("date"))
    return found["first"], found["last"]


def unseen(look: GroupReading) -> Comment | None:
    """A comment of the look's days that ought to be there, that no page of it has named, and that no account's list tells of."""
    told = UnderAd.objects.filter(ad_account_id=look.ad_account_id, tiktok_adgroup_id=look.tiktok_adgroup_id)
    rows = Comment.objects.filter(pk__in=told.values("comment_id"), ad_account_id=look.ad_account_id, seen_at__lt=look.began_at)
    rows = rows.filter(said_at__date__gte=look.first_on).exclude(shown=Comment.Shown.DELETED)
    return rows.select_related("thread").order_by("said_at", "pk").first()


def note_looked_for(comment: Comment, found: AdComment | None, *, now: datetime) -> None:
    """TikTok was asked for it by its id: it is there as told, or gone, and with a comment its replies."""
    rows = Comment.objects.filter(pk=comment.pk, ad_account_id__isnull=False)
    if found is None:
        gone = Comment.objects.filter(thread_id=comment.pk, ad_account_id__isnull=False) if not comment.is_reply else rows
        (gone | rows).exclude(shown=Comment.Shown.DELETED).update(shown=Comment.Shown.DELETED, gone_at=now)
    else:
        shown = Comment.Shown.VISIBLE if found.comment_status in {None, "PUBLIC"} else Comment.Shown.HIDDEN
        rows.update(seen_at=now, shown=shown, text=text(found.content))
    settle(comment.workspace_id, [comment.thread_id], now=now)


def first_look(now: datetime) -> date:
    """From which day on a look at the newest reads: comments come late, and days are not everywhere the same."""
    return (now - timedelta(days=3)).date()
