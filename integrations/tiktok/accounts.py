"""The Accounts API of TikTok for Business: an account's profile, its days, and its posts.

Owns which field belongs to which scope, and how answers become records.
Every function needs a TikTok-account token and that account's `business_id`, which is the `open_id` of the grant. Besides what it
names, each raises TokenExpired, ReconnectNeeded, NotGranted, Throttled, TryLater and AnswerLost.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import cursor_page, understood
from integrations.tiktok.records import AccountDayRecord, Audience, PostRecord, PostsPage, Profile
from integrations.tiktok.transport import Answer, Transport

PROFILE_FIELDS: dict[str, tuple[str, ...]] = {
    "user.info.basic": ("display_name", "profile_image"),
    "user.info.username": ("username",),
    "user.info.profile": ("profile_deep_link", "bio_description", "is_verified"),
    "user.info.stats": ("following_count", "followers_count", "total_likes", "videos_count"),
    "user.account.type": ("is_business_account",),
}
DAY_FIELDS: dict[str, tuple[str, ...]] = {
    "user.insights": (
        "video_views",
        "profile_views",
        "likes",
        "comments",
        "shares",
        "followers_count",
        "daily_total_followers",
        "daily_new_followers",
        "daily_lost_followers",
        "unique_video_views",
        "engaged_audience",
        "audience_activity",
    ),
}
AUDIENCE_FIELDS: dict[str, tuple[str, ...]] = {
    "user.insights": ("audience_ages", "audience_genders", "audience_countries", "audience_cities"),
}
POST_FIELDS: dict[str, tuple[str, ...]] = {
    "video.list": (
        "item_id",
        "create_time",
        "media_type",
        "is_ad",
        "caption",
        "share_url",
        "embed_url",
        "thumbnail_url",
        "video_duration",
        "video_views",
        "likes",
        "comments",
        "shares",
        "favorites",
        "reach",
    ),
    "video.insights": (
        "total_time_watched",
        "average_time_watched",
        "full_video_watched_rate",
        "impression_sources",
        "audience_countries",
        "audience_cities",
        "audience_genders",
        "audience_types",
        "video_view_retention",
        "engagement_likes",
        "new_followers",
        "profile_views",
        "website_clicks",
        "phone_number_clicks",
        "lead_submissions",
        "app_download_clicks",
        "email_clicks",
        "address_clicks",
    ),
}
ALWAYS_ASKED_OF_POSTS = ("item_id", "create_time")  # a post without them has no name and no place in time


def fields_for(scopes: Iterable[str], table: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The fields that these granted scopes open, each once, in the order of the table."""
    granted = frozenset(scopes)
    return tuple(dict.fromkeys(field for scope, fields in table.items() if scope in granted for field in fields))


def profile(transport: Transport, *, access_token: Secret, business_id: str, fields: Iterable[str]) -> Answer[Profile]:
    """GET /business/get/ without dates: who the account is, in real time. Counters are lifetime totals.

    A field whose scope is not granted is absent or answered with NotGranted; ask with `fields_for`. Raises NotUnderstood when a part is
    of the wrong kind, ValueError when no field is asked for.
    https://business-api.tiktok.com/portal/docs?id=1762228399168514
    """
    asked = list(fields)
    if not asked:
        raise ValueError("ask for at least one field of the profile")
    answer = transport.business_get("/business/get/", access_token=access_token, params={"business_id": business_id, "fields": asked})
    return understood(answer, _profile, "the profile")


def audience(transport: Transport, *, access_token: Secret, business_id: str, fields: Iterable[str]) -> Answer[Audience]:
    """GET /business/get/ without dates: who follows the account. Parts of one kind add up to one; all are absent below 100 followers.

    Raises NotUnderstood when a part is of the wrong kind, ValueError when no field is asked for.
    https://business-api.tiktok.com/portal/docs?id=1762228399168514
    """
    asked = list(fields)
    if not asked:
        raise ValueError("ask for at least one field of the audience")
    answer = transport.business_get("/business/get/", access_token=access_token, params={"business_id": business_id, "fields": asked})
    return understood(answer, _audience, "the audience")


def account_days(
    transport: Transport, *, access_token: Secret, business_id: str, start: date, end: date, fields: Iterable[str]
) -> Answer[tuple[AccountDayRecord, ...]]:
    """GET /business/get/ with dates: figures per UTC day, `start` and `end` included, at most 60 days back, 24 to 48 hours late.

    Days that TikTok left out are left out here. `unique_video_views` and `engaged_audience` exist for business accounts only,
    `audience_activity` from 100 followers on. Oldest day first. Raises NotUnderstood naming the day that is malformed, and then gives
    no day at all: a gap must be seen, not slipped over. ValueError when nothing is asked for or the dates are the wrong way round.
    https://business-api.tiktok.com/portal/docs?id=1762228399168514
    """
    asked = list(fields)
    if not asked or start > end:
        raise ValueError("ask for at least one field, and for a start that is not after the end")
    params = {"business_id": business_id, "start_date": start.isoformat(), "end_date": end.isoformat(), "fields": asked}
    answer = transport.business_get("/business/get/", access_token=access_token, params=params)
    days = understood(answer, lambda data: reading.each(data, "metrics", _day, noun="the day", named_by="date"), "the list of days")
    return Answer(tuple(sorted(days.value, key=lambda record: record.date)), answer.call)


def posts_page(
    transport: Transport,
    *,
    access_token: Secret,
    business_id: str,
    fields: Iterable[str],
    cursor: int | None = None,
    max_count: int = 20,
    item_ids: Sequence[str] | None = None,
) -> Answer[PostsPage]:
    """GET /business/video/list/: public posts of the account, newest first, up to 20 a page; with `item_ids`, up to 20 of them, only these.

    A post among `item_ids` that TikTok does not know any more is left out of the answer.

    `cursor` is a time in UTC milliseconds; posts older than it are returned. A page may be short while `has_more` is true.
    Counters are lifetime totals and stand still 365 days after publication; insights come 24 to 48 hours late, and what the record
    names is absent for posts without activity in the last seven days.

    One malformed post fails the page: NotUnderstood names it, and the caller keeps its cursor, so the posts beside it are read again
    later and none is lost unseen. The same when the cursor does not move on.
    """
    asked = list(dict.fromkeys((*ALWAYS_ASKED_OF_POSTS, *fields)))
    filters = {"video_ids": list(item_ids)} if item_ids is not None else None
    params = {"business_id": business_id, "fields": asked, "cursor": cursor, "max_count": max_count, "filters": filters}
    answer = transport.business_get("/business/video/list/", access_token=access_token, params=params)
    page = cursor_page(answer, "videos", _post, noun="post", named_by="item_id", asked=cursor).value
    return Answer(PostsPage(page.records, page.cursor, page.has_more), answer.call)


def _profile(data: Mapping[str, Any]) -> Profile:
    return Profile(
        display_name=reading.text(data, "display_name"),
        profile_image=reading.text(data, "profile_image"),
        username=reading.text(data, "username"),
        followers_count=reading.figure(data, "followers_count"),
        following_count=reading.figure(data, "following_count"),
        total_likes=reading.figure(data, "total_likes"),
        videos_count=reading.figure(data, "videos_count"),
        is_business_account=reading.yes_or_no(data, "is_business_account"),
        is_verified=reading.yes_or_no(data, "is_verified"),
        bio_description=reading.text(data, "bio_description"),
        profile_deep_link=reading.text(data, "profile_deep_link"),
    )


def _audience(data: Mapping[str, Any]) -> Audience:
    return Audience(
        ages=reading.shares(data, "audience_ages", "age"),
        genders=reading.shares(data, "audience_genders", "gender"),
        countries=reading.shares(data, "audience_countries", "country"),
        cities=reading.shares(data, "audience_cities", "city_name"),
    )


def _day(data: Mapping[str, Any]) -> AccountDayRecord:
    return AccountDayRecord(
        date=reading.day(data, "date"),
        video_views=reading.figure(data, "video_views"),
        profile_views=reading.figure(data, "profile_views"),
        likes=reading.figure(data, "likes"),
        comments=reading.figure(data, "comments"),
        shares=reading.figure(data, "shares"),
        followers_count=reading.figure(data, "followers_count"),
        daily_total_followers=reading.figure(data, "daily_total_followers"),
        daily_new_followers=reading.figure(data, "daily_new_followers"),
        daily_lost_followers=reading.figure(data, "daily_lost_followers"),
        unique_video_views=reading.figure(data, "unique_video_views"),
        engaged_audience=reading.figure(data, "engaged_audience"),
        audience_activity=reading.counts_by_hour(data, "audience_activity"),
    )


def _post(data: Mapping[str, Any]) -> PostRecord:
    return PostRecord(
        item_id=reading.identifier(data, "item_id"),
        created_at=reading.unix_time(data, "create_time"),
        media_type=reading.text(data, "media_type"),
        is_ad=reading.yes_or_no(data, "is_ad"),
        caption=reading.text(data, "caption"),
        share_url=reading.text(data, "share_url"),
        embed_url=reading.text(data, "embed_url"),
        thumbnail_url=reading.text(data, "thumbnail_url"),
        duration_seconds=reading.figure(data, "video_duration"),
        video_views=reading.figure(data, "video_views"),
        likes=reading.figure(data, "likes"),
        comments=reading.figure(data, "comments"),
        shares=reading.figure(data, "shares"),
        favorites=reading.figure(data, "favorites"),
        reach=reading.figure(data, "reach"),
        total_time_watched_seconds=reading.figure(data, "total_time_watched"),
        average_time_watched_seconds=reading.figure(data, "average_time_watched"),
        full_video_watched_rate=reading.figure(data, "full_video_watched_rate"),
        new_followers=reading.figure(data, "new_followers"),
        profile_views=reading.figure(data, "profile_views"),
        website_clicks=reading.figure(data, "website_clicks"),
        phone_number_clicks=reading.figure(data, "phone_number_clicks"),
        lead_submissions=reading.figure(data, "lead_submissions"),
        app_download_clicks=reading.figure(data, "app_download_clicks"),
        email_clicks=reading.figure(data, "email_clicks"),
        address_clicks=reading.figure(data, "address_clicks"),
        impression_sources=reading.shares(data, "impression_sources", "impression_source"),
        audience_countries=reading.shares(data, "audience_countries", "country"),
        audience_cities=reading.shares(data, "audience_cities", "city_name"),
        audience_genders=reading.shares(data, "audience_genders", "gender"),
        audience_types=reading.shares(data, "audience_types", "type"),
        video_view_retention=reading.counted_shares(data, "video_view_retention", "second"),
        engagement_likes=reading.counted_shares(data, "engagement_likes", "second"),
    )
