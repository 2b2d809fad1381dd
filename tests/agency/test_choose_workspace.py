"""Which workspace a person acts in: the one a link names, the one the session holds, and never one that is not theirs."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from agency import scope
from agency.models import Membership
from agency.roles import Role
from tests.agency.matrix import same_to_the_reader
from tests.people import Cast, member, sign_in, staff

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
HOSTILE = ("", "nowhere", "BRASS", "brass ", "../brass", "\x00", "' OR true --", "é", "x" * 5000, "<script>")


@pytest.fixture
def both(cast: Cast) -> Client:
    """Somebody who is an admin in one workspace and a viewer in the other."""
    member(cast.moon, cast.admin.person.email, Role.CLIENT_VIEWER)
    return sign_in(cast.admin)


def acts_in(client: Client) -> str:
    assert client.get("/settings/account").status_code == 200
    return client.session["workspace"]


def test_a_link_names_the_workspace_and_the_session_keeps_it(cast: Cast, both: Client) -> None:
    assert acts_in(both) == str(cast.brass.pk)
    assert both.get("/settings/people").status_code == 200
    assert both.get("/performance?workspace=moon").status_code == 200
    assert acts_in(both) == str(cast.moon.pk)
    assert both.get("/settings/people").status_code == 403, "a viewer there"


def test_the_switcher_is_a_form(cast: Cast, both: Client) -> None:
    assert both.get("/workspace").status_code == 405
    assert both.post("/workspace", {"workspace": "moon"}).headers["Location"] == "/performance"
    assert acts_in(both) == str(cast.moon.pk)
    both.post("/workspace", {"workspace": "brass"})
    assert acts_in(both) == str(cast.brass.pk)


def test_the_switcher_offers_ones_own_workspaces_only(cast: Cast, both: Client) -> None:
    mine = both.get("/settings/account").content.decode()
    assert "Moontide" in mine
    assert "Moontide" not in sign_in(cast.viewer).get("/settings/account").content.decode()


@pytest.mark.parametrize("slug", [*HOSTILE, "moon"])
def test_a_workspace_that_is_not_theirs_falls_back_without_a_word(cast: Cast, slug: str) -> None:
    client = sign_in(cast.viewer)
    with time_machine.travel(datetime.now(UTC), tick=False):
        plain, asked = client.get("/settings/account"), client.get("/settings/account", {"workspace": slug})
    assert asked.status_code == 200
    assert "Moontide" not in asked.content.decode()
    assert same_to_the_reader(asked) == same_to_the_reader(plain)
    assert client.session["workspace"] == str(cast.brass.pk)
    assert client.post("/workspace", {"workspace": slug}).status_code == 404
    assert client.session["workspace"] == str(cast.brass.pk)


def test_a_foreign_workspace_and_an_absent_one_answer_the_same(cast: Cast) -> None:
    client = sign_in(cast.viewer)
    for path in ("/performance", "/reports", "/settings/integrations"):
        answers = [client.get(path, {"workspace": slug}) for slug in ("moon", "nowhere")]
        assert answers[0].status_code == answers[1].status_code == 200
        assert "Moontide" not in answers[0].content.decode()


def test_a_session_that_names_another_workspace_is_put_right(cast: Cast) -> None:
    client = sign_in(cast.viewer)
    session = client.session
    for held in (str(cast.moon.pk), "nonsense", "", None):
        session["workspace"] = held
        session.save()
        assert "Moontide" not in client.get("/performance").content.decode()
        assert client.session["workspace"] == str(cast.brass.pk)


def test_leaving_a_workspace_ends_acting_in_it_at_once(cast: Cast, both: Client) -> None:
    both.get("/performance?workspace=moon")
    with scope.inside(cast.moon.pk):
        Membership.objects.filter(person=cast.admin.person).delete()
    assert "Moontide" not in both.get("/performance").content.decode()
    assert both.session["workspace"] == str(cast.brass.pk)


def test_somebody_without_a_workspace_is_told_so_and_can_sign_out(cast: Cast) -> None:
    client = sign_in(cast.newcomer)
    home = client.get("/")
    assert home.status_code == 200
    for path in ("/performance", "/reports", "/settings/integrations", "/settings/people"):
        assert client.get(path).status_code == 403, path
    assert client.get("/settings/account").status_code == 200
    assert client.post("/sign-out").status_code == 302


def test_being_there_is_noted_now_and_then(cast: Cast) -> None:
    client = sign_in(cast.viewer)
    client.get("/performance")

    def seen() -> object:
        with scope.inside(cast.brass.pk):
            return Membership.objects.get(pk=cast.viewer.pk).last_seen_at

    first = seen()
    assert first is not None
    client.get("/performance")
    assert seen() == first


def test_being_there_is_noted_though_the_page_fails(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in(cast.viewer)
    client.raise_request_exception = False

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("as a mistake of ours would")

    monkeypatch.setattr("reports.dashboard.dashboard", broken)
    assert client.get("/performance").status_code == 500
    with scope.inside(cast.brass.pk):
        assert Membership.objects.get(pk=cast.viewer.pk).last_seen_at is not None


HOMES = {
    Role.CLIENT_ADMIN: "/performance",
    Role.CLIENT_VIEWER: "/performance",
    Role.CREATOR: "/reports",
    Role.REVIEWER: "/performance",
    Role.ACCOUNT_MANAGER: "/performance",
    Role.COMMUNITY: "/community",
    Role.MEDIA_BUYER: "/campaigns",
    Role.PRIVACY: "/privacy/requests",
    Role.PLATFORM_ADMIN: "/settings/health",
}


@pytest.mark.parametrize("role", Role)
def test_everybody_comes_home_to_the_first_page_of_their_work(cast: Cast, role: Role) -> None:
    client = sign_in((staff if role.is_staff else member)(cast.brass, f"{role}@home.example", role))
    assert client.get("/").headers["Location"] == HOMES[role]
    assert client.get(HOMES[role]).status_code == 200


def test_what_is_asked_with_every_request_is_what_holds_now(cast: Cast) -> None:
    person, noon = cast.admin.person, datetime(2026, 5, 25, 12, tzinfo=UTC)
    member(cast.moon, person.email, Role.CLIENT_VIEWER)
    with scope.inside(cast.moon.pk):
        grant = Membership.objects.filter(person=person, workspace=cast.moon)
        grant.update(ends_at=noon)
    for moment, count in ((noon - timedelta(seconds=1), 2), (noon, 1)):
        with time_machine.travel(moment, tick=False), scope.inside(None, person_id=person.pk):
            found = Membership.objects.of_person(person.pk)
            rows = list(Membership.objects.filter(person=person).select_related("workspace").order_by("workspace__name"))
            assert [one.workspace.slug for one in found] == [row.workspace.slug for row in rows]
            assert len(found) == count
            for one, row in zip(found, rows, strict=True):
                assert not one.get_deferred_fields()
                assert not one._state.adding
                for mine, theirs in ((one, row), (one.workspace, row.workspace)):
                    assert {f.attname: getattr(mine, f.attname) for f in mine._meta.concrete_fields} == {
                        f.attname: getattr(theirs, f.attname) for f in theirs._meta.concrete_fields
                    }
    with scope.inside(cast.brass.pk):
        Membership.objects.filter(person=person, workspace=cast.brass).update(ended_at=noon)
    with time_machine.travel(noon, tick=False), scope.inside(None, person_id=person.pk):
        assert Membership.objects.of_person(person.pk) == []
        assert Membership.objects.of_person(cast.viewer.person_id) == [], "a person's scope shows no one else's"
