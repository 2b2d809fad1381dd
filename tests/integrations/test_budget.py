"""The rate budget against a real Valkey, with its clock played forward by hand."""

import os
import uuid
from collections.abc import Iterator

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from agency import clock
from integrations.budget import ACCOUNTS_APP, Bucket, Budget, buckets_for


class TimeMachine(redis.Redis):
    """Valkey whose TIME the test decides: the scripts are given a clock of ours in place of the server's."""

    now_us = 1_000_000_000_000

    def register_script(self, script: str):
        ours = script.replace("local time = redis.call('TIME')", "local at = redis.call('GET', 'test:now')\nlocal time = {0, 0}").replace(
            "time[1] * 1000000 + time[2]", "tonumber(at)"
        )
        assert "test:now" in ours
        return super().register_script(ours)

    def set_time(self, us: int) -> None:
        self.now_us = us
        self.set("test:now", us)


@pytest.fixture
def valkey() -> Iterator[TimeMachine]:
    client = TimeMachine.from_url(os.environ["RATE_URL"])
    client.set_time(TimeMachine.now_us)
    yield client
    client.close()


def bucket(limit: int = 40, seconds: int = 60) -> Bucket:
    return Bucket(f"test:{uuid.uuid4()}", limit=limit, seconds=seconds)


def greedy(budget: Budget, valkey: TimeMachine, buckets: list[Bucket], duration_us: int, step_us: int = 200_000) -> list[int]:
    """Take whatever can be taken for a while; the instants of all calls."""
    calls, start = [], valkey.now_us
    while valkey.now_us < start + duration_us:
        if budget.take(buckets) == 0.0:
            calls.append(valkey.now_us)
        else:
            valkey.set_time(valkey.now_us + step_us)
    return calls


def fullest_window(calls: list[int], seconds: int) -> int:
    return max(sum(1 for c in calls if start <= c < start + seconds * 1_000_000) for start in calls)


def test_no_sliding_window_holds_more_than_the_limit_and_nearly_all_of_it_is_used(valkey: TimeMachine) -> None:
    one = bucket()
    calls = greedy(Budget(valkey), valkey, [one], 180_000_000)
    assert fullest_window(calls, 60) <= one.limit
    assert len(calls) >= 0.92 * one.limit * 3


def test_the_whole_limit_may_be_used_at_once(valkey: TimeMachine) -> None:
    one, budget = bucket(), Budget(valkey)
    assert [budget.take([one]) for _ in range(one.limit)] == [0.0] * one.limit
    assert budget.take([one]) > 0.0


def test_the_app_wide_limit_is_kept_over_many_accounts(valkey: TimeMachine) -> None:
    app = bucket(limit=ACCOUNTS_APP.limit)
    budget, accounts = Budget(valkey), [bucket() for _ in range(20)]
    calls, start = [], valkey.now_us
    while valkey.now_us < start + 70_000_000:
        taken = [valkey.now_us for account in accounts if budget.take([app, account]) == 0.0]
        calls += taken
        if not taken:
            valkey.set_time(valkey.now_us + 200_000)
    assert fullest_window(calls, 60) <= app.limit
    assert len(calls) >= 0.92 * app.limit * 70 / 60


def test_a_call_takes_a_slot_in_all_of_its_buckets_or_in_none(valkey: TimeMachine) -> None:
    budget, wide, narrow = Budget(valkey), bucket(limit=600), bucket(limit=2)
    assert [budget.take([wide, narrow]) for _ in range(2)] == [0.0, 0.0]
    assert budget.take([wide, narrow]) > 0.0
    assert valkey.llen(wide.keys[0]) == 2


def test_the_wait_is_told_exactly(valkey: TimeMachine) -> None:
    budget, one = Budget(valkey), bucket(limit=2, seconds=60)
    assert [budget.take([one]) for _ in range(2)] == [0.0, 0.0]
    wait = budget.take([one])
    valkey.set_time(valkey.now_us + int(wait * 1_000_000) - 1)
    assert budget.take([one]) > 0.0
    valkey.set_time(valkey.now_us + 1)
    assert budget.take([one]) == 0.0


def test_a_penalty_silences_the_bucket_and_a_shorter_one_does_not_end_it(valkey: TimeMachine) -> None:
    budget, one = Budget(valkey), bucket()
    budget.block(one, 300)
    budget.block(one, 10)
    assert budget.take([one]) == pytest.approx(300)
    valkey.set_time(valkey.now_us + 300_000_000)
    assert budget.take([one]) == 0.0


def test_without_redis_it_is_slower_and_never_unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    budget = Budget(redis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0)))
    assert budget.take([bucket()]) == 0.0
    assert [budget.take([bucket()]) for _ in range(5)] == [2.0] * 5
    now[0] += 2.0
    assert budget.take([bucket()]) == 0.0


def test_the_accounts_api_counts_per_account_and_over_the_app() -> None:
    app, own = buckets_for("/business/get/", "a")
    assert app is ACCOUNTS_APP
    assert own.limit == 40
    assert own != buckets_for("/business/get/", "b")[1]
    assert own != buckets_for("/business/video/list/", "a")[1]


def test_refusals_are_counted_for_a_minute(valkey: TimeMachine) -> None:
    budget, one = Budget(valkey), bucket()
    assert [budget.refusals(one) for _ in range(3)] == [1, 2, 3]
    assert 0 < valkey.ttl(f"{one.keys[0]}:refused") <= 60
