"""HTTP on the socket: keep-alive, pipelining, chunked bodies, caps, and bytes that are no HTTP at all."""

import json
import socket
from urllib.parse import urlsplit

import pytest

from tests.tiktok_sandbox.driver import API, Driver

TOKEN_PATH = f"{API}/tt_user/token_info/get/"


def talk(sandbox: Driver, *pieces: bytes) -> bytes:
    """Send the pieces and read to the end of the connection."""
    address = urlsplit(sandbox.base)
    with socket.create_connection((address.hostname, address.port), timeout=10) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            raw.sendall(piece)
        return b"".join(iter(lambda: raw.recv(65_536), b""))


def request(path: str, *, close: bool = False, body: bytes | None = None) -> bytes:
    head = f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: sandbox\r\n"
    if body is not None:
        head += f"Content-Length: {len(body)}\r\n"
    return (head + ("Connection: close\r\n" if close else "") + "\r\n").encode() + (body or b"")


def test_pipelined_requests_are_answered_in_order(sandbox: Driver) -> None:
    paths = [f"/nothing/{number}" for number in range(50)]
    received = talk(sandbox, b"".join(request(path) for path in paths) + request("/last", close=True))
    places = [received.index(f'"{path}"'.encode()) for path in [*paths, "/last"]]
    assert places == sorted(places) and received.count(b"HTTP/1.1 404") == 51


def test_a_request_may_arrive_byte_by_byte(sandbox: Driver) -> None:
    whole = request(TOKEN_PATH, body=b'{"app_id": "7600593971684835329", "access_token": "act.x"}', close=True)
    received = talk(sandbox, *(whole[place : place + 1] for place in range(len(whole))))
    assert json.loads(received.partition(b"\r\n\r\n")[2])["code"] == 40105


def test_a_chunked_body_is_put_together(sandbox: Driver) -> None:
    head = f"POST {TOKEN_PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n".encode()
    received = talk(
        sandbox, head + b'c\r\n{"app_id": "\r\n', b'25\r\n7600593971684835329", "access_token":\r\n', b'8\r\n"act.x"}\r\n0\r\n\r\n'
    )
    assert json.loads(received.partition(b"\r\n\r\n")[2])["code"] == 40105


def test_a_client_that_waits_to_be_asked_for_its_body_is_asked(sandbox: Driver) -> None:
    address = urlsplit(sandbox.base)
    with socket.create_connection((address.hostname, address.port), timeout=10) as raw:
        raw.sendall(
            f"POST {TOKEN_PATH} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n".encode()
        )
        assert raw.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        raw.sendall(b"{}")
        assert b'"code":40002' in b"".join(iter(lambda: raw.recv(65_536), b""))


def test_a_head_request_has_no_body(sandbox: Driver) -> None:
    received = talk(sandbox, b"HEAD /__sandbox__/sandbox.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 200 OK") and received.endswith(b"\r\n\r\n")


def test_http_1_0_ends_the_connection(sandbox: Driver) -> None:
    assert talk(sandbox, b"GET /nothing HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize(
    "rubbish", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"]
)
def test_what_is_no_http_is_refused_and_the_door_closed(sandbox: Driver, rubbish: bytes) -> None:
    assert talk(sandbox, rubbish).startswith(b"HTTP/1.1 400")


def test_a_body_or_head_beyond_the_cap_is_refused(sandbox: Driver) -> None:
    large_head = b"GET / HTTP/1.1\r\nHost: x\r\nX-Filler: " + b"a" * 40_000 + b"\r\n\r\n"
    assert talk(sandbox, large_head).startswith(b"HTTP/1.1 413")
    answer = sandbox.http.post(TOKEN_PATH, content=b" " * (4 * 1024 * 1024) + b"{}")
    assert answer.status_code == 413


def test_an_offer_of_another_protocol_is_answered_in_this_one(sandbox: Driver) -> None:
    offer = b"GET /second HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    received = talk(sandbox, request("/first") + offer)
    assert received.count(b"HTTP/1.1 404") == 2 and b"Connection: close" in received


def test_a_foreign_host_header_does_not_reach_addresses(sandbox: Driver) -> None:
    token = sandbox.grant()
    for host, expected in (("sandbox.test:99", "http://sandbox.test:99/"), ("evil/<x>", sandbox.base)):
        answer = sandbox.http.get(
            f"{API}/business/get/", params={"business_id": token.open_id}, headers={"Access-Token": token.access, "Host": host}
        )
        assert answer.json()["data"]["profile_image"].startswith(expected)
