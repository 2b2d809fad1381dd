"""Processes of this machine: which run, which of them are ours, and how they end.

A process id alone never identifies anything (ids are reused), so a process is known by id, start time and boot. Never signals a process
that does not match all three.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Running:
    pid: int
    group: int
    started: str


@dataclass(frozen=True)
class Mark:
    """What is written down about a process that we started, so that a later command can end it."""

    name: str
    pid: int
    started: str
    boot: str
    stop_signal: int

    def as_json(self) -> dict[str, str | int]:
        return asdict(self)


def mark(name: str, pid: int, stop_signal: int) -> Mark | None:
    """The mark of a live process; None when it has ended already."""
    found = running().get(pid)
    return None if found is None else Mark(name=name, pid=pid, started=found.started, boot=boot(), stop_signal=stop_signal)


def is_alive(known: Mark) -> bool:
    found = running().get(known.pid)
    return known.boot == boot() and found is not None and found.started == known.started


def running() -> dict[int, Running]:
    """Every process that still does something: zombies hold a process id but nothing else, and count as gone."""
    return _running_by_proc() if sys.platform == "linux" else _running_by_ps()


@cache
def boot() -> str:
    """What tells this run of the machine from the last one: after a restart, process ids start again from the bottom."""
    if sys.platform == "linux":
        return (PROC / "sys/kernel/random/boot_id").read_text().strip()
    answer = subprocess.run(["sysctl", "-n", "kern.boottime"], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def command_line(pid: int) -> str:
    if sys.platform == "linux":
        try:
            return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout


def end(known: Iterable[Mark], *, grace_seconds: float) -> None:
    """Ask processes to stop, their leaders first, then insist on everything in their groups.

    Only the leader is asked: gunicorn and Celery let their children finish, and children that are asked themselves drop their work.
    """
    waiting = {item.pid: item for item in known}
    for item in waiting.values():
        _signal(item, item.stop_signal, everyone=False)
    orphaned: set[int] = set()
    deadline = time.monotonic() + grace_seconds
    while waiting and time.monotonic() < deadline:
        waiting = {pid: item for pid, item in waiting.items() if _members(item)}
        for pid, item in waiting.items():
            if pid not in orphaned and not is_alive(item):
                orphaned.add(pid)
                _signal(item, signal.SIGTERM, everyone=True)
        if waiting:
            time.sleep(0.02)
    for item in waiting.values():
        _signal(item, signal.SIGKILL, everyone=True)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and any(_members(item) for item in waiting.values()):
        time.sleep(0.02)


def _members(known: Mark) -> list[int]:
    """The live processes of a marked group. Its leader may be gone: the kernel keeps a leader's id reserved while its group has members."""
    if known.boot != boot():
        return []
    now = running()
    leader = now.get(known.pid)
    if leader is not None and leader.started != known.started:
        return []
    return [item.pid for item in now.values() if item.group == known.pid]


def _signal(known: Mark, number: int, *, everyone: bool) -> None:
    members = _members(known)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if everyone and members:
            os.killpg(known.pid, number)
        elif known.pid in members:
            os.kill(known.pid, number)


def _running_by_proc() -> dict[int, Running]:
    found = {}
    for entry in os.listdir(PROC):
        if not entry.isdigit():
            continue
        try:
            # The name in brackets may hold spaces and brackets itself; the fields that count follow the last one.
            fields = (PROC / entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if fields and fields[0] not in "ZX":
            found[int(entry)] = Running(pid=int(entry), group=int(fields[2]), started=fields[19])
    return found


def _running_by_ps() -> dict[int, Running]:
    answer = subprocess.run(
        ["ps", "-axo", "pid=,pgid=,stat=,lstart="], capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"}
    )
    found = {}
    for line in answer.stdout.splitlines():
        pid, group, state, started = line.split(None, 3)
        if not state.startswith("Z"):
            found[int(pid)] = Running(pid=int(pid), group=int(group), started=started.strip())
    return found
