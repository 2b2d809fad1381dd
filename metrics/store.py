"""Keeping what TikTok told us, in bulk and idempotently. Rows arrive as arrays in one statement each; nothing is read back row by row.

Natural keys carry every write, so a step that ran twice changes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Value
from django.db.models.functions import Coalesce

from integrations.models import Connection
from integrations.tiktok.reading import Figure
from integrations.tiktok.records import AccountDayRecord, PostRecord, Profile
from metrics.bulk import upsert
from metrics.models import Account, Post

_MOST = 2**63 - 1  # what the column holds


def account_of(connection_id: UUID, workspace_id: UUID) -> Account:
    """The account behind a connection, made at its first sync."""
    account = Account.objects.filter(workspace_id=workspace_id, connection_id=connection_id).first()
    if account is None:
        brand_id = Connection.objects.values_list("brand_id", flat=True).get(pk=connection_id)
        account, _ = Account.objects.get_or_create(workspace_id=workspace_id, connection_id=connection_id, defaults={"brand_id": brand_id})
    return account


def note_judged(account: Account, *, until: date) -> None:
    """Days up to this one have been looked at: unusual or not."""
    Account.objects.filter(pk=account.pk).update(judged_until=until)


def keep_profile(account: Account, profile: Profile, *, call_id: int, now: datetime) -> bool:
    """The counters of the profile. What TikTok left out becomes unknown, not zero. True when something is new."""
    counters = {"followers_count": count(profile.followers_count), "videos_count": count(profile.videos_count)}
    Account.objects.filter(pk=account.pk).update(profile_call=call_id, profile_seen_at=now, **counters)
    return any(getattr(account, name) != value for name, value in counters.items())


_DAY_FIGURES = (
    "video_views",
    "profile_views",
    "likes",
    "comments",
    "shares",
    "followers_count",
    "new_followers",
    "lost_followers",
    "viewers",
)


def keep_days(account: Account, days: Iterable[AccountDayRecord], *, call_id: int, now: datetime) -> int:
    """Store days; a day that TikTok corrected is overwritten and remembers when. Returns how many rows are new or changed."""
    rows = [
        (d.date, *map(count, (
            d.video_views, d.profile_views, d.likes, d.comments, d.shares, _first(d.followers_count, d.daily_total_followers),
            d.daily_new_followers, d.daily_lost_followers, d.unique_video_views)))
        for d in days
    ]  # fmt: skip
    if not rows:
        return 0
    return upsert(
        table="metrics_accountday",
        key=("workspace_id", "account_id", "date"),
        types=("date", *["bigint"] * len(_DAY_FIGURES)),
        columns=("date", *_DAY_FIGURES),
        rows=rows,
        fixed={"workspace_id": account.workspace_id, "account_id": account.pk, "call_id": call_id, "first_seen_at": now, "changed_at": now},
        overwrite=(*_DAY_FIGURES, "call_id", "changed_at"),
        only_if_changed=_DAY_FIGURES,
    )


_POST_COLUMNS = {
    "id": "uuid", "tiktok_item_id": "text", "created_at": "timestamptz", "media_type": "text", "caption": "text", "share_url": "text",
    "duration_seconds": "float8", "views": "bigint", "likes": "bigint", "comments": "bigint", "shares": "bigint", "favorites": "bigint",
    "reach": "bigint", "watch_through_rate": "float8", "average_watched_seconds": "float8", "watched_seconds": "float8",
    "look_at": "timestamptz",
}  # fmt: skip
_KEEP_WHEN_ABSENT = ("reach", "watch_through_rate", "average_watched_seconds", "watched_seconds")


# How soon a post is looked at again, by its age. Each look without a new view makes it longer.
LOOKS: tuple[tuple[timedelta, timedelta], ...] = (
    (timedelta(days=2), timedelta(minutes=30)),
    (timedelta(days=7), timedelta(hours=3)),
    (timedelta(days=30), timedelta(hours=12)),
    (timedelta(days=90), timedelta(days=2)),
    (timedelta.max, timedelta(days=7)),
)
MOST_QUIET = 4
GONE_LOOK = timedelta(days=7)


def look_after(age: timedelta) -> timedelta:
    """How soon a post of this age is looked at again."""
    return next(pause for until, pause in LOOKS if age < until)


def keep_posts(account: Account, posts: Sequence[PostRecord], *, call_id: int, now: datetime, stretch: float = 1.0) -> int:
    """Store posts and, of each, this hour's snapshot. Returns how many were not known before.

    `stretch`: by how much longer than usual until each is looked at again.
    Insights that TikTok leaves out because a post was quiet for seven days keep their last known value.
    """
    if not posts:
        return 0
    rows = [
        (uuid4(), p.item_id, p.created_at, text(p.media_type)[:8], text(p.caption), text(p.share_url)[:600], _number(p.duration_seconds),
         *map(count, (p.video_views, p.likes, p.comments, p.shares, p.favorites, p.reach)),
         _number(p.full_video_watched_rate), _number(p.average_time_watched_seconds),
         _number(p.total_time_watched_seconds), now + look_after(now - p.created_at) * stretch)
        for p in posts
    ]  # fmt: skip
    fixed = {"workspace_id": account.workspace_id, "account_id": account.pk, "call_id": call_id, "first_seen_at": now, "seen_at": now}
    item_ids = [p.item_id for p in posts]
    known_count = Post.objects.filter(account=account, tiktok_item_id__in=item_ids).count()
    upsert(
        table="metrics_post",
        key=("workspace_id", "account_id", "tiktok_item_id"),
        types=tuple(_POST_COLUMNS.values()),
        columns=tuple(_POST_COLUMNS),
        rows=rows,
        fixed=fixed | {"quiet_count": 0, "gone_at": None},
        overwrite=(*(c for c in _POST_COLUMNS if c not in {"id", "tiktok_item_id", "look_at"}), "call_id", "seen_at", "gone_at"),
        keep_when_absent=_KEEP_WHEN_ABSENT,
        also=_LESS_OFTEN_WHEN_QUIET,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO metrics_postsnapshot (workspace_id, post_id, hour, taken_at, views, likes, comments, shares, favorites, call_id)
            SELECT workspace_id, id, date_trunc('hour', %s::timestamptz, 'UTC'), %s, views, likes, comments, shares, favorites, call_id
            FROM metrics_post WHERE workspace_id = %s AND account_id = %s AND tiktok_item_id = ANY(%s)
            ON CONFLICT (workspace_id, post_id, hour) DO NOTHING
            """,
            [now, now, account.workspace_id, account.pk, item_ids],
        )
    return len(set(item_ids)) - known_count


_QUIET = f"CASE WHEN EXCLUDED.views > metrics_post.views THEN 0 ELSE LEAST(metrics_post.quiet_count + 1, {MOST_QUIET}) END"
_LESS_OFTEN_WHEN_QUIET = f"quiet_count = {_QUIET}, look_at = EXCLUDED.seen_at + (EXCLUDED.look_at - EXCLUDED.seen_at) * (1 + {_QUIET})"


def posts_count(account: Account) -> int:
    """How many posts are known."""
    return Post.objects.filter(account=account).count()


def posts_to_look_at(account: Account, *, now: datetime, most: int) -> list[str]:
    """TikTok's ids of posts whose time has come, the most overdue first."""
    due = Post.objects.filter(account=account, look_at__lte=now).order_by("look_at")
    return list(due.values_list("tiktok_item_id", flat=True)[:most])


def next_look_at(account: Account) -> datetime | None:
    """When the next post's time comes."""
    return Post.objects.filter(account=account, look_at__isnull=False).order_by("look_at").values_list("look_at", flat=True).first()


def note_gone(account: Account, item_ids: Iterable[str], *, now: datetime) -> None:
    """TikTok was asked for these posts and does not know them any more: deleted, or made private. They may come back."""
    gone = Post.objects.filter(account=account, tiktok_item_id__in=list(item_ids))
    gone.update(gone_at=Coalesce("gone_at", Value(now)), look_at=now + GONE_LOOK)


def _first(*values: Any) -> Any:
    return next((v for v in values if v is not None), None)


def count(value: Figure) -> int | None:
    """A figure fit for a column of counts. What no count can be (a fraction, a negative, an overflow) is unknown."""
    if value is None or value != int(value) or not 0 <= value <= _MOST:
        return None
    return int(value)


def _number(value: Figure) -> float | None:
    """One type for the whole column: an array of whole numbers and fractions mixed is refused by the driver."""
    return None if value is None else float(value)


def text(value: str | None) -> str:
    """A text that PostgreSQL takes: without NUL, and without halves of characters, which a cut in the middle of an emoji leaves."""
    return (value or "").replace("\x00", "").encode(errors="ignore").decode()
