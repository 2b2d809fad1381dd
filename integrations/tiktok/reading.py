"""Reading single values out of TikTok's answers: figures, ids, texts, times, lists of shares.

Owns one rule above all: absent is not zero. A figure that TikTok left out, sent as null, "-" or "" is None, never 0.
A value of the wrong kind raises Malformed with the name of the part and never its content.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

R = TypeVar("R")
Figure = int | float | None
ABSENT = (None, "-", "")
_NO_ID = (*ABSENT, 0, "0")
_LONGEST_NUMBER = 30


class Malformed(ValueError):
    """A part of the answer is missing or of the wrong kind. `row` names the row it stands in, when there is one."""

    def __init__(self, part: str, row: str = "") -> None:
        super().__init__(part)
        self.row = row


def figure(data: Mapping[str, Any], name: str) -> Figure:
    """A number as TikTok sent it: whole numbers stay whole and exact, numbers in quotes are read."""
    value = data.get(name)
    if isinstance(value, str):
        if value.isdecimal() and value.isascii() and len(value) <= _LONGEST_NUMBER:  # nearly all of them; a pattern takes ten times as long
            return int(value)
        value = value.strip()
        if value and value != "-" and not re.fullmatch(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?", value):
            raise Malformed(name)
    if value in ABSENT:
        return None
    if isinstance(value, str):
        value = int(value) if re.fullmatch(r"[+-]?[0-9]+", value) else float(value)
    if type(value) is int or (type(value) is float and math.isfinite(value)):
        return value
    raise Malformed(name)


def identifier(data: Mapping[str, Any], name: str) -> str:
    """An id as a string. Most arrive as strings, some as bare integers beyond what a float can hold."""
    value = data.get(name)
    if type(value) is int:
        return str(value)
    if isinstance(value, str) and value and value.isprintable():
        return value
    raise Malformed(name)


def identifier_or_none(data: Mapping[str, Any], name: str) -> str | None:
    """An id that need not be there; TikTok also writes 0 and "0" for none."""
    return None if data.get(name) in _NO_ID and data.get(name) is not False else identifier(data, name)


def identifiers(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of ids; absent and null are an empty list."""
    value = data.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Malformed(name)
    return tuple(identifier({name: item}, name) for item in value)


def text(data: Mapping[str, Any], name: str) -> str | None:
    """A text, None when it is absent. An empty text is a text: a caption may be empty."""
    value = data.get(name)
    if value is None or isinstance(value, str):
        return value
    raise Malformed(name)


def required_text(data: Mapping[str, Any], name: str, *, may_be_empty: bool = False) -> str:
    value = text(data, name)
    if value is None or not (value or may_be_empty):
        raise Malformed(name)
    return value


def text_or_none(data: Mapping[str, Any], name: str) -> str | None:
    """A text of which an empty one, or a dash, says nothing: a link, a name, a state."""
    value = text(data, name)
    return None if value in ABSENT else value


def texts(data: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    """A list of texts, None when it is absent."""
    value = data.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Malformed(name)
    return tuple(value)


def yes_or_no(data: Mapping[str, Any], name: str) -> bool | None:
    value = data.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise Malformed(name)


def whole(data: Mapping[str, Any], name: str) -> int | None:
    """A count: a whole number or nothing."""
    value = figure(data, name)
    if isinstance(value, float):
        raise Malformed(name)
    return value


def decimal(data: Mapping[str, Any], name: str) -> Decimal | None:
    """An exact number, for money: "20.000" keeps its digits, a JSON number becomes what was written."""
    value = data.get(name)
    if figure(data, name) is None:
        return None
    return Decimal(value.strip() if isinstance(value, str) else str(value))


def rate_of_percent(data: Mapping[str, Any], name: str) -> Decimal | None:
    """A percent number as a rate: "1.18" is 0.0118."""
    value = decimal(data, name)
    return None if value is None else value / 100


def positive(data: Mapping[str, Any], name: str) -> int:
    """A whole number above zero, of seconds or pixels."""
    value = figure(data, name)
    if not isinstance(value, int) or value <= 0:
        raise Malformed(name)
    return value


def unix_time(data: Mapping[str, Any], name: str) -> datetime:
    value = figure(data, name)
    if not isinstance(value, int) or value <= 0:
        raise Malformed(name)
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        raise Malformed(name) from None


def unix_time_or_none(data: Mapping[str, Any], name: str) -> datetime | None:
    return None if data.get(name) in _NO_ID and data.get(name) is not False else unix_time(data, name)


def utc_time(data: Mapping[str, Any], name: str) -> datetime | None:
    """An instant written YYYY-MM-DD HH:MM:SS in UTC, None when absent."""
    value = data.get(name)
    if value in ABSENT:
        return None
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", value):
        raise Malformed(name)
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError:
        raise Malformed(name) from None


def day(data: Mapping[str, Any], name: str) -> date:
    value = data.get(name)
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise Malformed(name)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Malformed(name) from None


def rows(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of objects; absent and null are an empty list."""
    value = data.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise Malformed(name)
    return value


def part(data: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """An object inside the answer, None when it is absent."""
    value = data.get(name)
    if value is None or isinstance(value, dict):
        return value
    raise Malformed(name)


def required_part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = part(data, name)
    if value is None:
        raise Malformed(name)
    return value


def each(
    data: Mapping[str, Any], name: str, read: Callable[[Mapping[str, Any]], R], *, noun: str = "", named_by: str = ""
) -> tuple[R, ...]:
    """A list of objects, each read; the first that cannot be read fails the list and is named."""
    found = []
    for row in rows(data, name):
        try:
            found.append(read(row))
        except Malformed as malformed:
            raise Malformed(str(malformed), malformed.row or named(noun or name, row.get(named_by))) from None
    return tuple(found)


def named(noun: str, name: object) -> str:
    """Names a row for the error when its name can be trusted on a page, and stays general when it cannot."""
    return f"{noun} {name}" if re.fullmatch(r"[0-9-]{1,32}", str(name)) else noun


def shares(data: Mapping[str, Any], name: str, label: str) -> tuple[tuple[str, float | None], ...] | None:
    """Named fractions such as impression sources, in TikTok's order; None when the whole list is absent."""
    if data.get(name) in ABSENT:
        return None
    return tuple((required_text(row, label, may_be_empty=True), figure(row, "percentage")) for row in rows(data, name))


def counted_shares(data: Mapping[str, Any], name: str, label: str) -> tuple[tuple[int, float | None], ...] | None:
    """Fractions by second of the post; the second arrives as a string."""
    if data.get(name) in ABSENT:
        return None
    return tuple((_whole(row, label), figure(row, "percentage")) for row in rows(data, name))


def counts_by_hour(data: Mapping[str, Any], name: str) -> tuple[tuple[int, int], ...] | None:
    """Hour and count; an hour whose count is absent is left out."""
    if data.get(name) in ABSENT:
        return None
    pairs = [(_whole(row, "hour"), figure(row, "count")) for row in rows(data, name)]
    if not all(count is None or isinstance(count, int) for _, count in pairs):
        raise Malformed(name)
    return tuple((hour, count) for hour, count in pairs if isinstance(count, int))


def _whole(data: Mapping[str, Any], name: str) -> int:
    value = figure(data, name)
    if not isinstance(value, int):
        raise Malformed(name)
    return value
