"""Posts worth an ad, as TikTok recommends them: own ones to an account, creators' ones to a brand on TikTok One."""

from collections.abc import Iterable, Iterator
from typing import Any

from tiktok_sandbox import pictures
from tiktok_sandbox.answers import ADDRESS, COUNT, ID, SECONDS_TEXT, TEXT, Schema, each, list_of, record, shares, word
from tiktok_sandbox.endpoints import Call, Endpoint, Flow
from tiktok_sandbox.envelope import NO_PERMISSION, ApiError
from tiktok_sandbox.families.advertiser_tokens import tiktok_one_account
from tiktok_sandbox.families.tto_creator import is_on_tiktok_one
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param
from tiktok_sandbox.readers import Choice, Id, ListOf, Text
from tiktok_sandbox.world import insights
from tiktok_sandbox.world.calendar import DAY
from tiktok_sandbox.world.posts import Post

SPANS = {"PAST_ONE_MONTH": 30, "PAST_THREE_MONTHS": 91, "PAST_SIX_MONTHS": 182}
OBJECTIVES = (
    "REACH", "TRAFFIC", "VIDEO_VIEWS", "ENGAGEMENT", "APP_PROMOTION", "LEAD_GENERATION", "WEB_CONVERSIONS", "PRODUCT_SALES",
)  # fmt: skip
MOST_RECOMMENDED = 20


def own_posts(call: Call) -> dict[str, Any]:
    rows = []
    for level, post in _ranked(call, call.feed.posts_until(call.now)):
        counters = post.counters_at(call.now)
        rows.append(
            {
                **_shown(call, level, post),
                "video_views": counters.views,
                "likes": counters.likes,
                "comments": counters.comments,
                "shares": counters.shares,
                "audience_countries": insights.audience(call.feed.profile, call.desk.world.seed, post.item_id)["audience_countries"],
            }
        )
    return {"videos": rows}


def creators_posts(call: Call) -> dict[str, Any]:
    """Of everybody on TikTok One but the brand itself."""
    world, person = call.desk.world, call.person.person
    if call.values["tcm_account_id"] != tiktok_one_account(world, person):
        raise ApiError(NO_PERMISSION, "No permission to operate this TikTok One account.")
    handles = [one.handle for one in world.cast() if is_on_tiktok_one(one) and one.handle != person]
    posts = [post for handle in handles for post in world.feed(handle).posts_until(call.now)]
    return {"videos": [{**_shown(call, level, post), "creator_handle": post.handle} for level, post in _ranked(call, posts)]}


def _ranked(call: Call, posts: Iterable[Post]) -> Iterator[tuple[str, Post]]:
    """Posts of the span, the best first; the level follows how far a post stands out among them."""
    since = call.now - SPANS[call.values["time"]] * DAY
    wanted, unwanted = set(call.values["video_ids"]), set(call.values["exclude_video_ids"])
    found = [post for post in posts if post.created >= since and post.item_id not in unwanted and (not wanted or post.item_id in wanted)]
    best = sorted(found, key=lambda post: (-post.counters_at(call.now).engagement, post.item_id))[:MOST_RECOMMENDED]
    for place, post in enumerate(best):
        yield "HIGH" if place * 4 < len(best) else "MEDIUM" if place * 2 < len(best) else "LOW", post


def _shown(call: Call, level: str, post: Post) -> dict[str, Any]:
    return {
        "recommendation_level": level,
        "item_id": post.item_id,
        "embed_url": f"https://www.tiktok.com/player/v1/{post.item_id}",
        "thumbnail_url": pictures.address(call.base, call.desk.world, "cover", post.item_id, call.now),
        "create_time": str(post.created),
    }


IDS = ListOf(Id(), 100, least=0)
FILTERS = (
    Param("video_ids", IDS, default=()),
    Param("exclude_video_ids", IDS, default=()),
    Param("time", Choice(tuple(SPANS)), default="PAST_ONE_MONTH"),
)
POST = {
    "recommendation_level": word("HIGH", "MEDIUM", "LOW"),
    "item_id": ID,
    **each(("embed_url", "thumbnail_url"), ADDRESS),
    "create_time": SECONDS_TEXT,
}
OWN = record({**POST, **each(("video_views", "likes", "comments", "shares"), COUNT), "audience_countries": shares("country")})
OF_A_CREATOR = record({**POST, "creator_handle": TEXT})


def _videos(one: Schema) -> Schema:
    return record({"videos": list_of(one)})


ENDPOINTS = (
    Endpoint(
        "/business/video/recommend/",
        "GET",
        own_posts,
        (Param("business_id", Text(), required=True), *FILTERS, Param("objective_type", Choice(OBJECTIVES))),
        needs_token=True,
        scope="biz.ads.recommend",
        limit=Limit.RECOMMENDATIONS,
        evidence="C",
        gives=_videos(OWN),
    ),
    Endpoint(
        "/spark_ad/recommend/",
        "GET",
        creators_posts,
        (
            Param("tcm_account_id", Id(), required=True),
            *FILTERS,
            Param("objective_type", Choice(tuple(one for one in OBJECTIVES if one != "ENGAGEMENT"))),
        ),
        needs_token=True,
        flow=Flow.ADVERTISER,
        limit=Limit.RECOMMENDATIONS,
        evidence="C",
        gives=_videos(OF_A_CREATOR),
        refuses=(NO_PERMISSION,),
    ),
)
