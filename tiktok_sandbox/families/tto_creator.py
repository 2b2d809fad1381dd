"""The creator's side of TikTok One: own profile and posts, and joining a brand's campaign. The brand's side is not here.

Every creator on TikTok One has one invitation of an invented brand, which has asked for two of their posts.
"""

import re
from typing import Any

from tiktok_sandbox import pictures
from tiktok_sandbox.answers import (
    ADDRESS,
    COUNT,
    ID,
    NOTHING,
    SECONDS_TEXT,
    TEXT,
    Schema,
    each,
    list_of,
    page_of_cursor,
    record,
    shares,
    some_of,
    word,
)
from tiktok_sandbox.endpoints import Call, Endpoint
from tiktok_sandbox.envelope import NOT_A_CREATOR, NOT_FOUND, ApiError
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param, bad
from tiktok_sandbox.readers import Choice, Id, ListOf, Names, Text, Whole
from tiktok_sandbox.world import insights
from tiktok_sandbox.world.calendar import DAY
from tiktok_sandbox.world.cast import Profile
from tiktok_sandbox.world.chance import draw
from tiktok_sandbox.world.insights import fractions, rows
from tiktok_sandbox.world.posts import Post
from tiktok_sandbox.world.world import World

LEAST_FOLLOWERS = 1_000
INFO, INSIGHTS = "biz.creator.info", "biz.creator.insights"
PROFILE_FIELDS = (
    "handle_name", "display_name", "profile_image", "bio", "followers_count", "following_count", "likes_count", "videos_count",
    "creator_rate", "country_code", "content_labels", "industry_labels",
)  # fmt: skip
AUDIENCE_FIELDS = ("audience_countries", "audience_genders", "audience_ages", "audience_devices", "audience_usages")
LABELS = {"film": (21, "Film and photography"), "clay": (34, "Crafts"), "scent": (47, "Beauty")}
SPARK_DAYS = 30
HASHTAG, HANDLE = re.compile(r"#(\w+)"), re.compile(r"@(\w+)")


def invite_link(world: World, handle: str) -> str:
    return f"https://www.tiktok.com/tto/invite/{world.signature(f'campaign {handle}')}"


def is_on_tiktok_one(profile: Profile) -> bool:
    return profile.is_public and profile.followers >= LEAST_FOLLOWERS


def authorized(call: Call) -> dict[str, Any]:
    _check_creator(call)
    allowed = {name for name in PROFILE_FIELDS if call.has(INFO)} | {name for name in AUDIENCE_FIELDS if call.has(INSIGHTS)}
    wanted = [name for name in call.values["fields"] if name in allowed]
    audience = _audience(call) if set(wanted) & set(AUDIENCE_FIELDS) else {}
    return {name: audience[name] if name in audience else _value(call, name) for name in wanted}


def _value(call: Call, name: str) -> Any:
    feed, profile = call.feed, call.feed.profile
    values: dict[str, Any] = {
        "handle_name": profile.handle,
        "display_name": profile.display_name,
        "bio": profile.bio,
        "following_count": profile.following,
        "creator_rate": {"rate": 40 + profile.typical_views // 60, "currency": {"US": "USD", "GB": "GBP"}.get(profile.country, "EUR")},
        "country_code": profile.country,
        "content_labels": [dict(zip(("label_id", "label_name"), LABELS[profile.topic], strict=True))],
        "industry_labels": [],
    }
    match name:
        case "profile_image":
            return pictures.address(call.base, call.desk.world, "avatar", profile.handle, call.now)
        case "followers_count":
            return feed.followers_at(call.now)
        case "likes_count":
            return feed.totals_at(call.now).likes
        case "videos_count":
            return len(feed.posts_until(call.now))
        case _:
            return values[name]


def _audience(call: Call) -> dict[str, Any]:
    profile, seed = call.feed.profile, call.desk.world.seed
    known = insights.audience(profile, seed, profile.handle)
    devices = fractions(("APPLE", "SAMSUNG", "XIAOMI", "OPPO", "MOTOROLA", "OTHER"), (52, 24, 8, 5, 3, 8), seed, profile.handle, "device")
    return {
        "audience_countries": known["audience_countries"],
        "audience_genders": [{**row, "gender": str(row["gender"]).upper()} for row in known["audience_genders"]],
        "audience_ages": known["audience_ages"],
        "audience_devices": rows("device", devices),
        "audience_usages": rows("usage", fractions(("ACTIVE", "INACTIVE"), (72, 28), seed, profile.handle, "usage")),
    }


def video_list(call: Call) -> dict[str, Any]:
    _check_creator(call)
    cursor, wanted = call.values["cursor"], set(call.values["video_ids"])
    before = call.now * 1000 if cursor is None else cursor
    posts = call.feed.posts_until(call.now, before=None if cursor is None else -(-cursor // 1000))
    posts = [post for post in posts if not wanted or post.item_id in wanted]
    page = posts[: -call.values["limit"] - 1 : -1]
    return {
        "posts": [_post(call, post) for post in page],
        "has_more": len(page) < len(posts),
        "cursor": page[-1].created * 1000 if page else before,
    }


def _post(call: Call, post: Post) -> dict[str, Any]:
    counters = post.counters_at(call.now)
    return {
        "video_id": post.item_id,
        "display_name": call.feed.profile.display_name,
        "caption": post.caption,
        "thumbnail_url": pictures.address(call.base, call.desk.world, "cover", post.item_id, call.now),
        "embed_url": f"https://www.tiktok.com/player/v1/{post.item_id}",
        "create_time": str(post.created),
        "likes": counters.likes,
        "comments": counters.comments,
        "shares": counters.shares,
        "favorites": counters.favorites,
        "video_views": counters.views,
        "caption_hashtags": HASHTAG.findall(post.caption),
        "mentioned_accounts": HANDLE.findall(post.caption),
        "collaboration_status": "PAID_PARTNERSHIP" if post.item_id in _campaign(call)["linked"] else "NONE",
    }


def join(call: Call) -> dict[str, Any]:
    _invited(call)
    _campaign(call)["joined"] = True
    call.desk.writes.changed()
    return {}


def link(call: Call) -> dict[str, Any]:
    """A post linked by the creator is approved at once."""
    _joined(call)
    _campaign(call)["linked"][call.own_post(call.values["video_id"]).item_id] = "APPROVE"
    call.desk.writes.changed()
    return {}


def requests(call: Call) -> dict[str, Any]:
    _joined(call)
    campaign = _campaign(call)
    waiting = [(post, number) for post, number in _asked_for(call) if number not in campaign["answered"]]
    return {
        "campaign_id": str(7_610_000_000_000_000_000 + draw(call.desk.world.seed, call.account.handle, "campaign") % 10**15),
        "spark_authorization_days": SPARK_DAYS,
        "link_requests": [{"video_id": post.item_id, "link_request_id": number} for post, number in waiting],
    }


def confirm(call: Call) -> dict[str, Any]:
    _check_creator(call)
    campaign, wanted = _campaign(call), call.values["link_request_id"]
    post = next((post for post, number in _asked_for(call) if number == wanted), None)
    if post is None or not campaign["joined"]:
        raise ApiError(NOT_FOUND, "There is no such link request.")
    if wanted in campaign["answered"]:
        raise bad("link_request_id: it has been answered.")
    campaign["answered"][wanted] = call.values["action"]
    if call.values["action"] == "APPROVE":
        campaign["linked"][post.item_id] = "APPROVE"
    call.desk.writes.changed()
    return {}


def _asked_for(call: Call) -> list[tuple[Post, str]]:
    """The brand asks for the two last posts of the sample week."""
    posts = call.feed.computed_until(min(call.now, (call.desk.world.anchor + 7) * DAY))[-2:]
    return [(post, str(7_630_000_000_000_000_000 + draw(call.desk.world.seed, post.item_id, "request") % 10**15)) for post in posts]


def _campaign(call: Call) -> dict[str, Any]:
    fresh: dict[str, Any] = {"joined": False, "linked": {}, "answered": {}}
    return call.desk.writes.campaigns.setdefault(call.account.handle, fresh)


def _invited(call: Call) -> None:
    _check_creator(call)
    if call.values["tto_invite_link"] != invite_link(call.desk.world, call.account.handle):
        raise ApiError(NOT_FOUND, "The invitation does not exist or is for somebody else.")


def _joined(call: Call) -> None:
    _invited(call)
    if not _campaign(call)["joined"]:
        raise bad("tto_invite_link: join the campaign first.")


def _check_creator(call: Call) -> None:
    if not is_on_tiktok_one(call.feed.profile):
        raise ApiError(NOT_A_CREATOR, "The user is not a TikTok One creator.")


CREATOR = Param("creator_id", Text(), required=True)
LINK = Param("tto_invite_link", Text(2_048), required=True)
EITHER = (INFO, INSIGHTS)
PROFILE = {
    **each(("handle_name", "display_name", "bio", "country_code"), TEXT),
    "profile_image": ADDRESS,
    **each(("followers_count", "following_count", "likes_count", "videos_count"), COUNT),
    "creator_rate": record({"rate": COUNT, "currency": TEXT}),
    **each(("content_labels", "industry_labels"), list_of(record({"label_id": COUNT, "label_name": TEXT}))),
    "audience_countries": shares("country"),
    "audience_genders": shares("gender"),
    "audience_ages": shares("age"),
    "audience_devices": shares("device"),
    "audience_usages": shares("usage"),
}
POST = record(
    {
        "video_id": ID,
        **each(("display_name", "caption"), TEXT),
        **each(("thumbnail_url", "embed_url"), ADDRESS),
        "create_time": SECONDS_TEXT,
        **each(("likes", "comments", "shares", "favorites", "video_views"), COUNT),
        **each(("caption_hashtags", "mentioned_accounts"), list_of(TEXT)),
        "collaboration_status": word("PAID_PARTNERSHIP", "NONE"),
    }
)
REQUESTS = record(
    {
        "campaign_id": ID,
        "spark_authorization_days": COUNT,
        "link_requests": list_of(record({"video_id": ID, "link_request_id": ID})),
    }
)


def _read(path: str, handler: Any, *params: Param, gives: Schema) -> Endpoint:
    return Endpoint(
        path,
        "GET",
        handler,
        (CREATOR, *params),
        needs_token=True,
        any_scope=EITHER,
        limit=Limit.CREATORS,
        evidence="C",
        gives=gives,
        refuses=(NOT_A_CREATOR,),
    )


def _campaigning(path: str, method: str, handler: Any, *params: Param, gives: Schema = NOTHING) -> Endpoint:
    return Endpoint(
        path,
        method,
        handler,
        (CREATOR, *params),
        needs_token=True,
        scope="tto.campaign.link",
        limit=Limit.CREATORS,
        evidence="C",
        gives=gives,
        refuses=(NOT_A_CREATOR, NOT_FOUND),
    )


ENDPOINTS = (
    _read(
        "/tto/creator/authorized/",
        authorized,
        Param("fields", Names(frozenset((*PROFILE_FIELDS, *AUDIENCE_FIELDS))), default=("profile_image", "display_name")),
        gives=some_of(PROFILE),
    ),
    _read(
        "/tto/creator/authorized/video/list/",
        video_list,
        Param("video_ids", ListOf(Id(), 20, least=0), default=()),
        Param("limit", Whole(1, 10), default=10),
        Param("cursor", Whole(0, 2**62)),
        gives=page_of_cursor("posts", POST),
    ),
    _campaigning("/tto/creator/campaign/join/", "POST", join, LINK),
    _campaigning("/tto/creator/campaign/video/link/", "POST", link, LINK, Param("video_id", Id(), required=True)),
    _campaigning("/tto/creator/link/request/get/", "GET", requests, LINK, gives=REQUESTS),
    _campaigning(
        "/tto/creator/link/request/confirm/",
        "POST",
        confirm,
        Param("link_request_id", Id(), required=True),
        Param("action", Choice(("APPROVE", "REJECT")), required=True),
    ),
)
