"""kill -9 at every point of a renewal: no token is lost whose answer had reached the disk, the rest is known for what it is and told once.

`make test` dies once at each point, CHAOS=long fifty times; and many workers renew many accounts at once.
"""

import random
import shutil
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.core import mail

from agency import jobs, scope
from agency.models import DueWork
from integrations import letters, refresh, tasks
from integrations.budget import Budget
from integrations.models import Connection
from tests.chaos import dying
from tests.chaos.dying import KILLED, Point
from tests.chaos.quick import connect
from tests.chaos.test_pull_plugs import LONG
from tests.integrations.steering import RENEW, again, make_due, tokens
from tests.local_tiktok import LocalTikTok
from tests.people import Cast
from tests.work import work_off

RUNS = 50 if LONG else 1
WORKERS, ACCOUNTS, TRIES = (50, 200, 60) if LONG else (12, 30, 12)
LOST_ANSWER = "The answer to the last renewal was lost on its way."
BEFORE_THE_CALL = (
    Point("the message is taken", "integrations.tasks:jobs.take"),
    Point("the claim is about to be committed", "django.db.transaction:Atomic.__exit__", after=False),
    Point("the claim is committed", "django.db.transaction:Atomic.__exit__"),
    Point("the key is in hand", "integrations.vault:sealer"),
    Point("the old token is open", "integrations.vault:refresh_token"),
    Point("a slot of the budget is taken", "integrations.budget:Budget.take"),
    Point("the breaker lets the call out", "integrations.breaker:Breaker.admit"),
    Point("the request is written and not sent", "integrations.tiktok.transport:written"),
)
ANSWER_ONLY_IN_MEMORY = (
    Point("the answer is read", "integrations.tiktok.transport:Transport._read"),
    Point("the answer is understood", "integrations.tiktok.oauth:refresh_grant"),
    Point("the new tokens are sealed", "integrations.vault:_sealed"),
    Point("the journal is open and empty", "integrations.refresh:os.write", after=False),
)
ON_DISK = (
    Point("the journal is written", "integrations.refresh:os.write"),
    Point("the journal is fsynced under its spare name", "integrations.refresh:os.fsync"),
    Point("the journal has its name", "integrations.refresh:os.fsync", after=False, number=2),
    Point("the journal's folder is fsynced", "integrations.refresh:_write_down"),
    Point("the row is about to be committed", "django.db.transaction:Atomic.__exit__", after=False, number=2),
    Point("the row is saved", "integrations.refresh:_save"),
    Point("the journal is dropped", "integrations.refresh:Path.unlink"),
    Point("the work is about to be finished", "integrations.tasks:jobs.finish", after=False),
    Point("the work is finished and not committed", "integrations.tasks:jobs.finish"),
)


@pytest.fixture
def connection(committed_cast: Cast, tiktok: LocalTikTok, settings: object) -> Connection:
    """An account whose renewal is due."""
    shutil.rmtree(settings.TOKEN_JOURNAL, ignore_errors=True)
    DueWork.objects.all().delete()
    mail.outbox = []
    return due_anew(committed_cast, tiktok)


@pytest.fixture(autouse=True)
def letters_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters wait for nothing else, and there may be any number of them: here it counts that each loss is told of."""
    monkeypatch.setattr(letters, "COLLECTS", timedelta())
    monkeypatch.setattr(letters, "PAUSE", timedelta())
    monkeypatch.setattr(letters, "MOST_A_DAY", 10_000)


def due_anew(cast: Cast, tiktok: LocalTikTok) -> Connection:
    told = tiktok.control("grant", account="brassorbit3", flow="account")["data"]
    connection = connect(told, cast.admin, "brassorbit3")
    DueWork.objects.exclude(kind="refresh").delete()
    make_due("refresh", connection)
    return connection


def die(point: Point) -> None:
    """A worker takes the message and dies at the point."""
    (claim,) = jobs.claim_due("refresh")
    assert dying.run(partial(tasks.refresh_one, **claim.message()), point) == KILLED, f"nobody came to: {point}"


def recover(tiktok: LocalTikTok) -> None:
    """Other workers find it when its lease has run out; more than once, as sweeps do."""
    for _ in range(3):
        tiktok.advance(2 * refresh.stale_after().total_seconds())
        tiktok.forget_counts()
        work_off("refresh", "connection_lost_mail")


@pytest.mark.parametrize("point", [*BEFORE_THE_CALL, *ON_DISK], ids=str)
def test_no_token_is_lost_that_was_not_called_for_or_has_reached_the_disk(
    committed_cast: Cast, tiktok: LocalTikTok, connection: Connection, settings: object, point: Point
) -> None:
    for _ in range(RUNS):
        before = tokens(connection)
        die(point)
        recover(tiktok)
        now = again(connection)
        assert (now.state, now.refresh_state) == ("live", "idle"), point
        assert set(tokens(now)).isdisjoint(before)
        with scope.bound_to(now.workspace_id):
            assert refresh.refresh(now.pk), "TikTok takes what is kept"
        assert again(connection).state == "live"
        assert list(Path(settings.TOKEN_JOURNAL).glob("*")) == []
        assert mail.outbox == []
        connection = due_anew(committed_cast, tiktok)


@pytest.mark.parametrize("point", ANSWER_ONLY_IN_MEMORY, ids=str)
def test_an_answer_that_died_with_its_worker_is_known_as_lost_and_told_once(
    committed_cast: Cast, tiktok: LocalTikTok, connection: Connection, point: Point
) -> None:
    for _ in range(RUNS):
        die(point)
        recover(tiktok)
        now = again(connection)
        assert (now.state, now.broken_reason) == ("broken", LOST_ANSWER)
        told = [m.to[0] for m in mail.outbox]
        assert sorted(told) == sorted(set(told)), "once"
        assert "admin@brass.example" in told
        mail.outbox.clear()
        connection = due_anew(committed_cast, tiktok)
        assert again(connection).state == "live", "one click mends it"


def test_whoever_recovers_may_die_too(tiktok: LocalTikTok, connection: Connection) -> None:
    before = tokens(connection)
    die(Point("the journal has its name", "integrations.refresh:os.fsync", after=False, number=2))
    for point in (
        Point("the entry is read", "integrations.refresh:_read_back"),
        Point("the row is saved from it", "integrations.refresh:_save"),
    ):
        tiktok.advance(2 * refresh.stale_after().total_seconds())
        die(point)
    recover(tiktok)
    now = again(connection)
    assert (now.state, now.refresh_state) == ("live", "idle")
    assert set(tokens(now)).isdisjoint(before)
    assert mail.outbox == []


def test_many_workers_renew_many_accounts_once_each(committed_cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them find the tokens too old at the same moment. TikTok kills a token with its first use: a second use would be seen."""
    monkeypatch.setattr(Budget, "take", lambda self, buckets, *, for_person=False: 0.0)  # nothing but the claims keeps them apart
    tiktok.control("scale", accounts=ACCOUNTS, posts=1)
    tiktok.control("limits", enabled=False)
    connections = []
    for number in range(1, ACCOUNTS + 1):
        handle = f"creator{number:05d}"
        connections.append(connect(tiktok.control("grant", account=handle, flow="account")["data"], committed_cast.admin, handle))
    before = {c.pk: tokens(c) for c in connections}

    def work() -> None:
        mine = random.sample(connections, TRIES)
        with scope.bound_to(committed_cast.brass.pk):
            for one in mine:
                refresh.refresh(one.pk, knowing=one.token_refreshed_at)

    assert set(dying.all_at_once([work] * WORKERS)) == {0}
    asked = [e for e in tiktok.log() if e["endpoint"].endswith(RENEW)]
    renewed = [c for c in connections if set(tokens(c)).isdisjoint(before[c.pk])]
    assert len(asked) == len(renewed), "one rotation each"
    assert {e["code"] for e in asked} == {0}, "no dead token was used"
    assert len(renewed) > ACCOUNTS * 0.9
    assert {(c.state, c.refresh_state) for c in map(again, connections)} == {("live", "idle")}
