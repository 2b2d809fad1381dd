"""GET /business/get/: profile and daily insights of the account behind the token. Fields without their scope are left out."""

from typing import Any

from tiktok_sandbox import pictures
from tiktok_sandbox.answers import ADDRESS, COUNT, DATE, FLAG, TEXT, each, list_of, record, shares, some_of
from tiktok_sandbox.endpoints import Call, Endpoint
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param, bad
from tiktok_sandbox.readers import Day, Names, Text
from tiktok_sandbox.scopes import BASIC
from tiktok_sandbox.world import insights
from tiktok_sandbox.world.calendar import date_text, day_of, final_before
from tiktok_sandbox.world.cast import BUSINESS, PERSONAL, REGISTERED
from tiktok_sandbox.world.chance import draw
from tiktok_sandbox.world.feed import AccountDay

DAYS_BACK = 60
FOLLOWERS_FOR_AUDIENCE = 100

PROFILE_SCOPES = {
    "display_name": BASIC,
    "profile_image": BASIC,
    "username": "user.info.username",
    "profile_deep_link": "user.info.profile",
    "bio_description": "user.info.profile",
    "is_verified": "user.info.profile",
    "is_business_account": "user.account.type",
    "following_count": "user.info.stats",
    "followers_count": "user.info.stats",
    "total_likes": "user.info.stats",
    "videos_count": "user.info.stats",
}
AUDIENCE = ("audience_ages", "audience_genders", "audience_countries", "audience_cities")
EVERY_ACCOUNT = (
    "video_views", "profile_views", "likes", "comments", "shares", "followers_count", "daily_total_followers", "daily_new_followers",
    "daily_lost_followers", "audience_activity",
)  # fmt: skip
BUSINESS_ONLY = ("unique_video_views", "engaged_audience")
# Clicks for every 10,000 profile views.
REGISTERED_ONLY = {
    "phone_number_clicks": 35,
    "lead_submissions": 20,
    "app_download_clicks": 0,
    "bio_link_clicks": 410,
    "email_clicks": 60,
    "address_clicks": 25,
}
DAILY = frozenset((*EVERY_ACCOUNT, *BUSINESS_ONLY, *REGISTERED_ONLY))
FIELDS = frozenset((*PROFILE_SCOPES, *AUDIENCE, *DAILY))


def get(call: Call) -> dict[str, Any]:
    fields = call.values["fields"]
    today = day_of(call.now)
    start = today - 7 if call.values["start_date"] is None else call.values["start_date"]
    end = today - 1 if call.values["end_date"] is None else call.values["end_date"]
    if start > end:
        raise bad("start_date: it must not be later than end_date.")
    if start < today - DAYS_BACK:
        raise bad(f"start_date: at most {DAYS_BACK} days back, the earliest date is {date_text(today - DAYS_BACK)}.")
    if end > today:
        raise bad("end_date: it must not be in the future.")

    data = {name: _profile_value(call, name) for name in fields if name in PROFILE_SCOPES and call.has(PROFILE_SCOPES[name])}
    if call.has("user.insights"):
        data |= _audience(call, fields)
        daily = _daily_fields(call, fields)
        if daily:
            last = min(end, final_before(call.now) - 1)
            data["metrics"] = [_metrics(call, daily, number) for number in range(max(start, call.feed.first_day), last + 1)]
    return data


def _profile_value(call: Call, name: str) -> Any:
    feed, profile = call.feed, call.feed.profile
    match name:
        case "display_name":
            return profile.display_name
        case "profile_image":
            return pictures.address(call.base, call.desk.world, "avatar", profile.handle, call.now)
        case "username":
            return profile.handle
        case "profile_deep_link":
            return f"https://www.tiktok.com/@{profile.handle}"
        case "bio_description":
            return profile.bio
        case "is_verified":
            return profile.is_verified
        case "is_business_account":
            return profile.kind != PERSONAL
        case "following_count":
            return profile.following
        case "followers_count":
            return feed.followers_at(call.now)
        case "total_likes":
            return feed.totals_at(call.now).likes
        case _:
            return len(feed.posts_until(call.now))


def _audience(call: Call, fields: tuple[str, ...]) -> dict[str, Any]:
    wanted = [name for name in fields if name in AUDIENCE]
    if not wanted or call.feed.followers_at(call.now) < FOLLOWERS_FOR_AUDIENCE:
        return {}
    known = insights.audience(call.feed.profile, call.desk.world.seed, call.feed.profile.handle)
    return {name: known[name] for name in wanted}


def _daily_fields(call: Call, fields: tuple[str, ...]) -> list[str]:
    allowed = set(EVERY_ACCOUNT)
    if call.feed.profile.kind in {BUSINESS, REGISTERED}:
        allowed |= set(BUSINESS_ONLY)
    if call.feed.profile.kind == REGISTERED:
        allowed |= set(REGISTERED_ONLY)
    return [name for name in fields if name in allowed]


def _metrics(call: Call, fields: list[str], number: int) -> dict[str, Any]:
    row = call.feed.day(number)
    metrics: dict[str, Any] = {"date": row.date}
    for name in fields:
        if name == "audience_activity":
            if row.followers_count >= FOLLOWERS_FOR_AUDIENCE:
                metrics[name] = insights.hourly_activity(call.account.handle, call.desk.world.seed, number, row.followers_count)
        else:
            metrics[name] = _figure(call, row, name)
    return metrics


def _figure(call: Call, row: AccountDay, name: str) -> int:
    if name == "daily_total_followers":
        return row.followers_count
    if name in EVERY_ACCOUNT:
        value: int = getattr(row, name)
        return value
    chance = 900 + draw(call.desk.world.seed, call.account.handle, name, row.date) % 201
    if name in REGISTERED_ONLY:
        return row.profile_views * REGISTERED_ONLY[name] * chance // 10_000_000
    if name == "unique_video_views":
        return row.video_views * 81 * chance // 110_000
    return (row.likes + row.comments + row.shares) * 84 * chance // 110_000  # engaged_audience


ACTIVITY = list_of(record({"hour": TEXT, "count": COUNT}))
PROFILE = {
    **each(("display_name", "username", "bio_description"), TEXT),
    **each(("profile_image", "profile_deep_link"), ADDRESS),
    **each(("is_verified", "is_business_account"), FLAG),
    **each(("following_count", "followers_count", "total_likes", "videos_count"), COUNT),
    "audience_ages": shares("age"),
    "audience_genders": shares("gender"),
    "audience_countries": shares("country"),
    "audience_cities": shares("city_name"),
    "metrics": list_of(some_of({"date": DATE, **each(sorted(DAILY), COUNT), "audience_activity": ACTIVITY}, always=("date",))),
}

ENDPOINTS = (
    Endpoint(
        "/business/get/",
        "GET",
        get,
        (
            Param("business_id", Text(), required=True),
            Param("start_date", Day()),
            Param("end_date", Day()),
            Param("fields", Names(FIELDS), default=("display_name", "profile_image")),
        ),
        needs_token=True,
        scope=BASIC,
        limit=Limit.ACCOUNTS,
        evidence="T",
        gives=some_of(PROFILE),
    ),
)
