"""What the web matrix asks: every address, with objects of one's own, of another workspace, and of nobody.

Knows how to build the world of two workspaces and how to ask. What is expected stands in test_web_matrix.py.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache as shared_cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler

from agency import actions, clock, scope
from agency.models import Brand, Membership, Person, Workspace
from agency.roles import Role
from integrations.models import AdAccount, Avatar, Connection
from metrics.models import Account
from metrics.periods import Week
from privacy import actions as privacy_actions
from privacy import archives, corrections
from reports import addressees, composition, sharing
from reports.models import Credit, ExportFile, ShareLink, WeeklyReport
from tests.community.planting import comments_of
from tests.metrics.planting import plant_account, plant_post
from tests.people import Cast, member, sign_in, staff

METHODS = ("GET", "HEAD", "POST")
NO_METHODS = ("PUT", "DELETE")  # and others: no address knows them
ACTORS = ("anonymous", "admin", "viewer", "creator", "reviewer", "manager", "outsider", "newcomer")
# Roles that have no column of their own in the table: what they are answered follows from agency/roles.py.
MORE_ACTORS = {
    "community": Role.COMMUNITY,
    "buyer": Role.MEDIA_BUYER,
    "privacy": Role.PRIVACY,
    "platform": Role.PLATFORM_ADMIN,
}
NOBODYS = "6b2d5a52-0c58-4c10-9f11-3f35a0b6ad10"


@dataclass(frozen=True)
class Plot:
    """Where a workspace's objects are planted. `word` goes into all that nobody else may read; `refs` holds what was planted before."""

    workspace: Workspace
    admin: Membership
    creator: Membership | None
    word: str
    week: str
    refs: dict[str, str]


ABSENT = {
    "slug": "nowhere",
    "week": "2026-W19",
    "invitation_token": "x" * 43,
    "stop_token": "0" * 96,
    "confirm_token": "0" * 96,
    "link_secret": "x" * 43,
}
# Of these a creator sees their own only.
CREATORS_OWN = {"connection": "creators_connection", "post": "creators_post"}


@dataclass(frozen=True)
class Things:
    """One workspace's objects, as addresses name them, and words that nobody else may ever read."""

    workspace: Workspace
    refs: dict[str, str]
    canaries: tuple[str, ...]
    content: tuple[str, ...]  # those of what the workspace holds, which the platform admin's pages over all workspaces do not show either


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
            return ABSENT.get(what, NOBODYS)
        things = at_home if which == "own" else (self.brass if at_home is self.moon else self.moon)
        if actor == "creator" and which == "own":
            what = CREATORS_OWN.get(what, what)
        return things.refs[what]


def build(cast: Cast) -> World:
    """The rows, and everybody signed in."""
    brass = _things(Plot(cast.brass, cast.admin, cast.creator, "brass", "2026-W20", {}))
    moon = _things(Plot(cast.moon, cast.moon_admin, None, "moon", "2026-W21", {}))
    people: dict[str, Membership | Person] = {
        "admin": cast.admin,
        "viewer": cast.viewer,
        "creator": cast.creator,
        "reviewer": cast.reviewer,
        "manager": cast.manager,
        "outsider": cast.moon_admin,
        "newcomer": cast.newcomer,
    }
    people |= {who: staff(cast.brass, f"{who}@agency.example", role) for who, role in MORE_ACTORS.items()}
    cookies = {who: _cookies(person) for who, person in people.items()}
    return World(brass, moon, cookies | {"anonymous": {}}, default_token_generator.make_token(cast.viewer.person))


def _cookies(person: Membership | Person) -> dict[str, str]:
    """Signed in, and at work for a moment: what a session notes about itself is noted once, and not again in each request."""
    browser = sign_in(person)
    browser.get("/")
    return {name: morsel.value for name, morsel in browser.cookies.items()}


def _things(plot: Plot) -> Things:
    with scope.inside(plot.workspace.pk):
        for what, plant in PLANT.items():
            plot.refs[what] = plant(plot)
    words = (f"canary-{plot.word}@", f"canary-member-{plot.word}", f"canary{plot.word}", f"creator{plot.word}")
    return Things(
        workspace=plot.workspace,
        refs=plot.refs,
        content=(f"canary-{plot.word}@", f"canary{plot.word}", f"creator{plot.word}"),
        canaries=(*words, plot.workspace.name, plot.admin.person.email, str(plot.workspace.pk)),
    )


def _invitation(plot: Plot) -> str:
    invitation, token = actions.invite(email=f"canary-{plot.word}@invited.example", role=Role.CLIENT_VIEWER, by=plot.admin)
    plot.refs["invitation_token"] = token
    return str(invitation.pk)


def _week(plot: Plot) -> str:
    report = composition.compose(plot.workspace, Week.parse(plot.week), now=datetime(2026, 5, 27, 9, tzinfo=UTC))
    WeeklyReport.objects.create(
        workspace=plot.workspace,
        week=plot.week,
        content=report.as_json(),
        content_hash=report.hash,
        definitions_version=1,
        composed_at=clock.now(),
        released_at=clock.now(),
    )
    return plot.week


def _recipient(plot: Plot) -> str:
    extra = addressees.add_extra(f"canary-{plot.word}@extra.example", by=plot.admin)
    plot.refs["confirm_token"] = addressees.confirm_token(extra)
    return str(extra.pk)


def _link(plot: Plot) -> str:
    plot.refs["link_secret"] = sharing.make_link(WeeklyReport.objects.get(), days=7, by=plot.admin)
    return str(ShareLink.objects.get().pk)


def _credit(plot: Plot) -> str:
    creator = plot.creator or member(plot.workspace, f"creator-{plot.word}@people.example", Role.CREATOR)
    post = plant_post(plant_account(plot.admin, f"canary{plot.word}posts", state=Connection.State.DISCONNECTED), clock.now())
    made = Credit.objects.create(
        workspace=plot.workspace, post=post, creator=creator, credited_by=plot.admin.person, credited_at=clock.now()
    )
    return str(made.pk)


def _ad_account(plot: Plot) -> str:
    made = AdAccount.objects.create(
        workspace=plot.workspace,
        connection_id=plot.refs["advertiser"],
        advertiser_id="7000000000000000001",
        name=f"canary{plot.word} ads",
        state=AdAccount.State.LINKED,
        state_since=clock.now(),
    )
    return str(made.pk)


def _export(plot: Plot) -> str:
    """A file of the admin's, ready and empty."""
    now = clock.now()
    made = ExportFile.objects.create(
        workspace=plot.workspace, membership=plot.admin, name="campaigns", form="csv", asked={}, asked_hash="",
        title=f"canary{plot.word} file", file_name="campaigns.csv", row_count=0, state=ExportFile.State.DONE, asked_at=now,
        expires_at=now + timedelta(hours=24),
    )  # fmt: skip
    return str(made.pk)


def _comment(name: str, plot: Plot) -> str:
    """A comment with all that hangs on it, by the staff who is asked in the table."""
    if name not in plot.refs:
        by = Membership.objects.filter(role=Role.ACCOUNT_MANAGER.value).first() or plot.admin
        plot.refs.update(comments_of(by, plot.word))
    return plot.refs[name]


def _connection(plot: Plot, by: Membership, handle: str, *, kind: str = Connection.Kind.ACCOUNT) -> str:
    now = clock.now()
    made = Connection.objects.create(
        workspace=plot.workspace,
        kind=kind,
        tiktok_open_id=str(uuid4()),
        handle=handle,
        state=Connection.State.LIVE,
        state_since=now,
        scopes_asked=["user.info.basic"],
        scopes_granted=["user.info.basic"],
        connected_at=now,
        connected_by=by.person,
        avatar_tag="0" * 16,
    )
    Avatar.objects.create(workspace=plot.workspace, connection=made, picture=f"picture of {handle}".encode())
    return str(made.pk)


def _deletion(plot: Plot) -> str:
    to_erase = Connection.objects.get(pk=_connection(plot, plot.admin, f"canary{plot.word}gone"))
    asked = privacy_actions.request_deletion(to_erase, by=plot.admin)
    plot.refs["reference"] = asked.reference
    return str(asked.pk)


def _correction(plot: Plot) -> str:
    asked = corrections.ask(by=plot.admin, said=f"canary{plot.word} is wrong", account=None)
    assert asked is not None
    plot.refs["correction_reference"] = asked.reference
    return str(asked.pk)


def _post(plot: Plot, connection: str) -> str:
    """A post of a week that no report is about."""
    account = Account.objects.create(workspace=plot.workspace, connection_id=connection)
    return str(plant_post(account, datetime(2026, 3, 4, 9, tzinfo=UTC), caption=f"canary{plot.word} post").pk)


# What addresses and forms name in braces, in the order in which it is planted, inside the workspace's scope. A new kind of object is a
# line here; if its absent twin is no UUID, it is a line in ABSENT too.
PLANT: dict[str, Callable[[Plot], str]] = {
    "slug": lambda plot: plot.workspace.slug,
    "week": _week,
    "membership": lambda plot: str(member(plot.workspace, f"canary-member-{plot.word}@people.example", Role.CLIENT_VIEWER).pk),
    "workspace_ref": lambda plot: str(plot.workspace.pk),
    "person": lambda plot: str(Membership.objects.get(pk=plot.refs["membership"]).person_id),
    "invitation": _invitation,
    "deletion": _deletion,
    "reference": lambda plot: plot.refs["reference"],
    "invitation_token": lambda plot: plot.refs["invitation_token"],
    "stop_token": lambda plot: addressees.stop_token(plot.workspace.pk, plot.admin.pk),
    "recipient": _recipient,
    "confirm_token": lambda plot: plot.refs["confirm_token"],
    "link": _link,
    "link_secret": lambda plot: plot.refs["link_secret"],
    "credit": _credit,
    "advertiser": lambda plot: _connection(plot, plot.admin, f"canary{plot.word}ads", kind=Connection.Kind.ADVERTISER),
    "ad_account": _ad_account,
    "export": _export,
    "connection": lambda plot: _connection(plot, plot.admin, f"canary{plot.word}"),
    **{name: partial(_comment, name) for name in ("comment", "comment_tag", "comment_act", "comment_view", "comment_sending")},
    "creators_connection": lambda plot: _connection(plot, plot.creator, f"creator{plot.word}") if plot.creator else "",
    "brand": lambda plot: str(Brand.objects.create(workspace=plot.workspace, name=f"canary{plot.word} brand").pk),
    "archive": lambda plot: str(archives.ask(Connection.objects.get(pk=plot.refs["connection"]), by=plot.admin).pk),
    "correction": _correction,
    "correction_reference": lambda plot: plot.refs["correction_reference"],
    "post": lambda plot: _post(plot, plot.refs["connection"]),
    "creators_post": lambda plot: _post(plot, plot.refs["creators_connection"]) if plot.creator else "",
}


@cache
def _handler() -> ClientHandler:
    """One for all requests: building the chain of middleware anew takes longer than most answers."""
    return ClientHandler(enforce_csrf_checks=False)


def ask(
    world: World, actor: str, method: str, path: str, body: dict[str, str] | None = None, *, meanwhile: Callable[[], None] = lambda: None
) -> HttpResponse:
    """One request, whose traces are rolled back and which no limit on repeated requests stops. `meanwhile` sees them."""
    shared_cache.clear()
    client = Client(raise_request_exception=False)
    client.handler = _handler()
    for name, value in world.cookies[actor].items():
        client.cookies[name] = value
    with transaction.atomic():
        answer = client.generic(method, path) if method not in {"GET", "POST"} else getattr(client, method.lower())(path, body or {})
        if answer.streaming:  # a download is read while its rows are still there
            answer = HttpResponse(b"".join(answer.streaming_content), status=answer.status_code, headers=answer.headers)
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


def canaries_in(world: World, actor: str, answer: HttpResponse, *, is_across: bool = False) -> list[str]:
    """Words of workspaces that this reader has nothing to do with. `is_across`: a page that may name all of them."""
    at_home = {"outsider": [world.brass], "anonymous": [world.brass, world.moon], "newcomer": [world.brass, world.moon]}
    text = answer.content.decode(errors="replace") + "".join(f"{k}: {v}" for k, v in answer.headers.items())
    return [
        word for things in at_home.get(actor, [world.moon]) for word in (things.content if is_across else things.canaries) if word in text
    ]
