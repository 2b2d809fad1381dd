"""Events of the world on demand: a script says that TikTok notices something, and the app hears of it. Invents nothing new."""

from typing import Any

from tiktok_sandbox.commenting import Comments
from tiktok_sandbox.endpoints import Call
from tiktok_sandbox.families.business_comment import comment_event
from tiktok_sandbox.families.business_mention import comments_since, mention_event, videos_since

COMMENT_ACTIONS = ("insert", "delete", "set_to_hidden", "set_to_friends_only", "set_to_public")
MENTION_KINDS = ("CREATE", "EDIT", "PRIVACY_CHANGE")
MOST = 500


def announce_comments(call: Call, item_id: str | None, action: str, count: int) -> list[dict[str, Any]]:
    """Events about the latest comments, of one post or of all; oldest first."""
    posts = call.feed.posts_until(call.now)
    chosen = [post for post in posts if item_id in {None, post.item_id}]
    told: list[dict[str, Any]] = []
    for post in reversed(chosen):
        comments = Comments(call.desk, post, call.now).all()
        told = [comment_event(call, one, action) for one in comments[-(count - len(told)) :]] + told
        if len(told) >= count:
            break
    for content in told:
        call.desk.tell(
            "comment.update", call.account.handle, call.account.client, content, kind="COMMENT", item_id=str(content["video_id"])
        )
    return told


def announce_mentions(call: Call, kind: str, count: int, *, comments: bool) -> list[dict[str, Any]]:
    """Events about the latest mentions; oldest first."""
    found = comments_since(call, 30) if comments else videos_since(call, 30)
    told = [mention_event(call, one, kind) for one in found[-count:]]
    for content in told:
        call.desk.tell("brand.mention.event", call.account.handle, call.account.client, content, kind="BRAND_MENTION")
    return told
