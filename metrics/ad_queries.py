"""Reads of paid figures: sums over days of one ad account, at any level, and where TikTok's own total is another.

Money has the currency of its ad account; ad accounts are summed each by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.aggregates import Aggregate

from integrations.models import AdAccount
from metrics.dictionary import cost_of_one, cpm, ctr
from metrics.models import Ad, AdAccountDay, AdDay

_COUNTS = ("impressions", "clicks", "conversions", "video_views", "likes", "comments", "shares", "follows")


class Level(Enum):
    """What a line of paid figures is about, and the column that names it."""

    AD_ACCOUNT = "ad_account"
    CAMPAIGN = "tiktok_campaign_id"
    AD_GROUP = "tiktok_adgroup_id"
    AD = "tiktok_ad_id"
    DAY = "date"


@dataclass(frozen=True)
class Paid:
    """Sums of the days of ads. None: not every part was told, so that a sum would be too low."""

    key: str | date | UUID
    currency: str
    spend: Decimal | None
    impressions: int | None
    clicks: int | None
    conversions: int | None
    video_views: int | None
    likes: int | None = field(default=None)
    comments: int | None = field(default=None)
    shares: int | None = field(default=None)
    follows: int | None = field(default=None)

    @property
    def ctr(self) -> float | None:
        """A ratio of the sums."""
        return ctr(clicks=self.clicks, impressions=self.impressions)

    @property
    def cpm(self) -> Decimal | None:
        """In the ad account's currency."""
        return cpm(spend=self.spend, impressions=self.impressions)

    @property
    def cpc(self) -> Decimal | None:
        """In the ad account's currency."""
        return cost_of_one(spend=self.spend, count=self.clicks)

    @property
    def cost_per_conversion(self) -> Decimal | None:
        """In the ad account's currency."""
        return cost_of_one(spend=self.spend, count=self.conversions)


@dataclass(frozen=True)
class Gap:
    """A day on which the ads do not add up to what TikTok says of the whole ad account. The difference is TikTok's total minus the sum."""

    date: date
    spend: Decimal
    impressions: int
    clicks: int
    conversions: int


def paid(ad_account: AdAccount, first: date, last: date, *, level: Level) -> list[Paid]:
    """One line for each campaign, ad group, ad or day with delivery, the most expensive first; days in their order."""
    rows = _days(ad_account, first, last).values(level.value).annotate(**_sums(("spend", *_COUNTS)))
    lines = [_line(row, level, ad_account.currency) for row in rows]
    if level is Level.DAY:
        return sorted(lines, key=lambda line: str(line.key))
    return sorted(lines, key=lambda line: (-(line.spend or 0), str(line.key)))


def _days(ad_account: AdAccount, first: date, last: date) -> QuerySet[AdDay]:
    return AdDay.objects.filter(workspace_id=ad_account.workspace_id, ad_account=ad_account, date__range=(first, last))


def _sums(names: Sequence[str]) -> dict[str, Aggregate]:
    """Each sum, and how many rows lack that part."""
    sums: dict[str, Aggregate] = {f"sum_{name}": Sum(name) for name in names}
    return sums | {f"lacks_{name}": Count("id", filter=Q(**{f"{name}__isnull": True})) for name in names}


def _line(row: dict[str, object], level: Level, currency: str) -> Paid:
    def told(name: str) -> object:
        return None if row[f"lacks_{name}"] else row[f"sum_{name}"]

    counts = {name: None if told(name) is None else int(str(told(name))) for name in _COUNTS}
    return Paid(key=row[level.value], currency=currency, spend=told("spend"), **counts)


def gaps(ad_account: AdAccount, first: date, last: date) -> list[Gap]:
    """Days on which TikTok's total of the ad account is another than the sum of its ads."""
    of_ads = {line.key: line for line in paid(ad_account, first, last, level=Level.DAY)}
    found = []
    for total in AdAccountDay.objects.filter(ad_account=ad_account, date__range=(first, last)).order_by("date"):
        line = of_ads.get(total.date)
        gap = Gap(
            total.date,
            _difference(total.spend, line and line.spend, Decimal(0)),
            *(_difference(getattr(total, name), line and getattr(line, name), 0) for name in ("impressions", "clicks", "conversions")),
        )
        if any((gap.spend, gap.impressions, gap.clicks, gap.conversions)):
            found.append(gap)
    return found


def _difference(total: Decimal | int | None, summed: Decimal | int | None, nothing: Decimal | int) -> Decimal | int:
    return nothing if total is None else total - (summed or nothing)


def boosted_posts(ad_account: AdAccount, first: date, last: date) -> list[str]:
    """TikTok's ids of the posts that Spark Ads showed in these days."""
    shown = _days(ad_account, first, last).filter(impressions__gt=0).values("tiktok_ad_id")
    ads = Ad.objects.filter(ad_account=ad_account, tiktok_ad_id__in=shown).exclude(tiktok_item_id="")
    return sorted(set(ads.values_list("tiktok_item_id", flat=True)))
