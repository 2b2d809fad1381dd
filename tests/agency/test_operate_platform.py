"""The platform admin's pages: workspaces with their engagements, and people over all workspaces; never what a workspace holds."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client

from agency import actions, clock, directory, jobs, operating, scope, sessions
from agency.models import AuditRow, Invitation, Membership, Workspace
from agency.roles import Role
from agency.tasks import close_one
from integrations.models import Connection
from integrations.tasks import end_all_of_one
from tests.agency import matrix
from tests.people import Cast, member, sign_in, staff

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
VALUES = {"name": "Velvet Room", "time_zone": "Europe/London", "posts_per_week": "4", "accent": "rose"}


@pytest.fixture(autouse=True)
def no_limit_reached() -> None:
    """Tries and used codes are remembered in the cache, which tests share."""
    cache.clear()


@pytest.fixture
def root(cast: Cast) -> Membership:
    """The platform admin, at home in Brass and nowhere else."""
    return staff(cast.brass, "root@agency.example", Role.PLATFORM_ADMIN)


@pytest.fixture
def browser(root: Membership) -> Client:
    return sign_in(root)


def rows(workspace_id: UUID, verb: str) -> list[AuditRow]:
    with scope.inside(workspace_id):
        return list(AuditRow.objects.filter(verb=verb).order_by("id"))


def looked(workspace_id: UUID) -> list[str]:
    return [row.facts["kind"] for row in rows(workspace_id, "page.read")]


def stored(workspace: Workspace) -> Workspace:
    with scope.inside(workspace.pk):
        return Workspace.objects.get(pk=workspace.pk)


def make(browser: Client, **changes: Any) -> Any:
    return browser.post("/settings/workspaces", {f"new-{k}": v for k, v in (VALUES | changes).items()})


# --- workspaces -------------------------------------------------------------------------------------------------------


def test_all_workspaces_are_listed_and_each_of_them_records_the_look(cast: Cast, browser: Client) -> None:
    text = browser.get("/settings/workspaces").content.decode()
    assert "Brass Studio" in text
    assert "Moontide" in text
    assert looked(cast.moon.pk) == ["workspaces"]
    assert looked(cast.brass.pk).count("workspaces") == 1


def test_only_what_is_shown_is_recorded(cast: Cast, browser: Client) -> None:
    text = browser.get("/settings/workspaces?q=brass").content.decode()
    assert "Moontide" not in text
    assert looked(cast.moon.pk) == []


def test_a_workspace_is_made_and_its_maker_can_invite_for_a_month(browser: Client, root: Membership) -> None:
    answer = make(browser, engagement_starts_on="2026-01-01", engagement_ends_on=str(clock.today() + timedelta(days=30)))
    made = UUID(answer.headers["Location"].rsplit("/", 1)[-1])
    with scope.inside(made):
        workspace = Workspace.objects.get(pk=made)
        grant = Membership.objects.get(person_id=root.person_id)
    assert (workspace.name, workspace.slug, workspace.time_zone, workspace.accent) == (
        "Velvet Room",
        "velvet-room",
        "Europe/London",
        "rose",
    )
    assert (grant.role, grant.purpose) == ("platform_admin", "Set up the workspace")
    assert timedelta(days=29) < grant.ends_at - clock.now() < timedelta(days=31)
    (row,) = rows(made, "workspace.created")
    assert row.person_id == root.person_id
    browser.post("/workspace", {"workspace": "velvet-room"})
    mail.outbox.clear()
    assert browser.post("/settings/people", {"email": "first@velvet.example", "role": "client_admin"}).status_code == 302
    assert mail.outbox[0].to == ["first@velvet.example"]


def test_two_workspaces_of_one_name_have_two_addresses(browser: Client) -> None:
    first, second = make(browser), make(browser)
    assert first.headers["Location"] != second.headers["Location"]
    assert {e.workspace.slug for e in directory.entries("velvet")} == {"velvet-room", "velvet-room-2"}


@pytest.mark.parametrize(
    "field, value, said",
    [
        ("name", " ", "This field is required"),
        ("time_zone", "Mars/Base", "No such time zone"),
        ("posts_per_week", "0", "Between 1 and 200"),
        ("posts_per_week", "-3", "Between 1 and 200"),
        ("engagement_ends_on", "2020-01-01", "That day has passed"),
        ("engagement_ends_on", "soon", "Enter a valid date"),
        ("accent", "pink", "valid choice"),
    ],
)
def test_what_does_not_fit_is_refused_in_words_and_nothing_is_made(browser: Client, field: str, value: str, said: str) -> None:
    count = len(directory.workspace_ids())
    answer = make(browser, **{field: value})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert len(directory.workspace_ids()) == count


def test_the_engagement_is_changed_and_what_changed_is_on_record(cast: Cast, browser: Client) -> None:
    values = VALUES | {"engagement_starts_on": "2026-01-01", "engagement_ends_on": ""}
    assert browser.post(f"/settings/workspaces/{cast.moon.pk}", values).status_code == 302
    assert stored(cast.moon).name == "Velvet Room"
    assert stored(cast.moon).slug == "moon"
    (row,) = rows(cast.moon.pk, "workspace.changed")
    assert set(row.facts["kind"].split(",")) == {"name", "time_zone", "posts_per_week", "accent", "engagement_starts_on"}
    browser.post(f"/settings/workspaces/{cast.moon.pk}", values)
    assert len(rows(cast.moon.pk, "workspace.changed")) == 1


def test_the_last_day_is_not_before_the_first(cast: Cast, browser: Client) -> None:
    ends = str(clock.today() + timedelta(days=1))
    values = VALUES | {"engagement_starts_on": str(clock.today() + timedelta(days=2)), "engagement_ends_on": ends}
    answer = browser.post(f"/settings/workspaces/{cast.moon.pk}", values)
    assert answer.status_code == 422
    assert "before the first" in answer.content.decode()
    with scope.inside(cast.moon.pk), pytest.raises(IntegrityError), transaction.atomic():
        Workspace.objects.update(engagement_starts_on="2026-02-02", engagement_ends_on="2026-02-01")


def test_closing_puts_staff_out_withdraws_offers_and_ends_every_connection(cast: Cast, browser: Client, root: Membership) -> None:
    world = matrix.build(cast)
    staff(cast.moon, "buyer@moon.example", Role.MEDIA_BUYER)
    privacy = staff(cast.moon, "privacy@moon.example", Role.PRIVACY)
    said = browser.post(f"/settings/workspaces/{cast.moon.pk}/close", follow=True).content.decode()
    assert "is closed" in said
    with scope.inside(cast.moon.pk):
        assert set(Membership.objects.values_list("role", flat=True)) == {"client_admin", "client_viewer", "creator", "privacy"}
        assert Invitation.objects.get(pk=world.moon.refs["invitation"]).withdrawn_at is not None
        assert Connection.objects.exclude(state=Connection.State.DISCONNECTED).exists()
    (claim,) = jobs.claim_due(operating.CLOSED)
    end_all_of_one(**claim.message())
    end_all_of_one(**claim.message())
    with scope.inside(cast.moon.pk):
        assert not Connection.objects.exclude(state=Connection.State.DISCONNECTED).exists()
    with scope.inside(cast.brass.pk):
        assert Connection.objects.filter(state=Connection.State.LIVE).exists()
    assert jobs.claim_due(operating.CLOSED) == []
    assert {row.person_id for row in rows(cast.moon.pk, "workspace.closed")} == {root.person_id}
    assert sign_in(cast.moon_admin).get("/reports").status_code == 200
    assert sign_in(privacy).get("/privacy/audit").status_code == 200
    browser.post(f"/settings/workspaces/{cast.moon.pk}/close")
    assert len(rows(cast.moon.pk, "workspace.closed")) == 1


def test_a_closed_workspace_is_opened_again(cast: Cast, browser: Client) -> None:
    browser.post(f"/settings/workspaces/{cast.moon.pk}/close")
    assert stored(cast.moon).closed_at is not None
    browser.post(f"/settings/workspaces/{cast.moon.pk}/open")
    assert (stored(cast.moon).closed_at, stored(cast.moon).engagement_ends_on) == (None, None)
    assert jobs.claim_due(operating.CLOSED) == []
    assert len(rows(cast.moon.pk, "workspace.opened")) == 1


def test_a_workspace_closes_by_itself_after_its_last_day_where_it_is(cast: Cast, browser: Client) -> None:
    """Auckland's day ends twelve hours before London's."""
    last_day = clock.today() + timedelta(days=3)
    browser.post(f"/settings/workspaces/{cast.moon.pk}", VALUES | {"time_zone": "Pacific/Auckland", "engagement_ends_on": str(last_day)})
    over = operating.end_of(stored(cast.moon))
    assert over.astimezone(operating.ZoneInfo("Pacific/Auckland")).date() == last_day + timedelta(days=1)
    with time_machine.travel(over - timedelta(seconds=1), tick=False):
        assert jobs.claim_due(operating.CLOSING) == []
    with time_machine.travel(over, tick=False):
        (claim,) = jobs.claim_due(operating.CLOSING)
        close_one(**claim.message())
        close_one(**claim.message())
    assert stored(cast.moon).closed_at == over
    assert stored(cast.moon).engagement_ends_on == last_day
    assert [row.person_id for row in rows(cast.moon.pk, "workspace.closed")] == [None]
    assert jobs.claim_due(operating.CLOSING) == []


def test_an_engagement_that_was_made_longer_does_not_end_on_the_old_day(cast: Cast, browser: Client) -> None:
    soon, later = clock.today() + timedelta(days=3), clock.today() + timedelta(days=300)
    for day in (soon, later):
        browser.post(f"/settings/workspaces/{cast.moon.pk}", VALUES | {"engagement_ends_on": str(day)})
    with time_machine.travel(clock.now() + timedelta(days=10), tick=False):
        assert jobs.claim_due(operating.CLOSING) == []


def test_access_for_oneself_says_what_for_and_until_when(cast: Cast, browser: Client, root: Membership) -> None:
    path = f"/settings/workspaces/{cast.moon.pk}/join"
    assert browser.post(path, {"own-purpose": "", "own-ends_on": ""}).status_code == 422
    assert browser.post(path, {"own-purpose": "x", "own-ends_on": "2020-01-01"}).status_code == 422
    assert browser.post(path, {"own-purpose": "Invite Iris", "own-ends_on": str(clock.today())}).status_code == 302
    with scope.inside(cast.moon.pk):
        grant = Membership.objects.get(person_id=root.person_id)
    assert (grant.purpose, grant.role) == ("Invite Iris", "platform_admin")
    browser.post("/workspace", {"workspace": "moon"})
    assert browser.get("/settings/people").status_code == 200
    assert browser.get("/performance").status_code == 403
    assert browser.get("/reports").status_code == 403


def test_ending_a_grant_ends_it_there_and_signs_out(cast: Cast, browser: Client) -> None:
    buyer = staff(cast.moon, "buyer@moon.example", Role.MEDIA_BUYER)
    theirs = sign_in(buyer)
    assert browser.post(f"/settings/workspaces/{cast.brass.pk}/access/{buyer.pk}/end").status_code == 404
    browser.post(f"/settings/workspaces/{cast.moon.pk}/access/{buyer.pk}/end")
    with scope.inside(cast.moon.pk):
        assert not Membership.objects.filter(pk=buyer.pk).exists()
    assert theirs.get("/").headers["Location"].startswith("/sign-in")


def test_every_act_on_a_workspace_asks_again_who_it_is(cast: Cast, browser: Client) -> None:
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        for act in ("close", "open"):
            answer = browser.post(f"/settings/workspaces/{cast.moon.pk}/{act}")
            assert answer.headers["Location"].startswith("/sign-in/again?")
    assert stored(cast.moon).closed_at is None


# --- people over all workspaces ----------------------------------------------------------------------------------------


def test_people_are_found_by_a_part_of_name_or_address(cast: Cast, browser: Client) -> None:
    text = browser.get("/settings/accounts?q=MOON.example").content.decode()
    assert cast.moon_admin.person.email in text
    assert cast.admin.person.email not in text


def test_everybody_is_reached_page_by_page(cast: Cast, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agency.views_accounts.PAGE", 3)
    seen, path = [], "/settings/accounts"
    while path:
        context = browser.get(path).context
        seen += [row["email"] for row in context["rows"]]
        path = context["next_href"] and "/settings/accounts" + context["next_href"]
    assert seen == sorted(directory.people().values_list("email", flat=True))


def test_a_person_is_shown_with_all_their_workspaces_and_those_record_it(cast: Cast, browser: Client) -> None:
    member(cast.brass, cast.moon_admin.person.email, Role.CLIENT_VIEWER)
    text = browser.get(f"/settings/accounts/{cast.moon_admin.person_id}").content.decode()
    assert "Moontide" in text
    assert "Client viewer" in text
    assert looked(cast.moon.pk) == ["account_page"]
    assert browser.get(f"/settings/accounts/{uuid4()}").status_code == 404


def test_a_closed_sign_in_ends_everything_at_once_and_opens_again(cast: Cast, browser: Client, root: Membership) -> None:
    theirs = sign_in(cast.moon_admin)
    browser.post(f"/settings/accounts/{cast.moon_admin.person_id}/close")
    assert theirs.get("/").headers["Location"].startswith("/sign-in")
    assert [row.person_id for row in rows(cast.moon.pk, "person.closed")] == [root.person_id]
    browser.post(f"/settings/accounts/{cast.moon_admin.person_id}/open")
    assert sign_in(cast.moon_admin).get("/performance").status_code == 200
    assert len(rows(cast.moon.pk, "person.opened")) == 1


def test_somebody_is_signed_out_everywhere(cast: Cast, browser: Client) -> None:
    sign_in(cast.moon_admin), sign_in(cast.moon_admin)
    browser.post(f"/settings/accounts/{cast.moon_admin.person_id}/sign-out")
    assert sessions.of(cast.moon_admin.person) == []
    assert rows(cast.moon.pk, "person.signed_out")[0].facts == {"count": 2}


def test_a_second_factor_is_reset_with_a_reason_and_its_owner_is_told(cast: Cast, browser: Client) -> None:
    buyer = staff(cast.moon, "buyer@moon.example", Role.MEDIA_BUYER)
    theirs, path = sign_in(buyer), f"/settings/accounts/{buyer.person_id}/second-factor"
    assert browser.post(path, {"reason": "", "was_checked": "on"}).status_code == 422
    assert browser.post(path, {"reason": "device_lost"}).status_code == 422
    assert Authenticator.objects.filter(user=buyer.person).exists()
    mail.outbox.clear()
    browser.post(path, {"reason": "device_lost", "was_checked": "on"})
    assert not Authenticator.objects.filter(user=buyer.person).exists()
    assert theirs.get("/").headers["Location"].startswith("/sign-in")
    assert rows(cast.moon.pk, "person.second_factor_reset")[0].facts == {"reason": "device_lost"}
    (letter,) = mail.outbox
    assert letter.to == [buyer.person.email]
    assert "was reset" in letter.subject
    again = sign_in(buyer)
    assert again.get("/performance").headers["Location"].startswith("/two-factor/start")


@pytest.mark.parametrize("act", ["close", "open", "sign-out", "second-factor"])
def test_nobody_does_it_to_themselves(root: Membership, browser: Client, act: str) -> None:
    body = {"reason": "device_lost", "was_checked": "on"}
    answer = browser.post(f"/settings/accounts/{root.person_id}/{act}", body, follow=True)
    assert "your own sign-in" in answer.content.decode()
    assert browser.get("/settings/accounts").status_code == 200


def test_an_act_on_somebody_without_a_workspace_is_on_record_at_the_actors_home(cast: Cast, browser: Client) -> None:
    browser.post(f"/settings/accounts/{cast.newcomer.pk}/close")
    assert len(rows(cast.brass.pk, "person.closed")) == 1


def test_the_rules_hold_below_the_pages_too(cast: Cast) -> None:
    for act in (
        lambda: operating.make_workspace(by=cast.manager, values=VALUES),
        lambda: operating.change_workspace(cast.moon.pk, by=cast.manager, values={"name": "x"}),
        lambda: operating.close_workspace(cast.moon.pk, by=cast.manager),
        lambda: operating.open_workspace(cast.moon.pk, by=cast.manager),
        lambda: operating.join(cast.moon.pk, by=cast.manager, purpose="x", ends_at=clock.now() + timedelta(days=1)),
        lambda: operating.end_grant(cast.moon.pk, cast.moon_admin.pk, by=cast.manager),
        lambda: operating.close_person(cast.moon_admin.person, by=cast.admin),
        lambda: operating.reset_second_factor(cast.moon_admin.person, by=cast.admin, reason="device_lost"),
    ):
        with pytest.raises(actions.NotAllowed):
            act()
