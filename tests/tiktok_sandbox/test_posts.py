"""GET /business/video/list/: paging, filters, scopes per field, and which figures lag or end."""

import re

import pytest

from tests.tiktok_sandbox.driver import Driver

PATH = "/business/video/list/"
ALL_INSIGHTS = (
    "total_time_watched",
    "average_time_watched",
    "full_video_watched_rate",
    "impression_sources",
    "audience_countries",
    "audience_genders",
)


def test_by_default_ten_ids_come_newest_first(sandbox: Driver) -> None:
    sandbox.grant()
    data = sandbox.get(PATH)["data"]
    assert 8 <= len(data["videos"]) <= 10 and data["has_more"] is True
    assert all(video.keys() == {"item_id"} for video in data["videos"])
    ids = [int(video["item_id"]) for video in data["videos"]]
    assert ids == sorted(ids, reverse=True)


def test_pages_hold_every_post_once_although_some_come_short(sandbox: Driver) -> None:
    sandbox.grant()
    sizes, seen, query = [], [], {}
    while True:
        data = sandbox.get(PATH, max_count=20, fields=["item_id", "create_time"], **query)["data"]
        sizes.append(len(data["videos"]))
        seen += data["videos"]
        if not data["has_more"]:
            break
        assert data["cursor"] == int(data["videos"][-1]["create_time"]) * 1000
        query = {"cursor": data["cursor"]}
    assert any(size < 20 for size in sizes[:-1]) and min(sizes) >= 1
    truth = [post["item_id"] for post in sandbox.world("brassorbit3")["posts"]]
    assert [video["item_id"] for video in seen] == truth[::-1]


@pytest.mark.parametrize("max_count", [1, 2, 3])
def test_small_pages_lose_nothing_either(sandbox: Driver, max_count: int) -> None:
    sandbox.control("limits", {"enabled": False})
    sandbox.grant("tinylens_mo")
    truth = [post["item_id"] for post in sandbox.world("tinylens_mo")["posts"]]
    assert [post["item_id"] for post in sandbox.posts(max_count=max_count)] == truth[::-1]


def test_a_cursor_before_the_first_post_gives_an_empty_last_page(sandbox: Driver) -> None:
    sandbox.grant()
    assert sandbox.get(PATH, cursor=1)["data"] == {"videos": [], "cursor": 1, "has_more": False}


@pytest.mark.parametrize(
    "query",
    [
        {"max_count": 21},
        {"max_count": 0},
        {"max_count": "ten"},
        {"cursor": -1},
        {"cursor": 1.5},
        {"filters": []},
        {"filters": {"video_ids": "1"}},
        {"filters": {"video_ids": ["x"]}},
        {"filters": {"video_ids": [str(number) for number in range(21)]}},
        {"filters": {"ad_post_only": "yes"}},
    ],
)
def test_a_malformed_parameter_is_refused(sandbox: Driver, query: dict[str, object]) -> None:
    sandbox.grant()
    answer = sandbox.get(PATH, **query)
    assert answer["code"] == 40002 and next(iter(query)) in answer["message"]


def test_posts_can_be_asked_for_by_id_but_only_ones_own(sandbox: Driver) -> None:
    own = [post["item_id"] for post in sandbox.world("brassorbit3")["posts"][-20:]]
    foreign = sandbox.world("moontideco2")["posts"][-1]["item_id"]
    sandbox.grant()
    found = sandbox.posts(filters={"video_ids": [own[3], foreign, own[0]]})
    assert [post["item_id"] for post in found] == [own[3], own[0]]
    assert sandbox.posts(filters={"ad_post_only": True}) == []


def test_the_list_needs_its_scope_and_insights_need_another(sandbox: Driver) -> None:
    sandbox.grant(scopes=["user.info.basic", "video.insights"])
    assert sandbox.get(PATH)["code"] == 40130
    sandbox.grant(scopes=["video.list"])
    videos = sandbox.posts("video_views", "reach", *ALL_INSIGHTS, "video_view_retention", "new_followers")
    shown = set().union(*videos)
    assert shown == {"item_id", "video_views", "reach"}


def test_every_field_can_be_had_and_nothing_else(sandbox: Driver) -> None:
    live = "item_id create_time media_type is_ad caption thumbnail_url share_url embed_url video_duration"
    counters = "video_views likes comments shares favorites"
    insights = "reach audience_cities audience_types video_view_retention engagement_likes"
    clicks = "website_clicks phone_number_clicks lead_submissions app_download_clicks email_clicks address_clicks"
    fields = [*live.split(), *counters.split(), *insights.split(), *ALL_INSIGHTS, "new_followers", "profile_views", *clicks.split()]
    sandbox.grant()
    post = next(post for post in sandbox.posts(*fields) if post["caption"].startswith("Quick-cut"))
    assert post.keys() == set(fields)
    assert re.fullmatch(r"7\d{18}", post["item_id"]) and re.fullmatch(r"\d{10}", post["create_time"])
    assert post["share_url"] == f"https://www.tiktok.com/@brassorbit3/video/{post['item_id']}"
    assert post["video_view_retention"][-1]["percentage"] == post["full_video_watched_rate"] == 0.68
    assert sum(row["percentage"] for row in post["impression_sources"]) == pytest.approx(1)
    assert sandbox.http.get(post["thumbnail_url"]).content.startswith(b"\x89PNG")
    assert sandbox.get(PATH, fields=["made_up"])["code"] == 40002


def test_business_clicks_are_told_for_business_accounts_only(sandbox: Driver) -> None:
    sandbox.grant("velvetfoxlab")
    assert all("new_followers" not in post for post in sandbox.posts("new_followers"))


def test_counters_are_live_and_insights_lag(sandbox: Driver) -> None:
    sandbox.control("reset", {"now": "2026-05-27T12:00:00Z"})
    newest = sandbox.world("brassorbit3")["posts"][-1]
    sandbox.grant()
    post = sandbox.posts("video_views", "reach", *ALL_INSIGHTS)[0]
    assert post["item_id"] == newest["item_id"] and post["video_views"] > 0
    assert post.keys() == {"item_id", "video_views"}
    sandbox.control("clock", {"seconds": 4 * 86_400})
    sandbox.grant()
    later = next(one for one in sandbox.posts("video_views", "reach", *ALL_INSIGHTS) if one["item_id"] == newest["item_id"])
    assert later["video_views"] > post["video_views"] and later.keys() == {"item_id", "video_views", "reach", *ALL_INSIGHTS}
    assert later["total_time_watched"] < later["video_views"] * later["average_time_watched"]


def test_a_post_without_activity_for_a_week_loses_its_weekly_figures_but_not_its_counters(sandbox: Driver) -> None:
    sandbox.grant("velvetfoxlab")
    posts = sandbox.posts("video_views", "reach", "full_video_watched_rate", "video_view_retention")
    silent = [post for post in posts[8:] if "reach" not in post]
    assert silent and all(post.keys() == {"item_id", "video_views", "video_view_retention"} for post in silent)
    assert any("reach" in post and "full_video_watched_rate" in post for post in posts)


def test_a_photo_has_no_watch_figures(sandbox: Driver) -> None:
    sandbox.grant("moontideco2")
    watch = ("video_duration", "full_video_watched_rate", "average_time_watched", "total_time_watched", "video_view_retention")
    photos = [post for post in sandbox.posts("media_type", "share_url", "reach", *watch) if post["media_type"] == "PHOTO"]
    assert photos and all("/photo/" in post["share_url"] and not post.keys() & set(watch) for post in photos)
    assert any("reach" in post for post in photos)
    truth = {post["item_id"]: post for post in sandbox.world("moontideco2")["posts"]}
    assert all(truth[post["item_id"]][name] is None for post in photos for name in watch[:4])


def test_numbers_stop_after_365_days(sandbox: Driver) -> None:
    posts = sandbox.world("brassorbit3")["posts"]
    sandbox.control("clock", {"seconds": 366 * 86_400})
    sandbox.control("limits", {"enabled": False})
    year_old = {post["item_id"]: post["views"] for post in sandbox.world("brassorbit3")["posts"][: len(posts)]}
    sandbox.control("clock", {"seconds": 30 * 86_400})
    assert {post["item_id"]: post["views"] for post in sandbox.world("brassorbit3")["posts"][: len(posts)]} == year_old
    assert sum(year_old.values()) > sum(post["views"] for post in posts)
