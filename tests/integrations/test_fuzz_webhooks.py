"""Two thousand deliveries that nobody would send, most of them properly signed. CHAOS=long makes it twenty thousand."""

import json
import os
import random
from typing import Any

import pytest

from agency.models import DueWork
from integrations.models import Connection
from tests.integrations.deliveries import COMMENT, REMOVED, deliver, event, kept, signature
from tests.integrations.steering import again
from tests.local_tiktok import LocalTikTok
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))

COUNT = 20_000 if os.environ.get("CHAOS") == "long" else 2_000
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**40, 2**63, -(10**15), 1e308, "", "0", "\x00", "\ud800", "\u202e", "😀" * 300, "a" * 5000,
    [], {}, [[]],
    {"a": {"b": []}}, "null", "{}", "[]", "{", '{"reason":', '{"reason":1e400}', '{"reason":99999999999999999999}', '{"reason":"\\u0000"}',
    '{"comment_id":1,"video_id":2,"comment_action":"\\ud800\\u0000","timestamp":1}', "' OR 1=1 --", "%s", "{{ 7*7 }}",
)  # fmt: skip
_NAMES = (
    REMOVED,
    COMMENT,
    "brand.mention.event",
    "post.publish.complete",
    "post.publish.failed",
    "moon.landed",
    "authorization.removed\x00",
)
_KEYS = ("client_key", "event", "create_time", "user_openid", "content", "extra", "", "\x00")


class Deliveries:
    """A seeded source of bodies and signatures: near misses of what TikTok sends."""

    def __init__(self, open_ids: list[str], seed: int) -> None:
        self.open_ids, self.chance = open_ids, random.Random(seed)

    def next(self) -> tuple[bytes, str]:
        body = self._body()
        return body, signature(body) if self.chance.random() < 0.8 else self._forged(body)

    def _body(self) -> bytes:
        pick, kind = self.chance.choice, self.chance.random()
        if kind < 0.1:
            return self.chance.randbytes(pick((0, 1, 30, 3000)))
        content = pick((*_VALUES, '{"reason":1}', '{"comment_id":1,"video_id":2,"comment_action":"insert"}', '{"publish_id":"p"}'))
        text = content if isinstance(content, str) else json.dumps(content)
        body = event(pick(self.open_ids), pick(_NAMES), content=text)
        if kind < 0.5:
            return json.dumps(json.loads(body) | {pick(_KEYS): pick(_VALUES) for _ in range(pick((0, 1, 1, 2)))}).encode()
        if kind < 0.9:
            at = self.chance.randrange(len(body))
            return pick(
                (body[:at], body[:at] + self.chance.randbytes(2) + body[at + 2 :], body[at:] + body[:at], body * 2, b"[" + body + b"]")
            )
        return body + b" " * pick((0, 10, 64 * 1024, 200_000))

    def _forged(self, body: bytes) -> str:
        good = signature(body)
        at = self.chance.randrange(len(good))
        return self.chance.choice(
            ("", good[:at], good[:at] + "é", good + ",t=1", good.upper(), good.replace("s=", "s=0"), "t=,s=", "," * 500)
        )


def test_no_generated_delivery_breaks_anything(connected: Connection, tiktok: LocalTikTok) -> None:
    tiktok.advance(60)
    source = Deliveries([connected.tiktok_open_id, connected.tiktok_open_id, "_000nobody", ""], seed=20_260_521)
    asked, statuses = len(tiktok.log()), {}
    for number in range(COUNT):
        body, header = source.next()
        answer = deliver(body, header)
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        assert answer.status_code in {200, 400, 403, 413}, (number, answer.status_code, header, body[:500])
        assert answer.content == b""
    assert {200, 400, 403, 413} == statuses.keys(), f"the generator must reach every answer: {statuses}"
    assert len(tiktok.log()) == asked
    states = {e.state for e in kept(connected)}
    assert {"stored", "unknown"} <= states, f"and both kinds of events: {states}"
    assert len(kept(connected)) < statuses[200]
    work_off("event", "revoke")
    assert again(connected).state == "disconnected", "among them was one that TikTok might have sent"
    assert not DueWork.objects.filter(kind="event").exists()
