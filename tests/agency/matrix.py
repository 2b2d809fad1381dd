"""What the web matrix asks: every address, with objects of one's own, of another workspace, and of nobody.

Knows how to build the world of two workspaces and how to ask. What is expected stands in test_web_matrix.py.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from agency import actions, clock, scope
from agency.models import Invitation, Membership, Person, Workspace
from agency.roles import Role
from integrations.models import AdAccount, Connection
from metrics.periods import Week
from reports import addressees, composition, sharing
from reports.models import Credit, ShareLink, WeeklyReport
from tests.metrics.planting import plant_account, plant_post
from tests.people import Cast, member, sign_in

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
ACTORS = ("anonymous", "admin", "viewer", "creator", "reviewer", "manager", "outsider", "newcomer")


@dataclass(frozen=True)
class Things:
    """One workspace's objects, as addresses name them, and words that nobody else may ever read."""

    workspace: Workspace
    connection: str
    advertiser: str
    ad_account: str
    of_creator: str
    invitation: str
    membership: str
    invitation_token: str
    stop_token: str
    week: str
    recipient: str
    confirm_token: str
    link: str
    link_secret: str
    credit: str
    canaries: tuple[str, ...]


@dataclass(frozen=True)
class World:
    """Both workspaces, and a signed-in browser for everybody."""

    brass: Things
    moon: Things
    cookies: dict[str, dict[str, str]]
    reset_key: str

    def named(self, what: str, actor: str, which: str) -> str:
        """What goes into an address in place of an object: the actor's own, the neighbour's, or nobody's."""
        at_home = self.moon if actor == "outsider" else self.brass
        if which == "absent":
            return _ABSENT[what]
        things = at_home if which == "own" else (self.brass if at_home is self.moon else self.moon)
        if what == "connection" and actor == "creator" and which == "own":
            return things.of_creator
        if what == "slug":
            return things.workspace.slug
        return str(getattr(things, what))


_ABSENT = {
    "membership": "6b2d5a52-0c58-4c10-9f11-3f35a0b6ad10",
    "connection": "6b2d5a52-0c58-4c10-9f11-3f35a0b6ad10",
    "advertiser": "6b2d5a52-0c58-4c10-9f11-3f35a0b6ad10",
    "ad_account": "6b2d5a52-0c58-4c10-9f11-3f35a0b6ad10",
    "invitation": "6b2d5a52-0c58-4c10-9f11-3f35a0b6ad10",
    "invitation_token": "x" * 43,
    "stop_token": "0" * 96,
    "week": "2026-W19",
    "recipient": "6b2d5a52-0c58-4c10-9f11-3f35a0b6ad10",
    "confirm_token": "0" * 96,
    "link": "6b2d5a52-0c58-4c10-9f11-3f35a0b6ad10",
    "link_secret": "x" * 43,
    "credit": "6b2d5a52-0c58-4c10-9f11-3f35a0b6ad10",
    "slug": "nowhere",
}


def build(cast: Cast) -> World:
    """The rows, and everybody signed in."""
    brass = _things(cast.brass, cast.admin, "brass", "2026-W20", of_creator=cast.creator)
    moon = _things(cast.moon, cast.moon_admin, "moon", "2026-W21")
    people: dict[str, Membership | Person] = {
        "admin": cast.admin,
        "viewer": cast.viewer,
        "creator": cast.creator,
        "reviewer": cast.reviewer,
        "manager": cast.manager,
        "outsider": cast.moon_admin,
        "newcomer": cast.newcomer,
    }
    cookies = {who: {k: m.value for k, m in sign_in(person).cookies.items()} for who, person in people.items()}
    return World(brass, moon, cookies | {"anonymous": {}}, default_token_generator.make_token(cast.viewer.person))


def _things(workspace: Workspace, admin: Membership, word: str, week: str, *, of_creator: Membership | None = None) -> Things:
    somebody = member(workspace, f"canary-member-{word}@people.example", Role.CLIENT_VIEWER)
    with scope.inside(workspace.pk):
        invitation, token = actions.invite(email=f"canary-{word}@invited.example", role=Role.CLIENT_VIEWER, by=admin)
        report = composition.compose(workspace, Week.parse(week), now=datetime(2026, 5, 27, 9, tzinfo=UTC))
        weekly = WeeklyReport.objects.create(
            workspace=workspace,
            released_at=clock.now(),
            week=week,
            content=report.as_json(),
            content_hash=report.hash,
            definitions_version=1,
            composed_at=clock.now(),
        )
        recipient = addressees.add_extra(f"canary-{word}@extra.example", by=admin)
        secret = sharing.make_link(weekly, days=7, by=admin)
        creator = somebody if of_creator is None else of_creator
        post = plant_post(plant_account(admin, f"canary{word}posts", state=Connection.State.DISCONNECTED), clock.now())
        advertiser = _connection(workspace, admin, f"canary{word}ads", kind=Connection.Kind.ADVERTISER)
        ad_account = AdAccount.objects.create(
            workspace=workspace,
            connection=advertiser,
            advertiser_id="7000000000000000001",
            name=f"canary{word} ads",
            state=AdAccount.State.LINKED,
            state_since=clock.now(),
        )
        return Things(
            workspace=workspace,
            advertiser=str(advertiser.pk),
            ad_account=str(ad_account.pk),
            connection=str(_connection(workspace, admin, f"canary{word}").pk),
            of_creator=str(_connection(workspace, of_creator, f"creator{word}").pk) if of_creator else "",
            invitation=str(Invitation.objects.get(pk=invitation.pk).pk),
            membership=str(somebody.pk),
            invitation_token=token,
            stop_token=addressees.stop_token(workspace.pk, admin.pk),
            week=week,
            recipient=str(recipient.pk),
            confirm_token=addressees.confirm_token(recipient),
            link=str(ShareLink.objects.get().pk),
            link_secret=secret,
            credit=str(
                Credit.objects.create(workspace=workspace, post=post, creator=creator, credited_by=admin.person, credited_at=clock.now()).pk
            ),
            canaries=(
                workspace.name,
                f"canary-{word}@",
                f"canary-member-{word}",
                f"canary{word}",
                f"creator{word}",
                admin.person.email,
                str(workspace.pk),
            ),
        )


def _connection(workspace: Workspace, by: Membership, handle: str, *, kind: str = Connection.Kind.ACCOUNT) -> Connection:
    now = clock.now()
    return Connection.objects.create(
        workspace=workspace,
        kind=kind,
        tiktok_open_id=str(uuid4()),
        handle=handle,
        state=Connection.State.LIVE,
        state_since=now,
        scopes_asked=["user.info.basic"],
        scopes_granted=["user.info.basic"],
        connected_at=now,
        connected_by=by.person,
    )


def ask(
    world: World, actor: str, method: str, path: str, body: dict[str, str] | None = None, *, meanwhile: Callable[[], None] = lambda: None
) -> HttpResponse:
    """One request, whose traces are rolled back and which no limit on repeated requests stops. `meanwhile` sees them."""
    cache.clear()
    client = Client(raise_request_exception=False)
    for name, value in world.cookies[actor].items():
        client.cookies[name] = value
    with transaction.atomic():
        answer = client.generic(method, path) if method in {"PUT", "DELETE", "HEAD"} else getattr(client, method.lower())(path, body or {})
        meanwhile()
        transaction.set_rollback(True)
    return answer


def letter(answer: HttpResponse) -> str:
    """The class of an answer in one sign: s to sign-in, r elsewhere, 2, b refused in words, 3 forbidden, 4 not found, 5 not this way."""
    code = answer.status_code
    if code in {301, 302, 303, 307, 308}:
        return "s" if answer.headers["Location"].startswith("/sign-in?") or answer.headers["Location"] == "/sign-in" else "r"
    return {403: "3", 404: "4", 405: "5", 400: "b", 410: "b", 422: "b"}.get(code, "2" if 200 <= code < 300 else f"<{code}>")


_VARIES = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|\b[0-9a-f]{16}\b|[0-9a-f]{8}-[0-9a-f-]{27}')


def same_to_the_reader(answer: HttpResponse, *named: str) -> tuple[int, str, str]:
    """An answer without what differs by chance or because the request itself said it."""
    text = answer.content.decode(errors="replace")
    for name in named:
        text = text.replace(name, "…")
    location = answer.headers.get("Location", "")
    for name in named:
        location = location.replace(name, "…")
    return answer.status_code, location, _VARIES.sub("…", text)


_SLOT = re.compile(r"\{(\w+)\}")


def fill(world: World, template: str, body: dict[str, Any], actor: str, which: str) -> tuple[str, dict[str, str]]:
    """Address and form with objects in their places."""

    def put(text: str) -> str:
        return _SLOT.sub(lambda m: world.reset_key if m.group(1) == "reset_key" else world.named(m.group(1), actor, which), text)

    return put(template), {k: put(v) for k, v in body.items()}


def named_in(world: World, template: str, actor: str, which: str) -> list[str]:
    """What an address or form names, plain and as it stands in another address."""
    names = [world.named(what, actor, which) for what in _SLOT.findall(template) if what != "reset_key"]
    return [*names, *(quote(n, safe="") for n in names)]


def canaries_in(world: World, actor: str, answer: HttpResponse) -> list[str]:
    """Words of workspaces that this reader has nothing to do with."""
    at_home = {"outsider": [world.brass], "anonymous": [world.brass, world.moon], "newcomer": [world.brass, world.moon]}
    text = answer.content.decode(errors="replace") + "".join(f"{k}: {v}" for k, v in answer.headers.items())
    return [word for things in at_home.get(actor, [world.moon]) for word in things.canaries if word in text]
