"""GET /campaign/get/, /adgroup/get/, /ad/get/: every filter, field selection and paging over what an ad account holds. Writes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tiktok_sandbox import ad_records
from tiktok_sandbox.answers import page_of_numbers
from tiktok_sandbox.endpoints import Call, Endpoint, Flow
from tiktok_sandbox.envelope import Ready, to_json
from tiktok_sandbox.families.advertisers import PAGE, page_of
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param, bad
from tiktok_sandbox.readers import Choice, Flag, Id, ListOf, Moment, Names, Shape, Text, Whole
from tiktok_sandbox.scopes import READ_CAMPAIGNS
from tiktok_sandbox.world.adbook import Book
from tiktok_sandbox.world.adentities import (
    AUCTION,
    REACH_FREQUENCY,
    TOP_VIEW,
    Campaign,
    Group,
    ad_status,
    campaign_status,
    group_status,
    has_primary,
)

PRIMARY = (
    "STATUS_NOT_DELETE", "STATUS_ALL", "STATUS_DELETE", "STATUS_DELIVERY_OK", "STATUS_DISABLE", "STATUS_NOT_DELIVERY", "STATUS_TIME_DONE",
    "STATUS_FROZEN",
)  # fmt: skip
OBJECTIVES = (
    "REACH", "TRAFFIC", "VIDEO_VIEWS", "ENGAGEMENT", "LEAD_GENERATION", "APP_PROMOTION", "WEB_CONVERSIONS", "PRODUCT_SALES", "RF_REACH",
    "BRAND_CONSIDERATION", "APP_INSTALL", "CONVERSIONS", "CATALOG_SALES", "SHOP_PURCHASES", "RF_TRAFFIC", "RF_VIDEO_VIEW", "RF_ENGAGEMENT",
    "RF_APP_INSTALL", "TOPVIEW_REACH",
)  # fmt: skip
GOALS = (
    "CLICK", "CONVERT", "INSTALL", "IN_APP_EVENT", "SHOW", "VIDEO_VIEW", "REACH", "LEAD_GENERATION", "CONVERSATION", "FOLLOWERS",
    "PROFILE_VIEWS", "PAGE_VISIT", "VALUE", "AUTOMATIC_VALUE_OPTIMIZATION", "GMV", "PURCHASES", "INITIATE_CHECKOUTS", "MT_LIVE_ROOM",
    "PRODUCT_CLICK_IN_LIVE", "ENGAGED_VIEW", "ENGAGED_VIEW_FIFTEEN", "TRAFFIC_LANDING_PAGE_VIEW", "DESTINATION_VISIT", "PREFERRED_LEAD",
)  # fmt: skip
BILLING = ("CPC", "CPM", "CPV", "OCPM", "GD")
PROMOTIONS = (
    "WEBSITE", "APP_ANDROID", "APP_IOS", "LEAD_GENERATION", "LEAD_GEN_CLICK_TO_TT_DIRECT_MESSAGE",
    "LEAD_GEN_CLICK_TO_SOCIAL_MEDIA_APP_MESSAGE", "LEAD_GEN_CLICK_TO_CALL", "WEBSITE_OR_DISPLAY", "TIKTOK_SHOP", "VIDEO_SHOPPING",
    "LIVE_SHOPPING", "PSA_PRODUCT", "GAME",
)  # fmt: skip
BUYING = (AUCTION, REACH_FREQUENCY, TOP_VIEW)
MOST_TOP_VIEW = 100
IDS = ListOf(Id(), most=100)
EVERY_FILTER = (
    Param("campaign_ids", IDS),
    Param("primary_status", Choice(PRIMARY)),
    Param("secondary_status", Text()),
    Param("objective_type", Choice(OBJECTIVES)),
    Param("buying_types", ListOf(Choice(BUYING))),
    Param("optimization_goal", Choice(GOALS)),
    Param("creation_filter_start_time", Moment()),
    Param("creation_filter_end_time", Moment()),
    Param("campaign_system_origins", ListOf(Choice(("TT_ADS_PLATFORM", "PROMOTE")))),
    Param("split_test_enabled", Flag()),
)
Test = Callable[[Any, Any, float], bool]


def _by_creation(since: bool) -> Test:
    return (lambda wanted, entity, now: entity.created >= wanted) if since else (lambda wanted, entity, now: entity.created <= wanted)


def _campaign_of(entity: Any) -> Campaign:
    return entity if isinstance(entity, Campaign) else entity.campaign  # type: ignore[no-any-return]


def _groups_of(entity: Any) -> list[Group]:
    return entity.groups if isinstance(entity, Campaign) else [entity if isinstance(entity, Group) else entity.group]


# What each filter asks of an entity. None of the world is a split test, and every destination is a web page.
TESTS: dict[str, Test] = {
    "campaign_ids": lambda wanted, entity, now: _campaign_of(entity).id in wanted,
    "adgroup_ids": lambda wanted, entity, now: _groups_of(entity)[0].id in wanted,
    "ad_ids": lambda wanted, entity, now: entity.id in wanted,
    "campaign_name": lambda wanted, entity, now: wanted.lower() in entity.name.lower(),
    "adgroup_name": lambda wanted, entity, now: wanted.lower() in entity.name.lower(),
    "ad_name": lambda wanted, entity, now: wanted.lower() in entity.name.lower(),
    "campaign_type": lambda wanted, entity, now: entity.kind == wanted,
    "objective_type": lambda wanted, entity, now: _campaign_of(entity).objective == wanted,
    "buying_types": lambda wanted, entity, now: _campaign_of(entity).buying in wanted,
    "optimization_goal": lambda wanted, entity, now: any(group.goal == wanted for group in _groups_of(entity)),
    "creation_filter_start_time": _by_creation(True),
    "creation_filter_end_time": _by_creation(False),
    "campaign_system_origins": lambda wanted, entity, now: _campaign_of(entity).origin in wanted,
    "split_test_enabled": lambda wanted, entity, now: not wanted,
    "is_smart_performance_campaign": lambda wanted, entity, now: entity.is_smart is wanted,
    "campaign_product_source": lambda wanted, entity, now: entity.product_source == wanted,
    "sales_destination": lambda wanted, entity, now: entity.sales_destination == wanted,
    "promotion_type": lambda wanted, entity, now: entity.promotion == wanted,
    "bid_strategy": lambda wanted, entity, now: ad_records.bid_strategy(entity) == wanted,
    "billing_events": lambda wanted, entity, now: entity.billing in wanted,
    "creative_material_mode": lambda wanted, entity, now: ad_records.material_mode(_campaign_of(entity)) == wanted,
    "destination": lambda wanted, entity, now: wanted == "WEBSITE",
    "modified_after": lambda wanted, entity, now: entity.changed_at(now) > wanted,
}
MATERIAL_MODES = ("CUSTOM", "DYNAMIC", "SMART_CREATIVE")


@dataclass(frozen=True, slots=True)
class Level:
    """One of the three levels: its filters and how one entity is written down."""

    name: str
    fields: tuple[str, ...]
    filters: tuple[Param, ...]
    status: Callable[[Any, float], str]
    record: Callable[[Book, Any, float], dict[str, Any]]


def _reader(level: Level) -> Callable[[Call], Ready]:
    def read(call: Call) -> Ready:
        filtering = {
            "buying_types": (AUCTION, REACH_FREQUENCY),
            "campaign_system_origins": ("TT_ADS_PLATFORM",),
            "primary_status": "STATUS_NOT_DELETE",
            **call.values["filtering"],
        }
        _check(filtering, call.values["page_size"])
        book = call.desk.world.ads.book(call.values["advertiser_id"])
        found = matching(level, book, filtering, call.now)
        page, info = page_of(found, call.values["page"], call.values["page_size"])
        fields, no_nulls = call.values["fields"] or level.fields, bool(call.values["exclude_field_types_in_response"])
        records = [_shown(level.record(book, entity, call.now), fields, no_nulls) for entity in page]
        return Ready(to_json({"list": records, "page_info": info}).decode())

    return read


def matching(level: Level, book: Book, filtering: dict[str, Any], now: int) -> list[Any]:
    """Newest first, as TikTok lists them."""
    primary, secondary = filtering["primary_status"], filtering.get("secondary_status")
    tests = [(TESTS[name], wanted) for name, wanted in filtering.items() if name in TESTS]
    found = []
    for entity in reversed(book.existing(level.name, now)):
        if all(test(wanted, entity, now) for test, wanted in tests):
            status = level.status(entity, now)
            if has_primary(status, primary) and secondary in {None, status}:
                found.append(entity)
    return found


def _check(filtering: dict[str, Any], page_size: int) -> None:
    start, end = filtering.get("creation_filter_start_time"), filtering.get("creation_filter_end_time")
    if start is not None and end is not None and start > end:
        raise bad("filtering.creation_filter_start_time: it must not be later than creation_filter_end_time.")
    if TOP_VIEW in filtering["buying_types"] and page_size > MOST_TOP_VIEW:
        raise bad(f"page_size: at most {MOST_TOP_VIEW} when buying_types has {TOP_VIEW}.")


def _shown(record: dict[str, Any], fields: tuple[str, ...], no_nulls: bool) -> dict[str, Any]:
    """The fields asked for, in that order; one that this kind of entity does not have stays out."""
    return {name: record[name] for name in fields if name in record and not (no_nulls and record[name] is None)}


CAMPAIGNS = Level(
    "campaign",
    ad_records.CAMPAIGN_FIELDS,
    (
        *EVERY_FILTER,
        Param("campaign_name", Text()),
        Param("campaign_type", Choice(("REGULAR_CAMPAIGN", "IOS14_CAMPAIGN"))),
        Param("is_smart_performance_campaign", Flag()),
        Param("campaign_product_source", Text()),
        Param("sales_destination", Text()),
    ),
    campaign_status,
    ad_records.campaign,
)
GROUPS = Level(
    "adgroup",
    ad_records.GROUP_FIELDS,
    (
        *EVERY_FILTER,
        Param("adgroup_ids", IDS),
        Param("adgroup_name", Text()),
        Param("promotion_type", Choice(PROMOTIONS)),
        Param("bid_strategy", Text()),
        Param("billing_events", ListOf(Choice(BILLING))),
        Param("creative_material_mode", Choice(MATERIAL_MODES)),
    ),
    group_status,
    ad_records.group,
)
ADS = Level(
    "ad",
    ad_records.AD_FIELDS,
    (
        *EVERY_FILTER,
        Param("adgroup_ids", IDS),
        Param("ad_ids", IDS),
        Param("ad_name", Text()),
        Param("creative_material_mode", Choice(MATERIAL_MODES)),
        Param("destination", Text()),
        Param("modified_after", Moment()),
    ),
    ad_status,
    ad_records.ad,
)
LEVELS = {level.name: level for level in (CAMPAIGNS, GROUPS, ADS)}

ENDPOINTS = tuple(
    Endpoint(
        f"/{level.name}/get/",
        "GET",
        _reader(level),
        (
            Param("advertiser_id", Id(), required=True),
            Param("fields", Names(frozenset(level.fields))),
            Param("exclude_field_types_in_response", Names(frozenset(("NULL_FIELD",)))),
            Param("filtering", Shape(level.filters), default={}),
            PAGE,
            Param("page_size", Whole(1, 1000), default=10),
        ),
        needs_token=True,
        limit=Limit.MARKETING,
        evidence="T",
        flow=Flow.ADVERTISER,
        permission=READ_CAMPAIGNS,
        gives=page_of_numbers("list", ad_records.described(level.fields)),
    )
    for level in LEVELS.values()
)
