"""Paid figures: how many rows of ads by day get from local TikTok into the tables in a second, and how much memory a worker takes."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agency.local import processes
from agency.local.browser import Browser
from tests.bench.figures import Figure
from tests.stack.ground import Ground
from tests.walk import wait

ADS = 6_000  # each delivers on some ninety-four days; twice that, in two workspaces, is over a million rows
PERSON, DESK = "northwind", "Volume Desk"
WHO = ("maya@brassstudio.example", "iris@logictarget.example")  # two workspaces, each with its own consent
PATIENCE_SECONDS = 900

_DONE = """
    SELECT count(*) FROM integrations_syncrun r JOIN integrations_adaccount a ON a.id = r.ad_account_id
    WHERE a.name = %s AND a.state = 'linked' AND r.kind IN ('ad_days', 'ad_history') AND r.last_success_at IS NOT NULL
"""
_SPAN = """
    SELECT count(*), EXTRACT(EPOCH FROM max(called_at + duration_ms * interval '1 ms') - min(called_at))::float8
    FROM integrations_apicall WHERE endpoint = '/report/integrated/get/'
"""


def measure(ground: Ground) -> list[Figure]:
    """The same ad account, read into two workspaces at once by two processes. Local TikTok is part of the time."""
    ground.control("limits", enabled=False)
    ground.control("scale", ads=ADS)
    with ground.celery_of("tests.stack.unlimited", "worker"), memory_of(ground) as most:
        return _measure(ground, most)


def _measure(ground: Ground, most: list[float]) -> list[Figure]:
    before = {name: processor_seconds(ground, name) for name in processes_of(ground)}
    for who in WHO:
        browser = Browser(ground.stack.base_url)
        browser.sign_in(ground.people[who])
        browser.link_ad_accounts(PERSON, DESK)
        browser.close()
    wait(lambda: ground.rows(_DONE, DESK)[0][0] == 2 * len(WHO), "the paid history is there", PATIENCE_SECONDS)
    parts = {name: processor_seconds(ground, name) - before[name] for name in before}
    spent = sum(parts.values())
    rows = ground.rows("SELECT count(*) FROM metrics_adday")[0][0]
    ((calls, seconds),) = ground.rows(_SPAN)
    assert rows >= len(WHO) * ADS * 90, f"{rows} rows are kept"
    without = ground.rows("SELECT count(*) FROM metrics_adday d LEFT JOIN integrations_apicall c ON c.id = d.call_id WHERE c.id IS NULL")
    assert without == [(0,)], "every row knows the call it came from"
    figures = [
        Figure("paid report rows, fetched and kept", rows / seconds, "rows/s", f"{rows:,} rows, {calls:,} calls, {seconds:.1f} s"),
    ]
    if spent > 0:  # what another program on this machine cannot spoil
        note = f"{spent:.1f} s of processor time: " + ", ".join(f"{name} {s:.1f}" for name, s in parts.items() if s > 0.01 * spent)
        figures.append(Figure("paid report rows, for two seconds of processor", 2 * rows / spent, "rows", note))
    return [
        *figures,
        Figure("memory of a worker, at its most", max(most, default=0.0), "MB", "the largest of its processes"),
    ]


def processor_seconds(ground: Ground, *names: str) -> float:
    """Of these parts of the stack, or of every one, with their children; 0 where the system has no /proc."""
    if sys.platform != "linux":
        return 0.0
    pids = processes_of(ground)
    parts = {pids[name] for name in names or pids}
    ticks, found = 0, set(parts)
    # By descent and not by group: each of PostgreSQL's processes leads a group of its own.
    stats = {one.pid: _stat(one.pid) for one in processes.running().values()}
    while more := {pid for pid, fields in stats.items() if fields and int(fields[1]) in found} - found:
        found |= more
    for pid in found:
        fields = stats.get(pid, [])
        # Its own, and of its children that have ended already.
        ticks += sum(int(fields[place]) for place in (11, 12, 13, 14)) if fields else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def processes_of(ground: Ground) -> dict[str, int]:
    """The parts of the stack that run, its servers too: each one's first process."""
    children = {name: child.process.pid for name, child in ground.stack.children.running.items()}
    return children | {server.name: server.process.pid for server in ground.stack.servers.running if server.process}


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


@contextmanager
def memory_of(ground: Ground) -> Iterator[list[float]]:
    """Looks every half second at the largest process of the worker, in MB. Empty where the system has no /proc."""
    seen: list[float] = []
    over = threading.Event()

    def look() -> None:
        group = ground.stack.children.running["worker"].process.pid
        while not over.wait(0.5):
            seen.append(max((_megabytes(one.pid) for one in processes.running().values() if one.group == group), default=0.0))

    watcher = threading.Thread(target=look, daemon=True)
    if sys.platform == "linux":
        watcher.start()
    try:
        yield seen
    finally:
        over.set()
        if watcher.is_alive():
            watcher.join()


def _megabytes(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS:")), 0.0)
