"""Ad groups are made, changed and switched, and their budgets set. Each call checks everything first and changes all of it or nothing."""

from typing import Any

from tiktok_sandbox import ad_records
from tiktok_sandbox.ad_rules import GROUP_LEAST, MOST_AT_ONCE, SHOP_LEAST, budget, living, once, plain_name
from tiktok_sandbox.answers import ID, TEXT, list_of, record
from tiktok_sandbox.endpoints import Call
from tiktok_sandbox.envelope import DUPLICATE_REQUEST, NOT_FOUND, ApiError, Partly
from tiktok_sandbox.families.ad_entities import BILLING, GOALS, PROMOTIONS
from tiktok_sandbox.families.ad_writes import (
    ADVERTISER,
    IDS,
    MODES,
    OPERATION,
    REQUEST,
    SWITCHED,
    book_of,
    endpoint,
    made,
    required,
    said,
    switch,
)
from tiktok_sandbox.params import Param, bad
from tiktok_sandbox.readers import Choice, Flag, Id, ListOf, Moment, Number, Shape, Text
from tiktok_sandbox.world.adbook import Book
from tiktok_sandbox.world.adentities import DISABLE, Campaign, Group
from tiktok_sandbox.world.calendar import DAY

PLACEMENTS = ("PLACEMENT_TIKTOK", "PLACEMENT_PANGLE", "PLACEMENT_GLOBAL_APP_BUNDLE")
AGES = ("AGE_13_17", "AGE_18_24", "AGE_25_34", "AGE_35_44", "AGE_45_54", "AGE_55_100")
CLOSING = 23 * 3600 + 55 * 60  # from here to midnight of the account no budget is taken
AUDIT = 1_800  # seconds until a new ad group or ad has been looked at
STRINGS = ListOf(Text(), most=3_000, least=0)
GROUP_EXTRAS = (
    "location_ids", "zipcode_ids", "placement_type", "placements", "pixel_id", "optimization_event", "app_id", "frequency",
    "frequency_schedule", "identity_id", "identity_type", "age_groups", "gender", "languages", "interest_category_ids", "audience_ids",
    "excluded_audience_ids", "operating_systems", "comment_disabled", "video_download_disabled", "share_disabled", "dayparting", "pacing",
    "bid_type", "conversion_bid_price",
)  # fmt: skip


def group_create(call: Call) -> dict[str, Any]:
    values, book = call.values, book_of(call)
    once(book, values)
    campaign: Campaign = living(call, book, "campaign", values["campaign_id"])
    _check_group(values, campaign)
    name = plain_name("adgroup_name", values["adgroup_name"], 511)
    starts = values["schedule_start_time"]
    ends = values["schedule_end_time"] if values["schedule_type"] == "SCHEDULE_START_END" else None
    least = SHOP_LEAST if values["product_source"] in {"STORE", "SHOWCASE"} else GROUP_LEAST
    if values["budget_mode"] == "BUDGET_MODE_TOTAL" and ends is not None:
        least *= max(1, -(-(ends - starts) // DAY))
    amount = 0 if campaign.budget_optimized else budget(book, "budget", values["budget"], least)
    group = book.add_group(
        campaign, name, call.now, values["optimization_goal"], values["billing_event"], amount, starts=starts, ends=ends,
        promotion=values["promotion_type"] or "WEBSITE",
    )  # fmt: skip
    group.budget_mode, group.audit_until = values["budget_mode"], call.now + AUDIT
    group.bid = None if values["bid_price"] is None else _units(book, values["bid_price"])
    group.extra = said(values, GROUP_EXTRAS)
    if values["operation_status"] == DISABLE:
        group.history.append((call.now, DISABLE))
    return made(book, values, ad_records.group(book, group, call.now))


def _check_group(values: dict[str, Any], campaign: Campaign) -> None:
    if campaign.is_smart:
        raise bad("campaign_id: Smart+ campaigns are changed through their own endpoints.")
    if not values["location_ids"] and not values["zipcode_ids"]:
        raise bad("location_ids: Missing data for required field.")
    if values["placement_type"] == "PLACEMENT_TYPE_NORMAL" and not values["placements"]:
        raise bad("placements: Missing data for required field.")
    if campaign.objective not in {"REACH", "VIDEO_VIEWS", "ENGAGEMENT"} and values["promotion_type"] is None:
        raise bad("promotion_type: Missing data for required field.")
    start, end = values["schedule_start_time"], values["schedule_end_time"]
    if values["schedule_type"] == "SCHEDULE_START_END" or values["budget_mode"] == "BUDGET_MODE_TOTAL":
        if end is None:
            raise bad("schedule_end_time: Missing data for required field.")
        if end <= start:
            raise bad("schedule_end_time: it must be later than schedule_start_time.")
    if values["bid_type"] == "BID_TYPE_CUSTOM":
        name = "conversion_bid_price" if values["billing_event"] == "OCPM" else "bid_price"
        if required(values, name) >= values["budget"] and not campaign.budget_optimized:
            raise bad(f"{name}: it must be lower than the budget.")
    if values["optimization_goal"] == "CONVERT" and not (values["pixel_id"] and values["optimization_event"]):
        raise bad("pixel_id: pixel_id and optimization_event are required for CONVERT.")


def group_update(call: Call) -> dict[str, Any]:
    values, book = call.values, book_of(call)
    group: Group = living(call, book, "adgroup", values["adgroup_id"])
    if values["adgroup_name"] is not None:
        plain_name("adgroup_name", values["adgroup_name"], 511)
    end = values["schedule_end_time"]
    if end is not None and end <= group.starts:
        raise bad("schedule_end_time: it must be later than schedule_start_time.")
    if values["budget"] is not None:
        group.budget, group.planned_budget = budget(book, "budget", values["budget"], GROUP_LEAST), None
    if end is not None:
        group.ends = end
        for ad in group.ads:
            ad.is_touched, ad.last_day = True, book.advertiser.local(end) // DAY
    if values["bid_price"] is not None:
        group.bid = _units(book, values["bid_price"])
    group.name = values["adgroup_name"] or group.name
    group.extra |= said(values, GROUP_EXTRAS)
    group.modified = call.now
    return made(book, values, ad_records.group(book, group, call.now))


def group_status(call: Call) -> dict[str, Any] | Partly:
    values, book = call.values, book_of(call)
    found, errors = [], []
    for known in values["adgroup_ids"]:
        try:
            found.append(living(call, book, "adgroup", known))
        except ApiError as error:
            if not values["allow_partial_success"]:
                raise
            errors.append({"adgroup_id": known, "error_message": error.message})
    for group in found:
        switch(group, values["operation_status"], call.now)
    book.version += 1
    data = {"adgroup_ids": [group.id for group in found], "status": values["operation_status"], "error_list": errors}
    return Partly(data) if errors else data


def group_budgets(call: Call) -> dict[str, Any]:
    values, book = call.values, book_of(call)
    local = book.advertiser.local(call.moment)
    if local % DAY >= CLOSING:
        raise bad("budget: budgets cannot be changed between 23:55 and 00:00 of the ad account.")
    now, planned = values["budget"], values["scheduled_budget"]
    if (now is None) == (planned is None):
        raise bad("budget: either budget or scheduled_budget is expected.")
    changes = []
    for item in now or planned:
        group: Group = living(call, book, "adgroup", item["adgroup_id"])
        is_total = group.budget_mode == "BUDGET_MODE_TOTAL"
        if is_total != (now is not None):
            raise bad(f"adgroup_id: {group.id} has {'a lifetime' if is_total else 'a daily'} budget.")
        name = "budget" if now is not None else "scheduled_budget"
        changes.append((group, budget(book, name, item[name], GROUP_LEAST)))
    midnight = book.moment(local // DAY + 1, 0)
    for group, amount in changes:
        if now is not None:
            group.budget, group.modified = amount, call.now
        else:
            group.budget, group.planned_budget = group.budget_at(call.now), (midnight, amount)
    return {}


def _units(book: Book, value: float) -> int:
    return round(value * 100) if book.advertiser.has_decimals else round(value)


GROUP_TRAITS = (
    Param("location_ids", ListOf(Id(), most=3_000)),
    Param("zipcode_ids", STRINGS),
    Param("placements", ListOf(Choice(PLACEMENTS))),
    Param("pixel_id", Id()),
    Param("optimization_event", Text()),
    Param("age_groups", ListOf(Choice(AGES), least=0)),
    Param("gender", Choice(("GENDER_UNLIMITED", "GENDER_MALE", "GENDER_FEMALE"))),
    Param("languages", STRINGS),
    Param("interest_category_ids", STRINGS),
    Param("audience_ids", STRINGS),
    Param("excluded_audience_ids", STRINGS),
    Param("operating_systems", ListOf(Text(), most=1, least=0)),
    Param("frequency", Number(1, 1_000)),
    Param("frequency_schedule", Number(1, 30)),
    Param("comment_disabled", Flag()),
    Param("video_download_disabled", Flag()),
    Param("share_disabled", Flag()),
    Param("dayparting", Text(most=336, least=336)),
    Param("bid_price", Number(0.01)),
    Param("conversion_bid_price", Number(0.01)),
)


GROUP = ad_records.described(ad_records.GROUP_FIELDS, is_whole=True)
NOT_SWITCHED = list_of(record({"adgroup_id": ID, "error_message": TEXT}))

ENDPOINTS = (
    endpoint(
        "/adgroup/create/",
        group_create,
        ADVERTISER,
        Param("campaign_id", Id(), required=True),
        Param("adgroup_name", Text(), required=True),
        Param("billing_event", Choice(BILLING), required=True),
        Param("optimization_goal", Choice(GOALS), required=True),
        Param("budget", Number(), required=True),
        Param("budget_mode", Choice(MODES), required=True),
        Param("pacing", Choice(("PACING_MODE_SMOOTH", "PACING_MODE_FAST")), required=True),
        Param("schedule_type", Choice(("SCHEDULE_FROM_NOW", "SCHEDULE_START_END")), required=True),
        Param("schedule_start_time", Moment(), required=True),
        Param("schedule_end_time", Moment()),
        Param("promotion_type", Choice(PROMOTIONS)),
        Param("product_source", Choice(("CATALOG", "STORE", "SHOWCASE"))),
        Param("placement_type", Choice(("PLACEMENT_TYPE_AUTOMATIC", "PLACEMENT_TYPE_NORMAL")), default="PLACEMENT_TYPE_AUTOMATIC"),
        Param("bid_type", Choice(("BID_TYPE_CUSTOM", "BID_TYPE_NO_BID")), default="BID_TYPE_NO_BID"),
        Param("app_id", Id()),
        Param("identity_id", Text(most=100)),
        Param("identity_type", Text(most=40)),
        Param("operation_status", Choice(("ENABLE", "DISABLE")), default="ENABLE"),
        *GROUP_TRAITS,
        REQUEST,
        gives=GROUP,
        refuses=(NOT_FOUND, DUPLICATE_REQUEST),
    ),
    endpoint(
        "/adgroup/update/",
        group_update,
        ADVERTISER,
        Param("adgroup_id", Id(), required=True),
        Param("adgroup_name", Text()),
        Param("budget", Number()),
        Param("schedule_end_time", Moment()),
        *GROUP_TRAITS,
        gives=GROUP,
    ),
    endpoint(
        "/adgroup/status/update/",
        group_status,
        ADVERTISER,
        Param("adgroup_ids", IDS, required=True),
        OPERATION,
        Param("allow_partial_success", Flag(), default=False),
        gives=record({"adgroup_ids": list_of(ID), "status": SWITCHED, "error_list": NOT_SWITCHED}),
        may_be_partial=True,
    ),
    endpoint(
        "/adgroup/budget/update/",
        group_budgets,
        ADVERTISER,
        *(
            Param(name, ListOf(Shape((Param("adgroup_id", Id(), required=True), Param(name, Number(), required=True))), most=MOST_AT_ONCE))
            for name in ("budget", "scheduled_budget")
        ),
    ),
)
