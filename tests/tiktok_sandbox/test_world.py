"""The invented world: the published sample, agreement of posts and days, and that nothing but seed and time decides."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from tests.tiktok_sandbox.driver import Driver, running
from tiktok_sandbox.world.calendar import DAY, LAG, day_of, final_before
from tiktok_sandbox.world.chance import split
from tiktok_sandbox.world.sample import fit
from tiktok_sandbox.world.world import World

MOMENT = int(datetime(2026, 5, 29, 9, 30, tzinfo=UTC).timestamp())
# Just before, on and after the moment at which a week becomes final, and a leap day, and a turn of the year with 53 weeks.
MOMENTS = (
    "2026-05-26T23:59:59Z",
    "2026-05-27T00:00:00Z",
    "2026-06-02T23:59:59Z",
    "2028-03-01T12:00:00Z",
    "2027-01-06T00:00:00Z",
    "2026-11-20T11:00:00Z",
)


def engagement(row: dict[str, int]) -> int:
    return row["likes"] + row["comments"] + row["shares"]


def week_of(sandbox: Driver, first: str) -> list[dict[str, int]]:
    """Seven account days, read as a client would."""
    last = date.fromisoformat(first) + timedelta(6)
    fields = ("video_views", "likes", "comments", "shares", "followers_count", "daily_new_followers", "daily_lost_followers")
    return sandbox.profile(*fields, start_date=first, end_date=last.isoformat())["metrics"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_last_final_week_is_the_published_sample(sandbox: Driver, moment: str) -> None:
    first = sandbox.control("reset", {"now": moment})["sample_week"]["first"]
    sandbox.grant()
    monday = datetime.fromisoformat(f"{first}T00:00:00+00:00")
    now = datetime.fromisoformat(moment)
    assert monday.weekday() == 0 and 9 * DAY <= (now - monday).total_seconds() < 16 * DAY

    days = week_of(sandbox, first)
    before = week_of(sandbox, (monday - timedelta(7)).date().isoformat())
    assert [len(days), len(before)] == [7, 7]
    views, views_before = sum(row["video_views"] for row in days), sum(row["video_views"] for row in before)
    assert (views, views_before) == (1_420_180, 1_196_445)
    rate, rate_before = (sum(map(engagement, rows)) / total for rows, total in ((days, views), (before, views_before)))
    assert (f"{rate:.1%}", f"{rate_before:.1%}", f"{(rate - rate_before) * 100:.1f}", f"{views / views_before - 1:.1%}") == (
        "5.7%",
        "5.3%",
        "0.4",
        "18.7%",
    )
    assert days[-1]["followers_count"] == 48_210 and days[-1]["followers_count"] - before[-1]["followers_count"] == 612
    assert sum(row["daily_new_followers"] - row["daily_lost_followers"] for row in days) == 612

    posts = sandbox.posts("create_time", "caption", "video_views", "likes", "comments", "shares", "full_video_watched_rate")
    posts = [post for post in posts if monday.timestamp() <= int(post["create_time"]) < monday.timestamp() + 7 * DAY]
    assert len(posts) == 11
    top = sorted(posts, key=lambda post: post["video_views"], reverse=True)[:3]
    shown = [
        (
            post["caption"],
            datetime.fromtimestamp(int(post["create_time"]), UTC).strftime("%A"),
            post["video_views"],
            f"{engagement(post) / post['video_views']:.1%}",
            f"{post['full_video_watched_rate']:.0%}",
        )
        for post in top
    ]
    assert shown == [
        ("Quick-cut color grading reel", "Friday", 412_800, "6.9%", "68%"),
        ("Hook test · split-screen tutorial", "Thursday", 208_100, "5.1%", "61%"),
        ("BTS · slow-mo product loop", "Tuesday", 186_400, "4.4%", "57%"),
    ]


def test_the_sample_holds_for_every_seed_and_weekday() -> None:
    for seed in range(20):
        for day in range(7):
            world = World.at(seed, MOMENT + day * DAY)
            rows = [world.feed("brassorbit3").day(world.anchor + place) for place in range(-7, 7)]
            assert [sum(row.video_views for row in rows[:7]), sum(row.video_views for row in rows[7:])] == [1_196_445, 1_420_180]
            assert sum(row.likes + row.comments + row.shares for row in rows[7:]) == 80_950
            assert all(value >= 0 for row in rows for value in row[1:])


def test_the_sample_stands_still_while_weeks_go_by(sandbox: Driver) -> None:
    week = sandbox.control("clock")["sample_week"]
    known = {post["item_id"]: post for post in sandbox.world("brassorbit3")["posts"] if week["first"] <= post["created_on"] <= week["last"]}
    others = {post["item_id"]: post["views"] for post in sandbox.world("brassorbit3")["posts"] if post["item_id"] not in known}
    sandbox.control("clock", {"seconds": 21 * DAY})
    assert sandbox.control("clock")["sample_week"] == week
    later = sandbox.world("brassorbit3")
    assert later["followers_count"] == 48_210
    for post in later["posts"]:
        if post["item_id"] in known:
            counters = ("views", "likes", "comments", "shares", "favorites", "reach", "full_video_watched_rate")
            assert {name: post[name] for name in counters} == {name: known[post["item_id"]][name] for name in counters}
    assert sum(post["views"] for post in later["posts"] if post["item_id"] in others) > sum(others.values())
    assert later["posts_total"] > len(known) + len(others)
    sandbox.grant()
    top = next(post for post in sandbox.posts("caption", "full_video_watched_rate") if post["caption"].startswith("Quick-cut"))
    assert top["full_video_watched_rate"] == 0.68


@pytest.mark.parametrize("handle", ["brassorbit3", "moontideco2", "velvetfoxlab", "grainandgold", "tinylens_mo"])
def test_account_days_are_the_sum_of_what_happened_to_the_posts(handle: str) -> None:
    feed = World.at(3, MOMENT).feed(handle)
    for day in range(final_before(MOMENT) - 30, final_before(MOMENT)):
        posts = feed.posts_until((day + 1) * DAY)
        row = feed.day(day)
        happened = [
            [late - early for late, early in zip(post.counters_at((day + 1) * DAY), post.counters_at(day * DAY), strict=True)]
            for post in posts
        ]
        assert [sum(column) for column in zip(*happened, strict=True)] == [
            row.video_views,
            row.likes,
            row.comments,
            row.shares,
            row.favorites,
        ]
        assert row.followers_count == feed.day(day - 1).followers_count + row.daily_new_followers - row.daily_lost_followers


def test_counters_never_go_down() -> None:
    world = World.at(5, MOMENT)
    for handle in world.handles():
        feed = world.feed(handle)
        for post in feed.posts_until(MOMENT):
            steps = [post.counters_at(post.created + hours * 3600) for hours in range(0, 24 * 40, 7)]
            assert steps[0] == (0, 0, 0, 0, 0)
            assert all(earlier <= later for before, after in pairwise(steps) for earlier, later in zip(before, after, strict=True))


def test_interactions_follow_the_views() -> None:
    for post in World.at(5, MOMENT).feed("brassorbit3").posts_until(MOMENT):
        counters = post.counters_at(post.created + 5 * 3600)
        part = counters.views / post.course.total
        for now, whole in zip(counters[1:], (post.likes, post.comments, post.shares, post.favorites), strict=True):
            assert whole * part - 1 <= now <= whole * part


def test_followers_come_in_over_the_day() -> None:
    feed = World.at(1, MOMENT).feed("moontideco2")
    for day in range(day_of(MOMENT) - 30, day_of(MOMENT)):
        start, noon, end = (feed.followers_at(day * DAY + part * DAY // 2) for part in range(3))
        assert noon == start + (end - start) // 2 and end == feed.day(day).followers_count


def test_no_two_posts_share_an_id_or_an_accounts_second() -> None:
    world = World(1, World.at(1, MOMENT).anchor, scaled_accounts=50, scaled_posts=60)
    ids: set[str] = set()
    for handle in world.handles():
        posts = world.feed(handle).posts_until(MOMENT)
        assert len({post.created for post in posts}) == len(posts)
        assert not ids & {post.item_id for post in posts}
        ids |= {post.item_id for post in posts}


def test_there_are_about_120_days_of_history(sandbox: Driver) -> None:
    for account in ("brassorbit3", "moontideco2", "velvetfoxlab"):
        days = sandbox.world(account)["days"]
        assert 120 <= len(days) <= 130 and all(row["video_views"] > 0 for row in days[7:])


def test_the_world_says_which_days_are_final(sandbox: Driver) -> None:
    sandbox.control("reset", {"now": "2026-05-27T09:00:00Z"})
    assert [(row["date"], row["final"]) for row in sandbox.world("brassorbit3")["days"][-4:]] == [
        ("2026-05-23", True), ("2026-05-24", True), ("2026-05-25", False), ("2026-05-26", False)
    ]  # fmt: skip


def test_the_endpoints_give_what_the_world_holds(sandbox: Driver) -> None:
    for account in ("brassorbit3", "moontideco2", "nd_filter"):
        truth = sandbox.world(account)
        sandbox.grant(account)
        names = (
            "video_views",
            "likes",
            "comments",
            "shares",
            "profile_views",
            "followers_count",
            "daily_new_followers",
            "daily_lost_followers",
        )
        final = [row for row in truth["days"] if row["final"]][-20:]
        rows = sandbox.profile(*names, start_date=final[0]["date"], end_date=final[-1]["date"])["metrics"]
        assert rows == [{name: row[name] for name in ("date", *names)} for row in final]
        fields = (
            "create_time",
            "caption",
            "reach",
            "full_video_watched_rate",
            "average_time_watched",
            "total_time_watched",
            "video_duration",
        )
        posts = {post["item_id"]: post for post in sandbox.posts(*fields, "video_views", "likes", "favorites")}
        assert posts.keys() == {post["item_id"] for post in truth["posts"]}
        for post in truth["posts"]:
            shown = posts[post["item_id"]]
            assert all(shown[name] == post[name] for name in fields[1:] if name in shown)
            assert post["create_time"] == int(shown["create_time"])
            assert 0 <= shown["video_views"] - post["views"] <= 100 and 0 <= shown["likes"] - post["likes"] <= 20


def test_the_same_seed_and_clock_give_the_same_data() -> None:
    at = "2026-08-14T10:00:00Z"
    answers = []
    for seed in ("7", "7", "8"):
        with running("--seed", seed) as sandbox:
            sandbox.control("reset", {"now": at})
            sandbox.grant("moontideco2")
            profile = sandbox.profile(
                "video_views", "likes", "followers_count", "audience_cities", "unique_video_views", "audience_activity"
            )
            profile.pop("followers_count")
            posts = sandbox.posts("caption", "create_time", "reach", "full_video_watched_rate", "impression_sources", "video_duration")
            answers.append(json.dumps([profile, posts]))
    assert answers[0] == answers[1] != answers[2]


def test_closed_days_do_not_change_when_they_are_asked_for_later_or_first() -> None:
    early, late = World.at(1, MOMENT), World.at(1, MOMENT)
    late.feed("moontideco2").posts_until(MOMENT + 200 * DAY)
    for day in range(day_of(MOMENT) - 40, day_of(MOMENT)):
        assert early.feed("moontideco2").day(day) == late.feed("moontideco2").day(day)


def test_the_anchor_week_ends_at_least_48_hours_before() -> None:
    for hours in range(24 * 15):
        moment = MOMENT + hours * 3600
        end = (World.at(1, moment).anchor + 7) * DAY
        assert end + LAG <= moment < end + LAG + 7 * DAY


def test_parts_add_up_to_what_was_split() -> None:
    assert split(10, [1, 1, 1]) == [3, 3, 4]
    assert split(0, [5, 0]) == [0, 0] and sum(split(999_983, [3, 0, 7, 11])) == 999_983


def test_fitting_keeps_both_sums_and_says_when_it_cannot() -> None:
    rows, columns = [700, 300, 55], [500, 455, 100]
    cells = fit(rows, columns, [[5, 3, 1], [0, 5, 2], [0, 0, 1]])
    assert [sum(row) for row in cells] == rows and [sum(column) for column in zip(*cells, strict=True)] == columns
    assert cells[1][0] == cells[2][0] == cells[2][1] == 0
    with pytest.raises(ArithmeticError):
        fit([10, 90], [90, 10], [[1, 1], [0, 1]])


def test_numbered_accounts_come_with_scale(sandbox: Driver) -> None:
    assert sandbox.control("scale", {"accounts": 300, "posts": 30}) == {"accounts": 300, "posts": 30, "ads": 0}
    world = sandbox.control("world", offset=7, limit=3)
    assert [account["handle"] for account in world["accounts"]] == ["creator00001", "creator00002", "creator00003"]
    assert all(25 <= account["posts_total"] <= 50 for account in world["accounts"]) and world["accounts_total"] == 307
    sandbox.grant("creator00300")
    assert len(sandbox.posts()) == sandbox.world("creator00300")["posts_total"]
    sandbox.control("scale", {"accounts": 10})
    assert sandbox.get("/business/get/")["code"] == 40105
