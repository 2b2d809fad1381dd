"""One folder under `.local/` and the command that holds it.

Owns the lock on the folder, the record of what was started for it, its secrets and its ports. A guard process shares the lock and ends
everything on record when the command dies in whatever way, kill -9 included. Never decides what is started.
"""

import contextlib
import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Collection
from pathlib import Path
from typing import IO, Any

from agency.local import processes
from agency.local.errors import CannotStart
from agency.local.processes import Mark

PROJECT = Path(__file__).resolve().parents[2]

RECORD = "processes.json"
LOCK = "lock"

# Below the range from which systems draw ports for outgoing connections, so that a server which is down for a moment
# does not lose its port to a client.
PORTS = range(15000, 32000)

HANDOVER_SECONDS = 30.0


def write_private(path: Path, content: str | bytes) -> None:
    """Replace a file whole, readable by its owner only; it is never half written and never readable by others, not even for a moment."""
    data = content.encode() if isinstance(content, str) else content
    draft = path.with_name(f".{path.name}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def is_port_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            return False
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(*, but: Collection[int] = ()) -> int:
    for _ in range(200):
        port = secrets.choice(PORTS)
        if port not in but and is_port_free(port):
            return port
    raise CannotStart("No free port was found on 127.0.0.1 between 15000 and 32000.")


def leftovers(folder: Path) -> list[Mark]:
    return [Mark(**item) for item in read_json(folder / RECORD).get("processes", [])]


def sweep(folder: Path) -> None:
    """End what an earlier command started for this folder and did not end itself."""
    marks = leftovers(folder)
    # Servers come first in the record and leave last, as in an orderly stop.
    processes.end([item for item in marks if item.stop_signal != signal.SIGINT], grace_seconds=5)
    processes.end([item for item in marks if item.stop_signal == signal.SIGINT], grace_seconds=10)
    (folder / RECORD).unlink(missing_ok=True)


class Home:
    """A held folder. Create it with `Home(folder)`, give it back with `release()`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        try:
            self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
            self._lock = self._take_lock()
        except PermissionError as error:
            raise CannotStart(f"{self.folder} belongs to another user: run the command as that user, or remove the folder.") from error
        self.promised: set[int] = set()  # ports that somebody else has chosen for this folder's programs
        self._marks: dict[str, Mark] = {}
        self._writing = threading.Lock()
        sweep(self.folder)
        self._guard = subprocess.Popen(
            [sys.executable, "-m", "agency.local.guard", str(self.folder)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(self._lock,),
            start_new_session=True,
        )

    def release(self) -> None:
        """Give the folder back. What is still on record is ended by the guard."""
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait()
        with contextlib.suppress(OSError):
            os.close(self._lock)

    def secret(self, name: str) -> str:
        """A random value that is drawn once and kept beside the data it protects."""
        path = self.folder / "secrets.json"
        kept = read_json(path)
        if name not in kept:
            kept[name] = secrets.token_urlsafe(32)
            write_private(path, json.dumps(kept, indent=1))
        return kept[name]

    def port(self, name: str, *, other: bool = False) -> int:
        """A free port, the same as last time where possible; `other` when that one turned out to be taken.

        Never one that is kept for another name: nobody may listen there yet.
        """
        path = self.folder / "ports.json"
        kept = read_json(path)
        if other or name not in kept or kept[name] in self.promised or not is_port_free(kept[name]):
            kept[name] = free_port(but={*kept.values(), *self.promised})
            write_private(path, json.dumps(kept, indent=1))
        return kept[name]

    def spawn(
        self, name: str, command: list[str], *, stop_signal: signal.Signals = signal.SIGTERM, output: IO[bytes] | int, **options: Any
    ) -> subprocess.Popen[bytes]:
        """Start a process in a group of its own and write it down, so that it cannot outlive the command unnoticed."""
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True, **options
        )
        found = processes.mark(name, process.pid, stop_signal)
        if found is not None:
            with self._writing:
                self._marks[name] = found
                self._write_record()
        return process

    def end(self, *names: str, grace_seconds: float) -> None:
        """Stop started processes with everything in their groups."""
        with self._writing:
            marks = [self._marks[name] for name in names if name in self._marks]
        processes.end(marks, grace_seconds=grace_seconds)
        with self._writing:
            for name in names:
                self._marks.pop(name, None)
            self._write_record()

    def _write_record(self) -> None:
        content = {"processes": [item.as_json() for item in self._marks.values()]}
        write_private(self.folder / RECORD, json.dumps(content, indent=1))

    def _take_lock(self) -> int:
        handle = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + HANDOVER_SECONDS
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                holder = read_json(self.folder / LOCK)
                # A dead holder's guard keeps the lock until it has ended what was left behind.
                if (holder and processes.is_alive(Mark(**holder))) or time.monotonic() > deadline:
                    os.close(handle)
                    raise CannotStart(f"{self.folder} is in use by process {holder.get('pid', 'unknown')}: stop that first.") from None
                time.sleep(0.05)
        own = processes.mark("holder", os.getpid(), signal.SIGTERM)
        assert own is not None
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(own.as_json()).encode(), 0)
        return handle
