"""Comments under ads: reading them. Owns their shape.

Every function needs an advertiser token, and an `advertiser_id` that it opens. Besides what it names, each raises ReconnectNeeded,
NotGranted, OurMistake, Throttled, TryLater and AnswerLost, and NotUnderstood naming the comment that is malformed.

TikTok's pages: https://business-api.tiktok.com/portal/docs?id=1738086301876225 (list) and ?id=1738086824859650 (related). TikTok's SDK
gives the parameters and leaves the answers open; the fields below follow TikTok's page. Taken as given, because nothing says it: days are
UTC days with both ends included, thirty of them may be asked for at once, a comment under a Spark Ad has the id that it has under the
post, and what the answer marks as deletable is the advertiser's own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import NumberedPage, numbered_page
from integrations.tiktok.reading import Figure
from integrations.tiktok.transport import Answer, Transport

LARGEST_PAGE = 100
MOST_DAYS = 30
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2})(Z| ?\+00:?00( UTC)?)?")


@dataclass(frozen=True)
class AdComment:
    """A comment or a reply under an ad; only replies have `original_comment_id`. What TikTok leaves out is None.

    `user_id` is TikTok's number of the author, for every app the same. `comment_status` is PUBLIC or HIDDEN. `tiktok_item_id` is the video
    under which it stands, for a Spark Ad the post. The related comments name no ad.
    """

    comment_id: str
    original_comment_id: str | None
    content: str | None
    created_at: datetime | None
    comment_status: str | None
    user_id: str | None
    user_name: str | None
    likes: Figure
    replies: Figure
    is_pinned: bool | None
    can_delete: bool | None
    tiktok_item_id: str | None
    ad_id: str | None
    adgroup_id: str | None
    campaign_id: str | None


def ad_comments_page(
    transport: Transport,
    *,
    access_token: Secret,
    advertiser_id: str,
    adgroup_id: str,
    first: date,
    last: date,
    page: int = 1,
    page_size: int = LARGEST_PAGE,
) -> Answer[NumberedPage[AdComment]]:
    """GET /comment/list/: comments and replies under the ads of one ad group, said on these days, the newest first.

    Pages are counted, so they shift when something is said or deleted while they are read: know a comment by its id.
    ValueError for more days than TikTok is asked for at once.
    """
    if not 0 <= (last - first).days <= MOST_DAYS:
        raise ValueError("up to thirty days at once")
    params = {
        "advertiser_id": advertiser_id,
        "search_field": "ADGROUP_ID",
        "search_value": adgroup_id,
        "start_time": first.isoformat(),
        "end_time": last.isoformat(),
        "sort_field": "CREATE_TIME",
        "sort_type": "DESC",
        "page": page,
        "page_size": page_size,
    }
    answer = transport.business_get("/comment/list/", access_token=access_token, params=params)
    return numbered_page(answer, "comments", _comment, noun="comment", named_by="comment_id", asked=page)


def related_comments(
    transport: Transport, *, access_token: Secret, advertiser_id: str, comment_id: str, original_comment_id: str | None = None
) -> Answer[NumberedPage[AdComment]]:
    """GET /comment/reference/: a comment with its latest replies, or a reply with the comment that it answers. That a comment which is gone
    is simply not among them is an assumption."""
    params = {
        "advertiser_id": advertiser_id,
        "comment_id": comment_id,
        "comment_type": "COMMENT" if original_comment_id is None else "REPLY",
        "original_comment_id": original_comment_id,
        "page": 1,
        "page_size": LARGEST_PAGE,
    }
    answer = transport.business_get("/comment/reference/", access_token=access_token, params=params)
    return numbered_page(answer, "comments", _comment, noun="comment", named_by="comment_id", asked=1)


def _comment(data: Mapping[str, Any]) -> AdComment:
    original = None if data.get("original_comment_id") in (0, "0") else reading.identifier_or_none(data, "original_comment_id")
    return AdComment(
        comment_id=reading.identifier(data, "comment_id"),
        original_comment_id=original,
        content=reading.text(data, "content"),
        created_at=_moment(data, "create_time"),
        comment_status=reading.text_or_none(data, "comment_status"),
        user_id=reading.identifier_or_none(data, "user_id"),
        user_name=reading.text_or_none(data, "user_name"),
        likes=reading.figure(data, "likes"),
        replies=reading.figure(data, "replies"),
        is_pinned=reading.yes_or_no(data, "is_pinned"),
        can_delete=reading.yes_or_no(data, "can_delete"),
        tiktok_item_id=reading.identifier_or_none(data, "tiktok_item_id"),
        ad_id=reading.identifier_or_none(data, "ad_id"),
        adgroup_id=reading.identifier_or_none(data, "adgroup_id"),
        campaign_id=reading.identifier_or_none(data, "campaign_id"),
    )


def _moment(data: Mapping[str, Any], name: str) -> datetime | None:
    """TikTok's page shows `2021-01-14 07:04:16 +0000 UTC`; without the zone it is UTC too, as elsewhere on the advertiser side."""
    value = reading.text_or_none(data, name)
    if value is None:
        return None
    found = _MOMENT.fullmatch(value)
    if found is None:
        raise reading.Malformed(name)
    try:
        return datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
    except ValueError:
        raise reading.Malformed(name) from None
