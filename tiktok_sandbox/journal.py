"""What was asked of the sandbox, the last hundred thousand requests. Tokens appear as short hashes, bodies and queries not at all."""

from collections import deque
from typing import Any, NamedTuple

from tiktok_sandbox.clock import iso, parse_moment

KEPT = 100_000


class Entry(NamedTuple):
    id: int
    time: float
    method: str
    endpoint: str
    token: str | None
    status: int | None  # None: no answer left the house
    code: int | str | None
    fault: str | None
    request_id: str | None


class Journal:
    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._last_id = 0

    def add(
        self,
        time: float,
        method: str,
        endpoint: str,
        *,
        token: str | None,
        status: int | None,
        code: int | str | None,
        fault: str | None,
        request_id: str | None,
    ) -> None:
        self._last_id += 1
        self._entries.append(Entry(self._last_id, time, method, endpoint, token, status, code, fault, request_id))

    def listed(self, *, since: str | None, endpoint: str | None, offset: int, limit: int) -> dict[str, Any]:
        """Oldest first. `since` is an entry's number (what came after it) or a moment (what came from it on)."""
        wanted = [entry for entry in self._entries if endpoint is None or entry.endpoint == endpoint]
        if since is not None and since.isdecimal():
            wanted = [entry for entry in wanted if entry.id > int(since)]
        elif since is not None:
            start = parse_moment(since).timestamp()
            wanted = [entry for entry in wanted if entry.time >= start]
        return {
            "total": len(wanted),
            "entries": [{**entry._asdict(), "time": iso(entry.time)} for entry in wanted[offset : offset + limit]],
        }

    def clear(self) -> None:
        self._entries.clear()
