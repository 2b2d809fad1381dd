"""HTTP/1.1 on a socket: parsing, keep-alive, pipelining, size caps, and the ways an answer can go wrong on purpose.

Knows nothing of TikTok. The application is one plain function from Request to Response.
"""

import asyncio
import socket
import struct
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import parse_qsl, unquote

import httptools

MAX_HEAD = 32 * 1024
MAX_BODY = 4 * 1024 * 1024
MAX_UPLOAD = 129 * 1024 * 1024  # of PUT and multipart: what goes beyond KEPT_OF_UPLOAD is counted, not kept
KEPT_OF_UPLOAD = 8 * 1024 * 1024
MAX_WAITING = 256  # pipelined requests that wait while one answer is slow


class Manner(StrEnum):
    """How the answer travels. Anything but PLAIN is a fault somebody asked for."""

    PLAIN = "plain"
    TIMEOUT = "timeout"
    RESET = "reset"
    DRIP = "drip"
    TRUNCATED = "truncated"
    LOST = "lost-answer"


@dataclass(slots=True)
class Request:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""
    size: int = 0  # of the body as it was sent

    def pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query, keep_blank_values=True, max_num_fields=200)


@dataclass(slots=True)
class Response:
    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: list[tuple[str, str]] = field(default_factory=list)
    manner: Manner = Manner.PLAIN
    seconds: float = 0.0  # for TIMEOUT the whole wait, for DRIP the pause after each byte


Application = Callable[[Request], Response]


class BodyTooLarge(Exception):
    pass


class Connection(asyncio.Protocol):
    def __init__(self, application: Application, open_connections: set["Connection"]) -> None:
        self._application, self._open = application, open_connections
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[tuple[Request, bool]] = deque()
        self._slow: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._head_size = 0
        self._url = b""
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._body_size = 0
        self._is_upload = False

    # asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports are no subclasses
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open.discard(self)
        if self._slow is not None:
            self._slow.cancel()
        self._transport = None

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # An offer to speak another protocol is passed over, as HTTP/1.1 allows; the parser is of no use for what follows.
            request, _ = self._waiting.pop()
            self._waiting.append((request, False))
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE if isinstance(cause, BodyTooLarge) else HTTPStatus.BAD_REQUEST)
            return
        self._answer_waiting()

    # httptools calls these

    def on_message_begin(self) -> None:
        self._head_size, self._url, self._headers, self._body, self._body_size = 0, b"", {}, [], 0

    def on_url(self, url: bytes) -> None:
        self._url += url
        self._count_head(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count_head(len(name) + len(value))
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        kind = self._headers.get("content-type", "").lower()
        self._is_upload = self._parser.get_method() == b"PUT" or kind.startswith("multipart/form-data")
        if self._headers.get("expect", "").lower() == "100-continue" and self._transport is not None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        if self._body_size > (MAX_UPLOAD if self._is_upload else MAX_BODY):
            raise BodyTooLarge
        if self._body_size <= KEPT_OF_UPLOAD:
            self._body.append(body)

    def on_message_complete(self) -> None:
        path, _, query = self._url.decode("latin-1").partition("?")
        if path.startswith("http"):  # absolute form, as proxies send it
            path = "/" + path.partition("//")[2].partition("/")[2]
        request = Request(
            self._parser.get_method().decode("latin-1"),
            unquote(path),
            query.partition("#")[0],
            self._headers,
            b"".join(self._body),
            self._body_size,
        )
        if len(self._waiting) >= MAX_WAITING:
            raise BodyTooLarge
        self._waiting.append((request, self._parser.should_keep_alive()))

    def _count_head(self, size: int) -> None:
        self._head_size += size
        if self._head_size > MAX_HEAD:
            raise BodyTooLarge

    # answering, strictly in the order of the requests

    def _answer_waiting(self) -> None:
        ready: list[bytes] = []
        while self._waiting and self._slow is None and self._transport is not None:
            request, keep = self._waiting.popleft()
            response = self._ask(request)
            raw = encode(response, keep=keep, head_only=request.method == "HEAD")
            if response.manner is Manner.PLAIN:
                ready.append(raw)
                if not keep:
                    self._waiting.clear()
                    self._flush(ready)
                    self._transport.close()
                    return
            else:
                self._flush(ready)
                self._slow = asyncio.get_running_loop().create_task(self._misbehave(response, raw, keep))
        self._flush(ready)

    def _ask(self, request: Request) -> Response:
        try:
            return self._application(request)
        except Exception:  # one bad request must not take the connection's other answers with it
            traceback.print_exc()
            return Response(HTTPStatus.INTERNAL_SERVER_ERROR, b"The sandbox itself failed; its error output says why.", "text/plain")

    def _flush(self, ready: list[bytes]) -> None:
        if ready and self._transport is not None:
            self._transport.write(b"".join(ready))
            ready.clear()

    async def _misbehave(self, response: Response, raw: bytes, keep: bool) -> None:
        transport = self._transport
        if transport is None:
            return
        match response.manner:
            case Manner.RESET:
                self._reset(transport)
                return
            case Manner.TIMEOUT:
                await asyncio.sleep(response.seconds)
                keep = False
            case Manner.LOST:
                keep = False
            case Manner.TRUNCATED:
                transport.write(raw[: len(raw) - max(1, len(response.body) - len(response.body) // 2)])
                keep = False
            case Manner.DRIP:
                for place in range(len(raw)):
                    transport.write(raw[place : place + 1])
                    await asyncio.sleep(response.seconds)
        self._slow = None
        if keep:
            self._answer_waiting()
        else:
            self._waiting.clear()
            transport.close()

    def _reset(self, transport: asyncio.Transport) -> None:
        """Close so that the other side sees a reset, not an orderly end."""
        handle: Any = transport.get_extra_info("socket")
        if handle is not None:
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()

    def _refuse(self, status: HTTPStatus) -> None:
        if self._transport is not None:
            self._transport.write(encode(Response(status, status.phrase.encode(), "text/plain"), keep=False))
            self._transport.close()

    def close(self) -> None:
        if self._slow is not None:
            self._slow.cancel()
        if self._transport is not None:
            self._transport.close()


REASONS = {status.value: status.phrase for status in HTTPStatus}


def encode(response: Response, *, keep: bool, head_only: bool = False) -> bytes:
    status = int(response.status)
    lines = [
        f"HTTP/1.1 {status} {REASONS.get(status, 'Unknown')}",
        f"Content-Type: {response.content_type}",
        f"Content-Length: {len(response.body)}",
        *(f"{name}: {value}" for name, value in response.headers),
    ]
    if not keep:
        lines.append("Connection: close")
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    return head if head_only else head + response.body
