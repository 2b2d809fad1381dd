"""Where somebody is signed in: shown to them alone, ended one by one and together, and by what makes a session doubtful."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.backends.base import UpdateError
from django.core import mail
from django.core.cache import cache
from django.test import Client

from agency import sessions
from agency.models import Session
from tests.people import PASSWORD, Cast, sign_in

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile Safari/604.1"
LAPTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0"


@pytest.fixture(autouse=True)
def no_limits_from_before() -> None:
    cache.clear()


def at(device: str, who: object) -> Client:
    client = sign_in(who, Client(raise_request_exception=False, headers={"User-Agent": device}))
    assert client.get("/settings/account").status_code == 200
    return client


def buttons(client: Client) -> list[str]:
    """The addresses that sign one other browser out."""
    return re.findall(r'action="(/settings/account/sessions/[0-9a-f]+/end)"', client.get("/settings/account").content.decode())


def test_the_account_page_lists_ones_browsers_and_says_which_is_this(cast: Cast) -> None:
    at(PHONE, cast.viewer)
    at(PHONE, cast.creator)
    page = at(LAPTOP, cast.viewer).get("/settings/account").content.decode()
    assert page.count("Safari on iPhone</strong>") == 1
    assert page.count("Edge on Windows</strong>") == 1
    assert re.search(r"Edge on Windows</strong><span class=\"tag\">This browser", page)


@pytest.mark.parametrize(
    "agent, name",
    [
        (PHONE, "Safari on iPhone"),
        (LAPTOP, "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        ("", "A browser"),
        ("<script>alert(1)</script>" * 40, "A browser"),
    ],
)
def test_a_device_is_a_word_to_recognise_it_by(agent: str, name: str) -> None:
    assert sessions.device_of(agent) == name


def test_one_browser_is_signed_out_and_the_others_stay(cast: Cast) -> None:
    phone, laptop = at(PHONE, cast.viewer), at(LAPTOP, cast.viewer)
    (button,) = buttons(laptop)
    assert laptop.post(button).headers["Location"] == "/settings/account"
    assert phone.get("/performance").status_code == 302
    assert laptop.get("/performance").status_code == 200
    assert laptop.post(button).status_code == 404


def test_everywhere_else_is_signed_out_with_one_click(cast: Cast) -> None:
    phone, tablet, laptop, other = at(PHONE, cast.viewer), at(PHONE, cast.viewer), at(LAPTOP, cast.viewer), at(PHONE, cast.creator)
    assert "2 other browsers are signed out" in laptop.post("/settings/account/sessions/end", follow=True).content.decode()
    for gone in (phone, tablet):
        assert gone.get("/performance").status_code == 302
    assert laptop.get("/performance").status_code == 200
    assert other.get("/reports").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(cast: Cast) -> None:
    theirs, mine = at(PHONE, cast.creator), at(LAPTOP, cast.viewer)
    (row,) = sessions.of(cast.creator.person)
    assert mine.post(f"/settings/account/sessions/{sessions.public_id(row)}/end").status_code == 404
    assert theirs.get("/reports").status_code == 200


def test_the_page_names_no_session_by_its_key(cast: Cast) -> None:
    phone, laptop = at(PHONE, cast.viewer), at(LAPTOP, cast.viewer)
    page = laptop.get("/settings/account").content.decode()
    for client in (phone, laptop):
        assert client.cookies["session"].value not in page


def test_no_network_address_and_no_whole_user_agent_is_kept(cast: Cast) -> None:
    at(LAPTOP, cast.viewer)
    (row,) = sessions.of(cast.viewer.person)
    kept = repr(vars(row)) + repr(row.get_decoded())
    assert "127.0.0.1" not in kept
    assert "AppleWebKit" not in kept
    assert row.device == "Edge on Windows"


def test_a_new_password_ends_the_other_sessions_in_the_table_too(cast: Cast) -> None:
    phone, laptop = at(PHONE, cast.viewer), at(LAPTOP, cast.viewer)
    new = "another long sentence"
    changed = laptop.post("/password", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert changed.status_code == 302
    assert [s.device for s in sessions.of(cast.viewer.person)] == ["Edge on Windows"]
    assert phone.get("/performance").status_code == 302
    assert laptop.get("/performance").status_code == 200


def test_a_reset_password_ends_every_session(cast: Cast) -> None:
    phone = at(PHONE, cast.viewer)
    Client().post("/password/reset", {"email": cast.viewer.person.email})
    path = re.search(r"http://testserver(/password/reset/\S+)", mail.outbox[-1].body).group(1)
    stranger = Client(raise_request_exception=False)
    form = stranger.get(path).headers["Location"]
    assert stranger.post(form, {"password1": "another long sentence", "password2": "another long sentence"}).status_code == 302
    assert sessions.of(cast.viewer.person) == []
    assert phone.get("/performance").status_code == 302


def test_a_request_under_way_does_not_bring_an_ended_session_back(cast: Cast) -> None:
    client = at(PHONE, cast.viewer)
    under_way = client.session
    assert under_way["_auth_user_id"] == str(cast.viewer.person_id)
    sessions.end_all(cast.viewer.person)
    under_way["workspace"] = "something new"
    with pytest.raises(UpdateError):
        under_way.save()
    assert not Session.objects.filter(person=cast.viewer.person).exists()


def test_being_seen_does_not_push_the_end_of_a_session_away(cast: Cast) -> None:
    client = at(PHONE, cast.viewer)
    (before,) = sessions.of(cast.viewer.person)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=3)):
        assert client.get("/settings/account").status_code == 200
    (after,) = sessions.of(cast.viewer.person)
    assert after.expire_date == before.expire_date
    assert after.seen_at - before.seen_at > timedelta(days=2)


def test_sessions_that_have_run_out_are_taken_away(cast: Cast) -> None:
    at(PHONE, cast.viewer)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=15)):
        at(LAPTOP, cast.viewer)
        assert len(sessions.of(cast.viewer.person)) == 1
        sessions.clear_expired()
        assert [s.device for s in Session.objects.filter(person=cast.viewer.person)] == ["Edge on Windows"]
