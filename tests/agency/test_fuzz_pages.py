"""Nothing that a browser, or somebody with less than a browser, can send ends in an error of ours.

Addresses come from the registry, fields from the real pages' own forms; a new page is fuzzed without a line here. Each request is made from
its number alone: the number that failed repeats it. `make test` sends five hundred, CHAOS=long fifty thousand.
"""

import os
import random
import re
from collections import defaultdict
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve

from agency import checks
from tests.agency import matrix
from tests.agency.hostile import TEXTS
from tests.agency.test_web_matrix import TABLE
from tests.people import Cast

pytestmark = pytest.mark.django_db(databases=("default", "keystore", "privacy"))
COUNT = int(os.environ.get("FUZZ_COUNT", "50000" if os.environ.get("CHAOS") == "long" else "500"))
FIRST = int(os.environ.get("FUZZ_FIRST", "0"))
# What pages read from the address besides what their forms name.
COMMON = (
    "workspace",
    "next",
    "page",
    "before",
    "after",
    "q",
    "period",
    "sort",
    "connected",
    "since",
    "until",
    "format",
    "code",
    "state",
    "error",
)
ODD = (
    "", " ", "0", "-1", "1e309", "NaN", "9" * 400, str(2**63), str(2**31), "null", "true", "[]", "{}", "2026-02-30", "0000-00-00",
    "9999-12-31", "2026-W53", "2026-W99", "2026-W00", "%00", "\x00", "\x00x", "\ufffd", "\ud83d\ude00", "../../etc/passwd", "a" * 5000,
    "6b2d5a52-0c58-4c10-9f11-3f35a0b6ad10", "6b2d5a520c584c109f113f35a0b6ad10", "١٢٣", "²", "1_000", "+5", "0x10", "1,5", "12:00",
)  # fmt: skip
TYPES = (
    "application/json",
    "text/plain",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded; charset=utf-7",
    "x",
    "",
)
HEADERS = (
    {}, {}, {"HX-Request": "true"}, {"HX-Request": "true", "HX-Target": "'\"<>"}, {"Accept-Language": "x" * 500},
    {"User-Agent": "\x7f" * 300},
    {"X-Forwarded-For": "not an address"}, {"Referer": "javascript:alert(1)"}, {"Cookie": "session=\x01; csrf=\"; =;;"},
    {"Host": "evil.example"}, {"Host": "testserver:99999"}, {"If-Modified-Since": "yesterday"},
    {"Range": "bytes=9-1"}, {"Content-Length": "12"},
)  # fmt: skip
_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_NAME = re.compile(r'<(?:input|select|textarea|button)\b[^>]*\sname="([^"]+)"')


def fields_of_pages(world: matrix.World) -> dict[str, list[str]]:
    """Name of an address -> names that the forms which lead there send. Read from the pages themselves."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, row in TABLE.items():
        for actor in ("anonymous", "admin", "manager", "platform", "privacy"):
            answer = matrix.ask(world, actor, "GET", *matrix.fill(world, row.path, {}, actor, "own"))
            if answer.status_code != 200 or "html" not in answer.headers.get("Content-Type", ""):
                continue
            for opening, inside in _FORM.findall(answer.content.decode()):
                action = re.search(r'action="([^"]*)"', opening)
                path = (urlsplit(action[1]).path if action else "") or answer.request["PATH_INFO"]
                try:
                    target = resolve(path).url_name
                except Resolver404:  # an address of somebody else's
                    continue
                found[target or name].update(_NAME.findall(inside))
    return {name: sorted(names - {"csrfmiddlewaretoken"}) for name, names in found.items()}


class Fuzz:
    """Requests by number."""

    def __init__(self, world: matrix.World) -> None:
        self.world = world
        self.fields = fields_of_pages(world)
        self.names = sorted(TABLE)
        self.actors = (*matrix.ACTORS, *matrix.MORE_ACTORS)

    def value(self, dice: random.Random) -> str:
        return dice.choice(ODD) if dice.random() < 0.6 else dice.choice(TEXTS)

    def pairs(self, dice: random.Random, names: list[str]) -> list[tuple[str, str]]:
        chosen = [n for n in names if dice.random() < 0.8] + dice.sample(COMMON, dice.randrange(3))
        if dice.random() < 0.2:
            chosen += chosen[:2]  # a name twice
        if dice.random() < 0.1:
            chosen.append(self.value(dice)[:40])
        return [(n, self.value(dice)) for n in chosen]

    def send(self, number: int) -> tuple[str, Any]:
        dice = random.Random(f"pages:{number}")
        name, actor = dice.choice(self.names), dice.choice(self.actors)
        row, names = TABLE[name], self.fields.get(name, [])
        path, _ = matrix.fill(self.world, row.path, {}, actor, dice.choice(("own", "own", "foreign", "absent")))
        if dice.random() < 0.15 and "/" in path[1:]:
            path = path.rsplit("/", 1)[0] + "/" + quote(self.value(dice).encode("utf-8", "replace")[:200], safe="")
        pairs = [(n, v.encode("utf-8", "replace").decode()) for n, v in self.pairs(dice, names)]
        method = dice.choice(("GET", "GET", "GET", "POST", "POST", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"))
        body, kind = b"", "application/x-www-form-urlencoded"
        if method in {"GET", "HEAD"}:
            path += ("&" if "?" in path else "?") + urlencode(pairs, errors="replace")
        else:
            body = urlencode(pairs, errors="replace").encode()
            if dice.random() < 0.15:
                kind, body = dice.choice(TYPES), dice.choice((body, b"\xff\xfe\x00", b"{", b"--x\r\n\r\n", b"", b"%", b"a" * 2000))
        extra = {"HTTP_" + k.upper().replace("-", "_"): v for k, v in dice.choice(HEADERS).items()}
        return f"{number}: {actor} {method} {name} {path[:200]!r} {body[:200]!r}", self.ask(actor, method, path, body, kind, extra)

    def ask(self, actor: str, method: str, path: str, body: bytes, kind: str, extra: dict[str, str]) -> Any:
        """One request whose traces are rolled back. Cookies of the header are sent instead of the reader's own."""
        cache.clear()
        client = Client(raise_request_exception=False)
        client.handler = matrix._handler()
        if "HTTP_COOKIE" not in extra:
            for cookie, value in self.world.cookies[actor].items():
                client.cookies[cookie] = value
        with transaction.atomic():
            answer = client.generic(method, path, body, kind, **extra)
            if answer.streaming:
                list(answer.streaming_content)
            transaction.set_rollback(True)
        return answer


def test_nothing_that_is_sent_ends_in_an_error_of_ours(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    fuzz, broken = Fuzz(matrix.build(cast)), []
    assert sum(map(len, fuzz.fields.values())) > 40, "the pages' forms were read"
    for number in range(FIRST, FIRST + COUNT):
        caplog.clear()
        what, answer = fuzz.send(number)
        if answer.status_code >= 500 and not is_said(answer):
            broken.append(f"{what} -> {answer.status_code} {[r.exc_text or r.getMessage() for r in caplog.records][-1:]}")
    assert broken == [], f"{len(broken)} of {COUNT}: " + "\n".join(broken[:5])


def is_said(answer: Any) -> bool:
    """A page that says on purpose that TikTok or the key service does not answer, which is no error of ours."""
    return answer.status_code in {502, 503} and b"TikTok" in answer.content


def test_every_address_is_fuzzed() -> None:
    assert set(TABLE) == {pattern.name for _, pattern in checks.every_pattern()}
