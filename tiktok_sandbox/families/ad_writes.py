"""Campaigns are made, changed and switched, and what write calls share. Each call checks everything first and changes all or nothing."""

from typing import Any

from tiktok_sandbox import ad_records
from tiktok_sandbox.ad_rules import CAMPAIGN_LEAST, MOST_AT_ONCE, SHOP_LEAST, budget, living, once, remember
from tiktok_sandbox.answers import ID, NOTHING, Schema, list_of, record, word
from tiktok_sandbox.endpoints import Call, Endpoint, Flow
from tiktok_sandbox.envelope import DUPLICATE_REQUEST, NOT_FOUND
from tiktok_sandbox.families.ad_entities import OBJECTIVES
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param, bad
from tiktok_sandbox.readers import Choice, Flag, Id, ListOf, Number, Text
from tiktok_sandbox.scopes import WRITE_CAMPAIGNS
from tiktok_sandbox.world.adbook import Book
from tiktok_sandbox.world.adentities import DISABLE, Ad, Campaign, Group

MODES = ("BUDGET_MODE_INFINITE", "BUDGET_MODE_DAY", "BUDGET_MODE_TOTAL", "BUDGET_MODE_DYNAMIC_DAILY_BUDGET")
# Said in a write, shown again when read, of no effect on the figures.
CAMPAIGN_EXTRAS = ("special_industries", "po_number", "app_promotion_type", "app_id", "rf_campaign_type", "postback_window_mode")


def book_of(call: Call) -> Book:
    book = call.desk.world.ads.book(call.values["advertiser_id"])
    book.until(call.now)
    return book


# campaigns


def campaign_create(call: Call) -> dict[str, Any]:
    values, book = call.values, book_of(call)
    once(book, values)
    mode = values["budget_mode"]
    if mode is None and not values["objective_type"].startswith("RF_"):
        raise bad("budget_mode: Missing data for required field.")
    amount = 0
    if mode not in {None, "BUDGET_MODE_INFINITE"}:
        least = _campaign_least(values["objective_type"], values["campaign_product_source"])
        amount = budget(book, "budget", required(values, "budget"), least)
    campaign = book.add_campaign(
        values["campaign_name"],
        call.now,
        values["objective_type"],
        kind=values["campaign_type"],
        budget=amount,
        budget_mode=mode or "BUDGET_MODE_INFINITE",
        budget_optimized=values["budget_optimize_on"],
    )
    campaign.product_source, campaign.sales_destination = values["campaign_product_source"], values["sales_destination"]
    campaign.extra = said(values, CAMPAIGN_EXTRAS)
    if values["operation_status"] == DISABLE:
        campaign.history.append((call.now, DISABLE))
    return made(book, values, ad_records.campaign(book, campaign, call.now))


def campaign_update(call: Call) -> dict[str, Any]:
    values, book = call.values, book_of(call)
    campaign: Campaign = living(call, book, "campaign", values["campaign_id"])
    if values["budget"] is not None:
        if campaign.budget_mode == "BUDGET_MODE_INFINITE":
            raise bad("budget: the campaign has no budget; its budget mode cannot be changed.")
        campaign.budget = budget(book, "budget", values["budget"], _campaign_least(campaign.objective, campaign.product_source))
    if values["campaign_name"] is not None:
        campaign.name = values["campaign_name"]
    campaign.extra |= said(values, CAMPAIGN_EXTRAS)
    campaign.modified = call.now
    return made(book, values, ad_records.campaign(book, campaign, call.now))


def campaign_status(call: Call) -> dict[str, Any]:
    values, book = call.values, book_of(call)
    for campaign in [living(call, book, "campaign", known) for known in values["campaign_ids"]]:
        switch(campaign, values["operation_status"], call.now)
    book.version += 1
    operation = values["operation_status"]
    ids = list(values["campaign_ids"])
    return {"campaign_ids": ids, "status": operation, "campaign_list": [{"campaign_id": known, "status": operation} for known in ids]}


def switch(entity: Campaign | Group | Ad, operation: str, now: int) -> None:
    """Every ad under it stops or starts with the next full hour of the account."""
    entity.history.append((now, operation))
    groups = entity.groups if isinstance(entity, Campaign) else [entity] if isinstance(entity, Group) else []
    for ad in [entity] if isinstance(entity, Ad) else [ad for group in groups for ad in group.ads]:
        ad.is_touched = True


# shared


def _campaign_least(objective: str, source: str | None) -> int:
    return SHOP_LEAST if (objective, source) == ("PRODUCT_SALES", "STORE") else CAMPAIGN_LEAST


def required(values: dict[str, Any], name: str) -> Any:
    if values[name] is None:
        raise bad(f"{name}: Missing data for required field.")
    return values[name]


def said(values: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    said = {name: values[name] for name in names if values.get(name) is not None}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


def made(book: Book, values: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    book.version += 1
    remember(book, values)
    return record


ADVERTISER = Param("advertiser_id", Id(), required=True)
REQUEST = Param("request_id", Id())
OPERATION = Param("operation_status", Choice(("ENABLE", "DISABLE", "DELETE")), required=True)
IDS = ListOf(Id(), most=MOST_AT_ONCE)
CAMPAIGN_TRAITS = (
    Param("special_industries", ListOf(Choice(("HOUSING", "EMPLOYMENT", "CREDIT")), least=0)),
    Param("po_number", Text()),
    Param("postback_window_mode", Text()),
)


CAMPAIGN = ad_records.described(ad_records.CAMPAIGN_FIELDS, is_whole=True)
SWITCHED = word("ENABLE", "DISABLE", "DELETE")


def endpoint(
    path: str,
    handler: Any,
    *params: Param,
    limit: Limit = Limit.MARKETING,
    gives: Schema = NOTHING,
    may_be_partial: bool = False,
    refuses: tuple[int, ...] = (NOT_FOUND,),
) -> Endpoint:
    return Endpoint(
        path,
        "POST",
        handler,
        params,
        needs_token=True,
        limit=limit,
        evidence="T",
        flow=Flow.ADVERTISER,
        permission=WRITE_CAMPAIGNS,
        is_kept=True,
        gives=gives,
        may_be_partial=may_be_partial,
        refuses=refuses,
    )


ENDPOINTS = (
    endpoint(
        "/campaign/create/",
        campaign_create,
        ADVERTISER,
        Param("campaign_name", Text(most=512, least=1), required=True),
        Param("objective_type", Choice(OBJECTIVES), required=True),
        Param("budget_mode", Choice(MODES)),
        Param("budget", Number()),
        Param("budget_optimize_on", Flag(), default=False),
        Param("campaign_type", Choice(("REGULAR_CAMPAIGN", "IOS14_CAMPAIGN")), default="REGULAR_CAMPAIGN"),
        Param("app_promotion_type", Choice(("APP_INSTALL", "APP_RETARGETING"))),
        Param("app_id", Id()),
        Param("rf_campaign_type", Text()),
        Param("campaign_product_source", Text()),
        Param("sales_destination", Text()),
        Param("operation_status", Choice(("ENABLE", "DISABLE")), default="ENABLE"),
        *CAMPAIGN_TRAITS,
        REQUEST,
        gives=CAMPAIGN,
        refuses=(DUPLICATE_REQUEST,),
    ),
    endpoint(
        "/campaign/update/",
        campaign_update,
        ADVERTISER,
        Param("campaign_id", Id(), required=True),
        Param("campaign_name", Text(most=512, least=1)),
        Param("budget", Number()),
        *CAMPAIGN_TRAITS,
        gives=CAMPAIGN,
    ),
    endpoint(
        "/campaign/status/update/",
        campaign_status,
        ADVERTISER,
        Param("campaign_ids", IDS, required=True),
        OPERATION,
        Param("postback_window_mode", Text()),
        gives=record(
            {
                "campaign_ids": list_of(ID),
                "status": SWITCHED,
                "campaign_list": list_of(record({"campaign_id": ID, "status": SWITCHED})),
            }
        ),
    ),
)
