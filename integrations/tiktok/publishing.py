"""Publishing through the API for Business: settings of the account, new videos and photos by address, how a post is coming.

Owns those shapes. Every function needs a TikTok-account token and that account's `business_id`, its `open_id`, with the scope
`video.publish`, or `video.upload` for drafts. TikTok fetches the files itself, from addresses under a verified URL property. Besides what
it names, each raises TokenExpired, ReconnectNeeded, NotGranted, OurMistake (also an address that is not verified), Throttled (also when the
posts of the day are used up), TryLater, AnswerLost, and NotUnderstood naming what is malformed.

A post whose error says `may_have_run` may be on its way, and TikTok names no id for it: posting it again may post it twice.
TikTok's pages: https://business-api.tiktok.com/portal/docs (Accounts API, Publishing).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import understood
from integrations.tiktok.reading import Figure
from integrations.tiktok.transport import Answer, Transport

MOST_PHOTOS = 35


@dataclass(frozen=True)
class PostSettings:
    """What the account allows for a new post. `privacy_levels` are to be offered as they are, in this order, none chosen beforehand."""

    privacy_levels: tuple[str, ...]
    is_comment_disabled: bool | None
    is_duet_disabled: bool | None
    is_stitch_disabled: bool | None
    longest_video_seconds: Figure


@dataclass(frozen=True)
class PublishStatus:
    """`status` is PROCESSING_DOWNLOAD, PUBLISH_COMPLETE, FAILED or SEND_TO_USER_INBOX; `reason` says why it failed. A complete
    post has no ids until it is public."""

    status: str
    post_ids: tuple[str, ...]
    reason: str | None


@dataclass(frozen=True)
class PostDetails:
    """What a new post says of itself; what is None is left to TikTok. The caption has up to 2,200 UTF-16 units and 30 mentions.

    `is_branded_content` is for somebody else's brand and wins over `is_brand_organic`, the own one. Only with it `tto_invite_link` names
    the campaign, which the creator has joined before. `title` and `auto_add_music` are of photos only, `allow_duet`, `allow_stitch` and
    `thumbnail_offset_ms` of videos only.
    """

    caption: str | None = None
    title: str | None = None
    privacy_level: str | None = None
    is_brand_organic: bool = False
    is_branded_content: bool = False
    tto_invite_link: str | None = None
    allow_comments: bool = False
    allow_duet: bool = False
    allow_stitch: bool = False
    thumbnail_offset_ms: int | None = None
    auto_add_music: bool | None = None
    is_ai_generated: bool = False
    is_ads_only: bool = False
    location_id: str | None = None
    location_name: str | None = None


def post_settings(transport: Transport, *, access_token: Secret, business_id: str) -> Answer[PostSettings]:
    """GET /business/video/settings/: what a new post may be. Ask each time before offering the choices."""
    answer = transport.business_get("/business/video/settings/", access_token=access_token, params={"business_id": business_id})
    return understood(answer, settings_in, "the settings of the account")


def publish_video(
    transport: Transport,
    *,
    access_token: Secret,
    business_id: str,
    video_url: str,
    details: PostDetails | None,
    custom_thumbnail_url: str | None = None,
) -> Answer[str]:
    """POST /business/video/publish/: have TikTok fetch and post a video; answers the publish id. Without details it becomes a draft, which
    the person finishes in TikTok. The address must answer for half an hour at least."""
    info = {"upload_to_draft": True} if details is None else {**_said(details), **_of_video(details)}
    body = {"business_id": business_id, "video_url": video_url, "custom_thumbnail_url": custom_thumbnail_url, "post_info": info}
    return _publish(transport, "/business/video/publish/", access_token, body)


def publish_photos(
    transport: Transport,
    *,
    access_token: Secret,
    business_id: str,
    photo_urls: Sequence[str],
    details: PostDetails | None,
    cover_index: int = 0,
) -> Answer[str]:
    """POST /business/photo/publish/: the same with up to 35 photos. ValueError for none or more, or for a cover that is not among them."""
    if not 1 <= len(photo_urls) <= MOST_PHOTOS or not 0 <= cover_index < len(photo_urls):
        raise ValueError("post one to thirty-five photos, one of them the cover")
    info = {"upload_to_draft": True} if details is None else {**_said(details), **_of_photos(details)}
    body = {"business_id": business_id, "photo_images": list(photo_urls), "photo_cover_index": cover_index, "post_info": info}
    return _publish(transport, "/business/photo/publish/", access_token, body)


def publish_status(transport: Transport, *, access_token: Secret, business_id: str, publish_id: str) -> Answer[PublishStatus]:
    """GET /business/publish/status/: how far a post has come. A post that failed is an answer, not an error."""
    params = {"business_id": business_id, "publish_id": publish_id}
    answer = transport.business_get("/business/publish/status/", access_token=access_token, params=params)
    return understood(answer, _publish_status, "the state of the post")


def settings_in(data: Mapping[str, Any]) -> PostSettings:
    """The settings as both of TikTok's interfaces write them."""
    levels = reading.texts(data, "privacy_level_options")
    if levels is None:
        raise reading.Malformed("privacy_level_options")  # no choice at all would look like an account that may not post
    return PostSettings(
        privacy_levels=levels,
        is_comment_disabled=reading.yes_or_no(data, "comment_disabled"),
        is_duet_disabled=reading.yes_or_no(data, "duet_disabled"),
        is_stitch_disabled=reading.yes_or_no(data, "stitch_disabled"),
        longest_video_seconds=reading.figure(data, "max_video_post_duration_sec"),
    )


def _publish(transport: Transport, path: str, access_token: Secret, body: Mapping[str, Any]) -> Answer[str]:
    answer = transport.business_post(path, access_token=access_token, body=_given(body))
    return understood(answer, lambda data: reading.identifier(data, "share_id"), "the new post")


def _said(details: PostDetails) -> dict[str, Any]:
    return {
        "caption": details.caption,
        "privacy_level": details.privacy_level,
        "is_brand_organic": details.is_brand_organic,
        "is_branded_content": details.is_branded_content,
        "tto_invite_link": details.tto_invite_link,
        "disable_comment": not details.allow_comments,
        "is_ai_generated": details.is_ai_generated,
        "is_ads_only": details.is_ads_only,
        "location_id": details.location_id,
        "location_name": details.location_name,
    }


def _of_video(details: PostDetails) -> dict[str, Any]:
    return {
        "disable_duet": not details.allow_duet,
        "disable_stitch": not details.allow_stitch,
        "thumbnail_offset": details.thumbnail_offset_ms,
    }


def _of_photos(details: PostDetails) -> dict[str, Any]:
    return {"title": details.title, "auto_add_music": details.auto_add_music}


def _given(body: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is None, at both depths."""
    return {name: _given(value) if isinstance(value, Mapping) else value for name, value in body.items() if value is not None}


def _publish_status(data: Mapping[str, Any]) -> PublishStatus:
    return PublishStatus(
        status=reading.required_text(data, "status"),
        post_ids=reading.identifiers(data, "post_ids"),
        reason=reading.text_or_none(data, "reason"),
    )
