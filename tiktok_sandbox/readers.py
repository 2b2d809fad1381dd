"""Readers of parameters: each checks one value and can say as JSON Schema what it takes. None fetches, decides access, or remembers.

Scalars are written plainly, arrays and objects as JSON text in a query and as they are in a body; both are taken everywhere, as
TikTok's own server converts. The description names the usual form only.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tiktok_sandbox.answers import ID, MOMENT, Schema
from tiktok_sandbox.params import Param, Reader, bad, is_absent
from tiktok_sandbox.world.calendar import day_from_text

MOMENT_TEXT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
LARGEST_ID = 2**63


def utf16_units(text: str) -> int:
    """TikTok counts captions as JavaScript does: two units for what lies beyond the basic plane."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True, slots=True)
class Text:
    """A string of so many UTF-16 units that can also be written down again; JSON can smuggle in half a character."""

    most: int = 65_536
    least: int = 0

    def __call__(self, name: str, value: Any) -> str:
        if not isinstance(value, str) or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise bad(f"{name}: a string is expected.")
        if not self.least <= utf16_units(value) <= self.most:
            raise bad(f"{name}: {self.least} to {self.most} characters are expected.")
        return value

    def schema(self) -> Schema:
        return {"type": "string", **({"minLength": self.least} if self.least else {}), "maxLength": self.most}


@dataclass(frozen=True, slots=True)
class Id:
    """An int64 written as text. Bodies may carry it as a number too; it stays text from here on."""

    def __call__(self, name: str, value: Any) -> str:
        written = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        is_number = isinstance(written, str) and written.isascii() and written.isdecimal() and len(written) <= 19
        if not is_number or int(written) >= LARGEST_ID:
            raise bad(f"{name}: Not a valid id.")
        return str(written)

    def schema(self) -> Schema:
        return ID


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def __call__(self, name: str, value: Any) -> str:
        if value not in self.words:
            raise bad(f"{name}: {_quoted(value)} is not a valid value. Use one of {', '.join(self.words)}.")
        return str(value)

    def schema(self) -> Schema:
        return {"type": "string", "enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false, as JSON, as a word of a query, or as 1 and 0."""

    def __call__(self, name: str, value: Any) -> bool:
        read = value.lower() if isinstance(value, str) else value
        if read in (True, "true", "1"):
            return True
        if read in (False, "false", "0"):
            return False
        raise bad(f"{name}: a boolean is expected.")

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two bounds, both included, or one of a few."""

    low: int
    high: int
    among: tuple[int, ...] = ()

    def __call__(self, name: str, value: Any) -> int:
        written = str(value)
        digits = written.removeprefix("-")
        if isinstance(value, bool) or not (digits.isascii() and digits.isdecimal()) or len(digits) > 19:
            raise bad(f"{name}: an integer is expected.")
        number = int(written)
        if not self.low <= number <= self.high:
            raise bad(f"{name}: the value must be between {self.low} and {self.high}.")
        if self.among and number not in self.among:
            raise bad(f"{name}: one of {', '.join(map(str, self.among))} is expected.")
        return number

    def schema(self) -> Schema:
        if self.among:
            return {"type": "integer", "enum": list(self.among)}
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Number:
    low: float = 0.0
    high: float = 1e12

    def __call__(self, name: str, value: Any) -> float:
        try:
            read = None if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            read = None
        if read is None or not self.low <= read <= self.high:
            raise bad(f"{name}: a number from {self.low:g} to {self.high:g} is expected.")
        return read

    def schema(self) -> Schema:
        return {"type": "number", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Day:
    """YYYY-MM-DD, as the number of the day."""

    def __call__(self, name: str, value: Any) -> int:
        try:
            if isinstance(value, str):
                return day_from_text(value)
        except ValueError:
            pass
        raise bad(f"{name}: a date in the form YYYY-MM-DD is expected.")

    def schema(self) -> Schema:
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, slots=True)
class Moment:
    """YYYY-MM-DD HH:MM:SS in UTC, as Unix seconds."""

    def __call__(self, name: str, value: Any) -> int:
        try:
            if isinstance(value, str) and MOMENT_TEXT.fullmatch(value):
                moment = datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
                if 1990 <= moment.year < 2100:
                    return int(moment.timestamp())
        except ValueError:
            pass
        raise bad(f"{name}: a time in the form YYYY-MM-DD HH:MM:SS is expected.")

    def schema(self) -> Schema:
        return MOMENT


@dataclass(frozen=True, slots=True)
class ListOf:
    """A JSON array; comma-separated text is none. Of single values doubles are left out and the order stays."""

    item: Reader
    most: int = 1_000
    least: int = 1

    def __call__(self, name: str, value: Any) -> tuple[Any, ...]:
        given = _parsed(name, value, list, "array")
        if not self.least <= len(given) <= self.most:
            raise bad(f"{name}: Length must be between {self.least} and {self.most}.")
        items = [self.item(name, one) for one in given]
        return tuple(items if isinstance(self.item, Shape) else dict.fromkeys(items))

    def schema(self) -> Schema:
        return {"type": "array", "items": self.item.schema(), **({"minItems": self.least} if self.least else {}), "maxItems": self.most}


@dataclass(frozen=True, slots=True)
class Names:
    """A JSON array of known names, however many; order and doubles are kept out of the answer."""

    allowed: frozenset[str]

    def __call__(self, name: str, value: Any) -> tuple[str, ...]:
        items = _parsed(name, value, list, "array")
        for item in items:
            if not isinstance(item, str) or item not in self.allowed:
                raise bad(f"{name}: {_quoted(item)} is not a valid value.")
        return tuple(dict.fromkeys(items))

    def schema(self) -> Schema:
        return {"type": "array", "items": {"type": "string", "enum": sorted(self.allowed)}}


@dataclass(frozen=True, slots=True)
class CommaNames:
    """Names with commas between them, as TikTok for Developers writes its fields."""

    allowed: tuple[str, ...]

    def __call__(self, name: str, value: Any) -> tuple[str, ...]:
        wanted = [one.strip() for one in Text()(name, value).split(",") if one.strip()]
        for one in wanted:
            if one not in self.allowed:
                raise bad(f"{name}: {_quoted(one)} is not a valid value.")
        if not wanted:
            raise bad(f"{name}: it is empty.")
        return tuple(dict.fromkeys(wanted))

    def schema(self) -> Schema:
        one = f"({'|'.join(self.allowed)})"
        return {"type": "string", "pattern": f"^{one}(,{one})*$"}


@dataclass(frozen=True, slots=True)
class Shape:
    """A JSON object with declared members. What is not sent has its default or stays out; unknown members are passed over."""

    members: tuple[Param, ...]

    def __call__(self, name: str, value: Any) -> dict[str, Any]:
        given = _parsed(name, value, dict, "object")
        read: dict[str, Any] = {}
        for member in self.members:
            inner = given.get(member.name)
            if not is_absent(inner):
                read[member.name] = member.read(f"{name}.{member.name}", inner)
            elif member.required:
                raise bad(f"{name}.{member.name}: Missing data for required field.")
            elif member.default is not None:
                read[member.name] = member.default
        return read

    def schema(self) -> Schema:
        return object_schema(self.members)


@dataclass(frozen=True, slots=True)
class File:
    """A part of a multipart body that carries a file name."""

    def __call__(self, name: str, value: Any) -> bytes:
        if not isinstance(value, bytes):
            raise bad(f"{name}: a file is expected.")
        return value

    def schema(self) -> Schema:
        return {"type": "string", "format": "binary"}


def object_schema(params: tuple[Param, ...]) -> Schema:
    """What a body of these parameters looks like."""
    required = [param.name for param in params if param.required]
    return {
        "type": "object",
        "properties": {param.name: param_schema(param) for param in params},
        **({"required": required} if required else {}),
    }


def param_schema(param: Param) -> Schema:
    """An empty text counts as not sent, so that a required one is never empty."""
    schema = param.read.schema()
    if param.required and isinstance(param.read, Text):
        schema = {"minLength": 1, **schema}
    if isinstance(param.default, str | int | bool) and param.default != "":
        schema = {**schema, "default": param.default}
    return schema


def _quoted(value: Any) -> str:
    return json.dumps(value, default=str)[:80]


def _parsed(name: str, value: Any, kind: type, word: str) -> Any:
    try:
        parsed = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, kind):
        raise bad(f"{name}: a JSON {word} is expected.")
    return parsed
