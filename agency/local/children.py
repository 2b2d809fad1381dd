"""The programs that one command runs beside the servers: started, watched, listened to, ended.

Knows nothing of what they are. Every line they write is handed on at once, with the name of who wrote it.
"""

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import IO

from agency.local.errors import CannotStart
from agency.local.home import PROJECT, Home

READY_SECONDS = 90.0
GRACE_SECONDS = 6.0
LOOK_EVERY_SECONDS = 0.5
KEPT_LINES = 25

Show = Callable[[str, str], None]


class Interrupted(Exception):
    """Somebody asked the command to stop."""


@dataclass(frozen=True)
class Program:
    name: str
    command: list[str]
    # Asked again and again with the lines written so far, until it says yes.
    is_ready: Callable[[deque[str]], bool] = lambda lines: True


@dataclass
class Child:
    program: Program
    process: subprocess.Popen[bytes]
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    is_ending: bool = False
    reader: threading.Thread | None = None


class Children:
    def __init__(self, home: Home, environment: Mapping[str, str], show: Show) -> None:
        self.home = home
        self.environment = dict(environment)
        self.show = show
        self.running: dict[str, Child] = {}
        self.events: SimpleQueue[tuple[str, int] | None] = SimpleQueue()
        self._is_interrupted = False

    def interrupt(self) -> None:
        """Stop waiting for anything. Safe inside a signal handler: a flag and a queue that may be entered twice."""
        self._is_interrupted = True
        self.events.put(None)

    def run(self, program: Program) -> None:
        """Run a program to its end; anything but success stops the start."""
        child = self._spawn(program)
        try:
            while child.process.poll() is None:
                self._pause()
        finally:
            self.home.end(program.name, grace_seconds=GRACE_SECONDS)
        if child.process.returncode != 0:
            raise CannotStart(self.obituary(child))

    def start(self, program: Program) -> None:
        before = self.running.get(program.name)
        if before is not None and before.process.poll() is None:
            raise CannotStart(f"{program.name} runs already; a second one would be left behind in the end.")
        child = self._spawn(program)
        self.running[program.name] = child
        threading.Thread(target=self._await_end, args=(child,), daemon=True).start()

    def watch(self, name: str, process: subprocess.Popen[bytes], is_meant: Callable[[], bool]) -> None:
        """Report the end of a process that somebody else started, unless it was meant."""

        def wait() -> None:
            code = process.wait()
            if not is_meant():
                self.events.put((name, code))

        threading.Thread(target=wait, daemon=True).start()

    def wait_ready(self, *names: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        for name in names:
            child = self.running[name]
            while not child.program.is_ready(child.lines):
                if time.monotonic() > deadline:
                    raise CannotStart(f"{name} was not ready after {READY_SECONDS:.0f} seconds. Its last lines:\n{_indented(child.lines)}")
                self._pause()

    def wait_for_end(self) -> str | None:
        """Wait until something ends that should not. Says what it was; None when the command was interrupted."""
        while not self._is_interrupted:
            try:
                # Not for ever: a signal that comes just before the wait, or to another thread, does not end it.
                event = self.events.get(timeout=LOOK_EVERY_SECONDS)
            except Empty:
                continue
            if event is not None:
                name, code = event
                child = self.running.get(name)
                return self.obituary(child) if child else f"{name} ended with {_spoken(code)}."
        return None

    def stop(self, *names: str) -> None:
        chosen = [self.running.pop(name) for name in names if name in self.running]
        for child in chosen:
            child.is_ending = True
        self.home.end(*(child.program.name for child in chosen), grace_seconds=GRACE_SECONDS)
        for child in chosen:
            child.process.wait()

    def kill(self, name: str) -> None:
        """End a program and its children as a power cut would."""
        child = self.running[name]
        child.is_ending = True
        os.killpg(child.process.pid, signal.SIGKILL)
        self.stop(name)

    def obituary(self, child: Child) -> str:
        code = child.process.wait()
        if child.reader is not None:
            child.reader.join(timeout=1)
        return f"{child.program.name} ended with {_spoken(code)}. Its last lines:\n{_indented(child.lines)}"

    def _spawn(self, program: Program) -> Child:
        process = self.home.spawn(program.name, program.command, output=subprocess.PIPE, env=self.environment, cwd=PROJECT)
        assert process.stdout is not None
        child = Child(program, process)
        child.reader = threading.Thread(target=self._read, args=(child, process.stdout), daemon=True)
        child.reader.start()
        return child

    def _read(self, child: Child, pipe: IO[bytes]) -> None:
        for raw in pipe:
            line = raw.decode(errors="replace").rstrip()
            child.lines.append(line)
            self.show(child.program.name, line)

    def _await_end(self, child: Child) -> None:
        code = child.process.wait()
        if not child.is_ending:
            self.events.put((child.program.name, code))

    def _pause(self) -> None:
        if self._is_interrupted:
            raise Interrupted
        for child in self.running.values():
            if child.process.poll() is not None:
                raise CannotStart(self.obituary(child))
        time.sleep(0.03)


def _indented(lines: deque[str]) -> str:
    """Set apart from our own lines: a script that waits for our `ready` must not take a dead program's for it."""
    return "\n".join(f"  {line}" for line in list(lines))


def _spoken(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
