"""The creator's side of TikTok One: own profile and posts as brands see them, and joining a brand's campaign.

Owns those shapes. Every function needs the creator's TikTok-account token and `creator_id`, which is the account's `open_id`. The profile's
fields need the scope `biz.creator.info`, audiences `biz.creator.insights`; what was not granted is absent. Campaigns need
`tto.campaign.link`. Besides what it names, each raises TokenExpired, ReconnectNeeded, NotGranted (also for somebody who is not on TikTok
One, code 40121), OurMistake, Throttled, TryLater, AnswerLost, and NotUnderstood naming what is malformed.

TikTok's pages: https://business-api.tiktok.com/portal/docs (TikTok One).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import CursorPage, cursor_page, done, understood
from integrations.tiktok.reading import Figure
from integrations.tiktok.records import Shares
from integrations.tiktok.transport import Answer, Transport

CREATOR_FIELDS: dict[str, tuple[str, ...]] = {
    "biz.creator.info": (
        "handle_name", "display_name", "profile_image", "bio", "followers_count", "following_count", "likes_count", "videos_count",
        "creator_rate", "country_code", "content_labels", "industry_labels",
    ),
    "biz.creator.insights": ("audience_countries", "audience_genders", "audience_ages", "audience_devices", "audience_usages"),
}  # fmt: skip
MOST_POSTS_A_PAGE = 10
MOST_POSTS_BY_ID = 20


@dataclass(frozen=True)
class Creator:
    """A creator as brands see them. The counters are lifetime totals; `rate` is what a post costs, in `rate_currency`."""

    handle_name: str | None
    display_name: str | None
    profile_image: str | None
    bio: str | None
    followers_count: Figure
    following_count: Figure
    likes_count: Figure
    videos_count: Figure
    rate: Decimal | None
    rate_currency: str | None
    country_code: str | None
    content_labels: tuple[str, ...]
    industry_labels: tuple[str, ...]
    audience_countries: Shares
    audience_genders: Shares
    audience_ages: Shares
    audience_devices: Shares
    audience_usages: Shares


@dataclass(frozen=True)
class CreatorPost:
    """A public post of the creator with its lifetime counters. `collaboration_status` is PAID_PARTNERSHIP, CREATOR_EARNS_COMMISSION or
    NONE. `thumbnail_url` expires."""

    video_id: str
    display_name: str | None
    caption: str | None
    thumbnail_url: str | None
    embed_url: str | None
    created_at: datetime | None
    likes: Figure
    comments: Figure
    shares: Figure
    favorites: Figure
    video_views: Figure
    caption_hashtags: tuple[str, ...]
    mentioned_accounts: tuple[str, ...]
    collaboration_status: str | None


@dataclass(frozen=True)
class LinkRequest:
    """The brand asks for this post."""

    video_id: str
    link_request_id: str


@dataclass(frozen=True)
class LinkRequests:
    """What a campaign asks for. Saying yes to a post also lets ads run it for so many days."""

    campaign_id: str
    spark_authorization_days: int | None
    requests: tuple[LinkRequest, ...]


def creator(transport: Transport, *, access_token: Secret, creator_id: str, fields: Iterable[str]) -> Answer[Creator]:
    """GET /tto/creator/authorized/: the creator's own profile. Ask with `accounts.fields_for` and CREATOR_FIELDS; ValueError without."""
    asked = list(dict.fromkeys(fields))
    if not asked:
        raise ValueError("ask for at least one field of the creator")
    params = {"creator_id": creator_id, "fields": asked}
    return understood(transport.business_get("/tto/creator/authorized/", access_token=access_token, params=params), _creator, "the creator")


def creator_posts_page(
    transport: Transport,
    *,
    access_token: Secret,
    creator_id: str,
    video_ids: Sequence[str] | None = None,
    cursor: int | None = None,
    limit: int = MOST_POSTS_A_PAGE,
) -> Answer[CursorPage[CreatorPost]]:
    """GET /tto/creator/authorized/video/list/: public posts, newest first, up to ten a page, or those of up to twenty ids.

    `cursor` is a time in UTC milliseconds. ValueError for an empty list of ids or more than twenty.
    """
    if video_ids is not None and not 1 <= len(video_ids) <= MOST_POSTS_BY_ID:
        raise ValueError("name one to twenty posts, or none for all")
    params = {"creator_id": creator_id, "video_ids": None if video_ids is None else list(video_ids), "cursor": cursor, "limit": limit}
    answer = transport.business_get("/tto/creator/authorized/video/list/", access_token=access_token, params=params)
    return cursor_page(answer, "posts", _post, noun="post", named_by="video_id", asked=cursor)


def join_campaign(transport: Transport, *, access_token: Secret, creator_id: str, invite_link: str) -> Answer[None]:
    """POST /tto/creator/campaign/join/: accept a brand's invitation. Joining again changes nothing."""
    body = {"creator_id": creator_id, "tto_invite_link": invite_link}
    return done(transport.business_post("/tto/creator/campaign/join/", access_token=access_token, body=body))


def link_post(transport: Transport, *, access_token: Secret, creator_id: str, invite_link: str, video_id: str) -> Answer[None]:
    """POST /tto/creator/campaign/video/link/: give an own post to the campaign that was joined."""
    body = {"creator_id": creator_id, "tto_invite_link": invite_link, "video_id": video_id}
    return done(transport.business_post("/tto/creator/campaign/video/link/", access_token=access_token, body=body))


def link_requests(transport: Transport, *, access_token: Secret, creator_id: str, invite_link: str) -> Answer[LinkRequests]:
    """GET /tto/creator/link/request/get/: which posts the brand asks for and still waits for."""
    params = {"creator_id": creator_id, "tto_invite_link": invite_link}
    answer = transport.business_get("/tto/creator/link/request/get/", access_token=access_token, params=params)
    return understood(answer, _requests, "the brand's requests")


def answer_link_request(
    transport: Transport, *, access_token: Secret, creator_id: str, link_request_id: str, approve: bool
) -> Answer[None]:
    """POST /tto/creator/link/request/confirm/: say yes or no to one request. It is answered once; OurMistake afterwards."""
    body = {"creator_id": creator_id, "link_request_id": link_request_id, "action": "APPROVE" if approve else "REJECT"}
    return done(transport.business_post("/tto/creator/link/request/confirm/", access_token=access_token, body=body))


def _creator(data: Mapping[str, Any]) -> Creator:
    rate = reading.part(data, "creator_rate") or {}
    return Creator(
        handle_name=reading.text_or_none(data, "handle_name"),
        display_name=reading.text(data, "display_name"),
        profile_image=reading.text_or_none(data, "profile_image"),
        bio=reading.text(data, "bio"),
        followers_count=reading.figure(data, "followers_count"),
        following_count=reading.figure(data, "following_count"),
        likes_count=reading.figure(data, "likes_count"),
        videos_count=reading.figure(data, "videos_count"),
        rate=reading.decimal(rate, "rate"),
        rate_currency=reading.text_or_none(rate, "currency"),
        country_code=reading.text_or_none(data, "country_code"),
        content_labels=_labels(data, "content_labels"),
        industry_labels=_labels(data, "industry_labels"),
        audience_countries=reading.shares(data, "audience_countries", "country"),
        audience_genders=reading.shares(data, "audience_genders", "gender"),
        audience_ages=reading.shares(data, "audience_ages", "age"),
        audience_devices=reading.shares(data, "audience_devices", "device"),
        audience_usages=reading.shares(data, "audience_usages", "usage"),
    )


def _labels(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return reading.each(data, name, lambda row: reading.required_text(row, "label_name"))


def _post(data: Mapping[str, Any]) -> CreatorPost:
    return CreatorPost(
        video_id=reading.identifier(data, "video_id"),
        display_name=reading.text(data, "display_name"),
        caption=reading.text(data, "caption"),
        thumbnail_url=reading.text_or_none(data, "thumbnail_url"),
        embed_url=reading.text_or_none(data, "embed_url"),
        created_at=reading.unix_time_or_none(data, "create_time"),
        likes=reading.figure(data, "likes"),
        comments=reading.figure(data, "comments"),
        shares=reading.figure(data, "shares"),
        favorites=reading.figure(data, "favorites"),
        video_views=reading.figure(data, "video_views"),
        caption_hashtags=reading.texts(data, "caption_hashtags") or (),
        mentioned_accounts=reading.texts(data, "mentioned_accounts") or (),
        collaboration_status=reading.text_or_none(data, "collaboration_status"),
    )


def _requests(data: Mapping[str, Any]) -> LinkRequests:
    return LinkRequests(
        campaign_id=reading.identifier(data, "campaign_id"),
        spark_authorization_days=reading.whole(data, "spark_authorization_days"),
        requests=reading.each(
            data, "link_requests", lambda row: LinkRequest(reading.identifier(row, "video_id"), reading.identifier(row, "link_request_id"))
        ),
    )
