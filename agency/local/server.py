"""What the embedded servers have in common: a port, a log, a start that is known to have worked, and an end.

Knows neither PostgreSQL nor Valkey; those are in the modules of their names.
"""

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod

from agency.local.errors import CannotStart
from agency.local.home import Home
from agency.local.seat import Seat

READY_SECONDS = 60.0


class Server(ABC):
    name: str
    stop_signal = signal.SIGTERM

    def __init__(self, home: Home, seat: Seat, *, durable: bool) -> None:
        self.home = home
        self.account = seat.account
        self.data = seat.data / self.name
        self.durable = durable
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._meant: set[subprocess.Popen[bytes]] = set()

    @abstractmethod
    def prepare(self) -> None:
        """Make the data folder fit to start from."""

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server on our port is this one and takes work."""

    @abstractmethod
    def failed_for(self, log: str) -> str:
        """Why a start failed: `port`, `busy` (what was before is still going away) or `other`."""

    def start(self) -> None:
        """Start, or start again on the same port after `kill`."""
        self.prepare()
        is_new = self.port == 0
        if is_new:
            self.port = self.home.port(self.name)
        deadline = time.monotonic() + READY_SECONDS  # on a busy machine what was before takes seconds to go away
        while True:
            self._spawn()
            if self._wait():
                return
            reason = self.failed_for(self.log_tail(50))
            if reason == "other" or time.monotonic() > deadline:
                break
            if reason == "port" and is_new:
                self.port = self.home.port(self.name, other=True)
            else:
                time.sleep(0.3)
        raise CannotStart(f"{self.name} did not start. Its last lines:\n{self.log_tail(12)}")

    def stop(self) -> None:
        if self.process is not None:
            self._meant.add(self.process)
            self.home.end(self.name, grace_seconds=10)
            self.process.wait()
            self.process = None

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it as a power cut would, or with another signal that it obeys."""
        assert self.process is not None
        self._meant.add(self.process)
        os.killpg(self.process.pid, number)
        self.process.wait()

    def is_meant_to_end(self, process: subprocess.Popen[bytes]) -> bool:
        return process in self._meant

    def log_tail(self, count: int) -> str:
        lines = (self.home.folder / f"{self.name}.log").read_text(errors="replace").splitlines()
        return "\n".join(lines[-count:])

    def _spawn(self) -> None:
        path = self.home.folder / f"{self.name}.log"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        # A bare environment: PGHOST and the like of the caller must not reach the servers.
        environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        options = {**self.account.options(), "env": environment}
        try:
            self.process = self.home.spawn(self.name, self.command(), stop_signal=self.stop_signal, output=handle, **options)
        finally:
            os.close(handle)

    def _wait(self) -> bool:
        assert self.process is not None
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                return False
            if self.answers():
                return True
            time.sleep(0.03)
        self.home.end(self.name, grace_seconds=2)
        return False
