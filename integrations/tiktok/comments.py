"""Comments under the account's own posts: reading them, and what their owner may do with them.

Owns the shape of a comment. Every function needs a TikTok-account token and that account's `business_id`, its `open_id`; reading needs the
scope `comment.list`, everything else `comment.list.manage`. Besides what it names, each raises TokenExpired, ReconnectNeeded, NotGranted,
Throttled, TryLater and AnswerLost. A write whose error says `may_have_run` may have happened: look before writing again.

TikTok's pages: https://business-api.tiktok.com/portal/docs (Accounts API, Comments).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import CursorPage, cursor_page, done, understood
from integrations.tiktok.reading import Figure
from integrations.tiktok.transport import Answer, Transport
from integrations.tiktok.wire import File

MOST_COMMENTS_A_PAGE = 30
LARGEST_IMAGE_BYTES = 5_000_000
IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp"})


@dataclass(frozen=True)
class Comment:
    """A comment or a reply; only replies have `parent_comment_id`.

    `unique_identifier` names the author within this app and is what to know them by. `status` is PUBLIC or HIDDEN. `replies` is how many
    there are, `reply_list` at most three of them, and those may lack what belongs to the list.
    """

    comment_id: str
    parent_comment_id: str | None
    video_id: str | None
    unique_identifier: str | None
    username: str | None
    display_name: str | None
    profile_image: str | None
    created_at: datetime | None
    text: str | None
    image_url: str | None
    likes: Figure
    replies: Figure
    is_owner: bool | None
    is_liked: bool | None
    is_pinned: bool | None
    status: str | None
    reply_list: tuple["Comment", ...]


@dataclass(frozen=True)
class CommentImage:
    """A picture that TikTok has and a comment may show."""

    image_uri: str
    width: int
    height: int


def comments_page(
    transport: Transport,
    *,
    access_token: Secret,
    business_id: str,
    video_id: str,
    comment_ids: Sequence[str] | None = None,
    include_replies: bool = False,
    status: str | None = None,
    sort_field: str | None = None,
    sort_order: str | None = None,
    cursor: int | None = None,
    max_count: int = MOST_COMMENTS_A_PAGE,
) -> Answer[CursorPage[Comment]]:
    """GET /business/comment/list/: comments under one post, up to 30 a page.

    `status` is PUBLIC or ALL (TikTok's default), `sort_field` likes, replies or create_time, `sort_order` asc, desc or smart. With
    `comment_ids`, at most 30, only those. Far down, pages repeat entries: know a comment by its id.
    Raises NotUnderstood naming the comment that is malformed, and OurMistake when the post is not the account's.
    """
    answer = transport.business_get(
        "/business/comment/list/",
        access_token=access_token,
        params={
            "business_id": business_id,
            "video_id": video_id,
            "comment_ids": None if comment_ids is None else list(comment_ids),
            "include_replies": include_replies or None,
            "status": status,
            "sort_field": sort_field,
            "sort_order": sort_order,
            "cursor": cursor,
            "max_count": max_count,
        },
    )
    return cursor_page(answer, "comments", _comment, noun="comment", named_by="comment_id", asked=cursor)


def replies_page(
    transport: Transport,
    *,
    access_token: Secret,
    business_id: str,
    video_id: str,
    comment_id: str,
    status: str | None = None,
    cursor: int | None = None,
    max_count: int = MOST_COMMENTS_A_PAGE,
) -> Answer[CursorPage[Comment]]:
    """GET /business/comment/reply/list/: the replies to one comment that is not hidden, paged as the comments are."""
    params = {
        "business_id": business_id,
        "video_id": video_id,
        "comment_id": comment_id,
        "status": status,
        "cursor": cursor,
        "max_count": max_count,
    }
    answer = transport.business_get("/business/comment/reply/list/", access_token=access_token, params=params)
    return cursor_page(answer, "comments", _comment, noun="comment", named_by="comment_id", asked=cursor)


def create_comment(
    transport: Transport, *, access_token: Secret, business_id: str, video_id: str, text: str, image: CommentImage | None = None
) -> Answer[Comment]:
    """POST /business/comment/create/: comment on an own post. ValueError for a blank text without a picture."""
    body = {"business_id": business_id, "video_id": video_id, **_said(text, image)}
    answer = transport.business_post("/business/comment/create/", access_token=access_token, body=body)
    return understood(answer, _comment, "the new comment")


def reply_to_comment(
    transport: Transport,
    *,
    access_token: Secret,
    business_id: str,
    video_id: str,
    comment_id: str,
    text: str,
    image: CommentImage | None = None,
) -> Answer[Comment]:
    """POST /business/comment/reply/create/: answer a comment. TikTok may hide answers that look alike as spam."""
    body = {"business_id": business_id, "video_id": video_id, "comment_id": comment_id, **_said(text, image)}
    answer = transport.business_post("/business/comment/reply/create/", access_token=access_token, body=body)
    return understood(answer, _comment, "the new reply")


def upload_comment_image(
    transport: Transport, *, access_token: Secret, business_id: str, content: bytes, content_type: str
) -> Answer[CommentImage]:
    """POST /business/comment/image/upload/: give TikTok a picture, to be shown by a comment afterwards. Doing it twice costs nothing.

    ValueError for a picture of no bytes or more than five megabytes, and for what is not JPEG, PNG or WebP.
    """
    if not 1 <= len(content) <= LARGEST_IMAGE_BYTES or content_type not in IMAGE_TYPES:
        raise ValueError("a picture is JPEG, PNG or WebP, and up to five megabytes")
    file = File(f"picture.{content_type.partition('/')[2]}", content_type, content)
    form = {"business_id": business_id}
    answer = transport.business_file("/business/comment/image/upload/", form=form, part="image_file", file=file, access_token=access_token)
    return understood(answer, _image, "the new picture")


def hide_comment(
    transport: Transport, *, access_token: Secret, business_id: str, video_id: str, comment_id: str, hide: bool = True
) -> Answer[None]:
    """POST /business/comment/hide/: hide a comment from everybody but its author, or show it again."""
    body = {"business_id": business_id, "video_id": video_id, "comment_id": comment_id, "action": "HIDE" if hide else "UNHIDE"}
    return done(transport.business_post("/business/comment/hide/", access_token=access_token, body=body))


def like_comment(transport: Transport, *, access_token: Secret, business_id: str, comment_id: str, like: bool = True) -> Answer[None]:
    """POST /business/comment/like/: like a comment as the account, or take the like back."""
    body = {"business_id": business_id, "comment_id": comment_id, "action": "LIKE" if like else "UNLIKE"}
    return done(transport.business_post("/business/comment/like/", access_token=access_token, body=body))


def pin_comment(
    transport: Transport, *, access_token: Secret, business_id: str, video_id: str, comment_id: str, pin: bool = True
) -> Answer[None]:
    """POST /business/comment/pin/: put a comment on top, or let it go again. Known from one client only."""
    body = {"business_id": business_id, "video_id": video_id, "comment_id": comment_id, "action": "PIN" if pin else "UNPIN"}
    return done(transport.business_post("/business/comment/pin/", access_token=access_token, body=body))


def delete_comment(transport: Transport, *, access_token: Secret, business_id: str, comment_id: str) -> Answer[None]:
    """POST /business/comment/delete/: delete a comment that the account itself wrote. It does not come back."""
    body = {"business_id": business_id, "comment_id": comment_id}
    return done(transport.business_post("/business/comment/delete/", access_token=access_token, body=body))


def _said(text: str, image: CommentImage | None) -> dict[str, Any]:
    if image is not None:
        picture = {"image_uri": image.image_uri, "image_width": image.width, "image_height": image.height}
        return picture | {"text": text} if text.strip() else picture
    if not text.strip():
        raise ValueError("a comment says something")
    return {"text": text}


def _image(data: Mapping[str, Any]) -> CommentImage:
    return CommentImage(reading.required_text(data, "image_uri"), reading.positive(data, "width"), reading.positive(data, "height"))


def _comment(data: Mapping[str, Any]) -> Comment:
    return Comment(
        comment_id=reading.identifier(data, "comment_id"),
        parent_comment_id=reading.identifier_or_none(data, "parent_comment_id"),
        video_id=reading.identifier_or_none(data, "video_id"),
        unique_identifier=reading.text_or_none(data, "unique_identifier"),
        username=reading.text_or_none(data, "username"),
        display_name=reading.text_or_none(data, "display_name"),
        profile_image=reading.text_or_none(data, "profile_image"),
        created_at=reading.unix_time_or_none(data, "create_time"),
        text=reading.text(data, "text"),
        image_url=reading.text_or_none(data, "image_url"),
        likes=reading.figure(data, "likes"),
        replies=reading.figure(data, "replies"),
        is_owner=reading.yes_or_no(data, "owner"),
        is_liked=reading.yes_or_no(data, "liked"),
        is_pinned=reading.yes_or_no(data, "pinned"),
        status=reading.text_or_none(data, "status"),
        reply_list=reading.each(data, "reply_list", _comment, noun="the reply", named_by="comment_id"),
    )
