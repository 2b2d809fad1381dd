"""TikTok's limits under a backlog that never ends: never passed, nearly used up, shared fairly, and nobody who presses a button waits.

A long fault run: half an hour (CHAOS_SECONDS says otherwise).
"""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from agency.local.browser import Browser
from integrations.breaker import FAILURES_TO_OPEN, LONGEST_INTERVAL_SECONDS
from tests.chaos.person import until
from tests.chaos.restless import PASSWORD, WATCHER
from tests.chaos.test_pull_plugs import LONG
from tests.chaos.world import World

pytestmark = [pytest.mark.stack, pytest.mark.skipif(not LONG, reason="a long fault run: make chaos")]
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


def crowd(world: World, *sizes: int) -> dict[str, list[str]]:
    """Connect so many accounts in so many workspaces; the connections of each, the workspaces by slug."""
    world.ground.control("scale", accounts=sum(sizes), posts=15)
    command = [sys.executable, "-m", "tests.chaos.crowd", world.ground.stack.sandbox_url, "1", *map(str, sizes)]
    project = Path(__file__).resolve().parents[2]
    environment = os.environ | world.ground.environment
    done = subprocess.run(command, env=environment, cwd=project, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    places: dict[str, list[str]] = json.loads(done.stdout.strip().splitlines()[-1])
    return places


def asked(world: World, since: float = 0.0) -> list[dict[str, Any]]:
    """Local TikTok's own list of what it was asked for figures, oldest first, with times in seconds."""
    query = {"limit": "100000"} | ({"since": datetime.fromtimestamp(since, UTC).isoformat()} if since else {})
    answer = httpx.get(f"{world.ground.stack.sandbox_url}/__control__/log", params=query, timeout=60, trust_env=False).json()
    return [e | {"at": datetime.fromisoformat(e["time"]).timestamp()} for e in answer["entries"] if e["endpoint"].startswith(DATA)]


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


def test_limits_are_kept_used_and_shared_and_nobody_waits(world: World) -> None:
    places = crowd(world, HUGE, *[SMALL] * SMALL_ONES)
    with eight_processes(world):
        until(lambda: len(world.ground.asked("/business/")) > 50, "the backlog is being worked off")
        time.sleep(WARM_UP_SECONDS)
        began = time.time()
        pressed = press_now_and_then(world, places, began + SECONDS)
        ended = time.time()
    calls = asked(world)
    assert not [c for c in calls if c["code"] == 40100 or c["status"] == 429], "TikTok never had to say no"
    assert fullest_window(c["at"] for c in calls) <= PER_MINUTE
    own = defaultdict(list)
    for call in calls:
        own[call["token"], call["endpoint"]].append(call["at"])
    assert max(map(fullest_window, own.values())) <= PER_ACCOUNT

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
    print(f"used {used:.1%}, fairness {fairness(shares.values()):.3f}, refresh p95 {p95:.2f} s of {len(waited)}")  # noqa: T201 - the figures
    assert used >= 0.92, sorted(shares.values())
    assert len(shares) == 1 + SMALL_ONES
    assert fairness(shares.values()) >= 0.95
    assert p95 < 2.0


@pytest.mark.parametrize(("kind", "value", "silent_seconds"), [("retry-after", 12, 12.0), ("code", 40100, 300.0)])
def test_after_a_no_from_tiktok_nobody_calls_before_its_time(world: World, kind: str, value: int, silent_seconds: float) -> None:
    crowd(world, 12)
    path = "/open_api/v1.3/business/video/list/"
    with eight_processes(world):
        until(lambda: len(world.ground.asked("/business/")) > 50, "the backlog is being worked off")
        world.ground.control("faults", path=path, kind=kind, times=2, value=value)
        until(lambda: len(world.ground.asked(path, fault=kind)) == 2, "TikTok said no twice")
        refused = {e["token"]: datetime.fromisoformat(e["time"]).timestamp() for e in world.ground.asked(path, fault=kind)}
        watch = min(silent_seconds, 20.0) + 3.0
        until(lambda: time.time() > max(refused.values()) + watch, "the silence has been watched")
        calls = asked(world)
    for token, at in refused.items():
        later = [c["at"] - at for c in calls if c["token"] == token and c["endpoint"] == path and c["at"] > at + 0.05]
        assert not later or min(later) >= silent_seconds - 0.1, (token, later[:3])
    others = [c for c in calls if c["endpoint"] == path and c["token"] not in refused and c["at"] > max(refused.values())]
    assert others, "other accounts go on"


def test_an_outage_is_met_with_silence_one_probe_at_a_time_and_an_end(world: World) -> None:
    crowd(world, 40)
    with eight_processes(world):
        until(lambda: len(world.ground.asked("/business/")) > 50, "the backlog is being worked off")
        world.ground.control("faults", path="/open_api/v1.3/business/*", kind="status", times=None, value=500)
        down = time.time()
        until(lambda: time.time() > down + 40, "the outage lasts")
        during = [c["at"] for c in asked(world, down) if c["fault"]]
        httpx.delete(f"{world.ground.stack.sandbox_url}/__control__/faults", trust_env=False)
        back = time.time()
        until(lambda: sum(c["at"] > back and c["status"] == 200 for c in asked(world, back)) > 30, "calls go out again", seconds=60)
        good = [c["at"] for c in asked(world, back) if c["status"] == 200]
    opening = [at for at in during if at < during[0] + 3.0]
    probes = during[len(opening) :]
    print(f"{len(opening)} calls to open, {len(probes)} probes, back after {good[0] - back:.1f} s")  # noqa: T201 - the figures
    assert FAILURES_TO_OPEN <= len(opening) <= 20
    assert 1 <= len(probes) <= 10
    assert min((b - a for a, b in pairwise(probes)), default=99) > 3.0
    assert good[0] - back <= min(30.0, LONGEST_INTERVAL_SECONDS + 5.0)
