"""How a campaign, an ad group and an ad are written down on the wire, one record each. Chooses nothing and filters nothing."""

from typing import Any

from tiktok_sandbox.answers import AMOUNT, FLAG, ID, MOMENT, TEXT, Schema, each, list_of, nullable, record, some_of, word
from tiktok_sandbox.clock import moment_text
from tiktok_sandbox.world.adbook import Book
from tiktok_sandbox.world.adentities import AUCTION, DELETE, FROZEN, Ad, Campaign, Group, ad_status, campaign_status, group_status

OBJECTIVE_PAGES = {"TRAFFIC": "LANDING_PAGE", "APP_PROMOTION": "APP_INSTALL", "WEB_CONVERSIONS": "LANDING_PAGE"}
AGES = ["AGE_18_24", "AGE_25_34", "AGE_35_44", "AGE_45_54"]

CAMPAIGN_FIELDS = (
    "advertiser_id", "campaign_id", "campaign_system_origin", "create_time", "modify_time", "objective_type", "app_promotion_type",
    "virtual_objective_type", "sales_destination", "is_search_campaign", "is_smart_performance_campaign", "campaign_type", "app_id",
    "is_advanced_dedicated_campaign", "campaign_app_profile_page_state", "rf_campaign_type", "campaign_product_source", "catalog_enabled",
    "campaign_name", "special_industries", "budget_optimize_on", "bid_type", "deep_bid_type", "roas_bid", "optimization_goal",
    "budget_mode", "budget", "rta_id", "operation_status", "secondary_status", "postback_window_mode", "is_new_structure", "objective",
    "campaign_automation_type", "buying_type", "po_number", "split_test_variable",
)  # fmt: skip
GROUP_FIELDS = (
    "advertiser_id", "campaign_id", "campaign_name", "campaign_system_origin", "is_smart_performance_campaign", "adgroup_id",
    "adgroup_name", "create_time", "modify_time", "shopping_ads_type", "identity_id", "identity_type", "identity_authorized_bc_id",
    "product_source", "promotion_type", "promotion_website_type", "app_id", "app_type", "pixel_id", "optimization_event",
    "placement_type", "placements", "comment_disabled", "video_download_disabled", "share_disabled", "location_ids", "languages", "gender",
    "age_groups", "spending_power", "interest_category_ids", "interest_keyword_ids", "actions", "audience_ids", "excluded_audience_ids",
    "operating_systems", "network_types", "device_model_ids", "zipcode_ids", "saved_audience_id", "budget_mode", "budget",
    "scheduled_budget", "schedule_type", "schedule_start_time", "schedule_end_time", "dayparting", "optimization_goal", "frequency",
    "frequency_schedule", "bid_type", "bid_price", "conversion_bid_price", "deep_bid_type", "roas_bid", "bid_display_mode", "pacing",
    "billing_event", "click_attribution_window", "view_attribution_window", "creative_material_mode", "operation_status",
    "secondary_status", "is_new_structure", "skip_learning_phase", "split_test_group_id", "split_test_status", "budget_optimize_on",
)  # fmt: skip
AD_FIELDS = (
    "advertiser_id", "campaign_id", "campaign_name", "campaign_system_origin", "adgroup_id", "adgroup_name", "ad_id", "ad_name",
    "create_time", "modify_time", "identity_id", "identity_type", "identity_authorized_bc_id", "catalog_id", "ad_format", "video_id",
    "image_ids", "carousel_image_labels", "music_id", "tiktok_item_id", "promotional_music_disabled", "item_duet_status",
    "item_stitch_status", "dark_post_status", "branded_content_disabled", "ad_text", "ad_texts", "call_to_action", "call_to_action_id",
    "card_id", "landing_page_url", "utm_params", "page_id", "tiktok_page_category", "cpp_url", "deeplink", "deeplink_type",
    "impression_tracking_url", "click_tracking_url", "tracking_pixel_id", "tracking_app_id", "creative_type", "display_name",
    "avatar_icon_web_uri", "profile_image_url", "operation_status", "secondary_status", "is_aco", "is_new_structure", "optimization_event",
)  # fmt: skip

# Fields that are not plain text or null.
KINDS = {
    **each(("advertiser_id", "campaign_id", "adgroup_id", "ad_id"), ID),
    **each(("app_id", "pixel_id", "page_id", "tiktok_item_id", "identity_authorized_bc_id", "call_to_action_id"), nullable(ID)),
    **each(("tracking_pixel_id", "tracking_app_id"), nullable(ID)),
    **each(("create_time", "modify_time"), MOMENT),
    **each(("schedule_start_time", "schedule_end_time"), MOMENT),
    **each(("budget", "scheduled_budget", "bid_price", "conversion_bid_price"), AMOUNT),
    **each(("roas_bid", "frequency", "frequency_schedule"), nullable(AMOUNT)),
    **each(("is_search_campaign", "is_smart_performance_campaign", "is_advanced_dedicated_campaign", "is_new_structure", "is_aco"), FLAG),
    **each(("budget_optimize_on", "comment_disabled", "video_download_disabled", "share_disabled", "skip_learning_phase"), FLAG),
    **each(("catalog_enabled", "promotional_music_disabled", "branded_content_disabled"), nullable(FLAG)),
    **each(("location_ids",), list_of(ID)),
    **each(("special_industries", "placements", "languages", "age_groups", "image_ids"), list_of(TEXT)),
    **each(("interest_category_ids", "interest_keyword_ids", "actions", "audience_ids", "excluded_audience_ids"), list_of(TEXT)),
    **each(("operating_systems", "network_types", "device_model_ids", "zipcode_ids"), list_of(TEXT)),
    **each(("ad_texts", "carousel_image_labels"), nullable(list_of(TEXT))),
    "utm_params": list_of(record({}, optional={"key": TEXT, "value": TEXT})),
    "operation_status": word("ENABLE", "DISABLE", "FROZEN"),
    "secondary_status": TEXT,
}


def described(names: tuple[str, ...], *, is_whole: bool = False) -> Schema:
    """A record of these fields: those that were chosen, or all but the time of change, which Smart+ does not have."""
    kinds = {name: KINDS.get(name, nullable(TEXT)) for name in names}
    return some_of(kinds, always=(name for name in names if is_whole and name != "modify_time"))


def campaign(book: Book, one: Campaign, now: float) -> dict[str, Any]:
    record: dict[str, Any] = dict.fromkeys(CAMPAIGN_FIELDS)
    record |= {
        "advertiser_id": book.advertiser_id,
        "campaign_id": one.id,
        "campaign_name": one.name,
        "campaign_system_origin": one.origin,
        "campaign_type": one.kind,
        "objective": OBJECTIVE_PAGES.get(one.objective, "LANDING_PAGE"),
        "objective_type": one.objective,
        "app_promotion_type": "APP_INSTALL" if one.objective == "APP_PROMOTION" else "UNSET",
        "campaign_product_source": one.product_source,
        "sales_destination": one.sales_destination,
        "is_search_campaign": False,
        "is_advanced_dedicated_campaign": False,
        "is_smart_performance_campaign": one.is_smart,
        "campaign_automation_type": one.automation,
        "buying_type": one.buying,
        "rf_campaign_type": "STANDARD" if one.buying != AUCTION else None,
        "special_industries": [],
        "budget": amount(book, one.budget),
        "budget_mode": one.budget_mode,
        "budget_optimize_on": one.budget_optimized,
        "operation_status": _operation(one, now),
        "secondary_status": campaign_status(one, now, is_open=book.advertiser.status == "STATUS_ENABLE"),
        "is_new_structure": True,
        "create_time": moment_text(one.created),
        "modify_time": moment_text(one.changed_at(now)),
        **one.extra,
    }
    return _without_modification(record, one)


def group(book: Book, one: Group, now: float) -> dict[str, Any]:
    planned = one.planned_budget
    record: dict[str, Any] = dict.fromkeys(GROUP_FIELDS)
    record |= {
        "advertiser_id": book.advertiser_id,
        "campaign_id": one.campaign.id,
        "campaign_name": one.campaign.name,
        "campaign_system_origin": one.campaign.origin,
        "is_smart_performance_campaign": one.campaign.is_smart,
        "adgroup_id": one.id,
        "adgroup_name": one.name,
        "promotion_type": one.promotion,
        "placement_type": "PLACEMENT_TYPE_NORMAL",
        "placements": ["PLACEMENT_TIKTOK"],
        "comment_disabled": False,
        "video_download_disabled": False,
        "share_disabled": False,
        "location_ids": ["6252001"],
        "languages": [],
        "gender": "GENDER_UNLIMITED",
        "age_groups": AGES,
        "spending_power": "ALL",
        "interest_category_ids": [],
        "interest_keyword_ids": [],
        "actions": [],
        "audience_ids": [],
        "excluded_audience_ids": [],
        "operating_systems": ["IOS"] if one.promotion == "APP_IOS" else [],
        "network_types": [],
        "device_model_ids": [],
        "zipcode_ids": [],
        "budget_mode": one.budget_mode,
        "budget": amount(book, one.budget_at(now)),
        "scheduled_budget": amount(book, planned[1]) if planned is not None and planned[0] > now else 0.0,
        "schedule_type": "SCHEDULE_FROM_NOW" if one.ends is None else "SCHEDULE_START_END",
        "schedule_start_time": moment_text(one.starts),
        "schedule_end_time": moment_text(one.starts + 10 * 365 * 86_400 if one.ends is None else one.ends),
        "dayparting": "1" * 336,
        "optimization_goal": one.goal,
        "bid_type": "BID_TYPE_NO_BID" if one.bid is None else "BID_TYPE_CUSTOM",
        "bid_price": 0.0 if one.bid is None else amount(book, one.bid),
        "conversion_bid_price": 0.0,
        "bid_display_mode": "CPMV",
        "pacing": "PACING_MODE_SMOOTH",
        "billing_event": one.billing,
        "click_attribution_window": "SEVEN_DAYS",
        "view_attribution_window": "ONE_DAY",
        "creative_material_mode": material_mode(one.campaign),
        "operation_status": _operation(one, now),
        "secondary_status": group_status(one, now),
        "budget_optimize_on": one.campaign.budget_optimized,
        "is_new_structure": True,
        "skip_learning_phase": False,
        "create_time": moment_text(one.created),
        "modify_time": moment_text(one.changed_at(now)),
        **one.extra,
    }
    return _without_modification(record, one.campaign)


def ad(book: Book, one: Ad, now: float) -> dict[str, Any]:
    """A pulled Spark Ad has no video of its own: its post stands in tiktok_item_id."""
    is_spark, is_carousel = one.post is not None, one.format == "CAROUSEL_ADS"
    record: dict[str, Any] = dict.fromkeys(AD_FIELDS)
    record |= {
        "advertiser_id": book.advertiser_id,
        "campaign_id": one.campaign.id,
        "campaign_name": one.campaign.name,
        "campaign_system_origin": one.campaign.origin,
        "adgroup_id": one.group.id,
        "adgroup_name": one.group.name,
        "ad_id": one.id,
        "ad_name": one.name,
        "identity_id": identity_id(book, one.identity),
        "identity_type": one.identity,
        "ad_format": one.format,
        "video_id": None if is_spark or one.format != "SINGLE_VIDEO" else f"v10033g50000{one.mix % 16**10:010x}",
        "image_ids": [] if is_spark and not is_carousel else [f"ad-site-i18n-sg/{one.mix % 16**12:012x}"],
        "tiktok_item_id": one.post.item_id if one.post is not None else None,
        "promotional_music_disabled": True,
        "item_duet_status": "ENABLE" if is_spark else None,
        "item_stitch_status": "ENABLE" if is_spark else None,
        "dark_post_status": "OFF" if is_spark else None,
        "ad_text": one.text or f"See what {book.advertiser.company} makes",
        "ad_texts": None,
        "call_to_action": "LEARN_MORE",
        "landing_page_url": "https://www.example.com/",
        "utm_params": [],
        "display_name": book.advertiser.name[:40],
        "creative_type": None,
        "operation_status": _operation(one, now),
        "secondary_status": ad_status(one, now),
        "is_aco": False,
        "is_new_structure": True,
        "create_time": moment_text(one.created),
        "modify_time": moment_text(one.changed_at(now)),
        **one.extra,
    }
    return _without_modification(record, one.campaign)


def amount(book: Book, units: int) -> float:
    return units / 100 if book.advertiser.has_decimals else float(units)


def bid_strategy(one: Group) -> str:
    return "BID_STRATEGY_LOWEST_COST" if one.bid is None else "BID_STRATEGY_BID_CAP"


def material_mode(one: Campaign) -> str:
    return "SMART_CREATIVE" if one.is_smart else "CUSTOM"


def identity_id(book: Book, kind: str) -> str:
    """One identity of each type in an ad account, as a UUID."""
    mark = f"{book.luck('identity', kind):04d}"
    return f"0a1b2c3d-{mark}-4000-8000-{book.advertiser_id[-12:]}"


def _operation(one: Campaign | Group | Ad, now: float) -> str:
    """What was switched; a deleted entity reads DISABLE, a frozen ad FROZEN."""
    operation = one.operation_at(now)
    return "DISABLE" if operation == DELETE else "FROZEN" if operation == FROZEN else operation


def _without_modification(record: dict[str, Any], top: Campaign) -> dict[str, Any]:
    if top.is_smart:
        del record["modify_time"]
    return record
