"""Comments are written, hidden, liked, pinned and deleted, and pictures uploaded for them. Each tells the app by an event."""

from typing import Any

from tiktok_sandbox import pictures
from tiktok_sandbox.answers import (
    COUNT,
    ID,
    NOTHING,
    SECONDS_TEXT,
    TEXT,
    Schema,
    each,
    record,
)
from tiktok_sandbox.commenting import Comments, post_of
from tiktok_sandbox.endpoints import Call, Endpoint
from tiktok_sandbox.envelope import MEDIA_TOO_LARGE, MEDIA_WRONG_TYPE, NO_PERMISSION, NOT_FOUND, ApiError
from tiktok_sandbox.families.business_comment import COMMENT, OWNER, VIDEO, comment_event, existing, identifier
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param, bad
from tiktok_sandbox.readers import Choice, File, Text, Whole, utf16_units
from tiktok_sandbox.world.comments import Comment

LARGEST_IMAGE = 5 * 1024 * 1024

SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")


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
        parent = existing(comments, parent_id)
        if parent.parent_id is not None:  # an answer to a reply joins the thread of the comment
            parent = existing(comments, parent.parent_id)
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
    comment, wanted = existing(comments, call.values["comment_id"]), call.values["action"] == "HIDE"
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
    comment, pinned = existing(comments, call.values["comment_id"]), call.desk.writes.pinned
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


def _anywhere(call: Call) -> tuple[Comments, Comment]:
    post = post_of(call.feed, call.values["comment_id"], call.now)
    if post is None:
        raise ApiError(NOT_FOUND, "The comment does not exist.")
    comments = Comments(call.desk, post, call.now)
    return comments, existing(comments, call.values["comment_id"])


CONTENT = (
    Param("text", Text()),
    Param("image_uri", Text(200)),
    Param("image_width", Whole(1, 20_000)),
    Param("image_height", Whole(1, 20_000)),
)

WRITTEN = record(
    {
        **each(("comment_id", "video_id"), ID),
        "create_time": SECONDS_TEXT,
        **each(("user_id", "unique_identifier", "text", "image_url"), TEXT),
    },
    optional={"parent_comment_id": ID},
)

PICTURE = record({"image_uri": TEXT, "width": COUNT, "height": COUNT})


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
