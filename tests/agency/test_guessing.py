"""Guessing ends after five tries in five minutes, whatever is guessed and however many processes are asked."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection

from agency import guessing
from agency.local.browser import totp
from agency.local.home import PROJECT
from agency.models import Guess
from tests.agency.test_second_factor import with_password
from tests.agency.test_sign_in import attempt, browser
from tests.people import PASSWORD, SEED, Cast, sign_in

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
NOW = datetime(2026, 5, 18, 9, 0, tzinfo=UTC)
WHO = "admin@brass.example"


@pytest.fixture(autouse=True)
def stopped_clock() -> Iterator[Any]:
    cache.clear()
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock
    cache.clear()


def signs_in(password: str = PASSWORD, email: str = WHO) -> bool:
    cache.clear()  # the limits of allauth and per address are not what is tried here
    return attempt(email, password).status_code == 302


def test_the_sixth_try_is_not_looked_at_even_if_it_is_right(cast: Cast) -> None:
    for _ in range(guessing.TRIES):
        assert not signs_in("wrong")
    assert not signs_in()
    cache.clear()
    sixth = attempt(WHO, PASSWORD)
    assert (sixth.status_code, "Too many failed login attempts" in sixth.content.decode()) == (200, True)
    assert signs_in(email="viewer@brass.example")


def test_after_five_minutes_it_goes_on(cast: Cast, stopped_clock: Any) -> None:
    for _ in range(guessing.TRIES):
        signs_in("wrong")
    stopped_clock.shift(timedelta(minutes=5) - timedelta(seconds=1))
    assert not signs_in()
    stopped_clock.shift(timedelta(seconds=1))
    assert signs_in()


def test_what_was_right_does_not_count_and_does_not_wipe_what_was_wrong(cast: Cast) -> None:
    for _ in range(8):
        assert signs_in()
    for _ in range(guessing.TRIES - 1):
        signs_in("wrong")
    assert signs_in()
    signs_in("wrong")
    assert not signs_in()


@pytest.mark.parametrize("email", ["ADMIN@brass.example", " admin@brass.example", "Admin@Brass.Example"])
def test_the_address_in_another_spelling_is_the_same_account(cast: Cast, email: str) -> None:
    for _ in range(guessing.TRIES):
        signs_in("wrong", email)
    assert not signs_in()


def test_an_address_that_nobody_has_is_answered_the_same(cast: Cast) -> None:
    said = []
    for email in (WHO, "nobody@brass.example"):
        for _ in range(guessing.TRIES):
            signs_in("wrong", email)
        cache.clear()
        page = attempt(email, "wrong")
        said.append((page.status_code, "Too many failed login attempts" in page.content.decode()))
    assert said[0] == said[1] == (200, True)


def test_codes_and_passwords_share_the_five(cast: Cast) -> None:
    client = with_password(cast.manager)
    code = totp(SEED, NOW.timestamp())
    for n in range(3):
        client.post("/two-factor/code", {"code": f"{(int(code) + 1 + n) % 1_000_000:06d}"})
    for _ in range(2):
        signs_in("wrong", cast.manager.person.email)
    cache.clear()
    assert client.post("/two-factor/code", {"code": code}).status_code == 200
    assert not signs_in(email=cast.manager.person.email)


def test_a_thousand_codes_are_not_tried(cast: Cast) -> None:
    """Each from a browser of its own, without any limit of the cache."""
    code = totp(SEED, NOW.timestamp())
    client = with_password(cast.manager)
    looked_at = 0
    for n in range(40):
        cache.clear()
        page = client.post("/two-factor/code", {"code": f"{(int(code) + 1 + n) % 1_000_000:06d}"}).content.decode()
        looked_at += "Incorrect code" in page
    assert looked_at == guessing.TRIES


def test_being_asked_again_shares_them_too(cast: Cast) -> None:
    client = sign_in(cast.viewer)
    for _ in range(guessing.TRIES):
        cache.clear()
        assert client.post("/sign-in/again", {"password": "wrong"}).status_code == 200
    cache.clear()
    assert client.post("/sign-in/again", {"password": PASSWORD}).status_code == 200
    assert not signs_in(email="viewer@brass.example")


def test_what_is_counted_names_nobody_and_goes(cast: Cast, stopped_clock: Any) -> None:
    signs_in("wrong")
    (row,) = Guess.objects.values()
    assert WHO not in repr(row)
    assert len(bytes(row["keyed_hash"])) == 32
    guessing.forget_old()
    assert Guess.objects.exists()
    stopped_clock.shift(timedelta(minutes=5))
    guessing.forget_old()
    assert not Guess.objects.exists()


_GUESS = """
import sys, django
django.setup()
from agency import guessing
print("ready", flush=True)
sys.stdin.readline()
print(*(sum(guessing.begin(f"{n}@brass.example") is not None for _ in range(4)) for n in range(60)), flush=True)
"""


@pytest.fixture
def committed(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM agency_guess")


def test_four_processes_at_once_get_five_tries_together(committed: None) -> None:
    """For sixty accounts one after the other, so that they meet at the limit again and again."""
    pipes = {"cwd": PROJECT, "stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    running = [subprocess.Popen([sys.executable, "-c", _GUESS], **pipes) for _ in range(4)]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    counts = [[int(n) for n in process.communicate(timeout=120)[0].split()] for process in running]
    assert [process.returncode for process in running] == [0] * 4
    assert [sum(of_account) for of_account in zip(*counts, strict=True)] == [guessing.TRIES] * 60


def test_where_to_report_a_weakness_is_told() -> None:
    answer = browser().get("/.well-known/security.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode().splitlines() == [
        "Contact: mailto:security@logictarget.online",
        "Expires: 2026-11-16T00:00:00Z",
        "Preferred-Languages: en",
        "Canonical: http://testserver/.well-known/security.txt",
    ]
