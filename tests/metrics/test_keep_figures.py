"""Keeping what TikTok told us: in bulk, idempotently, and without being stopped by anything that an answer can hold."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from agency import scope
from integrations.tiktok.records import AccountDayRecord, PostRecord, Profile
from metrics import store
from metrics.models import Account, AccountDay, Post, PostSnapshot
from tests.metrics.planting import a_call, plant_account
from tests.people import Cast

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))

NOON = datetime(2026, 5, 25, 12, 10, tzinfo=UTC)
DAY = date(2026, 5, 22)


@pytest.fixture
def account(cast: Cast) -> Any:
    with scope.inside(cast.brass.pk):
        yield plant_account(cast.admin, "brassorbit3")


def a_day(day: date = DAY, **figures: Any) -> AccountDayRecord:
    blank = {f.name: None for f in fields(AccountDayRecord)}
    return AccountDayRecord(**(blank | {"date": day} | figures))


def a_post(item_id: str = "7500000000000000101", **values: Any) -> PostRecord:
    blank = {f.name: None for f in fields(PostRecord)}
    return PostRecord(**(blank | {"item_id": item_id, "created_at": NOON - timedelta(days=2), "video_views": 10} | values))


def keep_days(account: Account, *days: AccountDayRecord, now: datetime = NOON) -> int:
    return store.keep_days(account, days, call_id=a_call(account).pk, now=now)


def keep_posts(account: Account, *posts: PostRecord, now: datetime = NOON) -> None:
    store.keep_posts(account, posts, call_id=a_call(account).pk, now=now)


def test_the_same_days_kept_twice_change_nothing(account: Account) -> None:
    days = [a_day(DAY + timedelta(days=n), video_views=n, likes=1) for n in range(60)]
    assert keep_days(account, *days) == 60
    before = list(AccountDay.objects.order_by("date").values())
    assert keep_days(account, *days, now=NOON + timedelta(hours=1)) == 0
    assert list(AccountDay.objects.order_by("date").values()) == before


def test_only_a_correction_overwrites_a_day_and_says_when(account: Account) -> None:
    later = NOON + timedelta(hours=5)
    keep_days(account, a_day(video_views=10), a_day(DAY + timedelta(days=1), video_views=20))
    assert keep_days(account, a_day(video_views=11), a_day(DAY + timedelta(days=1), video_views=20), now=later) == 1
    corrected, same = AccountDay.objects.order_by("date")
    assert (corrected.video_views, corrected.changed_at, corrected.first_seen_at) == (11, later, NOON)
    assert (same.video_views, same.changed_at) == (20, NOON)
    assert corrected.call_id != same.call_id


def test_a_figure_that_came_late_and_one_that_went_are_corrections_too(account: Account) -> None:
    later = NOON + timedelta(hours=5)
    keep_days(account, a_day(video_views=None, likes=4))
    keep_days(account, a_day(video_views=7, likes=None), now=later)
    day = AccountDay.objects.get()
    assert (day.video_views, day.likes, day.changed_at) == (7, None, later)


def test_what_tiktok_left_out_stays_unknown_and_zero_stays_zero(account: Account) -> None:
    keep_days(account, a_day(video_views=0))
    keep_posts(account, a_post(video_views=None, likes=0))
    store.keep_profile(account, Profile(**{f.name: None for f in fields(Profile)}), call_id=1, now=NOON)
    day, post = AccountDay.objects.get(), Post.objects.get()
    account.refresh_from_db()
    assert (day.video_views, day.likes, day.followers_count, day.new_followers) == (0, None, None, None)
    assert (post.views, post.likes, post.reach, post.watch_through_rate) == (None, 0, None, None)
    assert account.followers_count is None


def test_the_daily_total_of_followers_stands_in_for_the_count(account: Account) -> None:
    keep_days(account, a_day(daily_total_followers=48_210), a_day(DAY + timedelta(days=1), followers_count=0, daily_total_followers=5))
    assert list(AccountDay.objects.order_by("date").values_list("followers_count", flat=True)) == [48_210, 0]


def test_a_post_that_stands_twice_on_a_page_is_kept_once_as_last_read(account: Account) -> None:
    keep_posts(account, a_post(video_views=10), a_post("2"), a_post(video_views=12))
    assert dict(Post.objects.values_list("tiktok_item_id", "views")) == {"7500000000000000101": 12, "2": 10}
    assert PostSnapshot.objects.count() == 2


def test_a_day_that_stands_twice_in_an_answer_is_kept_once_as_last_read(account: Account) -> None:
    assert keep_days(account, a_day(video_views=1), a_day(video_views=2)) == 1
    assert AccountDay.objects.get().video_views == 2


def test_a_post_gets_one_snapshot_an_hour_and_no_snapshot_ever_changes(account: Account) -> None:
    for minutes, views in ((0, 10), (40, 11), (49, 12), (50, 13), (110, 14)):
        keep_posts(account, a_post(video_views=views), now=NOON + timedelta(minutes=minutes))
    shots = PostSnapshot.objects.order_by("hour").values_list("hour", "views", "taken_at")
    hour = NOON.replace(minute=0)
    assert list(shots) == [
        (hour, 10, NOON),
        (hour + timedelta(hours=1), 13, NOON + timedelta(minutes=50)),
        (hour + timedelta(hours=2), 14, NOON + timedelta(minutes=110)),
    ]
    assert Post.objects.get().views == 14


def test_insights_of_a_quiet_post_keep_their_last_known_value_and_counters_do_not(account: Account) -> None:
    keep_posts(account, a_post(reach=9, full_video_watched_rate=0.61, average_time_watched_seconds=12.5, likes=3))
    keep_posts(account, a_post(video_views=11))
    post = Post.objects.get()
    assert (post.reach, post.watch_through_rate, post.average_watched_seconds) == (9, 0.61, 12.5)
    assert (post.views, post.likes) == (11, None)


def test_whole_numbers_and_fractions_may_stand_side_by_side(account: Account) -> None:
    keep_posts(
        account,
        a_post("1", duration_seconds=44, full_video_watched_rate=1, average_time_watched_seconds=0),
        a_post("2", duration_seconds=17.267, full_video_watched_rate=0.68, average_time_watched_seconds=3.5, video_views=12.0),
        a_post("3", duration_seconds=None),
    )
    keep_days(account, a_day(video_views=3.0, likes=2), a_day(DAY + timedelta(days=1), video_views=2**40))
    assert list(Post.objects.order_by("tiktok_item_id").values_list("duration_seconds", "views")) == [(44.0, 10), (17.267, 12), (None, 10)]
    assert list(AccountDay.objects.order_by("date").values_list("video_views", flat=True)) == [3, 2**40]


@pytest.mark.parametrize("impossible", [-1, 2**63, 10**29, 12.5, 1e300])
def test_a_count_that_no_count_can_be_is_unknown_and_stops_nothing(account: Account, impossible: float) -> None:
    keep_days(account, a_day(video_views=impossible, likes=5))
    keep_posts(account, a_post(video_views=impossible, likes=5))
    store.keep_profile(account, Profile(**({f.name: None for f in fields(Profile)} | {"followers_count": impossible})), call_id=1, now=NOON)
    account.refresh_from_db()
    assert (AccountDay.objects.get().video_views, AccountDay.objects.get().likes) == (None, 5)
    assert (Post.objects.get().views, Post.objects.get().likes) == (None, 5)
    assert account.followers_count is None


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a\x00b", "ab"),
        ("half a face \ud83d", "half a face "),
        ("<script>alert(1)</script>'; DROP TABLE metrics_post; --", "<script>alert(1)</script>'; DROP TABLE metrics_post; --"),
        ("\u202egnp.exe\u2066", "\u202egnp.exe\u2066"),
        ("👩‍🎤" * 440, "👩‍🎤" * 440),  # 2,200 UTF-16 units
        ("", ""),
        (None, ""),
    ],
)
def test_a_caption_is_kept_as_far_as_it_is_text(account: Account, sent: str | None, kept: str) -> None:
    keep_posts(account, a_post(caption=sent))
    assert Post.objects.get().caption == kept


def test_ids_beyond_what_a_float_holds_stay_apart(account: Account) -> None:
    first, second = str(2**53 + 1), str(2**53 + 2)
    assert float(first) == float(str(2**53)), "these two are the same as floats"
    keep_posts(account, a_post(str(2**53)), a_post(first), a_post(second), a_post("7654321098765432109"))
    assert set(Post.objects.values_list("tiktok_item_id", flat=True)) == {str(2**53), first, second, "7654321098765432109"}


def test_long_addresses_and_strange_kinds_are_cut(account: Account) -> None:
    keep_posts(account, a_post(share_url="https://www.tiktok.com/" + "x" * 900, media_type="SOMETHING ELSE"))
    post = Post.objects.get()
    assert (len(post.share_url), post.media_type) == (600, "SOMETHIN")


def test_an_account_without_days_or_posts_is_kept_as_that(account: Account) -> None:
    assert keep_days(account) == 0
    keep_posts(account)
    assert not Post.objects.exists()
    assert not AccountDay.objects.exists()


def test_the_same_post_in_two_workspaces_is_two_rows(cast: Cast) -> None:
    for workspace, admin in ((cast.brass, cast.admin), (cast.moon, cast.moon_admin)):
        with scope.inside(workspace.pk):
            keep_posts(plant_account(admin, "brassorbit3"), a_post())
            assert Post.objects.count() == 1
