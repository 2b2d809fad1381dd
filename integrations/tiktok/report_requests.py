"""What a report can be asked for: levels, dimensions, metrics, days; and how one value of each is read.

Owns the tables of metrics and dimensions and TikTok's limits on the days of one request. Calls nothing.
TikTok's page: https://business-api.tiktok.com/portal/docs?id=1740302848100353
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from integrations.tiktok import reading

Metric = int | Decimal | str | None
BY_DAY, BY_HOUR = "stat_time_day", "stat_time_hour"
ID_DIMENSIONS = ("advertiser_id", "campaign_id", "adgroup_id", "ad_id", "ad_id_v2")
BREAKDOWNS = (
    "gender", "age", "country_code", "province_id", "dma_id", "platform", "language", "ac", "placement", "interest_category",
    "contextual_tag",
)  # fmt: skip
DIMENSIONS = frozenset((*ID_DIMENSIONS, BY_DAY, BY_HOUR, *BREAKDOWNS))


class DataLevel(StrEnum):
    """What one row is about."""

    ADVERTISER = "AUCTION_ADVERTISER"
    CAMPAIGN = "AUCTION_CAMPAIGN"
    AD_GROUP = "AUCTION_ADGROUP"
    AD = "AUCTION_AD"


class ReportType(StrEnum):
    BASIC = "BASIC"
    AUDIENCE = "AUDIENCE"


def _count(data: Mapping[str, Any], name: str) -> int | None:
    value = reading.figure(data, name)
    if not isinstance(value, float):
        return value
    exact = reading.decimal(data, name)  # "20.000", or more digits than a float holds
    if exact is None or exact != exact.to_integral_value():
        raise reading.Malformed(name)
    return int(exact)


def _named(read: Callable[[Mapping[str, Any], str], Metric], names: str) -> dict[str, Callable[[Mapping[str, Any], str], Metric]]:
    return dict.fromkeys(names.split(), read)


# Counts are whole numbers, money is in the account's currency, percent numbers become rates: ctr "1.18" is 0.0118.
METRICS: dict[str, Callable[[Mapping[str, Any], str], Metric]] = {
    **_named(
        _count,
        "impressions gross_impressions clicks reach conversion real_time_conversion result real_time_result secondary_goal_result "
        "video_play_actions video_watched_2s video_watched_6s video_views_p25 video_views_p50 video_views_p75 video_views_p100 "
        "engaged_view engaged_view_15s engagements likes comments shares follows profile_visits clicks_on_music_disc complete_payment "
        "initiate_checkout web_event_add_to_cart app_install real_time_app_install",
    ),
    **_named(
        reading.decimal,
        "spend billed_cost cash_spend voucher_spend cpc cpm cost_per_1000_reached cost_per_conversion real_time_cost_per_conversion "
        "cost_per_result total_purchase_value budget campaign_budget bid "
        "frequency average_video_play average_video_play_per_user complete_payment_roas",
    ),
    **_named(
        reading.rate_of_percent,
        "ctr conversion_rate conversion_rate_v2 result_rate engagement_rate profile_visits_rate total_complete_payment_rate",
    ),
    **_named(reading.identifier_or_none, "advertiser_id campaign_id adgroup_id ad_id tiktok_item_id"),
    **_named(
        reading.text_or_none,
        "advertiser_name campaign_name adgroup_name ad_name ad_text objective_type placement_type promotion_type bid_strategy "
        "billing_event smart_target currency timezone campaign_automation_type",
    ),
}


@dataclass(frozen=True)
class ReportFilter:
    """`value` is written as TikTok wants it; lists are JSON text: field campaign_ids, kind IN, value '["18"]'."""

    field: str
    kind: str
    value: str


@dataclass(frozen=True)
class ReportRequest:
    """One question to TikTok's reports. Days are those of the ad account's time zone, both included; without days it is the lifetime.

    Without filters, deleted ones of the level are left out. ValueError for what TikTok would refuse whatever the account.
    """

    advertiser_id: str
    data_level: DataLevel
    dimensions: tuple[str, ...]
    metrics: tuple[str, ...]
    start: date | None = None
    end: date | None = None
    report_type: ReportType = ReportType.BASIC
    filters: tuple[ReportFilter, ...] = ()
    order_field: str | None = None
    order_type: str | None = None

    def __post_init__(self) -> None:
        if not self.dimensions or not set(self.dimensions) <= DIMENSIONS or len(set(self.dimensions)) != len(self.dimensions):
            raise ValueError("a report needs dimensions that we know, each once")
        if not self.metrics or not set(self.metrics) <= METRICS.keys():
            raise ValueError("a report needs metrics that we know how to read")
        if (self.start is None) != (self.end is None) or (self.start is not None and self.end is not None and self.start > self.end):
            raise ValueError("a report has a first and a last day in this order, or neither")
        only_ids = set(self.dimensions) <= set(ID_DIMENSIONS)
        if self.start is None and (self.report_type is not ReportType.BASIC or not only_ids):
            raise ValueError("a lifetime has no days, hours or audiences")

    @property
    def most_days(self) -> int:
        """How many days one synchronous request may span."""
        return 1 if BY_HOUR in self.dimensions else 30 if BY_DAY in self.dimensions else 365

    def windows(self) -> Iterator["ReportRequest"]:
        """The same question in spans that TikTok answers, oldest first. Without a time dimension the spans are to be added up by the
        caller, and what counts people once, such as reach, cannot be."""
        if self.start is None or self.end is None:
            yield self
            return
        start = self.start
        while start <= self.end:
            end = min(self.end, start + timedelta(days=self.most_days - 1))
            yield replace(self, start=start, end=end)
            start = end + timedelta(days=1)

    def params(self) -> dict[str, Any]:
        """The parts that synchronous and asynchronous reports share."""
        lifetime = self.start is None
        return {
            "advertiser_id": self.advertiser_id,
            "report_type": self.report_type.value,
            "data_level": self.data_level.value,
            "dimensions": list(self.dimensions),
            "metrics": list(self.metrics),
            "start_date": None if self.start is None else self.start.isoformat(),
            "end_date": None if self.end is None else self.end.isoformat(),
            "query_lifetime": True if lifetime else None,
            "filtering": [{"field_name": f.field, "filter_type": f.kind, "filter_value": f.value} for f in self.filters] or None,
            "order_field": self.order_field,
            "order_type": self.order_type,
        }
