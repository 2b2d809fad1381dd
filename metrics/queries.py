"""Reads of figures: a period of days over some accounts, and posts. Missing stays missing; sums say over how many days they go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db.models import F, Max, QuerySet

from agency.database import prepared
from agency.database.prepared import Row
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

    @property
    def viewers_of_a_day(self) -> int | None:
        """As a period says it."""
        return self.viewers


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

    @cached_property
    def _columns(self) -> Day:
        """Each figure of all days, for sums over a year."""
        return Day._make(zip(*self.days, strict=True) if self.days else [()] * len(Day._fields))

    @property
    def missing(self) -> tuple[date, ...]:
        """Days that TikTok has not delivered for every account."""
        return tuple(d.date for d in self.days if not d.is_whole)

    @property
    def views(self) -> int | None:
        """Sum over the delivered days; None when there is not one."""
        return _sum(self._columns.views)

    @property
    def engagement_rate(self) -> float | None:
        """Ratio of the period's sums, over the days that have all its parts."""
        all_of_them = self._columns
        parts = zip(all_of_them.views, all_of_them.likes, all_of_them.comments, all_of_them.shares, strict=True)
        whole = [day for day in parts if None not in day]
        if not whole:
            return None
        views, likes, comments, shares = map(sum, zip(*whole, strict=True))
        return engagement_rate(likes=likes, comments=comments, shares=shares, views=views)

    @property
    def followers(self) -> int | None:
        """At the end of the last day."""
        return self.days[-1].followers

    @property
    def profile_views(self) -> int | None:
        """Sum over the delivered days."""
        return _sum(self._columns.profile_views)

    @property
    def viewers_of_a_day(self) -> int | None:
        """The mean of the delivered days. A sum would count a person once for each day."""
        known = [viewers for viewers in self._columns.viewers if viewers is not None]
        return round(sum(known) / len(known)) if known else None


def _sum(values: Iterable[int | None]) -> int | None:
    known = [v for v in values if v is not None]
    return sum(known) if known else None


# A day from the sums of its accounts: what was told, and over how many accounts some of it goes (nv: views, ne: engagement, nf: followers).
# Engagement of some accounts against the views of all would be too low, and followers of some would look like a loss of all the others'.
SUMS = ("v", "li", "co", "sh", "fo", "vi", "pv", "nv", "ne", "nf")
AS_DAYS = f"""
    SELECT date, v, {", ".join(f"CASE WHEN ne = nv THEN {name} END" for name in ("li", "co", "sh"))}, CASE WHEN nf = %s THEN fo END,
        nv >= %s AND %s > 0, vi, pv FROM ({{sums}}) AS sums
"""  # noqa: S608 # nosec B608 - names of columns; three values come first: how many accounts there are, and twice how many grant days
_SUMS = AS_DAYS.format(sums="""
    SELECT date, sum(video_views)::bigint AS v, sum(likes) FILTER (WHERE is_complete)::bigint AS li,
        sum(comments) FILTER (WHERE is_complete)::bigint AS co, sum(shares) FILTER (WHERE is_complete)::bigint AS sh,
        sum(followers_count)::bigint AS fo, sum(viewers)::bigint AS vi, sum(profile_views)::bigint AS pv, count(video_views) AS nv,
        count(*) FILTER (WHERE is_complete) AS ne, count(followers_count) AS nf
    FROM "metrics_accountday",
        LATERAL (SELECT num_nulls(video_views, likes, comments, shares) = 0 AS is_complete) AS told
    WHERE account_id = ANY(%s) AND date BETWEEN %s AND %s GROUP BY date
""")  # fmt: skip


def period(accounts: Sequence[AnyAccount], first: date, last: date) -> Period:
    """The days from first to last over these accounts, one query."""
    granted = sum(a.connection.has("user.insights") for a in accounts)
    values = [len(accounts), granted, granted, [a.pk for a in accounts], first, last]
    return period_of(prepared.rows(_SUMS, values) if accounts else [], first, last)


_UNKNOWN = (None, None, None, None, None, False, None, None)


def period_of(rows: Iterable[Row], first: date, last: date) -> Period:
    """The days from first to last, of what `AS_DAYS` found. A day of which nothing was told is there, too."""
    told = {row[0]: row for row in rows}
    return Period(tuple([Day._make(told.get(day) or (day, *_UNKNOWN)) for day in days_between(first, last)]))


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
