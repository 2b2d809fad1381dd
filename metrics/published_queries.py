"""Reads about what a subject published: how much on which day, and the posts at both ends of a ranking."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from agency.database.prepared import Later, Row, ask, known
from metrics.dictionary import engagement_rate
from metrics.periods import Range, start_of
from metrics.subject_queries import Subject

SETTLED_AFTER = timedelta(days=2)  # a younger post has few views because it is young


@dataclass(frozen=True)
class Published:
    """Posts made public on some days that are still there, with their lifetime counters so far."""

    count: int = 0
    watched_views: int = 0  # views of the posts whose watch-through is known
    watched_sum: float = 0.0  # their watch-through, weighted by views
    seconds: float | None = None  # watched together
    timed_views: int = 0  # views of the posts whose watch time is known

    @property
    def watch_through_rate(self) -> float | None:
        """Weighted by views: a post that nobody saw says little."""
        return self.watched_sum / self.watched_views if self.watched_views else None


def together(some: Iterable[Published]) -> Published:
    """Of several days."""
    days = tuple(some)
    seconds = [d.seconds for d in days if d.seconds is not None]
    return Published(
        sum(d.count for d in days),
        sum(d.watched_views for d in days),
        sum(d.watched_sum for d in days),
        sum(seconds) if seconds else None,
        sum(d.timed_views for d in days),
    )


@dataclass(frozen=True)
class PublishedDays:
    """What was published on each UTC day that has posts, and how far the views of a day's posts reach."""

    each: dict[date, Published]
    highest: dict[date, int | None]  # of the post with the most; None where of no post of the day any are told
    lowest: dict[date, int]  # of the post with the fewest, among those that had their time; without the days where none had
    settled: datetime  # a post from before then has had its time


# A day is cut off in whole numbers: to ask for the date of a moment in UTC looks its time zone up, for each of thousands of posts.
_PUBLISHED = """
    SELECT (day AT TIME ZONE 'UTC')::date, max(views), min(views) FILTER (WHERE created_at < %(settled)s),
        count(*), coalesce(sum(views) FILTER (WHERE is_known), 0)::bigint,
        coalesce(sum(views * watch_through_rate) FILTER (WHERE is_known), 0), sum(watched_seconds),
        coalesce(sum(views) FILTER (WHERE watched_seconds IS NOT NULL), 0)::bigint
    FROM "metrics_post", LATERAL (SELECT date_bin('1 day', created_at, '2000-01-01 00:00Z') AS day,
        watch_through_rate IS NOT NULL AND views > 0 AS is_known) AS told
    WHERE workspace_id = %(workspace)s {whose} AND ({when}) AND gone_at IS NULL GROUP BY day
"""


def published_later(subject: Subject, ranges: Sequence[Range], *, now: datetime) -> Later[PublishedDays]:
    """The posts of some days, once they are needed. One query."""
    settled = now - SETTLED_AFTER
    when, values = _when("p", ranges)

    def days(rows: list[Row]) -> PublishedDays:
        each = {day: Published(*figures) for day, _, _, *figures in rows}
        return PublishedDays(each, {r[0]: r[1] for r in rows}, {r[0]: r[2] for r in rows if r[2] is not None}, settled)

    return ask(_PUBLISHED.format(whose=_whose(subject), when=when), _of(subject) | values | {"settled": settled}, days)


@dataclass(frozen=True, slots=True)
class RankedPost:
    """What a list of the most or the least viewed shows of a post, with its lifetime counters."""

    pk: UUID
    tiktok_item_id: str
    created_at: datetime
    caption: str
    views: int | None
    likes: int | None
    comments: int | None
    shares: int | None
    watch_through_rate: float | None

    @property
    def engagement_rate(self) -> float | None:
        """Over its life."""
        return engagement_rate(likes=self.likes, comments=self.comments, shares=self.shares, views=self.views)


_THERE = 'SELECT id, views, created_at, tiktok_item_id FROM "metrics_post" WHERE workspace_id = %(workspace)s {whose} AND gone_at IS NULL'
# What decides is sorted by itself, and what is shown is read of ten posts: sorting whole rows takes half as long again.
_BOTH_ENDS = f"""
    WITH ends AS (
        (SELECT true AS is_top, id FROM ({_THERE} AND ({{top}})) AS t
         ORDER BY views DESC NULLS LAST, created_at DESC, tiktok_item_id LIMIT %(most)s)
        UNION ALL
        (SELECT false, id FROM ({_THERE} AND ({{bottom}}) AND views IS NOT NULL AND created_at < %(settled)s) AS t
         ORDER BY views, created_at, tiktok_item_id LIMIT %(most)s))
    SELECT is_top, p.id, tiktok_item_id, created_at, caption, views, likes, comments, shares, watch_through_rate
    FROM ends JOIN "metrics_post" p ON p.workspace_id = %(workspace)s AND p.id = ends.id
"""  # noqa: S608 # nosec B608 - columns of this file
Ends = tuple[list[RankedPost], list[RankedPost]]


def ends_later(subject: Subject, published: PublishedDays | None, days: Range, most: int) -> Later[Ends]:
    """Of the posts published on some days, those with the most views and those with the fewest, both from their end. One query where there
    are posts.

    It reads as many days as it wants posts: those that reach highest, and those that reach lowest. A post of any other day has one on each
    of these before it. So a year is ranked as quickly as a week. A figure that came in since `published` was read may be missed.
    """
    if published is None:
        return known(([], []))
    inside = [day for day in published.each if days[0] <= day <= days[1]]
    if not inside:
        return known(([], []))
    highest, lowest = published.highest, published.lowest
    best = sorted(inside, key=lambda day: (highest[day] is None, -(highest[day] or 0), -day.toordinal()))
    least = sorted((day for day in inside if day in lowest), key=lambda day: (lowest[day], day))
    top, of_top = _when("t", _as_ranges(best, most, days[0]))
    bottom, of_bottom = _when("b", _as_ranges(least, most, days[0]))
    values = _of(subject) | of_top | of_bottom | {"settled": published.settled, "most": most}
    return ask(_BOTH_ENDS.format(whose=_whose(subject), top=top, bottom=bottom), values, _ranked)


def _as_ranges(ranked: list[date], most: int, any_day: date) -> list[Range]:
    """The first of them, always as many, so that it stays one statement: what there is not is a range that holds no day."""
    nothing = (any_day, any_day - timedelta(days=1))
    return [(day, day) for day in ranked[:most]] + [nothing] * (most - len(ranked))


def _ranked(rows: Iterable[Row]) -> Ends:
    top, bottom = list[RankedPost](), list[RankedPost]()
    for is_top, *columns in rows:
        (top if is_top else bottom).append(RankedPost(*columns))
    top.sort(key=lambda p: (p.views is None, -(p.views or 0), -p.created_at.timestamp(), p.tiktok_item_id))
    return top, sorted(bottom, key=lambda p: (p.views, p.created_at, p.tiktok_item_id))


def _when(name: str, ranges: Sequence[Range]) -> tuple[str, dict[str, datetime]]:
    """Created on these days: a condition, and its values under names that begin so."""
    parts, values = [], dict[str, datetime]()
    for n, (first, last) in enumerate(ranges):
        parts.append(f"created_at >= %({name}{n}_start)s AND created_at < %({name}{n}_end)s")
        values |= {f"{name}{n}_start": start_of(first), f"{name}{n}_end": start_of(last + timedelta(days=1))}
    return " OR ".join(parts), values


def _of(subject: Subject) -> dict[str, Any]:
    return {"workspace": subject.workspace_id, "accounts": subject.account_ids}


def _whose(subject: Subject) -> str:
    return "" if subject.is_everything else "AND account_id = ANY(%(accounts)s)"
