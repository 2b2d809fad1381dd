"""Codes of creators for their posts: /tt_video/info|list|authorize|unbind/. What an ad account holds can run in its ads."""

from typing import Any

from tiktok_sandbox import ad_records
from tiktok_sandbox.answers import ID, TEXT, each, page_of_numbers, record, word
from tiktok_sandbox.endpoints import Call
from tiktok_sandbox.envelope import NOT_FOUND, ApiError
from tiktok_sandbox.families.advertisers import PAGE, page_of
from tiktok_sandbox.families.identities import ADVERTISER, book_of, endpoint, held_posts
from tiktok_sandbox.params import Param
from tiktok_sandbox.readers import Choice, Id, ListOf, Text, Whole
from tiktok_sandbox.spark_items import AUTH_INFO, CAROUSEL_INFO, NO_ANCHORS, VIDEO_INFO, auth_info, item_type, media
from tiktok_sandbox.world.adbook import Book
from tiktok_sandbox.world.adcast import ADVERTISERS
from tiktok_sandbox.world.calendar import DAY
from tiktok_sandbox.world.posts import Post
from tiktok_sandbox.world.world import World

CREATORS = ("grainandgold", "nd_filter", "saltedframes")  # who hand codes to advertisers


def code_info(call: Call) -> dict[str, Any]:
    book, post = book_of(call), _post_of_code(call)
    return _held(call, book, post)


def code_authorize(call: Call) -> dict[str, Any]:
    book, post = book_of(call), _post_of_code(call)
    book.authorized[post.item_id] = post
    book.unbound.discard(post.item_id)
    return {}


def held(call: Call) -> dict[str, Any]:
    book, kinds, word = book_of(call), call.values["item_types"], (call.values["keyword"] or "").lower()
    found = [post for post in held_posts(call, book) if word in post.caption.lower() or word == post.item_id]
    found = [post for post in found if kinds is None or item_type(post) in kinds]
    page, numbers = page_of(found, call.values["page"], call.values["page_size"])
    return {"list": [_held(call, book, post) for post in page], "page_info": numbers}


def unbind(call: Call) -> dict[str, Any]:
    book, item = book_of(call), call.values["item_id"]
    if item not in {post.item_id for post in held_posts(call, book)}:
        raise ApiError(NOT_FOUND, "The post is not authorized to this advertiser.")
    book.authorized.pop(item, None)
    book.unbound.add(item)
    return {}


def code_of(world: World, post: Post) -> str:
    """The code a creator would hand over for this post; it has the characters that need encoding."""
    mark = world.signature(f"spark code {post.item_id}")
    return f"#{mark}+{post.item_id[-6:]}/{mark[:4]}="


def _post_of_code(call: Call) -> Post:
    """Of a code that a creator made by a call, or of one that creators hand over: those name no post, so the newest posts are tried."""
    code = call.values["auth_code"]
    for row in call.desk.writes.spark_codes.values():
        if row["code"] == code and _is_live(call, row):
            made = call.desk.world.feed(row["handle"]).find(row["item_id"], call.now)
            if made is not None:
                return made
    handles = (*CREATORS, *dict.fromkeys(one.handle for one in ADVERTISERS if one.handle is not None))
    for handle in handles:
        for post in reversed(call.desk.world.feed(handle).posts_until(call.now)):
            if code[-12:-6] == post.item_id[-6:] and code == code_of(call.desk.world, post):
                return post
    raise ApiError(NOT_FOUND, "The authorization code is invalid or has expired.")


def _is_live(call: Call, row: dict[str, Any]) -> bool:
    return not row["deleted"] and row["start"] <= call.now < row["start"] + row["days"] * DAY


def _shown_code(call: Call, post: Post) -> str:
    row = call.desk.writes.spark_codes.get(post.item_id)
    return row["code"] if row is not None and _is_live(call, row) else code_of(call.desk.world, post)


def _held(call: Call, book: Book, post: Post) -> dict[str, Any]:
    profile, shown = call.desk.world.profile(post.handle), media(call, post)
    kind = "AUTH_CODE" if post.handle == book.advertiser.handle else f"AUTH_CODE {post.handle}"
    return {
        "auth_info": auth_info(post),
        "item_info": {
            "auth_code": _shown_code(call, post),
            "item_id": post.item_id,
            "item_type": item_type(post),
            "text": post.caption,
            "status": "ITEM_STATUS_HESITATE_RECOMMEND",
            "anchor_list": [],
            "carousel_info": shown["carousel_info"],
        },
        "user_info": {
            "tiktok_name": profile.display_name if profile is not None else post.handle,
            "identity_id": ad_records.identity_id(book, kind),
            "identity_type": "AUTH_CODE",
        },
        "video_info": shown["video_info"],
    }


HELD = record(
    {
        "auth_info": AUTH_INFO,
        "item_info": record(
            {
                "item_id": ID,
                "item_type": word("VIDEO", "CAROUSEL"),
                **each(("auth_code", "text", "status"), TEXT),
                "anchor_list": NO_ANCHORS,
                "carousel_info": CAROUSEL_INFO,
            }
        ),
        "user_info": record({"tiktok_name": TEXT, "identity_id": TEXT, "identity_type": word("AUTH_CODE")}),
        "video_info": VIDEO_INFO,
    }
)
CODE = Param("auth_code", Text(most=200), required=True)


ENDPOINTS = (
    endpoint("/tt_video/info/", "GET", code_info, ADVERTISER, CODE, evidence="C", gives=HELD),
    endpoint(
        "/tt_video/list/",
        "GET",
        held,
        ADVERTISER,
        Param("item_types", ListOf(Choice(("VIDEO", "CAROUSEL")))),
        Param("keyword", Text()),
        PAGE,
        Param("page_size", Whole(1, 50), default=20),
        evidence="C",
        gives=page_of_numbers("list", HELD),
        refuses=(),
    ),
    endpoint(
        "/tt_video/authorize/", "POST", code_authorize, ADVERTISER, CODE, Param("original_post_auth_code", Text(most=200)), evidence="C"
    ),
    endpoint("/tt_video/unbind/", "POST", unbind, ADVERTISER, Param("item_id", Id(), required=True), evidence="C"),
)
