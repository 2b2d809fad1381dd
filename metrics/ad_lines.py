"""Reads of paid figures for pages: the lines of one level with their totals, a page at a time. By day: metrics/ad_days.py.

Sums come from metrics/ad_sums.py, whole months with weeks and days at the edges, so that a year costs what a month does; ads are summed
from their days. A figure that lacks a part anywhere in its sum is None. Days are those of the ad account; money has its currency.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import connection

from agency.database.prepared import Later, Row, ask
from integrations.models import AdAccount
from metrics import ad_figures
from metrics.ad_figures import FIGURES, LACKING, NOTHING, Sums, sums_of
from metrics.ad_spans import Span, cover


class Level(Enum):
    """What a line is about: where it is described, where it is summed, and which of its columns say where it belongs."""

    CAMPAIGN = "campaign"
    AD_GROUP = "ad_group"
    AD = "ad"


# level -> the table that describes it, its id there, and what of it a page shows beside name and states
_DESCRIBED: dict[Level, tuple[str, str, tuple[str, ...]]] = {
    Level.CAMPAIGN: ("metrics_adcampaign", "tiktok_campaign_id", ("budget", "budget_mode", "objective", "is_smart")),
    Level.AD_GROUP: (
        "metrics_adgroup",
        "tiktok_adgroup_id",
        ("budget", "budget_mode", "optimization_goal", "is_smart", "tiktok_campaign_id"),
    ),
    Level.AD: ("metrics_ad", "tiktok_ad_id", ("ad_format", "tiktok_item_id", "tiktok_adgroup_id", "tiktok_campaign_id")),
}
_DELETED = "coalesce(secondary_status, '') LIKE '%%\\_DELETE'"
STATUSES = {
    "active": f"operation_status = 'ENABLE' AND NOT {_DELETED}",
    "paused": f"operation_status = 'DISABLE' AND NOT {_DELETED}",
    "deleted": _DELETED,
}
_RATIOS = {
    "ctr": "clicks / nullif(impressions, 0)",
    "cpm": "spend * 1000 / nullif(impressions, 0)",
    "cpc": "spend / nullif(clicks, 0)",
    "cost_per_conversion": "spend / nullif(conversions, 0)",
}
_PARTS = {
    "ctr": ("clicks", "impressions"),
    "cpm": ("spend", "impressions"),
    "cpc": ("spend", "clicks"),
    "cost_per_conversion": ("spend", "conversions"),
}
ORDERS: dict[str, str] = {name: name for name in FIGURES} | _RATIOS | {"name": "lower(name)"}


@dataclass(frozen=True)
class Wanted:
    """Which lines: of a level, in a period, under a campaign or an ad group, that fit a search and a status; in which order."""

    level: Level
    first: date
    last: date
    campaign_id: str = ""
    adgroup_id: str = ""
    search: str = ""
    status: str = ""  # a key of STATUSES; empty: all but those that were deleted before the period
    spark: bool = False  # of ads, those that show a post
    order: str = "spend"  # a key of ORDERS
    descending: bool = True
    figures: frozenset[str] | None = None  # keys of ORDERS that are looked at; the sums hold what these are made of. None: all

    @property
    def summed(self) -> frozenset[str]:
        """What is added up. Over a year of an ad account every sum takes a millisecond."""
        if self.figures is None:
            return frozenset(FIGURES)
        asked = {part for name in (*self.figures, self.order) for part in _PARTS.get(name, (name,))}
        return frozenset(FIGURES) & (asked | {"impressions"})  # whether anything was shown is asked for every line


@dataclass(frozen=True)
class Line:
    """One campaign, ad group or ad with its sums. What TikTok's lists do not name has an id and nothing else."""

    tiktok_id: str
    name: str
    is_known: bool
    operation_status: str
    secondary_status: str
    sums: Sums
    facts: dict[str, Any]


@dataclass(frozen=True)
class Lines:
    """One page of lines, and the totals of all that fit. Rates of a total are computed from the totals."""

    lines: tuple[Line, ...]
    count: int
    posts_count: int  # of ads: how many posts they showed
    total: Sums


def lines(ad_account: AdAccount, wanted: Wanted, *, offset: int = 0, limit: int | None = 50) -> Lines:
    """One statement, whatever the history."""
    return lines_later(ad_account, wanted, offset=offset, limit=limit)()


def lines_later(ad_account: AdAccount, wanted: Wanted, *, offset: int = 0, limit: int | None = 50) -> Later[Lines]:
    """The same, once they are needed."""
    statement, values = _statement(ad_account, wanted)
    paged = f"""
        WITH {statement},
        total AS (SELECT count(*) AS lines_count, {_posts(wanted)} AS posts_count, {_totals(wanted.summed)} FROM fitting)
        SELECT total.*, page.* FROM total LEFT JOIN LATERAL (
            SELECT * FROM fitting ORDER BY {_order(wanted)} OFFSET %s LIMIT %s
        ) AS page ON true
    """  # noqa: S608 # nosec - names and expressions of this module; what people typed are parameters
    return ask(paged, [*values, offset, limit], lambda rows: _page(rows, wanted.level))


def _page(found: Sequence[Row], level: Level) -> Lines:
    width = 3 + len(FIGURES)  # how many lines, posts and rows, and the figures
    count, posts_count, *sums = found[0][:width]
    rows = tuple(_line(row[width:], level) for row in found if row[width] is not None)
    return Lines(rows, count, posts_count, sums_of(sums))


def each_line(ad_account: AdAccount, wanted: Wanted) -> Iterator[Line]:
    """All lines in their order, however many."""
    statement, values = _statement(ad_account, wanted)
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"WITH {statement} SELECT * FROM fitting ORDER BY {_order(wanted)}", values)  # noqa: S608 # nosec - as above
        while rows := cursor.fetchmany(2000):
            yield from (_line(row, wanted.level) for row in rows)


def _order(wanted: Wanted) -> str:
    return f"{ORDERS[wanted.order]} {'DESC' if wanted.descending else 'ASC'} NULLS LAST, rows_count DESC, id"


def _statement(ad_account: AdAccount, wanted: Wanted) -> tuple[str, list[Any]]:
    """The steps `summed` and `fitting`: each line of the level with its description and its sums."""
    table, name_of_id, facts = _DESCRIBED[wanted.level]
    summed, values = _summed(ad_account, wanted)
    under, of = _under(wanted, described=True)
    search, searched = _search(wanted)
    described = ", ".join(f"e.{name}" for name in facts)
    figures = ", ".join(FIGURES)
    fits = STATUSES.get(wanted.status) or f"(rows_count > 0 OR NOT {_DELETED})"
    statement = f"""
        summed AS ({summed}),
        fitting AS (
            SELECT * FROM (
                SELECT coalesce(s.id, e.{name_of_id}) AS id, coalesce(e.name, '') AS name, e.{name_of_id} IS NOT NULL AS is_known,
                    e.operation_status, e.secondary_status, {described}, coalesce(s.rows_count, 0) AS rows_count, {figures}
                FROM (SELECT * FROM {table} WHERE workspace_id = %s AND ad_account_id = %s {under}) AS e
                FULL JOIN summed AS s ON s.id = e.{name_of_id}
            ) AS line WHERE {fits} {search}
        )
    """  # noqa: S608 # nosec - as above
    return statement, [*values, ad_account.workspace_id, ad_account.pk, *of, *searched]


def _summed(ad_account: AdAccount, wanted: Wanted) -> tuple[str, list[Any]]:
    under, of = _under(wanted, described=False)
    owner = [ad_account.workspace_id, ad_account.pk]
    if wanted.level is Level.AD:
        sums = {name: f"CASE WHEN count({name}) = count(*) THEN sum({name}) END" for name in wanted.summed}
        statement = f"""
            SELECT tiktok_ad_id AS id, count(*) AS rows_count, {ad_figures.columns(sums)} FROM metrics_adday
            WHERE workspace_id = %s AND ad_account_id = %s AND date BETWEEN %s AND %s {under} GROUP BY tiktok_ad_id
        """  # noqa: S608 # nosec - as above
        return statement, [*owner, wanted.first, wanted.last, *of]
    where = f"workspace_id = %s AND ad_account_id = %s AND level = '{wanted.level.value}' {under}"
    return _sums('tiktok_id COLLATE "C"', where, [*owner, *of], wanted.first, wanted.last, wanted.summed)


def _sums(of: str, where: str, values: Sequence[Any], first: date, last: date, summed: Collection[str] = FIGURES) -> tuple[str, list[Any]]:
    """The sums that make up a period (metrics/ad_spans.py), added up. A figure that lacks a part or that nobody asked for is NULL."""
    named = [(name, lacking) for name, lacking in zip(FIGURES, LACKING, strict=True) if name in summed]
    added, taken_off = (
        {span: [part.begin for part in cover(first, last) if part[::2] == (span, sign)] for span in Span} for sign in (1, -1)
    )
    dates = [added[span] + taken_off[span] for span in Span]
    when = " OR ".join(f"span = '{span.value}' AND date = ANY(%s)" for span in Span)
    is_off, off = "false", list[Any]()
    if any(taken_off.values()):
        is_off, off = when, [taken_off[span] for span in Span]
    columns = ", ".join(("rows_count", *(name for pair in named for name in pair)))

    def total(name: str) -> str:
        return f"sum(CASE WHEN is_off THEN -{name} ELSE {name} END)" if off else f"sum({name})"

    told = {name: f"CASE WHEN {total(lacking)} = 0 THEN {total(name)} END" for name, lacking in named}
    # Behind OFFSET what is taken off is decided once for a row, and not for each of its figures.
    statement = f"""
        SELECT of AS id, {total("rows_count")} AS rows_count, {ad_figures.columns(told)}
        FROM (SELECT {of} AS of, {columns}, {is_off} AS is_off FROM metrics_adsum WHERE {where} AND ({when}) OFFSET 0) AS parts
        GROUP BY 1 HAVING {total("rows_count")} > 0
    """  # noqa: S608 # nosec - as above
    return statement, [*off, *values, *dates]


def _totals(summed: Collection[str]) -> str:
    """A total lacks a figure where a line that delivered lacks it."""
    known = {
        name: f"CASE WHEN NOT coalesce(bool_or(rows_count > 0 AND {name} IS NULL), false) THEN coalesce(sum({name}), 0) END"
        for name in summed
    }
    return f"coalesce(sum(rows_count), 0) AS all_rows, {ad_figures.columns(known)}"


def _posts(wanted: Wanted) -> str:
    shown = "count(DISTINCT tiktok_item_id) FILTER (WHERE tiktok_item_id <> '' AND impressions > 0)"
    return shown if wanted.level is Level.AD else "0"


def _under(wanted: Wanted, *, described: bool) -> tuple[str, list[str]]:
    """Below which campaign or ad group, by the columns that both the descriptions and the sums have."""
    parts, values = [], []
    if wanted.campaign_id and wanted.level is not Level.CAMPAIGN:
        parts.append("AND tiktok_campaign_id = %s")
        values.append(wanted.campaign_id)
    if wanted.adgroup_id and wanted.level is Level.AD:
        parts.append("AND tiktok_adgroup_id = %s")
        values.append(wanted.adgroup_id)
    return " ".join(parts), values


def _search(wanted: Wanted) -> tuple[str, list[str]]:
    spark = "AND coalesce(tiktok_item_id, '') <> ''" if wanted.spark and wanted.level is Level.AD else ""
    if not wanted.search:
        return spark, []
    escaped = wanted.search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{spark} AND (name ILIKE %s OR id = %s)", [f"%{escaped}%", wanted.search]


def _line(row: Sequence[Any], level: Level) -> Line:
    facts = _DESCRIBED[level][2]
    tiktok_id, name, is_known, operation, secondary = row[:5]
    told = dict(zip(facts, row[5 : 5 + len(facts)], strict=True))
    sums = row[5 + len(facts) :]
    return Line(tiktok_id, name, is_known, operation or "", secondary or "", sums_of(sums) if sums[0] else NOTHING, told)


def of_accounts_later(workspace_id: UUID, first: date, last: date) -> Later[dict[UUID, Sums]]:
    """What each ad account of a workspace brought on its own days of these dates."""
    statement, values = _sums("ad_account_id", "workspace_id = %s AND level = 'ad_account'", [workspace_id], first, last)
    return ask(statement, values, lambda rows: {row[0]: sums_of(row[1:]) for row in rows})
