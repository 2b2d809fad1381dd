"""Monday morning: reports of many workspaces composed, drawn, rendered and handed to a mail server that keeps nothing.

200 workspaces and 1,000 recipients; `BENCH_MONDAY=10` takes ten times as many, which is what a large Monday is. What counts is the share of
what the mail server alone takes when nobody composes anything, that every chart is drawn once, and that memory does not grow.
"""

import json
import os
import smtplib
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import psycopg

from agency.local import processes
from agency.local.children import Program
from agency.local.home import PROJECT
from tests.bench.drawing import DRAWN
from tests.bench.figures import Figure
from tests.bench.paid import processes_of, processor_seconds
from tests.stack.ground import Ground

WORKSPACES = max(10, int(200 * float(os.environ.get("BENCH_MONDAY", "1"))))
READERS = 5
FIRST = 20  # reports that go before anything is counted: on a Monday the workers have run for days
LINES, ALONE_SECONDS = 2, 5.0  # as many lines to the mail server as there are workers
PATIENCE_SECONDS = 1_800

_SENT = """
    SELECT count(*) FILTER (WHERE state = 'sent') FROM reports_delivery d JOIN agency_workspace w ON w.id = d.workspace_id
    WHERE w.slug LIKE %s
"""
_DUE = """
    UPDATE agency_duework SET due_at = 'epoch' FROM agency_workspace w
    WHERE kind = 'report' AND w.id = workspace_id AND w.slug LIKE %s RETURNING 1
"""


def measure(ground: Ground) -> list[Figure]:
    """The world first, then the morning, then the mail server alone with the last of the mails."""
    counts = ground.stack.folder / "sink.json"
    ground.stack.children.stop("beat", "worker", "mail")
    command = [sys.executable, "-m", "tests.bench.sink", "--port", str(ground.stack.mail_port), "--counts", str(counts)]
    ground.stack.programs["mail"] = Program("mail", command, is_ready=lambda lines: "ready" in lines)
    ground.stack.start("mail")
    environment = os.environ | ground.environment
    for slug, number in (("first", FIRST), ("bench", WORKSPACES)):
        planting = [sys.executable, "-m", "tests.bench.monday_world", slug, str(number)]
        subprocess.run(planting, cwd=PROJECT, env=environment, check=True)
    worker = ground.stack.programs["worker"]
    ground.stack.programs["worker"] = replace(worker, command=[w.replace("agency.celery", "tests.bench.drawing") for w in worker.command])
    ground.stack.start("worker")
    ground.stack.start("beat")
    assert len(ground.rows(_DUE, "first-%")) == FIRST
    _follow(ground, "first-%", FIRST * READERS)
    ground.valkey().delete(DRAWN)
    wanted = WORKSPACES * READERS
    before, began = _spent(ground), time.perf_counter()
    assert len(ground.rows(_DUE, "bench-%")) == WORKSPACES
    memory = _follow(ground, "bench-%", wanted)
    seconds, after = time.perf_counter() - began, _spent(ground)
    spent = {name: after[name] - before[name] for name in after}
    drawn = int(ground.valkey().get(DRAWN) or 0)
    ground.stack.children.stop("worker", "beat")
    alone = _alone(ground, counts)
    told = json.loads(counts.read_text())
    return [
        Figure(
            "mails, from report due to accepted",
            wanted / seconds,
            "mails/s",
            f"{WORKSPACES:,} workspaces, {wanted:,} mails, {seconds:.1f} s",
        ),
        Figure(
            "mails, for two seconds of processor",
            2 * wanted / sum(spent.values()),
            "mails",
            f"{sum(spent.values()):.1f} s over all parts, mail server and PostgreSQL included",
        ),
        *(
            Figure(f"processor of a report and its {READERS} mails, {name}", 1000 * seconds / WORKSPACES, "ms")
            for name, seconds in sorted(spent.items(), key=lambda pair: -pair[1])
            if seconds > 0
        ),
        Figure("the mail server alone", alone, "mails/s", f"{LINES} lines, the same mail of {told['bytes'] / 1024:.0f} KB"),
        Figure("share of the mail server alone", wanted / seconds / alone, "", "1 would be: composing costs nothing"),
        Figure("charts drawn", drawn / WORKSPACES, "a report"),
        Figure("memory of the workers, at a fifth", memory[0], "MB"),
        Figure("memory of the workers, at the end", memory[1], "MB", f"{memory[1] / memory[0]:.2f} of the line above"),
    ]


def _spent(ground: Ground) -> dict[str, float]:
    """Seconds of processor, by part of the stack."""
    return {name: processor_seconds(ground, name) for name in processes_of(ground)}


def _follow(ground: Ground, slugs: str, wanted: int) -> tuple[float, float]:
    """Until everything is sent: the workers' memory when a fifth was, and at the end. Over one connection, which costs next to nothing."""
    ends, early = time.monotonic() + PATIENCE_SECONDS, 0.0
    with psycopg.connect(ground.environment["DATABASE_ADMIN_URL"], dbname="platform", autocommit=True) as watching:
        while time.monotonic() < ends:
            ((sent,),) = watching.execute(_SENT, (slugs,)).fetchall()
            if not early and sent >= wanted / 5:
                early = _megabytes(ground)
            if sent == wanted:
                return early, _megabytes(ground)
            time.sleep(0.2)
    raise AssertionError(f"{sent} of {wanted} were sent")


def _megabytes(ground: Ground) -> float:
    """What the worker and its children hold."""
    root = ground.stack.children.running["worker"].process.pid
    found, parents = {root}, {one.pid: _parent(one.pid) for one in processes.running().values()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return sum(_resident(pid) for pid in found) / 1024


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _resident(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)


def _alone(ground: Ground, counts: Path) -> float:
    """Mails a second that the mail server takes over some lines, each already open, when nobody does anything else."""
    message = counts.with_suffix(".eml").read_bytes()
    taken = [0] * LINES
    ends = time.perf_counter() + ALONE_SECONDS

    def send(place: int) -> None:
        with smtplib.SMTP("127.0.0.1", ground.stack.mail_port) as line:
            while time.perf_counter() < ends:
                line.sendmail("reports@bench.example", ["reader@bench.example"], message)
                taken[place] += 1

    threads = [threading.Thread(target=send, args=(place,)) for place in range(LINES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(taken) / ALONE_SECONDS
