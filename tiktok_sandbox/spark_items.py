"""How a post that ads can run is written down on the wire, and what that record looks like. Chooses nothing."""

from typing import Any

from tiktok_sandbox import pictures
from tiktok_sandbox.answers import (
    ADDRESS,
    AMOUNT,
    COUNT,
    ID,
    MOMENT,
    TEXT,
    Schema,
    each,
    list_of,
    nullable,
    record,
    word,
)
from tiktok_sandbox.clock import moment_text
from tiktok_sandbox.endpoints import Call
from tiktok_sandbox.world.posts import Post

ADDRESS_LIFE = 3_600

DAYS_OF_CODE = 30


def item_type(post: Post) -> str:
    return "CAROUSEL" if post.media_type == "PHOTO" else "VIDEO"


def media(call: Call, post: Post) -> dict[str, Any]:
    poster = pictures.address(call.base, call.desk.world, "cover", post.item_id, call.now)
    if post.media_type == "PHOTO":
        images = [{"image_url": poster, "width": 180, "height": 320}]
        return {"video_info": None, "carousel_info": {"image_info": images, "music_info": None}}
    seconds = post.duration_ms / 1000
    video = {
        "video_id": f"v10033g50000{call.desk.world.signature(post.item_id)[:10]}",
        "duration": seconds,
        "width": 1080,
        "height": 1920,
        "size": int(seconds * 143_000),
        "bit_rate": 816_171,
        "format": "mp4",
        "signature": call.desk.world.signature(f"video {post.item_id}") + "0" * 8,
        "poster_url": poster,
        "url": f"{poster}&v={call.now // ADDRESS_LIFE}",
    }
    return {"video_info": video, "carousel_info": None}


def auth_info(post: Post) -> dict[str, str]:
    start = post.created + 7_200
    return {
        "ad_auth_status": "AUTHORIZED",
        "invite_start_time": moment_text(start - 3_600),
        "auth_start_time": moment_text(start),
        "auth_end_time": moment_text(start + DAYS_OF_CODE * 86_400),
    }


def spark_item(call: Call, post: Post, *, has_code: bool) -> dict[str, Any]:
    return {
        "item_id": post.item_id,
        "item_type": item_type(post),
        "status": "ITEM_STATUS_HESITATE_RECOMMEND",
        "text": post.caption,
        "auth_info": auth_info(post) if has_code else None,
        "anchor_list": [],
        **media(call, post),
    }


VIDEO_INFO = nullable(
    record(
        {
            **each(("video_id", "format", "signature"), TEXT),
            **each(("duration", "bit_rate"), AMOUNT),
            **each(("width", "height", "size"), COUNT),
            **each(("poster_url", "url"), ADDRESS),
        }
    )
)

CAROUSEL_INFO = nullable(
    record({"image_info": list_of(record({"image_url": ADDRESS, "width": COUNT, "height": COUNT})), "music_info": {"type": "null"}})
)

AUTH_INFO = record({"ad_auth_status": word("AUTHORIZED"), **each(("invite_start_time", "auth_start_time", "auth_end_time"), MOMENT)})

NO_ANCHORS: Schema = {"type": "array", "maxItems": 0}

ITEM = record(
    {
        "item_id": ID,
        "item_type": word("VIDEO", "CAROUSEL"),
        **each(("status", "text"), TEXT),
        "auth_info": nullable(AUTH_INFO),
        "anchor_list": NO_ANCHORS,
        "video_info": VIDEO_INFO,
        "carousel_info": CAROUSEL_INFO,
    }
)
