"""Sign in with TikTok, against local TikTok over real HTTP: joining by an invitation, signing in later, and every way it can fail."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.db import connection
from django.test import Client

from agency import actions, scope, sign_in_links
from agency.adapters import second_factors_of
from agency.local.browser import totp
from agency.models import AuditRow, Membership, Person, Session, SignInLink
from agency.roles import Role
from tests.local_tiktok import LocalTikTok
from tests.people import SEED, Cast, sign_in

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
HANDLE, OTHER = "brassorbit3", "moontideco2"


@pytest.fixture(autouse=True)
def no_limit_reached() -> None:
    cache.clear()


def invite(cast: Cast, email: str = "new@creators.example", role: Role = Role.CREATOR) -> str:
    with scope.inside(cast.brass.pk):
        return actions.invite(email=email, role=role, by=cast.admin)[1]


def leave(browser: Client, **body: str) -> str:
    """Press the button; the address of TikTok's page."""
    answer = browser.post("/tiktok/sign-in", body)
    assert answer.status_code == 303, answer.content[:500]
    return answer.headers["Location"]


def back(tiktok: LocalTikTok, address: str, account: str = HANDLE, **answer: Any) -> dict[str, str]:
    return tiktok.answer_consent(address, account, **answer)


def come_back(browser: Client, query: dict[str, str]) -> Any:
    return browser.get("/tiktok/sign-in/callback", query)


def joined(cast: Cast, tiktok: LocalTikTok, account: str = HANDLE, email: str = "new@creators.example") -> Client:
    browser = Client(raise_request_exception=False)
    answer = come_back(browser, back(tiktok, leave(browser, invitation=invite(cast, email)), account))
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return browser


def test_a_creator_accepts_with_tiktok_and_signs_in_with_it_later(cast: Cast, tiktok: LocalTikTok) -> None:
    token = invite(cast)
    browser = Client(raise_request_exception=False)
    assert "Continue with TikTok" in browser.get(f"/invitations/{token}").content.decode()
    answer = come_back(browser, back(tiktok, leave(browser, invitation=token)))
    assert answer.headers["Location"] == "/"
    assert browser.get("/", follow=True).redirect_chain[-1][0] == "/reports"
    person = Person.objects.get(email="new@creators.example")
    assert person.name
    assert not person.has_usable_password()
    with scope.inside(cast.brass.pk):
        assert Membership.objects.get(person=person).role == "creator"
        linked = AuditRow.objects.get(verb="person.sign_in_linked")
    assert (linked.person_id, linked.facts) == (person.pk, {"kind": "tiktok"})
    later = Client(raise_request_exception=False)
    assert "Sign in with TikTok" in later.get("/sign-in").content.decode()
    answer = come_back(later, back(tiktok, leave(later, next="/settings/looks")))
    assert answer.headers["Location"] == "/settings/looks"
    assert later.get("/settings/looks").status_code == 200
    assert Client().get(f"/invitations/{token}").status_code == 410


def test_only_who_somebody_is_is_asked_for_with_a_hex_challenge(cast: Cast, tiktok: LocalTikTok) -> None:
    asked = parse_qs(urlsplit(leave(Client(), next="/")).query)
    assert asked["scope"] == ["user.info.basic"]
    assert re.fullmatch(r"[0-9a-f]{64}", asked["code_challenge"][0])
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["state"][0]) >= 43


def test_nothing_of_tiktok_is_kept_but_a_keyed_hash(cast: Cast, tiktok: LocalTikTok) -> None:
    browser = Client(raise_request_exception=False)
    address = leave(browser, invitation=invite(cast))
    state = parse_qs(urlsplit(address).query)["state"][0]
    assert state not in str([s.get_decoded() for s in Session.objects.all()])
    query = back(tiktok, address)
    come_back(browser, query)
    open_id = tiktok.account(HANDLE)["open_id"]
    tables = connection.introspection.table_names()
    with scope.inside(cast.brass.pk), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            text = str(cursor.fetchall())
            assert open_id not in text, table
            assert query["code"] not in text, table
            assert state not in text, table
    assert "tiktok_sign_in" not in str([s.get_decoded() for s in Session.objects.all()])


def test_an_account_that_nobody_linked_is_told_what_to_do(cast: Cast, tiktok: LocalTikTok) -> None:
    browser, count = Client(raise_request_exception=False), Person.objects.count()
    answer = come_back(browser, back(tiktok, leave(browser)))
    assert answer.status_code == 403
    text = answer.content.decode()
    assert "Nobody registers by themselves" in text
    assert "Continue with TikTok" in text
    assert Person.objects.count() == count
    assert browser.get("/").headers["Location"].startswith("/sign-in")


def test_one_account_belongs_to_one_person(cast: Cast, tiktok: LocalTikTok) -> None:
    joined(cast, tiktok)
    browser, token = Client(raise_request_exception=False), invite(cast, "second@creators.example")
    answer = come_back(browser, back(tiktok, leave(browser, invitation=token)))
    assert answer.status_code == 409
    assert not Person.objects.filter(email="second@creators.example").exists()
    assert Client().get(f"/invitations/{token}").status_code == 200, "the invitation is still open"


def test_two_creators_have_a_link_each(cast: Cast, tiktok: LocalTikTok) -> None:
    joined(cast, tiktok)
    joined(cast, tiktok, OTHER, "second@creators.example")
    browser = Client(raise_request_exception=False)
    come_back(browser, back(tiktok, leave(browser), OTHER))
    assert browser.get("/settings/account").context["user"].email == "second@creators.example"


@pytest.mark.parametrize("role", [Role.CLIENT_ADMIN, Role.CLIENT_VIEWER])
def test_only_creators_join_with_tiktok(cast: Cast, tiktok: LocalTikTok, role: Role) -> None:
    browser, token = Client(raise_request_exception=False), invite(cast, role=role)
    assert "Continue with TikTok" not in browser.get(f"/invitations/{token}").content.decode()
    assert browser.post("/tiktok/sign-in", {"invitation": token}).headers["Location"] == f"/invitations/{token}"


def test_a_known_address_signs_in_as_before_and_cannot_be_taken_over(cast: Cast, tiktok: LocalTikTok) -> None:
    """Whoever holds the link is not thereby the person behind the address."""
    with scope.inside(cast.moon.pk):
        token = actions.invite(email=cast.creator.person.email, role=Role.CREATOR, by=cast.moon_admin)[1]
    browser = Client(raise_request_exception=False)
    assert browser.post("/tiktok/sign-in", {"invitation": token}).headers["Location"] == f"/invitations/{token}"
    assert SignInLink.objects.count() == 0


def test_a_state_works_once_in_its_own_browser_for_ten_minutes(cast: Cast, tiktok: LocalTikTok) -> None:
    joined(cast, tiktok)
    browser = Client(raise_request_exception=False)
    query = back(tiktok, leave(browser))
    assert come_back(Client(raise_request_exception=False), query).status_code == 400, "another browser"
    assert come_back(browser, query | {"state": query["state"] + "x"}).status_code == 400
    browser.head("/tiktok/sign-in/callback", query)
    assert come_back(browser, query).status_code == 302
    browser.post("/sign-out")
    assert come_back(browser, query).status_code == 400, "a second time"
    late = back(tiktok, leave(browser))
    tiktok.advance(601)
    answer = come_back(browser, late)
    assert (answer.status_code, "ten minutes" in answer.content.decode()) == (400, True)


def test_declining_and_every_failure_of_tiktok_has_a_page(cast: Cast, tiktok: LocalTikTok) -> None:
    browser = Client(raise_request_exception=False)
    answer = come_back(browser, back(tiktok, leave(browser), deny=True))
    assert (answer.status_code, "You did not allow it" in answer.content.decode()) == (200, True)
    query = back(tiktok, leave(browser))
    assert come_back(browser, query | {"code": "made-up"}).status_code == 400
    for kind, status in (("status", 503), ("html", 502), ("reset", 503)):
        query = back(tiktok, leave(browser))
        tiktok.fault("/v2/oauth/token/", kind, **({"status": 503} if kind == "status" else {}))
        assert come_back(browser, query).status_code == status, kind
    assert come_back(browser, {}).status_code == 400
    assert come_back(browser, {"state": "x" * 9000, "code": "\x00"}).status_code == 400


def test_an_invitation_that_ended_meanwhile_lets_nobody_in(cast: Cast, tiktok: LocalTikTok) -> None:
    browser, token = Client(raise_request_exception=False), invite(cast)
    query = back(tiktok, leave(browser, invitation=token))
    with scope.inside(cast.brass.pk):
        actions.invite(email="new@creators.example", role=Role.CREATOR, by=cast.admin)  # replaces it
    assert come_back(browser, query).status_code == 410
    assert not Person.objects.filter(email="new@creators.example").exists()
    assert SignInLink.objects.count() == 0


def test_a_closed_account_does_not_sign_in(cast: Cast, tiktok: LocalTikTok) -> None:
    joined(cast, tiktok)
    Person.objects.filter(email="new@creators.example").update(is_active=False)
    browser = Client(raise_request_exception=False)
    answer = come_back(browser, back(tiktok, leave(browser)))
    assert (answer.status_code, "closed" in answer.content.decode()) == (403, True)


def test_a_second_factor_is_asked_for_after_tiktok_too(cast: Cast, tiktok: LocalTikTok) -> None:
    """It is optional for creators; who has one is asked for it."""
    joined(cast, tiktok)
    person = Person.objects.get(email="new@creators.example")
    with second_factors_of(person):
        TOTP.activate(person, SEED)
    browser = Client(raise_request_exception=False)
    answer = come_back(browser, back(tiktok, leave(browser)))
    assert "/two-factor/code" in answer.headers["Location"]
    assert browser.get("/reports").headers["Location"].startswith("/sign-in")
    with time_machine.travel(datetime.now(UTC), tick=False):  # its half minute does not end between being read and being typed
        assert browser.post("/two-factor/code", {"code": totp(SEED)}).status_code == 302
    assert browser.get("/reports").status_code == 200


def test_unlinking_needs_a_password_first(cast: Cast, tiktok: LocalTikTok) -> None:
    browser = joined(cast, tiktok)
    person = Person.objects.get(email="new@creators.example")
    assert "only way in" in browser.post("/settings/account/tiktok/unlink", follow=True).content.decode()
    assert sign_in_links.of(person) is not None
    person.set_password("correct horse battery staple")
    person.save()
    again = sign_in(person)
    assert "TikTok is unlinked" in again.post("/settings/account/tiktok/unlink", follow=True).content.decode()
    assert sign_in_links.of(person) is None
    stranger = Client(raise_request_exception=False)
    assert come_back(stranger, back(tiktok, leave(stranger))).status_code == 403


def test_without_an_app_there_nothing_is_offered(cast: Cast, settings: Any) -> None:
    settings.TIKTOK_LOGIN_KEY = ""
    browser, token = Client(raise_request_exception=False), invite(cast)
    assert "Sign in with TikTok" not in browser.get("/sign-in").content.decode()
    assert "Continue with TikTok" not in browser.get(f"/invitations/{token}").content.decode()
    assert browser.post("/tiktok/sign-in").status_code == 404


@pytest.mark.parametrize("bad", ["//evil.example", "https://evil.example/x", "javascript:alert(1)", "\\\\evil.example"])
def test_the_way_back_leads_into_the_app_only(cast: Cast, tiktok: LocalTikTok, bad: str) -> None:
    joined(cast, tiktok)
    browser = Client(raise_request_exception=False)
    assert come_back(browser, back(tiktok, leave(browser, next=bad))).headers["Location"] == "/"
