"""kill -9 around sending a reply, and TikTok's answer lost: never two replies, and what is said of it is what is known.

`make test` dies once at each named point; CHAOS=long also before and after every statement that a worker sends to the database, and at
every point with the answer lost as well.
"""

from collections.abc import Iterator
from functools import partial
from itertools import count, product

import pytest

from agency import clock, jobs, scope
from agency.models import DueWork, Membership
from community import answering, tasks
from community.models import Comment, Sending
from integrations.models import Connection, FeatureSwitch
from metrics.models import Post
from tests.chaos import dying
from tests.chaos.dying import KILLED, Point
from tests.chaos.quick import connect
from tests.chaos.test_pull_plugs import LONG
from tests.community.planting import again
from tests.community.reading import posts_of, truth
from tests.integrations.steering import spoil
from tests.local_tiktok import LocalTikTok
from tests.people import Cast
from tests.work import work_off

HANDLE = "velvetfoxlab"
CALL, NOTE = "integrations.sync:Run._call", "community.sending:answering.note_sent"
SENT, NOT_SENT = "sent", "failed"
# Where the worker dies, and what is true in the end: a reply that never left before it was claimed goes; one that left has arrived; one
# that was claimed and did not leave is not sent by itself, because nobody can tell it from one that left.
POINTS = (
    (Point("the message is taken and the row not claimed", "community.tasks:sending.send", after=False), SENT),
    (Point("the row is claimed and not committed", "community.sending:answering.claim"), SENT),
    (Point("the row is claimed, the call not begun", "community.sending:Run.__init__"), NOT_SENT),
    (Point("the call is about to leave", CALL, after=False), NOT_SENT),
    (Point("TikTok has answered and nobody knows", CALL), SENT),
    (Point("the answer is about to be kept", NOTE, after=False), SENT),
    (Point("the answer is kept and not committed", NOTE), SENT),
    (Point("the work is finished and not committed", "community.sending:jobs.finish"), SENT),
    (Point("everything is committed", "community.tasks:sending.send"), SENT),
)
STATEMENT = "django.db.backends.utils:CursorWrapper.execute"


class Desk:
    """An account with a post; everything here asks for one reply to a comment of its own."""

    def __init__(self, by: Membership, connection: Connection, tiktok: LocalTikTok, item_id: str) -> None:
        self.by, self.connection, self.tiktok, self.item_id = by, connection, tiktok, item_id
        self._numbers = count(1)

    def questions(self, number: int) -> list[Comment]:
        """So many new comments, all read."""
        told = self.tiktok.control("comments", account=HANDLE, item_id=self.item_id, add=number, silent=True)["comments"]
        DueWork.objects.filter(kind="comments").update(due_at=clock.now())
        with scope.inside(self.connection.workspace_id):
            Post.objects.update(comments=None)
        work_off("comments", rounds=200)
        with scope.inside(self.connection.workspace_id):
            return list(Comment.objects.filter(tiktok_comment_id__in=told).order_by("tiktok_comment_id"))

    def ask(self, question: Comment) -> Sending:
        """A reply whose ten seconds are over."""
        with scope.inside(self.connection.workspace_id):
            row = answering.ask(again(question), "reply", by=self.by, text=f"Answer number {next(self._numbers)}")
        self.tiktok.advance(11)
        return row

    def claims(self) -> list[jobs.Claim]:
        return jobs.claim_due("comment_sending")

    def in_the_end(self, row: Sending) -> Sending:
        """As if other workers came by whenever something is due."""
        for _ in range(6):
            self.tiktok.advance(max(jobs.LEASE.total_seconds(), 400) + 1)
            self.tiktok.forget_counts()
            for claim in self.claims():
                tasks.send_one(**claim.message())
        assert not DueWork.objects.filter(kind="comment_sending").exists(), "it comes to an end"
        return self.state(row)

    def state(self, row: Sending) -> Sending:
        with scope.inside(self.connection.workspace_id):
            return Sending.objects.get(pk=row.pk)

    def on_tiktok(self) -> list[str]:
        """What the account has said there."""
        return [one["text"] for one in truth(self.tiktok, HANDLE, self.item_id).values() if one["owner"]]

    def here(self) -> list[str]:
        """What is kept of it."""
        with scope.inside(self.connection.workspace_id):
            return list(Comment.objects.filter(is_own=True, post__tiktok_item_id=self.item_id).values_list("text", flat=True))


def work(claim: jobs.Claim) -> None:
    tasks.send_one(**claim.message())


@pytest.fixture
def desk(committed_cast: Cast, tiktok: LocalTikTok) -> Iterator[Desk]:
    tiktok.control("limits", enabled=False)
    by = committed_cast.manager
    with scope.inside(by.workspace_id):
        FeatureSwitch.objects.create(workspace_id=by.workspace_id, feature="replies", is_on=True, changed_at=clock.now())
    connection = connect(tiktok.control("grant", account=HANDLE, flow="account")["data"], committed_cast.admin, HANDLE)
    item_id = posts_of(tiktok, HANDLE)[0]["item_id"]
    work_off("sync")
    with scope.inside(by.workspace_id):
        Post.objects.exclude(tiktok_item_id=item_id).delete()  # one post is enough
    yield Desk(by, connection, tiktok, item_id)
    tiktok.control("limits", enabled=True)


def assert_once(desk: Desk, row: Sending, what: object) -> Sending:
    """It stands on TikTok at most once, here as often as there, and the row says which it is, and in words if it is not."""
    end, there = desk.in_the_end(row), desk.on_tiktok().count(row.text)
    assert there <= 1, f"{what}: sent twice"
    assert end.state == (SENT if there else NOT_SENT), f"{what}: {end.state}, and {there} on TikTok"
    assert (end.sentence == "") == (there == 1), f"{what}: {end.sentence}"
    assert desk.here().count(row.text) == there, f"{what}: kept once"
    return end


def test_wherever_a_worker_dies_a_reply_is_never_sent_twice_and_the_truth_is_said(desk: Desk) -> None:
    for (point, expected), question in zip(POINTS, desk.questions(len(POINTS)), strict=True):
        row = desk.ask(question)
        (claim,) = desk.claims()
        assert dying.run(partial(work, claim), point) == KILLED, f"nobody came to: {point}"
        known = desk.state(row).state
        assert known in ("waiting", "sending", "sent")
        assert known != "sent" or row.text in desk.on_tiktok(), f"{point}: said before it was so"
        assert assert_once(desk, row, point).state == expected, point


def test_a_worker_dies_and_tiktoks_answer_is_lost_and_the_one_that_looks_dies_too(desk: Desk) -> None:
    looking = (
        Point("the loss is noted and not committed", "community.sending:answering.note_lost"),
        Point("the thread is about to be read", "community.sending:_find", after=False),
        Point("the reply is found and not noted", "community.sending:_find"),
        Point("it is noted and not committed", NOTE),
    )
    for point, question in zip(looking, desk.questions(len(looking)), strict=True):
        row = desk.ask(question)
        spoil(desk.tiktok, "/comment/reply/create/", "lost-answer")
        for _ in range(4):  # the worker that calls, and those that look afterwards
            ended = [dying.run(partial(work, claim), point) for claim in desk.claims()]
            if KILLED in ended:
                break
            desk.tiktok.advance(jobs.LEASE.total_seconds() + 1)
        assert KILLED in ended, f"nobody came to: {point}"
        assert desk.state(row).state in ("sending", "unknown"), "it may have arrived, and nobody says that it did"
        assert assert_once(desk, row, point).state == SENT


@pytest.mark.parametrize(("after", "is_lost"), product((False, True), repeat=2) if LONG else [(True, False)])
def test_between_any_two_statements(desk: Desk, *, after: bool, is_lost: bool) -> None:
    died = 0
    for number in count(1) if LONG else (4, 8, 12):
        (question,) = desk.questions(1)
        row = desk.ask(question)
        if is_lost:
            spoil(desk.tiktok, "/comment/reply/create/", "lost-answer")
        (claim,) = desk.claims()
        ended = dying.run(partial(work, claim), Point(f"statement {number}", STATEMENT, after=after, number=number))
        assert ended in (0, KILLED)
        assert_once(desk, row, f"statement {number}")
        if ended == 0:
            break
        died += 1
    assert died > (10 if LONG else 2)
