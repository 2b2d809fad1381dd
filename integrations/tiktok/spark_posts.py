"""Posts that ads may run: those handed over by a creator's code, and those of a linked identity, in one shape.

Owns `/tt_video/*` and the shape of such a post. Every function needs an advertiser token with the permission to manage creatives, and an
`advertiser_id` that it opens. A creator's code is a Secret: whoever has it can advertise with the post. Besides what it names, each raises
ReconnectNeeded, NotGranted, OurMistake (also a code that does not exist), Throttled, TryLater, AnswerLost, and NotUnderstood naming the
post that is malformed.

TikTok's pages: https://business-api.tiktok.com/portal/docs (Spark Ads).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import NumberedPage, done, numbered_page, understood
from integrations.tiktok.reading import Figure
from integrations.tiktok.transport import Answer, Transport


@dataclass(frozen=True)
class SparkVideo:
    """`poster_url` and `url` live an hour."""

    video_id: str | None
    duration_seconds: Figure
    width: Figure
    height: Figure
    poster_url: str | None
    url: str | None


@dataclass(frozen=True)
class SparkPost:
    """A post that ads may run. `item_type` is VIDEO or CAROUSEL, which has no `video`. `status` says who can see the post.

    The authorisation, from `authorized_from` until `authorized_until`, is that of a code; posts of linked identities have none. `auth_code`
    comes with posts that were handed over by one.
    """

    item_id: str
    item_type: str | None
    status: str | None
    text: str | None
    auth_code: Secret | None
    auth_status: str | None
    invited_at: datetime | None
    authorized_from: datetime | None
    authorized_until: datetime | None
    creator_name: str | None
    identity_id: str | None
    identity_type: str | None
    video: SparkVideo | None
    image_urls: tuple[str, ...]


def authorize_post(
    transport: Transport, *, access_token: Secret, advertiser_id: str, auth_code: Secret, original_post_auth_code: Secret | None = None
) -> Answer[None]:
    """POST /tt_video/authorize/: take a creator's code, so that ads may run the post. A stitch or duet needs the original's code too."""
    body = {"advertiser_id": advertiser_id, "auth_code": auth_code}
    if original_post_auth_code is not None:
        body["original_post_auth_code"] = original_post_auth_code
    return done(transport.business_post("/tt_video/authorize/", body=body, access_token=access_token))


def post_of_code(transport: Transport, *, access_token: Secret, advertiser_id: str, auth_code: Secret) -> Answer[SparkPost]:
    """GET /tt_video/info/: which post a code opens and until when. Look before `authorize_post`."""
    params = {"advertiser_id": advertiser_id, "auth_code": auth_code}
    return understood(transport.business_get("/tt_video/info/", params=params, access_token=access_token), nested_post, "the post")


def spark_posts_page(
    transport: Transport,
    *,
    access_token: Secret,
    advertiser_id: str,
    item_types: Sequence[str] | None = None,
    keyword: str | None = None,
    page: int = 1,
    page_size: int = 50,
) -> Answer[NumberedPage[SparkPost]]:
    """GET /tt_video/list/: the posts whose codes the ad account holds, up to 50 a page."""
    params = {
        "advertiser_id": advertiser_id,
        "item_types": None if item_types is None else list(item_types),
        "keyword": keyword,
        "page": page,
        "page_size": page_size,
    }
    answer = transport.business_get("/tt_video/list/", params=params, access_token=access_token)
    return numbered_page(answer, "list", nested_post, noun="post", asked=page)


def unbind_post(transport: Transport, *, access_token: Secret, advertiser_id: str, item_id: str) -> Answer[None]:
    """POST /tt_video/unbind/: give a handed-over post back. Ads that run it stop."""
    body = {"advertiser_id": advertiser_id, "item_id": item_id}
    return done(transport.business_post("/tt_video/unbind/", body=body, access_token=access_token))


def nested_post(data: Mapping[str, Any]) -> SparkPost:
    """A post as `/tt_video/*` write it, in four parts."""
    item = reading.required_part(data, "item_info")
    code = reading.text_or_none(item, "auth_code")
    return _post(item, data, reading.part(data, "user_info") or {}, None if code is None else Secret(code))


def flat_post(data: Mapping[str, Any]) -> SparkPost:
    """A post as `/identity/video/*` write it, in one."""
    return _post(data, data, {}, None)


def _post(item: Mapping[str, Any], media: Mapping[str, Any], user: Mapping[str, Any], auth_code: Secret | None) -> SparkPost:
    auth = reading.part(media, "auth_info") or {}
    video = reading.part(media, "video_info")
    carousel = reading.part(item, "carousel_info") or reading.part(media, "carousel_info") or {}
    return SparkPost(
        item_id=reading.identifier(item, "item_id"),
        item_type=reading.text_or_none(item, "item_type"),
        status=reading.text_or_none(item, "status"),
        text=reading.text(item, "text"),
        auth_code=auth_code,
        auth_status=reading.text_or_none(auth, "ad_auth_status"),
        invited_at=reading.utc_time(auth, "invite_start_time"),
        authorized_from=reading.utc_time(auth, "auth_start_time"),
        authorized_until=reading.utc_time(auth, "auth_end_time"),
        creator_name=reading.text_or_none(user, "tiktok_name"),
        identity_id=reading.identifier_or_none(user, "identity_id"),
        identity_type=reading.text_or_none(user, "identity_type"),
        video=None if video is None else _video(video),
        image_urls=reading.each(carousel, "image_info", lambda row: reading.required_text(row, "image_url")),
    )


def _video(data: Mapping[str, Any]) -> SparkVideo:
    return SparkVideo(
        video_id=reading.identifier_or_none(data, "video_id"),
        duration_seconds=reading.figure(data, "duration"),
        width=reading.figure(data, "width"),
        height=reading.figure(data, "height"),
        poster_url=reading.text_or_none(data, "poster_url"),
        url=reading.text_or_none(data, "url"),
    )
