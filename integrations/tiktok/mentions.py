"""The Mentions API: what others say about a brand's account, in posts and comments. The hashtags it follows are in `hashtags`.

Owns the shapes of mentions. Every function needs the token of the mentioned account with the scope `biz.brand.insights`, and its
`business_id`, its `open_id`. Besides what it names, each raises TokenExpired, ReconnectNeeded, NotGranted, Throttled, TryLater,
AnswerLost, and NotUnderstood naming the row that is malformed.

TikTok's pages: https://business-api.tiktok.com/portal/docs (Mentions).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import CursorPage, cursor_page, understood
from integrations.tiktok.reading import Figure
from integrations.tiktok.transport import Answer, Transport

POST_FIELDS = (
    "item_id", "create_time", "video_link", "caption", "likes", "comments", "shares", "views", "reach", "thumbnail_url",
    "creator_handle_name",
)  # fmt: skip
COMMENT_FIELDS = (
    "comment_id", "comment_type", "comment_text", "comment_create_time", "comment_likes", "commenter_display_name", "item_id", "video_link",
    "caption", "video_likes", "thumbnail_url",
)  # fmt: skip


@dataclass(frozen=True)
class Listing:
    """Which mentions to list, and in what order; what is None is left to TikTok.

    `regions` are ISO codes of two letters, `direction` is ASC or DESC. Posts are sorted by CREATE_TIME, LIKES, COMMENTS or SHARES, comments
    by VIDEO_LIKES, COMMENT_CREATE_TIME or COMMENT_LIKES. `cursor` goes on where a page ended.
    """

    number_of_days: int | None = None
    regions: Sequence[str] | None = None
    sort_field: str | None = None
    direction: str | None = None
    cursor: int | None = None
    max_count: int = 20

    def params(self, business_id: str, fields: Sequence[str], direction: str) -> dict[str, Any]:
        """As TikTok wants them; the direction goes by more than one name."""
        return {
            "business_id": business_id,
            "fields": list(fields),
            "number_of_days": self.number_of_days,
            "regions": _list(self.regions),
            "sort_field": self.sort_field,
            direction: self.direction,
            "cursor": self.cursor,
            "max_count": self.max_count,
        }


WHAT_TIKTOK_LISTS = Listing()


@dataclass(frozen=True)
class MentioningPost:
    """Somebody's public post that names the brand. Counters are lifetime totals; `thumbnail_url` expires."""

    item_id: str
    created_at: datetime | None
    video_link: str | None
    caption: str | None
    likes: Figure
    comments: Figure
    shares: Figure
    views: Figure
    reach: Figure
    thumbnail_url: str | None
    creator_handle_name: str | None


@dataclass(frozen=True)
class MentioningComment:
    """Somebody's comment that names the brand, under somebody's post. A list names the author as shown, a single read by handle."""

    comment_id: str
    comment_type: str | None
    text: str | None
    created_at: datetime | None
    likes: Figure
    commenter_display_name: str | None
    commenter_handle_name: str | None
    item_id: str | None
    video_link: str | None
    caption: str | None
    video_likes: Figure
    thumbnail_url: str | None


@dataclass(frozen=True)
class Counted:
    """A word or a hashtag, and how often mentions hold it."""

    name: str
    count: Figure


def mentioning_posts_page(
    transport: Transport, *, access_token: Secret, business_id: str, listing: Listing = WHAT_TIKTOK_LISTS
) -> Answer[CursorPage[MentioningPost]]:
    """GET /business/mention/video/list/: the first thousand posts that name the brand."""
    params = listing.params(business_id, POST_FIELDS, "sort_type")
    answer = transport.business_get("/business/mention/video/list/", access_token=access_token, params=params)
    return cursor_page(answer, "videos", _post, noun="mention", named_by="item_id", asked=listing.cursor)


def mentioning_post(transport: Transport, *, access_token: Secret, business_id: str, item_id: str) -> Answer[MentioningPost | None]:
    """GET /business/mention/video/get/: one post, within 48 hours of its event. None when TikTok names none."""
    params = {"business_id": business_id, "item_id": item_id, "fields": list(POST_FIELDS)}
    answer = transport.business_get("/business/mention/video/get/", access_token=access_token, params=params)
    found = understood(answer, lambda data: reading.each(data, "video", _post, noun="the mention", named_by="item_id"), "the mention")
    return Answer(found.value[0] if found.value else None, found.call)


def mentioning_comments_page(
    transport: Transport, *, access_token: Secret, business_id: str, listing: Listing = WHAT_TIKTOK_LISTS
) -> Answer[CursorPage[MentioningComment]]:
    """GET /business/mention/comment/list/: comments that name the brand."""
    params = listing.params(business_id, COMMENT_FIELDS, "sort_type")
    answer = transport.business_get("/business/mention/comment/list/", access_token=access_token, params=params)
    return cursor_page(answer, "comments", _comment, noun="mention", named_by="comment_id", asked=listing.cursor)


def mentioning_comment(
    transport: Transport, *, access_token: Secret, business_id: str, item_id: str, comment_id: str
) -> Answer[MentioningComment | None]:
    """GET /business/mention/comment/get/: one comment, within 48 hours of its event. None when TikTok names none."""
    params = {"business_id": business_id, "item_id": item_id, "comment_id": comment_id, "fields": list(COMMENT_FIELDS)}
    answer = transport.business_get("/business/mention/comment/get/", access_token=access_token, params=params)

    def one(data: Mapping[str, Any]) -> MentioningComment | None:
        row = reading.part(data, "comment")
        return _comment(row) if row else None

    return understood(answer, one, "the mention")


def hashtag_posts_page(
    transport: Transport, *, access_token: Secret, business_id: str, hashtag: str | None = None, listing: Listing = WHAT_TIKTOK_LISTS
) -> Answer[CursorPage[MentioningPost]]:
    """GET /business/mention/hashtag/video/list/: posts with a followed hashtag, or with any of them."""
    params = listing.params(business_id, POST_FIELDS, "sort_order") | {"hashtag": hashtag}
    answer = transport.business_get("/business/mention/hashtag/video/list/", access_token=access_token, params=params)
    return cursor_page(answer, "videos", _post, noun="mention", named_by="item_id", asked=listing.cursor)


def top_words(
    transport: Transport, *, access_token: Secret, business_id: str, regions: Sequence[str] | None = None
) -> Answer[tuple[Counted, ...]]:
    """GET /business/mention/top_word/list/: what is said most where the brand is named."""
    return _counted_list(transport, "/business/mention/top_word/list/", access_token, business_id, regions, "word")


def top_hashtags(
    transport: Transport, *, access_token: Secret, business_id: str, regions: Sequence[str] | None = None
) -> Answer[tuple[Counted, ...]]:
    """GET /business/mention/top_hashtag/list/: the hashtags beside the brand's name, without the sign."""
    return _counted_list(transport, "/business/mention/top_hashtag/list/", access_token, business_id, regions, "hashtag")


def _counted_list(
    transport: Transport, path: str, access_token: Secret, business_id: str, regions: Sequence[str] | None, label: str
) -> Answer[tuple[Counted, ...]]:
    answer = transport.business_get(path, access_token=access_token, params={"business_id": business_id, "regions": _list(regions)})
    return understood(answer, lambda data: reading.each(data, "results", lambda row: _counted(row, label)), f"the list of {label}s")


def _list(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else list(values)


def _post(data: Mapping[str, Any]) -> MentioningPost:
    return MentioningPost(
        item_id=reading.identifier(data, "item_id"),
        created_at=reading.unix_time_or_none(data, "create_time"),
        video_link=reading.text_or_none(data, "video_link"),
        caption=reading.text(data, "caption"),
        likes=reading.figure(data, "likes"),
        comments=reading.figure(data, "comments"),
        shares=reading.figure(data, "shares"),
        views=reading.figure(data, "views"),
        reach=reading.figure(data, "reach"),
        thumbnail_url=reading.text_or_none(data, "thumbnail_url"),
        creator_handle_name=reading.text_or_none(data, "creator_handle_name"),
    )


def _comment(data: Mapping[str, Any]) -> MentioningComment:
    return MentioningComment(
        comment_id=reading.identifier(data, "comment_id"),
        comment_type=reading.text_or_none(data, "comment_type"),
        text=reading.text(data, "comment_text"),
        created_at=reading.unix_time_or_none(data, "comment_create_time"),
        likes=reading.figure(data, "comment_likes"),
        commenter_display_name=reading.text_or_none(data, "commenter_display_name"),
        commenter_handle_name=reading.text_or_none(data, "commenter_handle_name"),
        item_id=reading.identifier_or_none(data, "item_id"),
        video_link=reading.text_or_none(data, "video_link"),
        caption=reading.text(data, "caption"),
        video_likes=reading.figure(data, "video_likes"),
        thumbnail_url=reading.text_or_none(data, "thumbnail_url"),
    )


def _counted(data: Mapping[str, Any], label: str) -> Counted:
    return Counted(reading.required_text(data, label), reading.figure(data, "count"))
