"""A very small HTTP server on loopback that answers whatever a test tells it to, byte by byte if need be."""

import json
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

REQUEST_ID = "20260115103045A1B2C3D4E5F60718293A"


@dataclass(frozen=True)
class Received:
    method: str
    target: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    connection_number: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Reply = Callable[[socket.socket], None]


class Loopback:
    """Answers request after request with `replies`, the last one over and over. `received` keeps what came."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.replies: list[Reply] = []
        self.connection_count = 0
        self.gone = threading.Event()  # set when the client hung up during a drip
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def answer_with(self, *replies: Reply) -> None:
        self.replies = list(replies)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._sockets:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connection_count += 1
            self._sockets.append(connection)
            threading.Thread(target=self._serve, args=(connection, self.connection_count), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            while (request := _read_request(connection, number)) is not None:
                self.received.append(request)
                reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                reply(connection)
        except OSError:
            pass
        finally:
            connection.close()


def _read_request(connection: socket.socket, number: int) -> Received | None:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return None
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    request_line, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = request_line.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65536)
    parts = urlsplit(target)
    return Received(method, target, parts.path, parse_qs(parts.query, keep_blank_values=True), headers, body, number)


def raw(content: bytes) -> Reply:
    return lambda connection: connection.sendall(content)


def then_close(content: bytes) -> Reply:
    def reply(connection: socket.socket) -> None:
        connection.sendall(content)
        connection.shutdown(socket.SHUT_RDWR)

    return reply


def reset(content: bytes = b"") -> Reply:
    """Send something, then tear the connection down with RST instead of closing it."""

    def reply(connection: socket.socket) -> None:
        connection.sendall(content)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        connection.close()

    return reply


def http(body: bytes, *, status: str = "200 OK", headers: Mapping[str, str] | None = None) -> bytes:
    everything = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
    return f"HTTP/1.1 {status}\r\n".encode() + b"".join(f"{k}: {v}\r\n".encode() for k, v in everything.items()) + b"\r\n" + body


def page(body: str, *, status: str = "200 OK", headers: Mapping[str, str] | None = None) -> Reply:
    return raw(http(body.encode(), status=status, headers={"Content-Type": "text/html", **(headers or {})}))


def envelope(
    data: Any = None, *, code: Any = 0, message: str = "OK", status: str = "200 OK", headers: Mapping[str, str] | None = None, **more: Any
) -> Reply:
    document = {"code": code, "message": message, "request_id": REQUEST_ID, "data": {} if data is None else data, **more}
    return raw(http(json.dumps(document).encode(), status=status, headers=headers))


def drip(server: Loopback, start: bytes, piece: bytes, times: int = 400) -> Reply:
    """Send the start and then a piece every 20 milliseconds, for eight seconds unless the client hangs up before."""

    def reply(connection: socket.socket) -> None:
        pause = threading.Event()
        try:
            connection.sendall(start)
            for _ in range(times):
                pause.wait(0.02)
                connection.sendall(piece)
        except OSError:
            server.gone.set()
            raise

    return reply


def silence(server: Loopback) -> Reply:
    """Answer nothing and wait until the client hangs up."""

    def reply(connection: socket.socket) -> None:
        if connection.recv(1) == b"":
            server.gone.set()

    return reply
