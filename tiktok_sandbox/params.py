"""Parameters: what is declared of each, and how their raw values are found in a query, a form, a JSON or a multipart body."""

import json
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import HTTP
from typing import Any, Protocol
from urllib.parse import parse_qsl

from tiktok_sandbox.envelope import BAD_PARAMETER, ApiError
from tiktok_sandbox.wire import Request

QUERY, HEADER = "query", "header"


class Reader(Protocol):
    """Checks one value and says as JSON Schema what it takes."""

    def __call__(self, name: str, value: Any) -> Any: ...

    def schema(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Param:
    name: str
    read: Reader
    required: bool = False
    default: Any = None
    where: str = ""  # QUERY or HEADER, even when the rest travels in a body


def is_absent(value: Any) -> bool:
    """An empty text counts as not sent."""
    return value is None or value == ""


def bad(message: str) -> ApiError:
    return ApiError(BAD_PARAMETER, message)


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
        if is_absent(value):
            if param.required:
                raise bad(f"{param.name}: Missing data for required field.")
            read[param.name] = param.default
        else:
            read[param.name] = param.read(param.name, value)
    return read
