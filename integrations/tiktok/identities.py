"""Under whose name ads can run: a made-up name, a creator who handed over a post, or a linked TikTok account.

Owns `/identity/*` reads. Every function needs an advertiser token with the permission to manage creatives, and an `advertiser_id` that it
opens. BC_AUTH_TT identities are named together with the Business Center that links them; ValueError without it. Besides what it names,
each raises ReconnectNeeded, NotGranted, OurMistake, Throttled, TryLater, AnswerLost, and NotUnderstood naming the row that is malformed.

TikTok's pages: https://business-api.tiktok.com/portal/docs?id=1740218420781057 and ?id=1740218475032577
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import CursorPage, NumberedPage, cursor_page, numbered_page, understood
from integrations.tiktok.spark_posts import SparkPost, flat_post
from integrations.tiktok.transport import Answer, Transport

THROUGH_A_BUSINESS_CENTER = "BC_AUTH_TT"
MOST_POSTS_AT_ONCE = 20


@dataclass(frozen=True)
class Identity:
    """`identity_type` is CUSTOMIZED_USER, AUTH_CODE, TT_USER, BC_AUTH_TT or TTS_TT. Ads can run its posts when `can_pull_video`, and post
    in its name when `can_push_video`. A political account cannot be used for Spark Ads."""

    identity_id: str
    identity_type: str
    identity_authorized_bc_id: str | None
    display_name: str | None
    username: str | None
    profile_image: str | None
    available_status: str | None
    can_pull_video: bool | None
    can_push_video: bool | None
    can_use_live_ads: bool | None
    is_political: bool | None


def identities_page(
    transport: Transport,
    *,
    access_token: Secret,
    advertiser_id: str,
    identity_type: str | None = None,
    identity_authorized_bc_id: str | None = None,
    keyword: str | None = None,
    page: int = 1,
    page_size: int = 100,
) -> Answer[NumberedPage[Identity]]:
    """GET /identity/get/: the identities of an ad account, up to 100 a page. The number of pages can be trusted only with a type."""
    _check(identity_type, identity_authorized_bc_id)
    params = {
        "advertiser_id": advertiser_id,
        "identity_type": identity_type,
        "identity_authorized_bc_id": identity_authorized_bc_id,
        "filtering": None if keyword is None else {"keyword": keyword},
        "page": page,
        "page_size": page_size,
    }
    answer = transport.business_get("/identity/get/", params=params, access_token=access_token)
    return numbered_page(answer, "identity_list", _identity, noun="advertising name", asked=page)


def identity_info(
    transport: Transport,
    *,
    access_token: Secret,
    advertiser_id: str,
    identity_id: str,
    identity_type: str,
    identity_authorized_bc_id: str | None = None,
) -> Answer[Identity]:
    """GET /identity/info/: one identity, as it is now."""
    params = _params(advertiser_id, identity_id, identity_type, identity_authorized_bc_id)
    answer = transport.business_get("/identity/info/", params=params, access_token=access_token)
    return understood(answer, lambda data: _identity(reading.required_part(data, "identity_info")), "the advertising name")


def identity_posts_page(
    transport: Transport,
    *,
    access_token: Secret,
    advertiser_id: str,
    identity_id: str,
    identity_type: str,
    identity_authorized_bc_id: str | None = None,
    item_type: str | None = None,
    keyword: str | None = None,
    cursor: str | None = None,
    count: int = MOST_POSTS_AT_ONCE,
) -> Answer[CursorPage[SparkPost]]:
    """GET /identity/video/get/: posts that ads may run under this identity, up to 20 a page.

    `item_type` is VIDEO (TikTok's default) or CAROUSEL. `keyword` is for AUTH_CODE only. `cursor` is a text: send it back unchanged.
    """
    params = _params(advertiser_id, identity_id, identity_type, identity_authorized_bc_id)
    params |= {"item_type": item_type, "keyword": keyword, "cursor": cursor, "count": count}
    answer = transport.business_get("/identity/video/get/", params=params, access_token=access_token)
    return cursor_page(
        answer, "video_list", flat_post, noun="post", named_by="item_id", asked=cursor, read_cursor=reading.identifier_or_none
    )


def identity_posts(
    transport: Transport,
    *,
    access_token: Secret,
    advertiser_id: str,
    identity_id: str,
    identity_type: str,
    item_ids: Sequence[str],
    identity_authorized_bc_id: str | None = None,
) -> Answer[tuple[SparkPost, ...]]:
    """GET /identity/video/info/: up to 20 posts by their ids. One that ads may not run is left out. ValueError for none or more than 20."""
    if not 1 <= len(item_ids) <= MOST_POSTS_AT_ONCE:
        raise ValueError("ask for one to twenty posts")
    params = _params(advertiser_id, identity_id, identity_type, identity_authorized_bc_id) | {"item_ids": list(item_ids)}
    answer = transport.business_get("/identity/video/info/", params=params, access_token=access_token)
    return understood(
        answer, lambda data: reading.each(data, "video_details", flat_post, noun="the post", named_by="item_id"), "the list of posts"
    )


def _params(advertiser_id: str, identity_id: str, identity_type: str, identity_authorized_bc_id: str | None) -> dict[str, Any]:
    _check(identity_type, identity_authorized_bc_id)
    return {
        "advertiser_id": advertiser_id,
        "identity_id": identity_id,
        "identity_type": identity_type,
        "identity_authorized_bc_id": identity_authorized_bc_id,
    }


def _check(identity_type: str | None, identity_authorized_bc_id: str | None) -> None:
    if identity_type == THROUGH_A_BUSINESS_CENTER and identity_authorized_bc_id is None:
        raise ValueError("a BC_AUTH_TT identity is named together with its Business Center")


def _identity(data: Mapping[str, Any]) -> Identity:
    return Identity(
        identity_id=reading.identifier(data, "identity_id"),
        identity_type=reading.required_text(data, "identity_type"),
        identity_authorized_bc_id=reading.identifier_or_none(data, "identity_authorized_bc_id"),
        display_name=reading.text(data, "display_name"),
        username=reading.text_or_none(data, "username"),
        profile_image=reading.text_or_none(data, "profile_image"),
        available_status=reading.text_or_none(data, "available_status"),
        can_pull_video=reading.yes_or_no(data, "can_pull_video"),
        can_push_video=reading.yes_or_no(data, "can_push_video"),
        can_use_live_ads=reading.yes_or_no(data, "can_use_live_ads"),
        is_political=reading.yes_or_no(data, "is_gpppa"),
    )
