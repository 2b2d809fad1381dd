"""The cast: two workspaces, and one person for each way of standing to them."""

import base64
from dataclasses import dataclass

from allauth.account.authentication import get_authentication_records  # noqa: F401 - fails early when allauth moves it
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.test import Client

from agency import actions, clock, scope
from agency.adapters import second_factors_of
from agency.local.browser import totp
from agency.models import Membership, Person, Workspace
from agency.roles import Role

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
    """Fresh rows inside the test's transaction."""
    brass = actions.create_workspace(slug="brass", name="Brass Studio", accent="teal", time_zone="America/Los_Angeles", posts_per_week=10)
    moon = actions.create_workspace(slug="moon", name="Moontide", accent="violet", time_zone="Pacific/Auckland", posts_per_week=3)
    manager = staff(brass, "manager@agency.example", Role.ACCOUNT_MANAGER)
    return Cast(
        brass=brass,
        moon=moon,
        admin=member(brass, "admin@brass.example", Role.CLIENT_ADMIN),
        viewer=member(brass, "viewer@brass.example", Role.CLIENT_VIEWER),
        creator=member(brass, "creator@people.example", Role.CREATOR),
        reviewer=member(brass, "reviewer@tiktok.example", Role.REVIEWER),
        manager=manager,
        moon_admin=member(moon, "admin@moon.example", Role.CLIENT_ADMIN),
        newcomer=person("newcomer@people.example"),
    )


def person(email: str) -> Person:
    """Somebody with a password."""
    made = Person.objects.create_person(email=email, name=email.split("@", maxsplit=1)[0].title(), password=PASSWORD)
    EmailAddress.objects.create(user=made, email=email, verified=True, primary=True)
    return made


def member(workspace: Workspace, email: str, role: Role) -> Membership:
    """A member, known or new."""
    who = Person.objects.filter(email=email).first() or person(email)
    with scope.inside(workspace.pk):
        return Membership.objects.create(
            workspace=workspace, person=who, role=role.value, purpose="tests" if role.is_staff else "", created_at=clock.now()
        )


def staff(workspace: Workspace, email: str, role: Role) -> Membership:
    """A member of staff with a grant, and with a second factor."""
    made = member(workspace, email, role)
    with second_factors_of(made.person):
        TOTP.activate(made.person, SEED)
    return made


def sign_in(who: Membership | Person, client: Client | None = None) -> Client:
    """A browser in which this person has signed in with the password, and with a code where one is asked for."""
    someone = who.person if isinstance(who, Membership) else who
    client = client or Client(raise_request_exception=False)
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
