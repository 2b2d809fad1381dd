"""Keeping mentions, in bulk and idempotently, and letting go of other people's words when TikTok lists them no more."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.db.models import Min, QuerySet

from integrations.tiktok.mentions import MentioningComment, MentioningPost
from metrics.bulk import upsert
from metrics.models import Account, Mention
from metrics.store import count, text

DAYS_LISTED = 90  # TikTok lists no older ones
MOST_LISTED = 1_000  # and of these only the first
_EDGE = timedelta(days=1)  # a day at the edge of what is listed may be listed or not
_LONGEST = 5_000
_COLUMNS = {
    "id": "uuid", "tiktok_id": "text", "tiktok_item_id": "text", "created_at": "timestamptz", "author": "text", "text": "text",
    "link": "text", "views": "bigint", "likes": "bigint", "comments": "bigint", "shares": "bigint", "reach": "bigint",
}  # fmt: skip
_WORDS = {"author": "", "text": "", "link": ""}


def keep_posts(account: Account, posts: Sequence[MentioningPost], *, call_id: int, now: datetime) -> int:
    """Store posts that name the account. Returns how many were not known before."""
    rows = [
        (uuid4(), p.item_id, p.item_id, p.created_at, text(p.creator_handle_name)[:200], text(p.caption)[:_LONGEST],
         text(p.video_link)[:600], *map(count, (p.views, p.likes, p.comments, p.shares, p.reach)))
        for p in posts
    ]  # fmt: skip
    return _keep(account, Mention.Kind.POST, rows, call_id=call_id, now=now)


def keep_comments(account: Account, comments: Sequence[MentioningComment], *, call_id: int, now: datetime) -> int:
    """Store comments that name the account. Of a comment TikTok counts the likes only."""
    rows = [
        (uuid4(), c.comment_id, c.item_id or "", c.created_at, text(c.commenter_display_name)[:200], text(c.text)[:_LONGEST],
         text(c.video_link)[:600], None, count(c.likes), None, None, None)
        for c in comments
    ]  # fmt: skip
    return _keep(account, Mention.Kind.COMMENT, rows, call_id=call_id, now=now)


def _keep(account: Account, kind: str, rows: list[tuple], *, call_id: int, now: datetime) -> int:
    if not rows:
        return 0
    ids = {row[1] for row in rows}
    known_count = Mention.objects.filter(account=account, kind=kind, tiktok_id__in=ids).count()
    upsert(
        table="metrics_mention",
        key=("workspace_id", "account_id", "kind", "tiktok_id"),
        types=tuple(_COLUMNS.values()),
        columns=tuple(_COLUMNS),
        rows=rows,
        fixed={
            "workspace_id": account.workspace_id,
            "account_id": account.pk,
            "kind": kind,
            "call_id": call_id,
            "first_seen_at": now,
            "seen_at": now,
            "gone_at": None,
        },
        overwrite=(*(c for c in _COLUMNS if c not in {"id", "tiktok_id"}), "call_id", "seen_at", "gone_at"),
    )
    return len(ids) - known_count


def known(account: Account) -> int:
    """How many mentions are known whose words are still public."""
    return Mention.objects.filter(account=account, gone_at=None).count()


def let_go(account: Account, *, begun_at: datetime, now: datetime) -> int:
    """All mentions were read since `begun_at`: those that should have been listed and were not are gone, and so are those too old to be.

    Returns how many lost their words. TikTok lists the newest thousand: where so many were listed, older ones are not judged by it.
    """
    let_go_count = 0
    still_there = Mention.objects.filter(account=account, gone_at=None)
    for kind in Mention.Kind:
        listed = still_there.filter(kind=kind, seen_at__gte=begun_at)
        since = now - timedelta(days=DAYS_LISTED) + _EDGE
        if listed.count() >= MOST_LISTED:
            since = max(since, listed.aggregate(oldest=Min("created_at"))["oldest"] or now)
        let_go_count += _blank(still_there.filter(kind=kind, seen_at__lt=begun_at, created_at__gt=since), now)
    return let_go_count + _blank(still_there.filter(created_at__lt=now - timedelta(days=DAYS_LISTED) - _EDGE), now)


def _blank(rows: QuerySet[Mention], now: datetime) -> int:
    return rows.update(gone_at=now, **_WORDS)
