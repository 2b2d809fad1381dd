"""The Mentions API: videos and comments elsewhere that name the account, and the words and hashtags in them."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tiktok_sandbox import pictures
from tiktok_sandbox.answers import (
    ADDRESS,
    COUNT,
    ID,
    NOTHING,
    SECONDS_TEXT,
    TEXT,
    Schema,
    each,
    list_of,
    page_of_cursor,
    record,
    some_of,
)
from tiktok_sandbox.endpoints import Call, Endpoint
from tiktok_sandbox.envelope import NOT_FOUND, ApiError
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param
from tiktok_sandbox.readers import Choice, Id, ListOf, Names, Text, Whole
from tiktok_sandbox.world.calendar import DAY, day_of
from tiktok_sandbox.world.chance import draw
from tiktok_sandbox.world.mentions import MentionComment, MentionVideo, comments_on, videos_on

Mention = TypeVar("Mention", MentionVideo, MentionComment)

LONGEST_LOOK = 90

TOP = 1_000

READABLE_FOR = 51 * 3600  # 48 hours from the event, which comes up to three hours late

VIDEO_FIELDS = (
    "item_id", "create_time", "video_link", "caption", "likes", "comments", "shares", "views", "reach", "thumbnail_url",
    "creator_handle_name",
)  # fmt: skip

COMMENT_FIELDS = (
    "comment_id", "comment_type", "comment_text", "comment_create_time", "comment_likes", "commenter_display_name", "item_id", "video_link",
    "caption", "video_likes", "thumbnail_url",
)  # fmt: skip


def videos_since(call: Call, days: int) -> list[MentionVideo]:
    """Every mention of so many days back, oldest first."""
    today, profile, seed = day_of(call.now), call.feed.profile, call.desk.world.seed
    found = [one for day in range(today - days, today + 1) for one in videos_on(seed, profile, day)]
    return [one for one in found if call.now - days * DAY <= one.created <= call.now]


def comments_since(call: Call, days: int) -> list[MentionComment]:
    today, profile, seed = day_of(call.now), call.feed.profile, call.desk.world.seed
    found = [one for day in range(today - days, today + 1) for one in comments_on(seed, profile, day)]
    return [one for one in found if call.now - days * DAY <= one.created <= call.now]


def video_list(call: Call) -> dict[str, Any]:
    return videos_page(call, in_regions(call, videos_since(call, call.values["number_of_days"])), "sort_type")


def videos_page(call: Call, found: list[MentionVideo], order: str) -> dict[str, Any]:
    keys: dict[str, Callable[[MentionVideo], int]] = {
        "CREATE_TIME": lambda one: one.created,
        "LIKES": lambda one: one.counters_at(call.now).likes,
        "COMMENTS": lambda one: one.counters_at(call.now).comments,
        "SHARES": lambda one: one.counters_at(call.now).shares,
    }
    key = keys[call.values["sort_field"]]
    found = sorted(found, key=lambda one: (key(one), one.item_id), reverse=call.values[order] == "DESC")
    page, cursor, has_more = _page(call, found[:TOP])
    return {"videos": [_video(call, one) for one in page], "cursor": cursor, "has_more": has_more}


def video_get(call: Call) -> dict[str, Any]:
    found = [one for one in videos_since(call, 3) if one.item_id == call.values["item_id"] and one.created > call.now - READABLE_FOR]
    if not found:
        raise ApiError(NOT_FOUND, "The video does not mention this account, or not within the last 48 hours.")
    return {"video": [_video(call, found[0])]}


def comment_list(call: Call) -> dict[str, Any]:
    keys: dict[str, Callable[[MentionComment], int]] = {
        "VIDEO_LIKES": lambda one: one.video.counters_at(call.now).likes,
        "COMMENT_CREATE_TIME": lambda one: one.created,
        "COMMENT_LIKES": lambda one: one.likes,
    }
    key = keys[call.values["sort_field"]]
    found = in_regions(call, comments_since(call, call.values["number_of_days"]))
    found = sorted(found, key=lambda one: (key(one), one.comment_id), reverse=call.values["sort_type"] == "DESC")
    page, cursor, has_more = _page(call, found[:TOP])
    return {"comments": [_comment(call, one, "commenter_display_name") for one in page], "cursor": cursor, "has_more": has_more}


def comment_get(call: Call) -> dict[str, Any]:
    wanted = call.values["comment_id"], call.values["item_id"]
    found = [
        one for one in comments_since(call, 3) if (one.comment_id, one.video.item_id) == wanted and one.created > call.now - READABLE_FOR
    ]
    if not found:
        raise ApiError(NOT_FOUND, "The comment does not mention this account, or not within the last 48 hours.")
    return {"comment": _comment(call, found[0], "commenter_handle_name")}


def top_words(call: Call) -> dict[str, Any]:
    counted: Counter[str] = Counter()
    for one in in_regions(call, videos_since(call, 30)):
        counted.update(word for word in one.post.caption.lower().split() if word.isalpha() and len(word) > 3)
    return {"results": [{"word": word, "count": count} for word, count in ranked(counted)]}


def top_hashtags(call: Call) -> dict[str, Any]:
    counted = Counter(tag[1:] for one in in_regions(call, videos_since(call, 30)) for tag in one.tags)
    return {"results": [{"hashtag": tag, "count": count} for tag, count in ranked(counted)]}


def ranked(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:50]


def in_regions(call: Call, found: list[Mention]) -> list[Mention]:
    regions = call.values["regions"]
    return [one for one in found if one.author.region in regions] if regions else found


def _page(call: Call, found: Sequence[Any]) -> tuple[Sequence[Any], int, bool]:
    start = call.values["cursor"]
    page = found[start : start + call.values["max_count"]]
    return page, start + len(page), start + len(page) < len(found)


def _video(call: Call, one: MentionVideo) -> dict[str, Any]:
    counters = one.counters_at(call.now)
    row = {
        "item_id": one.item_id,
        "create_time": str(one.created),
        "video_link": f"https://www.tiktok.com/@{one.author.handle}/video/{one.item_id}",
        "caption": one.post.caption,
        "likes": counters.likes,
        "comments": counters.comments,
        "shares": counters.shares,
        "views": counters.views,
        "reach": counters.views * one.post.reach_rate // 10_000,
        "thumbnail_url": pictures.address(call.base, call.desk.world, "cover", one.item_id, call.now),
        "creator_handle_name": one.author.handle,
    }
    return {name: row[name] for name in ("item_id", *call.values["fields"])}


def _comment(call: Call, one: MentionComment, author: str) -> dict[str, Any]:
    row = {
        "comment_id": one.comment_id,
        "comment_type": "COMMENT",
        "comment_text": one.text,
        "comment_create_time": str(one.created),
        "comment_likes": one.likes,
        "commenter_display_name": one.author.display_name,
        "commenter_handle_name": one.author.handle,
        "item_id": one.video.item_id,
        "video_link": f"https://www.tiktok.com/@{one.video.author.handle}/video/{one.video.item_id}",
        "caption": one.video.post.caption,
        "video_likes": one.video.counters_at(call.now).likes,
        "thumbnail_url": pictures.address(call.base, call.desk.world, "cover", one.video.item_id, call.now),
    }
    names = [author if name == "commenter_display_name" else name for name in ("comment_id", *call.values["fields"])]
    return {name: row[name] for name in names}


def mention_event(call: Call, one: MentionVideo | MentionComment, kind: str) -> dict[str, Any]:
    """The content of the event about one mention."""
    video = one if isinstance(one, MentionVideo) else one.video
    return {
        "type_of_event": kind,
        "mention_type": "VIDEO_MENTION" if isinstance(one, MentionVideo) else "COMMENT",
        "video_id": int(video.item_id),
        "video_create_time": video.created,
        "open_id_of_mentioned_user": call.account.open_id,
        "unique_name_of_mentioned_user": call.account.handle,
        "unique_identifier": f"u_{draw(call.desk.world.seed, 'owner', call.account.handle):016x}",
        "share_url": f"https://www.tiktok.com/@{video.author.handle}/video/{video.item_id}",
        "video_caption": video.post.caption,
        "comment_id": "0" if isinstance(one, MentionVideo) else one.comment_id,
    }


OWNER = Param("business_id", Text(), required=True)

SORTS = ("CREATE_TIME", "LIKES", "COMMENTS", "SHARES")

ORDERS = Choice(("ASC", "DESC"))

FIELDS = Param("fields", Names(frozenset(VIDEO_FIELDS)), default=VIDEO_FIELDS)

COMMENTED = Param("fields", Names(frozenset(COMMENT_FIELDS)), default=COMMENT_FIELDS)

REGIONS = Param("regions", ListOf(Text(2), 50, least=0), default=())

PAGING = (
    Param("number_of_days", Whole(1, LONGEST_LOOK), default=30),
    REGIONS,
    Param("cursor", Whole(0, 2**31), default=0),
    Param("max_count", Whole(1, 20), default=10),
)

VIDEO = some_of(
    {
        "item_id": ID,
        "create_time": SECONDS_TEXT,
        **each(("video_link", "thumbnail_url"), ADDRESS),
        **each(("caption", "creator_handle_name"), TEXT),
        **each(("likes", "comments", "shares", "views", "reach"), COUNT),
    },
    always=("item_id",),
)

COMMENT = some_of(
    {
        **each(("comment_id", "item_id"), ID),
        **each(("comment_type", "comment_text", "commenter_display_name", "commenter_handle_name", "caption"), TEXT),
        "comment_create_time": SECONDS_TEXT,
        **each(("comment_likes", "video_likes"), COUNT),
        **each(("video_link", "thumbnail_url"), ADDRESS),
    },
    always=("comment_id",),
)

VIDEOS, COMMENTS = page_of_cursor("videos", VIDEO), page_of_cursor("comments", COMMENT)


def _counted(label: str) -> Schema:
    return record({"results": list_of(record({label: TEXT, "count": COUNT}))})


def endpoint(path: str, method: str, handler: Any, *params: Param, gives: Schema = NOTHING, refuses: tuple[int, ...] = ()) -> Endpoint:
    return Endpoint(
        f"/business/mention{path}",
        method,
        handler,
        (OWNER, *params),
        needs_token=True,
        scope="biz.brand.insights",
        limit=Limit.MENTIONS,
        evidence="C",
        gives=gives,
        refuses=refuses,
    )


ENDPOINTS = (
    endpoint(
        "/video/list/",
        "GET",
        video_list,
        FIELDS,
        Param("sort_field", Choice(SORTS), default="CREATE_TIME"),
        Param("sort_type", ORDERS, default="DESC"),
        *PAGING,
        gives=VIDEOS,
    ),
    endpoint(
        "/video/get/",
        "GET",
        video_get,
        Param("item_id", Id(), required=True),
        FIELDS,
        gives=record({"video": list_of(VIDEO)}),
        refuses=(NOT_FOUND,),
    ),
    endpoint(
        "/comment/list/",
        "GET",
        comment_list,
        COMMENTED,
        Param("sort_field", Choice(("VIDEO_LIKES", "COMMENT_CREATE_TIME", "COMMENT_LIKES")), default="COMMENT_CREATE_TIME"),
        Param("sort_type", ORDERS, default="DESC"),
        *PAGING,
        gives=COMMENTS,
    ),
    endpoint(
        "/comment/get/",
        "GET",
        comment_get,
        Param("comment_id", Id(), required=True),
        Param("item_id", Id(), required=True),
        COMMENTED,
        gives=record({"comment": COMMENT}),
        refuses=(NOT_FOUND,),
    ),
    endpoint("/top_word/list/", "GET", top_words, REGIONS, gives=_counted("word")),
    endpoint("/top_hashtag/list/", "GET", top_hashtags, REGIONS, gives=_counted("hashtag")),
)
