"""Codes for posts, given by their owner: whoever has one may run the post in ads until it ends.

Owns the shape of a code. Every function needs a TikTok-account token with the scope `biz.spark.auth`, that account's `business_id`, its
`open_id`, and one of its own posts. The code is a Secret. Taking a code is the advertiser's side, in `spark_posts`. Besides what it names,
each raises TokenExpired, ReconnectNeeded, NotGranted (also somebody else's post), OurMistake, Throttled, TryLater, AnswerLost, and
NotUnderstood naming what is malformed. All may be called again: the code stays the same while it lives.

TikTok's pages: https://business-api.tiktok.com/portal/docs (Accounts API, Spark Ads authorization).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import understood
from integrations.tiktok.transport import Answer, Transport

LENGTHS_IN_DAYS = (7, 30, 60, 365)


@dataclass(frozen=True)
class PostCode:
    """`status` is NOT_USED, IN_USE, EXPIRED or DELETED. A post that may not run in ads has no code."""

    item_id: str
    auth_code: Secret | None
    starts_at: datetime | None
    ends_at: datetime | None
    authorization_days: int | None
    status: str | None
    is_ad_promotable: bool | None


def allow_ads(
    transport: Transport, *, access_token: Secret, business_id: str, item_id: str, allow: bool = True, days: int = 30
) -> Answer[PostCode]:
    """POST /business/post/authorize/setting/: whether ads may run the post at all. TikTok does not take it back while one does.

    ValueError when TikTok knows no such number of days.
    """
    body = _post(business_id, item_id) | {"is_ad_promotable": allow, "authorization_days": _length(days)}
    return _code(transport.business_post("/business/post/authorize/setting/", access_token=access_token, body=body))


def give_code(transport: Transport, *, access_token: Secret, business_id: str, item_id: str, days: int = 30) -> Answer[PostCode]:
    """POST /business/post/authorize/: a code for the post, or a longer life for the one it has. ValueError as for `allow_ads`."""
    body = _post(business_id, item_id) | {"authorization_days": _length(days)}
    return _code(transport.business_post("/business/post/authorize/", access_token=access_token, body=body))


def code_of_post(transport: Transport, *, access_token: Secret, business_id: str, item_id: str) -> Answer[PostCode]:
    """GET /business/post/authorize/status/: the code as it stands. OurMistake when the post never had one."""
    params = _post(business_id, item_id)
    return _code(transport.business_get("/business/post/authorize/status/", access_token=access_token, params=params))


def delete_code(transport: Transport, *, access_token: Secret, business_id: str, item_id: str) -> Answer[PostCode]:
    """POST /business/post/authorize/delete/: nobody can use the code from now on. OurMistake when the post never had one."""
    body = _post(business_id, item_id)
    return _code(transport.business_post("/business/post/authorize/delete/", access_token=access_token, body=body))


def _post(business_id: str, item_id: str) -> dict[str, Any]:
    return {"business_id": business_id, "item_id": item_id}


def _length(days: int) -> int:
    if days not in LENGTHS_IN_DAYS:
        raise ValueError("a code lives for 7, 30, 60 or 365 days")
    return days


def _code(answer: Answer[Mapping[str, Any]]) -> Answer[PostCode]:
    return understood(answer, _read, "the code of the post")


def _read(data: Mapping[str, Any]) -> PostCode:
    code = reading.text_or_none(data, "auth_code")
    return PostCode(
        item_id=reading.identifier(data, "item_id"),
        auth_code=None if code is None else Secret(code),
        starts_at=reading.utc_time(data, "auth_code_start_time"),
        ends_at=reading.utc_time(data, "auth_code_end_time"),
        authorization_days=reading.whole(data, "authorization_days"),
        status=reading.text_or_none(data, "auth_code_status"),
        is_ad_promotable=reading.yes_or_no(data, "is_ad_promotable"),
    )
