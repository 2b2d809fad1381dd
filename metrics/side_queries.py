"""Brands, or accounts, side by side over the same days: the figures of each as its own page has them, in one query for all of them, however
many accounts and days there are. Words and order are the page's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from metrics import gain_queries as gains
from metrics.mention_queries import accounts_that_grant
from metrics.periods import Range, start_of
from metrics.subject_queries import ACCOUNT_DAY, TOTAL_DAY, Everything, Subject


@dataclass(frozen=True)
class Side:
    """One of those that stand side by side. None: not delivered, not granted, or of some of its accounts only.

    Sums can be added up over sides; a rate of several sides is made of the sums.
    """

    subject: Subject
    followers: int | None
    followers_before: int | None  # at the end of the days to compare with
    views: int | None
    whole_days: int  # days of which every account that grants days delivered its own
    engaged: int | None  # likes, comments and shares of the days that have all parts
    engaged_views: int | None  # the views of those days
    compared: "Compared | None"
    posts: int | None
    posts_before: int | None
    watched_views: int
    watched_sum: float
    mentions: int | None
    mentions_of: int  # accounts whose mentions are read

    @property
    def engagement_rate(self) -> float | None:
        """Ratio of the sums."""
        return self.engaged / self.engaged_views if self.engaged is not None and self.engaged_views else None

    @property
    def watch_through_rate(self) -> float | None:
        """Of the posts published on the days, weighted by views."""
        return self.watched_sum / self.watched_views if self.watched_views else None


@dataclass(frozen=True)
class Compared:
    """Sums over the days that are final and whole on both sides of a comparison."""

    views: int
    views_before: int
    engagement_rate: float | None
    engagement_rate_before: float | None


def brands(world: Everything) -> list[Subject]:
    """Each brand that has an account to show, and what belongs to none. Nothing where there is not more than one."""
    found = [s for b in world.brands if (s := world.of_brand(b.pk)) is not None]
    rest = world.rest()
    if found and rest is not None:
        found.append(rest)
    return found if len(found) > 1 else []


def accounts(world: Everything) -> list[Subject]:
    """Each account. Nothing where there is not more than one."""
    found = [s for a in world.shown if (s := world.of_account(a.connection_id)) is not None]
    return found if len(found) > 1 else []


_KEYS = ("v", "nv", "li", "co", "sh", "ne", "fo", "nf", "n")


def _of(names: dict[str, str], sign: int = 1) -> str:
    return ", ".join(f"{sign} * ({names[key]}) AS {key}" for key in _KEYS)


_WHEN = "(date BETWEEN %(first)s AND %(last)s OR date BETWEEN %(first_before)s AND %(last_before)s)"
# One row for a side's day, as long as no account of a brand is hidden. Sides by looks are not among `told`: where nobody granted days,
# nothing counts that is left of earlier ones.
_BRANDS = f"""
    SELECT brand_id AS side, date, {_of(TOTAL_DAY)} FROM metrics_brandday
    WHERE workspace_id = %(workspace)s AND brand_id = ANY(%(told)s) AND {_WHEN}
"""  # noqa: S608 # nosec B608 - names of this file
_ACCOUNTS = f"""
    SELECT account_id AS side, date, {_of(ACCOUNT_DAY)} FROM metrics_accountday
    WHERE workspace_id = %(workspace)s AND account_id = ANY(%(told)s) AND {_WHEN}
"""  # noqa: S608 # nosec B608
_LOOKS = f"""
    SELECT w.side, date, {gains.sums(_KEYS)} FROM metrics_gainedday JOIN whose w USING (account_id)
    WHERE workspace_id = %(workspace)s AND account_id = ANY(%(looked_at)s) AND {_WHEN} GROUP BY w.side, date
"""  # noqa: S608 # nosec B608
# Several rows for a side's day. A side that is no brand is what the workspace's days hold beyond those of its brands, and takes the
# workspace's key.
_REST = f"""
    SELECT workspace_id AS side, date, {_of(TOTAL_DAY)} FROM metrics_workspaceday
    WHERE workspace_id = %(workspace)s AND workspace_id = ANY(%(told)s) AND {_WHEN}
    UNION ALL SELECT workspace_id, date, {_of(TOTAL_DAY, -1)} FROM metrics_brandday
    WHERE workspace_id = %(workspace)s AND workspace_id = ANY(%(told)s) AND {_WHEN}
"""  # noqa: S608 # nosec B608
# A side by looks, or one that is not shown, has nothing but these: fewer than no accounts, and so no day.
_HIDDEN = f"""
    SELECT coalesce(a.brand_id, workspace_id) AS side, date, {_of(ACCOUNT_DAY, -1)}
    FROM metrics_accountday d JOIN (SELECT workspace_id, id, brand_id FROM metrics_account) a USING (workspace_id)
    WHERE workspace_id = %(workspace)s AND d.account_id = ANY(%(hidden)s) AND d.account_id = a.id AND {_WHEN}
"""  # noqa: S608 # nosec B608


def _days(some: Sequence[Subject], *, has_hidden: bool) -> str:
    """The days of all sides. Only what has several rows for a day is added up: that takes as long as all the rest."""
    if some[0].kind == "account":
        alone, parts = [_LOOKS, _ACCOUNTS], []
    elif has_hidden:
        alone, parts = [_LOOKS], [_BRANDS, _REST, _HIDDEN]
    else:
        alone, parts = [_LOOKS, _BRANDS], [_REST]
    days = f"SELECT side, date, v, nv, li + co + sh AS en, ne, fo, nf FROM ({' UNION ALL '.join(alone)}) AS one WHERE n > 0"  # noqa: S608 # nosec B608
    if parts:
        names = ("v", "nv", "li + co + sh", "ne", "fo", "nf")
        sums = ", ".join(f"sum({name})::bigint" for name in names)
        days += f" UNION ALL SELECT side, date, {sums} FROM ({' UNION ALL '.join(parts)}) AS part GROUP BY side, date HAVING sum(n) > 0"  # noqa: S608 # nosec B608
    return days


_ROW = ("side", "fo", "fo_before", "views", "whole_days", "en", "ev", "v_now", "v_then", "en_now", "ev_now", "en_then", "ev_then", "posts",
        "posts_before", "wv", "ws", "mentions")  # fmt: skip
_SQL = """
    WITH sides AS (SELECT * FROM unnest(%(keys)s::uuid[], %(granted)s::int[], %(sizes)s::int[]) AS s(side, granted, size)),
    whose AS (SELECT * FROM unnest(%(accounts)s::uuid[], %(of)s::uuid[]) AS w(account_id, side)),
    days AS ({days}),
    told AS MATERIALIZED (
        SELECT d.*, d.nv >= s.granted AND s.granted > 0 AS whole, d.nv > 0 AND d.ne = d.nv AS engaged, d.nf = s.size AS levelled
        FROM days d JOIN sides s USING (side)),
    pairs AS (  -- each day beside the day that it is compared with; grouped, for a join of days with days grows with their square
        SELECT side, slot, max(nv) FILTER (WHERE is_now) AS nv, max(v) FILTER (WHERE is_now) AS v, max(en) FILTER (WHERE is_now) AS en,
            coalesce(bool_or(whole) FILTER (WHERE is_now), false) AS whole, bool_or(engaged) FILTER (WHERE is_now) AS engaged,
            max(v) FILTER (WHERE NOT is_now) AS v_then, max(en) FILTER (WHERE NOT is_now) AS en_then,
            bool_and(whole) AND count(*) = 2 AND slot <= %(final)s AS alike, bool_or(engaged) FILTER (WHERE NOT is_now) AS engaged_then
        FROM (
            SELECT *, date AS slot, true AS is_now FROM told WHERE date BETWEEN %(first)s AND %(last)s
            UNION ALL
            SELECT *, date + %(back)s, false FROM told WHERE %(back)s > 0 AND date BETWEEN %(first_before)s AND %(last_before)s) both_of
        GROUP BY side, slot),
    period AS (
        SELECT side, sum(v) FILTER (WHERE nv > 0) AS views, count(*) FILTER (WHERE whole) AS whole_days,
            sum(en) FILTER (WHERE engaged) AS en, sum(v) FILTER (WHERE engaged) AS ev,
            sum(v) FILTER (WHERE alike) AS v_now, sum(v_then) FILTER (WHERE alike) AS v_then,
            sum(en) FILTER (WHERE alike AND engaged) AS en_now, sum(v) FILTER (WHERE alike AND engaged) AS ev_now,
            sum(en_then) FILTER (WHERE alike AND engaged_then) AS en_then, sum(v_then) FILTER (WHERE alike AND engaged_then) AS ev_then
        FROM pairs GROUP BY side),
    ends AS (
        SELECT side, max(fo) FILTER (WHERE date = %(last)s) AS fo, max(fo) FILTER (WHERE date = %(last_before)s) AS fo_before
        FROM told WHERE levelled GROUP BY side),
    published AS (
        SELECT w.side, sum(posts) AS posts, sum(posts_before) AS posts_before, sum(wv) AS wv, sum(ws) AS ws FROM (
            SELECT p.account_id, count(*) FILTER (WHERE this) AS posts, count(*) FILTER (WHERE earlier) AS posts_before,
                sum(p.views) FILTER (WHERE this AND p.views > 0 AND p.watch_through_rate IS NOT NULL) AS wv,
                sum(p.views * p.watch_through_rate) FILTER (WHERE this AND p.views > 0) AS ws
            FROM metrics_post p
            CROSS JOIN LATERAL (SELECT p.created_at >= %(begin)s AND p.created_at < %(end)s AS this,
                p.created_at >= %(begin_before)s AND p.created_at < %(end_before)s AS earlier) t
            WHERE p.workspace_id = %(workspace)s AND p.account_id = ANY(%(accounts)s) AND p.gone_at IS NULL
              AND p.created_at >= least(%(begin)s, %(begin_before)s) AND p.created_at < %(end)s AND (this OR earlier)
            GROUP BY p.account_id) by_account JOIN whose w USING (account_id) GROUP BY w.side),
    named AS (
        SELECT w.side, sum(mentions) AS mentions FROM (
            SELECT account_id, count(*) AS mentions FROM metrics_mention m
            WHERE m.workspace_id = %(workspace)s AND m.account_id = ANY(%(read)s) AND m.created_at >= %(begin)s AND m.created_at < %(end)s
            GROUP BY account_id) by_account JOIN whose w USING (account_id) GROUP BY w.side)
    SELECT s.side, e.fo, e.fo_before, p.views, coalesce(p.whole_days, 0) AS whole_days, p.en, p.ev, p.v_now, p.v_then, p.en_now, p.ev_now,
        p.en_then, p.ev_then, coalesce(q.posts, 0)::int AS posts, coalesce(q.posts_before, 0)::int AS posts_before, q.wv, q.ws,
        coalesce(n.mentions, 0)::int AS mentions
    FROM sides s LEFT JOIN period p USING (side) LEFT JOIN ends e USING (side)
        LEFT JOIN published q USING (side) LEFT JOIN named n USING (side)
"""  # nosec B608


def side_by_side(world: Everything, some: Sequence[Subject], days: Range, before: Range | None, *, final: date) -> list[Side]:
    """The sides over the days, in the order in which they came: what `brands` or `accounts` made of the same world.

    One query. `final` is the newest final day: younger ones are not compared.
    """
    if not some:
        return []
    keys = [_key(s) for s in some]
    every = [a for s in some for a in s.accounts]
    read = {a.pk for a in accounts_that_grant(every)}
    earlier = before or days
    values = {
        "workspace": some[0].workspace_id,
        "keys": keys,
        "granted": [s.granting("video.list" if s.is_read_by_looks else "user.insights") for s in some],
        "told": [key for key, s in zip(keys, some, strict=True) if not s.is_read_by_looks],
        "looked_at": [a.pk for s in some if s.is_read_by_looks for a in s.accounts],
        "sizes": [len(s.accounts) for s in some],
        "hidden": [a.pk for a in world.hidden],
        "accounts": [a.pk for a in every],
        "of": [key for key, s in zip(keys, some, strict=True) for _ in s.accounts],
        "read": list(read),
        "first": days[0],
        "last": days[1],
        "first_before": earlier[0],
        "last_before": earlier[1],
        "back": (days[0] - before[0]).days if before else 0,
        "final": final,
        "begin": start_of(days[0]),
        "end": start_of(days[1] + timedelta(days=1)),
        "begin_before": start_of(earlier[0]),
        "end_before": start_of(earlier[1] + timedelta(days=1)),
    }
    statement = _SQL.format(days=_days(some, has_hidden=bool(world.hidden)))
    with connection.cursor() as cursor:  # not prepared: planned for any number of accounts, it took twice as long for a hundred
        cursor.execute(statement, values)
        rows = {row[0]: dict(zip(_ROW, row, strict=True)) for row in cursor.fetchall()}
    return [_side(s, rows[key], read, is_compared=before is not None) for key, s in zip(keys, some, strict=True)]


def _key(subject: Subject) -> Any:
    if subject.kind == "account":
        return subject.accounts[0].pk
    return subject.brand.pk if subject.brand else subject.workspace_id


def _side(subject: Subject, row: dict[str, Any], read: set[Any], *, is_compared: bool) -> Side:
    has_posts = any(a.posts_seen_at for a in subject.accounts) and subject.granting("video.list") > 0
    mentions_of = sum(a.pk in read for a in subject.accounts)
    return Side(
        subject=subject,
        followers=_whole(row["fo"]),
        followers_before=_whole(row["fo_before"]) if is_compared else None,
        views=_whole(row["views"]),
        whole_days=row["whole_days"],
        engaged=_whole(row["en"]),
        engaged_views=_whole(row["ev"]),
        compared=_compared(row),
        posts=row["posts"] if has_posts else None,
        posts_before=row["posts_before"] if has_posts and is_compared else None,
        watched_views=int(row["wv"] or 0),
        watched_sum=float(row["ws"] or 0),
        mentions=row["mentions"] if mentions_of else None,
        mentions_of=mentions_of,
    )


def _compared(row: dict[str, Any]) -> Compared | None:
    if row["v_now"] is None:
        return None
    rates = [float(row[f"en_{n}"] / row[f"ev_{n}"]) if row[f"ev_{n}"] else None for n in ("now", "then")]
    return Compared(int(row["v_now"]), int(row["v_then"]), *rates)


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
