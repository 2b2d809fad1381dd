"""Events sent to the app: what they say, how they are signed, and that a refusal is not the end."""

import hmac
import json
import queue
import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import pytest

from tests.tiktok_sandbox.driver import APP_ID, SECRET, Driver
from tiktok_sandbox.webhooks import sign


class Received(NamedTuple):
    signature: str
    body: bytes


class Receiver:
    def __init__(self) -> None:
        self.received: queue.Queue[Received] = queue.Queue()
        self.statuses: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                receiver.received.put(Received(self.headers["TikTok-Signature"], body))

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/tiktok/webhook?a=1"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def next(self) -> Received:
        return self.received.get(timeout=10)


@pytest.fixture
def receiver(sandbox: Driver) -> Iterator[Receiver]:
    made = Receiver()
    made.thread.start()
    sandbox.control("webhooks", {"url": made.url})
    yield made
    sandbox.control("webhooks", {"url": None})
    made.server.shutdown()
    made.server.server_close()


def last_delivery(sandbox: Driver, attempts: int) -> dict:
    """The newest delivery once it has been tried so often. The attempt is noted just after the receiver has answered."""
    for _ in range(2_000):
        delivery = sandbox.control("webhooks")["deliveries"][-1]
        if len(delivery["attempts"]) >= attempts:
            return delivery
    raise AssertionError(f"fewer than {attempts} attempts: {delivery}")


def verified(one: Received) -> bool:
    moment, _, signature = one.signature.partition(",s=")
    expected = hmac.new(SECRET.encode(), moment.removeprefix("t=").encode() + b"." + one.body, sha256).hexdigest()
    return hmac.compare_digest(signature, expected)


def test_the_documented_vector_is_signed_as_documented() -> None:
    body = (
        b'{"client_key":"aw0simulator0key","event":"authorization.removed","create_time":1764000000,'
        b'"user_openid":"-000SimOpenId0001","content":"{\\"reason\\":1}"}'
    )
    signature = "5c887a23adb2d03ebb388fd2426228457c61c6975c8acad09799ed9eec8d20ea"
    assert sign("sim_client_secret_0123456789abcdef", 1764000005, body) == f"t=1764000005,s={signature}"


def test_a_withdrawal_inside_tiktok_is_announced(sandbox: Driver, receiver: Receiver) -> None:
    token = sandbox.grant()
    sandbox.control("revoke", {"account": "brassorbit3"})
    one = receiver.next()
    assert verified(one)
    event = json.loads(one.body)
    assert (event["client_key"], event["event"], event["user_openid"]) == (APP_ID, "authorization.removed", token.open_id)
    assert json.loads(event["content"]) == {"reason": 1} and isinstance(event["create_time"], int)
    assert last_delivery(sandbox, 1)["state"] == "delivered"


def test_a_revocation_by_the_app_is_announced_with_its_own_reason(sandbox: Driver, receiver: Receiver) -> None:
    sandbox.revoke(sandbox.grant().access)
    assert json.loads(json.loads(receiver.next().body)["content"]) == {"reason": 5}


def test_revoking_what_is_not_connected_announces_nothing(sandbox: Driver, receiver: Receiver) -> None:
    assert sandbox.control("revoke", {"account": "brassorbit3"}) == {"revoked": 0}
    assert sandbox.control("webhooks")["deliveries"] == []


def test_a_refused_event_is_sent_again_with_the_same_body(sandbox: Driver, receiver: Receiver) -> None:
    receiver.statuses[:] = [500, 302]
    sandbox.grant()
    sandbox.control("revoke", {"account": "brassorbit3"})
    first = receiver.next()
    assert last_delivery(sandbox, 1)["state"] == "pending"
    sandbox.control("clock", {"seconds": 16})
    second = receiver.next()
    last_delivery(sandbox, 2)
    sandbox.control("clock", {"seconds": 31})
    third = receiver.next()
    assert first.body == second.body == third.body and all(map(verified, (first, second, third)))
    assert [attempt["answer"] for attempt in last_delivery(sandbox, 3)["attempts"]] == [500, 302, 200]
    assert sandbox.control("webhooks")["deliveries"][-1]["state"] == "delivered"


def test_after_72_hours_an_event_is_given_up(sandbox: Driver) -> None:
    sandbox.control("webhooks", {"url": "http://127.0.0.1:1/nobody"})
    sandbox.grant()
    sandbox.control("revoke", {"account": "brassorbit3"})
    assert last_delivery(sandbox, 1)["state"] == "pending"
    sandbox.control("clock", {"seconds": 72 * 3600 + 60})
    assert last_delivery(sandbox, 2)["state"] == "dropped"


def test_without_an_address_nothing_is_sent(sandbox: Driver) -> None:
    sandbox.grant()
    sandbox.control("revoke", {"account": "brassorbit3"})
    assert sandbox.control("webhooks") == {"url": None, "deliveries": []}


@pytest.mark.parametrize("url", ["nowhere", "ftp://x/", "http://", "http://a b/", "http://a/\r\nX: y", 7])
def test_an_address_that_is_none_is_refused(sandbox: Driver, url: object) -> None:
    assert sandbox.http.post("/__control__/webhooks", json={"url": url}).status_code == 400
