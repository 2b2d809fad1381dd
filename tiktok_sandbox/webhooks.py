"""Sends events to an app's callback address, signed, at least once: retried with growing pauses for 72 hours of the sandbox's time."""

import asyncio
import hmac
import json
import ssl
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from tiktok_sandbox.clock import Clock, iso
from tiktok_sandbox.switches import Switches

GIVE_UP = 72 * 3600
FIRST_PAUSE, LONGEST_PAUSE = 15, 12 * 3600
ANSWER_WITHIN = 10.0
KEPT = 1_000


@dataclass(slots=True)
class Delivery:
    id: int
    event: str
    client: str
    url: str
    body: bytes
    made_at: float
    next_at: float
    key: str = ""  # what it is about, so that it can be withdrawn before it is due
    deaf: int = 0  # answers that will not be heard
    state: str = "pending"  # held, pending, delivered, dropped
    signed_at: int | None = None  # when it was signed first
    attempts: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "event": self.event,
            "url": self.url,
            "state": self.state,
            "body": json.loads(self.body),
            "made_at": iso(self.made_at),
            "next_at": iso(self.next_at) if self.state == "pending" else None,
            "attempts": self.attempts,
        }


def sign(secret: str, moment: int, body: bytes) -> str:
    signature = hmac.new(secret.encode(), f"{moment}.".encode() + body, sha256).hexdigest()
    return f"t={moment},s={signature}"


class Webhooks:
    def __init__(self, clock: Clock, client: str, secrets: dict[str, str], url: str | None) -> None:
        self._clock, self._client, self._secrets, self.url = clock, client, secrets, url
        self.switches = Switches()
        self._deliveries: deque[Delivery] = deque(maxlen=KEPT)
        self._last_id = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending: set[int] = set()
        self._alarm: asyncio.TimerHandle | None = None
        clock.on_change(self._send_due)

    def announce(
        self,
        event: str,
        open_id: str,
        content: dict[str, Any],
        *,
        client: str | None = None,
        url: str | None = None,
        at: float | None = None,
        key: str = "",
    ) -> None:
        """Queue an event, for now or for a later moment. Without any address nothing is sent, as in an app without a callback."""
        url, client = url or self.url, client or self._client
        if url is None:
            return
        due = self._clock.now() if at is None else at
        envelope = {
            "client_key": client,
            "event": event,
            "create_time": int(due),
            "user_openid": open_id,
            "content": json.dumps(content, separators=(",", ":")),
        }
        body, settings = json.dumps(envelope, separators=(",", ":")).encode(), self.switches
        for _ in range(settings.webhook_copies):
            self._last_id += 1
            delivery = Delivery(self._last_id, event, client, url, body, due, due, key, settings.webhook_deaf)
            delivery.state = "held" if settings.webhook_hold else "pending"
            self._deliveries.append(delivery)
        self._send_due()

    def withdraw(self, key: str) -> None:
        """Events of this key that were never tried will not happen."""
        kept = [delivery for delivery in self._deliveries if delivery.key != key or delivery.attempts or delivery.id in self._sending]
        self._deliveries = deque(kept, maxlen=KEPT)
        self._send_due()

    def take(self, switches: Switches) -> None:
        """New switches; events that were held leave one after another once they are held no more."""
        self.switches = switches
        held = [delivery for delivery in self._deliveries if delivery.state == "held"]
        if switches.webhook_hold or not held:
            return
        if switches.webhook_order == "reversed":
            held.reverse()
        for delivery in held:
            delivery.state = "pending"
        due = [delivery for delivery in held if delivery.next_at <= self._clock.now()]
        self._sending.update(delivery.id for delivery in due)
        self._start(self._attempt_each(due))
        self._send_due()

    def now(self) -> float:
        return self._clock.now()

    def listed(self) -> list[dict[str, Any]]:
        return [delivery.as_json() for delivery in self._deliveries]

    def clear(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._sending.clear()
        self._deliveries.clear()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _send_due(self) -> None:
        """Start what is due and set the alarm for what comes next."""
        now = self._clock.now()
        waiting = [delivery for delivery in self._deliveries if delivery.state == "pending" and delivery.id not in self._sending]
        for delivery in [delivery for delivery in waiting if delivery.next_at <= now]:
            waiting.remove(delivery)
            self._sending.add(delivery.id)
            self._start(self._attempt(delivery))
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if waiting:
            pause = min(delivery.next_at for delivery in waiting) - now
            self._alarm = asyncio.get_running_loop().call_later(pause, self._send_due)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attempt_each(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            await self._attempt(delivery)

    async def _attempt(self, delivery: Delivery) -> None:
        started = self._clock.now()
        try:
            outcome: int | str = await asyncio.wait_for(self._post(delivery), ANSWER_WITHIN)
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError) as error:
            outcome = type(error).__name__
        delivery.attempts.append({"at": iso(started), "answer": outcome})
        now = self._clock.now()
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(20, len(delivery.attempts) - 1))
        if outcome == 200 and not delivery.deaf:
            delivery.state = "delivered"
        elif now + pause > delivery.made_at + GIVE_UP:
            delivery.state = "dropped"
        else:
            delivery.next_at = now + pause
            delivery.deaf -= 1 if outcome == 200 else 0
        self._sending.discard(delivery.id)
        self._send_due()

    async def _post(self, delivery: Delivery) -> int:
        parts = urlsplit(delivery.url)
        secure = parts.scheme == "https"
        reader, writer = await asyncio.open_connection(
            parts.hostname, parts.port or (443 if secure else 80), ssl=ssl.create_default_context() if secure else None
        )
        moment = self._clock.seconds() + self.switches.webhook_skew
        if delivery.signed_at is None:
            delivery.signed_at = moment
        elif self.switches.webhook_retry_time == "same":
            moment = delivery.signed_at
        try:
            head = (
                f"POST {parts.path or '/'}{'?' + parts.query if parts.query else ''} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(delivery.body)}\r\nConnection: close\r\n"
                f"TikTok-Signature: {sign(self._secrets.get(delivery.client, ''), moment, delivery.body)}\r\n\r\n"
            )
            writer.write(head.encode("latin-1") + delivery.body)
            await writer.drain()
            status = (await reader.readline()).split(b" ", 2)
            return int(status[1]) if len(status) > 1 else 0
        finally:
            writer.close()
