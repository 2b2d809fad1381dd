"""Ads are made, changed and switched: /ad/create/, /ad/update/, /ad/status/update/. A Spark Ad runs a post its identity can pull."""

from typing import Any

from tiktok_sandbox import ad_records
from tiktok_sandbox.ad_rules import MOST_AT_ONCE, living, once, plain_name, remember
from tiktok_sandbox.answers import FLAG, ID, list_of, record
from tiktok_sandbox.endpoints import Call
from tiktok_sandbox.envelope import DUPLICATE_REQUEST, NOT_FOUND, ApiError
from tiktok_sandbox.families.ad_writes import ADVERTISER, IDS, OPERATION, REQUEST, SWITCHED, book_of, endpoint, switch
from tiktok_sandbox.families.group_writes import AUDIT
from tiktok_sandbox.families.identities import TYPES, Identity, identities, pulled_posts
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param, bad
from tiktok_sandbox.readers import Choice, Flag, Id, ListOf, Shape, Text
from tiktok_sandbox.world.adbook import Book
from tiktok_sandbox.world.adentities import DISABLE, FOREVER, Ad, Group
from tiktok_sandbox.world.calendar import DAY
from tiktok_sandbox.world.chance import draw
from tiktok_sandbox.world.posts import Post

SPARK = frozenset(("AUTH_CODE", "TT_USER", "BC_AUTH_TT"))
FORMATS = ("SINGLE_VIDEO", "SINGLE_IMAGE", "CAROUSEL_ADS", "LIVE_CONTENT", "CATALOG_CAROUSEL")
EXTRAS = (
    "video_id", "image_ids", "music_id", "call_to_action", "call_to_action_id", "landing_page_url", "utm_params", "page_id", "deeplink",
    "deeplink_type", "tiktok_page_category", "dark_post_status", "promotional_music_disabled", "item_duet_status", "item_stitch_status",
    "tracking_pixel_id", "tracking_app_id", "impression_tracking_url", "click_tracking_url", "display_name", "identity_authorized_bc_id",
)  # fmt: skip


def create(call: Call) -> dict[str, Any]:
    values, book = call.values, book_of(call)
    once(book, values)
    group: Group = living(call, book, "adgroup", values["adgroup_id"])
    if group.campaign.is_smart:
        raise bad("adgroup_id: Smart+ campaigns are changed through their own endpoints.")
    checked = [(creative, _post(call, book, creative)) for creative in values["creatives"]]
    for creative, _ in checked:
        _check(creative)
    made = [_add(call, book, group, creative, post) for creative, post in checked]
    book.version += 1
    remember(book, values)
    records = [ad_records.ad(book, ad, call.now) for ad in made]
    return {"ad_ids": [ad.id for ad in made], "creatives": records, "need_audit": True}


def _check(creative: dict[str, Any]) -> None:
    if creative.get("ad_name"):
        plain_name("ad_name", creative["ad_name"], 512)
    for name in ("identity_type", "identity_id", "ad_format"):
        if name not in creative:
            raise bad(f"creatives.{name}: Missing data for required field.")
    if "tiktok_item_id" not in creative:
        kind = creative["ad_format"]
        if kind == "SINGLE_VIDEO" and "video_id" not in creative:
            raise bad("creatives.video_id: Missing data for required field.")
        if kind in {"SINGLE_IMAGE", "CAROUSEL_ADS"} and "image_ids" not in creative:
            raise bad("creatives.image_ids: Missing data for required field.")


def _post(call: Call, book: Book, creative: dict[str, Any]) -> Post | None:
    """The post of a Spark Ad, if the identity may pull it."""
    kind, known, item = (creative.get(name) for name in ("identity_type", "identity_id", "tiktok_item_id"))
    if known is None:
        return None
    found: Identity | None = next((one for one in identities(call, book) if (one.id, one.type) == (known, kind)), None)
    if found is None:
        raise ApiError(NOT_FOUND, "creatives.identity_id: the identity does not exist.")
    if found.bc is not None and creative.get("identity_authorized_bc_id") != found.bc:
        raise bad("creatives.identity_authorized_bc_id: it is required when identity_type is BC_AUTH_TT.")
    if item is None:
        return None
    if kind not in SPARK:
        raise bad("creatives.tiktok_item_id: it cannot be used with CUSTOMIZED_USER.")
    post = next((post for post in pulled_posts(call, book, found) if post.item_id == item), None)
    if post is None:
        raise bad("creatives.tiktok_item_id: the identity cannot use this post.")
    if "video_id" in creative:
        raise bad("creatives.video_id: it cannot be used together with tiktok_item_id.")
    if (post.media_type == "PHOTO") != (creative.get("ad_format") == "CAROUSEL_ADS"):
        raise bad("creatives.ad_format: it does not fit the post.")
    return post


def _add(call: Call, book: Book, group: Group, creative: dict[str, Any], post: Post | None) -> Ad:
    local = book.advertiser.local
    mix = draw(book.seed, "made", call.now, len(book.ads))
    last = FOREVER if group.ends is None else local(group.ends) // DAY
    ad = book.add_ad(group, creative.get("ad_name") or "", call.now, local(max(call.now, group.starts)) // DAY, last, mix, post=post)
    ad.name = ad.name or f"Ad{ad.id}"
    ad.identity, ad.format = creative["identity_type"], creative["ad_format"]
    ad.text = creative.get("ad_text", ad.text)
    ad.ctr, ad.cvr, ad.cpm = 900 + mix % 900, 60 + mix // 11 % 240, book.money(1) * (310 + mix // 13 % 500) // 100
    money = group.campaign.budget if group.campaign.budget_optimized else group.budget
    ad.base = min(book.advertiser.size, max(1, money * 500 // ad.cpm))
    ad.audit_until, ad.is_touched = call.now + AUDIT, True
    ad.extra = _said(creative)
    if creative.get("operation_status") == DISABLE:
        ad.history.append((call.now, DISABLE))
    return ad


def update(call: Call) -> dict[str, Any]:
    """With patch_update only what is sent changes; without, the whole creative is replaced."""
    values, book = call.values, book_of(call)
    group: Group = living(call, book, "adgroup", values["adgroup_id"])
    changes = []
    for creative in values["creatives"]:
        if "ad_id" not in creative:
            raise bad("creatives.ad_id: Missing data for required field.")
        ad: Ad = living(call, book, "ad", creative["ad_id"])
        if ad.group is not group:
            raise bad(f"creatives.ad_id: {ad.id} does not belong to this ad group.")
        if not values["patch_update"]:
            _check(creative)
        changes.append((ad, creative, _post(call, book, creative)))
    for ad, creative, post in changes:
        ad.name, ad.text = creative.get("ad_name") or ad.name, creative.get("ad_text", ad.text)
        ad.identity, ad.format = creative.get("identity_type", ad.identity), creative.get("ad_format", ad.format)
        ad.post = post if post is not None or not values["patch_update"] else ad.post
        ad.extra = {**ad.extra, **_said(creative)} if values["patch_update"] else _said(creative)
        ad.modified = call.now
    book.version += 1
    records = [ad_records.ad(book, ad, call.now) for ad, _, _ in changes]
    return {"ad_ids": [ad.id for ad, _, _ in changes], "creatives": records, "need_audit": True}


def status(call: Call) -> dict[str, Any]:
    values, book = call.values, book_of(call)
    if (values["ad_ids"] is None) == (values["aco_ad_ids"] is None):
        raise bad("ad_ids: either ad_ids or aco_ad_ids is expected.")
    if values["aco_ad_ids"] is not None:
        raise ApiError(NOT_FOUND, f"aco_ad_ids: {values['aco_ad_ids'][0]} does not exist.")
    for ad in [living(call, book, "ad", known) for known in values["ad_ids"]]:
        switch(ad, values["operation_status"], call.now)
    book.version += 1
    return {"ad_ids": list(values["ad_ids"]), "status": values["operation_status"]}


def _said(creative: dict[str, Any]) -> dict[str, Any]:
    said = {name: creative[name] for name in EXTRAS if name in creative}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


CREATIVE = Shape(
    (
        Param("ad_id", Id()),
        Param("ad_name", Text(most=512)),
        Param("identity_type", Choice(TYPES)),
        Param("identity_id", Text(most=100)),
        Param("identity_authorized_bc_id", Id()),
        Param("ad_format", Choice(FORMATS)),
        Param("tiktok_item_id", Id()),
        Param("video_id", Text(most=200)),
        Param("image_ids", ListOf(Text(), most=35)),
        Param("music_id", Text(most=200)),
        Param("ad_text", Text(most=2_200)),
        Param("display_name", Text(most=40, least=1)),
        Param("call_to_action", Text(most=60)),
        Param("call_to_action_id", Id()),
        Param("landing_page_url", Text(most=2_048)),
        Param("utm_params", ListOf(Shape((Param("key", Text()), Param("value", Text()))), least=0)),
        Param("page_id", Id()),
        Param("deeplink", Text(most=2_048)),
        Param("deeplink_type", Text(most=40)),
        Param("tiktok_page_category", Choice(("PROFILE_PAGE", "OTHER_TIKTOK_PAGE"))),
        Param("dark_post_status", Choice(("ON", "OFF"))),
        Param("promotional_music_disabled", Flag()),
        Param("item_duet_status", Choice(("ENABLE", "DISABLE"))),
        Param("item_stitch_status", Choice(("ENABLE", "DISABLE"))),
        Param("tracking_pixel_id", Id()),
        Param("tracking_app_id", Id()),
        Param("impression_tracking_url", Text(most=2_048)),
        Param("click_tracking_url", Text(most=2_048)),
        Param("operation_status", Choice(("ENABLE", "DISABLE"))),
    )
)
CREATIVES = Param("creatives", ListOf(CREATIVE, most=MOST_AT_ONCE), required=True)
GROUP = Param("adgroup_id", Id(), required=True)

MADE = record(
    {
        "ad_ids": list_of(ID),
        "creatives": list_of(ad_records.described(ad_records.AD_FIELDS, is_whole=True)),
        "need_audit": FLAG,
    }
)

ENDPOINTS = (
    endpoint(
        "/ad/create/",
        create,
        ADVERTISER,
        GROUP,
        CREATIVES,
        REQUEST,
        limit=Limit.AD_CREATE,
        gives=MADE,
        refuses=(NOT_FOUND, DUPLICATE_REQUEST),
    ),
    endpoint("/ad/update/", update, ADVERTISER, GROUP, CREATIVES, Param("patch_update", Flag(), default=False), gives=MADE),
    endpoint(
        "/ad/status/update/",
        status,
        ADVERTISER,
        Param("ad_ids", IDS),
        Param("aco_ad_ids", IDS),
        OPERATION,
        gives=record({"ad_ids": list_of(ID), "status": SWITCHED}),
    ),
)
