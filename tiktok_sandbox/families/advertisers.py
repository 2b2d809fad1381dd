"""Who the person is, the ad accounts and the Business Centers: /user/info/, /advertiser/info/, /bc/get/, /bc/asset/get/."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tiktok_sandbox import pictures
from tiktok_sandbox.answers import ADDRESS, AMOUNT, ID, SECONDS, TEXT, each, list_of, nullable, page_of_numbers, record, some_of, word
from tiktok_sandbox.checks import check_advertiser
from tiktok_sandbox.endpoints import Call, Endpoint, Flow
from tiktok_sandbox.envelope import NO_PERMISSION, ApiError
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param
from tiktok_sandbox.readers import Choice, Id, ListOf, Names, Shape, Text, Whole
from tiktok_sandbox.scopes import ACCOUNT_MANAGEMENT
from tiktok_sandbox.world.adcast import Advertiser, Person
from tiktok_sandbox.world.calendar import DAY
from tiktok_sandbox.world.chance import draw

FIELDS = (
    "advertiser_id", "name", "status", "role", "currency", "timezone", "display_timezone", "country", "language", "company", "industry",
    "balance", "create_time", "owner_bc_id", "advertiser_account_type", "email", "contacter", "rejection_reason", "address", "brand",
    "cellphone_number", "telephone_number", "license_no", "license_url", "license_province", "license_city", "promotion_area",
    "promotion_center_city", "promotion_center_province",
)  # fmt: skip
# Asset types the world has nothing of answer with an empty list.
ASSET_TYPES = ("ADVERTISER", "CATALOG", "TIKTOK_SHOP", "PIXEL", "LEAD", "TT_ACCOUNT", "STOREFRONT", "MANAGED_BUSINESS_ACCOUNT")


def page_of(found: list[Any], page: int, size: int) -> tuple[list[Any], dict[str, int]]:
    """One page, and the numbers TikTok tells about the whole."""
    total = len(found)
    info = {"page": page, "page_size": size, "total_number": total, "total_page": -(-total // size)}
    return found[(page - 1) * size : page * size], info


def user_info(call: Call) -> dict[str, Any]:
    person = _person(call)
    return {
        "core_user_id": call.desk.world.ads.core_user_id(person.key),
        "display_name": person.display_name,
        "email": f"{person.key[0]}***{person.key[-1]}@example.invalid",
        "avatar_url": pictures.address(call.base, call.desk.world, "avatar", person.key, call.now),
        "create_time": _created(call, person.key),
    }


def advertiser_info(call: Call) -> dict[str, Any]:
    for known in call.values["advertiser_ids"]:
        check_advertiser(call, known)
    fields = call.values["fields"] or FIELDS
    return {"list": [_advertiser(call, known, fields) for known in dict.fromkeys(call.values["advertiser_ids"])]}


def _advertiser(call: Call, known: str, fields: tuple[str, ...]) -> dict[str, Any]:
    advertiser = call.desk.world.ads.advertisers[known]
    whole: dict[str, Any] = dict.fromkeys(FIELDS)
    whole |= {
        "advertiser_id": known,
        "name": advertiser.name,
        "status": advertiser.status,
        "role": "ROLE_ADVERTISER",
        "currency": advertiser.currency,
        "timezone": _posix_name(advertiser, call.now) if advertiser.timezone.startswith("Etc/") else advertiser.timezone,
        "display_timezone": advertiser.timezone,
        "country": advertiser.country,
        "language": advertiser.language,
        "company": advertiser.company,
        "industry": advertiser.industry,
        "balance": draw(call.desk.world.seed, "balance", known, call.now // DAY) % 900_000 / (100 if advertiser.has_decimals else 0.1),
        "create_time": _created(call, known),
        "owner_bc_id": _bc_id(call, advertiser.bc),
        "advertiser_account_type": "AUCTION",
        "email": "a****@***",
        "contacter": f"{advertiser.company[0]}***{advertiser.company[-1]}",
        "rejection_reason": "" if advertiser.status == "STATUS_ENABLE" else "The account was closed by its owner.",
        "address": "",
    }
    return {name: whole[name] for name in fields}


def _posix_name(advertiser: Advertiser, now: int) -> str:
    """Etc/GMT+10 lies ten hours behind UTC: the sign is turned round."""
    behind = -datetime.fromtimestamp(now, UTC).astimezone(advertiser.zone).utcoffset() / timedelta(hours=1)  # type: ignore[operator]
    return f"Etc/GMT{int(behind):+d}"


def business_centers(call: Call) -> dict[str, Any]:
    ads, person, filtering = call.desk.world.ads, _person(call), call.values["filtering"]
    listed = [(known, center) for known, center in ads.business_centers.items() if center.number in person.business_centers]
    if call.values["bc_id"] is not None:
        listed = [(known, center) for known, center in listed if known == call.values["bc_id"]]
    word = filtering.get("keyword", "").lower()
    listed = [(known, center) for known, center in listed if word in center.name.lower() or word == known]
    page, info = page_of(listed, call.values["page"], call.values["page_size"])
    return {
        "list": [
            {
                "bc_info": {
                    "bc_id": known,
                    "name": center.name,
                    "company": center.company,
                    "currency": center.currency,
                    "registered_area": center.area,
                    "status": "ENABLE",
                    "timezone": center.timezone,
                    "type": "NORMAL",
                    "verification_status": "PASSED",
                },
                "user_role": "ADMIN",
                "ext_user_role": {"finance_role": "MANAGER"},
            }
            for known, center in page
        ],
        "page_info": info,
    }


def bc_assets(call: Call) -> dict[str, Any]:
    ads, person, kind = call.desk.world.ads, _person(call), call.values["asset_type"]
    center = ads.business_centers.get(call.values["bc_id"])
    if center is None or center.number not in person.business_centers:
        raise ApiError(NO_PERMISSION, f"No permission to operate business center {call.values['bc_id']}.")
    assets: list[dict[str, Any]] = []
    for known in ads.ids_of(person.key):
        advertiser = ads.advertisers[known]
        owner = next(one for one in ads.business_centers.values() if one.number == advertiser.bc)
        relation = "OWNER_BC" if owner.number == center.number else "OWNER_PARTNER"
        if kind == "ADVERTISER":
            assets.append(
                {
                    "asset_type": kind,
                    "asset_id": known,
                    "asset_name": advertiser.name,
                    "relation_type": relation,
                    "relation_status": "BOUND",
                    "advertiser_status": advertiser.status,
                    "advertiser_role": "ADMIN",
                    "advertiser_account_type": "AUCTION",
                    "owner_bc_name": owner.name,
                }
            )
        elif kind == "TT_ACCOUNT" and advertiser.handle is not None:
            asset = {
                "asset_type": kind,
                "asset_id": call.desk.world.open_id(advertiser.handle, "business center"),
                "asset_name": advertiser.handle,
                "relation_type": relation,
                "relation_status": "BOUND",
                "owner_bc_name": owner.name,
                "tt_account_roles": ["AD_ACCOUNT_LINKED", "VIDEO_ACCESS"],
            }
            if asset not in assets:
                assets.append(asset)
    word = call.values["filtering"].get("keyword", "").lower()
    assets = [asset for asset in assets if word in asset["asset_name"].lower() or word == asset["asset_id"]]
    page, info = page_of(assets, call.values["page"], call.values["page_size"])
    return {"list": page, "page_info": info}


def _person(call: Call) -> Person:
    person = call.desk.world.ads.person(call.person.person)
    assert person is not None  # a consent ends with the person
    return person


def _bc_id(call: Call, number: int) -> str:
    return next(known for known, center in call.desk.world.ads.business_centers.items() if center.number == number)


def _created(call: Call, key: str) -> int:
    return 1_640_995_200 + draw(call.desk.world.seed, "created", key) % 63_072_000


USER = record({"core_user_id": ID, **each(("display_name", "email"), TEXT), "avatar_url": ADDRESS, "create_time": SECONDS})
KINDS = {"advertiser_id": ID, "owner_bc_id": ID, "balance": AMOUNT, "create_time": SECONDS}
ADVERTISER = some_of({name: KINDS.get(name, nullable(TEXT)) for name in FIELDS})
BUSINESS_CENTER = record(
    {
        "bc_info": record(
            {
                "bc_id": ID,
                **each(("name", "company", "currency", "registered_area", "status", "timezone", "type", "verification_status"), TEXT),
            }
        ),
        "user_role": TEXT,
        "ext_user_role": record({"finance_role": TEXT}),
    }
)
ASSET = record(
    {
        "asset_type": word(*ASSET_TYPES),
        **each(("asset_id", "asset_name", "relation_status", "owner_bc_name"), TEXT),
        "relation_type": word("OWNER_BC", "OWNER_PARTNER"),
    },
    optional={**each(("advertiser_status", "advertiser_role", "advertiser_account_type"), TEXT), "tt_account_roles": list_of(TEXT)},
)
PAGE = Param("page", Whole(1, 2**31), default=1)

ENDPOINTS = (
    Endpoint(
        "/user/info/",
        "GET",
        user_info,
        (),
        needs_token=True,
        limit=Limit.MARKETING,
        evidence="T",
        flow=Flow.ADVERTISER,
        gives=USER,
    ),
    Endpoint(
        "/advertiser/info/",
        "GET",
        advertiser_info,
        (Param("advertiser_ids", ListOf(Id(), most=100), required=True), Param("fields", Names(frozenset(FIELDS)))),
        needs_token=True,
        limit=Limit.MARKETING,
        evidence="T",
        flow=Flow.ADVERTISER,
        permission=ACCOUNT_MANAGEMENT,
        gives=record({"list": list_of(ADVERTISER)}),
    ),
    Endpoint(
        "/bc/get/",
        "GET",
        business_centers,
        (
            Param("bc_id", Id()),
            Param("scene", Text()),
            Param(
                "filtering",
                Shape(
                    (
                        Param("keyword", Text()),
                        Param("keyword_type", Choice(("ASSET", "MEMBER", "PARTNER", "TIER"))),
                        Param("relation_type", Choice(("CHILD", "PARENT"))),
                    )
                ),
                default={},
            ),
            PAGE,
            Param("page_size", Whole(1, 50), default=10),
        ),
        needs_token=True,
        limit=Limit.MARKETING,
        evidence="T",
        flow=Flow.ADVERTISER,
        permission=ACCOUNT_MANAGEMENT,
        gives=page_of_numbers("list", BUSINESS_CENTER),
    ),
    Endpoint(
        "/bc/asset/get/",
        "GET",
        bc_assets,
        (
            Param("bc_id", Id(), required=True),
            Param("asset_type", Choice(ASSET_TYPES), required=True),
            Param("child_bc_id", Id()),
            Param("filtering", Shape((Param("user_id", Text()), Param("user_email", Text()), Param("keyword", Text()))), default={}),
            PAGE,
            Param("page_size", Whole(1, 50), default=10),
        ),
        needs_token=True,
        limit=Limit.MARKETING,
        evidence="T",
        flow=Flow.ADVERTISER,
        permission=ACCOUNT_MANAGEMENT,
        gives=page_of_numbers("list", ASSET),
    ),
)
