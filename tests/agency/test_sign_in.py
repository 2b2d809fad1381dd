"""Signing in and out, passwords, and what each page gives away about who has an account."""

import re
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from urllib.parse import urlencode

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.test import Client, override_settings

from agency.models import Person, Session
from tests.agency.matrix import same_to_the_reader
from tests.people import PASSWORD, Cast, sign_in, sign_in_by_hand

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "http:evil.example",
    "https:///evil.example",
    "javascript:alert(1)",
    "http://testserver.evil.example/",
    "http://testserver@evil.example/",
    "\thttps://evil.example",
)


@pytest.fixture(autouse=True)
def no_limits_from_before() -> None:
    cache.clear()


def browser() -> Client:
    return Client(raise_request_exception=False)


def attempt(email: str, password: str, **more: str):
    return browser().post("/sign-in", {"login": email, "password": password, **more})


@pytest.mark.parametrize("email", ["admin@brass.example", "ADMIN@Brass.Example", "  admin@brass.example "])
def test_signing_in_leads_to_the_first_page_of_ones_work(cast: Cast, email: str) -> None:
    client = browser()
    answer = client.post("/sign-in", {"login": email, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/").headers["Location"] == "/performance"


@pytest.mark.parametrize("who", ["admin", "manager"])
def test_the_other_tests_sign_in_as_these_pages_do(cast: Cast, who: str) -> None:
    """All other tests begin with a session that was put where these pages put it."""
    left = []
    for way in (sign_in_by_hand, sign_in):
        client = way(getattr(cast, who))
        assert client.get("/settings/account").status_code == 200
        data = dict(client.session)
        data["began"].pop("at")
        for method in data["account_authentication_methods"]:
            method.pop("at")
        row = Session.objects.get(pk=client.session.session_key)
        left.append((data, row.person_id, row.device, row.began_at is None, row.expire_date.date()))
    assert left[0] == left[1]


def test_a_wrong_password_says_the_same_as_an_unknown_address(cast: Cast) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False):
        known, unknown = attempt("admin@brass.example", "wrong"), attempt("nobody@brass.example", "wrong")
    assert known.status_code == unknown.status_code == 200
    assert same_to_the_reader(known, "admin@") == same_to_the_reader(unknown, "nobody@")
    assert "The email address and/or password you specified are not correct." in known.content.decode()


def test_somebody_who_left_learns_it_with_the_right_password_only(cast: Cast) -> None:
    Person.objects.filter(pk=cast.viewer.person_id).update(is_active=False)
    with time_machine.travel(datetime.now(UTC), tick=False):
        left, unknown = attempt("viewer@brass.example", "wrong"), attempt("nobody@brass.example", "wrong")
    assert same_to_the_reader(left, "viewer@") == same_to_the_reader(unknown, "nobody@")
    assert attempt("viewer@brass.example", PASSWORD).headers["Location"] == "/sign-in/inactive"


def test_leaving_ends_a_session_at_once(cast: Cast) -> None:
    client = sign_in(cast.viewer)
    assert client.get("/performance").status_code == 200
    Person.objects.filter(pk=cast.viewer.person_id).update(is_active=False)
    assert client.get("/performance").headers["Location"].startswith("/sign-in?")


@pytest.mark.parametrize("password", ["", " ", PASSWORD + " x", PASSWORD.upper(), "\x00", "a" * 100_000])
def test_what_is_not_the_password_does_not_sign_in(cast: Cast, password: str) -> None:
    client = browser()
    assert client.post("/sign-in", {"login": "admin@brass.example", "password": password}).status_code == 200
    assert client.get("/performance").status_code == 302


@pytest.mark.parametrize(
    "login", ["", "admin", "admin@", "\x00@x.example", "x" * 5000 + "@x.example", "a@b@c", "<script>alert(1)</script>"]
)
def test_what_is_no_address_is_answered_with_the_form(cast: Cast, login: str) -> None:
    answer = attempt(login, PASSWORD)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


def test_guessing_passwords_ends_for_the_address_and_others_go_on(cast: Cast) -> None:
    for _ in range(12):
        attempt("admin@brass.example", "wrong")
    assert attempt("admin@brass.example", PASSWORD).status_code != 302
    cache.clear()  # the limit per network address
    assert attempt("viewer@brass.example", PASSWORD).status_code == 302


def test_a_new_session_begins_at_signing_in(cast: Cast) -> None:
    """A session id that somebody planted before is worth nothing afterwards."""
    client = browser()
    client.get("/sign-in")
    session = client.session
    session["planted"] = "yes"
    session.save()
    client.cookies["session"] = before = session.session_key
    client.post("/sign-in", {"login": "admin@brass.example", "password": PASSWORD})
    assert client.cookies["session"].value != before
    thief = browser()
    thief.cookies["session"] = before
    assert thief.get("/performance").status_code == 302


def test_signing_out_is_a_form_and_ends_the_session(cast: Cast) -> None:
    client = sign_in(cast.viewer)
    key = client.cookies["session"].value
    assert client.get("/sign-out").status_code == 200
    assert client.get("/performance").status_code == 200
    assert client.post("/sign-out").headers["Location"] == "/sign-in"
    assert not Session.objects.filter(session_key=key).exists()
    old = browser()
    old.cookies["session"] = key
    assert old.get("/performance").headers["Location"] == "/sign-in?next=%2Fperformance"


def test_a_session_ends_after_two_weeks(cast: Cast) -> None:
    client = sign_in(cast.viewer)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=14, seconds=1)):
        assert client.get("/performance").status_code == 302


def test_after_signing_in_the_page_that_was_asked_for_opens(cast: Cast) -> None:
    asked = browser().get("/reports?workspace=brass")
    assert asked.headers["Location"] == "/sign-in?next=%2Freports%3Fworkspace%3Dbrass"
    assert asked.headers["Cache-Control"] == "no-store"
    answer = attempt("admin@brass.example", PASSWORD, next="/reports?workspace=brass")
    assert answer.headers["Location"] == "/reports?workspace=brass"
    assert attempt("admin@brass.example", PASSWORD, next="http://testserver/reports").headers["Location"] == "http://testserver/reports"


@pytest.mark.parametrize("path", ["/performance", "/tiktok/auth/callback"])
def test_a_page_asked_for_with_endless_words_asks_to_sign_in_all_the_same(db: None, path: str) -> None:
    asked = browser().get(path, {"days": "x" * 20_000})
    assert (asked.status_code, asked.headers["Location"]) == (302, "/sign-in?" + urlencode({"next": path}))


@pytest.mark.parametrize("target", ELSEWHERE)
def test_after_signing_in_nobody_is_led_elsewhere(cast: Cast, target: str) -> None:
    assert attempt("admin@brass.example", PASSWORD, next=target).headers["Location"] == "/"
    signed_in = sign_in(cast.viewer)
    assert signed_in.get("/sign-in", {"next": target}).headers["Location"] == "/"
    assert signed_in.post("/sign-out", {"next": target}).headers["Location"] in {"/sign-in", "/"}


@override_settings(ALLOWED_HOSTS=["testserver", "www.agency.example"])
def test_the_host_of_the_callback_is_not_a_place_to_be_led_to(cast: Cast) -> None:
    assert attempt("admin@brass.example", PASSWORD, next="https://www.agency.example/x").headers["Location"] == "/"


@pytest.mark.parametrize("path", ["/signup", "/sign-up", "/accounts/signup/", "/register", "/accounts/login/", "/admin/"])
def test_nobody_registers_by_themselves(cast: Cast, path: str) -> None:
    assert browser().get(path).status_code == 404
    assert "sign up" not in browser().get("/sign-in").content.decode().lower()


def test_a_form_that_was_open_too_long_says_so_and_leads_back(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    for path in ("/sign-in", "/password/reset"):
        answer = strict.post(path, {"login": "admin@brass.example", "password": PASSWORD})
        assert answer.status_code == 403
        page = answer.content.decode()
        assert "This page was open for too long" in page
        assert f'href="{path}"' in page
    hostile = strict.post('/sign-in?"><script>alert(1)</script>')
    assert "<script>alert" not in hostile.content.decode()


def test_signed_in_pages_are_kept_by_no_cache(cast: Cast) -> None:
    client = sign_in(cast.admin)
    for path in ("/", "/performance", "/settings/people", "/settings/account", "/nowhere", "/two-factor"):
        assert "no-store" in client.get(path).headers["Cache-Control"], path


# --- forgotten passwords ----------------------------------------------------------------------------------------------


def ask_for_link(email: str, **headers: str):
    return browser().post("/password/reset", {"email": email}, **headers)


def link_of(letter: mail.EmailMessage) -> str:
    return re.search(r"http://\S+/password/reset/\S+", letter.body).group(0)


def test_a_reset_mail_brings_a_link_under_our_address_that_works_once(cast: Cast) -> None:
    ask_for_link("viewer@brass.example")
    (letter,) = mail.outbox
    assert letter.to == ["viewer@brass.example"]
    link = link_of(letter)
    assert link.startswith("http://testserver/password/reset/")
    assert link in letter.alternatives[0][0].replace("&amp;", "&")
    client = browser()
    form = client.get(link)
    assert form.status_code == 302
    answer = client.post(form.headers["Location"], {"password1": "quite another sentence", "password2": "quite another sentence"})
    assert answer.headers["Location"] == "/password/reset/done"
    assert client.get("/performance").status_code == 302, "a reset does not sign in"
    assert attempt("viewer@brass.example", PASSWORD).status_code == 200
    assert attempt("viewer@brass.example", "quite another sentence").status_code == 302
    again = browser().get(link)
    assert "password1" not in again.content.decode()


@override_settings(ALLOWED_HOSTS=["testserver", "www.agency.example"])
def test_the_link_does_not_follow_the_host_that_the_request_named(cast: Cast) -> None:
    ask_for_link("viewer@brass.example", headers={"host": "www.agency.example"})
    assert link_of(mail.outbox[0]).startswith("http://testserver/")


def test_asking_for_an_unknown_address_looks_the_same_and_says_so_in_the_mail_only(cast: Cast) -> None:
    known, unknown = ask_for_link("viewer@brass.example"), ask_for_link("nobody@brass.example")
    assert known.headers["Location"] == unknown.headers["Location"] == "/password/reset/sent"
    first, second = mail.outbox
    assert second.to == ["nobody@brass.example"]
    assert "There is no account" in " ".join(second.body.split())
    assert "/password/reset/" not in second.body
    assert "for nobody@brass.example" in second.body
    assert "There is no account" not in first.body


@pytest.mark.parametrize("failure", [SMTPRecipientsRefused({"x": (550, b"no")}), SMTPServerDisconnected(), ConnectionRefusedError()])
def test_the_page_does_not_tell_that_a_mail_was_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
    for email in ("viewer@brass.example", "nobody@brass.example"):
        assert ask_for_link(email).headers["Location"] == "/password/reset/sent"


@pytest.mark.parametrize("email", ["", "x", "a@b@c", "x\nBcc: all@x.example", "\x00@x.example", "x" * 400 + "@x.example"])
def test_what_is_no_address_gets_no_mail(cast: Cast, email: str) -> None:
    assert ask_for_link(email).status_code == 200
    assert mail.outbox == []


def test_a_link_is_dead_once_the_password_was_changed(cast: Cast) -> None:
    ask_for_link("viewer@brass.example")
    cast.viewer.person.set_password("changed in the meantime")
    cast.viewer.person.save()
    page = browser().get(link_of(mail.outbox[0]))
    assert "password1" not in page.content.decode()


def test_a_link_is_dead_after_its_time(cast: Cast) -> None:
    ask_for_link("viewer@brass.example")
    with time_machine.travel(datetime.now(UTC) + timedelta(days=4)):
        assert "password1" not in browser().get(link_of(mail.outbox[0])).content.decode()


def test_a_new_password_ends_the_other_sessions(cast: Cast) -> None:
    elsewhere, client = sign_in(cast.viewer), sign_in(cast.viewer)
    words = {"oldpassword": PASSWORD, "password1": "quite another sentence", "password2": "quite another sentence"}
    assert client.post("/password", words).headers["Location"] == "/settings/account"
    assert client.get("/performance").status_code == 200
    assert elsewhere.get("/performance").status_code == 302


@pytest.mark.parametrize("weak", ["short", "password1234", "viewer@brass.example"])
def test_a_weak_password_is_refused(cast: Cast, weak: str) -> None:
    client = sign_in(cast.viewer)
    answer = client.post("/password", {"oldpassword": PASSWORD, "password1": weak, "password2": weak})
    assert answer.status_code == 200
    cast.viewer.person.refresh_from_db()
    assert cast.viewer.person.check_password(PASSWORD)


# --- one's own account ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["system", "light", "dark"])
def test_a_theme_is_kept_and_shown(cast: Cast, theme: str) -> None:
    client = sign_in(cast.viewer)
    assert client.post("/settings/account", {"name": "Vi Ewer", "theme": theme}).status_code == 302
    page = client.get("/settings/account").content.decode()
    assert (f'data-theme="{theme}"' in page) == (theme != "system")
    cast.viewer.person.refresh_from_db()
    assert (cast.viewer.person.name, cast.viewer.person.theme) == ("Vi Ewer", theme)


@pytest.mark.parametrize("sent", [{"name": " "}, {"name": ""}, {"name": "x", "theme": "neon"}, {"name": "x" * 121}, {"name": "\x00"}])
def test_what_does_not_fit_the_account_is_refused_in_words(cast: Cast, sent: dict[str, str]) -> None:
    before = (cast.viewer.person.name, cast.viewer.person.theme)
    assert sign_in(cast.viewer).post("/settings/account", {"theme": "dark"} | sent).status_code == 422
    cast.viewer.person.refresh_from_db()
    assert (cast.viewer.person.name, cast.viewer.person.theme) == before


def test_the_account_form_changes_nothing_but_name_and_theme(cast: Cast) -> None:
    client = sign_in(cast.viewer)
    sent = {"name": "V", "theme": "dark", "email": "other@x.example", "is_active": "", "password": "x", "id": str(cast.admin.person_id)}
    client.post("/settings/account", sent)
    after = Person.objects.get(pk=cast.viewer.person_id)
    assert (after.email, after.is_active) == ("viewer@brass.example", True)
    assert after.check_password(PASSWORD)


def test_a_hostile_name_is_shown_as_text(cast: Cast) -> None:
    client = sign_in(cast.viewer)
    client.post("/settings/account", {"name": '<img src=x onerror="alert(1)">', "theme": "system"})
    assert "<img src=x" not in client.get("/settings/account").content.decode()
