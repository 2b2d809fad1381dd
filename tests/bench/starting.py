"""How long the demo takes to be ready, from nothing and again."""

import time
from pathlib import Path

from agency.local import supervisor
from agency.local.stack import Stack
from tests.bench.figures import Figure
from tests.stack.ground import inherited


def measure(folder: Path) -> list[Figure]:
    """The demo as `make demo` starts it, its accounts connected through the consent flow; packages are installed already."""
    try:
        cold, second = _start(folder), _start(folder)
    finally:
        supervisor.remove(folder)
    return [Figure("demo, first start", cold, "s", "both accounts connected, with report"), Figure("demo, second start", second, "s")]


def _start(folder: Path) -> float:
    start = time.perf_counter()
    stack = Stack(folder, show=lambda name, line: None, given=inherited())
    try:
        stack.open()
        return time.perf_counter() - start
    finally:
        stack.close()
