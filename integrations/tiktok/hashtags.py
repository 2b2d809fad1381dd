"""The hashtags that a brand follows through the Mentions API: choosing, following, letting go. Posts that carry them are in `mentions`.

Every function needs the token of the brand's account with the scope `biz.brand.insights`, its `business_id`, which is its `open_id`, and
its `username`. Besides what it names, each raises TokenExpired, ReconnectNeeded, NotGranted, OurMistake, Throttled, TryLater, AnswerLost,
and NotUnderstood naming what is malformed.

TikTok's pages: https://business-api.tiktok.com/portal/docs (Mentions).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import done, understood
from integrations.tiktok.reading import Figure
from integrations.tiktok.transport import Answer, Transport

MOST_HASHTAGS_AT_ONCE = 10


@dataclass(frozen=True)
class HashtagUse:
    """How a hashtag does among the brand's mentions; rank 1 is the first."""

    hashtag: str
    post_count: Figure
    like_count: Figure
    mention_post_rank: Figure


@dataclass(frozen=True)
class FollowedHashtag:
    hashtag: str
    followed_since: date | None


def verify_hashtags(transport: Transport, *, access_token: Secret, business_id: str, username: str) -> Answer[tuple[HashtagUse, ...]]:
    """GET /business/mention/hashtag/verify/list/: which hashtags the brand could follow, and how they do."""
    params = {"business_id": business_id, "username": username}
    answer = transport.business_get("/business/mention/hashtag/verify/list/", access_token=access_token, params=params)
    return understood(answer, lambda data: reading.each(data, "hashtag_list", _hashtag_use), "the list of hashtags")


def follow_hashtags(
    transport: Transport, *, access_token: Secret, business_id: str, username: str, hashtags: Sequence[str]
) -> Answer[tuple[FollowedHashtag, ...]]:
    """POST /business/mention/hashtag/add/: follow up to ten more hashtags, fifty in all. A hashtag is held for seven days at least.

    ValueError for none or more than ten.
    """
    if not 1 <= len(hashtags) <= MOST_HASHTAGS_AT_ONCE:
        raise ValueError("follow one to ten hashtags at once")
    body = {"business_id": business_id, "username": username, "hashtags": list(hashtags)}
    return _followed(transport.business_post("/business/mention/hashtag/add/", access_token=access_token, body=body))


def followed_hashtags(
    transport: Transport, *, access_token: Secret, business_id: str, username: str
) -> Answer[tuple[FollowedHashtag, ...]]:
    """GET /business/mention/hashtag/manage/list/: the hashtags that the brand follows."""
    params = {"business_id": business_id, "username": username}
    return _followed(transport.business_get("/business/mention/hashtag/manage/list/", access_token=access_token, params=params))


def unfollow_hashtag(transport: Transport, *, access_token: Secret, business_id: str, username: str, hashtag: str) -> Answer[None]:
    """POST /business/mention/hashtag/remove/: OurMistake within the first seven days."""
    body = {"business_id": business_id, "username": username, "hashtag": hashtag}
    return done(transport.business_post("/business/mention/hashtag/remove/", access_token=access_token, body=body))


def _followed(answer: Answer[Mapping[str, Any]]) -> Answer[tuple[FollowedHashtag, ...]]:
    return understood(answer, lambda data: reading.each(data, "hashtag_list", _followed_hashtag), "the list of hashtags")


def _hashtag_use(data: Mapping[str, Any]) -> HashtagUse:
    return HashtagUse(
        hashtag=reading.required_text(data, "hashtag"),
        post_count=reading.figure(data, "post_count"),
        like_count=reading.figure(data, "like_count"),
        mention_post_rank=reading.figure(data, "mention_post_rank"),
    )


def _followed_hashtag(data: Mapping[str, Any]) -> FollowedHashtag:
    since = reading.text_or_none(data, "create_date")
    return FollowedHashtag(reading.required_text(data, "hashtag"), None if since is None else reading.day(data, "create_date"))
