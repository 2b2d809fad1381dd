"""Passkeys: a second factor and a way to sign in, for everybody; staff need nothing else. They lie sealed to their person."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core.cache import cache
from django.test import Client

from agency.models import Membership
from agency.passkeys import SealedWebAuthn
from agency.roles import Role
from tests.agency.soft_key import SoftKey
from tests.agency.test_second_factor import with_password
from tests.people import PASSWORD, Cast, member, sign_in

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


@pytest.fixture(autouse=True)
def no_limits_from_before() -> None:
    cache.clear()


@pytest.fixture
def new_staff(cast: Cast) -> Membership:
    return member(cast.brass, "fresh@agency.example", Role.MEDIA_BUYER)


def options_on(client: Client, path: str) -> dict[str, Any]:
    page = client.get(path)
    assert page.status_code == 200, page.headers
    return json.loads(unescape(re.search(r'data-options="([^"]*)"', page.content.decode()).group(1)))


def enrol(client: Client, key: SoftKey, **more: str) -> Any:
    """Add a passkey as a person does: the password again, then the device."""
    client.post("/sign-in/again?next=/two-factor/passkeys/add", {"password": PASSWORD})
    credential = key.create(options_on(client, "/two-factor/passkeys/add"))
    return client.post("/two-factor/passkeys/add", {"credential": credential, "name": "Desk"} | more)


def sign_in_with(key: SoftKey, client: Client | None = None) -> tuple[Client, Any]:
    client = client or Client(raise_request_exception=False)
    asked = client.get("/sign-in/passkey", headers={"Accept": "application/json"}).json()["request_options"]
    return client, client.post("/sign-in/passkey", {"credential": key.get(asked)})


def test_a_passkey_signs_in_by_itself(cast: Cast) -> None:
    key = SoftKey()
    added = enrol(sign_in(cast.viewer), key)
    assert (added.status_code, added.headers["Location"]) == (302, "/two-factor/codes")
    client, answer = sign_in_with(key)
    assert answer.headers["Location"] == "/"
    assert client.get("/performance").status_code == 200


def test_staff_with_a_passkey_need_nothing_else(new_staff: Membership) -> None:
    client, key = with_password(new_staff), SoftKey()
    assert client.get("/performance").headers["Location"].startswith("/two-factor/start")
    enrol(client, key)
    fresh, _ = sign_in_with(key)
    assert fresh.get("/performance").status_code == 200
    assert fresh.get("/two-factor").status_code == 200


def test_the_passkey_of_staff_is_asked_for_again_after_twelve_hours(new_staff: Membership) -> None:
    key = SoftKey()
    enrol(with_password(new_staff), key)
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        client, _ = sign_in_with(key)
        clock.shift(timedelta(hours=12))
        led = client.get(client.get("/performance").headers["Location"])
        assert led.headers["Location"] == "/two-factor/passkey/again?next=%2Fperformance"
        credential = key.get(options_on(client, led.headers["Location"]))
        back = client.post("/two-factor/passkey/again", {"credential": credential, "next": "/performance"})
        assert back.headers["Location"] == "/performance"
        assert client.get("/performance").status_code == 200


def test_after_the_password_a_passkey_is_the_second_factor(new_staff: Membership) -> None:
    key = SoftKey()
    enrol(with_password(new_staff), key)
    client = with_password(new_staff)
    assert client.get("/performance").headers["Location"].startswith("/sign-in?")
    credential = key.get(options_on(client, "/two-factor/code"))
    assert client.post("/two-factor/code", {"credential": credential}).headers["Location"] == "/"
    assert client.get("/performance").status_code == 200


@pytest.mark.parametrize(
    "key",
    [SoftKey(verifies=False), SoftKey(rp_id="evil.example", origin="http://evil.example")],
    ids=["of nobody in particular", "of another site"],
)
def test_a_passkey_that_proves_too_little_is_not_added(cast: Cast, key: SoftKey) -> None:
    assert enrol(sign_in(cast.viewer), key).status_code == 200
    assert not Authenticator.objects.filter(user=cast.viewer.person).exists()


def test_a_device_that_stops_asking_its_owner_does_not_sign_in(cast: Cast) -> None:
    key = SoftKey()
    enrol(sign_in(cast.viewer), key)
    key.flags = 0x01
    client, answer = sign_in_with(key)
    assert answer.headers["Location"] == "/sign-in"
    assert client.get("/performance").status_code == 302


def test_an_answer_works_once_and_for_its_own_question_only(cast: Cast) -> None:
    key = SoftKey()
    enrol(sign_in(cast.viewer), key)
    client = Client(raise_request_exception=False)
    asked = client.get("/sign-in/passkey", headers={"Accept": "application/json"}).json()["request_options"]
    answer = key.get(asked)
    stranger = Client(raise_request_exception=False)
    stranger.get("/sign-in/passkey", headers={"Accept": "application/json"})
    assert stranger.post("/sign-in/passkey", {"credential": answer}).headers["Location"] == "/sign-in"
    assert client.post("/sign-in/passkey", {"credential": answer}).headers["Location"] == "/"
    client.post("/sign-out")
    assert client.post("/sign-in/passkey", {"credential": answer}).headers["Location"] == "/sign-in"


def test_the_passkey_of_one_does_not_sign_in_another(cast: Cast) -> None:
    key, theirs = SoftKey(), SoftKey()
    enrol(sign_in(cast.viewer), key)
    enrol(sign_in(cast.admin), theirs)
    key.handle = theirs.handle
    assert sign_in_with(key)[1].headers["Location"] == "/sign-in"


def test_a_signature_by_another_key_does_not_sign_in(cast: Cast) -> None:
    key = SoftKey()
    enrol(sign_in(cast.viewer), key)
    key.key = SoftKey().key
    client, answer = sign_in_with(key)
    assert answer.headers["Location"] == "/sign-in"
    assert client.get("/performance").status_code == 302


@pytest.mark.parametrize("sent", ["", "{}", "[]", "null", '"x"', "{", '{"id": 1}', '{"response": {"userHandle": "eA"}}'])
def test_what_is_no_passkey_is_refused_in_words(cast: Cast, sent: str) -> None:
    client = Client(raise_request_exception=False)
    client.get("/sign-in/passkey", headers={"Accept": "application/json"})
    assert client.post("/sign-in/passkey", {"credential": sent}).headers["Location"] == "/sign-in"
    signed_in = sign_in(cast.viewer)
    signed_in.post("/sign-in/again", {"password": PASSWORD})
    signed_in.get("/two-factor/passkeys/add")
    assert signed_in.post("/two-factor/passkeys/add", {"credential": sent}).status_code == 200


# --- as they lie in the table -----------------------------------------------------------------------------------------


def test_passkeys_lie_sealed(cast: Cast) -> None:
    key = SoftKey()
    enrol(sign_in(cast.viewer), key)
    row = Authenticator.objects.get(user=cast.viewer.person, type="webauthn")
    assert set(row.data) == {"name", "credential"}
    assert bytes.fromhex(row.data["credential"])[0] == 1  # our sealed format's version
    assert "attestationObject" not in repr(row.data)
    assert auth.WebAuthn is SealedWebAuthn
    assert isinstance(row.wrap(), SealedWebAuthn)


def moved(cast: Cast, mine: Authenticator) -> None:
    """One's own sealed passkey into somebody else's row."""
    Authenticator.objects.create(user=cast.admin.person, type="webauthn", data=mine.data)


def given_away(cast: Cast, mine: Authenticator) -> None:
    Authenticator.objects.filter(pk=mine.pk).update(user=cast.admin.person)


def written_in_clear(cast: Cast, mine: Authenticator) -> None:
    Authenticator.objects.create(user=cast.admin.person, type="webauthn", data={"name": "x", "credential": mine.wrap()._opened()})


@pytest.mark.parametrize("plant", [moved, given_away, written_in_clear])
def test_a_passkey_that_was_planted_does_not_open(cast: Cast, plant: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Who can write to the table gives the admin a passkey of their own."""
    key = SoftKey()
    enrol(sign_in(cast.viewer), key)
    plant(cast, Authenticator.objects.get(user=cast.viewer.person, type="webauthn"))
    key.handle = user_pk_to_url_str(cast.admin.person).encode()  # what a device hands over for the admin
    client, answer = sign_in_with(key)
    assert answer.headers["Location"] == "/sign-in"
    assert client.get("/performance").status_code == 302
    assert "a passkey cannot be opened" in caplog.text


# --- managing ---------------------------------------------------------------------------------------------------------


def test_a_passkey_is_renamed_and_removed_by_its_owner(cast: Cast) -> None:
    client, key = sign_in(cast.viewer), SoftKey()
    enrol(client, key)
    pk = Authenticator.objects.get(user=cast.viewer.person, type="webauthn").pk
    assert "Desk" in client.get("/two-factor/passkeys").content.decode()
    client.post(f"/two-factor/passkeys/{pk}/name", {"name": "<b>Key</b>"})
    page = client.get("/two-factor/passkeys").content.decode()
    assert "&lt;b&gt;Key&lt;/b&gt;" in page
    assert client.post(f"/two-factor/passkeys/{pk}/remove").headers["Location"] == "/two-factor/passkeys"
    assert not Authenticator.objects.filter(user=cast.viewer.person).exists()
    assert sign_in_with(key)[1].headers["Location"] == "/sign-in"


@pytest.mark.parametrize("end", ["name", "remove"])
def test_the_passkey_of_somebody_else_is_not_found(cast: Cast, end: str) -> None:
    enrol(sign_in(cast.admin), SoftKey())
    pk = Authenticator.objects.get(user=cast.admin.person, type="webauthn").pk
    client = sign_in(cast.viewer)
    client.post("/sign-in/again", {"password": PASSWORD})
    assert client.post(f"/two-factor/passkeys/{pk}/{end}", {"name": "mine"}).status_code == 404
    assert Authenticator.objects.get(pk=pk).data["name"] == "Desk"


def test_removing_a_passkey_ends_what_was_begun_with_it(new_staff: Membership) -> None:
    key = SoftKey()
    enrol(with_password(new_staff), key)
    thief, _ = sign_in_with(key)
    assert thief.get("/performance").status_code == 200
    Authenticator.objects.filter(user=new_staff.person).delete()
    assert thief.get("/performance").headers["Location"].startswith("/two-factor/start")


def test_browsers_may_use_passkeys_on_our_pages(cast: Cast) -> None:
    policy = Client().get("/sign-in").headers["Permissions-Policy"]
    assert "publickey-credentials-create=(self)" in policy
    assert "publickey-credentials-get=(self)" in policy
    assert "camera=()" in policy
