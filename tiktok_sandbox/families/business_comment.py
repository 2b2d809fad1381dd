"""Comments on the account's own posts: lists of comments and of replies, how one is shown, and the event that tells of it."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from tiktok_sandbox import pictures
from tiktok_sandbox.answers import (
    ADDRESS,
    COUNT,
    FLAG,
    ID,
    SECONDS_TEXT,
    TEXT,
    each,
    list_of,
    page_of_cursor,
    record,
    word,
)
from tiktok_sandbox.commenting import Comments
from tiktok_sandbox.endpoints import Call, Endpoint
from tiktok_sandbox.envelope import NOT_FOUND, ApiError
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param, bad
from tiktok_sandbox.readers import Choice, Flag, Id, ListOf, Text, Whole
from tiktok_sandbox.world.chance import draw
from tiktok_sandbox.world.comments import Comment

REPEATS_FROM = 500  # from this offset on, pages begin with entries of the page before

REPLIES_SHOWN = 3


def comment_list(call: Call) -> dict[str, Any]:
    comments = Comments(call.desk, call.own_post(call.values["video_id"]), call.now)
    wanted = call.values["comment_ids"]
    if wanted:
        found = [comment for comment in map(comments.find, wanted) if comment is not None]
    else:
        found = comments.top()
    return _page(call, comments, found, with_replies=call.values["include_replies"])


def reply_list(call: Call) -> dict[str, Any]:
    comments = Comments(call.desk, call.own_post(call.values["video_id"]), call.now)
    parent = existing(comments, call.values["comment_id"])
    if comments.is_hidden(parent):
        raise bad("comment_id: the comment is hidden, its replies cannot be listed.")
    found = comments.replies(parent)
    if call.values["comment_ids"]:
        found = [comment for comment in found if comment.comment_id in call.values["comment_ids"]]
    return _page(call, comments, found, with_replies=False)


def _page(call: Call, comments: Comments, found: list[Comment], *, with_replies: bool) -> dict[str, Any]:
    if call.values["status"] == "PUBLIC":
        found = [comment for comment in found if not comments.is_hidden(comment)]
    found = _sorted(call, comments, found)
    start, most = call.values["cursor"], call.values["max_count"]
    if start >= REPEATS_FROM:
        start -= min(most - 1, draw(call.desk.world.seed, comments.post.item_id, "repeat", start) % 4)
    page = found[start : start + most]
    return {
        "comments": [shown(call, comments, comment, with_replies=with_replies) for comment in page],
        "cursor": start + len(page) if page else call.values["cursor"],
        "has_more": start + len(page) < len(found),
    }


def _sorted(call: Call, comments: Comments, found: Sequence[Comment]) -> list[Comment]:
    field, order = call.values["sort_field"], call.values["sort_order"]
    if field is None:
        # TikTok's own order: pinned first, then what is liked, with some of the latest between.
        pinned = call.desk.writes.pinned.get(comments.post.item_id)

        def rank(comment: Comment) -> tuple[bool, int, int]:
            return comment.comment_id != pinned, -comment.likes * (1 + int(comment.comment_id[-3:]) % 5), -comment.created

        return sorted(found, key=rank)
    if field == "create_time":
        return sorted(found, key=attrgetter("created", "comment_id"), reverse=order != "asc")
    key = {"likes": comments.likes, "replies": comments.reply_count}[field]
    return sorted(found, key=lambda comment: (key(comment), comment.created, comment.comment_id), reverse=order != "asc")


def shown(call: Call, comments: Comments, comment: Comment, *, with_replies: bool = False) -> dict[str, Any]:
    profile, author = call.feed.profile, comment.author
    replies = comments.replies(comment) if comment.parent_id is None else []
    row: dict[str, Any] = {
        "comment_id": comment.comment_id,
        "video_id": comment.item_id,
        "unique_identifier": identifier(call, comment),
        "user_id": "",
        "username": profile.handle if author is None else author.handle,
        "display_name": profile.display_name if author is None else author.display_name,
        "profile_image": pictures.address(
            call.base, call.desk.world, "avatar", profile.handle if author is None else author.handle, call.now
        ),
        "create_time": str(comment.created),
        "text": comment.text,
        "image_url": pictures.address(call.base, call.desk.world, "cover", comment.image, call.now) if comment.image else "",
        "likes": comments.likes(comment),
        "replies": len(replies),
        "owner": author is None,
        "liked": comments.is_liked(comment),
        "pinned": comments.is_pinned(comment),
        "status": "HIDDEN" if comments.is_hidden(comment) else "PUBLIC",
    }
    if comment.parent_id is not None:
        row["parent_comment_id"] = comment.parent_id
    if with_replies:
        visible = [reply for reply in replies if not comments.is_hidden(reply)] if call.values["status"] == "PUBLIC" else replies
        row["reply_list"] = [shown(call, comments, reply) for reply in visible[:REPLIES_SHOWN]]
    return row


def identifier(call: Call, comment: Comment) -> str:
    if comment.author is not None:
        return comment.author.identifier
    return f"u_{draw(call.desk.world.seed, 'owner', call.account.handle):016x}"


def comment_event(call: Call, comment: Comment, action: str) -> dict[str, Any]:
    """The content of the event: ids are bare numbers beyond what a double holds."""
    return {
        "comment_id": int(comment.comment_id),
        "video_id": int(comment.item_id),
        "parent_comment_id": int(comment.parent_id or 0),
        "comment_type": "comment" if comment.parent_id is None else "reply",
        "comment_action": action,
        "timestamp": int(call.moment * 1000),
        "unique_identifier": identifier(call, comment),
        **({"text": comment.text} if call.desk.switches.webhook_text else {}),
    }


def existing(comments: Comments, comment_id: str) -> Comment:
    comment = comments.find(comment_id)
    if comment is None:
        raise ApiError(NOT_FOUND, "The comment does not exist.")
    return comment


def _file(name: str, value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise bad(f"{name}: a file is expected.")
    return value


OWNER = Param("business_id", Text(), required=True)

VIDEO = Param("video_id", Id(), required=True)

COMMENT = Param("comment_id", Id(), required=True)

LISTING = (
    Param("comment_ids", ListOf(Id(), 30, least=0), default=()),
    Param("status", Choice(("PUBLIC", "ALL")), default="ALL"),
    Param("sort_field", Choice(("likes", "replies", "create_time"))),
    Param("sort_order", Choice(("asc", "desc", "smart")), default="smart"),
    Param("cursor", Whole(0, 2**31), default=0),
    Param("max_count", Whole(1, 30), default=20),
)

SHOWN = {
    **each(("comment_id", "video_id"), ID),
    **each(("unique_identifier", "user_id", "username", "display_name", "text", "image_url"), TEXT),
    "profile_image": ADDRESS,
    "create_time": SECONDS_TEXT,
    **each(("likes", "replies"), COUNT),
    **each(("owner", "liked", "pinned"), FLAG),
    "status": word("PUBLIC", "HIDDEN"),
}

REPLY = record(SHOWN, optional={"parent_comment_id": ID})

LISTED = page_of_cursor("comments", record(SHOWN, optional={"parent_comment_id": ID, "reply_list": list_of(REPLY)}))


def _read(path: str, handler: Any, *params: Param) -> Endpoint:
    return Endpoint(
        path,
        "GET",
        handler,
        params,
        needs_token=True,
        scope="comment.list",
        limit=Limit.ACCOUNTS,
        evidence="C",
        gives=LISTED,
        refuses=(NOT_FOUND,),
    )


ENDPOINTS = (
    _read("/business/comment/list/", comment_list, OWNER, VIDEO, Param("include_replies", Flag(), default=False), *LISTING),
    _read("/business/comment/reply/list/", reply_list, OWNER, VIDEO, COMMENT, *LISTING),
)
