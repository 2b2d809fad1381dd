"""Keeping what TikTok told us about ads, in bulk and idempotently: campaigns, ad groups, ads, and their days.

What no column can hold is unknown, never zero and never cut to fit: money that is negative or beyond the column, counts that are none.
Rows that change nothing are not written.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any
from uuid import uuid4

from django.db.models import Count

from integrations.models import AdAccount
from integrations.tiktok.ad_reports import ReportRow
from integrations.tiktok.structure import Ad, AdGroup, Campaign
from metrics import ad_figures, ad_sums, models
from metrics.bulk import upsert
from metrics.store import text

_MOST_MONEY = Decimal(10) ** 14
_SMALLEST = -6  # decimals that the column holds
_MOST_COUNT = 2**63 - 1
_LONGEST_ID = 32

# metric of the report -> column of ours
DAY_FIGURES = {
    "spend": "spend",
    "impressions": "impressions",
    "clicks": "clicks",
    "conversion": "conversions",
    "video_play_actions": "video_views",
    "video_watched_2s": "video_views_2s",
    "video_watched_6s": "video_views_6s",
    "video_views_p100": "video_views_whole",
    "likes": "likes",
    "comments": "comments",
    "shares": "shares",
    "follows": "follows",
}
PLACES = {"campaign_id": "tiktok_campaign_id", "adgroup_id": "tiktok_adgroup_id"}
TOTAL_FIGURES = ("spend", "impressions", "clicks", "conversion", "video_play_actions")


class Strange(ValueError):
    """A row that cannot be what was asked for. Nothing of its page is kept."""


def keep_ad_days(ad_account: AdAccount, rows: Sequence[ReportRow], first: date, last: date, *, call_id: int, now: datetime) -> int:
    """Store days of ads, and their sums with them. Returns how many days are new or changed; one that TikTok corrected remembers when."""
    places, counts = itemgetter(*PLACES), itemgetter(*(name for name in DAY_FIGURES if name != "spend"))
    kept = [
        (
            row.on,
            tiktok_id(row.ids["ad_id"]),
            *map(tiktok_id_or_blank, places(row.metrics)),
            money(row.metrics["spend"]),
            *map(count, counts(row.metrics)),
        )
        for row in _within(rows, first, last)
    ]
    columns = ("date", "tiktok_ad_id", *PLACES.values(), *DAY_FIGURES.values())
    types = ("date", "text", "text", "text", "numeric", *["bigint"] * (len(DAY_FIGURES) - 1))
    summed = itemgetter(*(columns.index(name) for name in ("tiktok_adgroup_id", "tiktok_campaign_id", *ad_figures.FIGURES)))
    after = {row[:2]: summed(row) for row in kept}  # of a row told twice the last one counts, as in the table
    before = ad_sums.days_of(ad_account, list(after))
    changed = _keep("metrics_adday", ("date", "tiktok_ad_id"), columns, types, kept, ad_account, call_id, now)
    ad_sums.keep_in_step(ad_account, before, after)
    return changed


def keep_totals(ad_account: AdAccount, rows: Sequence[ReportRow], first: date, last: date, *, call_id: int, now: datetime) -> int:
    """Store TikTok's own totals of the ad account, one a day."""
    kept = [
        (row.on, money(row.metrics["spend"]), *(count(row.metrics[name]) for name in TOTAL_FIGURES if name != "spend"))
        for row in _within(rows, first, last)
    ]
    columns = ("date", *(DAY_FIGURES[name] for name in TOTAL_FIGURES))
    types = ("date", "numeric", *["bigint"] * (len(TOTAL_FIGURES) - 1))
    return _keep("metrics_adaccountday", ("date",), columns, types, kept, ad_account, call_id, now)


def _within(rows: Iterable[ReportRow], first: date, last: date) -> Iterable[ReportRow]:
    """Figures under a day that was not asked for would stand where another answer has to be."""
    for row in rows:
        if row.on is None or not first <= row.on <= last:
            raise Strange("a day outside the window")
        yield row


def days_count(ad_account: AdAccount, first: date, last: date) -> int:
    """How many days of ads are here."""
    found = models.AdDay.objects.filter(workspace_id=ad_account.workspace_id, ad_account=ad_account, date__range=(first, last))
    return int(found.aggregate(n=Count("id"))["n"])


def keep_campaigns(ad_account: AdAccount, campaigns: Sequence[Campaign], *, call_id: int, now: datetime) -> int:
    """Store campaigns. Returns how many are new or changed."""
    return _keep_structure(
        "metrics_adcampaign", "tiktok_campaign_id", _CAMPAIGN, [(c.campaign_id, c) for c in campaigns], ad_account, call_id, now
    )


def keep_ad_groups(ad_account: AdAccount, groups: Sequence[AdGroup], *, call_id: int, now: datetime) -> int:
    """Store ad groups, likewise."""
    return _keep_structure("metrics_adgroup", "tiktok_adgroup_id", _GROUP, [(g.adgroup_id, g) for g in groups], ad_account, call_id, now)


def keep_ads(ad_account: AdAccount, ads: Sequence[Ad], *, call_id: int, now: datetime) -> int:
    """Store ads, likewise."""
    return _keep_structure("metrics_ad", "tiktok_ad_id", _AD, [(a.ad_id, a) for a in ads], ad_account, call_id, now)


def _keep_structure(
    table: str,
    key: str,
    columns: dict[str, tuple[str, Callable[[Any], Any]]],
    records: Sequence[tuple[str, Any]],
    ad_account: AdAccount,
    call_id: int,
    now: datetime,
) -> int:
    rows = [(uuid4(), tiktok_id(known), *(read(record) for _, read in columns.values())) for known, record in records]
    names, types = ("id", key, *columns), ("uuid", "text", *(kind for kind, _ in columns.values()))
    return _keep(table, (key,), names, types, rows, ad_account, call_id, now)


def _keep(
    table: str,
    key: tuple[str, ...],
    columns: tuple[str, ...],
    types: tuple[str, ...],
    rows: list[tuple[Any, ...]],
    ad_account: AdAccount,
    call_id: int,
    now: datetime,
) -> int:
    if not rows:
        return 0
    told = tuple(name for name in columns if name not in {"id", *key})
    owner = {"workspace_id": ad_account.workspace_id, "ad_account_id": ad_account.pk}
    return upsert(
        table=table,
        key=(*owner, *key),
        columns=columns,
        types=types,
        rows=rows,
        fixed=owner | {"call_id": call_id, "first_seen_at": now, "changed_at": now},
        overwrite=(*told, "call_id", "changed_at"),
        only_if_changed=told,
    )


def tiktok_id(value: str) -> str:
    """TikTok's ids are whole numbers beyond what a float holds, as text."""
    if not (value.isdecimal() and value.isascii() and len(value) <= _LONGEST_ID):
        raise Strange("an id that is none")
    return value


def tiktok_id_or_blank(value: object) -> str:
    """An id that need not be there."""
    return "" if value is None else tiktok_id(str(value))


def money(value: object) -> Decimal | None:
    """An amount fit for a column of money."""
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value < _MOST_MONEY:
        return None
    exponent = value.as_tuple().exponent
    return value if isinstance(exponent, int) and exponent >= _SMALLEST else None


def count(value: object) -> int | None:
    """A figure fit for a column of counts."""
    return value if isinstance(value, int) and 0 <= value <= _MOST_COUNT else None


def _words(name: str, longest: int) -> tuple[str, Callable[[Any], str]]:
    return "text", lambda record: text(getattr(record, name))[:longest]


def _amount(name: str) -> tuple[str, Callable[[Any], Decimal | None]]:
    return "numeric", lambda record: money(getattr(record, name))


def _as_told(kind: str, name: str) -> tuple[str, Callable[[Any], Any]]:
    return kind, lambda record: getattr(record, name)


def _other_id(name: str) -> tuple[str, Callable[[Any], str]]:
    return "text", lambda record: tiktok_id_or_blank(getattr(record, name))


_STATES = {
    "operation_status": _words("operation_status", 20),
    "secondary_status": _words("secondary_status", 80),
    "created_at": _as_told("timestamptz", "created_at"),
    "modified_at": _as_told("timestamptz", "modified_at"),
}
_CAMPAIGN = {
    "name": _words("name", 600),
    "objective": _words("objective_type", 40),
    "campaign_type": _words("campaign_type", 40),
    "automation_type": _words("automation_type", 40),
    "is_smart": _as_told("boolean", "is_smart"),
    "is_budget_optimized": _as_told("boolean", "is_budget_optimized"),
    "budget": _amount("budget"),
    "budget_mode": _words("budget_mode", 40),
} | _STATES
_GROUP = {
    "tiktok_campaign_id": _other_id("campaign_id"),
    "name": _words("name", 600),
    "optimization_goal": _words("optimization_goal", 40),
    "billing_event": _words("billing_event", 20),
    "budget": _amount("budget"),
    "budget_mode": _words("budget_mode", 40),
    "scheduled_budget": _amount("scheduled_budget"),
    "bid_price": _amount("bid_price"),
    "conversion_bid_price": _amount("conversion_bid_price"),
    "starts_at": _as_told("timestamptz", "starts_at"),
    "ends_at": _as_told("timestamptz", "ends_at"),
    "is_smart": _as_told("boolean", "is_smart"),
} | _STATES
_AD = {
    "tiktok_adgroup_id": _other_id("adgroup_id"),
    "tiktok_campaign_id": _other_id("campaign_id"),
    "name": _words("name", 600),
    "ad_format": _words("ad_format", 40),
    "identity_type": _words("identity_type", 40),
    "identity_id": _words("identity_id", 64),
    "tiktok_item_id": _other_id("tiktok_item_id"),
    "video_id": _words("video_id", 64),
    "ad_text": _words("ad_text", 20_000),
    "landing_page_url": _words("landing_page_url", 20_000),
} | _STATES
