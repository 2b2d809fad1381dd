"""Faults on demand: which path fails, how, and how often. Decides only; the wire carries them out."""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from typing import Any

from tiktok_sandbox.wire import Manner

KINDS = ("status", "code", "timeout", "reset", "drip", "html", "truncated", "lost-answer", "retry-after", "maintenance", "clock-skew")
DEFAULTS: dict[str, Any] = {
    "status": 500, "code": 50000, "timeout": 3600.0, "drip": 0.5, "html": 200, "retry-after": 60, "clock-skew": 3600
}  # fmt: skip
MOST_SKEW = 366 * 86_400
# These answer in place of the endpoint. The others let the endpoint do its work and spoil the answer.
INSTEAD = frozenset({"status", "code", "timeout", "reset", "html", "retry-after", "maintenance"})
MANNERS = {"timeout": Manner.TIMEOUT, "reset": Manner.RESET, "drip": Manner.DRIP, "truncated": Manner.TRUNCATED, "lost-answer": Manner.LOST}


@dataclass(slots=True)
class Fault:
    id: int
    path: str
    kind: str
    value: Any
    left: int | None  # None: until cleared
    skip: int

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "path": self.path, "kind": self.kind, "value": self.value, "times": self.left, "skip": self.skip}


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._last_id = 0

    def add(self, wanted: dict[str, Any]) -> Fault:
        """Plan a fault; raises ValueError with the reason when it makes no sense."""
        path, kind, times, skip = wanted.get("path"), wanted.get("kind"), wanted.get("times", 1), wanted.get("skip", 0)
        if not isinstance(path, str) or not path.startswith(("/", "*")):
            raise ValueError("path: a path is needed, * stands for any text")
        if kind not in KINDS:
            raise ValueError(f"kind: one of {', '.join(KINDS)}")
        if times is not None and not _is_count(times, 1):
            raise ValueError("times: a number from 1, or null for every time")
        if not _is_count(skip, 0):
            raise ValueError("skip: a number from 0")
        value = wanted.get("value")
        value = DEFAULTS.get(kind) if value is None else value
        _check_value(kind, value, in_words=path.startswith("/v2/"))
        self._last_id += 1
        fault = Fault(self._last_id, path, kind, value, times, skip)
        self._faults.append(fault)
        return fault

    def take(self, path: str) -> Fault | None:
        """The first planned fault that fits the path; it is used up by one."""
        for fault in self._faults:
            if fnmatchcase(path, fault.path):
                if fault.skip:
                    fault.skip -= 1
                    continue
                if fault.left is not None:
                    fault.left -= 1
                    if not fault.left:
                        self._faults.remove(fault)
                return fault
        return None

    def listed(self) -> list[dict[str, Any]]:
        return [fault.as_json() for fault in self._faults]

    def clear(self, number: int | None = None) -> None:
        self._faults = [fault for fault in self._faults if number is not None and fault.id != number]


def _is_count(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _check_value(kind: str, value: Any, *, in_words: bool) -> None:
    """TikTok for Developers has words for codes; the API for Business has numbers."""
    match kind:
        case "status" | "html":
            if not _is_count(value, 200) or value > 599:
                raise ValueError("value: an HTTP status from 200 to 599")
        case "code":
            code = value.get("code") if isinstance(value, dict) else value
            if not (_is_count(code, 0) or (in_words and isinstance(code, str) and code)) or (
                isinstance(value, dict) and not isinstance(value.get("message", ""), str)
            ):
                raise ValueError('value: a code, or {"code": ..., "message": ...}')
        case "timeout" | "drip":
            if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                raise ValueError("value: seconds")
        case "clock-skew":
            if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MOST_SKEW:
                raise ValueError("value: whole seconds, at most a year, negative for a clock that is behind")
        case "retry-after" if not _is_retry_after(value):
            raise ValueError("value: seconds or an HTTP date")


def _is_retry_after(value: Any) -> bool:
    if not isinstance(value, str) or value.isdecimal():
        return isinstance(value, str) or _is_count(value, 0)
    try:
        return value.isprintable() and parsedate_to_datetime(value) is not None
    except ValueError:
        return False
