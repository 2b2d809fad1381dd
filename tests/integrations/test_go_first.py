"""People who wait while a backlog uses up what TikTok allows: they are served next, not sent away and not behind everybody else."""

from collections.abc import Callable

import pytest
from django.test import Client

from agency import scope
from agency.models import DueWork
from integrations import actions
from integrations.models import Connection
from metrics.tasks import sync_due
from tests.integrations.advertising import start_ads
from tests.integrations.connecting import come_back, start
from tests.integrations.steering import EXCHANGE, calls, data_calls, use_up_the_pace, words
from tests.integrations.test_sign_in_with_tiktok import joined
from tests.integrations.test_sign_in_with_tiktok import leave as leave_to_sign_in
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.privacy import proving

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
ACCOUNT = "moontideco2"
Back = Callable[[], str]


def connecting(cast: Cast, tiktok: LocalTikTok) -> Back:
    browser = sign_in(cast.admin)
    sent = tiktok.answer_consent(start(browser), ACCOUNT)
    return lambda: come_back(browser, sent).headers["Location"]


def linking_ad_accounts(cast: Cast, tiktok: LocalTikTok) -> Back:
    browser = sign_in(cast.admin)
    sent = tiktok.answer_consent(start_ads(browser), ACCOUNT)
    return lambda: words(browser.get(come_back(browser, sent).headers["Location"]))


def showing_whose_it_is(cast: Cast, tiktok: LocalTikTok) -> Back:
    browser, where = proving.ask()
    sent = tiktok.answer_consent(proving.leave(browser, where), ACCOUNT)
    return lambda: words(proving.come_back(browser, sent))


def signing_in(cast: Cast, tiktok: LocalTikTok) -> Back:
    joined(cast, tiktok, ACCOUNT)
    browser = Client(raise_request_exception=False)
    sent = tiktok.answer_consent(leave_to_sign_in(browser, next="/settings/looks"), ACCOUNT)
    return lambda: browser.get("/tiktok/sign-in/callback", sent).headers.get("Location", "")


WAYS_BACK = {
    connecting: f"connected={ACCOUNT}",
    linking_ad_accounts: "EUR · Europe/Berlin",
    showing_whose_it_is: "This account is not connected here",
    signing_in: "/settings/looks",
}


@pytest.mark.parametrize("begin", WAYS_BACK)
def test_who_comes_back_from_tiktok_arrives(
    cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch, begin: Callable[[Cast, LocalTikTok], Back]
) -> None:
    """The code that they bring works once: who is turned away has to go all the way again."""
    arrive = begin(cast, tiktok)
    use_up_the_pace(monkeypatch)
    assert WAYS_BACK[begin] in arrive()


def test_a_wait_of_minutes_is_said_at_once(cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch) -> None:
    arrive = showing_whose_it_is(cast, tiktok)
    use_up_the_pace(monkeypatch, seconds=100)
    assert "TikTok does not answer at the moment" in arrive()
    assert calls(tiktok, EXCHANGE) == 0


def test_what_somebody_pressed_begins_before_the_backlog_may(
    cast: Cast, tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = data_calls(tiktok)
    use_up_the_pace(monkeypatch, seconds=100)
    assert sync_due() == 0, "not even a person waits for minutes in a worker"
    DueWork.objects.filter(kind="sync").update(priority=DueWork.Priority.BACKFILL)
    assert sync_due() == 0
    assert data_calls(tiktok) == before
    with scope.inside(connected.workspace_id):
        assert actions.ask_for_refresh(connected, by=cast.admin)
    use_up_the_pace(monkeypatch)
    assert sync_due() == 1
    assert data_calls(tiktok) > before
