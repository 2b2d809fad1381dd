"""One person's access: changing it, ending it, running out; closing an account. What ends, ends at once."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.core.cache import cache

from agency import actions, audit, clock, queries, scope
from agency.adapters import second_factors_of
from agency.models import AuditRow, Invitation, Membership, Person
from agency.roles import Role
from tests.agency.test_invite_people import accept, browser, invite, link
from tests.people import PASSWORD, SEED, Cast, member, sign_in

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def no_codes_used() -> None:
    cache.clear()


@pytest.fixture
def root(cast: Cast) -> Membership:
    """The platform admin, with a device."""
    return staff(cast, "root@agency.example", Role.PLATFORM_ADMIN)


def staff(cast: Cast, email: str, role: Role) -> Membership:
    made = member(cast.brass, email, role)
    with second_factors_of(made.person):
        TOTP.activate(made.person, SEED)
    return made


def here(membership: Membership, end: str = "") -> str:
    return f"/settings/people/{membership.pk}{end}"


def now_is(membership: Membership) -> Membership | None:
    with scope.inside(membership.workspace_id):
        return Membership.objects.filter(pk=membership.pk).first()


def verbs(cast: Cast) -> list[str]:
    with scope.inside(cast.brass.pk):
        return list(AuditRow.objects.exclude(verb=audit.READ).order_by("id").values_list("verb", flat=True))


def test_a_role_is_changed_and_holds_from_the_next_page_on(cast: Cast) -> None:
    theirs = sign_in(cast.viewer)
    assert theirs.get("/settings/people").status_code == 403
    answer = sign_in(cast.admin).post(here(cast.viewer), {"role": "client_admin"})
    assert answer.headers["Location"] == "/settings/people"
    assert theirs.get("/settings/people").status_code == 200
    assert verbs(cast)[-1] == "membership.changed"


def test_ending_access_signs_out_everywhere_at_once(cast: Cast) -> None:
    phone, laptop, other = sign_in(cast.viewer), sign_in(cast.viewer), sign_in(cast.creator)
    assert sign_in(cast.admin).post(here(cast.viewer, "/end")).headers["Location"] == "/settings/people"
    for theirs in (phone, laptop):
        assert theirs.get("/performance").headers["Location"].startswith("/sign-in?")
    assert other.get("/reports").status_code == 200
    assert sign_in(cast.viewer).get("/performance").status_code == 403
    assert now_is(cast.viewer) is None
    assert verbs(cast)[-1] == "membership.ended"


def test_who_was_out_comes_back_by_a_new_invitation(cast: Cast) -> None:
    client = sign_in(cast.admin)
    client.post(here(cast.viewer, "/end"))
    invite(client, email="viewer@brass.example", role="creator")
    assert sign_in(cast.viewer).post(link()).headers["Location"] == "/"
    with scope.inside(cast.brass.pk):
        assert [m.role for m in Membership.all_time.filter(person=cast.viewer.person).order_by("created_at")] == [
            "client_viewer",
            "creator",
        ]
        assert Membership.objects.get(person=cast.viewer.person).role == "creator"


def test_ended_access_is_no_access_for_mails_and_lists_either(cast: Cast) -> None:
    sign_in(cast.admin).post(here(cast.viewer, "/end"))
    with scope.inside(cast.brass.pk):
        assert cast.viewer.person_id not in {m.person_id for m in queries.members()}
        assert not cast.viewer.person.memberships.exists()
    with scope.inside(None, person_id=cast.viewer.person_id):
        assert not Membership.all_time.exists(), "row-level security shows a person no membership that has ended"


@pytest.mark.parametrize("end", ["", "/end"])
def test_nobody_changes_their_own_access(cast: Cast, end: str) -> None:
    answer = sign_in(cast.admin).post(here(cast.admin, end), {"role": "client_viewer"})
    assert answer.status_code in {302, 403}
    assert now_is(cast.admin).role == "client_admin"
    assert "membership.changed" not in verbs(cast)
    with scope.inside(cast.brass.pk), pytest.raises(actions.NotAllowed, match="your own"):
        actions.end_access(cast.admin, by=cast.admin)


@pytest.mark.parametrize("role", ["account_manager", "platform_admin", "privacy", "media_buyer"])
def test_a_client_admin_makes_nobody_staff(cast: Cast, role: str) -> None:
    answer = sign_in(cast.admin).post(here(cast.viewer), {"role": role, "purpose": "x", "ends_on": "2099-01-01"})
    assert answer.status_code == 422
    with scope.inside(cast.brass.pk), pytest.raises(actions.NotAllowed):
        actions.change_access(cast.viewer, role=Role(role), by=cast.admin, purpose="x", ends_at=clock.now() + DAY)
    assert now_is(cast.viewer).role == "client_viewer"


@pytest.mark.parametrize("end", ["", "/end"])
def test_a_client_admin_does_not_touch_staff(cast: Cast, end: str) -> None:
    client = sign_in(cast.admin)
    assert client.get(here(cast.manager)).status_code == 200
    client.post(here(cast.manager, end), {"role": "client_viewer"})
    assert now_is(cast.manager).role == "account_manager"


def test_of_two_who_end_each_other_the_second_comes_too_late(cast: Cast) -> None:
    second = member(cast.brass, "second@brass.example", Role.CLIENT_ADMIN)
    with scope.inside(cast.brass.pk):
        actions.end_access(cast.admin, by=second)
        with pytest.raises(actions.NotAllowed, match="ended meanwhile"):
            actions.end_access(second, by=cast.admin)


def test_changing_a_role_asks_again_who_it_is_once_signing_in_was_long_ago(cast: Cast) -> None:
    client = sign_in(cast.admin)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        asked = client.post(here(cast.viewer), {"role": "client_admin"})
        assert asked.headers["Location"].startswith("/sign-in/again?next=")
        assert now_is(cast.viewer).role == "client_viewer"
        assert client.post(asked.headers["Location"], {"password": PASSWORD}).headers["Location"] == here(cast.viewer)
        client.post(here(cast.viewer), {"role": "client_admin"})
    assert now_is(cast.viewer).role == "client_admin"


# --- grants -----------------------------------------------------------------------------------------------------------


def test_a_grant_says_what_for_and_until_when(cast: Cast, root: Membership) -> None:
    client, day = sign_in(root), clock.today() + timedelta(days=90)
    for wrong in (
        {},
        {"purpose": "Q2 spend"},
        {"ends_on": str(day)},
        {"purpose": "x", "ends_on": "2020-01-01"},
        {"purpose": "x", "ends_on": "2099-01-01"},
    ):
        assert invite(client, email="bea@agency.example", role="media_buyer", **wrong).status_code == 422, wrong
    assert mail.outbox == []
    assert invite(client, email="bea@agency.example", role="media_buyer", purpose="Q2 spend", ends_on=str(day)).status_code == 302
    accept(link())
    with scope.inside(cast.brass.pk):
        grant = Membership.objects.get(person__email="bea@agency.example")
    assert (grant.purpose, grant.ends_at) == ("Q2 spend", datetime.combine(day + DAY, datetime.min.time(), UTC))
    page = sign_in(cast.admin).get("/settings/people").content.decode()
    assert "For: Q2 spend" in page


def test_a_grant_that_has_run_out_stops_at_once(cast: Cast) -> None:
    client = sign_in(cast.manager)
    assert client.get("/reports").status_code == 200
    ends = datetime.now(UTC) + timedelta(minutes=5)
    with scope.inside(cast.brass.pk):
        Membership.objects.filter(pk=cast.manager.pk).update(ends_at=ends)
    with time_machine.travel(ends - timedelta(seconds=1), tick=False):
        assert client.get("/reports").status_code == 200
    with time_machine.travel(ends, tick=False):
        assert client.get("/reports").status_code == 403
        assert client.post("/settings/people", {"email": "x@y.example", "role": "creator"}).status_code == 403
        with scope.inside(cast.brass.pk):
            assert cast.manager.person_id not in {m.person_id for m in queries.members()}


def test_after_a_grant_ran_out_a_new_one_begins(cast: Cast, root: Membership) -> None:
    with scope.inside(cast.brass.pk):
        Membership.objects.filter(pk=cast.manager.pk).update(ends_at=datetime.now(UTC) - DAY)
    invite(sign_in(root), email=cast.manager.person.email, role="community", purpose="Triage", ends_on=str(clock.today() + DAY))
    cache.clear()
    assert sign_in(cast.manager).post(link()).headers["Location"] == "/"
    with scope.inside(cast.brass.pk):
        old, new = Membership.all_time.filter(person=cast.manager.person).order_by("created_at")
        assert (old.ended_at, old.purpose) == (old.ends_at, "tests")
        assert (new.role, new.purpose) == ("community", "Triage")


def test_a_grant_is_made_longer_and_its_purpose_changed(cast: Cast, root: Membership) -> None:
    day = clock.today() + timedelta(days=30)
    answer = sign_in(root).post(here(cast.manager), {"role": "account_manager", "purpose": "Relaunch", "ends_on": str(day)})
    assert answer.status_code == 302
    assert (now_is(cast.manager).purpose, now_is(cast.manager).ends_at.date()) == ("Relaunch", day + DAY)


# --- invitations ------------------------------------------------------------------------------------------------------


def test_an_invitation_is_sent_again_with_a_link_of_its_own(cast: Cast) -> None:
    client = sign_in(cast.admin)
    invite(client)
    with scope.inside(cast.brass.pk):
        first = Invitation.objects.get()
    with time_machine.travel(datetime.now(UTC) + timedelta(days=6)):
        assert client.post(f"/settings/people/invitations/{first.pk}/resend").status_code == 302
        assert browser().get(link(0)).status_code == 410
        assert browser().get(link(1)).status_code == 200
    with time_machine.travel(datetime.now(UTC) + timedelta(days=12)):
        assert accept(link(1)).headers["Location"] == "/sign-in"
    assert verbs(cast).count("invitation.resent") == 1


def test_an_invitation_that_was_answered_is_not_sent_again(cast: Cast) -> None:
    client = sign_in(cast.admin)
    invite(client)
    with scope.inside(cast.brass.pk):
        pk = Invitation.objects.get().pk
    accept(link())
    page = client.post(f"/settings/people/invitations/{pk}/resend", follow=True)
    assert "answered or withdrawn meanwhile" in page.content.decode()
    assert len(mail.outbox) == 1


# --- closing an account -----------------------------------------------------------------------------------------------


def test_closing_an_account_ends_every_session_and_the_password_is_worth_nothing(cast: Cast, root: Membership) -> None:
    theirs = sign_in(cast.viewer)
    admin = sign_in(root)
    assert admin.post(here(cast.viewer, "/close")).headers["Location"] == "/settings/people"
    assert theirs.get("/performance").headers["Location"].startswith("/sign-in?")
    again = browser().post("/sign-in", {"login": "viewer@brass.example", "password": PASSWORD})
    assert again.headers["Location"] == "/sign-in/inactive"
    assert "Sign-in closed" in admin.get("/settings/people").content.decode()
    admin.post(here(cast.viewer, "/open"))
    assert sign_in(cast.viewer).get("/performance").status_code == 200
    assert [v for v in verbs(cast) if v.startswith("person.")] == ["person.closed", "person.opened"]


@pytest.mark.parametrize("end", ["/close", "/open"])
def test_only_the_platform_admin_closes_and_opens_accounts(cast: Cast, end: str) -> None:
    for who in (cast.admin, cast.manager):
        assert sign_in(who).post(here(cast.viewer, end)).status_code == 403
    assert Person.objects.get(pk=cast.viewer.person_id).is_active
