"""What may be asked of a report: every rule over several parameters, each with the error TikTok gives. Computes no figure."""

import json
from dataclasses import dataclass
from typing import Any

from tiktok_sandbox.params import bad
from tiktok_sandbox.reporting.metrics import METRICS, NUMERIC

TYPES = ("BASIC", "AUDIENCE", "PLAYABLE_MATERIAL", "CATALOG", "BC", "TT_SHOP")
DATA_LEVELS = {
    f"{service}_{name}": level
    for service in ("AUCTION", "RESERVATION")
    for name, level in (("AD", "ad"), ("ADGROUP", "adgroup"), ("CAMPAIGN", "campaign"), ("ADVERTISER", "advertiser"))
}
DEPTH = {"advertiser": 0, "campaign": 1, "adgroup": 2, "ad": 3}
IDS = {"advertiser_id": "advertiser", "campaign_id": "campaign", "adgroup_id": "adgroup", "ad_id": "ad", "ad_id_v2": "ad"}
TIMES = ("stat_time_day", "stat_time_hour")
# Breakdowns the world has figures for, and those it has nothing of: such a report is empty.
AUDIENCE = (
    "gender", "age", "country_code", "province_id", "dma_id", "platform", "language", "ac", "placement", "interest_category",
    "contextual_tag", "device_brand_id",
)  # fmt: skip
NOT_THERE = (
    "ad_type", "custom_event_type", "event_source_id", "page_id", "component_name", "room_id", "post_id", "image_id", "video_material_id",
    "minis_id", "search_terms", "search_keyword", "match_type", "skan_postback_sequence", "playable_id", "product_id", "catalog_id",
)  # fmt: skip
DIMENSIONS = frozenset((*IDS, *TIMES, *AUDIENCE, *NOT_THERE))
FILTER_TYPES = (
    "IN", "NOT_IN", "CONTAIN_ANY_OF", "BETWEEN", "MATCH", "GREATER_EQUAL", "GREATER_THAN", "LOWER_EQUAL", "LOWER_THAN",
)  # fmt: skip
ID_FILTERS = {"campaign_ids": "campaign", "adgroup_ids": "adgroup", "ad_ids": "ad", "ad_ids_v2": "ad"}
STATUS_FILTERS = {"campaign_status": "campaign", "adgroup_status": "adgroup", "ad_status": "ad"}
TEXT_FILTERS = ("buying_type", "campaign_automation_type", "country_code", "campaign_name", "adgroup_name", "ad_name", "objective_type")
LIST_TYPES = frozenset(("IN", "NOT_IN", "CONTAIN_ANY_OF"))
MOST_IDS = 100
NEEDS_LEVEL = frozenset(("BASIC", "AUDIENCE", "CATALOG"))


@dataclass(frozen=True, slots=True)
class Filter:
    field: str
    kind: str
    value: Any  # a tuple of texts, a pair of numbers, a number or a text, as the kind wants it


@dataclass(frozen=True, slots=True)
class Query:
    """One checked question. Equal questions are equal, so that their tables can be remembered."""

    report_type: str
    level: str
    advertisers: tuple[str, ...]
    is_multi: bool
    in_utc: bool
    dimensions: tuple[str, ...]
    metrics: tuple[str, ...]
    first: int
    last: int
    lifetime: bool
    filters: tuple[Filter, ...]
    order_field: str | None
    ascending: bool

    @property
    def id_dimension(self) -> str | None:
        return next((name for name in self.dimensions if name in IDS and name != "advertiser_id"), None) or (
            "advertiser_id" if "advertiser_id" in self.dimensions else None
        )

    @property
    def time(self) -> str | None:
        return next((name for name in self.dimensions if name in TIMES), None)

    @property
    def breakdowns(self) -> tuple[str, ...]:
        return tuple(name for name in self.dimensions if name in AUDIENCE)

    @property
    def is_empty(self) -> bool:
        return self.report_type in {"PLAYABLE_MATERIAL", "CATALOG", "TT_SHOP"} or any(name in NOT_THERE for name in self.dimensions)


def read(values: dict[str, Any], advertisers: tuple[str, ...], *, has_span_limit: bool = True) -> Query:
    """Check the parameters against one another; raises the API's error for the first that is wrong."""
    kind, dimensions = values["report_type"], values["dimensions"]
    level = _level(values, kind)
    _check_dimensions(values, kind, level)
    first, last = _span(values, kind, has_span_limit)
    order = values["order_field"]
    if order is not None and order not in NUMERIC:
        raise bad(f"order_field: {order[:60]} cannot be sorted by.")
    metrics = values["metrics"] or (("spend", "billed_cost") if kind == "TT_SHOP" else ("spend", "impressions"))
    if values.get("enable_total_metrics"):
        ids = [name for name in dimensions if name in IDS]
        if kind != "BASIC" or len(ids) != 1 or set(dimensions) - set(ids) - {"stat_time_day"}:
            raise bad("enable_total_metrics: exactly one ID dimension, alone or with stat_time_day, is expected.")
    return Query(
        report_type=kind,
        level=level,
        advertisers=advertisers,
        is_multi=values["advertiser_ids"] is not None,
        in_utc=values["advertiser_ids"] is not None and bool(values.get("multi_adv_report_in_utc_time")),
        dimensions=dimensions,
        metrics=metrics,
        first=first,
        last=last,
        lifetime=values["query_lifetime"],
        filters=tuple(_filter(one, level) for one in values["filtering"]),
        order_field=order,
        ascending=values["order_type"] == "ASC",
    )


def _level(values: dict[str, Any], kind: str) -> str:
    name = values["data_level"]
    if kind == "BC":
        if values.get("bc_id") is None:
            raise bad("bc_id: it is required when report_type is BC.")
        if name is not None:
            raise bad("data_level: it is not supported when report_type is BC.")
        return "advertiser"
    if values["advertiser_id"] is None and values["advertiser_ids"] is None:
        raise bad("advertiser_id: Missing data for required field.")
    if values["advertiser_ids"] is not None and kind not in {"BASIC", "AUDIENCE"}:
        raise bad("advertiser_ids: only for the report types BASIC and AUDIENCE.")
    if name is None:
        if kind in NEEDS_LEVEL:
            raise bad("data_level: Missing data for required field.")
        return "advertiser"
    if kind == "TT_SHOP" and DATA_LEVELS[name] not in {"advertiser", "campaign"}:
        raise bad("data_level: AUCTION_ADVERTISER or AUCTION_CAMPAIGN is expected when report_type is TT_SHOP.")
    return DATA_LEVELS[name]


def _check_dimensions(values: dict[str, Any], kind: str, level: str) -> None:
    dimensions = values["dimensions"]
    ids = [name for name in dimensions if name in IDS]
    if len([name for name in ids if name != "advertiser_id"]) > 1:
        raise bad("dimensions: at most one ID dimension can be used.")
    for name in ids:
        if DEPTH[IDS[name]] > DEPTH[level]:
            raise bad(f"dimensions: {name} is not supported at this data_level.")
    if all(name in dimensions for name in TIMES):
        raise bad("dimensions: stat_time_day and stat_time_hour cannot be used together.")
    breakdowns = [name for name in dimensions if name in AUDIENCE]
    if kind == "BASIC" and set(breakdowns) - {"country_code"}:
        raise bad(f"dimensions: {breakdowns[0]} is only supported when report_type is AUDIENCE.")
    if kind == "AUDIENCE" and not breakdowns:
        raise bad("dimensions: an audience dimension is expected when report_type is AUDIENCE.")
    if len(breakdowns) > 1 and set(breakdowns) != {"gender", "age"}:
        raise bad(f"dimensions: {', '.join(breakdowns)} cannot be combined.")
    if values["query_lifetime"] and (kind not in {"BASIC", "PLAYABLE_MATERIAL"} or set(dimensions) - set(ids)):
        raise bad("query_lifetime: no time, audience or country dimension can be used with it.")


def _span(values: dict[str, Any], kind: str, has_limit: bool) -> tuple[int, int]:
    first, last = values["start_date"], values["end_date"]
    if values["query_lifetime"]:
        return 0, 1 << 30
    for name, value in (("start_date", first), ("end_date", last)):
        if value is None:
            raise bad(f"{name}: Missing data for required field.")
    if first > last:
        raise bad("start_date: it must not be later than end_date.")
    dimensions, days = values["dimensions"], last - first + 1
    if has_limit and kind != "BC":
        if "stat_time_day" in dimensions and days > 30:
            raise bad("max time span is 30 days when use stat_time_day")
        if "stat_time_hour" in dimensions and days > 1:
            raise bad("max time span is 1 day when use stat_time_hour")
    if has_limit and days > 365:
        raise bad("max time span is 365 days")
    return first, last


def _filter(given: dict[str, str], level: str) -> Filter:
    name, kind, raw = given["field_name"], given["filter_type"], given["filter_value"]
    if name not in ID_FILTERS and name not in STATUS_FILTERS and name not in TEXT_FILTERS and name not in METRICS:
        raise bad(f"filtering: {name[:60]} is not a field to filter by.")
    below = ID_FILTERS.get(name) or STATUS_FILTERS.get(name)
    if below is not None and DEPTH[below] > DEPTH[level]:
        raise bad(f"filtering: {name} is not supported at this data_level.")
    if name in NUMERIC:
        return Filter(name, kind, _number(name, kind, raw))
    if kind not in LIST_TYPES and kind != "MATCH":
        raise bad(f"filtering: {kind} does not fit {name}.")
    if kind == "MATCH":
        return Filter(name, kind, raw)
    items = _array(name, raw)
    if name in ID_FILTERS and (len(items) > MOST_IDS or not all(one.isdecimal() for one in items)):
        raise bad(f"filtering: {name} takes 1 to {MOST_IDS} ids.")
    return Filter(name, kind, items)


def _number(name: str, kind: str, raw: str) -> Any:
    try:
        if kind == "BETWEEN":
            low, high = (float(one) for one in json.loads(raw))
            return low, high
        if kind in LIST_TYPES or kind == "MATCH":
            raise ValueError
        return float(raw)
    except (TypeError, ValueError):
        raise bad(f"filtering: the filter_value of {name} does not fit {kind}.") from None


def _array(name: str, raw: str) -> tuple[str, ...]:
    try:
        items = json.loads(raw)
    except ValueError:
        items = None
    if not isinstance(items, list) or not items or not all(isinstance(one, str | int) for one in items):
        raise bad(f"filtering: the filter_value of {name} must be a JSON array as a string.")
    return tuple(str(one) for one in items)


def days_in(query: Query) -> int:
    return 1 if query.time is not None else min(365, query.last - query.first + 1)
