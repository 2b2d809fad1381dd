"""The rate budget against a real Valkey, with its clock played forward by hand."""

import os
import uuid
from collections.abc import Iterator

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from agency import clock
from integrations.budget import Budget, Pace, Window
from integrations.limits import ACCOUNTS_APP, ACCOUNTS_PACE, GENERAL_MINUTE, Family, family_of, rules_for


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


def bucket(limit: int = 40, seconds: int = 60) -> Window:
    return Window(f"test:{uuid.uuid4()}", limit=limit, seconds=seconds)


def greedy(budget: Budget, valkey: TimeMachine, buckets: list[Window | Pace], duration_us: int, step_us: int = 200_000) -> list[int]:
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
    assert budget.used(wide) == (2, 0.0)


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


def pace(per_second: float = 10.0, burst: int = 20) -> Pace:
    return Pace(f"test:{uuid.uuid4()}", per_second=per_second, burst=burst)


def test_a_pace_spreads_calls_and_lets_a_few_go_at_once(valkey: TimeMachine) -> None:
    one, start = pace(), valkey.now_us
    calls = greedy(Budget(valkey), valkey, [one], 60_000_000, step_us=10_000)
    assert sum(1 for c in calls if c == start) == one.burst
    assert len(calls) == pytest.approx(600 + one.burst, abs=1)
    assert fullest_window(calls, 1) <= one.burst + 10


def test_pace_and_window_of_the_accounts_api_keep_its_limit_and_use_nearly_all_of_it_although_nobody_looks_more_than_once_a_second(
    valkey: TimeMachine,
) -> None:
    budget, own_pace = Budget(valkey), pace(ACCOUNTS_PACE.per_second, ACCOUNTS_PACE.burst)
    app = bucket(limit=ACCOUNTS_APP.limit)
    calls = greedy(budget, valkey, [own_pace, app], 300_000_000, step_us=1_000_000)
    assert fullest_window(calls, 60) <= app.limit
    assert len(calls) >= 0.92 * app.limit * 5


def test_whoever_waits_in_person_goes_first(valkey: TimeMachine) -> None:
    budget, one = Budget(valkey), pace(per_second=10.0, burst=1)
    assert budget.take([one]) == 0.0
    assert 0 < budget.take([one], for_person=True) <= 0.1
    valkey.set_time(valkey.now_us + 150_000)
    assert budget.take([one]) > 0, "a slot is free, and it is not for the background"
    assert budget.take([one], for_person=True) == 0.0
    valkey.set_time(valkey.now_us + 150_000)
    assert budget.take([one]) == 0.0, "once served, nobody is held back"


def test_whoever_asked_in_person_and_left_holds_nobody_up_for_long(valkey: TimeMachine) -> None:
    budget, one = Budget(valkey), pace(per_second=10.0, burst=1)
    assert budget.take([one]) == 0.0
    assert budget.take([one], for_person=True) > 0
    valkey.set_time(valkey.now_us + 700_000)
    assert budget.take([one]) == 0.0


def test_looking_takes_nothing(valkey: TimeMachine) -> None:
    budget, buckets = Budget(valkey), [bucket(limit=2), pace(per_second=1, burst=2)]
    assert [budget.wait(buckets) for _ in range(5)] == [0.0] * 5
    assert [budget.take(buckets) for _ in range(2)] == [0.0, 0.0]
    assert budget.wait(buckets) > 0


def test_the_accounts_api_counts_per_account_and_over_the_app() -> None:
    rules = rules_for("/business/get/", "a")
    assert rules.wide == (ACCOUNTS_PACE, ACCOUNTS_APP)
    assert [own.limit for own in rules.narrow] == [40]
    assert rules.narrow != rules_for("/business/get/", "b").narrow
    assert rules.narrow != rules_for("/business/video/list/", "a").narrow


@pytest.mark.parametrize(
    ("endpoint", "family"),
    [
        ("/business/video/list/", Family.ACCOUNTS),
        ("/tt_user/oauth2/refresh_token/", Family.TOKENS),
        ("/v2/oauth/token/", Family.TOKENS),
        ("/oauth2/advertiser/get/", Family.TOKENS),
        ("/v2/video/list/", Family.DEVELOPERS),
        ("/report/integrated/get/", Family.ADS),
        ("/campaign/get/", Family.ADS),
    ],
)
def test_each_endpoint_has_its_family(endpoint: str, family: Family) -> None:
    assert family_of(endpoint) is family
    assert rules_for(endpoint, "a").all


@pytest.mark.parametrize(
    ("endpoint", "limits"),
    [
        ("/report/task/create/", {(1, 1), (60, 60), (4500, 86400), (10, 1), (600, 60)}),
        ("/business/video/publish/", {(600, 60), (40, 60), (6, 60), (15, 86400)}),
        ("/v2/post/publish/video/init/", {(6, 60)}),
        ("/v2/post/publish/creator_info/query/", {(20, 60)}),
        ("/v2/user/info/", {(600, 60)}),
    ],
)
def test_limits_that_tiktok_publishes_for_single_endpoints_are_kept(endpoint: str, limits: set[tuple[int, int]]) -> None:
    assert {(b.limit, b.seconds) for b in rules_for(endpoint, "a").all if isinstance(b, Window)} == limits


def test_without_redis_nothing_is_told_about_use() -> None:
    assert Budget(redis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))).used(GENERAL_MINUTE) is None


def test_refusals_are_counted_for_a_minute(valkey: TimeMachine) -> None:
    budget, one = Budget(valkey), bucket()
    assert [budget.refusals(one) for _ in range(3)] == [1, 2, 3]
    assert 0 < valkey.ttl(f"budget:{one.name}:refused") <= 60
