"""TikTok's limits under a backlog that never ends: never passed, nearly used up, shared fairly, and nobody who presses a button waits.

`make test` watches for seconds and holds what is true on any machine: no window above the limit, no call before its time, one probe at a
time. How much is used, how fairly, and how long a button waits needs a machine that is not busy: CHAOS=long watches for half an hour
(CHAOS_SECONDS says otherwise).
"""

import os
import random
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import httpx
import pytest

from agency.local.browser import Browser
from integrations.breaker import FAILURES_TO_OPEN, LONGEST_INTERVAL_SECONDS
from tests.chaos.person import until
from tests.chaos.restless import PASSWORD, WATCHER
from tests.chaos.test_pull_plugs import LONG
from tests.chaos.world import World

pytestmark = pytest.mark.stack
only_long = pytest.mark.skipif(not LONG, reason="a long fault run: make chaos")
SECONDS = float(os.environ.get("CHAOS_SECONDS", "1800"))
WARM_UP_SECONDS = 5.0
PROCESSES = 8
PER_MINUTE, PER_ACCOUNT = 600, 40
HUGE, SMALL, SMALL_ONES = 120, 6, 19
DATA = "/open_api/v1.3/business/"


@contextmanager
def eight_processes(world: World) -> Iterator[None]:
    """Worker processes that always have something to do."""
    stack = world.ground.stack
    before = stack.programs["worker"]
    command = [word.replace("agency.celery", "tests.chaos.restless") for word in before.command]
    command[command.index("--concurrency") + 1] = str(PROCESSES)
    stack.children.stop("worker")
    stack.programs["worker"] = replace(before, command=command)
    stack.start("worker")
    try:
        yield
    finally:
        stack.children.stop("worker")
        stack.programs["worker"] = before
        stack.start("worker")


def asked(world: World, since: float = 0.0) -> list[dict[str, Any]]:
    """Local TikTok's own list of what it was asked for figures, oldest first, with times in seconds."""
    query = {"limit": "100000"} | ({"since": datetime.fromtimestamp(since, UTC).isoformat()} if since else {})
    answer = httpx.get(f"{world.ground.stack.sandbox_url}/__control__/log", params=query, timeout=60, trust_env=False).json()
    return [e | {"at": datetime.fromisoformat(e["time"]).timestamp()} for e in answer["entries"] if e["endpoint"].startswith(DATA)]


def let_pass(moment: float) -> None:
    """Look on until then: what is watched is what happens in real time."""
    until(lambda: time.time() > moment, "the time has passed", seconds=moment - time.time() + 30)


def fullest_window(times: Iterable[float], seconds: float = 60.0) -> int:
    window: deque[float] = deque()
    most = 0
    for at in times:
        window.append(at)
        while window[0] <= at - seconds:
            window.popleft()
        most = max(most, len(window))
    return most


def fairness(shares: Iterable[float]) -> float:
    """Jain's index: 1 when all have the same, 1/n when one has everything."""
    values = list(shares)
    return sum(values) ** 2 / (len(values) * sum(v * v for v in values))


def press_now_and_then(world: World, places: dict[str, list[str]], ends: float) -> list[tuple[str, float]]:
    """Somebody presses "Refresh now" of one account after another; which, and when."""
    browser, chance, pressed = Browser(world.ground.stack.base_url), random.Random(7), []
    browser.sign_in({"email": WATCHER, "password": PASSWORD, "totp_secret": None})
    while time.time() < ends:
        slug = chance.choice(list(places))
        connection = chance.choice(places[slug])
        page = browser.get(f"/settings/integrations?workspace={slug}")
        pressed.append((connection, time.time()))
        browser.submit(page, to=f"{connection}/refresh")
        time.sleep(min(2.0, max(0.0, ends - time.time())))  # a person's pace
    browser.close()
    return pressed


def watch_the_limits(world: World, places: dict[str, list[str]], seconds: float) -> tuple[list[dict[str, Any]], list[tuple[str, float]]]:
    """So many seconds of a backlog with people pressing buttons: all calls, and what was pressed when. No window may be too full."""
    until(lambda: len(world.ground.asked("/business/")) > 50, "the backlog is being worked off")
    pressed = press_now_and_then(world, places, time.time() + seconds)
    calls = asked(world)
    assert not [c for c in calls if c["code"] == 40100 or c["status"] == 429], "TikTok never had to say no"
    assert fullest_window(c["at"] for c in calls) <= PER_MINUTE
    own = defaultdict(list)
    for call in calls:
        own[call["token"], call["endpoint"]].append(call["at"])
    assert max(map(fullest_window, own.values())) <= PER_ACCOUNT
    return calls, pressed


def watch_a_no(world: World, kind: str, value: int, silent_seconds: float, watch_seconds: float) -> None:
    """TikTok says no to two accounts: they are left alone until their time, and the others go on."""
    path = "/open_api/v1.3/business/video/list/"
    already = len(world.ground.asked(path, fault=kind))
    world.ground.control("faults", path=path, kind=kind, times=2, value=value)
    until(lambda: len(world.ground.asked(path, fault=kind)) == already + 2, "TikTok said no twice")
    refused = {e["token"]: datetime.fromisoformat(e["time"]).timestamp() for e in world.ground.asked(path, fault=kind)}
    let_pass(max(refused.values()) + watch_seconds)

    def others() -> list[dict[str, Any]]:
        return [c for c in asked(world) if c["endpoint"] == path and c["token"] not in refused and c["at"] > max(refused.values())]

    until(others, "other accounts go on")
    calls = asked(world)
    for token, at in refused.items():
        later = [c["at"] - at for c in calls if c["token"] == token and c["endpoint"] == path and c["at"] > at]
        assert not later or min(later) >= silent_seconds - 0.1, (token, later[:3])


def watch_an_outage(world: World, seconds: float) -> tuple[int, list[float], float]:
    """TikTok breaks and comes back: how many calls opened the breaker, the gaps between probes, and how long until calls went out."""
    world.ground.control("faults", path="/open_api/v1.3/business/*", kind="status", times=None, value=500)
    down = time.time()
    let_pass(down + seconds)
    httpx.delete(f"{world.ground.stack.sandbox_url}/__control__/faults", trust_env=False)
    back = time.time()
    until(lambda: sum(c["at"] > back and c["status"] == 200 for c in asked(world, back)) > 10, "calls go out again")
    failed = [c["at"] for c in asked(world, down) if c["fault"]]
    gaps = [b - a for a, b in pairwise(failed)]
    # Before so many it cannot open (that it then does is tests/integrations/test_breaker.py): an earlier gap is a machine out of breath.
    opened_after = next((place for place, gap in enumerate(gaps, 1) if place >= FAILURES_TO_OPEN and gap > 2.0), len(failed))
    good = next(c["at"] for c in asked(world, back) if c["status"] == 200)
    return opened_after, gaps[opened_after - 1 :], good - back


def check_the_outage(opened_after: int, gaps: list[float]) -> None:
    """At most twenty calls to see it, then one at a time over all processes."""
    assert FAILURES_TO_OPEN <= opened_after <= 20
    assert gaps, "somebody looked"
    assert min(gaps) > 3.0, "one probe in an interval, whoever makes it"


@pytest.mark.skipif(LONG, reason="the long forms follow")
def test_limits_are_kept_a_no_is_obeyed_and_an_outage_is_met_with_silence(world: World) -> None:
    places = world.crowd(30, 3, 3, 3)
    with eight_processes(world):
        watch_the_limits(world, places, 10.0)
        shares = Counter(workspace for (workspace,) in world.ground.rows("SELECT workspace_id::text FROM integrations_apicall"))
        assert len(shares) == len(places), "everybody had a turn"
        watch_a_no(world, "retry-after", 4, 4.0, watch_seconds=6.0)
        opened_after, gaps, _ = watch_an_outage(world, 14.0)
    check_the_outage(opened_after, gaps)


@only_long
def test_limits_are_nearly_used_up_and_shared_and_nobody_waits(world: World) -> None:
    places = world.crowd(HUGE, *[SMALL] * SMALL_ONES)
    with eight_processes(world):
        until(lambda: len(world.ground.asked("/business/")) > 50, "the backlog is being worked off")
        let_pass(time.time() + WARM_UP_SECONDS)  # the first rush
        began = time.time()
        calls, pressed = watch_the_limits(world, places, SECONDS)
        ended = time.time()
    used = sum(began <= c["at"] < ended for c in calls) / (PER_MINUTE * (ended - began) / 60)
    statement = """
        SELECT c.workspace_id::text, count(*) FROM integrations_apicall c
        WHERE c.called_at BETWEEN to_timestamp(%s) AND to_timestamp(%s) GROUP BY 1
    """
    shares = Counter(dict(world.ground.rows(statement, began, ended)))
    waited = sorted(
        world.ground.rows(
            "SELECT COALESCE(min(extract(epoch FROM called_at)::float8) - %s, 999) FROM integrations_apicall"
            " WHERE connection_id = %s::uuid AND called_at >= to_timestamp(%s)",
            at, connection, at,
        )[0][0]
        for connection, at in pressed if at < ended - 3
    )  # fmt: skip
    p95 = waited[int(0.95 * (len(waited) - 1))]
    fullest = fullest_window(c["at"] for c in calls)
    print(  # noqa: T201 - the figures
        f"{len(calls)} calls, fullest minute {fullest}, used {used:.1%}, fairness {fairness(shares.values()):.3f}, "
        f"refresh p95 {p95:.2f} s of {len(waited)}"
    )
    assert used >= 0.92, sorted(shares.values())
    assert len(shares) == 1 + SMALL_ONES
    assert fairness(shares.values()) >= 0.95
    assert p95 < 2.0


@only_long
@pytest.mark.parametrize(("kind", "value", "silent_seconds"), [("retry-after", 12, 12.0), ("code", 40100, 300.0)])
def test_after_a_no_from_tiktok_nobody_calls_before_its_time(world: World, kind: str, value: int, silent_seconds: float) -> None:
    world.crowd(12)
    with eight_processes(world):
        until(lambda: len(world.ground.asked("/business/")) > 50, "the backlog is being worked off")
        watch_a_no(world, kind, value, silent_seconds, watch_seconds=silent_seconds + 5.0)


@only_long
def test_an_outage_is_met_with_silence_one_probe_at_a_time_and_an_end(world: World) -> None:
    world.crowd(40)
    with eight_processes(world):
        until(lambda: len(world.ground.asked("/business/")) > 50, "the backlog is being worked off")
        opened_after, gaps, back_after = watch_an_outage(world, 120.0)
    print(f"{opened_after} calls to open, {len(gaps)} probes, back after {back_after:.1f} s")  # noqa: T201 - the figures
    check_the_outage(opened_after, gaps)
    assert back_after <= min(30.0, LONGEST_INTERVAL_SECONDS + 5.0)
