"""Comments as an ad account tells of them, for tests that need some of their own choosing."""

from typing import Any

from integrations.tiktok import comments as tiktok
from integrations.tiktok.ad_comments import AdComment


def as_told_by_ads(one: tiktok.Comment, *, user_id: str = "", **values: Any) -> AdComment:
    """The same comment from the other side, under ad 21 of campaign 18."""
    return AdComment(
        **{
            "comment_id": one.comment_id,
            "original_comment_id": one.parent_comment_id,
            "content": one.text,
            "created_at": one.created_at,
            "comment_status": one.status,
            "user_id": user_id or f"70{sum(map(ord, one.username or ''))}",
            "user_name": one.username,
            "likes": one.likes,
            "replies": one.replies,
            "is_pinned": one.is_pinned,
            "can_delete": one.is_owner,
            "tiktok_item_id": one.video_id,
            "ad_id": "21",
            "adgroup_id": "19",
            "campaign_id": "18",
        }
        | values
    )
