"""Spark Ads: /identity/* says under whose name ads can run and which posts they can pull, /tt_video/* takes the codes of creators."""

from dataclasses import dataclass
from typing import Any

from tiktok_sandbox import ad_records, pictures
from tiktok_sandbox.answers import (
    ADDRESS,
    FLAG,
    ID,
    NOTHING,
    TEXT,
    Schema,
    each,
    list_of,
    nullable,
    page_of_cursor,
    page_of_numbers,
    record,
    word,
)
from tiktok_sandbox.endpoints import Call, Endpoint, Flow
from tiktok_sandbox.envelope import NOT_FOUND, ApiError
from tiktok_sandbox.families.advertisers import PAGE, page_of
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param, bad
from tiktok_sandbox.readers import Choice, Id, ListOf, Shape, Text, Whole
from tiktok_sandbox.scopes import CREATIVES
from tiktok_sandbox.spark_items import ITEM, spark_item
from tiktok_sandbox.world.adbook import Book
from tiktok_sandbox.world.posts import Post

TYPES = ("CUSTOMIZED_USER", "AUTH_CODE", "TT_USER", "BC_AUTH_TT", "TTS_TT")

MOST_POSTS = 20


@dataclass(frozen=True, slots=True)
class Identity:
    id: str
    type: str
    handle: str | None
    name: str
    bc: str | None = None


def identities(call: Call, book: Book) -> list[Identity]:
    """What the ad account can advertise as: a made-up name, its own TikTok account in two ways, creators whose code it holds."""
    advertiser = book.advertiser
    found = [Identity(ad_records.identity_id(book, "CUSTOMIZED_USER"), "CUSTOMIZED_USER", None, advertiser.name)]
    if advertiser.handle is not None:
        profile = call.desk.world.profile(advertiser.handle)
        assert profile is not None
        center = next(known for known, one in call.desk.world.ads.business_centers.items() if one.number == advertiser.bc)
        found.append(Identity(ad_records.identity_id(book, "TT_USER"), "TT_USER", profile.handle, profile.display_name))
        found.append(Identity(ad_records.identity_id(book, "BC_AUTH_TT"), "BC_AUTH_TT", profile.handle, profile.display_name, center))
        found.append(Identity(ad_records.identity_id(book, "AUTH_CODE"), "AUTH_CODE", profile.handle, profile.display_name))
    for handle in dict.fromkeys(post.handle for post in held_posts(call, book) if post.handle != advertiser.handle):
        profile = call.desk.world.profile(handle)
        if profile is not None:
            found.append(Identity(ad_records.identity_id(book, f"AUTH_CODE {handle}"), "AUTH_CODE", handle, profile.display_name))
    return found


def held_posts(call: Call, book: Book) -> list[Post]:
    """Posts whose code the ad account holds: those it boosts that way, and those authorized by a call; newest first."""
    book.until(call.now)
    boosted = {ad.post.item_id: ad.post for ad in book.ads if ad.post is not None and ad.identity == "AUTH_CODE" and ad.created <= call.now}
    held = {**boosted, **book.authorized}
    return sorted((post for known, post in held.items() if known not in book.unbound), key=lambda post: post.created, reverse=True)


def listing(call: Call) -> dict[str, Any]:
    book, kind, center = book_of(call), call.values["identity_type"], call.values["identity_authorized_bc_id"]
    if kind == "BC_AUTH_TT" and center is None:
        raise bad("identity_authorized_bc_id: it is required when identity_type is BC_AUTH_TT.")
    found = [one for one in identities(call, book) if kind in {None, one.type} and (center is None or one.bc in {None, center})]
    word = call.values["filtering"].get("keyword", "").lower()
    if kind in {None, "CUSTOMIZED_USER"}:
        found = [one for one in found if word in one.name.lower()]
    page, info = page_of(found, call.values["page"], call.values["page_size"])
    return {"identity_list": [_shown(call, one) for one in page], "page_info": info}


def info(call: Call) -> dict[str, Any]:
    return {"identity_info": _shown(call, _identity(call))}


def posts(call: Call) -> dict[str, Any]:
    """With a linked account the cursor is a time, with a code an opaque position; a count over 20 is passed over."""
    identity, values = _identity(call), call.values
    found, word = pulled_posts(call, book_of(call), identity), (values["keyword"] or "").lower()
    if word and identity.type == "AUTH_CODE":
        found = [post for post in found if word == post.item_id or word in post.caption.lower()]
    wanted = "PHOTO" if values["item_type"] == "CAROUSEL" else "VIDEO"
    found = [post for post in found if post.media_type == wanted]
    cursor = values["cursor"]
    if cursor is not None and not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 14):
        raise bad("cursor: Not a valid cursor.")
    by_place = identity.type == "AUTH_CODE"
    start = int(cursor) if cursor and by_place else 0
    if cursor and not by_place:
        found = [post for post in found if post.created < int(cursor)]
    count = min(values["count"], MOST_POSTS)
    page = found[start : start + count]
    after = str(start + len(page)) if by_place else str(page[-1].created if page else cursor or 0)
    return {
        "video_list": [spark_item(call, post, has_code=by_place) for post in page],
        "cursor": after,
        "has_more": start + len(page) < len(found),
    }


def post_details(call: Call) -> dict[str, Any]:
    identity = _identity(call)
    known = {post.item_id: post for post in pulled_posts(call, book_of(call), identity)}
    one, several = call.values["item_id"], call.values["item_ids"]
    if one is None and several is None:
        raise bad("item_id: Missing data for required field.")
    has_code = identity.type == "AUTH_CODE"
    if several is not None:
        return {"video_details": [spark_item(call, known[item], has_code=has_code) for item in several if item in known]}
    if one not in known:
        raise ApiError(NOT_FOUND, "The post does not exist.")
    return {"video_detail": spark_item(call, known[one], has_code=has_code)}


def book_of(call: Call) -> Book:
    return call.desk.world.ads.book(call.values["advertiser_id"])


def _identity(call: Call) -> Identity:
    values = call.values
    for one in identities(call, book_of(call)):
        if (one.id, one.type) == (values["identity_id"], values["identity_type"]):
            if one.bc is not None and values["identity_authorized_bc_id"] != one.bc:
                raise bad("identity_authorized_bc_id: it is required when identity_type is BC_AUTH_TT.")
            return one
    raise ApiError(NOT_FOUND, "The identity does not exist.")


def pulled_posts(call: Call, book: Book, identity: Identity) -> list[Post]:
    """Newest first. A made-up name has no posts; with a code only the post that was handed over is there."""
    if identity.handle is None:
        return []
    if identity.type == "AUTH_CODE":
        return [post for post in held_posts(call, book) if post.handle == identity.handle]
    return call.desk.world.feed(identity.handle).posts_until(call.now)[::-1]


def _shown(call: Call, one: Identity) -> dict[str, Any]:
    is_linked, profile = one.type in {"TT_USER", "BC_AUTH_TT"}, call.desk.world.profile(one.handle) if one.handle else None
    status = "AVAILABLE" if profile is None or profile.is_public else "IS_PRIVATE_ACCOUNT"
    return {
        "identity_id": one.id,
        "identity_type": one.type,
        "identity_authorized_bc_id": one.bc,
        "display_name": one.name,
        "username": one.handle,
        "profile_image": pictures.address(call.base, call.desk.world, "avatar", one.handle or one.id, call.now),
        "available_status": status,
        "can_pull_video": is_linked or one.type == "AUTH_CODE",
        "can_push_video": is_linked,
        "can_use_live_ads": is_linked,
        "can_manage_message": is_linked,
        "ads_only_mode": None,
        "is_gpppa": False,
    }


ADVERTISER = Param("advertiser_id", Id(), required=True)

IDENTITY = (
    ADVERTISER,
    Param("identity_id", Text(most=100), required=True),
    Param("identity_type", Choice(TYPES), required=True),
    Param("identity_authorized_bc_id", Id()),
)

IDENTITY_SHOWN = record(
    {
        "identity_id": TEXT,
        "identity_type": word(*TYPES),
        "identity_authorized_bc_id": nullable(ID),
        "display_name": TEXT,
        "username": nullable(TEXT),
        "profile_image": ADDRESS,
        "available_status": word("AVAILABLE", "IS_PRIVATE_ACCOUNT"),
        **each(("can_pull_video", "can_push_video", "can_use_live_ads", "can_manage_message", "is_gpppa"), FLAG),
        "ads_only_mode": nullable(TEXT),
    }
)

ITEMS = page_of_cursor("video_list", ITEM, cursor=TEXT)

DETAILS = record({}, optional={"video_detail": ITEM, "video_details": list_of(ITEM)})


def endpoint(
    path: str,
    method: str,
    handler: Any,
    *params: Param,
    evidence: str = "T",
    gives: Schema = NOTHING,
    refuses: tuple[int, ...] = (NOT_FOUND,),
) -> Endpoint:
    return Endpoint(
        path,
        method,
        handler,
        params,
        needs_token=True,
        limit=Limit.MARKETING,
        evidence=evidence,
        flow=Flow.ADVERTISER,
        permission=CREATIVES,
        is_kept=method == "POST",
        gives=gives,
        refuses=refuses,
    )


ENDPOINTS = (
    endpoint(
        "/identity/get/",
        "GET",
        listing,
        ADVERTISER,
        Param("identity_type", Choice(TYPES)),
        Param("identity_authorized_bc_id", Id()),
        Param("filtering", Shape((Param("keyword", Text()),)), default={}),
        PAGE,
        Param("page_size", Whole(1, 100), default=20),
        gives=page_of_numbers("identity_list", IDENTITY_SHOWN),
        refuses=(),
    ),
    endpoint("/identity/info/", "GET", info, *IDENTITY, evidence="C", gives=record({"identity_info": IDENTITY_SHOWN})),
    endpoint(
        "/identity/video/get/",
        "GET",
        posts,
        *IDENTITY,
        Param("item_type", Choice(("VIDEO", "CAROUSEL")), default="VIDEO"),
        Param("keyword", Text(most=500)),
        Param("cursor", Text()),
        Param("count", Whole(1, 10_000), default=20),
        gives=ITEMS,
    ),
    endpoint(
        "/identity/video/info/",
        "GET",
        post_details,
        *IDENTITY,
        Param("item_id", Id()),
        Param("item_ids", ListOf(Id(), most=MOST_POSTS)),
        gives=DETAILS,
    ),
)
