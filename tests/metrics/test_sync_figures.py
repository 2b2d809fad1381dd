"""After a sync, what is stored equals what local TikTok knows, for every final day and every post."""

from typing import Any

import pytest

from agency import scope
from agency.models import Workspace
from integrations.models import Connection, SyncRun
from metrics.models import Account, AccountDay, Post
from tests.integrations.connecting import connect
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))

DAY_FIGURES = {
    "video_views": "video_views",
    "profile_views": "profile_views",
    "likes": "likes",
    "comments": "comments",
    "shares": "shares",
    "followers_count": "followers_count",
    "new_followers": "daily_new_followers",
    "lost_followers": "daily_lost_followers",
}
POST_FIGURES = ("likes", "comments", "shares", "favorites", "caption", "media_type")


def assert_equals_truth(workspace: Workspace, truth: dict[str, Any]) -> None:
    """Every final day of the last sixty, and every post; live counters may have moved while the test ran, but never beyond now."""
    with scope.inside(workspace.pk):
        account = Account.objects.get(connection__handle=truth["handle"])
        days = {d.date.isoformat(): d for d in account.days.all()}
        final = [d for d in truth["days"] if d["final"]]
        assert len(days) >= 57
        assert set(days) <= {d["date"] for d in final}
        assert set(days) >= {d["date"] for d in final[-57:]}
        for told in final:
            if told["date"] in days:
                kept = days[told["date"]]
                assert {k: getattr(kept, k) for k in DAY_FIGURES} == {k: told[v] for k, v in DAY_FIGURES.items()}, told["date"]
        posts = {p.tiktok_item_id: p for p in account.posts.all()}
        assert set(posts) == {p["item_id"] for p in truth["posts"]}
        for told in truth["posts"]:
            kept = posts[told["item_id"]]
            assert int(kept.created_at.timestamp()) == told["create_time"]
            assert kept.duration_seconds == told["video_duration"]
            if kept.views == told["views"]:  # a counter that ran on between the sync and the question is checked by its bound
                assert {k: getattr(kept, k) for k in POST_FIGURES} == {k: told[k] for k in POST_FIGURES}
            assert 0 <= told["views"] - kept.views <= max(200, told["views"] // 500), told["item_id"]
            if kept.watch_through_rate is not None:
                assert kept.watch_through_rate == told["full_video_watched_rate"]


@pytest.mark.parametrize("handle", ["brassorbit3", "moontideco2", "velvetfoxlab"])
def test_all_figures_of_an_account_equal_the_truth_and_go_on_doing_so(cast: Cast, tiktok: LocalTikTok, handle: str) -> None:
    connect(sign_in(cast.admin), tiktok, handle)
    work_off("sync")
    truth = tiktok.account(handle)
    assert len(truth["posts"]) > 20, "more than one page"
    assert_equals_truth(cast.brass, truth)
    for days in (1, 2, 4):
        tiktok.advance(days * 86_400)
        work_off("refresh", "sync")
        work_off("sync")
        assert_equals_truth(cast.brass, tiktok.account(handle))


def test_the_published_sample_arrives_to_the_unit(cast: Cast, tiktok: LocalTikTok) -> None:
    connect(sign_in(cast.admin), tiktok, "brassorbit3")
    work_off("sync")
    week = tiktok.http.get("/__control__/world", params={"account": "brassorbit3", "limit": 1}).json()["sample_week"]
    with scope.inside(cast.brass.pk):
        days = AccountDay.objects.filter(date__range=(week["first"], week["last"]))
        assert sum(d.video_views for d in days) == 1_420_180
        assert days.get(date=week["last"]).followers_count == 48_210
        assert Post.objects.filter(created_at__date__range=(week["first"], week["last"])).count() == 11


def test_a_second_sync_in_the_same_hour_adds_no_row(cast: Cast, tiktok: LocalTikTok) -> None:
    tiktok.control("reset", now="2026-05-27T09:00:00Z")  # an hour in which nobody posts: a new post would be a row, and rightly
    connect(sign_in(cast.admin), tiktok, "brassorbit3")
    work_off("sync")
    with scope.inside(cast.brass.pk):
        tables = (Account, AccountDay, Post)
        before = [list(t.objects.order_by("pk").values_list("pk", flat=True)) for t in tables]
        changed = set(AccountDay.objects.values_list("changed_at", flat=True))
    tiktok.advance(31 * 60)
    assert work_off("sync") == 1
    with scope.inside(cast.brass.pk):
        assert [list(t.objects.order_by("pk").values_list("pk", flat=True)) for t in tables] == before
        assert set(AccountDay.objects.values_list("changed_at", flat=True)) == changed


def test_every_figure_knows_the_answer_it_came_with(cast: Cast, tiktok: LocalTikTok) -> None:
    connect(sign_in(cast.admin), tiktok, "moontideco2")
    work_off("sync")
    with scope.inside(cast.brass.pk):
        assert set(AccountDay.objects.values_list("call__endpoint", flat=True)) == {"/business/get/"}
        assert set(Post.objects.values_list("call__endpoint", flat=True)) == {"/business/video/list/"}
        assert all(Post.objects.values_list("call__tiktok_request_id", flat=True))


def test_an_interrupted_run_goes_on_with_the_page_where_it_stopped(cast: Cast, tiktok: LocalTikTok) -> None:
    connect(sign_in(cast.admin), tiktok, "brassorbit3")
    tiktok.fault("*/business/video/list/", "status", value=500, times=None, skip=2)
    work_off("sync")
    with scope.inside(cast.brass.pk):
        run = SyncRun.objects.get(kind=SyncRun.Kind.POSTS)
        assert (run.state, run.cursor is not None) == (SyncRun.State.FAILED, True)
        kept = Post.objects.count()
        assert 0 < kept < len(tiktok.account("brassorbit3")["posts"])
    tiktok.http.request("DELETE", "/__control__/faults")
    asked = sum("/business/video/list/" in e["endpoint"] for e in tiktok.log())
    before = {p["item_id"] for p in tiktok.account("brassorbit3")["posts"]}
    tiktok.advance(3700)
    work_off("sync")
    with scope.inside(cast.brass.pk):
        found = set(Post.objects.values_list("tiktok_item_id", flat=True))
    there = {p["item_id"] for p in tiktok.account("brassorbit3")["posts"]}
    assert before & there <= found, "what was published in that hour is for the next look"
    pages = sum("/business/video/list/" in e["endpoint"] for e in tiktok.log()) - asked
    assert pages < -(-len(tiktok.account("brassorbit3")["posts"]) // 18), "the pages before were not asked for again"


def test_without_the_daily_scope_posts_come_and_days_are_skipped(cast: Cast, tiktok: LocalTikTok) -> None:
    connect(sign_in(cast.admin), tiktok, "brassorbit3", scopes=["user.info.basic", "video.list"])
    work_off("sync")
    with scope.inside(cast.brass.pk):
        assert not AccountDay.objects.exists()
        assert Post.objects.exists()
        assert not Post.objects.exclude(watch_through_rate=None).exists()
        account = Account.objects.get()
        assert (account.days_seen_at, account.followers_count) == (None, None)


def test_a_sync_after_the_disconnect_writes_nothing(cast: Cast, tiktok: LocalTikTok) -> None:
    client = sign_in(cast.admin)
    connect(client, tiktok, "brassorbit3")
    with scope.inside(cast.brass.pk):
        connection = Connection.objects.get()
    client.post(f"/settings/integrations/{connection.pk}/disconnect")
    work_off("sync")
    with scope.inside(cast.brass.pk):
        assert Connection.objects.get().state == Connection.State.DISCONNECTED
        assert not Post.objects.exists()
