"""Readers of the advertiser side. Each is a value that can be looked into, so that a description can be made of it; none decides access."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tiktok_sandbox.params import Param, bad, text

MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Text:
    most: int = 65_536
    least: int = 0

    def __call__(self, name: str, value: Any) -> str:
        read = text(name, value)
        if not self.least <= len(read) <= self.most:
            raise bad(f"{name}: between {self.least} and {self.most} characters are expected.")
        return read


@dataclass(frozen=True, slots=True)
class Id:
    """An int64 written as text. Bodies may carry it as a number too; it stays text from here on."""

    def __call__(self, name: str, value: Any) -> str:
        written = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(written, str) or not (written.isascii() and written.isdecimal()) or int(written[:20]) >= LARGEST:
            raise bad(f"{name}: Not a valid id.")
        return written


@dataclass(frozen=True, slots=True)
class Flag:
    def __call__(self, name: str, value: Any) -> bool:
        read = value.lower() if isinstance(value, str) else value
        if read in ("true", True):
            return True
        if read in ("false", False):
            return False
        raise bad(f"{name}: Not a valid boolean.")


@dataclass(frozen=True, slots=True)
class OneOf:
    allowed: frozenset[str]

    def __call__(self, name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in self.allowed:
            raise bad(f"{name}: {json.dumps(value, default=str)[:80]} is not one of {', '.join(sorted(self.allowed))}.")
        return value


@dataclass(frozen=True, slots=True)
class Number:
    least: float = 0.0
    most: float = 1e12

    def __call__(self, name: str, value: Any) -> float:
        try:
            read = None if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            read = None
        if read is None or not self.least <= read <= self.most:
            raise bad(f"{name}: a number from {self.least:g} to {self.most:g} is expected.")
        return read


@dataclass(frozen=True, slots=True)
class Moment:
    """YYYY-MM-DD HH:MM:SS in UTC, as Unix seconds."""

    def __call__(self, name: str, value: Any) -> int:
        try:
            if isinstance(value, str) and MOMENT.fullmatch(value):
                moment = datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
                if 1990 <= moment.year < 2100:
                    return int(moment.timestamp())
        except ValueError:
            pass
        raise bad(f"{name}: a time in the form YYYY-MM-DD HH:MM:SS is expected.")


@dataclass(frozen=True, slots=True)
class ListOf:
    """A JSON array: as JSON text in a query, as an array in a body. Comma-separated text is no array."""

    item: Any
    most: int = 1_000
    least: int = 1

    def __call__(self, name: str, value: Any) -> tuple[Any, ...]:
        items = _parsed(name, value, list, "array")
        if not self.least <= len(items) <= self.most:
            raise bad(f"{name}: Length must be between {self.least} and {self.most}.")
        return tuple(self.item(name, item) for item in items)


@dataclass(frozen=True, slots=True)
class Shape:
    """A JSON object with declared members. Unknown members are passed over, as at the top."""

    members: tuple[Param, ...]

    def __call__(self, name: str, value: Any) -> dict[str, Any]:
        given = _parsed(name, value, dict, "object")
        read: dict[str, Any] = {}
        for member in self.members:
            inner = given.get(member.name)
            if inner is not None and inner != "":
                read[member.name] = member.read(f"{name}.{member.name}", inner)
            elif member.required:
                raise bad(f"{name}.{member.name}: Missing data for required field.")
        return read


def one_of(*allowed: str) -> OneOf:
    return OneOf(frozenset(allowed))


def moment_text(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _parsed(name: str, value: Any, kind: type, word: str) -> Any:
    try:
        parsed = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        parsed = None
    if not isinstance(parsed, kind):
        raise bad(f"{name}: a JSON {word} is expected.")
    return parsed
