"""The cast: two workspaces, and one person for each way of standing to them."""

import base64
import time
from collections.abc import Iterable
from dataclasses import dataclass

from allauth.account.authentication import get_authentication_records  # noqa: F401 - fails early when allauth moves it
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client

from agency import actions, clock, scope, sessions
from agency.adapters import second_factors_of
from agency.local.browser import totp
from agency.models import Membership, Person, Workspace
from agency.roles import Role
from agency.sessions import BEGAN, SessionStore

PASSWORD = "correct horse battery staple"
SEED = base64.b32encode(b"twenty bytes of seed").decode()


@dataclass
class Cast:
    """Everybody."""

    brass: Workspace
    moon: Workspace
    admin: Membership
    viewer: Membership
    creator: Membership
    reviewer: Membership
    manager: Membership  # staff with a grant in brass, second factor enrolled
    moon_admin: Membership  # the outsider as seen from brass
    newcomer: Person  # signed in, member of nothing


def make_cast() -> Cast:
    """Fresh rows inside the test's transaction. Thousands of tests begin with them: as few statements as there are tables."""
    brass = actions.create_workspace(slug="brass", name="Brass Studio", accent="teal", time_zone="America/Los_Angeles", posts_per_week=10)
    moon = actions.create_workspace(slug="moon", name="Moontide", accent="violet", time_zone="Pacific/Auckland", posts_per_week=3)
    mails = {
        "manager": "manager@agency.example", "admin": "admin@brass.example", "viewer": "viewer@brass.example",
        "creator": "creator@people.example", "reviewer": "reviewer@tiktok.example", "moon_admin": "admin@moon.example",
        "newcomer": "newcomer@people.example",
    }  # fmt: skip
    people = dict(zip(mails, _people(mails.values()), strict=True))
    roles = {
        "manager": Role.ACCOUNT_MANAGER, "admin": Role.CLIENT_ADMIN, "viewer": Role.CLIENT_VIEWER, "creator": Role.CREATOR,
        "reviewer": Role.REVIEWER,
    }  # fmt: skip
    with scope.inside(moon.pk):
        moon_admin = _membership(moon, people["moon_admin"], Role.CLIENT_ADMIN)
        moon_admin.save(force_insert=True)
    with scope.inside(brass.pk):
        members = {name: _membership(brass, people[name], role) for name, role in roles.items()}
        Membership.objects.bulk_create(members.values())
    _enrol(people["manager"])
    return Cast(brass=brass, moon=moon, moon_admin=moon_admin, newcomer=people["newcomer"], **members)


def _people(mails: Iterable[str]) -> list[Person]:
    secret = make_password(PASSWORD)
    made = Person.objects.bulk_create(Person(email=m.lower(), name=m.split("@", maxsplit=1)[0].title(), password=secret) for m in mails)
    EmailAddress.objects.bulk_create(EmailAddress(user=p, email=p.email, verified=True, primary=True) for p in made)
    return made


def _membership(workspace: Workspace, who: Person, role: Role) -> Membership:
    purpose = "tests" if role.is_staff else ""
    return Membership(workspace=workspace, person=who, role=role.value, purpose=purpose, created_at=clock.now())


def _enrol(who: Person) -> None:
    with second_factors_of(who):
        TOTP.activate(who, SEED)


def person(email: str) -> Person:
    """Somebody with a password."""
    return _people([email])[0]


def member(workspace: Workspace, email: str, role: Role) -> Membership:
    """A member, known or new."""
    made = _membership(workspace, Person.objects.filter(email=email).first() or person(email), role)
    with scope.inside(workspace.pk):
        made.save(force_insert=True)
    return made


def staff(workspace: Workspace, email: str, role: Role) -> Membership:
    """A member of staff with a grant, and with a second factor."""
    made = member(workspace, email, role)
    _enrol(made.person)
    return made


def sign_in(who: Membership | Person, client: Client | None = None) -> Client:
    """A browser in which this person has signed in with the password, and with a code where they have a second factor.

    What the pages would leave behind is put where they leave it: tests/agency/test_sign_in.py holds the two ways against each other.
    """
    someone = who.person if isinstance(who, Membership) else who
    assert someone.is_active, f"{someone.email} cannot sign in"
    client = client or Client(raise_request_exception=False)
    at = time.time()
    methods = [{"method": "password", "at": at, "email": someone.email}]
    methods += [{"method": "mfa", "at": at, "id": a.pk, "type": "totp"} for a in Authenticator.objects.filter(user=someone, type="totp")]
    session = SessionStore()
    session.update(
        {
            "account_authentication_methods": methods,
            "account_authentication_methods_user": str(someone.pk),
            SESSION_KEY: str(someone.pk),
            BACKEND_SESSION_KEY: "agency.backends.PersonBackend",
            HASH_SESSION_KEY: someone.get_session_auth_hash(),
            BEGAN: {"at": clock.now().isoformat(), "device": sessions.device_of(client.defaults.get("HTTP_USER_AGENT", ""))},
        }
    )
    session.set_expiry(settings.SESSION_COOKIE_AGE)
    session.create()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def sign_in_by_hand(who: Membership | Person) -> Client:
    """The same over the pages, as a person does."""
    someone = who.person if isinstance(who, Membership) else who
    client = Client(raise_request_exception=False)
    answer = client.post("/sign-in", {"login": someone.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content[:2000]
    if "/two-factor" in answer.headers["Location"]:
        answer = client.post("/two-factor/code", {"code": _code(someone)})
        if answer.status_code == 200:  # its half minute ended on the way
            answer = client.post("/two-factor/code", {"code": _code(someone)})
        assert answer.status_code == 302, answer.content[:2000]
    return client


def _code(someone: Person) -> str:
    """The code of now. It is taken once only: who signs in again within its half minute would have to wait for the next one."""
    code = totp(SEED)
    for device in Authenticator.objects.filter(user=someone, type="totp"):
        cache.delete(TOTP(device)._get_used_cache_key(code))
    return code
