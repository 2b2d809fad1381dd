"""The one fetch whose address comes from outside: what is asked, what is not, and what is taken."""

import socket
from dataclasses import replace
from typing import Any

import pytest

from agency.local.home import free_port
from integrations.tiktok.errors import NotUnderstood, TryLater
from integrations.tiktok.pictures import Rules, fetch, is_public
from tests.integrations.tiktok.loopback import Loopback, drip, http, raw, reset, silence, then_close

STRICT = Rules((".tiktokcdn.com", "pictures.example.org"))
NEAR = Rules(("127.0.0.1",), is_https_only=False, is_public_only=False, most_bytes=5_000)
WEBP = {"Content-Type": "image/webp"}
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"


@pytest.mark.parametrize(
    "url",
    [
        "https://p16-sign.tiktokcdn.com/a~168x168.jpeg?x-expires=1&x-signature=a%2Bb%3D",
        "https://P16.TIKTOKCDN.COM/a",
        "https://p16.tiktokcdn.com:443/a",
        "https://pictures.example.org/",
    ],
)
def test_tiktoks_own_hosts_are_asked(url: str) -> None:
    assert STRICT.allow(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://p16.tiktokcdn.com/a",
        "ftp://p16.tiktokcdn.com/a",
        "file:///etc/passwd",
        "//p16.tiktokcdn.com/a",
        "https://tiktokcdn.com.evil.example/a",
        "https://eviltiktokcdn.com/a",
        "https://a.pictures.example.org/",
        "https://p16.tiktokcdn.com@evil.example/a",
        "https://evil.example\\@p16.tiktokcdn.com/a",
        "https://evil.example#@p16.tiktokcdn.com/a",
        "https://user:word@p16.tiktokcdn.com/a",
        "https://p16.tiktokcdn.com:8443/a",
        "https://p16.tiktokcdn.com:99999/a",
        "https://p16.tiktokcdn.com./a",
        "https://p16.tiktokcdn.com\r\nHost: evil/a",
        "https://p16.tıktokcdn.com/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://169.254.169.254/latest/meta-data/",
        "https:///a",
        "",
        "x" * 5_000,
    ],
)
def test_nothing_else_is_asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: pytest.fail("a name was looked up"))
    with pytest.raises(NotUnderstood):
        fetch(url, rules=STRICT)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_an_address_of_the_open_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1", "64:ff9b::7f00:1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_of_the_open_internet(address: str) -> None:
    assert not is_public(address)


def test_a_good_name_that_leads_inside_is_not_connected_to(monkeypatch: pytest.MonkeyPatch, server: Loopback) -> None:
    looked_up: list[str] = []

    def inside(host: str, port: int, **more: Any) -> list[Any]:
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("127.0.0.1", "169.254.169.254", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", inside)
    port = int(server.url.rpartition(":")[2])
    with pytest.raises(TryLater):
        fetch(f"http://p16.tiktokcdn.com:{port}/a", rules=Rules((".tiktokcdn.com",), is_https_only=False))
    assert (looked_up, server.connection_count) == (["p16.tiktokcdn.com"], 0)


def test_the_address_that_was_looked_at_is_the_one_that_is_connected_to(monkeypatch: pytest.MonkeyPatch, server: Loopback) -> None:
    """A name that leads elsewhere at the second look gains nothing: there is none."""
    server.answer_with(raw(http(b"RIFF", headers=WEBP)))
    connected: list[Any] = []
    really = socket.create_connection
    looks: list[str] = []

    def once(host: str, port: int, *a: Any, **more: Any) -> list[Any]:
        looks.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1" if len(looks) == 1 else "10.0.0.1", port))]

    def note(address: Any, *a: Any, **more: Any) -> socket.socket:
        connected.append(address[0])
        monkeypatch.undo()
        return really(address, *a, **more)

    monkeypatch.setattr(socket, "getaddrinfo", once)
    monkeypatch.setattr(socket, "create_connection", note)
    port = int(server.url.rpartition(":")[2])
    rules = Rules(("p16.tiktokcdn.com",), is_https_only=False, is_public_only=False)
    assert fetch(f"http://p16.tiktokcdn.com:{port}/a?x=1", rules=rules) == b"RIFF"
    assert (connected, looks) == (["127.0.0.1"], ["p16.tiktokcdn.com"])
    assert server.received[0].headers["host"] == f"p16.tiktokcdn.com:{port}"


@pytest.fixture
def server() -> Any:
    server = Loopback()
    yield server
    server.close()


def test_it_asks_without_a_token_a_cookie_or_a_trace_of_where_it_comes_from(server: Loopback) -> None:
    server.answer_with(raw(http(b"RIFF", headers=WEBP | {"Set-Cookie": "a=b"})))
    assert fetch(f"{server.url}/p.webp?x-signature=s", rules=NEAR) == b"RIFF"
    (request,) = server.received
    assert (request.method, request.target, request.body) == ("GET", "/p.webp?x-signature=s", b"")
    assert set(request.headers) == {"host", "accept", "accept-encoding", "connection", "user-agent"}
    assert request.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "reply",
    [
        raw(http(b"", status="302 Found", headers=WEBP | {"Location": "http://127.0.0.1:1/"})),
        raw(http(b"<html>", headers={"Content-Type": "text/html"})),
        raw(http(b"gone", status="403 Forbidden", headers=WEBP)),
        raw(http(b"x" * 5_001, headers=WEBP)),
        raw(http(b"\x1f\x8b", headers=WEBP | {"Content-Encoding": "gzip"})),
        then_close(_HEAD + b"\r\n" + b"x" * 9_000),
        raw(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + 2 * (b"1000\r\n" + b"x" * 4096 + b"\r\n") + b"0\r\n\r\n"),
    ],
    ids=["redirect", "page", "expired", "says it is large", "packed", "is large", "is large, in pieces"],
)
def test_what_cannot_become_better_is_not_asked_for_again(server: Loopback, reply: Any) -> None:
    server.answer_with(reply)
    with pytest.raises(NotUnderstood):
        fetch(f"{server.url}/a", rules=NEAR)
    assert len(server.received) == 1


def test_what_may_become_better_is_asked_for_again(server: Loopback) -> None:
    for reply in (
        raw(http(b"", status="503 Unavailable")),
        raw(http(b"", status="429 Too Many")),
        reset(),
        then_close(_HEAD + b"Content-Length: 900\r\n\r\nhalf"),
    ):
        server.answer_with(reply)
        with pytest.raises(TryLater):
            fetch(f"{server.url}/a", rules=NEAR)
    for endless in (raw(b"\0\0\0"), silence(server), drip(server, _HEAD + b"Content-Length: 4000\r\n\r\n", b"x")):
        server.answer_with(endless)
        with pytest.raises(TryLater):
            fetch(f"{server.url}/a", rules=replace(NEAR, seconds=0.5))


def test_nobody_there() -> None:
    with pytest.raises(TryLater):
        fetch(f"http://127.0.0.1:{free_port()}/a", rules=NEAR)
