"""The sandbox's own time: the machine's time plus an offset. Nothing else in the package asks the machine for the time of day."""

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path


class Clock:
    def __init__(self, file: Path | None = None, offset: float = 0.0) -> None:
        self._file, self.offset_seconds = file, offset
        self._listeners: list[Callable[[], None]] = []
        self._write()

    def now(self) -> float:
        return time.time() + self.offset_seconds

    def seconds(self) -> int:
        return int(self.now())

    def iso(self) -> str:
        return iso(self.now())

    def set_to(self, moment: datetime) -> None:
        self._move(moment.timestamp() - time.time())

    def advance(self, seconds: float) -> None:
        self._move(self.offset_seconds + seconds)

    def follow_machine(self) -> None:
        self._move(0.0)

    def on_change(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def _move(self, offset: float) -> None:
        self.offset_seconds = offset
        self._write()
        for listener in self._listeners:
            listener()

    def _write(self) -> None:
        if self._file is not None:
            write_atomically(self._file, json.dumps({"offset_seconds": self.offset_seconds}))


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_text(moment: float) -> str:
    """YYYY-MM-DD HH:MM:SS in UTC, as the API for Business writes moments."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")


def parse_moment(text: str) -> datetime:
    """An ISO 8601 moment; without a zone it is UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def write_atomically(file: Path, text: str) -> None:
    """Readers see the old text or the new one, never a part. The file holds tokens at times: for its owner only."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    fresh.replace(file)
