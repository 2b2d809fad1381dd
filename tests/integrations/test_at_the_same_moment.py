"""Two at the same moment, in threads and with rows that are really committed: one exchange, one row, one renewal, one end."""

import threading
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.db import connections
from django.test import Client

from agency import scope
from agency.keystore.models import WrappedKey
from integrations import actions, refresh, trips
from integrations.models import ConsentRequest
from tests.integrations.connecting import connect, only_connection, start
from tests.integrations.steering import EXCHANGE, RENEW, REVOKE, calls, has_key, tokens
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run each in a thread of its own, all let go together; what they returned or raised."""
    gate, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            gate.wait(10)
            results[place] = act()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i, act)) for i, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    return results


def browser_like(client: Client) -> Client:
    """A second tab: the same session, its own connection."""
    tab = Client(raise_request_exception=False)
    tab.cookies.update(client.cookies)
    return tab


def meet(monkeypatch: pytest.MonkeyPatch, place: object, name: str) -> None:
    """Hold both threads where it matters, so that they really meet there. Whoever comes a second time passes."""
    gate, real, seen = threading.Barrier(2), getattr(place, name), threading.local()

    def wait_and_go(*args: object, **kwargs: object) -> object:
        if not getattr(seen, "once", False):
            seen.once = True
            gate.wait(10)
        return real(*args, **kwargs)

    monkeypatch.setattr(place, name, wait_and_go)


def test_two_callbacks_with_the_same_state_make_one_exchange(
    committed_cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = sign_in(committed_cast.admin)
    address = "/tiktok/auth/callback?" + urlencode(tiktok.answer_consent(start(admin), "brassorbit3"))
    meet(monkeypatch, trips, "claim_trip")
    answers = at_once(lambda: browser_like(admin).get(address), lambda: browser_like(admin).get(address))
    assert sorted(a.status_code for a in answers) == [302, 409]
    assert calls(tiktok, EXCHANGE) == 1
    assert only_connection(committed_cast.admin).generation == 1


def test_two_consents_for_one_account_end_in_one_row(committed_cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch) -> None:
    browsers = [sign_in(committed_cast.admin), sign_in(committed_cast.manager)]
    addresses = ["/tiktok/auth/callback?" + urlencode(tiktok.answer_consent(start(b), "brassorbit3")) for b in browsers]
    meet(monkeypatch, actions, "keep_grant")
    answers = at_once(*(lambda b=b, a=a: b.get(a) for b, a in zip(browsers, addresses, strict=True)))
    assert [a.status_code for a in answers] == [302, 302]
    connection = only_connection(committed_cast.admin)
    assert connection.generation == 2
    assert connection.state == "live"
    assert tokens(connection)[0].startswith("act.")
    assert not has_key(f"connection:{connection.pk}:1")
    with scope.inside(committed_cast.brass.pk):
        assert list(ConsentRequest.objects.values_list("outcome", flat=True)) == ["connected", "connected"]


def test_two_renewals_make_one_rotation_and_the_loser_harms_nothing(
    committed_cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(sign_in(committed_cast.admin), tiktok, "brassorbit3")
    connection = only_connection(committed_cast.admin)
    before = tokens(connection)

    def renew() -> object:
        with scope.bound_to(connection.workspace_id):
            return refresh.refresh(connection.pk)

    meet(monkeypatch, refresh.clock, "now")
    results = at_once(renew, renew)
    monkeypatch.undo()
    assert sorted(map(str, results)) == ["False", "True"]
    assert calls(tiktok, RENEW) == 1
    now = only_connection(committed_cast.admin)
    assert (now.state, now.refresh_state) == ("live", "idle")
    assert set(tokens(now)).isdisjoint(before)


def test_two_clicks_on_disconnect_end_it_once_and_leave_no_key(
    committed_cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = sign_in(committed_cast.admin)
    connect(admin, tiktok, "brassorbit3")
    connection = only_connection(committed_cast.admin)
    meet(monkeypatch, actions, "disconnect")
    address = f"/settings/integrations/{connection.pk}/disconnect"
    answers = at_once(lambda: browser_like(admin).post(address), lambda: browser_like(admin).post(address))
    assert [a.status_code for a in answers] == [302, 302]
    assert only_connection(committed_cast.admin).generation == 2
    assert calls(tiktok, REVOKE) >= 1
    left = set(WrappedKey.objects.values_list("ref", flat=True))
    assert not [ref for ref in left if ref.startswith(("connection:", "revocation:"))], left
