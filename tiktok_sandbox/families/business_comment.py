"""Comments on the account's own posts: lists of comments and replies, and the calls that write, hide, like, pin and delete."""

from collections.abc import Sequence
from typing import Any

from tiktok_sandbox import pictures
from tiktok_sandbox.answers import (
    ADDRESS,
    COUNT,
    FLAG,
    ID,
    NOTHING,
    SECONDS_TEXT,
    TEXT,
    Schema,
    each,
    list_of,
    page_of_cursor,
    record,
    word,
)
from tiktok_sandbox.commenting import Comments, post_of
from tiktok_sandbox.endpoints import Call, Endpoint
from tiktok_sandbox.envelope import MEDIA_TOO_LARGE, MEDIA_WRONG_TYPE, NO_PERMISSION, NOT_FOUND, ApiError
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param, bad
from tiktok_sandbox.readers import Choice, File, Flag, Id, ListOf, Text, Whole, utf16_units
from tiktok_sandbox.world.chance import draw
from tiktok_sandbox.world.comments import Comment

REPEATS_FROM = 500  # from this offset on, pages begin with entries of the page before
REPLIES_SHOWN = 3
LARGEST_IMAGE = 5 * 1024 * 1024
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")


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
    parent = _existing(comments, call.values["comment_id"])
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
    keys = {
        "likes": comments.likes,
        "replies": comments.reply_count,
        "create_time": lambda comment: comment.created,
    }
    key = keys[field]
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


def create(call: Call) -> dict[str, Any]:
    return _write(call, None)


def reply(call: Call) -> dict[str, Any]:
    return _write(call, call.values["comment_id"])


def _write(call: Call, parent_id: str | None) -> dict[str, Any]:
    comments = Comments(call.desk, call.own_post(call.values["video_id"]), call.now)
    text, image = call.values["text"] or "", call.values["image_uri"] or ""
    if not text and not image:
        raise bad("text: give a text or an image.")
    limit = call.desk.switches.comment_text_limit
    if utf16_units(text) > limit:
        raise bad(f"text: at most {limit} characters.")
    if image:
        known = call.desk.writes.images.get(image)
        if known is None or known["owner"] != call.account.open_id:
            raise bad("image_uri: there is no such image.")
        if [call.values["image_width"], call.values["image_height"]] != [known["width"], known["height"]]:
            raise bad("image_width, image_height: they are not those of the image.")
    parent = None
    if parent_id is not None:
        parent = _existing(comments, parent_id)
        if parent.parent_id is not None:  # an answer to a reply joins the thread of the comment
            parent = _existing(comments, parent.parent_id)
        if comments.is_hidden(parent):
            raise bad("comment_id: a hidden comment cannot be answered.")
    made = comments.write(text, parent, image)
    announce(call, made, "insert")
    return {
        "comment_id": made.comment_id,
        **({} if made.parent_id is None else {"parent_comment_id": made.parent_id}),
        "video_id": made.item_id,
        "user_id": "",
        "unique_identifier": identifier(call, made),
        "create_time": str(made.created),
        "text": made.text,
        "image_url": pictures.address(call.base, call.desk.world, "cover", image, call.now) if image else "",
    }


def hide(call: Call) -> dict[str, Any]:
    comments = Comments(call.desk, call.own_post(call.values["video_id"]), call.now)
    comment, wanted = _existing(comments, call.values["comment_id"]), call.values["action"] == "HIDE"
    if comments.is_hidden(comment) != wanted:
        call.desk.writes.hidden[comment.comment_id] = wanted
        call.desk.writes.changed()
        announce(call, comment, "set_to_hidden" if wanted else "set_to_public")
    return {}


def like(call: Call) -> dict[str, Any]:
    _, comment = _anywhere(call)
    if call.values["action"] == "LIKE":
        call.desk.writes.liked[comment.comment_id] = True
    else:
        call.desk.writes.liked.pop(comment.comment_id, None)
    call.desk.writes.changed()
    return {}


def pin(call: Call) -> dict[str, Any]:
    comments = Comments(call.desk, call.own_post(call.values["video_id"]), call.now)
    comment, pinned = _existing(comments, call.values["comment_id"]), call.desk.writes.pinned
    if comment.parent_id is not None:
        raise bad("comment_id: a reply cannot be pinned.")
    if call.values["action"] == "PIN":
        pinned[comment.item_id] = comment.comment_id
    elif pinned.get(comment.item_id) == comment.comment_id:
        del pinned[comment.item_id]
    call.desk.writes.changed()
    return {}


def delete(call: Call) -> dict[str, Any]:
    _, comment = _anywhere(call)
    if comment.author is not None:
        raise ApiError(NO_PERMISSION, "No permission to delete the comment of somebody else.")
    call.desk.writes.deleted[comment.comment_id] = True
    call.desk.writes.changed()
    announce(call, comment, "delete")
    return {}


def upload_image(call: Call) -> dict[str, Any]:
    picture = call.values["image_file"]
    assert call.request is not None
    if call.request.size > LARGEST_IMAGE + 4096 or len(picture) > LARGEST_IMAGE:
        raise ApiError(MEDIA_TOO_LARGE, "image_file: at most 5 MB.")
    if not picture.startswith(SIGNATURES):
        raise ApiError(MEDIA_WRONG_TYPE, "image_file: a JPEG, PNG or WebP picture is expected.")
    width, height = _size_of(picture)
    uri = f"sandbox-comment-image-{call.desk.writes.next_number():06d}"
    call.desk.writes.images[uri] = {"owner": call.account.open_id, "width": width, "height": height}
    call.desk.writes.changed()
    return {"image_uri": uri, "width": width, "height": height}


def _size_of(picture: bytes) -> tuple[int, int]:
    """A PNG says its size up front; of others the sandbox does not look further."""
    if picture.startswith(SIGNATURES[0]) and len(picture) >= 24:
        return int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")
    return 1080, 1080


def announce(call: Call, comment: Comment, action: str) -> None:
    grant = call.account
    call.desk.tell(
        "comment.update",
        grant.handle,
        grant.client,
        comment_event(call, comment, action),
        kind="COMMENT",
        item_id=comment.item_id,
    )


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


def _existing(comments: Comments, comment_id: str) -> Comment:
    comment = comments.find(comment_id)
    if comment is None:
        raise ApiError(NOT_FOUND, "The comment does not exist.")
    return comment


def _anywhere(call: Call) -> tuple[Comments, Comment]:
    post = post_of(call.feed, call.values["comment_id"], call.now)
    if post is None:
        raise ApiError(NOT_FOUND, "The comment does not exist.")
    comments = Comments(call.desk, post, call.now)
    return comments, _existing(comments, call.values["comment_id"])


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
CONTENT = (
    Param("text", Text()),
    Param("image_uri", Text(200)),
    Param("image_width", Whole(1, 20_000)),
    Param("image_height", Whole(1, 20_000)),
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
WRITTEN = record(
    {
        **each(("comment_id", "video_id"), ID),
        "create_time": SECONDS_TEXT,
        **each(("user_id", "unique_identifier", "text", "image_url"), TEXT),
    },
    optional={"parent_comment_id": ID},
)
PICTURE = record({"image_uri": TEXT, "width": COUNT, "height": COUNT})


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


def _change(
    path: str, handler: Any, *params: Param, body: str = "json", gives: Schema = NOTHING, refuses: tuple[int, ...] = (NOT_FOUND,)
) -> Endpoint:
    return Endpoint(
        path,
        "POST",
        handler,
        params,
        needs_token=True,
        scope="comment.list.manage",
        limit=Limit.ACCOUNTS,
        evidence="C",
        body=body,
        gives=gives,
        refuses=refuses,
    )


ENDPOINTS = (
    _read("/business/comment/list/", comment_list, OWNER, VIDEO, Param("include_replies", Flag(), default=False), *LISTING),
    _read("/business/comment/reply/list/", reply_list, OWNER, VIDEO, COMMENT, *LISTING),
    _change("/business/comment/create/", create, OWNER, VIDEO, *CONTENT, gives=WRITTEN),
    _change("/business/comment/reply/create/", reply, OWNER, VIDEO, COMMENT, *CONTENT, gives=WRITTEN),
    _change("/business/comment/hide/", hide, OWNER, VIDEO, COMMENT, Param("action", Choice(("HIDE", "UNHIDE")), required=True)),
    _change("/business/comment/like/", like, OWNER, COMMENT, Param("action", Choice(("LIKE", "UNLIKE")), required=True)),
    _change("/business/comment/pin/", pin, OWNER, VIDEO, COMMENT, Param("action", Choice(("PIN", "UNPIN")), required=True)),
    _change("/business/comment/delete/", delete, OWNER, COMMENT),
    _change(
        "/business/comment/image/upload/",
        upload_image,
        OWNER,
        Param("image_file", File(), required=True),
        body="multipart",
        gives=PICTURE,
        refuses=(MEDIA_TOO_LARGE, MEDIA_WRONG_TYPE),
    ),
)
