"""Many requests of several workspaces at once, over connections that serve one after the other: with exceptions, with streams that are
broken off, and while somebody loses their access. `make test` sends some hundreds, CHAOS=long twenty thousand."""

import json
import os
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.test import Client, override_settings
from django.urls import path

from agency import actions, scope, urls
from agency.access import networked, requires
from agency.models import AuditRow, Brand, Invitation, Membership, Workspace
from agency.roles import Can, Role
from tests.integrations.conftest import empty_databases
from tests.people import Cast, make_cast, member, sign_in, staff

COUNT = 20_000 if os.environ.get("CHAOS") == "long" else 320
THREADS = 8
MODELS = (Membership, Invitation, Brand, AuditRow)


def everything() -> list[str]:
    """Whose rows this connection sees now, without a filter."""
    return [str(w) for model in MODELS for w in model._base_manager.values_list("workspace_id", flat=True)]


# --- addresses that are planted beside the real ones, each behind the real door and middleware --------------------------


@requires(Can.VIEW_PEOPLE)
def rows(request: Any) -> HttpResponse:
    return JsonResponse({"seen": everything()})


@requires(Can.VIEW_PEOPLE)
def breaks(request: Any) -> HttpResponse:
    Brand.objects.create(workspace_id=request.membership.workspace_id, name=f"never {random.random()}")
    request.session["seen"] = everything()
    raise ZeroDivisionError


@networked
@requires(Can.VIEW_PEOPLE)
def streams(request: Any) -> HttpResponse:
    """The transaction is opened in the generator: what is shown later must still be one's own."""
    workspace_id = request.membership.workspace_id

    def parts() -> Iterator[bytes]:
        for _ in range(4):
            with scope.inside(workspace_id):
                yield (json.dumps(everything()) + "\n").encode()

    return StreamingHttpResponse(parts(), content_type="application/json")


handler400, handler403, handler404, handler429, handler500 = (
    urls.handler400,
    urls.handler403,
    urls.handler404,
    urls.handler429,
    urls.handler500,
)
urlpatterns = [
    path("planted/rows", rows, name="planted_rows"),
    path("planted/breaks", breaks, name="planted_breaks"),
    path("planted/streams", streams, name="planted_streams"),
    *urls.urlpatterns,
]
ROUTES = ("planted/rows", "planted/breaks", "planted/streams", "settings/people", "reports", "settings/looks")


@dataclass(frozen=True)
class Tenant:
    """One workspace, the cookies of its admin, and words that only they may read."""

    workspace_id: UUID
    cookies: dict[str, str]
    words: tuple[str, ...]


def _tenant(workspace: Workspace, admin: Membership, word: str) -> Tenant:
    member(workspace, f"canary-{word}@people.example", Role.CLIENT_VIEWER)
    with scope.inside(workspace.pk):
        Brand.objects.create(workspace=workspace, name=f"brand of {word}")
        actions.invite(email=f"invited-{word}@people.example", role=Role.CREATOR, by=admin)
    browser = sign_in(admin)
    browser.get("/")
    return Tenant(
        workspace.pk, {k: m.value for k, m in browser.cookies.items()}, (f"canary-{word}@", f"invited-{word}@", str(workspace.pk))
    )


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Cast, list[Tenant]]]:
    """Three workspaces in rows that are really committed, so that threads see them."""
    with django_db_blocker.unblock():
        empty_databases()
        try:
            cast = make_cast()
            third = actions.create_workspace(slug="third", name="Third Row", accent="moss", time_zone="UTC", posts_per_week=1)
            third_admin = member(third, "admin@third.example", Role.CLIENT_ADMIN)
            tenants = [
                _tenant(w, a, s)
                for w, a, s in ((cast.brass, cast.admin, "brass"), (cast.moon, cast.moon_admin, "moon"), (third, third_admin, "third"))
            ]
            yield cast, tenants
        finally:
            connections.close_all()
            empty_databases()


def browser_of(cookies: dict[str, str]) -> Client:
    client = Client(raise_request_exception=False)
    for name, value in cookies.items():
        client.cookies[name] = value
    return client


def told() -> tuple[str, str]:
    """What the connection still holds of a scope, asked of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.workspace', true), ''), coalesce(current_setting('app.person', true), '')")
        return cursor.fetchone()


def wander(number: int, tenants: list[Tenant], wrong: list[str], counts: dict[str, int]) -> None:
    """One thread with one connection: requests of all workspaces in a random order."""
    dice = random.Random(f"thread {number}")
    browsers = [browser_of(t.cookies) for t in tenants]
    for _ in range(COUNT // THREADS):
        mine = dice.randrange(len(tenants))
        route = dice.choice(ROUTES)
        answer = browsers[mine].get(f"/{route}")
        if answer.streaming:
            parts = iter(answer.streaming_content)
            text = b"".join(next(parts) for _ in range(dice.randrange(1, 5))).decode()  # most are broken off
            answer.close()
            getattr(parts, "close", lambda: None)()
        else:
            text = answer.content.decode()
        expected = {"planted/breaks": 500}.get(route, 200)
        others = [word for n, t in enumerate(tenants) if n != mine for word in t.words]
        if answer.status_code != expected or any(word in text for word in others):
            wrong.append(f"{route} as {mine}: {answer.status_code} {[w for w in others if w in text]}")
        if route in {"planted/rows", "planted/streams"} and str(tenants[mine].workspace_id) not in text:
            wrong.append(f"{route} as {mine} shows nothing of its own")
        if told() != ("", ""):
            wrong.append(f"after {route} the connection still holds {told()}")
        counts[route] = counts.get(route, 0) + 1


def test_nobody_ever_sees_a_row_of_another_workspace(world: tuple[Cast, list[Tenant]], django_db_blocker: Any) -> None:
    _, tenants = world
    wrong: list[str] = []
    counts: list[dict[str, int]] = [{} for _ in range(THREADS)]

    def run(number: int) -> None:
        with django_db_blocker.unblock():
            try:
                wander(number, tenants, wrong, counts[number])
            except Exception as error:
                wrong.append(repr(error))
            finally:
                connections.close_all()

    with override_settings(ROOT_URLCONF="tests.agency.test_interleave_requests"):
        threads = [threading.Thread(target=run, args=(n,)) for n in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == [], f"{len(wrong)}: {wrong[:5]}"
    assert sum(sum(c.values()) for c in counts) == COUNT // THREADS * THREADS
    with django_db_blocker.unblock(), scope.inside(tenants[0].workspace_id):
        assert Brand.objects.count() == 1, "what an exception interrupted was undone"


def test_whoever_is_closed_out_under_load_gets_no_answer_that_began_later(world: tuple[Cast, list[Tenant]], django_db_blocker: Any) -> None:
    """Stricter than a second: after the commit not one."""
    cast, _ = world
    with django_db_blocker.unblock():
        victim = member(cast.brass, "leaving@brass.example", Role.CLIENT_VIEWER)
        root = staff(cast.brass, "root@agency.example", Role.PLATFORM_ADMIN)
        browsers = [{k: m.value for k, m in sign_in(victim).cookies.items()} for _ in range(3)]
    is_warm, is_closed = threading.Barrier(len(browsers) + 1, timeout=120), threading.Event()
    answers: list[tuple[bool, int]] = []
    wrong: list[str] = []

    def load(cookies: dict[str, str]) -> None:
        with django_db_blocker.unblock():
            try:
                client, later = browser_of(cookies), 0
                for n in range(4):
                    answers.append((False, client.get("/reports").status_code))
                    if n == 1:
                        is_warm.wait()
                while later < 15:
                    began_later = is_closed.is_set()
                    answers.append((began_later, client.get("/reports").status_code))
                    later += began_later
            except Exception as error:
                wrong.append(repr(error))
            finally:
                connections.close_all()

    threads = [threading.Thread(target=load, args=(cookies,)) for cookies in browsers]
    for thread in threads:
        thread.start()
    is_warm.wait()
    with django_db_blocker.unblock(), scope.inside(cast.brass.pk):
        actions.close_account(victim, by=root)
    is_closed.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert [code for later, code in answers if not later][:1] == [200]
    assert {code for later, code in answers if later} == {302}
    assert sum(1 for later, _ in answers if later) == 45
