"""Reads of figures: a period of days over some accounts, and posts. Missing stays missing; sums say over how many days they go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import F, Max, QuerySet

from metrics.account_queries import AnyAccount
from metrics.dictionary import engagement_rate
from metrics.models import Account, AccountDay, Post
from metrics.periods import days_between, start_of


class Day(NamedTuple):  # a year beside another is seven hundred of them, and a tuple is made in half the time
    """One UTC day over one or several accounts. None is not delivered; `is_whole` when every account that grants days delivered it."""

    date: date
    views: int | None
    likes: int | None
    comments: int | None
    shares: int | None
    followers: int | None
    is_whole: bool
    viewers: int | None = None
    profile_views: int | None = None

    @property
    def engagement_rate(self) -> float | None:
        """Ratio of the day's sums."""
        return engagement_rate(likes=self.likes, comments=self.comments, shares=self.shares, views=self.views)


@dataclass(frozen=True)
class Period:
    """Days from first to last, with what is known about each."""

    days: tuple[Day, ...]

    @property
    def first(self) -> date:
        """Its first day."""
        return self.days[0].date

    @property
    def last(self) -> date:
        """Its last day."""
        return self.days[-1].date

    def between(self, first: date, last: date) -> "Period":
        """Those of its days."""
        return Period(tuple(d for d in self.days if first <= d.date <= last))

    @property
    def missing(self) -> tuple[date, ...]:
        """Days that TikTok has not delivered for every account."""
        return tuple(d.date for d in self.days if not d.is_whole)

    @property
    def views(self) -> int | None:
        """Sum over the delivered days; None when there is not one."""
        return _sum(d.views for d in self.days)

    @property
    def engagement_rate(self) -> float | None:
        """Ratio of the period's sums, over the days that have all its parts."""
        whole = [d for d in self.days if None not in (d.views, d.likes, d.comments, d.shares)]
        return engagement_rate(
            likes=_sum(d.likes for d in whole),
            comments=_sum(d.comments for d in whole),
            shares=_sum(d.shares for d in whole),
            views=_sum(d.views for d in whole),
        )

    @property
    def followers(self) -> int | None:
        """At the end of the last day."""
        return self.days[-1].followers

    @property
    def profile_views(self) -> int | None:
        """Sum over the delivered days."""
        return _sum(d.profile_views for d in self.days)

    @property
    def viewers_of_a_day(self) -> int | None:
        """The mean of the delivered days. A sum would count a person once for each day."""
        known = [d.viewers for d in self.days if d.viewers is not None]
        return round(sum(known) / len(known)) if known else None


def _sum(values: Iterable[int | None]) -> int | None:
    known = [v for v in values if v is not None]
    return sum(known) if known else None


class Told(NamedTuple):
    """The sums of a day, and over how many accounts some of them go."""

    v: int | None  # views
    li: int | None  # likes
    co: int | None  # comments
    sh: int | None  # shares
    fo: int | None  # followers
    vi: int | None  # viewers
    pv: int | None  # profile views
    nv: int  # accounts in the views
    ne: int  # in likes, comments and shares
    nf: int  # in the followers


# Of each day what was told. Written out: every page and every report asks for it several times.
_DAYS = """
    SELECT date, sum(video_views)::bigint, sum(likes) FILTER (WHERE is_complete)::bigint,
        sum(comments) FILTER (WHERE is_complete)::bigint, sum(shares) FILTER (WHERE is_complete)::bigint, sum(followers_count)::bigint,
        sum(viewers)::bigint, sum(profile_views)::bigint, count(video_views), count(*) FILTER (WHERE is_complete), count(followers_count)
    FROM "metrics_accountday",
        LATERAL (SELECT num_nulls(video_views, likes, comments, shares) = 0 AS is_complete) AS told
    WHERE account_id = ANY(%s) AND date BETWEEN %s AND %s GROUP BY date
"""


def period(accounts: Sequence[AnyAccount], first: date, last: date) -> Period:
    """The days from first to last over these accounts, one query."""
    by_date: dict[date, Told] = {}
    if accounts:
        with connection.cursor() as cursor:
            cursor.execute(_DAYS, [[a.pk for a in accounts], first, last])
            by_date = {row[0]: Told(*row[1:]) for row in cursor.fetchall()}
    granted = sum(a.connection.has("user.insights") for a in accounts)
    return Period(tuple(day_of(d, by_date.get(d), len(accounts), granted) for d in days_between(first, last)))


def day_of(day: date, told: Told | None, account_count: int, granted: int) -> Day:
    """A day from its sums."""
    if told is None:
        return Day(day, None, None, None, None, None, is_whole=False)
    # Followers of some accounts only would look like a loss of all the others': such a day has no total.
    followers = told.fo if told.nf == account_count else None
    # Engagement of some accounts against the views of all would be too low: such a day has none.
    likes, comments, shares = (told.li, told.co, told.sh) if told.ne == told.nv else (None, None, None)
    return Day(day, told.v, likes, comments, shares, followers, told.nv >= granted > 0, told.vi, told.pv)


def new_followers(accounts: Sequence[AnyAccount], first: date, last: date) -> int | None:
    """Followers at the end of the period minus those at the end of the day before it."""
    return gained(period(accounts, first - timedelta(days=1), last))


def gained(days: Period) -> int | None:
    """Followers at the end of the last day minus those at the end of the first."""
    before, after = days.days[0].followers, days.days[-1].followers
    return None if before is None or after is None else after - before


def posts_between(accounts: Sequence[AnyAccount], first: date, last: date) -> QuerySet[Post]:
    """Posts created on these UTC days, most viewed first."""
    return Post.objects.filter(
        account__in=[a.pk for a in accounts], created_at__gte=start_of(first), created_at__lt=start_of(last + timedelta(days=1))
    ).order_by(F("views").desc(nulls_last=True), "-created_at", "tiktok_item_id")


def posts_per_day(accounts: Sequence[AnyAccount], first: date, last: date) -> dict[date, int]:
    """How many posts each UTC day saw."""
    counts: dict[date, int] = dict.fromkeys(days_between(first, last), 0)
    for created_at in posts_between(accounts, first, last).values_list("created_at", flat=True):
        counts[created_at.date()] += 1
    return counts


def accounts_of(connections: Iterable[UUID]) -> list[Account]:
    """The accounts behind connections, those that have synced at least once."""
    return list(Account.objects.filter(connection_id__in=list(connections)).select_related("connection"))


def last_synced_at(accounts: Sequence[AnyAccount]) -> datetime | None:
    """When the stalest of these accounts was last fetched completely; None when one never was."""
    moments = []
    for account in accounts:
        granted = account.connection.has
        seen = [
            at
            for at, needed in (
                (account.profile_seen_at, "user.info.basic"),
                (account.days_seen_at, "user.insights"),
                (account.posts_seen_at, "video.list"),
            )
            if granted(needed)
        ]
        if not seen or None in seen:
            return None
        moments.append(min(seen))
    return min(moments, default=None)


def engagement_of(post: Post) -> float | None:
    """Lifetime engagement rate of a post."""
    return engagement_rate(likes=post.likes, comments=post.comments, shares=post.shares, views=post.views)


def alike(this: Period, before: Period, *, until: date) -> tuple[Period, Period] | None:
    """The days of two periods that can be compared: whole in both, and final by `until`. None when there is not one."""
    pairs = [(d, b) for d, b in zip(this.days, before.days, strict=True) if d.is_whole and b.is_whole and d.date <= until]
    if not pairs:
        return None
    return Period(tuple(d for d, _ in pairs)), Period(tuple(b for _, b in pairs))


def last_days(accounts: Sequence[AnyAccount]) -> dict[UUID, date]:
    """Of each connection, the last day whose views are known."""
    rows = AccountDay.objects.filter(account__in=[a.pk for a in accounts], video_views__isnull=False)
    return dict(rows.values("account__connection").annotate(last=Max("date")).values_list("account__connection", "last"))
