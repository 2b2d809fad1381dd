"""Sums over the days of ads, kept in step with them: by ad account, campaign and ad group, for each day and each month.

Whoever writes days of ads says what stood there before and what stands there now; the difference goes into the sums, in the same
transaction. The work is that of the rows that changed, whatever the history.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from integrations.models import AdAccount
from metrics.ad_figures import FIGURES, LACKING
from metrics.bulk import add_up
from metrics.models import AdSum

DayKey = tuple[date, str]  # the day, the ad
DayRow = tuple[Any, ...]  # ad group, campaign, and the figures in the order of FIGURES
Place = tuple[str, str, date, str, str]  # level, span, date, campaign, id
_KEY = ("level", "span", "date", "tiktok_campaign_id", "tiktok_id")
_Level, _Span = AdSum.Level, AdSum.Span


def days_of(ad_account: AdAccount, keys: Sequence[DayKey]) -> dict[DayKey, DayRow]:
    """What stands in the table for these days of ads."""
    names = ("tiktok_adgroup_id", "tiktok_campaign_id", *FIGURES)
    statement = (
        "SELECT d.date, d.tiktok_ad_id, " + ", ".join(f"d.{name}" for name in names) + " FROM metrics_adday d "  # noqa: S608 # nosec - names of ours
        "JOIN unnest(%s::date[], %s::text[]) AS k(date, ad) ON d.date = k.date AND d.tiktok_ad_id = k.ad "
        "WHERE d.workspace_id = %s AND d.ad_account_id = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [[k[0] for k in keys], [k[1] for k in keys], ad_account.workspace_id, ad_account.pk])
        return {(row[0], row[1]): tuple(row[2:]) for row in cursor.fetchall()}


def keep_in_step(ad_account: AdAccount, before: Mapping[DayKey, DayRow], after: Mapping[DayKey, DayRow]) -> int:
    """Add to the sums what `after` has more than `before`. Rows of `before` that `after` does not name have stayed. Returns how many
    sums moved. Call in the transaction that writes the days."""
    moved: dict[Place, list[Any]] = defaultdict(lambda: [0, *[Decimal(0)] * len(FIGURES), *[0] * len(FIGURES)])
    for key, row in after.items():
        old = before.get(key)
        if old == row:
            continue
        _count(moved, key, row, 1)
        if old is not None:
            _count(moved, key, old, -1)
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


def _count(moved: dict[Place, list[Any]], key: DayKey, row: DayRow, sign: int) -> None:
    """One day of an ad goes into six sums, or out of them."""
    group, campaign, *figures = row
    change = [sign, *(sign * (Decimal(0) if value is None else value) for value in figures), *(sign * (value is None) for value in figures)]
    month = key[0].replace(day=1)
    for level, parent, name in ((_Level.AD_ACCOUNT, "", ""), (_Level.CAMPAIGN, "", campaign), (_Level.AD_GROUP, campaign, group)):
        for span, on in ((_Span.DAY, key[0]), (_Span.MONTH, month)):
            sums = moved[level.value, span.value, on, parent, name]
            for place, value in enumerate(change):
                sums[place] += value
