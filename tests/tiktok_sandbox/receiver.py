"""A small server that receives events, and what tests want to know of them."""

import hmac
import queue
import threading
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from tests.tiktok_sandbox.driver import SECRET, Driver


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
                # Before the answer: the next event may come as soon as this one is answered.
                receiver.received.put(Received(self.headers["TikTok-Signature"], self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/tiktok/webhook?a=1"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def next(self) -> Received:
        return self.received.get(timeout=10)


def last_delivery(sandbox: Driver, attempts: int) -> dict:
    """The newest delivery once it has been tried so often. The attempt is noted just after the receiver has answered."""
    for _ in range(2_000):
        delivery = sandbox.control("webhooks")["deliveries"][-1]
        if len(delivery["attempts"]) >= attempts:
            return delivery
    raise AssertionError(f"fewer than {attempts} attempts: {delivery}")


def verified(one: Received, secret: str = SECRET) -> bool:
    moment, _, signature = one.signature.partition(",s=")
    expected = hmac.new(secret.encode(), moment.removeprefix("t=").encode() + b"." + one.body, sha256).hexdigest()
    return hmac.compare_digest(signature, expected)
