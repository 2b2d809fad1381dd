"""Readers of parameters that can say what they accept: words, numbers, texts, lists, objects. They check; they never fetch or decide."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tiktok_sandbox import params
from tiktok_sandbox.params import Param, Reader, bad


def utf16_units(text: str) -> int:
    """TikTok counts captions as JavaScript does: two units for what lies beyond the basic plane."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True, slots=True)
class Text:
    """A string of at most so many UTF-16 units."""

    most: int | None = None

    def __call__(self, name: str, value: Any) -> str:
        text = params.text(name, value)
        if self.most is not None and utf16_units(text) > self.most:
            raise bad(f"{name}: at most {self.most} characters.")
        return text


@dataclass(frozen=True, slots=True)
class Digits:
    """An id: a string of digits. Numbers are taken too, as TikTok's own server converts."""

    def __call__(self, name: str, value: Any) -> str:
        written = str(value) if isinstance(value, int) and not isinstance(value, bool) else params.text(name, value)
        if not (written.isascii() and written.isdecimal()) or len(written) > 20:
            raise bad(f"{name}: an id is expected.")
        return written


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def __call__(self, name: str, value: Any) -> str:
        if value not in self.words:
            raise bad(f"{name}: {json.dumps(value)[:80]} is not a valid value. Use one of {', '.join(self.words)}.")
        return str(value)


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false, as JSON or as a word of a query."""

    def __call__(self, name: str, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        if value in {"true", "True", "1"}:
            return True
        if value in {"false", "False", "0"}:
            return False
        raise bad(f"{name}: a boolean is expected.")


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two bounds, both included."""

    low: int
    high: int

    def __call__(self, name: str, value: Any) -> int:
        return int(params.integer(self.low, self.high)(name, value))


@dataclass(frozen=True, slots=True)
class Items:
    """A JSON array, as text or as it is. Doubles are left out, the order stays."""

    each: Reader
    most: int
    least: int = 0

    def __call__(self, name: str, value: Any) -> tuple[Any, ...]:
        given = _parsed(value)
        if not isinstance(given, list):
            raise bad(f"{name}: a JSON array is expected.")
        if not self.least <= len(given) <= self.most:
            raise bad(f"{name}: {self.least} to {self.most} elements are expected.")
        return tuple(dict.fromkeys(self.each(name, one) for one in given))


@dataclass(frozen=True, slots=True)
class Shape:
    """A JSON object with parameters of its own."""

    params: tuple[Param, ...]

    def __call__(self, name: str, value: Any) -> dict[str, Any]:
        given = _parsed(value)
        if not isinstance(given, dict):
            raise bad(f"{name}: a JSON object is expected.")
        return params.read_all(tuple(Param(p.name, _inside(name, p.read), p.required, p.default) for p in self.params), given)


@dataclass(frozen=True, slots=True)
class Names:
    """Names with commas between them, as TikTok for Developers writes its fields."""

    allowed: tuple[str, ...]

    def __call__(self, name: str, value: Any) -> tuple[str, ...]:
        wanted = [one.strip() for one in params.text(name, value).split(",") if one.strip()]
        _refuse_unknown(name, wanted, self.allowed)
        if not wanted:
            raise bad(f"{name}: it is empty.")
        return tuple(dict.fromkeys(wanted))


def _refuse_unknown(name: str, wanted: Iterable[str], allowed: tuple[str, ...]) -> None:
    for one in wanted:
        if one not in allowed:
            raise bad(f"{name}: {json.dumps(one)[:80]} is not a valid value.")


def _inside(outer: str, read: Reader) -> Reader:
    return lambda name, value: read(f"{outer}.{name}", value)


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None
