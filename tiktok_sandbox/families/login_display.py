"""The Display API of TikTok for Developers: who the person is, and their public videos."""

from hashlib import sha256
from html import escape
from typing import Any
from uuid import UUID

from tiktok_sandbox import pictures
from tiktok_sandbox.answers import ADDRESS, COUNT, FLAG, ID, SECONDS, TEXT, Schema, each, list_of, page_of_cursor, record, some_of
from tiktok_sandbox.dialects import Dialect
from tiktok_sandbox.endpoints import Call, Endpoint
from tiktok_sandbox.envelope import SCOPE_MISSING, ApiError
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import QUERY, Param
from tiktok_sandbox.readers import CommaNames, Id, ListOf, Shape, Whole
from tiktok_sandbox.scopes import BASIC
from tiktok_sandbox.world.posts import Post

USER_FIELDS = {
    "open_id": BASIC,
    "union_id": BASIC,
    "avatar_url": BASIC,
    "avatar_url_100": BASIC,
    "avatar_large_url": BASIC,
    "display_name": BASIC,
    "bio_description": "user.info.profile",
    "profile_deep_link": "user.info.profile",
    "is_verified": "user.info.profile",
    "username": "user.info.profile",
    "follower_count": "user.info.stats",
    "following_count": "user.info.stats",
    "likes_count": "user.info.stats",
    "video_count": "user.info.stats",
}
VIDEO_FIELDS = (
    "id", "create_time", "cover_image_url", "share_url", "video_description", "title", "duration", "height", "width", "embed_html",
    "embed_link", "like_count", "comment_count", "share_count", "view_count", "is_aigc",
)  # fmt: skip
TITLE_UNITS = 150


def user_info(call: Call) -> dict[str, Any]:
    fields = call.values["fields"]
    if any(not call.has(USER_FIELDS[name]) for name in fields):  # one field without its scope fails the whole call
        raise ApiError(SCOPE_MISSING, "")
    return {"user": {name: _user_value(call, name) for name in fields}}


def _user_value(call: Call, name: str) -> Any:
    feed, profile = call.feed, call.feed.profile
    match name:
        case "open_id":
            return call.account.open_id
        case "union_id":
            return str(UUID(sha256(f"union {call.desk.world.seed} {profile.handle}".encode()).hexdigest()[:32]))
        case "avatar_url" | "avatar_url_100" | "avatar_large_url":
            return pictures.address(call.base, call.desk.world, "avatar", profile.handle, call.now)
        case "display_name":
            return profile.display_name
        case "bio_description":
            return profile.bio
        case "profile_deep_link":
            return f"https://www.tiktok.com/@{profile.handle}"
        case "is_verified":
            return profile.is_verified
        case "username":
            return profile.handle
        case "follower_count":
            return feed.followers_at(call.now)
        case "following_count":
            return profile.following
        case "likes_count":
            return feed.totals_at(call.now).likes
        case _:
            return len(feed.posts_until(call.now))


def video_list(call: Call) -> dict[str, Any]:
    cursor = call.values["cursor"]
    before = call.now * 1000 if cursor is None else cursor
    posts = call.feed.posts_until(call.now, before=None if cursor is None else -(-cursor // 1000))
    page = posts[: -call.values["max_count"] - 1 : -1]
    return {
        "videos": [_video(call, post) for post in page],
        "cursor": page[-1].created * 1000 if page else before,
        "has_more": len(page) < len(posts),
    }


def video_query(call: Call) -> dict[str, Any]:
    found = [call.feed.find(item_id, call.now) for item_id in call.values["filters"]["video_ids"]]
    return {"videos": [_video(call, post) for post in found if post is not None]}


def _video(call: Call, post: Post) -> dict[str, Any]:
    return {name: _video_value(call, post, name) for name in call.values["fields"]}


def _video_value(call: Call, post: Post, name: str) -> Any:
    counters = post.counters_at(call.now)
    link = f"https://www.tiktok.com/static/profile-video?id={post.item_id}&hide_author=1"
    values = {
        "id": post.item_id,
        "create_time": post.created,
        "share_url": f"https://www.tiktok.com/@{post.handle}/video/{post.item_id}"
        f"?utm_campaign=tt4d_open_api&utm_source={call.desk.login.client_key}",
        "video_description": post.caption,
        "title": post.caption[:TITLE_UNITS],
        "duration": post.duration_ms // 1000,
        "height": 1920,
        "width": 1080,
        "embed_html": f'<iframe width="340" height="700" src="{escape(link)}" frameborder="0"></iframe>',
        "embed_link": link,
        "like_count": counters.likes,
        "comment_count": counters.comments,
        "share_count": counters.shares,
        "view_count": counters.views,
        "is_aigc": False,
    }
    if name == "cover_image_url":
        return pictures.address(call.base, call.desk.world, "cover", post.item_id, call.now, hold=3600, lasts=6 * 3600)
    return values[name]


FIELDS = Param("fields", CommaNames(VIDEO_FIELDS), required=True, where=QUERY)


USER = {
    **each(("open_id", "union_id", "display_name", "bio_description", "username"), TEXT),
    **each(("avatar_url", "avatar_url_100", "avatar_large_url", "profile_deep_link"), ADDRESS),
    "is_verified": FLAG,
    **each(("follower_count", "following_count", "likes_count", "video_count"), COUNT),
}
VIDEO = {
    "id": ID,
    "create_time": SECONDS,
    **each(("cover_image_url", "share_url", "embed_link"), ADDRESS),
    **each(("video_description", "title", "embed_html"), TEXT),
    **each(("duration", "height", "width", "like_count", "comment_count", "share_count", "view_count"), COUNT),
    "is_aigc": FLAG,
}


def _endpoint(path: str, method: str, handler: Any, scope: str, *params: Param, gives: Schema) -> Endpoint:
    return Endpoint(
        path,
        method,
        handler,
        params,
        needs_token=True,
        scope=scope,
        limit=Limit.DISPLAY,
        evidence="T",
        dialect=Dialect.OPEN,
        gives=gives,
    )


ENDPOINTS = (
    _endpoint(
        "/v2/user/info/",
        "GET",
        user_info,
        BASIC,
        Param("fields", CommaNames(tuple(USER_FIELDS)), required=True),
        gives=record({"user": some_of(USER)}),
    ),
    _endpoint(
        "/v2/video/list/",
        "POST",
        video_list,
        "video.list",
        FIELDS,
        Param("cursor", Whole(0, 2**62)),
        Param("max_count", Whole(1, 20), default=10),
        gives=page_of_cursor("videos", some_of(VIDEO)),
    ),
    _endpoint(
        "/v2/video/query/",
        "POST",
        video_query,
        "video.list",
        FIELDS,
        Param("filters", Shape((Param("video_ids", ListOf(Id(), 20, least=1), required=True),)), required=True),
        gives=record({"videos": list_of(some_of(VIDEO))}),
    ),
)
