"""Second factors: staff act with a fresh one only, seeds lie sealed, and belong to one person."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.db import connection
from django.test import Client

from agency import checks
from agency.adapters import second_factors_of
from agency.local.browser import totp
from agency.models import Membership, Session
from agency.roles import Role
from tests.people import PASSWORD, SEED, Cast, member, sign_in

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
NOW = datetime(2026, 5, 18, 9, 0, tzinfo=UTC)
ENROLMENT = {
    "two-factor/app",
    "two-factor/passkeys/add",
    "two-factor/passkey/again",
    "two-factor/start",
    "two-factor/again",
    "two-factor/code",
    "sign-in/again",
    "sign-out",
}
B32 = re.compile(r"[A-Z2-7]{32}")


@pytest.fixture(autouse=True)
def no_codes_used() -> Iterator[None]:
    """Used codes are remembered in the cache, which tests share."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def one_moment() -> Iterator[None]:
    """A code counts for its half minute only, so that none runs out between being read and being typed, time stands still."""
    with time_machine.travel(datetime.now(UTC), tick=False):
        yield


@pytest.fixture
def new_staff(cast: Cast) -> Membership:
    return member(cast.brass, "fresh@agency.example", Role.MEDIA_BUYER)


def with_password(who: Membership) -> Client:
    client = Client(raise_request_exception=False)
    client.post("/sign-in", {"login": who.person.email, "password": PASSWORD})
    return client


def enrol(client: Client) -> str:
    """Set an authenticator app up as a person does; the seed that the page showed."""
    seed = seed_shown(client)
    answer = client.post("/two-factor/app", {"code": totp(seed)})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/two-factor/codes")
    return seed


def seed_shown(client: Client) -> str:
    """The page that shows a new seed, after the password that it asks for."""
    asked = client.get("/two-factor/app")
    assert asked.headers["Location"] == "/sign-in/again?next=%2Ftwo-factor%2Fapp"
    assert client.post(asked.headers["Location"], {"password": PASSWORD}).headers["Location"] == "/two-factor/app"
    page = client.get("/two-factor/app")
    assert page.status_code == 200
    return B32.search(page.content.decode()).group(0)


def filled(pattern: str) -> str:
    """An address out of its pattern."""
    path = re.sub(r"<uuid:\w+>", "6b2d5a52-0c58-4c10-9f11-3f35a0b6ad10", pattern.strip("^$"))
    path = re.sub(r"<int:\w+>", "1", path)
    path = re.sub(r"<(?:str|slug):\w+>|\(\?P<key>[^)]*\)", "abc", path)
    return re.sub(r"\(\?P<uidb36>[^)]*\)", "1", path)


ADDRESSES = sorted({filled(where) for where, _ in checks.every_pattern()})


def test_staff_without_a_second_factor_can_only_enrol_or_sign_out(new_staff: Membership) -> None:
    client = with_password(new_staff)
    assert len(ADDRESSES) > 40
    for address in ADDRESSES:
        if address in ENROLMENT:
            continue
        for method in ("get", "head", "post"):
            answer = getattr(client, method)(f"/{address}")
            assert answer.status_code == 302, (method, address, answer.status_code)
            assert answer.headers["Location"].startswith("/two-factor/start?next="), (method, address)
        for method in ("put", "patch", "delete", "options"):
            assert getattr(client, method)(f"/{address}").status_code == 405, (method, address)


def test_staff_without_a_second_factor_are_led_to_enrolling_and_back(new_staff: Membership) -> None:
    client = with_password(new_staff)
    asked = client.get("/reports?workspace=brass")
    assert asked.headers["Location"] == "/two-factor/start?next=%2Freports%3Fworkspace%3Dbrass"
    led = client.get(asked.headers["Location"])
    assert led.headers["Location"] == "/two-factor/app?next=%2Freports%3Fworkspace%3Dbrass"
    assert seed_shown(client)


def test_recovery_codes_are_shown_only_after_a_code_from_the_app(new_staff: Membership) -> None:
    """The password alone, even a minute old, would otherwise show the codes that replace the phone."""
    client = with_password(new_staff)
    seed = enrol(client)
    for address in ("/two-factor/codes", "/two-factor/codes/new", "/two-factor/codes/download"):
        assert client.get(address).headers["Location"].startswith("/two-factor/start"), address
    asked = client.get(client.get("/two-factor/codes").headers["Location"])
    assert asked.headers["Location"] == "/two-factor/again?next=%2Ftwo-factor%2Fcodes"
    answer = client.post("/two-factor/again?next=/two-factor/codes", {"code": totp(seed), "next": "/two-factor/codes"})
    assert answer.headers["Location"] == "/two-factor/codes"
    page = client.get("/two-factor/codes")
    assert page.status_code == 200
    assert len(re.findall(r"<li>\d{8}</li>", page.content.decode())) == 10


def test_a_recovery_code_signs_in_once(new_staff: Membership) -> None:
    client = with_password(new_staff)
    seed = enrol(client)
    client.post("/two-factor/again", {"code": totp(seed)})
    code = re.search(r"<li>(\d{8})</li>", client.get("/two-factor/codes").content.decode()).group(1)
    for expected in (302, 200):
        another = with_password(new_staff)
        assert another.post("/two-factor/code", {"code": code}).status_code == expected
        assert another.get("/performance").status_code == (200 if expected == 302 else 302)


def test_with_the_password_alone_staff_with_a_device_are_nobody_yet(cast: Cast) -> None:
    client = with_password(cast.manager)
    for address in ("/", "/performance", "/settings/people", "/two-factor/app", "/two-factor/codes", "/settings/account"):
        assert client.get(address).headers["Location"].startswith("/sign-in?"), address


def test_a_wrong_code_and_a_code_used_before_are_refused(cast: Cast) -> None:
    with time_machine.travel(NOW, tick=False):
        code = totp(SEED, NOW.timestamp())
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        client = with_password(cast.manager)
        for bad in (wrong, "", "abc", "0" * 500, "\x00", "１２３４５６"):
            answer = client.post("/two-factor/code", {"code": bad})
            assert answer.status_code == 200, bad
        assert client.post("/two-factor/code", {"code": code}).status_code == 302
        assert with_password(cast.manager).post("/two-factor/code", {"code": code}).status_code == 200


def test_of_a_thousand_replays_of_a_code_none_is_taken(cast: Cast) -> None:
    """Below the limit on guessing, which would refuse most of them before they are looked at."""
    code = totp(SEED)
    assert with_password(cast.manager).post("/two-factor/code", {"code": code}).status_code == 302
    device = TOTP(Authenticator.objects.get(user=cast.manager.person, type="totp"))
    with second_factors_of(cast.manager.person):
        assert sum(device.validate_code(code) for _ in range(1000)) == 0
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=30), tick=False), second_factors_of(cast.manager.person):
        assert device.validate_code(totp(SEED)), "the next one is taken"


def test_no_seed_lies_in_a_dump(cast: Cast, new_staff: Membership) -> None:
    """Every table of both databases, as whoever copies them sees it."""
    seed = enrol(with_password(new_staff))
    client = with_password(cast.viewer)
    waiting = seed_shown(client)
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        dump = ""
        for table in tables:
            with cursor.copy(f'COPY "{table}" TO STDOUT') as out:
                dump += b"".join(bytes(part) for part in out).decode(errors="replace")
    assert str(new_staff.person_id) in dump
    for secret in (seed, waiting, SEED):
        raw = base64.b32decode(secret)
        assert secret not in dump
        assert raw.hex() not in dump
        assert base64.b64encode(raw).decode().rstrip("=") not in dump


@pytest.mark.parametrize("step", [-30, 30])
def test_a_code_of_the_step_before_or_after_is_refused(cast: Cast, step: int) -> None:
    with time_machine.travel(NOW, tick=False):
        client = with_password(cast.manager)
        assert client.post("/two-factor/code", {"code": totp(SEED, NOW.timestamp() + step)}).status_code == 200


def test_guessing_codes_ends(cast: Cast) -> None:
    with time_machine.travel(NOW, tick=False):
        client = with_password(cast.manager)
        code = totp(SEED, NOW.timestamp())
        for n in range(12):
            client.post("/two-factor/code", {"code": f"{(int(code) + 1 + n) % 1_000_000:06d}"})
        assert client.post("/two-factor/code", {"code": code}).status_code != 302


@pytest.mark.parametrize("age, works", [(timedelta(hours=12) - timedelta(seconds=5), True), (timedelta(hours=12), False)])
def test_a_second_factor_is_asked_for_again_after_twelve_hours(cast: Cast, age: timedelta, works: bool) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        client = sign_in_at(cast.manager)
        assert client.get("/performance").status_code == 200
        clock.shift(age)
        answer = client.get("/performance")
        assert answer.status_code == (200 if works else 302)
        if works:
            return
        assert answer.headers["Location"] == "/two-factor/start?next=%2Fperformance"
        led = client.get(answer.headers["Location"])
        assert led.headers["Location"] == "/two-factor/again?next=%2Fperformance"
        assert client.post("/performance").headers["Location"] == "/two-factor/start?next=%2F"
        assert client.get("/two-factor/codes").status_code == 302
        client.post("/two-factor/again", {"code": totp(SEED, datetime.now(UTC).timestamp())})
        assert client.get("/performance").status_code == 200


def sign_in_at(who: Membership) -> Client:
    """Sign in while time stands still."""
    client = with_password(who)
    assert client.post("/two-factor/code", {"code": totp(SEED, datetime.now(UTC).timestamp())}).status_code == 302
    return client


def test_the_password_again_does_not_stand_in_for_the_code(cast: Cast) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        client = sign_in_at(cast.manager)
        clock.shift(timedelta(hours=13))
        client.post("/sign-in/again", {"password": PASSWORD})
        assert client.get("/performance").headers["Location"].startswith("/two-factor/start")


def test_a_client_person_needs_no_second_factor(cast: Cast) -> None:
    assert sign_in(cast.viewer).get("/performance").status_code == 200


def test_somebody_who_is_staff_in_one_workspace_needs_it_in_the_other_too(cast: Cast) -> None:
    member(cast.moon, cast.viewer.person.email, Role.COMMUNITY)
    client = with_password(cast.viewer)
    assert client.get("/performance?workspace=brass").headers["Location"].startswith("/two-factor/start")


def test_no_seed_lies_in_the_database(new_staff: Membership) -> None:
    client = with_password(new_staff)
    waiting = seed_shown(client)
    stored = [s.get_decoded() for s in Session.objects.all()]
    assert any("mfa.totp.secret" in s for s in stored)
    assert waiting not in repr(stored)
    seed = waiting
    assert client.post("/two-factor/app", {"code": totp(seed)}).status_code == 302
    rows = Authenticator.objects.filter(user=new_staff.person)
    assert {r.type for r in rows} == {"totp", "recovery_codes"}
    for row in rows:
        assert seed not in repr(row.data)
        assert not B32.search(repr(row.data))
        assert bytes.fromhex(row.data.get("secret") or row.data.get("seed"))[0] == 1  # our sealed format's version


def test_the_page_of_a_wrong_code_keeps_the_seed(new_staff: Membership) -> None:
    client = with_password(new_staff)
    seed = seed_shown(client)
    again = client.post("/two-factor/app", {"code": "000000"})
    assert again.status_code == 200
    assert seed in again.content.decode()
    assert client.post("/two-factor/app", {"code": totp(seed)}).status_code == 302


def test_posting_a_code_without_having_opened_the_page_is_refused(new_staff: Membership) -> None:
    client = with_password(new_staff)
    client.post("/sign-in/again", {"password": PASSWORD})
    assert client.post("/two-factor/app", {"code": "000000"}).status_code == 200
    assert not Authenticator.objects.filter(user=new_staff.person).exists()


def test_a_seed_that_was_moved_to_somebody_else_does_not_open(cast: Cast, new_staff: Membership, caplog: pytest.LogCaptureFixture) -> None:
    """Who can write to the table gives the manager a seed of their own, and its codes must not work."""
    seed = enrol(with_password(new_staff))
    theirs, mine = (Authenticator.objects.get(user=m.person, type="totp") for m in (cast.manager, new_staff))
    theirs.data, mine.data = mine.data, theirs.data
    theirs.save()
    mine.save()
    for who, known in ((cast.manager, seed), (new_staff, SEED), (cast.manager, SEED)):
        answer = with_password(who).post("/two-factor/code", {"code": totp(known)})
        assert answer.status_code == 200
        assert "Incorrect code" in answer.content.decode()
    assert "cannot be opened" in caplog.text
    assert seed not in caplog.text


def test_a_row_given_to_somebody_else_does_not_open_either(cast: Cast, new_staff: Membership) -> None:
    seed = enrol(with_password(new_staff))
    Authenticator.objects.filter(user=cast.manager.person).delete()
    Authenticator.objects.filter(user=new_staff.person).update(user=cast.manager.person)
    answer = with_password(cast.manager).post("/two-factor/code", {"code": totp(seed)})
    assert answer.status_code == 200


@pytest.mark.parametrize("stored", ["", "not hex", "01", SEED, "00" * 120])
def test_a_seed_that_is_not_sealed_is_not_believed(cast: Cast, stored: str) -> None:
    """No plaintext fallback: a seed written in clear would be somebody else's."""
    row = Authenticator.objects.get(user=cast.manager.person)
    row.data = {"secret": stored}
    row.save()
    assert with_password(cast.manager).post("/two-factor/code", {"code": totp(SEED)}).status_code == 200


def test_a_seed_without_a_person_is_not_sealed(cast: Cast) -> None:
    with pytest.raises(LookupError):
        TOTP.activate(cast.viewer.person, SEED)
    with second_factors_of(cast.viewer.person):
        TOTP.activate(cast.viewer.person, SEED)


def test_staff_who_switch_it_off_are_led_to_enrolling(cast: Cast) -> None:
    client = sign_in(cast.manager)
    assert client.post("/two-factor/app/remove").headers["Location"].startswith("/sign-in/again")
    client.post("/sign-in/again", {"password": PASSWORD})
    assert client.post("/two-factor/app/remove").headers["Location"] == "/two-factor"
    assert not Authenticator.objects.filter(user=cast.manager.person).exists()
    assert client.get(client.get("/performance").headers["Location"]).headers["Location"] == "/two-factor/app?next=%2Fperformance"


def test_removing_a_lost_phone_ends_what_was_begun_with_it(cast: Cast) -> None:
    thief = sign_in(cast.manager)
    assert thief.get("/performance").status_code == 200
    Authenticator.objects.filter(user=cast.manager.person).delete()
    assert thief.get("/performance").headers["Location"].startswith("/two-factor/start")


def test_a_way_back_leads_into_the_app_only(new_staff: Membership) -> None:
    client = with_password(new_staff)
    for bad in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:///evil.example"):
        answer = client.get("/two-factor/start", {"next": bad})
        assert answer.headers["Location"] == "/two-factor/app?next=%2F", bad
