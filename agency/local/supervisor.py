"""What a person sees of the platform on one machine: lines with names, addresses, sign-ins, and an orderly end.

Owns the foreground commands `demo`, `walkthrough`, `run` and `reset`. What runs and in which order belongs to the stack.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from agency.local.children import LOOK_EVERY_SECONDS, Interrupted, Show
from agency.local.errors import CannotStart
from agency.local.home import PROJECT, Home, read_json
from agency.local.seat import remove_private_folder
from agency.local.stack import Stack

LOCAL = PROJECT / ".local"
DEMO = LOCAL / "demo"
FACTS = LOCAL / "demo.json"
WALKTHROUGH = LOCAL / "walkthrough"

WIDTH = 9
COLOURS = {"mail": 35, "sandbox": 36, "web": 32, "worker": 33, "beat": 34}


def demo(port: int, sandbox_port: int) -> int:
    """The platform in the foreground until Ctrl-C, or until a part of it ends by itself."""
    stack = Stack(DEMO, show=console(sys.stdout), port=port, sandbox_port=sandbox_port, facts_file=FACTS)
    with _ending(stack):
        stack.open()
        for line in introduction(stack):
            print(line)
        print("ready", flush=True)
        failure = stack.children.wait_for_end()
        if failure is not None:
            raise CannotStart(failure)
    return 0


def walkthrough(command: Sequence[str]) -> int:
    """The same stack from nothing, on free ports, for one script; what the parts say goes to files."""
    Home(WALKTHROUGH).release()  # refuses when another walkthrough runs, ends what a killed one left
    remove(WALKTHROUGH)
    stack = Stack(WALKTHROUGH, show=files(WALKTHROUGH / "log"), durable=False, connected=False)
    with _ending(stack):
        stack.open()
        code = _run(command, stack.environment)
    if code != 0:
        print(f"What the parts of the platform said is in {WALKTHROUGH / 'log'}.", file=sys.stderr)
    return code


def run(command: Sequence[str]) -> int:
    """One command with the demo's servers and environment; beside a running demo, in that one's."""
    running = read_json(DEMO / "environment.json")
    if running and not _is_held(DEMO):
        (DEMO / "environment.json").unlink()  # left by a demo that was killed
        running = {}
    if running:
        return _run(command, {**os.environ, **running})
    stack = Stack(DEMO, show=console(sys.stdout), facts_file=FACTS)
    with _ending(stack):
        stack.open_servers()
        return _run(command, stack.environment)


def reset() -> int:
    """Remove the demo's data. A running demo has to be stopped first; what a killed one left is ended here."""
    for folder in (DEMO, WALKTHROUGH):
        if folder.exists():
            Home(folder).release()
            remove(folder)
    FACTS.unlink(missing_ok=True)
    print("The demo starts over next time.")
    return 0


def remove(folder: Path) -> None:
    """Everything a stack keeps, wherever it had to put it."""
    remove_private_folder(folder)
    shutil.rmtree(folder, ignore_errors=True)


def console(stream: TextIO) -> Show:
    """Each line whole, with the padded name of who says it; in colour on a terminal."""
    is_coloured = stream.isatty() and "NO_COLOR" not in os.environ
    lock = threading.Lock()

    def show(name: str, line: str) -> None:
        label = f"{name:<{WIDTH}}|"
        if is_coloured:
            label = f"\x1b[{COLOURS.get(name, 37)}m{label}\x1b[0m"
        # A reader that went away must not stop the parts that write.
        with lock, suppress(OSError):
            stream.write(f"{label} {line}\n")
            stream.flush()

    return show


def files(folder: Path) -> Show:
    def show(name: str, line: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{name}.log").open("a") as file:
            file.write(f"{line}\n")

    return show


def introduction(stack: Stack) -> Iterator[str]:
    """Where to go and as whom."""
    facts = stack.facts()
    yield ""
    yield f"  The platform   {facts['base_url']}"
    yield f"  Local TikTok   {facts['sandbox_url']}"
    yield f"  Sent mail      {facts['base_url']}/dev/mail/"
    yield from note_on_age(clock_of(facts["sandbox_url"]))
    yield ""
    yield "  Sign in as (valid in this demo only)"
    width = max((len(person["email"]) for person in facts["people"]), default=0)
    for person in facts["people"]:
        second = f"  code from {person['totp_secret']}" if person.get("totp_secret") else ""
        yield f"  {person['role']:<16} {person['email']:<{width}}  {person['password']}{second}"
    yield ""


def clock_of(sandbox_url: str) -> dict[str, Any]:
    """What local TikTok says about its time and its sample week; nothing where it does not say it."""
    address = f"{sandbox_url}/__control__/clock"
    with suppress(OSError, ValueError), urllib.request.urlopen(address, timeout=10) as answer:  # nosec B310 - on this machine
        return dict(json.load(answer))
    return {}


def note_on_age(told: Mapping[str, Any]) -> list[str]:
    """A demo keeps the sample week in which it began, for figures of days that are over never change. Says so once a newer week is final,
    which is two days after its Sunday.
    """
    week = told.get("sample_week")
    if not week:
        return []
    final = datetime.fromisoformat(week["last"]).replace(tzinfo=UTC) + timedelta(days=3)
    weeks = (datetime.fromisoformat(told["now"]) - final) // timedelta(days=7)
    if weeks < 1:
        return []
    age = "a week" if weeks == 1 else f"{weeks} weeks"
    return ["", f"  The sample week ends on {week['last']}, {age} before the latest one: `make demo-reset` starts over with that."]


@contextmanager
def _ending(stack: Stack) -> Iterator[None]:
    """Close the stack whatever happens, and turn signals into an orderly end. A second signal changes nothing: the end is short."""

    def stop(number: int, frame: FrameType | None) -> None:
        stack.children.interrupt()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    except Interrupted:
        print("stopped before it was ready", file=sys.stderr)
        raise SystemExit(130) from None
    finally:
        stack.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def _run(command: Sequence[str], environment: dict[str, str]) -> int:
    """A command that shares our terminal. Ctrl-C reaches it directly; it decides what that means."""
    with subprocess.Popen([*command], env=environment) as process:
        previous = signal.signal(signal.SIGTERM, lambda number, frame: process.terminate())
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):  # as in Children.wait_for_end
                    return process.wait(timeout=LOOK_EVERY_SECONDS)
        finally:
            signal.signal(signal.SIGTERM, previous)


def _is_held(folder: Path) -> bool:
    try:
        Home(folder).release()
    except CannotStart:
        return True
    return False
