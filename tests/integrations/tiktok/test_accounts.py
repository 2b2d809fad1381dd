"""Profile, days and posts of an account: what is asked for, and how TikTok's answers become records."""

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

import pytest

from agency.secret import Secret
from integrations.tiktok.accounts import DAY_FIELDS, POST_FIELDS, PROFILE_FIELDS, account_days, fields_for, posts_page, profile
from integrations.tiktok.errors import NotGranted, NotUnderstood, ReconnectNeeded, TokenExpired
from integrations.tiktok.records import AccountDayRecord, PostRecord, PostsPage, Profile
from integrations.tiktok.transport import Transport
from tests.integrations.tiktok.loopback import REQUEST_ID, Loopback, envelope

TOKEN = Secret("act.1")
ME = "_000ExampleOpenId"
POST = {
    "item_id": "7500000000000000001",
    "create_time": "1767312000",
    "media_type": "VIDEO",
    "is_ad": False,
    "caption": "Spring trail #hiking",
    "share_url": "https://www.tiktok.com/@acme/video/7500000000000000001",
    "embed_url": "https://www.tiktok.com/player/v1/7500000000000000001",
    "thumbnail_url": "https://p16.example/t.jpeg",
    "video_duration": 21.733,
    "video_views": 5310,
    "likes": 190,
    "comments": 14,
    "shares": 9,
    "favorites": 22,
    "reach": 4702,
    "total_time_watched": 38211.4,
    "average_time_watched": 7.19,
    "full_video_watched_rate": 0.1834,
    "new_followers": 3,
    "profile_views": 12,
    "impression_sources": [{"impression_source": "For You", "percentage": 0.81}, {"impression_source": "Follow", "percentage": 0.1}],
    "audience_countries": [{"country": "DE", "percentage": 0.62}],
    "audience_types": [{"type": "NEW_VIEWER", "percentage": "-"}],
    "audience_cities": [{"city_name": "", "percentage": 0.1}, {"city_name": "São\u200bPaulo", "percentage": 0.2}],
    "video_view_retention": [{"second": "1", "percentage": 1}, {"second": "2", "percentage": 0.9}],
}


def ask_profile(transport: Transport, *names: str) -> Any:
    return profile(transport, access_token=TOKEN, business_id=ME, fields=names or ("display_name",))


def ask_days(transport: Transport, **changed: Any) -> Any:
    arguments = {"start": date(2026, 1, 5), "end": date(2026, 1, 11), "fields": ["likes"]}
    return account_days(transport, access_token=TOKEN, business_id=ME, **{**arguments, **changed})


def ask_posts(transport: Transport, **changed: Any) -> Any:
    return posts_page(transport, access_token=TOKEN, business_id=ME, **{"fields": ["likes"], **changed})


def page_of(*posts: Any, **changed: Any) -> Any:
    return envelope({"videos": list(posts), "cursor": 1767312000000, "has_more": False, **changed})


# What to ask for


def test_fields_follow_the_granted_scopes_in_the_order_of_the_table() -> None:
    granted = {"user.info.stats", "user.info.basic", "video.list"}
    expected = ("display_name", "profile_image", "following_count", "followers_count", "total_likes", "videos_count")
    assert fields_for(granted, PROFILE_FIELDS) == expected
    assert fields_for(["video.list"], POST_FIELDS) == POST_FIELDS["video.list"]
    assert fields_for(["comment.list"], POST_FIELDS) == ()
    assert fields_for([], DAY_FIELDS) == ()


def test_a_field_of_two_scopes_is_asked_for_once() -> None:
    assert fields_for(["a", "b"], {"a": ("x", "y"), "b": ("y", "z")}) == ("x", "y", "z")


RENAMED = {
    "create_time": "created_at",
    "video_duration": "duration_seconds",
    "total_time_watched": "total_time_watched_seconds",
    "average_time_watched": "average_time_watched_seconds",
}


@pytest.mark.parametrize(
    ("table", "record", "extra"),
    [(PROFILE_FIELDS, Profile, set()), (DAY_FIELDS, AccountDayRecord, {"date"}), (POST_FIELDS, PostRecord, set())],
)
def test_every_field_asked_for_has_a_place_in_the_record_and_the_other_way_round(table: Any, record: Any, extra: set[str]) -> None:
    asked = {RENAMED.get(name, name) for names in table.values() for name in names}
    assert asked | extra == {field.name for field in fields(record)}


# Profile


def test_a_profile_is_read_as_it_is(server: Loopback, transport: Transport) -> None:
    data = {"display_name": "Acme", "username": "acme", "profile_image": "https://p/x", "is_business_account": True, "is_verified": False}
    server.answer_with(envelope({**data, "followers_count": 12040, "following_count": 0, "total_likes": "7500000000000000001"}))
    answer = ask_profile(transport, "display_name", "followers_count")
    assert answer.value == Profile(
        display_name="Acme",
        profile_image="https://p/x",
        username="acme",
        followers_count=12040,
        following_count=0,
        total_likes=7500000000000000001,
        videos_count=None,
        is_business_account=True,
        is_verified=False,
        bio_description=None,
        profile_deep_link=None,
    )
    assert answer.call.request_id == REQUEST_ID
    request = server.received[0]
    assert (request.method, request.path) == ("GET", "/open_api/v1.3/business/get/")
    assert request.query == {"business_id": [ME], "fields": ['["display_name","followers_count"]']}
    assert request.headers["access-token"] == "act.1"


@pytest.mark.parametrize("absent", [None, "-", "", " - "])
def test_absent_is_not_zero(server: Loopback, transport: Transport, absent: Any) -> None:
    server.answer_with(envelope({"followers_count": absent, "following_count": 0, "total_likes": "0", "videos_count": 0.0}))
    read = ask_profile(transport).value
    assert read.followers_count is None
    assert (read.following_count, read.total_likes, read.videos_count) == (0, 0, 0)


@pytest.mark.parametrize("odd", [True, "many", "1,234", "0x1F", "١٢", "1_000", [], {}, "NaN", "Infinity", "--", "1e999"])
def test_a_figure_of_another_kind_is_not_guessed(server: Loopback, transport: Transport, odd: Any) -> None:
    server.answer_with(envelope({"followers_count": odd}))
    with pytest.raises(NotUnderstood, match="followers_count"):
        ask_profile(transport)


@pytest.mark.parametrize(
    ("name", "odd"),
    [("display_name", 7), ("username", ["a"]), ("is_verified", "true"), ("is_business_account", 1), ("bio_description", {})],
)
def test_a_part_of_another_kind_is_named(server: Loopback, transport: Transport, name: str, odd: Any) -> None:
    server.answer_with(envelope({name: odd}))
    with pytest.raises(NotUnderstood, match=name) as caught:
        ask_profile(transport)
    assert caught.value.request_id == REQUEST_ID


@pytest.mark.parametrize(
    ("code", "error_class"), [(40130, NotGranted), (40001, NotGranted), (40102, TokenExpired), (40105, ReconnectNeeded)]
)
def test_what_tiktok_refuses_is_passed_on(server: Loopback, transport: Transport, code: int, error_class: type[Exception]) -> None:
    server.answer_with(envelope(code=code))
    for ask in (ask_profile, ask_days, ask_posts):
        with pytest.raises(error_class):
            ask(transport)


def test_asking_for_nothing_is_our_mistake_before_any_call(server: Loopback, transport: Transport) -> None:
    with pytest.raises(ValueError, match="at least one field"):
        profile(transport, access_token=TOKEN, business_id=ME, fields=())
    with pytest.raises(ValueError, match="at least one field"):
        ask_days(transport, fields=())
    with pytest.raises(ValueError, match="start"):
        ask_days(transport, start=date(2026, 1, 12))
    assert server.received == []


# Days


def test_days_are_read_oldest_first_and_a_day_left_out_stays_out(server: Loopback, transport: Transport) -> None:
    late = {"date": "2026-01-10", "video_views": 5310, "likes": "190", "comments": 0, "shares": "-", "followers_count": 11980}
    early = {
        "date": "2026-01-08",
        "audience_activity": [{"hour": "0", "count": 130}, {"hour": "1", "count": None}, {"hour": 2, "count": "7"}],
    }
    server.answer_with(envelope({"followers_count": 12040, "metrics": [late, early]}))
    answer = ask_days(transport, fields=["likes", "followers_count"])
    first, second = answer.value
    assert (first.date, first.likes, first.audience_activity) == (date(2026, 1, 8), None, ((0, 130), (2, 7)))
    assert (second.date, second.video_views, second.likes, second.comments, second.shares) == (date(2026, 1, 10), 5310, 190, 0, None)
    assert second.followers_count == 11980
    assert server.received[0].query == {
        "business_id": [ME],
        "start_date": ["2026-01-05"],
        "end_date": ["2026-01-11"],
        "fields": ['["likes","followers_count"]'],
    }


@pytest.mark.parametrize("data", [{}, {"metrics": None}, {"metrics": []}])
def test_no_days_are_no_days(server: Loopback, transport: Transport, data: Any) -> None:
    server.answer_with(envelope(data))
    assert ask_days(transport).value == ()


@pytest.mark.parametrize(
    ("metrics", "named"),
    [
        ([{"date": "2026-01-08"}, {"date": "2026-01-09", "likes": "lots"}], r"the day 2026-01-09 \(likes\)"),
        ([{"likes": 1}], r"the day \(date\)"),
        ([{"date": "2026-02-30"}], r"the day 2026-02-30 \(date\)"),
        ([{"date": "20260108"}], r"the day 20260108 \(date\)"),
        ([{"date": "<script>"}], r"the day \(date\)"),
        ([{"date": "2026-01-08", "audience_activity": [{"hour": "x", "count": 1}]}], r"\(hour\)"),
        ([{"date": "2026-01-08", "audience_activity": [{"hour": "1", "count": 0.5}]}], r"\(audience_activity\)"),
        ("-", r"the list of days \(metrics\)"),
        ([["2026-01-08"]], r"the list of days \(metrics\)"),
    ],
)
def test_a_malformed_day_is_named_and_no_gap_slips_by(server: Loopback, transport: Transport, metrics: Any, named: str) -> None:
    server.answer_with(envelope({"metrics": metrics}))
    with pytest.raises(NotUnderstood, match=named):
        ask_days(transport)


# Posts


def test_a_page_of_posts_is_read_with_its_place_to_go_on(server: Loopback, transport: Transport) -> None:
    server.answer_with(page_of(POST, has_more=True))
    answer = ask_posts(transport, fields=fields_for(["video.list"], POST_FIELDS), cursor=1767400000000)
    page = answer.value
    assert (page.cursor, page.has_more) == (1767312000000, True)
    (post,) = page.posts
    assert (post.item_id, post.created_at) == ("7500000000000000001", datetime(2026, 1, 2, tzinfo=UTC))
    assert (post.duration_seconds, post.total_time_watched_seconds, post.full_video_watched_rate) == (21.733, 38211.4, 0.1834)
    assert (post.video_views, post.likes, post.is_ad, post.media_type) == (5310, 190, False, "VIDEO")
    assert post.impression_sources == (("For You", 0.81), ("Follow", 0.1))
    assert post.audience_types == (("NEW_VIEWER", None),)
    assert post.audience_cities == (("", 0.1), ("São\u200bPaulo", 0.2))
    assert post.video_view_retention == ((1, 1), (2, 0.9))
    assert (post.website_clicks, post.audience_genders, post.engagement_likes) == (None, None, None)
    query = server.received[0].query
    assert (query["cursor"], query["max_count"]) == (["1767400000000"], ["20"])


def test_the_first_page_has_no_cursor_and_every_page_asks_for_the_name_and_the_time(server: Loopback, transport: Transport) -> None:
    server.answer_with(page_of())
    ask_posts(transport, fields=["likes", "item_id"], max_count=5)
    assert server.received[0].query == {"business_id": [ME], "fields": ['["item_id","create_time","likes"]'], "max_count": ["5"]}


def test_a_short_or_empty_page_can_have_more_behind_it(server: Loopback, transport: Transport) -> None:
    server.answer_with(page_of(has_more=True))
    assert ask_posts(transport).value == PostsPage((), 1767312000000, True)


@pytest.mark.parametrize(
    "data", [{"videos": None, "has_more": False}, {"has_more": False}, {"videos": [], "cursor": None, "has_more": False}]
)
def test_the_last_page_may_be_bare(server: Loopback, transport: Transport, data: Any) -> None:
    server.answer_with(envelope(data))
    assert ask_posts(transport).value == PostsPage((), None, False)


def test_a_post_with_its_name_and_time_alone_is_a_post_of_unknown_figures(server: Loopback, transport: Transport) -> None:
    server.answer_with(page_of({"item_id": 7500000000000000001, "create_time": 1767312000, "reach": "-"}))
    (post,) = ask_posts(transport).value.posts
    assert post.item_id == "7500000000000000001"
    known = {field.name for field in fields(PostRecord) if getattr(post, field.name) is not None}
    assert known == {"item_id", "created_at"}


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ({"likes": "lots"}, r"the post 7500000000000000002 \(likes\)"),
        ({"create_time": None}, r"the post 7500000000000000002 \(create_time\)"),
        ({"create_time": "yesterday"}, r"\(create_time\)"),
        ({"create_time": "99999999999999999999"}, r"\(create_time\)"),
        ({"create_time": 1767312000.5}, r"\(create_time\)"),
        ({"item_id": None}, r"the post \(item_id\)"),
        ({"item_id": 7.5e18}, r"\(item_id\)"),
        ({"item_id": "<b>"}, r"the post \(likes\)"),
        ({"caption": 5}, r"\(caption\)"),
        ({"impression_sources": {"For You": 0.8}}, r"\(impression_sources\)"),
        ({"impression_sources": [{"percentage": 0.8}]}, r"\(impression_source\)"),
        ({"video_view_retention": [{"second": "one", "percentage": 0.8}]}, r"\(second\)"),
    ],
)
def test_a_malformed_post_is_named_and_fails_its_page_aloud(server: Loopback, transport: Transport, broken: Any, named: str) -> None:
    odd = {"likes": "lots"} if broken.get("item_id") == "<b>" else {}
    server.answer_with(page_of(POST, {**POST, "item_id": "7500000000000000002", **broken, **odd}))
    with pytest.raises(NotUnderstood, match=named) as caught:
        ask_posts(transport)
    assert "lots" not in str(caught.value)
    assert caught.value.request_id == REQUEST_ID


@pytest.mark.parametrize(
    "changed",
    [
        {"has_more": None},
        {"has_more": "true"},
        {"has_more": True, "cursor": None},
        {"has_more": True, "cursor": 1767400000000},
        {"has_more": True, "cursor": "next"},
        {"has_more": True, "cursor": 1.5},
    ],
)
def test_a_list_that_cannot_be_continued_does_not_look_finished(server: Loopback, transport: Transport, changed: Any) -> None:
    server.answer_with(page_of(POST, **changed))
    with pytest.raises(NotUnderstood):
        ask_posts(transport, cursor=1767400000000)


def test_records_do_not_change() -> None:
    page = PostsPage((), None, False)
    with pytest.raises(AttributeError):
        page.has_more = True  # type: ignore[misc]
