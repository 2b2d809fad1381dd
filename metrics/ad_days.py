"""Reads of paid figures by day: the days of one thing, for charts, and every day of everything, for exports."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from agency.database.prepared import Later, Row, ask
from integrations.models import AdAccount
from metrics.ad_figures import FIGURES, LACKING, Sums, added, columns, sums_of
from metrics.ad_lines import Level
from metrics.models import AdSum


def days(ad_account: AdAccount, first: date, last: date, *, campaign_id: str = "", adgroup_id: str = "") -> dict[date, Sums]:
    """The days on which the ad account, a campaign or an ad group delivered, in their order."""
    return days_later(ad_account, first, last, campaign_id=campaign_id, adgroup_id=adgroup_id)()


def days_later(
    ad_account: AdAccount,
    first: date,
    last: date,
    *,
    campaign_id: str = "",
    adgroup_id: str = "",
    summed: Collection[str] = FIGURES,
) -> Later[dict[date, Sums]]:
    """The same, once they are needed. Figures that nobody looks at are left out, and None."""
    level = AdSum.Level.AD_GROUP if adgroup_id else AdSum.Level.CAMPAIGN if campaign_id else AdSum.Level.AD_ACCOUNT
    of_what = [ad_account.workspace_id, ad_account.pk, level.value, adgroup_id or campaign_id, AdSum.Span.DAY.value]
    return ask(_DAYS.format(told=_told(summed)), [*of_what, first, last], _by_day)


def _by_day(rows: Iterable[Row]) -> dict[date, Sums]:
    found: dict[date, Sums] = {}
    for on, *sums in rows:
        one = sums_of(sums)
        found[on] = added([found[on], one]) if on in found else one  # an ad group that was in two campaigns on one day
    return found


def _told(summed: Collection[str] = FIGURES) -> str:
    known = {name: f"CASE WHEN {lacks} = 0 THEN {name} END" for name, lacks in zip(FIGURES, LACKING, strict=True) if name in summed}
    return columns(known)


_DAYS = """
    SELECT date, rows_count, {told} FROM "metrics_adsum"
    WHERE workspace_id = %s AND ad_account_id = %s AND level = %s AND tiktok_id = %s AND span = %s AND date BETWEEN %s AND %s
        AND rows_count > 0 ORDER BY date
"""  # nosec B608 - names of columns


# --- every day of everything ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DaysOf:
    """Whose days: of the ad account itself, its campaigns, ad groups or ads; under a campaign or an ad group."""

    level: Level | None
    first: date
    last: date
    campaign_id: str = ""
    adgroup_id: str = ""


@dataclass(frozen=True, slots=True)
class DayLine:
    """One thing on one day, with the names above it; empty where TikTok's lists do not have them."""

    on: date
    campaign_id: str
    campaign: str
    adgroup_id: str
    adgroup: str
    ad_id: str
    ad: str
    item_id: str
    sums: Sums


def count_days(ad_account: AdAccount, of: DaysOf) -> int:
    """How many there are."""
    source, values = _source(ad_account, of)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({source}) AS d", values)  # noqa: S608 # nosec - names of this module
        return int(cursor.fetchone()[0])


def each_day(ad_account: AdAccount, of: DaysOf) -> Iterator[DayLine]:
    """All of them by day and then by id, however many, through a cursor that stays in the database."""
    source, values = _source(ad_account, of)
    mine = "workspace_id = %s AND ad_account_id = %s"
    statement = f"""
        SELECT d.date, d.campaign_id, coalesce(c.name, ''), d.adgroup_id, coalesce(g.name, ''), d.ad_id, coalesce(a.name, ''),
            coalesce(a.tiktok_item_id, ''), d.rows_count, {", ".join(f"d.{name}" for name in FIGURES)}
        FROM ({source}) AS d
        LEFT JOIN (SELECT * FROM metrics_adcampaign WHERE {mine}) AS c ON c.tiktok_campaign_id = d.campaign_id
        LEFT JOIN (SELECT * FROM metrics_adgroup WHERE {mine}) AS g ON g.tiktok_adgroup_id = d.adgroup_id
        LEFT JOIN (SELECT * FROM metrics_ad WHERE {mine}) AS a ON a.tiktok_ad_id = d.ad_id
        ORDER BY d.date, d.campaign_id, d.adgroup_id, d.ad_id
    """  # noqa: S608 # nosec - names of this module; values are parameters
    owner: list[Any] = [ad_account.workspace_id, ad_account.pk]
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, [*values, *owner * 3])
        while rows := cursor.fetchmany(2000):
            for row in rows:
                yield DayLine(*row[:8], sums_of(row[8:]))


def _source(ad_account: AdAccount, of: DaysOf) -> tuple[str, list[Any]]:
    """Days with the ids of what they belong to: of ads as they are, of the levels above from the sums."""
    values: list[Any] = [ad_account.workspace_id, ad_account.pk, of.first, of.last]
    where = "workspace_id = %s AND ad_account_id = %s AND date BETWEEN %s AND %s"
    is_ad = of.level is Level.AD
    campaign = "tiktok_id" if of.level is Level.CAMPAIGN else "tiktok_campaign_id"
    group = "tiktok_adgroup_id" if is_ad else "tiktok_id" if of.level is Level.AD_GROUP else "''"
    if of.level is not None and of.campaign_id:
        where, values = f"{where} AND {campaign} = %s", [*values, of.campaign_id]
    if of.adgroup_id and group != "''":
        where, values = f"{where} AND {group} = %s", [*values, of.adgroup_id]
    if is_ad:
        figures = ", ".join(FIGURES)
        source = f"""
            SELECT date, {campaign} AS campaign_id, {group} AS adgroup_id, tiktok_ad_id AS ad_id, 1 AS rows_count, {figures}
            FROM metrics_adday WHERE {where}
        """  # noqa: S608 # nosec - as above
        return source, values
    level = of.level.value if of.level else AdSum.Level.AD_ACCOUNT.value
    source = f"""
        SELECT date, {campaign} AS campaign_id, {group} AS adgroup_id, '' AS ad_id, rows_count, {_told()}
        FROM metrics_adsum WHERE {where} AND level = '{level}' AND span = 'day' AND rows_count > 0
    """  # noqa: S608 # nosec - as above
    return source, values
