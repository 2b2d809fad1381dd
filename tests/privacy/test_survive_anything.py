"""A run that dies anywhere goes on and ends whole; days without a worker break no promise, and nothing goes before its night."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine

from agency import clock, jobs, ledger, scope
from agency.keyring import key_refs, keyring
from integrations.models import Connection
from privacy import actions, certificates, planning, run, subjects, timing
from privacy.models import Certificate, DeletionRequest, DeletionRun, RunFinding
from privacy.tasks import erase_one
from tests.chaos import dying
from tests.chaos.dying import KILLED, Point
from tests.people import Cast
from tests.privacy.canaries import canary, plant, rows_with

LONG = os.environ.get("CHAOS") == "long"
POINTS = 20
STATEMENT = "django.db.backends.utils:CursorWrapper.execute"


class Died(BaseException):
    """The process is gone: nothing after this line happens, no handler runs, open transactions are rolled back."""


@contextmanager
def dying_after(monkeypatch: pytest.MonkeyPatch, place: Any, name: str) -> Iterator[None]:
    """The process dies right after this was done."""
    real = getattr(place, name)

    def act(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        raise Died(name)

    with monkeypatch.context() as patched:
        patched.setattr(place, name, act)
        yield


def dies_at(step: int) -> Any:
    """A `renew` at whose nth call the process dies."""
    calls = iter(range(step))

    def renew() -> None:
        if next(calls, None) is None:
            raise Died(str(step))

    return renew


def planned(cast: Cast, word: str) -> tuple[Connection, DeletionRun]:
    with scope.inside(cast.brass.pk):
        account = plant(cast.admin, word)
        actions.request_deletion(account, by=cast.admin)
        DeletionRun.objects.update(scheduled_at=clock.now())
        return account, DeletionRun.objects.get(subject_id=account.pk)


def go(deletion: DeletionRun, renew: Any = lambda: None) -> run.Result:
    return run.carry_out(deletion.pk, workspace_id=deletion.workspace_id, renew=renew)


def is_whole(cast: Cast, word: str) -> bool:
    with scope.inside(cast.brass.pk):
        done = DeletionRun.objects.get()
        return (
            done.state == "done"
            and Certificate.objects.count() == 1
            and DeletionRequest.objects.get().state == "done"
            and not rows_with(word)
            and key_refs("deletion_run:") == []
            and key_refs("connection:") == []
        )


def test_killed_at_every_point_it_goes_on_and_ends_whole(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """One run that dies more than twenty times: between any two of its steps, further on each time."""
    word = canary()
    _account, deletion = planned(committed, word)
    deaths = 0
    monkeypatch.setattr(run, "BATCH", 1)
    with dying_after(monkeypatch, subjects, "sealed"), pytest.raises(Died):
        go(deletion)
    for step in range(0, 3 * POINTS, 3):
        try:
            go(deletion, dies_at(step))
        except Died:
            deaths += 1
            with scope.inside(committed.brass.pk):
                assert not Certificate.objects.exists(), "no proof before the end"
                assert DeletionRequest.objects.get().state == "running", "no way back once it has begun"
    for place, name in ((certificates, "signature"), (ledger.ledger(), "add"), (jobs, "put"), (keyring(), "destroy")):
        with dying_after(monkeypatch, place, name), pytest.raises(Died):
            go(deletion)
        deaths += 1
        if place is not keyring():
            with scope.inside(committed.brass.pk):
                assert not Certificate.objects.exists()
    assert deaths >= POINTS
    assert go(deletion).state in ("done", "dropped")
    assert is_whole(committed, word)
    with scope.inside(committed.brass.pk):
        counted = {f.place: f.erased_count for f in RunFinding.objects.all()}
        assert counted["metrics_post"] == 1, "counted once, however often it began again"


def test_killed_by_the_system_at_any_statement_it_goes_on_and_ends_whole(committed: Cast) -> None:
    """kill -9, in a process of its own each time: at the first statement that it sends to the database, at the next, and so on."""
    word = canary()
    _account, deletion = planned(committed, word)
    deaths = 0
    for number in range(1, 1_000, 1 if LONG else 6):
        ended = dying.run(lambda: go(deletion), Point(str(number), STATEMENT, after=number % 4 < 2, number=number))
        if ended == 0:
            break
        assert ended == KILLED, "it was killed, or it came to its end"
        deaths += 1
        with scope.inside(committed.brass.pk):
            is_done = DeletionRun.objects.get().state == "done"
            assert Certificate.objects.count() == is_done, "a proof with the end and not before"
            assert DeletionRequest.objects.get().state in ({"done"} if is_done else {"scheduled", "running"})
    assert deaths >= POINTS
    assert dying.run(lambda: go(deletion)) == 0
    planning.plan_all()  # the look that destroys what outlived its run
    assert is_whole(committed, word)


def test_a_key_that_outlived_its_run_is_destroyed_by_the_next_look(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process died between the last commit and the destruction of the key under which the subject was sealed."""
    word = canary()
    _account, deletion = planned(committed, word)
    with monkeypatch.context() as patched:
        real = keyring().destroy
        patched.setattr(keyring(), "destroy", lambda ref: real(ref) if not ref.startswith("deletion_run:") else _die())
        with pytest.raises(Died):
            go(deletion)
    assert len(key_refs("deletion_run:")) == 1
    planning.plan_all()
    assert key_refs("deletion_run:") == []


def _die() -> bool:
    raise Died


def work_a_night() -> None:
    """What beat and worker do."""
    planning.plan_all()
    while claims := jobs.claim_due("erase"):
        for claim in claims:
            erase_one(**claim.message())


def still_there(workspace_id: Any, pk: Any) -> bool:
    with scope.inside(workspace_id):
        return Connection.objects.filter(pk=pk).exists()


DEAD = range(126) if LONG else (81,)


@pytest.mark.parametrize("dead_from", DEAD)
def test_130_days_with_the_worker_dead_for_five(committed: Cast, dead_from: int) -> None:
    begin = date(2027, 1, 1)
    noon = datetime.combine(begin, time(12), UTC)
    gone: dict[str, int] = {}
    accounts: dict[str, Connection] = {}
    with time_machine.travel(noon, tick=False) as traveller:
        with scope.inside(committed.brass.pk):
            for name in ("disconnected", "asked", "kept"):
                accounts[name] = plant(committed.admin, canary())
            Connection.objects.filter(pk=accounts["disconnected"].pk).update(
                disconnected_at=clock.now(), delete_data_on=begin + timing.DISCONNECT_WITHIN
            )
            for name in ("asked", "kept"):
                Connection.objects.filter(pk=accounts[name].pk).update(delete_data_on=None, disconnected_at=clock.now())
        for day in range(131):
            traveller.move_to(noon + timedelta(days=day))
            if day == 19:
                with scope.inside(committed.brass.pk):
                    actions.request_deletion(accounts["asked"], by=committed.admin)
            if dead_from <= day < dead_from + 5:
                continue
            work_a_night()
            for name, account in accounts.items():
                if name not in gone and not still_there(committed.brass.pk, account.pk):
                    gone[name] = day
    assert 83 <= gone["disconnected"] <= 90
    assert 20 <= gone["asked"] <= 19 + 30
    assert "kept" not in gone
    if not dead_from <= 83 < dead_from + 5:
        assert gone["disconnected"] == 83
