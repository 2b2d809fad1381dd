"""Every fault on demand, as a client on the other side of the socket sees it."""

import socket
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx
import pytest

from tests.tiktok_sandbox.driver import API, Driver, token_from

PROFILE = f"{API}/business/get/"


def plan(sandbox: Driver, kind: str, *, path: str = PROFILE, **more: object) -> None:
    sandbox.control("faults", {"path": path, "kind": kind, **more})


def read(sandbox: Driver, timeout: float = 10) -> httpx.Response:
    assert sandbox.token is not None
    return sandbox.http.get(
        PROFILE, params={"business_id": sandbox.token.open_id}, headers={"Access-Token": sandbox.token.access}, timeout=timeout
    )


@pytest.fixture(autouse=True)
def connected(sandbox: Driver) -> None:
    sandbox.grant()


def healthy(sandbox: Driver) -> bool:
    answer = read(sandbox)
    return answer.status_code == 200 and answer.json()["code"] == 0


def test_a_status(sandbox: Driver) -> None:
    plan(sandbox, "status", value=502)
    answer = read(sandbox)
    assert answer.status_code == 502 and "json" not in answer.headers["content-type"]
    assert healthy(sandbox)


def test_a_code_with_and_without_a_message(sandbox: Driver) -> None:
    plan(sandbox, "code", value=40700)
    plan(sandbox, "code", value={"code": 50002, "message": "internal timeout"})
    first, second = read(sandbox), read(sandbox)
    assert (first.status_code, first.json()["code"]) == (200, 40700)
    assert (second.json()["code"], second.json()["message"]) == (50002, "internal timeout")
    assert healthy(sandbox)


def test_no_answer_until_the_client_gives_up(sandbox: Driver) -> None:
    plan(sandbox, "timeout")
    with pytest.raises(httpx.ReadTimeout):
        read(sandbox, timeout=0.2)
    assert healthy(sandbox)


def test_no_answer_and_then_the_end_of_the_connection(sandbox: Driver) -> None:
    plan(sandbox, "timeout", value=0.05)
    with pytest.raises(httpx.RemoteProtocolError):
        read(sandbox)


def test_a_reset(sandbox: Driver) -> None:
    plan(sandbox, "reset")
    with pytest.raises(httpx.ReadError):
        read(sandbox)
    assert healthy(sandbox)


def test_a_drip_arrives_byte_by_byte_and_outlives_a_socket_timeout(sandbox: Driver) -> None:
    plan(sandbox, "drip", value=0.001)
    assert sandbox.token is not None
    address = urlsplit(sandbox.base)
    with socket.create_connection((address.hostname, address.port), timeout=5) as raw:
        token = sandbox.token
        raw.sendall(f"GET {PROFILE}?business_id={token.open_id} HTTP/1.1\r\nHost: x\r\nAccess-Token: {token.access}\r\n\r\n".encode())
        sizes, received = [], b""
        while not received.endswith(b"}}"):
            piece = raw.recv(65_536)
            sizes.append(len(piece))
            received += piece
    assert len(sizes) > 20 and b'"code":0' in received
    assert healthy(sandbox)


def test_an_html_page(sandbox: Driver) -> None:
    plan(sandbox, "html")
    answer = read(sandbox)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    with pytest.raises(ValueError):
        answer.json()


def test_half_an_answer(sandbox: Driver) -> None:
    plan(sandbox, "truncated")
    with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
        read(sandbox)
    assert healthy(sandbox)


def test_a_lost_answer_has_had_its_effect(sandbox: Driver) -> None:
    assert sandbox.token is not None
    old = sandbox.token.refresh
    plan(sandbox, "lost-answer", path=f"{API}/tt_user/oauth2/refresh_token/")
    with pytest.raises(httpx.RemoteProtocolError):
        sandbox.refresh(old)
    assert sandbox.refresh(old)["code"] == 40107


@pytest.mark.parametrize("kind", ["reset", "timeout"])
def test_a_fault_before_the_endpoint_has_no_effect(sandbox: Driver, kind: str) -> None:
    assert sandbox.token is not None
    plan(sandbox, kind, path=f"{API}/tt_user/oauth2/refresh_token/", value=0.01)
    with pytest.raises(httpx.TransportError):
        sandbox.refresh(sandbox.token.refresh)
    assert token_from(sandbox.refresh(sandbox.token.refresh)).access


@pytest.mark.parametrize(("value", "header"), [(None, "60"), (7, "7"), ("Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:00 GMT")])
def test_a_retry_after(sandbox: Driver, value: object, header: str) -> None:
    plan(sandbox, "retry-after", value=value)
    answer = read(sandbox)
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["code"]) == (429, header, 40100)


@pytest.mark.parametrize("seconds", [None, -7200, 86_400])
def test_a_wrong_clock_shows_in_the_answer_and_changes_nothing_else(sandbox: Driver, seconds: int | None) -> None:
    right = read(sandbox)
    plan(sandbox, "clock-skew", value=seconds)
    wrong = read(sandbox)
    off = parsedate_to_datetime(wrong.headers["date"]) - parsedate_to_datetime(right.headers["date"])
    expected = timedelta(seconds=3600 if seconds is None else seconds)
    assert expected <= off < expected + timedelta(seconds=30)
    assert datetime.strptime(wrong.json()["request_id"][:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC) == parsedate_to_datetime(
        wrong.headers["date"]
    )
    assert wrong.json()["data"] == right.json()["data"]
    assert healthy(sandbox)


def test_maintenance(sandbox: Driver) -> None:
    plan(sandbox, "maintenance", path="*", times=2)
    answer, page = read(sandbox), sandbox.open_consent()
    assert (answer.status_code, answer.json()["code"]) == (200, 60001)
    assert page.status_code == 503 and page.headers["content-type"].startswith("text/html")
    assert healthy(sandbox)


def test_faults_come_as_often_as_planned_after_those_to_skip(sandbox: Driver) -> None:
    plan(sandbox, "code", times=2, skip=1)
    assert [read(sandbox).json()["code"] for _ in range(4)] == [0, 50000, 50000, 0]


def test_a_standing_fault_stays_until_it_is_cleared(sandbox: Driver) -> None:
    plan(sandbox, "status", times=None, path=f"{API}/business/*")
    assert {read(sandbox).status_code for _ in range(5)} == {500}
    [fault] = sandbox.control("faults")["faults"]
    assert (fault["path"], fault["kind"], fault["value"], fault["times"]) == (f"{API}/business/*", "status", 500, None)
    sandbox.http.delete("/__control__/faults", params={"id": fault["id"] + 1})
    assert read(sandbox).status_code == 500
    sandbox.http.delete("/__control__/faults", params={"id": fault["id"]})
    assert sandbox.control("faults") == {"faults": []} and healthy(sandbox)


def test_other_paths_are_spared(sandbox: Driver) -> None:
    plan(sandbox, "status", path=f"{API}/business/video/list/")
    assert healthy(sandbox)
    assert sandbox.control("faults")["faults"][0]["times"] == 1


def test_the_control_plane_never_fails(sandbox: Driver) -> None:
    plan(sandbox, "status", path="*", times=None)
    assert sandbox.control("faults")["faults"]


def test_requests_behind_a_slow_answer_keep_their_order(sandbox: Driver) -> None:
    plan(sandbox, "drip", path="/v2/auth/authorize/", value=0.0001)
    address = urlsplit(sandbox.base)
    with socket.create_connection((address.hostname, address.port), timeout=10) as raw:
        raw.sendall(b"GET /v2/auth/authorize/ HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        received = b"".join(iter(lambda: raw.recv(65_536), b""))
    assert 0 == received.index(b"HTTP/1.1 400") < received.index(b"HTTP/1.1 404")


@pytest.mark.parametrize(
    "wanted",
    [
        {"path": PROFILE, "kind": "made-up"},
        {"path": "business", "kind": "reset"},
        {"kind": "reset"},
        {"path": PROFILE, "kind": "reset", "times": 0},
        {"path": PROFILE, "kind": "reset", "skip": -1},
        {"path": PROFILE, "kind": "status", "value": 42},
        {"path": PROFILE, "kind": "code", "value": "x"},
        {"path": PROFILE, "kind": "drip", "value": "slow"},
        {"path": PROFILE, "kind": "retry-after", "value": "soon"},
        {"path": PROFILE, "kind": "clock-skew", "value": 1.5},
        {"path": PROFILE, "kind": "clock-skew", "value": 10**9},
        {"path": PROFILE, "kind": "retry-after", "value": "Wed, 21 Oct 2026 07:28:00 GMT\r\nX: y"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(sandbox: Driver, wanted: dict[str, object]) -> None:
    assert sandbox.http.post("/__control__/faults", json=wanted).status_code == 400
    assert sandbox.control("faults") == {"faults": []}
