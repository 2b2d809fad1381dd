"""Reading parameters as TikTok does: scalars plain, arrays and objects as JSON text, everything else refused with 40002."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from tiktok_sandbox.envelope import BAD_PARAMETER, ApiError
from tiktok_sandbox.wire import Request
from tiktok_sandbox.world.calendar import day_from_text

Reader = Callable[[str, Any], Any]


@dataclass(frozen=True, slots=True)
class Param:
    name: str
    read: Reader
    required: bool = False
    default: Any = None
    in_query: bool = False  # even when the rest travels in a body


def bad(message: str) -> ApiError:
    return ApiError(BAD_PARAMETER, message)


def text(name: str, value: Any) -> str:
    """A string that can also be written down again; JSON can smuggle in half a character."""
    if not isinstance(value, str) or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise bad(f"{name}: a string is expected.")
    return value


def day(name: str, value: Any) -> int:
    try:
        return day_from_text(text(name, value))
    except ValueError:
        raise bad(f"{name}: a date in the form YYYY-MM-DD is expected.") from None


def integer(low: int, high: int) -> Reader:
    def read(name: str, value: Any) -> int:
        written = str(value)
        digits = written.removeprefix("-")
        if isinstance(value, bool) or not (digits.isascii() and digits.isdecimal()) or len(digits) > 19:
            raise bad(f"{name}: an integer is expected.")
        if not low <= int(written) <= high:
            raise bad(f"{name}: the value must be between {low} and {high}.")
        return int(written)

    return read


def names_of(allowed: frozenset[str]) -> Reader:
    """A JSON array of known names; order and doubles are kept out of the answer."""

    def read(name: str, value: Any) -> tuple[str, ...]:
        items = _json(name, value, list, "array")
        for item in items:
            if not isinstance(item, str) or item not in allowed:
                raise bad(f"{name}: {json.dumps(item)[:80]} is not a valid value.")
        return tuple(dict.fromkeys(items))

    return read


def json_object(name: str, value: Any) -> dict[str, Any]:
    return dict(_json(name, value, dict, "object"))


def _json(name: str, value: Any, kind: type, word: str) -> Any:
    try:
        parsed = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, kind):
        raise bad(f"{name}: a JSON {word} is expected.")
    return parsed


def query_values(request: Request) -> dict[str, str]:
    try:
        pairs = request.pairs()
    except ValueError:
        raise bad("Too many parameters.") from None
    values = dict(pairs)
    if len(values) != len(pairs):
        seen: set[str] = set()
        doubled = next(name for name, _ in pairs if name in seen or seen.add(name))
        raise bad(f"{doubled}: the parameter is given more than once.")
    return values


def body_values(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body or b"null")
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise bad("The request body must be a JSON object.")
    return body


def form_values(request: Request) -> dict[str, Any]:
    """A form as browsers and OAuth clients send it; a name given twice is refused."""
    try:
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        raise bad("The request body must be a form.") from None
    values = dict(pairs)
    if len(values) != len(pairs):
        raise bad("A parameter is given more than once.")
    return values


def multipart_values(request: Request) -> dict[str, Any]:
    """The parts by name: texts as strings, files as bytes."""
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise bad("The request body must be multipart/form-data.")
    message = message_from_bytes(b"Content-Type: " + kind.encode("latin-1") + b"\r\n\r\n" + request.body, policy=HTTP)
    values: dict[str, Any] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name, body = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(body, bytes):
            values[name] = body if part.get_filename() is not None else body.decode("utf-8", "replace")
    return values


def read_all(params: tuple[Param, ...], values: dict[str, Any]) -> dict[str, Any]:
    """Every declared parameter, checked; names that are not declared are passed over."""
    read: dict[str, Any] = {}
    for param in params:
        value = values.get(param.name)
        if value is None or value == "":
            if param.required:
                raise bad(f"{param.name}: Missing data for required field.")
            read[param.name] = param.default
        else:
            read[param.name] = param.read(param.name, value)
    return read
