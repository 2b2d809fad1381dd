"""Work is shared between workspaces: whoever has much to do gets no more than their turn while others wait."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest
import time_machine

from agency import jobs, scope
from agency.jobs import Claim, Pause, Priority
from agency.shared_redis import shared_redis

NOW = datetime(2026, 5, 18, 9, 0, tzinfo=UTC)
KIND = "sync"
HUGE, SMALL, TINY = (UUID(int=n) for n in (1, 2, 3))


@pytest.fixture
def clock(db: None) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    """What would have been sent to workers, and in how many seconds."""
    sent: list[tuple[str, float]] = []
    shared_redis().delete(f"wake:{KIND}")
    monkeypatch.setattr(jobs, "_sweep_now", lambda kind, *, after=0.0: sent.append((kind, after)))
    return sent


def put(workspace: UUID, count: int, *, since: timedelta = timedelta(), priority: int = Priority.ROUTINE) -> None:
    for _ in range(count):
        jobs.put(KIND, uuid4(), workspace_id=workspace, at=NOW - since, priority=priority)


def turns(count: int) -> list[UUID]:
    return [claim.workspace_id for _ in range(count) for claim in jobs.claim_due(KIND, limit=1)]


def test_workspaces_take_turns_however_much_one_has_to_do(clock: time_machine.Traveller) -> None:
    put(HUGE, 30, since=timedelta(minutes=10))
    put(SMALL, 3)
    put(TINY, 3)
    order = []
    for _ in range(9):
        order += turns(1)
        clock.shift(timedelta(milliseconds=1))
    assert Counter(order) == {HUGE: 3, SMALL: 3, TINY: 3}
    assert all(len(set(order[i : i + 3])) == 3 for i in (0, 3, 6))


def test_one_sweep_for_many_is_as_fair(clock: time_machine.Traveller) -> None:
    put(HUGE, 30, since=timedelta(minutes=10))
    put(SMALL, 3)
    assert Counter(claim.workspace_id for claim in jobs.claim_due(KIND, limit=6)) == {HUGE: 3, SMALL: 3}


def test_whoever_is_alone_gets_everything(clock: time_machine.Traveller) -> None:
    put(HUGE, 5)
    assert turns(6) == [HUGE] * 5


def test_who_got_nothing_keeps_the_turn(clock: time_machine.Traveller) -> None:
    put(HUGE, 1, since=timedelta(seconds=1))
    put(SMALL, 1)
    (nothing,) = jobs.claim_due(KIND, limit=1)
    jobs.finish(nothing, again_at=NOW - timedelta(seconds=1), was_served=False)
    (something,) = jobs.claim_due(KIND, limit=1)
    assert (nothing.workspace_id, something.workspace_id) == (HUGE, HUGE)
    jobs.finish(something, again_at=NOW - timedelta(seconds=1))
    assert turns(1) == [SMALL]


def test_a_turn_is_remembered_after_the_work_is_done(clock: time_machine.Traveller) -> None:
    put(HUGE, 2)
    (first,) = jobs.claim_due(KIND, limit=1)
    jobs.finish(first, again_at=NOW)
    clock.shift(timedelta(seconds=1))
    put(SMALL, 1)
    assert turns(2) == [SMALL, HUGE]


def test_backfill_goes_before_routine_until_that_has_waited_long(clock: time_machine.Traveller) -> None:
    put(SMALL, 1)
    put(HUGE, 2, priority=Priority.BACKFILL)
    (first,) = jobs.claim_due(KIND, limit=1)
    assert first.workspace_id == HUGE
    jobs.finish(first, again_at=NOW + timedelta(days=1))
    clock.shift(jobs.WAITS_NO_LONGER + timedelta(seconds=1))
    assert turns(1) == [SMALL]


def test_only_what_somebody_waits_for_is_claimed_when_asked_so(clock: time_machine.Traveller) -> None:
    put(HUGE, 3)
    put(SMALL, 1, priority=Priority.INTERACTIVE)
    claims = jobs.claim_due(KIND, least_urgent=Priority.INTERACTIVE)
    assert [(c.workspace_id, c.is_interactive) for c in claims] == [(SMALL, True)]


def test_a_worker_does_all_that_is_due_each_in_its_workspace(clock: time_machine.Traveller, messages: list[tuple[str, float]]) -> None:
    put(HUGE, 2)
    put(SMALL, 1)
    seen: list[UUID | None] = []

    def do(claim: Claim) -> None:
        with scope.begin():
            seen.append(scope.current().workspace_id)
        jobs.finish(claim)

    assert jobs.work_through(KIND, do, may_go_on=Pause) == 3
    assert Counter(seen) == {HUGE: 2, SMALL: 1}
    assert messages == [(KIND, 0.0)], "the next worker is called once, to help"


def test_with_nothing_due_nobody_is_called(clock: time_machine.Traveller, messages: list[tuple[str, float]]) -> None:
    assert jobs.work_through(KIND, jobs.finish, may_go_on=Pause) == 0
    assert messages == []


def test_a_pause_leaves_the_work_unclaimed_and_wakes_somebody_when_it_ends(
    clock: time_machine.Traveller, messages: list[tuple[str, float]]
) -> None:
    put(HUGE, 1, priority=Priority.INTERACTIVE)
    for _ in range(3):
        assert jobs.work_through(KIND, jobs.finish, may_go_on=lambda: Pause(everybody=2.5)) == 0
    assert messages == [(KIND, 2.5)], "one message, however many workers come by"
    assert len(jobs.claim_due(KIND)) == 1


def test_who_was_woken_and_pauses_again_is_woken_again_however_short_the_pauses(
    clock: time_machine.Traveller, messages: list[tuple[str, float]]
) -> None:
    """Limits give a slot every tenth of a second. With one message for each second, who came too soon left nobody behind to come back."""
    put(HUGE, 1)
    for _ in range(3):
        for _ in range(2):
            assert jobs.work_through(KIND, jobs.finish, may_go_on=lambda: Pause(background=0.1)) == 0
        clock.shift(timedelta(seconds=0.25))
    assert messages == [(KIND, 0.25)] * 3, "one at a time, and one after the other"


def test_a_shorter_pause_is_not_kept_waiting_by_a_longer_one(clock: time_machine.Traveller, messages: list[tuple[str, float]]) -> None:
    put(HUGE, 1)
    for seconds in (30.0, 1.0, 2.0, 30.0):
        assert jobs.work_through(KIND, jobs.finish, may_go_on=lambda: Pause(everybody=seconds)) == 0  # noqa: B023 - called at once
    assert messages == [(KIND, 30.0), (KIND, 1.0)], "after that second, whoever still has to wait says so again"


def test_while_the_background_pauses_only_waiting_people_are_served(
    clock: time_machine.Traveller, messages: list[tuple[str, float]]
) -> None:
    put(HUGE, 2)
    put(SMALL, 1, priority=Priority.INTERACTIVE)
    assert jobs.work_through(KIND, jobs.finish, may_go_on=lambda: Pause(background=0.7)) == 1
    assert messages == [(KIND, 0.0), (KIND, 0.7)]
    assert turns(3) == [HUGE, HUGE]


def test_a_worker_stops_after_a_while_and_has_the_rest_done_anew(
    clock: time_machine.Traveller, messages: list[tuple[str, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(HUGE, 5)
    seconds = count(0, 0.4 * jobs.WORK_THROUGH_SECONDS)
    monkeypatch.setattr(jobs.clock, "monotonic", lambda: next(seconds))
    assert jobs.work_through(KIND, jobs.finish, may_go_on=Pause) == 3
    assert messages == [(KIND, 0.0), (KIND, 0.0)]
    assert len(turns(3)) == 2
