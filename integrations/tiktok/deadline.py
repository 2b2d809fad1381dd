"""One deadline for a whole call: connecting, sending, waiting and reading together.

Owns the network layer under the HTTP client. Socket timeouts alone bound each read, not their sum: a server that sends one byte every
few seconds, in the head or in the body, would hold a call for as long as it likes.
Never speaks HTTP. What it cannot bound is the resolver's own patience and, over HTTP/2, waiting while another thread of this process
reads; a lease on a call is therefore longer than two deadlines.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

CONNECT_SECONDS_PER_ADDRESS = 5.0

_call = threading.local()


@contextmanager
def all_within(seconds: float) -> Iterator[None]:
    """Everything this thread sends and receives inside must be done within so many seconds."""
    _call.ends_at = time.monotonic() + seconds
    try:
        yield
    finally:
        _call.ends_at = None


def _shortened(timeout: float | None, on_expiry: type[httpcore.TimeoutException]) -> float | None:
    ends_at = getattr(_call, "ends_at", None)
    if ends_at is None:
        return timeout
    remaining = ends_at - time.monotonic()
    if remaining <= 0:
        raise on_expiry("the deadline of the whole call has passed")
    return remaining if timeout is None else min(timeout, remaining)


class _Stream(httpcore.NetworkStream):
    """A connection that hangs up when it runs out of time: over HTTP/2 the pool would only set it aside, with the other side still
    sending into it."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return self._stream.read(max_bytes, _shortened(timeout, httpcore.ReadTimeout))
        except httpcore.TimeoutException:
            self.close()
            raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            self._stream.write(buffer, _shortened(timeout, httpcore.WriteTimeout))
        except httpcore.TimeoutException:
            self.close()
            raise

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _shortened(timeout, httpcore.ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, may_connect: Callable[[str], bool]) -> None:
        self._sockets = httpcore.SyncBackend()
        self._may_connect = may_connect

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError("the name was not resolved") from error
        # One address at a time: left to itself, the socket library would give each of them the whole timeout.
        failure: Exception = httpcore.ConnectError("the name has no address")
        for address in dict.fromkeys(str(entry[4][0]) for entry in found):
            if not self._may_connect(address):
                failure = httpcore.ConnectError("the name leads to an address that is not connected to")
                continue
            patience = _shortened(CONNECT_SECONDS_PER_ADDRESS, httpcore.ConnectTimeout)
            try:
                return _Stream(self._sockets.connect_tcp(address, port, patience, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def _any_address(address: str) -> bool:
    return True


class PooledTransport(httpx.BaseTransport):
    """A connection pool whose sockets obey `all_within`. Its failures are httpcore's exceptions.

    `may_connect` is asked about each address that a name was resolved to, and what it lets through is what is connected to: the name is not
    looked up a second time.
    """

    def __init__(
        self, *, max_connections: int = 20, keepalive_seconds: float = 30.0, may_connect: Callable[[str], bool] = _any_address
    ) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=max_connections,
            max_keepalive_connections=max_connections,
            keepalive_expiry=keepalive_seconds,
            http1=True,
            http2=True,
            retries=0,
            network_backend=_Backend(may_connect),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions)

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
