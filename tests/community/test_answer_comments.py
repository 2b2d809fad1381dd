"""Replies and other acts on TikTok: ten seconds, once, and the truth about how it went."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from agency import clock, jobs, scope
from agency.models import Membership
from community import answering, tasks
from community.models import Comment, Sending
from integrations.models import Connection, FeatureSwitch
from integrations.tiktok import comments as tiktok
from metrics.models import Post
from tests.community.planting import again
from tests.community.reading import assert_held, posts_of, read_all, truth
from tests.integrations.connecting import connect, only_connection
from tests.integrations.steering import calls, impatient, spoil, words
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
REPLY, REPLIES = "/comment/reply/create/", "/comment/reply/list/"
HANDLE = "velvetfoxlab"
ASKED = "What focal length is that?"


class Killed(BaseException):
    """The process is gone: nothing after this line runs."""


@pytest.fixture
def answerable(cast: Cast, unlimited: LocalTikTok) -> Connection:
    """An account with replies granted, whose newest post has one comment that waits."""
    with scope.inside(cast.brass.pk):
        FeatureSwitch.objects.create(workspace=cast.brass, feature="replies", is_on=True, changed_at=clock.now())
    connect(sign_in(cast.admin), unlimited, HANDLE)
    connection = only_connection(cast.admin)
    post = posts_of(unlimited, HANDLE)[0]
    unlimited.control("comments", account=HANDLE, item_id=post["item_id"], add=1, text=ASKED, silent=True)
    work_off("sync")
    with scope.inside(cast.brass.pk):
        Post.objects.exclude(tiktok_item_id=post["item_id"]).delete()  # one post is enough
    work_off("comments")
    return connection


@pytest.fixture
def question(cast: Cast, answerable: Connection) -> Comment:
    with scope.inside(cast.brass.pk):
        return Comment.objects.select_related("post", "account__connection").get(text=ASKED)


@pytest.fixture
def manager(cast: Cast) -> Client:
    return sign_in(cast.manager)


def go(tiktok: LocalTikTok, *, seconds: float = 11) -> None:
    """Time passes, and whatever is due is done."""
    tiktok.advance(seconds)
    for claim in jobs.claim_due("comment_sending"):
        tasks.send_one(**claim.message())


def ask(question: Comment, by: Membership, text: str = "The 35 mm, wide open.") -> Sending:
    with scope.inside(by.workspace_id):
        return answering.ask(again(question), "reply", by=by, text=text)


def state(row: Sending) -> Sending:
    with scope.inside(row.workspace_id):
        return Sending.objects.get(pk=row.pk)


def own_replies(tiktok: LocalTikTok, question: Comment) -> list[str]:
    """What stands on TikTok."""
    told = truth(tiktok, HANDLE, question.post.tiktok_item_id).values()
    return [one["text"] for one in told if one["owner"] and one["parent_comment_id"] == question.tiktok_comment_id]


def test_a_reply_waits_ten_seconds_goes_once_and_answers_the_thread(
    cast: Cast, manager: Client, question: Comment, unlimited: LocalTikTok
) -> None:
    answer = manager.post(f"/community/{question.pk}/replies", {"text": "The 35 mm, wide open."}, follow=True)
    assert "Sends at" in words(answer)
    assert "Stop" in words(answer)
    go(unlimited, seconds=5)
    assert own_replies(unlimited, question) == []
    go(unlimited, seconds=6)
    go(unlimited)
    assert own_replies(unlimited, question) == ["The 35 mm, wide open."]
    assert calls(unlimited, REPLY) == 1
    with scope.inside(cast.brass.pk):
        assert Sending.objects.get().state == "sent"
        assert Sending.objects.get().call.endpoint == "/business/comment/reply/create/"
    row = again(question)
    assert (row.waits_since, row.answered_at is not None) == (None, True)
    page = words(manager.get(f"/community/{question.pk}"))
    assert "You answered" in page
    assert page.count("The 35 mm, wide open.") == 1
    assert_held(question.account.connection, unlimited, question.post.tiktok_item_id)


def test_a_stopped_reply_never_goes_and_its_text_comes_back_into_the_box(
    cast: Cast, manager: Client, question: Comment, unlimited: LocalTikTok
) -> None:
    row = ask(question, cast.manager, "Too fast")
    answer = manager.post(f"/community/sendings/{row.pk}/stop", follow=True)
    assert "Too fast</textarea>" in answer.content.decode()
    go(unlimited)
    assert (state(row).state, calls(unlimited, REPLY)) == ("stopped", 0)
    other = ask(question, cast.manager)
    go(unlimited)
    assert "on its way already" in words(manager.post(f"/community/sendings/{other.pk}/stop", follow=True))
    assert state(other).state == "sent"


@pytest.mark.parametrize("kind", ["reset", "lost-answer", "timeout", "truncated", "html"])
def test_whatever_happens_to_tiktoks_answer_there_are_never_two_replies(
    cast: Cast, question: Comment, unlimited: LocalTikTok, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if kind == "timeout":
        impatient(monkeypatch, REPLY)
    row = ask(question, cast.manager)
    spoil(unlimited, REPLY, kind)
    go(unlimited)
    said = state(row)
    for _ in range(6):
        go(unlimited, seconds=400)
    end = state(row)
    on_tiktok = own_replies(unlimited, question)
    assert len(on_tiktok) <= 1
    assert calls(unlimited, REPLY) <= 1 or said.state == "waiting", "what may have arrived is not sent again"
    assert (end.state == "sent") == (len(on_tiktok) == 1), end.sentence
    if end.state == "failed":
        assert end.sentence


def before_the_call(real: Callable[..., Any]) -> Callable[..., Any]:
    def die(*args: Any, **kwargs: Any) -> Any:
        raise Killed

    return die


def after_the_call(real: Callable[..., Any]) -> Callable[..., Any]:
    def die(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        raise Killed

    return die


@pytest.mark.parametrize(("death", "arrives"), [(before_the_call, 0), (after_the_call, 1)])
def test_a_worker_that_dies_over_a_reply_leaves_the_truth_behind(
    cast: Cast, question: Comment, unlimited: LocalTikTok, monkeypatch: pytest.MonkeyPatch, death: Callable[..., Any], arrives: int
) -> None:
    row = ask(question, cast.manager)
    with monkeypatch.context() as patched:
        patched.setattr(tiktok, "reply_to_comment", death(tiktok.reply_to_comment))
        with pytest.raises(Killed):
            go(unlimited)
    assert state(row).state == "sending", "the sign was set before the call"
    go(unlimited, seconds=60)  # the lease has run out
    for _ in range(4):
        go(unlimited, seconds=400)
    assert len(own_replies(unlimited, question)) == arrives
    end = state(row)
    assert end.state == ("sent" if arrives else "failed")
    assert "not sent a second time" in end.sentence or arrives
    assert calls(unlimited, REPLY) == arrives


def test_two_workers_with_the_same_message_send_once(cast: Cast, question: Comment, unlimited: LocalTikTok) -> None:
    ask(question, cast.manager)
    unlimited.advance(11)
    (claim,) = jobs.claim_due("comment_sending")
    tasks.send_one(**claim.message())
    tasks.send_one(**claim.message())
    assert calls(unlimited, REPLY) == 1


def test_the_same_thread_is_not_answered_twice_by_accident(cast: Cast, manager: Client, question: Comment, unlimited: LocalTikTok) -> None:
    seen = clock.now().isoformat()
    for _ in range(2):
        answer = manager.post(f"/community/{question.pk}/replies", {"text": "Once", "seen": seen}, follow=True)
    assert "on its way already" in words(answer)
    go(unlimited)
    other = sign_in(cast.manager)
    with scope.inside(cast.brass.pk):
        Sending.objects.update(person_id=cast.admin.person_id)  # as if a colleague had written it
    answer = other.post(f"/community/{question.pk}/replies", {"text": "Twice", "seen": seen})
    assert answer.status_code == 422
    assert "has answered in the meantime" in words(answer)
    assert "Twice</textarea>" in answer.content.decode()
    other.post(f"/community/{question.pk}/replies", {"text": "Twice", "seen": seen, "anyway": "1"})
    go(unlimited)
    assert own_replies(unlimited, question) == ["Once", "Twice"]


def test_tiktoks_length_is_kept_and_counted_as_tiktok_counts(cast: Cast, manager: Client, question: Comment) -> None:
    answer = manager.post(f"/community/{question.pk}/replies", {"text": "\U0001f9c3" * 76})
    assert answer.status_code == 422
    assert "This is 2 too long" in words(answer)
    assert "\U0001f9c3" * 76 in answer.content.decode()
    with scope.inside(cast.brass.pk):
        assert not Sending.objects.exists()
    assert manager.post(f"/community/{question.pk}/replies", {"text": "\U0001f9c3" * 75}).status_code == 302
    assert manager.post(f"/community/{question.pk}/replies", {"text": "   "}).status_code == 422


def test_what_tiktok_refuses_says_why_and_keeps_the_text(cast: Cast, manager: Client, question: Comment, unlimited: LocalTikTok) -> None:
    row = ask(question, cast.manager, "Kept")
    unlimited.control("comments", account=HANDLE, comment_id=question.tiktok_comment_id, remove=True, silent=True)
    go(unlimited)
    assert (state(row).state, bool(state(row).sentence)) == ("failed", True)
    assert "Kept</textarea>" in manager.get(f"/community/{question.pk}?draft={row.pk}").content.decode()


def test_a_limit_puts_a_reply_back_and_it_goes_later(cast: Cast, question: Comment, unlimited: LocalTikTok) -> None:
    row = ask(question, cast.manager)
    spoil(unlimited, REPLY, "code", value=40100)
    go(unlimited)
    assert (state(row).state, "slow down" in state(row).sentence) == ("waiting", True)
    unlimited.forget_counts()  # Redis keeps its own time, so the silence has to be ended by hand
    go(unlimited, seconds=900)
    assert state(row).state == "sent"
    assert len(own_replies(unlimited, question)) == 1


def test_like_hide_and_show_again_stand_here_at_once_and_own_comments_can_be_deleted(
    cast: Cast, manager: Client, question: Comment, unlimited: LocalTikTok
) -> None:
    for path, check in (
        ("like", lambda told, row: told["liked"] and row.is_liked),
        ("hide", lambda told, row: told["status"] == "HIDDEN" and row.shown == "hidden" and row.waits_since is None),
        ("show", lambda told, row: told["status"] == "PUBLIC" and row.shown == "visible" and row.waits_since),
        ("unlike", lambda told, row: not told["liked"] and not row.is_liked),
    ):
        manager.post(f"/community/{question.pk}/{path}")
        go(unlimited)
        told = truth(unlimited, HANDLE, question.post.tiktok_item_id)[question.tiktok_comment_id]
        assert check(told, again(question)), path
    assert "own comments can be deleted" in words(manager.post(f"/community/{question.pk}/delete", follow=True))
    ask(question, cast.manager)
    go(unlimited)
    with scope.inside(cast.brass.pk):
        mine = Comment.objects.get(is_own=True, thread_id=question.pk)
    manager.post(f"/community/{mine.pk}/delete")
    go(unlimited)
    assert own_replies(unlimited, question) == []
    assert again(mine).shown == "deleted"


def test_where_replies_are_not_granted_the_page_says_so_and_leads_to_tiktok(cast: Cast, unlimited: LocalTikTok) -> None:
    connect(sign_in(cast.admin), unlimited, HANDLE)
    read_all(only_connection(cast.admin))
    with scope.inside(cast.brass.pk):
        thread = Comment.objects.threads().filter(shown="visible", is_own=False).first()
    manager = sign_in(cast.manager)
    page = manager.get(f"/community/{thread.pk}")
    assert "has not granted comment.list.manage" in words(page)
    assert 'id="id_reply"' not in page.content.decode()
    assert 'rel="noreferrer noopener"' in page.content.decode()
    answer = manager.post(f"/community/{thread.pk}/replies", {"text": "x"})
    assert answer.status_code == 422
    assert sign_in(cast.viewer).post(f"/community/{thread.pk}/replies", {"text": "x"}).status_code == 403


def test_a_disconnect_in_the_ten_seconds_keeps_it_from_going(cast: Cast, question: Comment, unlimited: LocalTikTok) -> None:
    row = ask(question, cast.manager)
    sign_in(cast.admin).post(f"/settings/integrations/{question.account.connection_id}/disconnect")
    go(unlimited)
    assert (state(row).state, calls(unlimited, REPLY)) == ("failed", 0)
