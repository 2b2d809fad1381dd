"""Workers that are killed, as by kill -9, at a named point of what they do.

A worker is a fork of the test's process, so that thousands of deaths cost minutes: it begins with connections of its own, works, and at its
point kills itself with the signal that nothing can catch. What it had committed stays, what it had open is gone.
"""

import os
import random
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.db import connections

KILLED = -signal.SIGKILL


@dataclass(frozen=True)
class Point:
    """Just before, or just after, the call of that number of one function."""

    name: str
    place: str  # "integrations.refresh:vault.sealer"
    after: bool = True
    number: int = 1

    def __str__(self) -> str:
        return self.name

    def arm(self) -> None:
        """Whoever comes here in this process dies."""
        module, _, path = self.place.partition(":")
        *owners, attribute = path.split(".")
        owner: Any = import_module(module)
        for part in owners:
            owner = getattr(owner, part)
        real, count = getattr(owner, attribute), [0]

        def dying(*args: Any, **kwargs: Any) -> Any:
            count[0] += 1
            is_here = count[0] == self.number
            if is_here and not self.after:
                os.kill(os.getpid(), signal.SIGKILL)
            answer = real(*args, **kwargs)
            if is_here:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        setattr(owner, attribute, dying)


def begin(work: Callable[[], object], point: Point | None = None) -> int:
    """Start a worker; its process id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        for connection in connections.all():
            connection.connection = None  # the parent's: neither used nor closed here
        random.seed()
        if point is not None:
            point.arm()
        work()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


def end(pid: int) -> int:
    """Wait for a worker: 0 when it came through, KILLED, or 1 with its traceback on the error output."""
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def run(work: Callable[[], object], point: Point | None = None) -> int:
    """One worker from beginning to end."""
    return end(begin(work, point))


def all_at_once(works: Sequence[Callable[[], object]]) -> list[int]:
    """Many workers that begin at the same moment; how each ended."""
    gate, opener = os.pipe()

    def waiting(work: Callable[[], object]) -> Callable[[], object]:
        def go() -> object:
            os.close(opener)
            os.read(gate, 1)  # ends when the parent closes its side
            return work()

        return go

    pids = [begin(waiting(work)) for work in works]
    os.close(gate)
    os.close(opener)
    return [end(pid) for pid in pids]
