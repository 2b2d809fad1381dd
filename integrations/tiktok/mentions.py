"""The Mentions API: what others say about a brand's account, in posts and comments, and the hashtags it follows.

Owns the shapes of mentions. Every function needs the token of the mentioned account with the scope `biz.brand.insights`, and its
`business_id`, its `open_id`. Besides what it names, each raises TokenExpired, ReconnectNeeded, NotGranted, Throttled, TryLater,
AnswerLost, and NotUnderstood naming the row that is malformed.

TikTok's pages: https://business-api.tiktok.com/portal/docs (Mentions).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import CursorPage, cursor_page, done, understood
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
MOST_HASHTAGS_AT_ONCE = 10


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


def mentioning_posts_page(
    transport: Transport,
    *,
    access_token: Secret,
    business_id: str,
    number_of_days: int | None = None,
    regions: Sequence[str] | None = None,
    sort_field: str | None = None,
    sort_type: str | None = None,
    cursor: int | None = None,
    max_count: int = 20,
) -> Answer[CursorPage[MentioningPost]]:
    """GET /business/mention/video/list/: the first thousand posts that name the brand.

    `sort_field` is CREATE_TIME, LIKES, COMMENTS or SHARES, `sort_type` ASC or DESC, `regions` are ISO codes of two letters.
    """
    params = _listing(business_id, POST_FIELDS, number_of_days, regions, cursor, max_count) | {
        "sort_field": sort_field,
        "sort_type": sort_type,
    }
    answer = transport.business_get("/business/mention/video/list/", access_token=access_token, params=params)
    return cursor_page(answer, "videos", _post, noun="mention", named_by="item_id", asked=cursor)


def mentioning_post(transport: Transport, *, access_token: Secret, business_id: str, item_id: str) -> Answer[MentioningPost | None]:
    """GET /business/mention/video/get/: one post, within 48 hours of its event. None when TikTok names none."""
    params = {"business_id": business_id, "item_id": item_id, "fields": list(POST_FIELDS)}
    answer = transport.business_get("/business/mention/video/get/", access_token=access_token, params=params)
    found = understood(answer, lambda data: reading.each(data, "video", _post, noun="the mention", named_by="item_id"), "the mention")
    return Answer(found.value[0] if found.value else None, found.call)


def mentioning_comments_page(
    transport: Transport,
    *,
    access_token: Secret,
    business_id: str,
    number_of_days: int | None = None,
    regions: Sequence[str] | None = None,
    sort_field: str | None = None,
    sort_type: str | None = None,
    cursor: int | None = None,
    max_count: int = 20,
) -> Answer[CursorPage[MentioningComment]]:
    """GET /business/mention/comment/list/: comments that name the brand.

    `sort_field` is VIDEO_LIKES, COMMENT_CREATE_TIME or COMMENT_LIKES, `sort_type` ASC or DESC.
    """
    params = _listing(business_id, COMMENT_FIELDS, number_of_days, regions, cursor, max_count) | {
        "sort_field": sort_field,
        "sort_type": sort_type,
    }
    answer = transport.business_get("/business/mention/comment/list/", access_token=access_token, params=params)
    return cursor_page(answer, "comments", _comment, noun="mention", named_by="comment_id", asked=cursor)


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


def top_words(
    transport: Transport, *, access_token: Secret, business_id: str, regions: Sequence[str] | None = None
) -> Answer[tuple[Counted, ...]]:
    """GET /business/mention/top_word/list/: what is said most where the brand is named."""
    params = {"business_id": business_id, "regions": _list(regions)}
    answer = transport.business_get("/business/mention/top_word/list/", access_token=access_token, params=params)
    return understood(answer, lambda data: reading.each(data, "results", lambda row: _counted(row, "word")), "the list of words")


def top_hashtags(
    transport: Transport, *, access_token: Secret, business_id: str, regions: Sequence[str] | None = None
) -> Answer[tuple[Counted, ...]]:
    """GET /business/mention/top_hashtag/list/: the hashtags beside the brand's name, without the sign."""
    params = {"business_id": business_id, "regions": _list(regions)}
    answer = transport.business_get("/business/mention/top_hashtag/list/", access_token=access_token, params=params)
    return understood(answer, lambda data: reading.each(data, "results", lambda row: _counted(row, "hashtag")), "the list of hashtags")


def hashtag_posts_page(
    transport: Transport,
    *,
    access_token: Secret,
    business_id: str,
    hashtag: str | None = None,
    number_of_days: int | None = None,
    regions: Sequence[str] | None = None,
    sort_field: str | None = None,
    sort_order: str | None = None,
    cursor: int | None = None,
    max_count: int = 20,
) -> Answer[CursorPage[MentioningPost]]:
    """GET /business/mention/hashtag/video/list/: posts with a followed hashtag, or with any of them.

    TikTok names the direction `sort_order` here and `sort_type` elsewhere.
    """
    params = _listing(business_id, POST_FIELDS, number_of_days, regions, cursor, max_count) | {
        "hashtag": hashtag,
        "sort_field": sort_field,
        "sort_order": sort_order,
    }
    answer = transport.business_get("/business/mention/hashtag/video/list/", access_token=access_token, params=params)
    return cursor_page(answer, "videos", _post, noun="mention", named_by="item_id", asked=cursor)


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


def _listing(
    business_id: str, fields: Sequence[str], number_of_days: int | None, regions: Sequence[str] | None, cursor: int | None, max_count: int
) -> dict[str, Any]:
    return {
        "business_id": business_id,
        "fields": list(fields),
        "number_of_days": number_of_days,
        "regions": _list(regions),
        "cursor": cursor,
        "max_count": max_count,
    }


def _list(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else list(values)


def _followed(answer: Answer[Mapping[str, Any]]) -> Answer[tuple[FollowedHashtag, ...]]:
    return understood(answer, lambda data: reading.each(data, "hashtag_list", _followed_hashtag), "the list of hashtags")


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
