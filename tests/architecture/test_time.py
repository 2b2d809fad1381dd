"""Time comes from the clock. A module that reads the machine's own would live in another week than the rest."""

import ast
from pathlib import Path

import pytest

from agency.local.home import PROJECT

APPS = ("agency", "integrations", "metrics", "campaigns", "community", "reports", "privacy")
READS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("timezone", "now"), ("timezone", "localdate"),
    ("timezone", "localtime"), ("time", "time"), ("time", "time_ns"), ("time", "localtime"), ("time", "gmtime"), ("time", "monotonic"),
    ("time", "perf_counter"), ("functions", "Now"),
}  # fmt: skip
_MONOTONIC = {("time", "monotonic")}
# Where the machine's own clock is meant, and why.
ALLOWED: dict[str, tuple[set[tuple[str, str]], str]] = {
    "agency/clock.py": (READS, "it is the clock"),
    "agency/audit_verifier.py": ({("datetime", "now")}, "it stands alone, in the world outside"),
    "agency/sealing.py": (_MONOTONIC, "the age of a key in memory is real time, whatever week the platform lives in"),
    "integrations/tiktok/deadline.py": (_MONOTONIC, "a deadline is a duration"),
    "integrations/tiktok/transport.py": (_MONOTONIC, "a call takes a duration"),
}


def readings(source: str) -> list[tuple[int, tuple[str, str]]]:
    """Lines that read a clock, with what they read: calls, and references that are passed on."""
    tree = ast.parse(source)
    found = [
        (node.lineno, (owner, node.attr))
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and (owner := node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", "")) is not None
        and (owner, node.attr) in READS
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = (node.module or "").rsplit(".", 1)[-1]
            found += [(node.lineno, (module, a.name)) for a in node.names if (module, a.name) in READS]
        if isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}:
            found.append((node.value.lineno, ("model", str(node.arg))))
    return found


def modules() -> list[Path]:
    """Everything the platform runs; the commands of a laptop in agency/local are stacks of processes, not the platform."""
    paths = [p for app in APPS for p in sorted((PROJECT / app).rglob("*.py"))]
    return [p for p in paths if not p.is_relative_to(PROJECT / "agency" / "local")]


def test_time_comes_from_the_clock_only() -> None:
    assert len(modules()) > 80
    wrong = []
    for path in modules():
        name = path.relative_to(PROJECT).as_posix()
        allowed, _reason = ALLOWED.get(name, (set(), ""))
        wrong += [f"{name}:{line} {'.'.join(what)}" for line, what in readings(path.read_text()) if what not in allowed]
    assert wrong == []


@pytest.mark.parametrize("name", ALLOWED)
def test_every_exception_is_still_needed(name: str) -> None:
    assert readings((PROJECT / name).read_text())


@pytest.mark.parametrize(
    "planted",
    [
        "from datetime import datetime, UTC\nx = datetime.now(UTC)",
        "import datetime\nx = datetime.datetime.now()",
        "import datetime as d\nx = d.date.today()",
        "from django.utils import timezone\nfield(default=timezone.now)",
        "import time\nx = time.time()",
        "from time import time\n",
        "from time import monotonic\n",
        "from django.db.models.functions import Now\n",
        "from django.db import models\nat = models.DateTimeField(auto_now_add=True)",
    ],
)
def test_a_planted_reading_is_found(planted: str) -> None:
    assert readings(planted)


def test_what_only_converts_is_left_alone() -> None:
    assert readings("from datetime import datetime, UTC\nx = datetime.fromtimestamp(1, UTC)\ny = clock.now()\nz = clock.today()") == []
