"""When TikTok is down it is asked from time to time by one, and by everybody again as soon as it answers. Against a real Valkey."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from agency import clock
from integrations import breaker, gateway
from integrations.breaker import FAILURES_TO_OPEN, LONGEST_INTERVAL_SECONDS, Admission, Breaker
from integrations.limits import Family
from integrations.models import Connection, SyncRun
from integrations.tiktok import accounts
from integrations.tiktok.errors import CircuitOpen, OurMistake, TikTokError
from tests.integrations.steering import POSTS, data_calls, make_due, mend, step
from tests.local_tiktok import LocalTikTok
from tests.work import work_off

ADS, ACCOUNTS = Family.ADS, Family.ACCOUNTS
PROBE_SECONDS = 22.0


class TimeMachine(redis.Redis):
    """Valkey whose TIME the test decides."""

    seconds = 1_000_000.0

    def register_script(self, script: str) -> Any:
        ours = script.replace("local time = redis.call('TIME')", "local at = redis.call('GET', 'test:now')")
        ours = ours.replace("time[1] * 1000 + math.floor(time[2] / 1000)", "math.floor(tonumber(at))")
        assert "time[" not in ours
        return super().register_script(ours)

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.set("test:now", round(self.seconds * 1000))


@pytest.fixture
def valkey() -> Iterator[TimeMachine]:
    client = TimeMachine.from_url(os.environ["RATE_URL"])
    client.delete(*(f"breaker:{family}" for family in Family))
    client.wait(0)
    yield client
    client.delete(*(f"breaker:{family}" for family in Family))
    client.close()


@pytest.fixture
def guard(valkey: TimeMachine) -> Breaker:
    return Breaker(valkey, probe_lasts_seconds=PROBE_SECONDS)


def opened(guard: Breaker) -> None:
    for _ in range(FAILURES_TO_OPEN):
        guard.failed(Admission(ADS))


def test_a_row_of_failures_opens_it_and_nobody_calls(guard: Breaker) -> None:
    for _ in range(FAILURES_TO_OPEN - 1):
        guard.failed(Admission(ADS))
        assert guard.admit(ADS) == Admission(ADS)
    guard.failed(Admission(ADS))
    wait = guard.admit(ADS)
    assert isinstance(wait, float)
    assert 0 < wait <= LONGEST_INTERVAL_SECONDS
    assert guard.wait(ADS) == wait
    assert guard.admit(ACCOUNTS) == Admission(ACCOUNTS), "other families go on"


def test_one_success_in_between_begins_the_row_anew(guard: Breaker) -> None:
    for _ in range(5):
        for _ in range(FAILURES_TO_OPEN - 1):
            guard.failed(Admission(ADS))
        guard.succeeded(Admission(ADS))
    assert guard.admit(ADS) == Admission(ADS)


def test_failures_of_long_ago_are_no_row(guard: Breaker, valkey: TimeMachine) -> None:
    for _ in range(FAILURES_TO_OPEN - 1):
        guard.failed(Admission(ADS))
    assert 0 < valkey.ttl("breaker:ads") <= breaker.FORGOTTEN_AFTER_SECONDS


def test_in_each_interval_one_probe_goes_out(guard: Breaker, valkey: TimeMachine) -> None:
    opened(guard)
    valkey.wait(guard.wait(ADS))
    assert guard.wait(ADS) == 0.0
    answers = [guard.admit(ADS) for _ in range(20)]
    assert answers[0] == Admission(ADS, is_probe=True)
    assert all(isinstance(answer, float) for answer in answers[1:])
    assert answers[1] == PROBE_SECONDS, "a probe whose worker died is followed by another one"


def test_the_intervals_grow_and_end_somewhere(guard: Breaker, valkey: TimeMachine) -> None:
    opened(guard)
    pauses = []
    for _ in range(6):
        pauses.append(guard.wait(ADS))
        valkey.wait(pauses[-1])
        probe = guard.admit(ADS)
        assert isinstance(probe, Admission)
        guard.failed(probe)
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[-1] == LONGEST_INTERVAL_SECONDS


def test_calls_that_were_under_way_when_it_opened_change_nothing(guard: Breaker) -> None:
    opened(guard)
    before = guard.wait(ADS)
    for _ in range(5):
        guard.failed(Admission(ADS))
    assert guard.wait(ADS) == before


def test_a_probe_that_succeeds_closes_it_at_once(guard: Breaker, valkey: TimeMachine) -> None:
    opened(guard)
    valkey.wait(guard.wait(ADS))
    probe = guard.admit(ADS)
    guard.succeeded(probe)
    assert [guard.admit(ADS) for _ in range(3)] == [Admission(ADS)] * 3
    assert not any(state.is_open for state in guard.states())


def test_its_state_can_be_seen(guard: Breaker, valkey: TimeMachine) -> None:
    opened(guard)
    states = {state.family: state for state in guard.states()}
    assert states[ADS].is_open
    assert states[ADS].open_for is not None
    assert not states[ACCOUNTS].is_open


def test_without_redis_calls_go_out() -> None:
    guard = Breaker(redis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0)), probe_lasts_seconds=1)
    opened(guard)
    assert guard.admit(ADS) == Admission(ADS)
    assert guard.states() == []


# --- around real calls --------------------------------------------------------------------------------------------------


def ask(tiktok: LocalTikTok) -> type[TikTokError] | None:
    grant = tiktok.control("grant", account="brassorbit3", flow="account", scopes=None)["data"]
    try:
        accounts.profile(
            gateway.transport_for(grant["open_id"]),
            access_token=gateway.Secret(grant["access_token"]),
            business_id=grant["open_id"],
            fields=["username"],
        )
    except TikTokError as error:
        return type(error)
    return None


@pytest.mark.parametrize("fault", [{"kind": "status", "value": 500}, {"kind": "status", "value": 503}, {"kind": "reset"}, {"kind": "html"},
    {"kind": "maintenance"}, {"kind": "code", "value": 50000}])  # fmt: skip
def test_an_outage_is_answered_by_silence_until_it_is_over(tiktok: LocalTikTok, fault: dict[str, Any]) -> None:
    tiktok.control("faults", path="*/business/get/", times=None, **fault)
    answers = [ask(tiktok) for _ in range(FAILURES_TO_OPEN + 5)]
    assert CircuitOpen not in answers[:FAILURES_TO_OPEN]
    assert answers[FAILURES_TO_OPEN:] == [CircuitOpen] * 5
    assert data_calls(tiktok) == FAILURES_TO_OPEN
    mend(tiktok)  # also forgets our own state, as time would


@pytest.mark.parametrize("fault", [{"kind": "code", "value": 40002}, {"kind": "code", "value": 40105}, {"kind": "code", "value": 40130}])
def test_errors_that_tiktok_gives_in_good_order_are_no_outage(tiktok: LocalTikTok, fault: dict[str, Any]) -> None:
    tiktok.control("faults", path="*/business/get/", times=None, **fault)
    answers = [ask(tiktok) for _ in range(FAILURES_TO_OPEN + 5)]
    assert CircuitOpen not in answers
    assert OurMistake in answers or all(answers)


@pytest.mark.django_db(databases=("default", "keystore"))
def test_a_sync_says_that_tiktok_does_not_answer_and_when_it_is_looked_again(
    tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It is not to be looked again before the sync is through.
    monkeypatch.setattr(breaker, "FIRST_INTERVAL_SECONDS", LONGEST_INTERVAL_SECONDS)
    for _ in range(FAILURES_TO_OPEN):
        gateway.breaker().failed(Admission(ACCOUNTS))
    make_due("sync", connected)
    asked, began = data_calls(tiktok), clock.now()
    work_off("sync")
    posts = step(connected, SyncRun.Kind.POSTS)
    assert data_calls(tiktok) == asked
    assert (posts.state, posts.sentence) == ("failed", CircuitOpen.sentence)
    assert (posts.due_at - began).total_seconds() <= LONGEST_INTERVAL_SECONDS + 1
    assert gateway.pause(POSTS).everybody > 0, "workers leave the rest of the work alone"
    assert [state.family for state in gateway.breaker().states() if state.is_open] == [ACCOUNTS]
