"""Due work: claimed once, done once, never lost; whatever comes twice, late or in between."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
import time_machine
from celery import shared_task
from celery.signals import before_task_publish
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agency import jobs, scope
from agency.jobs import ClaimLost, Priority, WorkspaceTask
from agency.models import DueWork

NOW = datetime(2026, 5, 18, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
KIND = "tried"


@pytest.fixture
def clock(db: None) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def put(at: datetime = NOW, *, ref: UUID | None = None, priority: int = Priority.ROUTINE) -> UUID:
    ref = ref or uuid4()
    jobs.put(KIND, ref, workspace_id=uuid4(), at=at, priority=priority)
    return ref


def begin(ref: UUID) -> jobs.Claim:
    """Sweep and take, as a sweep and a worker do."""
    swept = next(c for c in jobs.claim_due(KIND) if c.ref == ref)
    taken = jobs.take(KIND, ref=swept.ref, key=swept.key)
    assert taken is not None
    return taken


def row(ref: UUID) -> DueWork | None:
    return DueWork.objects.filter(kind=KIND, ref=ref).first()


def test_work_is_claimed_when_it_is_due_and_not_before(clock: time_machine.Traveller) -> None:
    later, now = put(NOW + HOUR), put()
    assert [c.ref for c in jobs.claim_due(KIND)] == [now]
    clock.shift(HOUR)
    assert later in [c.ref for c in jobs.claim_due(KIND)]


@pytest.mark.parametrize("a_turn, shares", [(1, [2, 2, 1]), (2, [2, 2, 1]), (3, [3, 2, 0]), (25, [4, 1, 0])])
def test_a_workspace_gets_so_many_rows_a_turn(clock: time_machine.Traveller, a_turn: int, shares: list[int]) -> None:
    workspaces = [uuid4() for _ in shares]
    for minutes in range(4):
        for workspace in workspaces:
            jobs.put(KIND, uuid4(), workspace_id=workspace, at=NOW - timedelta(minutes=minutes))
    claimed = [claim.workspace_id for claim in jobs.claim_due(KIND, limit=5, a_turn=a_turn)]
    assert sorted((claimed.count(workspace) for workspace in workspaces), reverse=True) == shares


def test_urgent_work_goes_first_and_older_before_newer(clock: time_machine.Traveller) -> None:
    routine, older = put(NOW - timedelta(seconds=1)), put(NOW - HOUR)
    urgent = put(priority=Priority.INTERACTIVE)
    # UPDATE ... RETURNING gives no order, so one at a time.
    assert [jobs.claim_due(KIND, limit=1)[0].ref for _ in range(3)] == [urgent, older, routine]


@pytest.mark.parametrize("first, second", [(NOW, NOW + HOUR), (NOW + HOUR, NOW)])
def test_work_that_is_put_twice_keeps_the_earlier_time(clock: time_machine.Traveller, first: datetime, second: datetime) -> None:
    ref = put(first)
    put(second, ref=ref)
    assert DueWork.objects.get(ref=ref).due_at == NOW


def test_work_that_is_put_twice_keeps_the_higher_priority(clock: time_machine.Traveller) -> None:
    ref = put(priority=Priority.INTERACTIVE)
    put(ref=ref, priority=Priority.ROUTINE)
    assert DueWork.objects.get(ref=ref).priority == Priority.INTERACTIVE


def test_claimed_work_is_not_claimed_again_while_the_lease_runs(clock: time_machine.Traveller) -> None:
    put()
    assert len(jobs.claim_due(KIND)) == 1
    clock.shift(jobs.LEASE)
    assert jobs.claim_due(KIND) == []


def test_work_of_a_worker_that_died_is_claimed_by_the_next_sweep(clock: time_machine.Traveller) -> None:
    ref = put()
    dead = begin(ref)
    clock.shift(jobs.LEASE + timedelta(seconds=1))
    again = begin(ref)
    assert again.attempt == dead.attempt + 1
    with pytest.raises(ClaimLost):
        jobs.renew(dead)
    with pytest.raises(ClaimLost):
        jobs.finish(dead)
    with pytest.raises(ClaimLost):
        jobs.finish(dead, again_at=NOW)
    with pytest.raises(ClaimLost):
        jobs.postpone(dead, until=NOW)
    jobs.renew(again)


def test_a_renewed_lease_holds_longer(clock: time_machine.Traveller) -> None:
    claim = begin(put())
    clock.shift(jobs.LEASE - timedelta(seconds=1))
    jobs.renew(claim)
    clock.shift(timedelta(seconds=30))
    assert jobs.claim_due(KIND) == []


@pytest.mark.parametrize("deliveries", range(1, 6))
def test_a_message_that_is_delivered_several_times_does_its_work_once(clock: time_machine.Traveller, deliveries: int) -> None:
    ref = put()
    (message,) = [c.message() for c in jobs.claim_due(KIND)]
    taken = [jobs.take(KIND, ref=message["ref"], key=message["key"]) for _ in range(deliveries)]
    assert [t is not None for t in taken] == [True] + [False] * (deliveries - 1)
    jobs.finish(taken[0])
    assert jobs.take(KIND, ref=message["ref"], key=message["key"]) is None
    assert row(ref) is None


def test_a_message_that_comes_after_the_row_was_claimed_anew_does_nothing(clock: time_machine.Traveller) -> None:
    put()
    (late,) = jobs.claim_due(KIND)
    clock.shift(jobs.LEASE + timedelta(seconds=1))
    (fresh,) = jobs.claim_due(KIND)
    assert jobs.take(KIND, ref=late.ref, key=late.key) is None
    assert jobs.take(KIND, ref=fresh.ref, key=fresh.key) is not None


def test_finished_work_is_gone_and_repeating_work_comes_again(clock: time_machine.Traveller) -> None:
    once, often = put(), put()
    jobs.finish(begin(once))
    clock.shift(jobs.LEASE + timedelta(seconds=1))
    jobs.finish(begin(often), again_at=NOW + HOUR, priority=Priority.BACKFILL)
    assert row(once) is None
    again = DueWork.objects.get(ref=often)
    assert (again.due_at, again.priority, again.claim, again.claimed_until, again.attempt_count) == (
        NOW + HOUR, Priority.BACKFILL, None, None, 0,
    )  # fmt: skip


def test_postponed_work_keeps_count_of_its_attempts(clock: time_machine.Traveller) -> None:
    ref = put()
    for attempt in (1, 2, 3):
        claim = begin(ref)
        assert claim.attempt == attempt
        clock.shift(HOUR)
        jobs.postpone(claim, until=NOW + attempt * HOUR)


def test_work_that_is_asked_for_while_somebody_is_at_it_is_done_once_more(clock: time_machine.Traveller) -> None:
    ref = put()
    claim = begin(ref)
    clock.shift(timedelta(seconds=5))
    put(NOW + timedelta(seconds=5), ref=ref, priority=Priority.INTERACTIVE)
    jobs.finish(claim, again_at=NOW + HOUR)
    again = DueWork.objects.get(ref=ref)
    assert (again.due_at, again.priority) == (NOW + timedelta(seconds=5), Priority.INTERACTIVE)
    jobs.finish(begin(ref), again_at=NOW + HOUR)
    again = DueWork.objects.get(ref=ref)
    assert (again.due_at, again.priority, again.again_at) == (NOW + HOUR, Priority.ROUTINE, None)


def test_work_that_would_end_is_kept_for_who_asked_meanwhile(clock: time_machine.Traveller) -> None:
    ref = put()
    claim = begin(ref)
    put(NOW + timedelta(seconds=1), ref=ref)
    jobs.finish(claim)
    clock.shift(timedelta(seconds=1))
    jobs.finish(begin(ref))
    assert row(ref) is None


def test_a_later_wish_does_not_put_off_what_comes_anyway(clock: time_machine.Traveller) -> None:
    ref = put()
    claim = begin(ref)
    put(NOW + 5 * HOUR, ref=ref)
    jobs.finish(claim, again_at=NOW + HOUR)
    assert DueWork.objects.get(ref=ref).due_at == NOW + HOUR


def test_work_that_failed_is_tried_when_it_was_asked_for_meanwhile(clock: time_machine.Traveller) -> None:
    ref = put()
    claim = begin(ref)
    put(NOW + timedelta(minutes=1), ref=ref)
    jobs.postpone(claim, until=NOW + HOUR)
    assert DueWork.objects.get(ref=ref).due_at == NOW + timedelta(minutes=1)


def test_a_wish_from_before_the_work_began_is_met_by_it(clock: time_machine.Traveller) -> None:
    ref = put()
    (swept,) = jobs.claim_due(KIND)
    put(ref=ref)
    jobs.finish(jobs.take(KIND, ref=ref, key=swept.key), again_at=NOW + HOUR)
    assert DueWork.objects.get(ref=ref).due_at == NOW + HOUR


def test_dropped_work_is_lost_to_who_holds_it(clock: time_machine.Traveller) -> None:
    ref = put()
    claim = begin(ref)
    jobs.drop(KIND, ref=ref)
    with pytest.raises(ClaimLost):
        jobs.renew(claim)


def test_kinds_do_not_meet(clock: time_machine.Traveller) -> None:
    ref = put()
    jobs.put("other", ref, workspace_id=uuid4(), at=NOW)
    (swept,) = jobs.claim_due("other")
    assert jobs.take(KIND, ref=ref, key=swept.key) is None
    jobs.drop("other", ref=ref)
    assert row(ref) is not None


@pytest.fixture
def called(db: None) -> Iterator[list[str]]:
    """The tasks that were sent to the broker, by name."""
    names: list[str] = []

    def note(sender: str, **_: object) -> None:
        names.append(sender)

    before_task_publish.connect(note)
    yield names
    before_task_publish.disconnect(note)


def put_kind(kind: str, at: datetime = NOW) -> None:
    jobs.put(kind, uuid4(), workspace_id=uuid4(), at=at)


def test_one_look_calls_the_sweeps_of_what_is_due_and_no_other(clock: time_machine.Traveller, called: list[str]) -> None:
    assert jobs.sweep() == []
    for kind in ("report", "sync", "sync", "erase"):
        put_kind(kind)
    put_kind("delivery", NOW + HOUR)
    jobs.claim_due("erase")
    assert jobs.sweep() == ["sync", "report"]
    assert called == ["metrics.tasks.sync_due", "reports.tasks.compose_due"]
    clock.shift(HOUR)  # the lease of whoever erased has run out
    assert jobs.due_kinds() == ["sync", "report", "delivery", "erase"]


def test_one_look_costs_one_statement_whatever_is_due(clock: time_machine.Traveller) -> None:
    for kind in django_settings.SWEEPS:
        put_kind(kind)
    with CaptureQueriesContext(connection) as queries:
        assert jobs.due_kinds() == list(django_settings.SWEEPS)
    assert len(queries) == 1


def test_a_sweep_costs_one_statement_whatever_is_due(clock: time_machine.Traveller) -> None:
    for _ in range(15):
        put()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert len(jobs.claim_due(KIND, limit=10)) == 10
    assert len([q for q in asked if "agency_duework" in q["sql"]]) == 1


STEPS = st.lists(st.sampled_from(["put", "begin", "finish", "repeat", "postpone", "die", "wait"]), max_size=25)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_in_no_order_of_events_is_a_wish_lost(db: None, steps: list[str]) -> None:
    """After a wish, work begins anew or is still to begin; no finish, retry or death in between makes it disappear."""
    ref, held, wished = uuid4(), None, False
    with time_machine.travel(NOW, tick=False) as clock, transaction.atomic():
        for step in steps:
            if step == "put":
                put(jobs.clock.now(), ref=ref)
                wished = True
            elif step == "begin" and held is None:
                found = [c for c in jobs.claim_due(KIND) if c.ref == ref]
                if found:
                    held, wished = jobs.take(KIND, ref=ref, key=found[0].key), False
            elif step == "wait":
                clock.shift(timedelta(seconds=1))
            elif step == "die":
                wished = wished or (held is not None and row(ref) is not None)
                held = None
                clock.shift(jobs.LEASE + timedelta(seconds=1))
            elif held is not None:
                if step == "postpone":
                    jobs.postpone(held, until=jobs.clock.now() + HOUR)
                else:
                    jobs.finish(held, again_at=jobs.clock.now() + HOUR if step == "repeat" else None)
                held = None
            if wished and held is None:
                clock.shift(jobs.LEASE + timedelta(seconds=1))
                due = DueWork.objects.filter(kind=KIND, ref=ref, due_at__lte=jobs.clock.now())
                assert due.exists(), f"lost after {step} in {steps}"
        transaction.set_rollback(True)


@shared_task(base=WorkspaceTask, name="tests.look_around")
def look_around(*, workspace_id: str, seen: list) -> None:
    """Notes the scope it runs in."""
    seen.append(scope.current())
    with scope.begin():
        seen.append(scope.current().workspace_id)


def test_a_task_without_a_workspace_is_refused() -> None:
    with pytest.raises(TypeError, match="workspace_id"):
        look_around(seen=[])
    with pytest.raises(TypeError, match="workspace_id"):
        look_around(workspace_id="", seen=[])


def test_a_task_runs_bound_to_its_workspace_and_leaves_nothing_behind(db: None) -> None:
    workspace_id, seen = uuid4(), []
    look_around(workspace_id=str(workspace_id), seen=seen)
    assert seen == [None, workspace_id]
    with pytest.raises(scope.UnscopedQuery), scope.begin():
        pass


def test_waiting_grows_and_ends_somewhere() -> None:
    for attempt, step in ((1, 15), (2, 30), (5, 240), (9, 3600), (40, 3600), (10_000, 3600)):
        pauses = [jobs.backoff(attempt).total_seconds() for _ in range(200)]
        assert step / 2 <= min(pauses) < max(pauses) <= step
        assert max(pauses) - min(pauses) > step / 4  # everybody at the same second would be one more wave


# --- two at once: real connections, committed rows, cleaned up by hand ------------------------------------------------


@pytest.fixture
def committed(django_db_blocker: pytest.FixtureRequest) -> Iterator[list[UUID]]:
    refs = [uuid4() for _ in range(40)]
    with django_db_blocker.unblock():
        for ref in refs:
            jobs.put(KIND, ref, workspace_id=uuid4(), at=NOW)
        yield refs
        DueWork.objects.filter(kind=KIND).delete()
        connection.close()


def at_once(count: int, act: object) -> list:
    """Run `act(number)` in threads that start together; their answers."""
    answers, barrier = [], threading.Barrier(count)

    def run(number: int) -> None:
        try:
            barrier.wait(10)
            answers.append(act(number))
        except Exception as error:
            answers.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def test_two_sweeps_at_once_never_claim_the_same_row(committed: list[UUID]) -> None:
    found = [c.ref for claims in at_once(2, lambda n: jobs.claim_due(KIND, limit=30)) for c in claims]
    assert len(found) == len(set(found))
    assert set(found) <= set(committed)
    assert len(found) >= 30
    found += [c.ref for c in jobs.claim_due(KIND, limit=40)]
    assert sorted(found) == sorted(committed)


def test_of_many_deliveries_at_once_exactly_one_takes_the_work(committed: list[UUID]) -> None:
    claim = jobs.claim_due(KIND, limit=1)[0]
    taken = at_once(5, lambda n: jobs.take(KIND, ref=claim.ref, key=claim.key))
    assert len(taken) == 5
    assert len([t for t in taken if t is not None]) == 1


def test_a_wish_between_looking_and_finishing_is_not_lost(committed: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody puts the work again exactly after finishing has looked whether somebody did."""
    swept = jobs.claim_due(KIND, limit=1)[0]
    claim = jobs.take(KIND, ref=swept.ref, key=swept.key)
    wish, looked, threads = NOW + timedelta(seconds=1), jobs._locked, []

    def put_again() -> None:
        jobs.put(KIND, claim.ref, workspace_id=claim.workspace_id, at=wish)
        connection.close()

    def look_then_let_the_other_go(claim: jobs.Claim) -> DueWork:
        found = looked(claim)
        threads.append(threading.Thread(target=put_again))
        threads[0].start()
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as watch:
            while threads[0].is_alive():  # until it is through, or has to wait for us
                if watch.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() != (0,):
                    break
        return found

    monkeypatch.setattr(jobs, "_locked", look_then_let_the_other_go)
    jobs.finish(claim, again_at=NOW + timedelta(hours=1))
    threads[0].join(30)
    left = DueWork.objects.get(kind=KIND, ref=claim.ref)
    assert (left.due_at, left.claim) == (wish, None)
