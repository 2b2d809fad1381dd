"""What TikTok tells an account beside its own figures: averages of its trade, hashtags, posts worth an ad.

Owns those shapes. Every function needs a TikTok-account token and that account's `business_id`, its `open_id`. Besides what it names,
each raises TokenExpired, ReconnectNeeded, NotGranted, Throttled, TryLater, AnswerLost, and NotUnderstood naming what is malformed.

TikTok's pages: https://business-api.tiktok.com/portal/docs (Accounts API; Business Recommendation).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import understood
from integrations.tiktok.reading import Figure
from integrations.tiktok.records import Shares
from integrations.tiktok.transport import Answer, Transport


@dataclass(frozen=True)
class Benchmark:
    """Averages over the accounts of a category. `average_engagement_rate` runs from 0 to 1."""

    business_category: str | None
    average_likes: Figure
    average_comments: Figure
    average_shares: Figure
    average_video_count: Figure
    average_follower_count: Figure
    average_follower_growth: Figure
    average_engagement_rate: Figure
    average_video_views: Figure


@dataclass(frozen=True)
class HashtagSuggestion:
    """A hashtag without its sign, and the views of all posts that carry it."""

    name: str
    view_count: Figure


@dataclass(frozen=True)
class RecommendedPost:
    """A post that TikTok recommends for a Spark Ad. `level` is HIGH, MEDIUM or LOW; counters are lifetime totals."""

    item_id: str
    level: str | None
    embed_url: str | None
    thumbnail_url: str | None
    created_at: datetime | None
    video_views: Figure
    likes: Figure
    comments: Figure
    shares: Figure
    audience_countries: Shares


def benchmark(transport: Transport, *, access_token: Secret, business_id: str, business_category: str) -> Answer[Benchmark]:
    """GET /business/benchmark/: the averages of a category such as BEAUTY or TRAVEL_AND_TOURISM."""
    params = {"business_id": business_id, "business_category": business_category}
    return understood(transport.business_get("/business/benchmark/", access_token=access_token, params=params), _benchmark, "the benchmark")


def suggested_hashtags(
    transport: Transport, *, access_token: Secret, business_id: str, keyword: str, language: str | None = None
) -> Answer[tuple[HashtagSuggestion, ...]]:
    """GET /business/hashtag/suggestion/: up to ten hashtags around a word. TikTok's default language is en."""
    params = {"business_id": business_id, "keyword": keyword, "language": language}
    answer = transport.business_get("/business/hashtag/suggestion/", access_token=access_token, params=params)
    return understood(answer, lambda data: reading.each(data, "suggestions", _suggestion), "the list of hashtags")


def recommended_posts(
    transport: Transport,
    *,
    access_token: Secret,
    business_id: str,
    video_ids: Sequence[str] | None = None,
    exclude_video_ids: Sequence[str] | None = None,
    time: str | None = None,
    objective_type: str | None = None,
) -> Answer[tuple[RecommendedPost, ...]]:
    """GET /business/video/recommend/: own posts that would do well as ads. Not paged. Needs `biz.ads.recommend`.

    `time` is PAST_ONE_MONTH, PAST_THREE_MONTHS or PAST_SIX_MONTHS, `objective_type` a campaign's objective such as TRAFFIC.
    """
    params = {
        "business_id": business_id,
        "video_ids": None if video_ids is None else list(video_ids),
        "exclude_video_ids": None if exclude_video_ids is None else list(exclude_video_ids),
        "time": time,
        "objective_type": objective_type,
    }
    answer = transport.business_get("/business/video/recommend/", access_token=access_token, params=params)
    return understood(
        answer, lambda data: reading.each(data, "videos", _recommended, noun="the post", named_by="item_id"), "the list of posts"
    )


def _benchmark(data: Mapping[str, Any]) -> Benchmark:
    return Benchmark(
        business_category=reading.text_or_none(data, "business_category"),
        average_likes=reading.figure(data, "average_likes"),
        average_comments=reading.figure(data, "average_comments"),
        average_shares=reading.figure(data, "average_shares"),
        average_video_count=reading.figure(data, "average_video_count"),
        average_follower_count=reading.figure(data, "average_follower_count"),
        average_follower_growth=reading.figure(data, "average_follower_growth"),
        average_engagement_rate=reading.figure(data, "average_engagement_rate"),
        average_video_views=reading.figure(data, "average_video_views"),
    )


def _suggestion(data: Mapping[str, Any]) -> HashtagSuggestion:
    return HashtagSuggestion(reading.required_text(data, "name"), reading.figure(data, "view_count"))


def _recommended(data: Mapping[str, Any]) -> RecommendedPost:
    return RecommendedPost(
        item_id=reading.identifier(data, "item_id"),
        level=reading.text_or_none(data, "recommendation_level"),
        embed_url=reading.text_or_none(data, "embed_url"),
        thumbnail_url=reading.text_or_none(data, "thumbnail_url"),
        created_at=reading.unix_time_or_none(data, "create_time"),
        video_views=reading.figure(data, "video_views"),
        likes=reading.figure(data, "likes"),
        comments=reading.figure(data, "comments"),
        shares=reading.figure(data, "shares"),
        audience_countries=reading.shares(data, "audience_countries", "country"),
    )
