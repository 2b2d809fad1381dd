"""After a sync, the comments that are held equal what local TikTok knows."""

from uuid import uuid4

import pytest

from agency import clock, jobs, scope
from agency.models import DueWork
from community import sync
from community.models import Comment
from integrations.models import Connection, SyncRun
from integrations.sync import CALLS_PER_TURN
from metrics.models import Post
from tests.community.reading import assert_held, held, posts_of, read_again, read_all
from tests.integrations.connecting import connect, only_connection
from tests.integrations.steering import calls, step
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
LIST, REPLIES = "/business/comment/list/", "/business/comment/reply/list/"


def test_every_comment_of_an_account_is_held_once_and_knows_its_call(velvet: Connection, unlimited: LocalTikTok) -> None:
    read_all(velvet)
    posts = posts_of(unlimited, "velvetfoxlab")
    assert sum(assert_held(velvet, unlimited, post["item_id"]) for post in posts) > 150
    with scope.inside(velvet.workspace_id):
        endpoints = set(Comment.objects.values_list("call__endpoint", flat=True))
        assert endpoints <= {LIST, REPLIES}
        assert LIST in endpoints
        before = list(Comment.objects.order_by("pk").values_list("pk", "thread_id", "said_at"))
    assert step(velvet, SyncRun.Kind.COMMENTS).state == SyncRun.State.DONE

    unlimited.advance(40 * 86_400)  # everything is due again, whole
    read_all(velvet)
    with scope.inside(velvet.workspace_id):
        again = list(Comment.objects.filter(pk__in=[row[0] for row in before]).order_by("pk").values_list("pk", "thread_id", "said_at"))
    assert again == before
    assert sum(assert_held(velvet, unlimited, post["item_id"]) for post in posts_of(unlimited, "velvetfoxlab")) >= len(before) * 0.9


def test_comments_are_read_at_once_when_the_first_posts_come_after_them(velvet: Connection, unlimited: LocalTikTok) -> None:
    work_off("comments")
    assert calls(unlimited, LIST) == 0, "nothing is known to look under"
    work_off("sync")
    work_off("comments", rounds=400)
    assert calls(unlimited, LIST) > 0
    assert step(velvet, SyncRun.Kind.COMMENTS).state == SyncRun.State.DONE


def test_more_news_than_a_turn_can_fetch_is_fetched_in_the_next(
    velvet: Connection, unlimited: LocalTikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "ALONE_SECONDS", 0.0)
    read_all(velvet)
    post = posts_of(unlimited, "velvetfoxlab")[0]
    unlimited.control("comments", account="velvetfoxlab", item_id=post["item_id"], add=30 * 12, silent=True)
    unlimited.advance(20 * 60)  # its newest comments are looked at again, not yet all of them
    read_again(velvet)
    assert_held(velvet, unlimited, post["item_id"])


def one_turn(connection: Connection) -> None:
    with scope.bound_to(connection.workspace_id):
        (claim,) = jobs.claim_due("comments", limit=1)
        sync.run(claim)


def test_a_turn_is_a_handful_of_calls_and_goes_on_while_nobody_waits(
    velvet: Connection, unlimited: LocalTikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_off("sync")
    other, work = uuid4(), DueWork.objects.filter(kind="comments")
    jobs.put("comments", other, workspace_id=velvet.workspace_id, at=clock.now(), priority=jobs.Priority.BACKFILL)
    work.filter(ref=velvet.pk).update(due_at=clock.now(), priority=jobs.Priority.INTERACTIVE)
    one_turn(velvet)
    assert calls(unlimited, LIST) + calls(unlimited, REPLIES) == CALLS_PER_TURN, "somebody waits"
    assert step(velvet, SyncRun.Kind.COMMENTS).state == SyncRun.State.RUNNING
    work.filter(ref=other).delete()
    monkeypatch.setattr(sync, "ALONE_SECONDS", 600.0)
    before = calls(unlimited, LIST)
    one_turn(velvet)
    assert calls(unlimited, LIST) - before > CALLS_PER_TURN
    assert step(velvet, SyncRun.Kind.COMMENTS).state == SyncRun.State.DONE


def test_a_post_without_a_number_of_comments_is_looked_at_once(velvet: Connection, unlimited: LocalTikTok) -> None:
    """TikTok may leave the number out: that is no reason to ask for ever."""
    work_off("sync")
    with scope.inside(velvet.workspace_id):
        Post.objects.update(comments=None)
    work_off("comments", rounds=400)
    assert step(velvet, SyncRun.Kind.COMMENTS).state == SyncRun.State.DONE
    before = calls(unlimited, LIST)
    read_again(velvet)
    assert calls(unlimited, LIST) - before <= 2


def test_a_post_that_is_refused_waits_a_day_and_holds_no_other_up(velvet: Connection, unlimited: LocalTikTok) -> None:
    newest, other, *_ = posts_of(unlimited, "velvetfoxlab")
    unlimited.control("comments", account="velvetfoxlab", item_id=newest["item_id"], add=5, silent=True)
    work_off("sync")
    with scope.inside(velvet.workspace_id):
        Post.objects.filter(tiktok_item_id=newest["item_id"]).update(comments=5)  # TikTok counts what it does not show
    unlimited.control("faults", path=f"/open_api/v1.3{LIST}", kind="code", times=1, value=40002)
    work_off("comments", rounds=400)
    assert step(velvet, SyncRun.Kind.COMMENTS).state == SyncRun.State.DONE
    assert held(velvet, newest["item_id"]) == {}
    assert_held(velvet, unlimited, other["item_id"])
    unlimited.advance(86_400 + 60)
    read_all(velvet)
    assert assert_held(velvet, unlimited, newest["item_id"]) >= 5


def test_without_the_scope_nothing_is_asked_and_the_step_says_so(cast: Cast, unlimited: LocalTikTok) -> None:
    connect(sign_in(cast.admin), unlimited, "velvetfoxlab", scopes=["user.info.basic", "video.list"])
    connection = only_connection(cast.admin)
    read_all(connection)
    run = step(connection, SyncRun.Kind.COMMENTS)
    assert (run.state, run.sentence, run.due_at) == (SyncRun.State.SKIPPED, "Not granted: comment.list.", None)
    assert calls(unlimited, LIST) == 0
    connect(sign_in(cast.admin), unlimited, "velvetfoxlab")
    read_all(connection)
    assert step(connection, SyncRun.Kind.COMMENTS).state == SyncRun.State.DONE


def test_quiet_posts_are_not_asked_for_again(velvet: Connection, unlimited: LocalTikTok) -> None:
    read_all(velvet)
    before = calls(unlimited, LIST)
    read_again(velvet)
    assert calls(unlimited, LIST) - before <= 2
