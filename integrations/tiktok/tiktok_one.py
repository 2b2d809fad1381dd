"""The brand's side of TikTok One: which of its accounts a token opens, and creators' posts that would do well as ads.

Owns those shapes; the creator's side is in `creators`. Every function needs the advertiser token of somebody whose brand is on TikTok One.
Besides what it names, each raises ReconnectNeeded, NotGranted (also for an account that the token does not open), OurMistake, Throttled,
TryLater, AnswerLost, and NotUnderstood naming what is malformed.

TikTok's pages: https://business-api.tiktok.com/portal/docs (TikTok One; Creator Spark Ads Recommendation).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import understood
from integrations.tiktok.oauth import App
from integrations.tiktok.transport import Answer, Transport


@dataclass(frozen=True)
class RecommendedCreatorPost:
    """A creator's post that TikTok recommends for a Spark Ad. `level` is HIGH, MEDIUM or LOW. `thumbnail_url` expires."""

    item_id: str
    level: str | None
    creator_handle: str | None
    embed_url: str | None
    thumbnail_url: str | None
    created_at: datetime | None


def tiktok_one_accounts(transport: Transport, app: App, *, access_token: Secret) -> Answer[tuple[str, ...]]:
    """GET /tto/oauth2/tcm/: the ids of the TikTok One accounts that the token opens, not paged."""
    params = {"app_id": app.app_id, "secret": app.secret}
    answer = transport.business_get("/tto/oauth2/tcm/", params=params, access_token=access_token)
    return understood(answer, lambda data: reading.identifiers(data, "tto_tcm_account_ids"), "the list of TikTok One accounts")


def recommended_creator_posts(
    transport: Transport,
    *,
    access_token: Secret,
    tcm_account_id: str,
    video_ids: Sequence[str] | None = None,
    exclude_video_ids: Sequence[str] | None = None,
    time: str | None = None,
    objective_type: str | None = None,
) -> Answer[tuple[RecommendedCreatorPost, ...]]:
    """GET /spark_ad/recommend/: creators' posts that would do well as ads. Not paged.

    `time` is PAST_ONE_MONTH, PAST_THREE_MONTHS or PAST_SIX_MONTHS, `objective_type` a campaign's objective other than ENGAGEMENT.
    """
    params = {
        "tcm_account_id": tcm_account_id,
        "video_ids": None if video_ids is None else list(video_ids),
        "exclude_video_ids": None if exclude_video_ids is None else list(exclude_video_ids),
        "time": time,
        "objective_type": objective_type,
    }
    answer = transport.business_get("/spark_ad/recommend/", params=params, access_token=access_token)
    return understood(
        answer, lambda data: reading.each(data, "videos", _recommended, noun="the post", named_by="item_id"), "the list of posts"
    )


def _recommended(data: Mapping[str, Any]) -> RecommendedCreatorPost:
    return RecommendedCreatorPost(
        item_id=reading.identifier(data, "item_id"),
        level=reading.text_or_none(data, "recommendation_level"),
        creator_handle=reading.text_or_none(data, "creator_handle"),
        embed_url=reading.text_or_none(data, "embed_url"),
        thumbnail_url=reading.text_or_none(data, "thumbnail_url"),
        created_at=reading.unix_time_or_none(data, "create_time"),
    )
