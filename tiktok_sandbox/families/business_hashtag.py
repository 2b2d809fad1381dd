"""Hashtags that an account follows in the Mentions API: which it has, which it could have, and the videos that carry them."""

from collections import Counter
from typing import Any

from tiktok_sandbox.answers import (
    COUNT,
    DATE,
    FLAG,
    TEXT,
    each,
    list_of,
    record,
)
from tiktok_sandbox.endpoints import Call
from tiktok_sandbox.envelope import NO_PERMISSION, NOT_FOUND, ApiError
from tiktok_sandbox.families.business_mention import (
    FIELDS,
    ORDERS,
    PAGING,
    SORTS,
    VIDEO,
    endpoint,
    in_regions,
    ranked,
    videos_page,
    videos_since,
)
from tiktok_sandbox.params import Param, bad
from tiktok_sandbox.readers import Choice, ListOf, Text
from tiktok_sandbox.world.calendar import date_text, day_from_text, day_of

MOST_AT_ONCE, MOST_HASHTAGS, HELD_DAYS = 10, 50, 7


def hashtag_videos(call: Call) -> dict[str, Any]:
    held, wanted = set(_held(call)), call.values["hashtag"]
    matched = [wanted] if wanted in held else [] if wanted else sorted(held)
    found = [one for one in videos_since(call, call.values["number_of_days"]) if any(f"#{tag}" in one.tags for tag in matched)]
    return {**videos_page(call, in_regions(call, found), "sort_order"), "matched_hashtags": matched}


def verify_hashtags(call: Call) -> dict[str, Any]:
    _check_name(call)
    counted = Counter(tag[1:] for one in videos_since(call, 30) for tag in one.tags)
    rows = []
    for rank, (tag, count) in enumerate(ranked(counted), start=1):
        likes = sum(one.counters_at(call.now).likes for one in videos_since(call, 30) if f"#{tag}" in one.tags)
        rows.append({"hashtag": tag, "post_count": count, "like_count": likes, "mention_post_rank": rank})
    return {"hashtag_list": rows}


def add_hashtags(call: Call) -> dict[str, Any]:
    _check_name(call)
    held = _held(call)
    fresh = [tag for tag in call.values["hashtags"] if tag not in held]
    if len(held) + len(fresh) > MOST_HASHTAGS:
        raise bad(f"hashtags: at most {MOST_HASHTAGS} in all.")
    call.desk.writes.hashtags[call.account.handle] = {**held, **{tag: date_text(day_of(call.now)) for tag in fresh}}
    call.desk.writes.changed()
    return held_hashtags(call)


def held_hashtags(call: Call) -> dict[str, Any]:
    _check_name(call)
    return {"hashtag_list": [{"hashtag": tag, "create_date": day} for tag, day in _held(call).items()]}


def remove_hashtag(call: Call) -> dict[str, Any]:
    _check_name(call)
    held, tag = dict(_held(call)), call.values["hashtag"]
    if tag not in held:
        raise ApiError(NOT_FOUND, "The hashtag is not one of the account's.")
    if day_of(call.now) - day_from_text(held.pop(tag)) < HELD_DAYS:
        raise bad(f"hashtag: it must be kept for {HELD_DAYS} days.")
    call.desk.writes.hashtags[call.account.handle] = held
    call.desk.writes.changed()
    return {}


def _held(call: Call) -> dict[str, str]:
    return call.desk.writes.hashtags.get(call.account.handle, {})


def _check_name(call: Call) -> None:
    if call.values["username"] != call.account.handle:
        raise ApiError(NO_PERMISSION, "No permission to operate this account.")


NAME = Param("username", Text(64), required=True)

MATCHED = record({"videos": list_of(VIDEO), "cursor": COUNT, "has_more": FLAG, "matched_hashtags": list_of(TEXT)})

HELD = record({"hashtag_list": list_of(record({"hashtag": TEXT, "create_date": DATE}))})

RANKED = record({"hashtag_list": list_of(record({"hashtag": TEXT, **each(("post_count", "like_count", "mention_post_rank"), COUNT)}))})

ENDPOINTS = (
    endpoint(
        "/hashtag/video/list/",
        "GET",
        hashtag_videos,
        Param("hashtag", Text(200)),
        FIELDS,
        Param("sort_field", Choice(SORTS), default="CREATE_TIME"),
        Param("sort_order", ORDERS, default="DESC"),
        *PAGING,
        gives=MATCHED,
    ),
    endpoint("/hashtag/verify/list/", "GET", verify_hashtags, NAME, gives=RANKED),
    endpoint(
        "/hashtag/add/", "POST", add_hashtags, NAME, Param("hashtags", ListOf(Text(200), MOST_AT_ONCE, least=1), required=True), gives=HELD
    ),
    endpoint("/hashtag/manage/list/", "GET", held_hashtags, NAME, gives=HELD),
    endpoint("/hashtag/remove/", "POST", remove_hashtag, NAME, Param("hashtag", Text(200), required=True), refuses=(NOT_FOUND,)),
)
