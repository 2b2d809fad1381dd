"""Every way back from TikTok of somebody who wanted to show whose account it is: what the page says, and that nothing is lost."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client

from agency import clock, scope
from agency.keyring import key_refs
from integrations import proofs, trips, vault
from integrations.consent import Cause
from integrations.gateway import transport
from integrations.models import Connection, Proof
from integrations.tiktok import accounts
from privacy.models import PublicRequest
from privacy.tasks import forms_due
from tests.agency.matrix import same_to_the_reader
from tests.integrations.connecting import connect
from tests.integrations.steering import EXCHANGE, PROFILE_AND_DAYS, REVOKE, calls, mend, silence_keys, spoil, words
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.privacy.proving import FORM, HANDLE, OTHER, STRANGER, ask, come_back, leave, press, shown, states

SIGNED_IN = "TikTok says that you are signed in"
pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


@pytest.fixture
def held(cast: Cast, tiktok: LocalTikTok) -> Cast:
    """@brassorbit3 is connected by Brass Studio."""
    assert connect(sign_in(cast.admin), tiktok, HANDLE).status_code == 302
    return cast


def exchanges(tiktok: LocalTikTok) -> int:
    """Codes that were exchanged, beside the one with which the account was connected."""
    return calls(tiktok, EXCHANGE) - 1


def test_denied(cast: Cast, tiktok: LocalTikTok) -> None:
    browser, where = ask()
    page = shown(browser, where, tiktok, deny=True)
    assert page.status_code == 200
    assert "You did not allow it" in words(page)
    assert "Your request is still here as you wrote it." in words(page)
    assert calls(tiktok, EXCHANGE) == 0
    assert SIGNED_IN in words(shown(browser, where, tiktok)), "and again, with another answer"


def test_declined_without_a_word_of_which_trip_it_was(cast: Cast, tiktok: LocalTikTok) -> None:
    """TikTok does not promise to send the state along with an error."""
    browser, where = ask()
    sent = tiktok.answer_consent(leave(browser, where), HANDLE)
    page = come_back(browser, {"error": "access_denied"})
    assert page.status_code == 502
    assert "TikTok has not said who you are" in words(page)
    assert where in page.content.decode()
    assert SIGNED_IN in words(come_back(browser, sent)), "nothing was used up by it"
    assert come_back(Client(), {"error": "access_denied"}).redirect_chain[0][0].startswith("/sign-in")


@pytest.mark.parametrize("error", ["server_error", "<script>" * 300])
def test_an_error_of_tiktoks_own_is_not_called_a_no_of_the_person(cast: Cast, tiktok: LocalTikTok, error: str) -> None:
    browser, where = ask()
    page = come_back(browser, tiktok.answer_consent(leave(browser, where), HANDLE, deny=True) | {"error": error})
    assert page.status_code == 502
    assert "TikTok did not show or did not finish its page" in words(page)


def test_a_way_back_counts_once(held: Cast, tiktok: LocalTikTok) -> None:
    browser, where = ask()
    sent = tiktok.answer_consent(leave(browser, where), HANDLE)
    (unused,) = Proof.objects.all()
    first = come_back(browser, sent)
    nonce = browser.session[trips.BROWSER]
    assert proofs.come_back(unused, code=sent["code"], error="", browser_nonce=nonce) is Cause.REPLAYED, "at the same moment"
    again = come_back(browser, sent)
    assert again.status_code == 409
    assert "This answer from TikTok was already used" in words(again)
    assert exchanges(tiktok) == 1
    assert press(browser, first).headers["Location"] == where
    assert "already used" in words(press(browser, first))
    assert PublicRequest.objects.get().state == "checking"


def test_another_browser_sees_nothing_and_the_right_one_still_finishes(cast: Cast, tiktok: LocalTikTok) -> None:
    browser, where = ask()
    sent = tiktok.answer_consent(leave(browser, where), HANDLE)
    for other in (Client(), sign_in(cast.admin), ask()[0]):
        page = come_back(other, sent)
        assert page.status_code == 400
        assert "This was started in another browser" in words(page)
        assert PublicRequest.objects.earliest("created_at").reference not in page.content.decode()
    assert calls(tiktok, EXCHANGE) == 0
    page = come_back(browser, sent)
    assert page.status_code == 200
    assert press(Client(), page).status_code == 400, "who copied the address"
    assert states(cast) == []


def test_who_is_signed_in_here_can_do_it_as_well(cast: Cast, tiktok: LocalTikTok) -> None:
    browser = sign_in(cast.moon_admin)
    where = browser.post("/data-deletion", FORM).headers["Location"]
    assert SIGNED_IN in words(shown(browser, where, tiktok))


def test_a_state_that_nobody_gave_out_leads_nowhere(cast: Cast, tiktok: LocalTikTok) -> None:
    browser, where = ask()
    sent = tiktok.answer_consent(leave(browser, where), HANDLE)
    page = come_back(browser, sent | {"state": sent["state"][:-1] + ("a" if sent["state"][-1] != "a" else "b")})
    assert page.status_code == 403
    assert calls(tiktok, EXCHANGE) == 0
    assert Client().get("/data-deletion/proofs/6b2d5a52-0c58-4c10-9f11-3f35a0b6ad10").status_code == 410


def test_ten_minutes_to_come_back_and_ten_to_decide(cast: Cast, tiktok: LocalTikTok) -> None:
    browser, where = ask()
    late = tiktok.answer_consent(leave(browser, where), HANDLE)
    seen = shown(browser, where, tiktok)
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1), tick=False):
        page = come_back(browser, late)
        assert page.status_code == 410
        assert "That took longer than ten minutes" in words(page)
        assert press(browser, seen).status_code == 410
        assert calls(tiktok, EXCHANGE) == 1
        forms_due()
    assert states(cast) == []
    with time_machine.travel(clock.now() + timedelta(minutes=20, seconds=2), tick=False):
        forms_due()
        assert set(Proof.objects.values_list("verifier_sealed", "account_sealed")) == {(None, None)}
        assert key_refs("proof:") == []
        assert "One step is left" in words(browser.get(where)), "nothing of the request is lost"
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=11), tick=False):
        forms_due()
        assert not Proof.objects.exists()


def test_a_request_that_nobody_proves_is_destroyed_after_three_days(cast: Cast, tiktok: LocalTikTok) -> None:
    browser, where = ask()
    with time_machine.travel(clock.now() + timedelta(days=3, minutes=1), tick=False):
        assert browser.post(f"{where}/proof", {"way": "tiktok"}).headers["Location"] == where
        forms_due()
        assert "Send the request again" in words(browser.get(where))
    assert key_refs("deletion_form:") == []


@pytest.mark.parametrize(
    ("kind", "status", "title"),
    [
        ("status", 503, "TikTok does not answer at the moment"),
        ("reset", 503, "TikTok does not answer at the moment"),
        ("html", 502, "TikTok answered in a way we do not understand"),
    ],
)
def test_when_tiktok_is_down_nothing_is_lost(cast: Cast, tiktok: LocalTikTok, kind: str, status: int, title: str) -> None:
    browser, where = ask()
    spoil(tiktok, EXCHANGE, kind, times=None)
    page = shown(browser, where, tiktok)
    assert (page.status_code, title in words(page)) == (status, True), words(page)
    assert "Sign in to TikTok" in words(page)
    assert key_refs("proof:") == []
    mend(tiktok)
    assert SIGNED_IN in words(shown(browser, where, tiktok))


def test_a_code_that_tiktok_refuses(cast: Cast, tiktok: LocalTikTok) -> None:
    browser, where = ask()
    page = come_back(browser, tiktok.answer_consent(leave(browser, where), HANDLE) | {"code": "made-up"})
    assert "TikTok did not confirm it" in words(page)


def test_what_tiktok_calls_the_account_need_not_be_known(held: Cast, tiktok: LocalTikTok) -> None:
    browser, where = ask()
    spoil(tiktok, PROFILE_AND_DAYS, "status", times=None)
    page = shown(browser, where, tiktok)
    assert "TikTok says that you are signed in with an account that we hold" in words(page)


def test_when_keys_do_not_answer_it_is_said_and_nothing_is_lost(held: Cast, tiktok: LocalTikTok) -> None:
    browser, where = ask()
    with pytest.MonkeyPatch.context() as patch:
        silence_keys(patch)
        page = browser.post(f"{where}/proof", {"way": "tiktok"})
        assert page.status_code == 503
        assert "cannot be done safely" in words(page)
    seen = shown(browser, where, tiktok)
    with pytest.MonkeyPatch.context() as patch:
        silence_keys(patch)
        assert press(browser, seen).status_code == 503
    assert press(browser, seen).headers["Location"] == where


def test_another_account_than_was_asked_for_is_refused_in_words(held: Cast, tiktok: LocalTikTok) -> None:
    connect(sign_in(held.moon_admin), tiktok, OTHER)
    browser, where = ask()
    page = shown(browser, where, tiktok, OTHER)
    assert page.status_code == 409
    said = words(page)
    assert "That is not the account that you asked for" in said
    assert f"kept here as @{OTHER}" in said
    assert press(browser, page).status_code == 409
    forms_due()
    assert states(held) == []
    link = re.search(r"/data-deletion\?handle=\w+", page.content.decode())
    assert link
    form = browser.get(link[0]).content.decode()
    assert f'value="@{OTHER}"' in form
    assert "One step is left" in words(browser.get(where)), "the request is as it was"


def test_an_account_of_nobodys_tells_nothing_of_the_one_that_was_asked_for(held: Cast, tiktok: LocalTikTok) -> None:
    """Whoever asks for somebody else's account and signs in with their own reads the same whether or not that one is here."""
    pages = []
    now = clock.now()
    for handle in (HANDLE, "nobody.has.this"):
        browser, where = ask(handle=handle)
        page = shown(browser, where, tiktok, STRANGER)
        assert page.status_code == 200
        assert "This account is not connected here" in words(page)
        with time_machine.travel(now, tick=False):
            pages.append(same_to_the_reader(browser.get(page.request["PATH_INFO"]), where.rsplit("/", 1)[1]))
        assert press(browser, page).status_code == 200
    forms_due()
    one, other = (re.sub(r"proofs/[0-9a-f-]{36}", "proofs/x", str(page)) for page in pages)
    assert one == other
    assert states(held) == []


def test_without_an_address_the_link_by_mail_is_refused_in_words(cast: Cast) -> None:
    answer = Client().post("/data-deletion", FORM | {"way": "mail"})
    assert answer.status_code == 422
    assert "We need an address to send the link to" in words(answer)


def test_who_starts_many_is_slowed_down(cast: Cast, tiktok: LocalTikTok) -> None:
    browser, where = ask()
    codes = [browser.post(f"{where}/proof", {"way": "tiktok"}).status_code for _ in range(7)]
    assert codes == [303] * 5 + [429] * 2


def test_a_consent_that_works_here_is_not_taken_away_by_it_and_one_of_nobodys_is_given_back(held: Cast, tiktok: LocalTikTok) -> None:
    browser, where = ask()
    shown(browser, where, tiktok)
    assert calls(tiktok, REVOKE) == 0
    with scope.inside(held.brass.pk):
        usable = vault.access_token(Connection.objects.get())
    ours = {"access_token": usable.access_token, "business_id": usable.open_id}
    assert accounts.profile(transport(), **ours, fields=["username"]).value.username == HANDLE
    shown(browser, where, tiktok, STRANGER)
    assert calls(tiktok, REVOKE) == 1


def test_the_link_by_mail_can_be_had_instead(cast: Cast, tiktok: LocalTikTok) -> None:
    browser, where = ask()
    assert "There is no address to send a link to" in words(browser.post(f"{where}/proof", {"way": "mail"}))
    browser, where = ask(contact="someone@elsewhere.example")
    forms_due()
    assert mail.outbox == [], "who signs in to TikTok needs none"
    assert browser.post(f"{where}/proof", {"way": "mail"}).headers["Location"] == where
    assert browser.post(f"{where}/proof", {"way": "mail"}).headers["Location"] == where
    forms_due()
    forms_due()
    assert [m.to for m in mail.outbox] == [["someone@elsewhere.example"]]
    assert "We have sent you a mail." in words(browser.get(where))
