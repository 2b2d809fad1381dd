"""The Display API of TikTok for Developers: who the person is, and their public videos. Posting is in `posting`.

Owns which field belongs to which scope there, and those shapes. Every function needs a Login Kit token. One field whose scope was not
granted fails the whole call with NotGranted: ask with `accounts.fields_for`. Besides what it names, each raises TokenExpired (refresh once;
TikTok does not say whether a token is expired or revoked), Throttled with what TikTok says about waiting, TryLater, AnswerLost, and
NotUnderstood naming the row that is malformed.

TikTok's pages: https://developers.tiktok.com/doc/tiktok-api-v2-introduction
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import CursorPage, cursor_page, understood
from integrations.tiktok.reading import Figure
from integrations.tiktok.transport import Answer, Transport

USER_FIELDS: dict[str, tuple[str, ...]] = {
    "user.info.basic": ("open_id", "union_id", "avatar_url", "display_name"),
    "user.info.profile": ("bio_description", "profile_deep_link", "is_verified", "username"),
    "user.info.stats": ("follower_count", "following_count", "likes_count", "video_count"),
}
VIDEO_FIELDS = (
    "id", "create_time", "cover_image_url", "share_url", "video_description", "title", "duration", "height", "width", "embed_link",
    "like_count", "comment_count", "share_count", "view_count",
)  # fmt: skip
MOST_VIDEOS_AT_ONCE = 20


@dataclass(frozen=True)
class DisplayUser:
    """`open_id` is the person's within this app, `union_id` over all apps of one developer. Counters are lifetime totals."""

    open_id: str | None
    union_id: str | None
    avatar_url: str | None
    display_name: str | None
    bio_description: str | None
    profile_deep_link: str | None
    is_verified: bool | None
    username: str | None
    follower_count: Figure
    following_count: Figure
    likes_count: Figure
    video_count: Figure


@dataclass(frozen=True)
class DisplayVideo:
    """A public video. `cover_image_url` lives six hours; counters are lifetime totals."""

    video_id: str
    created_at: datetime | None
    cover_image_url: str | None
    share_url: str | None
    description: str | None
    title: str | None
    duration_seconds: Figure
    height: Figure
    width: Figure
    embed_link: str | None
    like_count: Figure
    comment_count: Figure
    share_count: Figure
    view_count: Figure


def user_info(transport: Transport, *, access_token: Secret, fields: Iterable[str]) -> Answer[DisplayUser]:
    """GET /v2/user/info/: who the person is, in real time. ValueError when no field is asked for."""
    params = {"fields": _fields(fields)}
    answer = transport.developers_get("/v2/user/info/", params=params, access_token=access_token)
    return understood(answer, lambda data: _user(reading.required_part(data, "user")), "the profile")


def videos_page(
    transport: Transport,
    *,
    access_token: Secret,
    fields: Iterable[str] = VIDEO_FIELDS,
    cursor: int | None = None,
    max_count: int = MOST_VIDEOS_AT_ONCE,
) -> Answer[CursorPage[DisplayVideo]]:
    """POST /v2/video/list/: public videos, newest first, up to 20 a page. `cursor` is a time in UTC milliseconds. Needs `video.list`."""
    body = {"max_count": max_count} if cursor is None else {"max_count": max_count, "cursor": cursor}
    answer = transport.developers_post("/v2/video/list/", params={"fields": _fields(fields)}, body=body, access_token=access_token)
    return cursor_page(answer, "videos", _video, noun="video", named_by="id", asked=cursor)


def videos(
    transport: Transport, *, access_token: Secret, video_ids: Sequence[str], fields: Iterable[str] = VIDEO_FIELDS
) -> Answer[tuple[DisplayVideo, ...]]:
    """POST /v2/video/query/: up to 20 videos by their ids, as they are now. Those that are not the person's, or not public, are left out.

    ValueError for none or more than 20. Needs `video.list`.
    """
    if not 1 <= len(video_ids) <= MOST_VIDEOS_AT_ONCE:
        raise ValueError("ask for one to twenty videos")
    body = {"filters": {"video_ids": list(video_ids)}}
    answer = transport.developers_post("/v2/video/query/", params={"fields": _fields(fields)}, body=body, access_token=access_token)
    return understood(answer, lambda data: reading.each(data, "videos", _video, noun="the video", named_by="id"), "the list of videos")


def _fields(fields: Iterable[str]) -> str:
    asked = ",".join(dict.fromkeys(fields))
    if not asked:
        raise ValueError("ask for at least one field")
    return asked


def _user(data: Mapping[str, Any]) -> DisplayUser:
    return DisplayUser(
        open_id=reading.identifier_or_none(data, "open_id"),
        union_id=reading.identifier_or_none(data, "union_id"),
        avatar_url=reading.text_or_none(data, "avatar_url"),
        display_name=reading.text(data, "display_name"),
        bio_description=reading.text(data, "bio_description"),
        profile_deep_link=reading.text_or_none(data, "profile_deep_link"),
        is_verified=reading.yes_or_no(data, "is_verified"),
        username=reading.text_or_none(data, "username"),
        follower_count=reading.figure(data, "follower_count"),
        following_count=reading.figure(data, "following_count"),
        likes_count=reading.figure(data, "likes_count"),
        video_count=reading.figure(data, "video_count"),
    )


def _video(data: Mapping[str, Any]) -> DisplayVideo:
    return DisplayVideo(
        video_id=reading.identifier(data, "id"),
        created_at=reading.unix_time_or_none(data, "create_time"),
        cover_image_url=reading.text_or_none(data, "cover_image_url"),
        share_url=reading.text_or_none(data, "share_url"),
        description=reading.text(data, "video_description"),
        title=reading.text(data, "title"),
        duration_seconds=reading.figure(data, "duration"),
        height=reading.figure(data, "height"),
        width=reading.figure(data, "width"),
        embed_link=reading.text_or_none(data, "embed_link"),
        like_count=reading.figure(data, "like_count"),
        comment_count=reading.figure(data, "comment_count"),
        share_count=reading.figure(data, "share_count"),
        view_count=reading.figure(data, "view_count"),
    )
