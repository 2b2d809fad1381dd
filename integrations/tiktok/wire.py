"""How one request is written: address, headers, body. The only place where a secret becomes text on its way out.

Sends nothing and reads nothing. What `written` returns holds secrets in clear: it goes to the socket and nowhere else.
"""

import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from agency.secret import Secret
from integrations.tiktok.envelopes import Envelope, Received


@dataclass(frozen=True)
class File:
    """A file on its way to TikTok, whose name says nothing about anybody."""

    name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Piece:
    """The bytes of a video from `first` on; `total` is how many the whole has."""

    content: bytes = field(repr=False)
    content_type: str
    first: int
    total: int


@dataclass(frozen=True)
class Request:
    """One request as it is meant; `path` names the endpoint, `read` tells what TikTok answers there.

    At most one of `json`, `form` and `piece` is the body; `file` goes with `form`. `exact_query` travels as it came, in place of `params`.
    """

    method: str
    base: str
    path: str
    read: Callable[[Received], Envelope | None]
    access_token: Secret | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None
    form: Mapping[str, Any] | None = None
    file: tuple[str, File] | None = None
    piece: Piece | None = None
    exact_query: Secret | None = None
    is_bearer: bool = False
    is_document: bool = False
    is_long: bool = False  # moves many bytes one way or the other

    def sent(self) -> Iterator[object]:
        """Everything in it that may be a secret."""
        yield self.access_token
        yield self.exact_query
        for values in (self.params, self.json or {}, self.form or {}):
            yield from values.values()


class Written(NamedTuple):
    url: str
    headers: dict[str, str]
    content: bytes | None


def written(request: Request) -> Written | None:
    """The request as it travels; None when the token is no header value, for which nothing may be sent."""
    headers: dict[str, str] = {}
    if request.access_token is not None:
        token = request.access_token.reveal()
        if not re.fullmatch(r"[\x21-\x7e]+", token):
            return None
        headers = {"Authorization": f"Bearer {token}"} if request.is_bearer else {"Access-Token": token}
    query = _urlencoded(request.params) if request.exact_query is None else request.exact_query.reveal()
    content_type, content = _body(request)
    if content is not None:
        headers["Content-Type"] = content_type
    if request.piece is not None:
        last = request.piece.first + len(request.piece.content) - 1
        headers["Content-Range"] = f"bytes {request.piece.first}-{last}/{request.piece.total}"
    return Written(request.base + request.path + (f"?{query}" if query else ""), headers, content)


def _body(request: Request) -> tuple[str, bytes | None]:
    if request.piece is not None:
        return request.piece.content_type, request.piece.content
    if request.json is not None:
        return "application/json", json.dumps(request.json, default=_revealed).encode()
    if request.file is not None:
        return _multipart(request.form or {}, *request.file)
    if request.form is not None:
        return "application/x-www-form-urlencoded", _urlencoded(request.form).encode()
    return "", None


def _multipart(values: Mapping[str, Any], part: str, file: File) -> tuple[str, bytes]:
    boundary = secrets.token_hex(16)  # 128 random bits do not occur in the file
    fields = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{_query_text(value)}'.encode() for name, value in values.items()]
    head = f'Content-Disposition: form-data; name="{part}"; filename="{file.name}"\r\nContent-Type: {file.content_type}\r\n\r\n'
    parts = [*fields, head.encode() + file.content]
    text = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), one) for one in parts) + b"--%s--\r\n" % boundary.encode()
    return f"multipart/form-data; boundary={boundary}", text


def _urlencoded(values: Mapping[str, Any]) -> str:
    return urlencode({name: _query_text(value) for name, value in values.items() if value is not None}, quote_via=quote)


def _query_text(value: Any) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, str):
        return value
    return json.dumps(value, default=_revealed, separators=(",", ":"))


def _revealed(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise TypeError(f"{type(value).__name__} does not travel to TikTok")
