"""How an ad account is built: campaigns, ad groups and ads, as they are now.

Owns the fields that are asked for and the names of filters. Every function needs an advertiser token with the permission to read
campaigns, and an `advertiser_id` that it opens. Figures are in `ad_reports`. Besides what it names, each raises ReconnectNeeded,
NotGranted, OurMistake, Throttled, TryLater, AnswerLost, and NotUnderstood naming the row that is malformed.

Left out unless `Filters` asks for them: deleted ones, Top View, and what Promote made in the TikTok app, although reports count them all.
EVERYTHING asks for all of these. Pages hold up to 1,000, and 100 with Top View; ValueError above.
TikTok's pages: https://business-api.tiktok.com/portal/docs (Campaign, Ad group, Ad); states: ?id=1739320994354178
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import NumberedPage, Read, numbered_page
from integrations.tiktok.transport import Answer, Transport

R = TypeVar("R")
MOST_IDS = 100
LARGEST_PAGE, LARGEST_WITH_TOP_VIEW = 1000, 100
TOP_VIEW = "RESERVATION_TOP_VIEW"
CAMPAIGN_FIELDS = (
    "campaign_id", "advertiser_id", "campaign_name", "campaign_type", "objective_type", "budget", "budget_mode", "budget_optimize_on",
    "operation_status", "secondary_status", "is_smart_performance_campaign", "campaign_automation_type", "create_time", "modify_time",
)  # fmt: skip
AD_GROUP_FIELDS = (
    "adgroup_id", "campaign_id", "advertiser_id", "adgroup_name", "optimization_goal", "billing_event", "promotion_type", "placement_type",
    "budget", "budget_mode", "scheduled_budget", "bid_type", "bid_price", "conversion_bid_price", "schedule_type", "schedule_start_time",
    "schedule_end_time", "operation_status", "secondary_status", "is_smart_performance_campaign", "create_time", "modify_time",
)  # fmt: skip
AD_FIELDS = (
    "ad_id", "adgroup_id", "campaign_id", "advertiser_id", "ad_name", "ad_format", "identity_type", "identity_id",
    "identity_authorized_bc_id", "tiktok_item_id", "video_id", "image_ids", "ad_text", "call_to_action", "landing_page_url",
    "operation_status", "secondary_status", "create_time", "modify_time",
)  # fmt: skip


@dataclass(frozen=True)
class Filters:
    """Which ones to read; what is None is not asked for. Id lists hold 1 to 100. Times are UTC, TikTok advises six months at most.

    `adgroup_ids` does not belong to campaigns and `ad_ids` only to ads. `name` finds parts of names. `buying_types` are AUCTION and
    RESERVATION_RF, which are TikTok's default, and RESERVATION_TOP_VIEW; `system_origins` TT_ADS_PLATFORM, the default, and PROMOTE.
    """

    campaign_ids: Sequence[str] | None = None
    adgroup_ids: Sequence[str] | None = None
    ad_ids: Sequence[str] | None = None
    name: str | None = None
    primary_status: str | None = None
    secondary_status: str | None = None
    objective_type: str | None = None
    buying_types: Sequence[str] | None = None
    system_origins: Sequence[str] | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None


EVERYTHING = Filters(
    primary_status="STATUS_ALL", buying_types=("AUCTION", "RESERVATION_RF", TOP_VIEW), system_origins=("TT_ADS_PLATFORM", "PROMOTE")
)


@dataclass(frozen=True)
class Campaign:
    """Money is in the account's currency. TikTok may leave `modified_at` out of Smart+ campaigns."""

    campaign_id: str
    advertiser_id: str | None
    name: str | None
    campaign_type: str | None
    objective_type: str | None
    budget: Decimal | None
    budget_mode: str | None
    is_budget_optimized: bool | None
    operation_status: str | None
    secondary_status: str | None
    is_smart: bool | None
    automation_type: str | None
    created_at: datetime | None
    modified_at: datetime | None


@dataclass(frozen=True)
class AdGroup:
    """`scheduled_budget` is a daily budget that takes effect at the account's next midnight."""

    adgroup_id: str
    campaign_id: str
    advertiser_id: str | None
    name: str | None
    optimization_goal: str | None
    billing_event: str | None
    promotion_type: str | None
    placement_type: str | None
    budget: Decimal | None
    budget_mode: str | None
    scheduled_budget: Decimal | None
    bid_type: str | None
    bid_price: Decimal | None
    conversion_bid_price: Decimal | None
    schedule_type: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    operation_status: str | None
    secondary_status: str | None
    is_smart: bool | None
    created_at: datetime | None
    modified_at: datetime | None


@dataclass(frozen=True)
class Ad:
    """An ad that runs an existing post has its id in `tiktok_item_id`, and no `video_id`."""

    ad_id: str
    adgroup_id: str
    campaign_id: str
    advertiser_id: str | None
    name: str | None
    ad_format: str | None
    identity_type: str | None
    identity_id: str | None
    identity_authorized_bc_id: str | None
    tiktok_item_id: str | None
    video_id: str | None
    image_ids: tuple[str, ...]
    ad_text: str | None
    call_to_action: str | None
    landing_page_url: str | None
    operation_status: str | None
    secondary_status: str | None
    created_at: datetime | None
    modified_at: datetime | None


def campaigns_page(
    transport: Transport, *, access_token: Secret, advertiser_id: str, filters: Filters | None = None, page: int = 1, page_size: int = 100
) -> Answer[NumberedPage[Campaign]]:
    """GET /campaign/get/: campaigns, newest first."""
    params = _params(advertiser_id, CAMPAIGN_FIELDS, filters, "campaign_name", page, page_size)
    return _page(transport, "/campaign/get/", params, access_token, _campaign, "campaign", "campaign_id")


def ad_groups_page(
    transport: Transport, *, access_token: Secret, advertiser_id: str, filters: Filters | None = None, page: int = 1, page_size: int = 100
) -> Answer[NumberedPage[AdGroup]]:
    """GET /adgroup/get/: ad groups, newest first."""
    params = _params(advertiser_id, AD_GROUP_FIELDS, filters, "adgroup_name", page, page_size)
    return _page(transport, "/adgroup/get/", params, access_token, _ad_group, "ad group", "adgroup_id")


def ads_page(
    transport: Transport, *, access_token: Secret, advertiser_id: str, filters: Filters | None = None, page: int = 1, page_size: int = 100
) -> Answer[NumberedPage[Ad]]:
    """GET /ad/get/: ads, newest first."""
    params = _params(advertiser_id, AD_FIELDS, filters, "ad_name", page, page_size)
    return _page(transport, "/ad/get/", params, access_token, _ad, "ad", "ad_id")


def _page(
    transport: Transport, path: str, params: Mapping[str, Any], access_token: Secret, read: Read[R], noun: str, named_by: str
) -> Answer[NumberedPage[R]]:
    answer = transport.business_get(path, params=params, access_token=access_token)
    return numbered_page(answer, "list", read, noun=noun, named_by=named_by, asked=params["page"])


def _params(
    advertiser_id: str, fields: Sequence[str], filters: Filters | None, name_filter: str, page: int, page_size: int
) -> dict[str, Any]:
    if page_size > (LARGEST_WITH_TOP_VIEW if filters and TOP_VIEW in (filters.buying_types or ()) else LARGEST_PAGE):
        raise ValueError("a page holds a thousand, or a hundred with Top View")
    return {
        "advertiser_id": advertiser_id,
        "fields": list(fields),
        "filtering": _filtering(filters or Filters(), name_filter) or None,
        "page": page,
        "page_size": page_size,
    }


def _filtering(filters: Filters, name_filter: str) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "campaign_ids": _ids(filters.campaign_ids),
        "adgroup_ids": _ids(filters.adgroup_ids),
        "ad_ids": _ids(filters.ad_ids),
        name_filter: filters.name,
        "primary_status": filters.primary_status,
        "secondary_status": filters.secondary_status,
        "objective_type": filters.objective_type,
        "buying_types": None if filters.buying_types is None else list(filters.buying_types),
        "campaign_system_origins": None if filters.system_origins is None else list(filters.system_origins),
        "creation_filter_start_time": _moment(filters.created_from),
        "creation_filter_end_time": _moment(filters.created_until),
    }
    return {name: value for name, value in chosen.items() if value is not None}


def _ids(ids: Sequence[str] | None) -> list[str] | None:
    if ids is not None and not 1 <= len(ids) <= MOST_IDS:
        raise ValueError("a filter holds one to a hundred ids")  # an empty one would read everything
    return None if ids is None else list(ids)


def _moment(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError("an instant has a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _campaign(data: Mapping[str, Any]) -> Campaign:
    return Campaign(
        campaign_id=reading.identifier(data, "campaign_id"),
        advertiser_id=reading.identifier_or_none(data, "advertiser_id"),
        name=reading.text(data, "campaign_name"),
        campaign_type=reading.text_or_none(data, "campaign_type"),
        objective_type=reading.text_or_none(data, "objective_type"),
        budget=reading.decimal(data, "budget"),
        budget_mode=reading.text_or_none(data, "budget_mode"),
        is_budget_optimized=reading.yes_or_no(data, "budget_optimize_on"),
        operation_status=reading.text_or_none(data, "operation_status"),
        secondary_status=reading.text_or_none(data, "secondary_status"),
        is_smart=reading.yes_or_no(data, "is_smart_performance_campaign"),
        automation_type=reading.text_or_none(data, "campaign_automation_type"),
        created_at=reading.utc_time(data, "create_time"),
        modified_at=reading.utc_time(data, "modify_time"),
    )


def _ad_group(data: Mapping[str, Any]) -> AdGroup:
    return AdGroup(
        adgroup_id=reading.identifier(data, "adgroup_id"),
        campaign_id=reading.identifier(data, "campaign_id"),
        advertiser_id=reading.identifier_or_none(data, "advertiser_id"),
        name=reading.text(data, "adgroup_name"),
        optimization_goal=reading.text_or_none(data, "optimization_goal"),
        billing_event=reading.text_or_none(data, "billing_event"),
        promotion_type=reading.text_or_none(data, "promotion_type"),
        placement_type=reading.text_or_none(data, "placement_type"),
        budget=reading.decimal(data, "budget"),
        budget_mode=reading.text_or_none(data, "budget_mode"),
        scheduled_budget=reading.decimal(data, "scheduled_budget"),
        bid_type=reading.text_or_none(data, "bid_type"),
        bid_price=reading.decimal(data, "bid_price"),
        conversion_bid_price=reading.decimal(data, "conversion_bid_price"),
        schedule_type=reading.text_or_none(data, "schedule_type"),
        starts_at=reading.utc_time(data, "schedule_start_time"),
        ends_at=reading.utc_time(data, "schedule_end_time"),
        operation_status=reading.text_or_none(data, "operation_status"),
        secondary_status=reading.text_or_none(data, "secondary_status"),
        is_smart=reading.yes_or_no(data, "is_smart_performance_campaign"),
        created_at=reading.utc_time(data, "create_time"),
        modified_at=reading.utc_time(data, "modify_time"),
    )


def _ad(data: Mapping[str, Any]) -> Ad:
    return Ad(
        ad_id=reading.identifier(data, "ad_id"),
        adgroup_id=reading.identifier(data, "adgroup_id"),
        campaign_id=reading.identifier(data, "campaign_id"),
        advertiser_id=reading.identifier_or_none(data, "advertiser_id"),
        name=reading.text(data, "ad_name"),
        ad_format=reading.text_or_none(data, "ad_format"),
        identity_type=reading.text_or_none(data, "identity_type"),
        identity_id=reading.identifier_or_none(data, "identity_id"),
        identity_authorized_bc_id=reading.identifier_or_none(data, "identity_authorized_bc_id"),
        tiktok_item_id=reading.identifier_or_none(data, "tiktok_item_id"),
        video_id=reading.identifier_or_none(data, "video_id"),
        image_ids=reading.texts(data, "image_ids") or (),
        ad_text=reading.text(data, "ad_text"),
        call_to_action=reading.text_or_none(data, "call_to_action"),
        landing_page_url=reading.text_or_none(data, "landing_page_url"),
        operation_status=reading.text_or_none(data, "operation_status"),
        secondary_status=reading.text_or_none(data, "secondary_status"),
        created_at=reading.utc_time(data, "create_time"),
        modified_at=reading.utc_time(data, "modify_time"),
    )
