"""Ten thousand callbacks that nobody would send, and one that somebody did. CHAOS=long makes it a hundred thousand."""

import os
import random
from unittest.mock import patch
from urllib.parse import quote, quote_from_bytes

import pytest
from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse
from django.test import Client, RequestFactory

from agency import scope
from integrations import views
from integrations.models import Connection, ConsentRequest
from tests.integrations.connecting import come_back, start
from tests.integrations.steering import EXCHANGE, calls
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))

COUNT = 100_000 if os.environ.get("CHAOS") == "long" else 10_000
_NAMES = ("state", "code", "error", "error_description", "scopes", "workspace", "next", "state[]", "STATE", "x" * 300, "\x00", "é", "")
_TEXTS = (
    "", " ", "0", "null", "true", "[]", "{}", "-1", "../../etc/passwd", "<script>alert(1)</script>", "' OR 1=1 --", "%", "%zz", "\x00",
    "\r\nSet-Cookie: a=b",
    "access_denied", "ä" * 50, "\u202e\u2066", "\ufffd", "😀" * 600, "a" * 2048, "a" * 2049, "b" * 9000, "{{ 7*7 }}", "file:///etc/passwd",
)  # fmt: skip


class Callbacks:
    """A seeded source of query strings. `near` are states that were really given out but are no longer good for this browser."""

    def __init__(self, near: list[str], codes: list[str], seed: int) -> None:
        self.near, self.codes, self.chance = near, codes, random.Random(seed)

    def query(self) -> str:
        pairs = [self._pair() for _ in range(self.chance.choice((0, 1, 2, 2, 3, 3, 4, 8)))]
        if self.chance.random() < 0.002:
            pairs += ["a=b"] * self.chance.choice((499, 500, 501, 2000))
        self.chance.shuffle(pairs)
        return self.chance.choice("&&&&&&;").join(pairs)

    def _pair(self) -> str:
        name = self.chance.choice(_NAMES) if self.chance.random() < 0.3 else self.chance.choice(("state", "state", "code", "error"))
        return quote(name) + self.chance.choice(("=", "=", "=", "=", "=", "", "==")) + self._value(name)

    def _value(self, name: str) -> str:
        kind = self.chance.random()
        if kind < 0.45:
            return quote(self._near_miss(self.chance.choice(self.codes if name == "code" else self.near)))
        if kind < 0.65:
            return quote_from_bytes(self.chance.randbytes(self.chance.choice((1, 8, 43, 200))))
        text = self.chance.choice(_TEXTS)
        return text if kind < 0.7 and text.isascii() and text.isprintable() and "&" not in text else quote(text)

    def _near_miss(self, state: str) -> str:
        """The state itself or nearly it."""
        cut = self.chance.randrange(len(state))
        flipped = state[:cut] + self.chance.choice("ABCxyz_-") + state[cut + 1 :]
        return self.chance.choice((state, state, state[:cut], state + "A", state.swapcase(), f" {state}", state[::-1], flipped, state * 3))


class ShortCut:
    """The browser's request as the view gets it, without every layer around it and without drawing the page: enough for most."""

    def __init__(self, client: Client, cast: Cast) -> None:
        self.factory, self.session, self.cast = RequestFactory(), client.session, cast

    def get(self, address: str) -> HttpResponse:
        request = self.factory.get(address)
        request.user, request.session = self.cast.admin.person, self.session
        request.membership, request.memberships = self.cast.admin, [self.cast.admin]
        try:
            with patch.object(views, "render", lambda request, name, context, status: HttpResponse(context["title"], status=status)):
                return views.callback(request)
        except SuspiciousOperation:  # what Django turns into its page for bad requests
            return HttpResponse(status=400)


def test_no_generated_callback_breaks_the_page_or_reaches_tiktok(cast: Cast, tiktok: LocalTikTok) -> None:
    admin = sign_in(cast.admin)
    used, denied = tiktok.answer_consent(start(admin), "brassorbit3"), tiktok.answer_consent(start(admin), "brassorbit3", deny=True)
    assert come_back(admin, used).status_code == 302
    assert come_back(admin, denied).status_code == 200
    stale = tiktok.answer_consent(start(admin), "brassorbit3")
    tiktok.advance(700)
    # Open, but not for whoever sends what follows: another browser started it.
    foreign = tiktok.answer_consent(start(sign_in(cast.manager)), "moontideco2")
    sent = (used, denied, stale, foreign)
    callbacks = Callbacks([s["state"] for s in sent], [s["code"] for s in sent if "code" in s], seed=20_260_521)
    exchanges = calls(tiktok, EXCHANGE)
    assert exchanges == 1

    statuses: dict[int, int] = {}
    whole, signed_out, short_cut = admin.get, Client(raise_request_exception=False).get, ShortCut(admin, cast)
    for number in range(COUNT):
        ask = whole if number % 16 == 0 else signed_out if number % 16 == 1 else short_cut.get
        address = "/tiktok/auth/callback?" + callbacks.query()
        answer = ask(address)
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        assert answer.status_code < 500, (number, answer.status_code, address)
        if answer.status_code not in {302, 400}:
            assert answer.headers["Cache-Control"] == "no-store"

    assert calls(tiktok, EXCHANGE) == exchanges
    with scope.inside(cast.brass.pk):
        assert Connection.objects.count() == 1
        assert ConsentRequest.objects.get(outcome="open", used_at=None, person=cast.manager.person), "still open for whom it was meant"
    assert {400, 403, 409, 410} <= statuses.keys(), f"the generator must reach every refusal: {statuses}"
    assert come_back(admin, tiktok.answer_consent(start(admin), "moontideco2")).status_code == 302, "an honest one still gets through"
