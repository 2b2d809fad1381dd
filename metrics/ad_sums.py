"""Sums over the days of ads, kept in step with them: by ad account, campaign and ad group, for each day, each week of
a month and each month.

Whoever writes days of ads says what stood there before and what stands there now; the difference goes into the sums, in the same
transaction. The work is that of the rows that changed, whatever the history.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from operator import add
from typing import Any, TypeVar

from django.db import connection

from integrations.models import AdAccount
from metrics.ad_figures import FIGURES, LACKING
from metrics.ad_spans import begins_of
from metrics.bulk import add_up, array
from metrics.models import AdSum

DayKey = tuple[date, str]  # the day, the ad
DayRow = tuple[Any, ...]  # ad group, campaign, and the figures in the order of FIGURES
Place = tuple[str, str, date, str, str]  # level, span, date, campaign, id
GroupDay = tuple[date, str, str]  # the day, campaign, ad group
K = TypeVar("K")
Moved = dict[K, list[Any]]  # by how much, as `_nothing` has it
_KEY = ("level", "span", "date", "tiktok_campaign_id", "tiktok_id")
_Level = AdSum.Level


def days_of(ad_account: AdAccount, keys: Sequence[DayKey]) -> dict[DayKey, DayRow]:
    """What stands in the table for these days of ads."""
    names = ", ".join(("tiktok_adgroup_id", "tiktok_campaign_id", *FIGURES))
    # Each is looked up by itself: of an ad account that is read for the first time the planner knows nothing yet, and as a join it would go
    # through all that is kept of it for every page.
    statement = f"""
        SELECT k.date, k.ad, d.* FROM unnest(%s::date[], %s::text[]) AS k(date, ad) CROSS JOIN LATERAL (
            SELECT {names} FROM metrics_adday
            WHERE workspace_id = %s AND ad_account_id = %s AND date = k.date AND tiktok_ad_id = k.ad LIMIT 1) d
    """  # noqa: S608 # nosec B608 - names of ours
    named = array("date", (key[0] for key in keys)), array("text", (key[1] for key in keys))
    with connection.cursor() as cursor:  # planned anew each time: the table may have been empty a moment ago
        cursor.execute(statement, [*named, ad_account.workspace_id, ad_account.pk])
        return {(row[0], row[1]): tuple(row[2:]) for row in cursor.fetchall()}


def keep_in_step(ad_account: AdAccount, before: Mapping[DayKey, DayRow], after: Mapping[DayKey, DayRow]) -> int:
    """Add to the sums what `after` has more than `before`. Rows of `before` that `after` does not name have stayed. Returns how many
    sums moved. Call in the transaction that writes the days."""
    groups: Moved[GroupDay] = defaultdict(_nothing)
    for key, row in after.items():
        old = before.get(key)
        if old == row:
            continue
        _count(groups, key[0], row, 1)
        if old is not None:
            _count(groups, key[0], old, -1)
    moved = _rolled_up(groups)
    rows = [(*place, *change) for place, change in sorted(moved.items()) if any(change)]
    if not rows:
        return 0
    added = ("rows_count", *FIGURES, *LACKING)
    return add_up(
        table="metrics_adsum",
        key=("workspace_id", "ad_account_id", *_KEY),
        columns=(*_KEY, *added),
        types=("text", "text", "date", "text", "text", "bigint", *["numeric"] * len(FIGURES), *["bigint"] * len(LACKING)),
        rows=rows,
        fixed={"workspace_id": ad_account.workspace_id, "ad_account_id": ad_account.pk},
        added=added,
    )


def _nothing() -> list[Any]:
    """How many rows, then each figure, then how many rows lack it."""
    return [0] * (1 + 2 * len(FIGURES))


def _count(groups: Moved[GroupDay], on: date, row: DayRow, sign: int) -> None:
    """One day of an ad goes into the day of its group, or out of it."""
    group, campaign, *figures = row
    sums = groups[on, campaign, group]
    sums[0] += sign
    for place, value in enumerate(figures, 1):
        if value is None:
            sums[place + len(FIGURES)] += sign
        else:
            sums[place] += value if sign > 0 else -value


def _rolled_up(groups: Moved[GroupDay]) -> Moved[Place]:
    """Days of groups, of their campaigns and of the ad account, each from the one before, and the weeks and months of all three."""
    moved: Moved[Place] = defaultdict(_nothing)
    campaigns: Moved[tuple[date, str]] = defaultdict(_nothing)
    days: Moved[date] = defaultdict(_nothing)
    for (on, campaign, group), change in groups.items():
        _into(moved, _Level.AD_GROUP.value, on, campaign, group, change)
        _add(campaigns[on, campaign], change)
    for (on, campaign), change in campaigns.items():
        _into(moved, _Level.CAMPAIGN.value, on, "", campaign, change)
        _add(days[on], change)
    for on, change in days.items():
        _into(moved, _Level.AD_ACCOUNT.value, on, "", "", change)
    return moved


def _into(moved: Moved[Place], level: str, on: date, parent: str, name: str, change: list[Any]) -> None:
    for span, begin in begins_of(on):
        _add(moved[level, span.value, begin, parent, name], change)


def _add(sums: list[Any], change: list[Any]) -> None:
    sums[:] = map(add, sums, change)
