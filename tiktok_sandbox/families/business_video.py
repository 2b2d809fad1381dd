"""GET /business/video/list/: the account's posts, newest first. Counters are live, insights end with the last final day."""

from collections.abc import Sequence
from typing import Any

from tiktok_sandbox import pictures
from tiktok_sandbox.answers import ADDRESS, AMOUNT, COUNT, FLAG, ID, SECONDS_TEXT, SHARE, TEXT, each, page_of_cursor, shares, some_of, word
from tiktok_sandbox.endpoints import Call, Endpoint
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param
from tiktok_sandbox.readers import Flag, Id, ListOf, Names, Shape, Text, Whole
from tiktok_sandbox.world import insights
from tiktok_sandbox.world.calendar import DAY, final_before
from tiktok_sandbox.world.cast import PERSONAL
from tiktok_sandbox.world.chance import draw
from tiktok_sandbox.world.posts import Post

MOST_IDS = 20

LIVE = (
    "item_id", "create_time", "media_type", "is_ad", "caption", "thumbnail_url", "share_url", "embed_url", "video_duration", "video_views",
    "likes", "comments", "shares", "favorites",
)  # fmt: skip
RECENT_INSIGHTS = (
    "total_time_watched", "average_time_watched", "full_video_watched_rate", "impression_sources", "audience_countries", "audience_genders",
    "audience_cities", "audience_types",
)  # fmt: skip
# Fields that a photo post does not have.
VIDEO_ONLY = frozenset(
    ("video_duration", "total_time_watched", "average_time_watched", "full_video_watched_rate", "video_view_retention", "engagement_likes")
)
LASTING_INSIGHTS = ("video_view_retention", "engagement_likes")
# For every 10,000 views of a business account's post.
BUSINESS_RATES = {
    "new_followers": 9,
    "profile_views": 96,
    "website_clicks": 5,
    "phone_number_clicks": 1,
    "lead_submissions": 1,
    "app_download_clicks": 0,
    "email_clicks": 2,
    "address_clicks": 1,
}
INSIGHTS = frozenset((*RECENT_INSIGHTS, *LASTING_INSIGHTS, *BUSINESS_RATES))
FIELDS = frozenset((*LIVE, "reach", *INSIGHTS))


def video_list(call: Call) -> dict[str, Any]:
    filters = call.values["filters"]
    cursor = call.values["cursor"]
    before = call.now * 1000 if cursor is None else cursor
    # Posts carry whole seconds: one is older than the cursor when its second begins before it.
    posts = call.feed.posts_until(call.now, before=None if cursor is None else -(-cursor // 1000))
    if "video_ids" in filters:
        posts = [post for post in posts if post.item_id in filters["video_ids"]]
    if filters.get("ad_post_only"):
        posts = []  # no post of this world is an ad
    page = posts[: -_page_size(call, posts) - 1 : -1]
    return {
        "videos": [_shown(call, post) for post in page],
        "cursor": page[-1].created * 1000 if page else before,
        "has_more": len(page) < len(posts),
    }


def _page_size(call: Call, posts: Sequence[Post]) -> int:
    """TikTok filters after it has cut the page, so that some pages come short although there is more."""
    most: int = call.values["max_count"]
    if len(posts) <= most:
        return most
    return max(1, most - draw(call.desk.world.seed, "page", posts[-1].item_id) % 3)


def _shown(call: Call, post: Post) -> dict[str, Any]:
    fields, has_insights = call.values["fields"], call.has("video.insights")
    counters = post.counters_at(call.now)._asdict()
    # Insights stop at the end of the last final day; a younger post has none yet.
    until = final_before(call.now) * DAY
    known = post.created < until
    views = post.counters_at(until).views if known else 0
    recent = known and post.is_active_at(call.now)
    shown: dict[str, Any] = {"item_id": post.item_id}
    for name in fields:
        if name in VIDEO_ONLY and post.media_type != "VIDEO":
            continue
        if name in LIVE:
            shown[name] = _live(call, post, name, counters)
        elif name == "reach":
            if recent:
                shown[name] = views * post.reach_rate // 10_000
        elif has_insights and known:
            if name in BUSINESS_RATES:
                if call.feed.profile.kind != PERSONAL:
                    shown[name] = views * BUSINESS_RATES[name] // 10_000
            elif name in LASTING_INSIGHTS or recent:
                shown[name] = _insight(call, post, name, views)
    return shown


def _live(call: Call, post: Post, name: str, counters: dict[str, int]) -> Any:
    match name:
        case "item_id":
            return post.item_id
        case "create_time":
            return str(post.created)
        case "media_type":
            return post.media_type
        case "is_ad":
            return False
        case "caption":
            return post.caption
        case "thumbnail_url":
            return pictures.address(call.base, call.desk.world, "cover", post.item_id, call.now)
        case "share_url":
            return f"https://www.tiktok.com/@{post.handle}/{'photo' if post.media_type == 'PHOTO' else 'video'}/{post.item_id}"
        case "embed_url":
            return f"https://www.tiktok.com/player/v1/{post.item_id}"
        case "video_duration":
            return post.duration_ms / 1000
        case "video_views":
            return counters["views"]
        case _:
            return counters[name]


def _insight(call: Call, post: Post, name: str, views: int) -> Any:
    seed = call.desk.world.seed
    match name:
        case "total_time_watched":
            return views * post.average_watched_ms / 1000
        case "average_time_watched":
            return post.average_watched_ms / 1000
        case "full_video_watched_rate":
            return post.full_rate / 10_000
        case "impression_sources":
            return insights.impression_sources(post, seed)
        case "audience_types":
            return insights.viewer_types(post, seed)
        case "video_view_retention":
            return insights.retention(post)
        case "engagement_likes":
            return insights.like_moments(post, seed)
        case _:
            return insights.audience(call.feed.profile, seed, post.item_id)[name]


POST = {
    "item_id": ID,
    "create_time": SECONDS_TEXT,
    "media_type": word("VIDEO", "PHOTO"),
    "is_ad": FLAG,
    "caption": TEXT,
    **each(("thumbnail_url", "share_url", "embed_url"), ADDRESS),
    **each(("video_duration", "total_time_watched", "average_time_watched"), AMOUNT),
    **each(("video_views", "likes", "comments", "shares", "favorites", "reach", *BUSINESS_RATES), COUNT),
    "full_video_watched_rate": SHARE,
    "impression_sources": shares("impression_source"),
    "audience_countries": shares("country"),
    "audience_genders": shares("gender"),
    "audience_cities": shares("city_name"),
    "audience_types": shares("type"),
    "video_view_retention": shares("second"),
    "engagement_likes": shares("second"),
}

ENDPOINTS = (
    Endpoint(
        "/business/video/list/",
        "GET",
        video_list,
        (
            Param("business_id", Text(), required=True),
            Param("fields", Names(FIELDS), default=("item_id",)),
            Param("filters", Shape((Param("video_ids", ListOf(Id(), MOST_IDS, least=0)), Param("ad_post_only", Flag()))), default={}),
            Param("cursor", Whole(0, 2**62)),
            Param("max_count", Whole(1, 20), default=10),
        ),
        needs_token=True,
        scope="video.list",
        limit=Limit.ACCOUNTS,
        evidence="T",
        gives=page_of_cursor("videos", some_of(POST, always=("item_id",))),
    ),
)
