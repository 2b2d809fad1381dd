"""Inviting people, accepting once, and who may invite whom."""

import re
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client

from agency import actions, queries, scope
from agency.models import AddressBook, AuditRow, Invitation, Membership, Person
from agency.roles import INVITES, Can, Role
from tests.people import PASSWORD, Cast, member, sign_in

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
NEW = "new@people.example"
PASSPHRASE = "a sentence nobody guesses"


@pytest.fixture(autouse=True)
def no_limits_from_before() -> None:
    cache.clear()


def browser() -> Client:
    return Client(raise_request_exception=False)


def invite(client: Client, email: str = NEW, role: str = "client_viewer", **more: str):
    return client.post("/settings/people", {"email": email, "role": role, **more})


def link(number: int = -1) -> str:
    """The way from the mail to the page."""
    return re.search(r"http://testserver(/invitations/\S+)", mail.outbox[number].body).group(1)


def accept(path: str, client: Client | None = None, **more: str):
    return (client or browser()).post(path, {"name": "New Comer", "password": PASSPHRASE} | more)


def roles_of(email: str, cast: Cast) -> dict[str, str]:
    """Workspace -> role, as the person sees it."""
    who = Person.objects.filter(email=email).first()
    if who is None:
        return {}
    with scope.inside(None, person_id=who.pk):
        return {m.workspace.slug: m.role for m in Membership.objects.filter(person=who).select_related("workspace")}


def test_an_invited_person_gets_a_mail_says_who_they_are_and_signs_in(cast: Cast) -> None:
    answer = invite(sign_in(cast.admin))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/settings/people")
    page = browser().get(link()).content.decode()
    for word in ("Brass Studio", "client viewer", NEW):
        assert word in page
    assert accept(link()).headers["Location"] == "/sign-in"
    assert roles_of(NEW, cast) == {"brass": "client_viewer"}
    client = browser()
    assert client.post("/sign-in", {"login": NEW, "password": PASSPHRASE}).headers["Location"] == "/"
    assert client.get("/performance").status_code == 200


def test_the_mail_says_who_invites_where_to_as_what_and_until_when(cast: Cast) -> None:
    invite(sign_in(cast.admin))
    (letter,) = mail.outbox
    assert letter.to == [NEW]
    assert "Brass Studio" in letter.subject
    html = letter.alternatives[0][0]
    for text in (letter.body, html):
        for word in (cast.admin.person.name, "Brass Studio", "client viewer", link()):
            assert word in text
    with scope.inside(cast.brass.pk):
        ends = Invitation.objects.get().expires_at
    assert str(ends.day) in letter.body
    assert f"{ends:%B}" in letter.body or f"{ends:%b}" in letter.body


def test_the_token_is_kept_as_a_hash_only(cast: Cast) -> None:
    invite(sign_in(cast.admin))
    token = link().rsplit("/", 1)[1]
    assert len(token) >= 43
    with scope.inside(cast.brass.pk):
        stored = repr([list(model.objects.values()) for model in (Invitation, AddressBook, AuditRow)])
    assert token not in stored
    assert queries.open_invitation(token) is not None


def test_a_link_works_once(cast: Cast) -> None:
    invite(sign_in(cast.admin))
    accept(link())
    for method in ("get", "post"):
        again = getattr(browser(), method)(link())
        assert again.status_code == 410
    assert Person.objects.filter(email=NEW).count() == 1


def test_a_double_click_makes_one_person_and_one_membership(cast: Cast) -> None:
    """Both forms were open; the second sends its own."""
    invite(sign_in(cast.admin))
    token = link().rsplit("/", 1)[1]
    first, second = queries.open_invitation(token), queries.open_invitation(token)
    actions.accept_invitation(first, name="N", password=PASSPHRASE)
    with pytest.raises(actions.NotAllowed, match="already used"):
        actions.accept_invitation(second, name="N", password=PASSPHRASE)
    assert roles_of(NEW, cast) == {"brass": "client_viewer"}


@pytest.mark.parametrize("age, status", [(timedelta(days=7) - timedelta(seconds=5), 200), (timedelta(days=7), 410)])
def test_a_link_works_for_seven_days(cast: Cast, age: timedelta, status: int) -> None:
    with time_machine.travel(datetime(2026, 5, 18, 9, tzinfo=UTC), tick=False) as clock:
        invite(sign_in(cast.admin))
        clock.shift(age)
        assert browser().get(link()).status_code == status
        assert accept(link()).status_code == (302 if status == 200 else 410)


def test_an_invitation_that_ran_out_while_the_form_was_open_is_refused(cast: Cast) -> None:
    invite(sign_in(cast.admin))
    found = queries.open_invitation(link().rsplit("/", 1)[1])
    with time_machine.travel(datetime.now(UTC) + timedelta(days=8)), pytest.raises(actions.NotAllowed):
        actions.accept_invitation(found, name="N", password=PASSPHRASE)
    assert not Person.objects.filter(email=NEW).exists()


def test_a_withdrawn_link_works_no_more(cast: Cast) -> None:
    client = sign_in(cast.admin)
    invite(client)
    with scope.inside(cast.brass.pk):
        pk = Invitation.objects.get().pk
    for _ in range(2):
        assert client.post(f"/settings/people/invitations/{pk}/withdraw").status_code in {302, 404}
    assert accept(link()).status_code == 410
    with scope.inside(cast.brass.pk):
        assert AuditRow.objects.filter(verb="invitation.withdrawn").count() == 1


def test_inviting_again_replaces_the_link_from_before(cast: Cast) -> None:
    client = sign_in(cast.admin)
    invite(client)
    invite(client, role="client_admin")
    assert browser().get(link(0)).status_code == 410
    accept(link(1))
    assert roles_of(NEW, cast) == {"brass": "client_admin"}


def test_the_address_is_taken_in_any_case(cast: Cast) -> None:
    client = sign_in(cast.admin)
    invite(client, email="New@People.Example")
    invite(client, email=" new@people.example ")
    with scope.inside(cast.brass.pk):
        assert queries.open_invitations().count() == 1
    refused = invite(client, email="VIEWER@brass.example")
    assert refused.status_code == 422
    assert "already a member" in refused.content.decode()


def test_a_known_person_signs_in_first_and_joins_with_one_click(cast: Cast) -> None:
    invite(sign_in(cast.moon_admin), email="viewer@brass.example")
    path = link()
    assert browser().get(path).headers["Location"].startswith("/sign-in?next=%2Finvitations%2F")
    assert browser().post(path, {"name": "X", "password": PASSPHRASE}).headers["Location"].startswith("/sign-in?")
    client = sign_in(cast.viewer)
    assert client.get(path).status_code == 200
    assert client.post(path).headers["Location"] == "/"
    assert roles_of("viewer@brass.example", cast) == {"brass": "client_viewer", "moon": "client_viewer"}
    cast.viewer.person.refresh_from_db()
    assert cast.viewer.person.check_password(PASSWORD)


def test_a_link_for_one_person_is_nothing_for_another(cast: Cast) -> None:
    invite(sign_in(cast.moon_admin), email="viewer@brass.example")
    answer = sign_in(cast.admin).post(link())
    assert answer.status_code == 422
    assert "This invitation is for viewer@brass.example" in answer.content.decode()
    assert roles_of("admin@brass.example", cast) == {"brass": "client_admin"}
    assert sign_in(cast.viewer).post(link()).status_code == 302


def test_who_joined_meanwhile_is_told_so_and_nothing_breaks(cast: Cast) -> None:
    invite(sign_in(cast.moon_admin), email="viewer@brass.example")
    member(cast.moon, "viewer@brass.example", Role.CREATOR)
    answer = sign_in(cast.viewer).post(link())
    assert answer.status_code == 422
    assert "already a member" in answer.content.decode()
    assert roles_of("viewer@brass.example", cast)["moon"] == "creator"


@pytest.mark.parametrize(
    "sent", [{"name": ""}, {"password": ""}, {"password": "short"}, {"password": NEW}, {"name": "\x00"}, {"name": "x" * 121}]
)
def test_a_form_that_does_not_fit_is_refused_and_the_link_stays_good(cast: Cast, sent: dict[str, str]) -> None:
    invite(sign_in(cast.admin))
    assert accept(link(), **sent).status_code == 422
    assert not Person.objects.filter(email=NEW).exists()
    assert accept(link()).status_code == 302


def test_an_empty_form_is_refused_in_words(cast: Cast) -> None:
    invite(sign_in(cast.admin))
    assert browser().post(link()).status_code == 422


@pytest.mark.parametrize("token", ["x", "x" * 43, "x" * 5000, "%00", "..%2F..", "é", "'%20OR%20true--"])
def test_a_token_that_is_none_says_so(cast: Cast, token: str) -> None:
    for method in ("get", "post"):
        assert getattr(browser(), method)(f"/invitations/{token}").status_code in {404, 410}


def test_the_form_cannot_say_another_address_or_role(cast: Cast) -> None:
    invite(sign_in(cast.admin))
    accept(link(), email="other@people.example", role="platform_admin", is_active="")
    assert roles_of(NEW, cast) == {"brass": "client_viewer"}
    assert not Person.objects.filter(email="other@people.example").exists()


# Who may invite whom: the whole table, spelled out.
CLIENTS = {"client_admin", "client_viewer", "creator"}
MAY_INVITE = {role: set() for role in Role} | {
    Role.CLIENT_ADMIN: CLIENTS,
    Role.ACCOUNT_MANAGER: CLIENTS,
    Role.PLATFORM_ADMIN: {r.value for r in Role},
}


@pytest.mark.parametrize("inviter", Role)
def test_each_role_invites_whom_it_may_and_nobody_else(cast: Cast, inviter: Role) -> None:
    by = member(cast.brass, f"{inviter}@try.example", inviter)
    with scope.inside(cast.brass.pk):
        for role in Role:
            made = True
            try:
                with transaction.atomic():
                    actions.invite(email=f"{uuid4()}@x.example", role=role, by=by, purpose="tests")
            except actions.NotAllowed:
                made = False
            assert made == (role.value in MAY_INVITE[inviter]), role


def test_who_manages_people_may_invite_somebody_and_who_invites_manages_people() -> None:
    assert {r for r in Role if r.can(Can.MANAGE_PEOPLE)} == set(INVITES)


def test_nobody_hands_out_what_they_do_not_hold() -> None:
    for inviter, offered in INVITES.items():
        if inviter is not Role.PLATFORM_ADMIN:
            assert not any(role.is_staff for role in offered), inviter


@pytest.mark.parametrize("role", ["platform_admin", "account_manager", "reviewer", "nonsense", ""])
def test_a_role_that_was_not_on_offer_is_refused(cast: Cast, role: str) -> None:
    assert invite(sign_in(cast.admin), role=role).status_code == 422
    assert mail.outbox == []


@pytest.mark.parametrize("purpose", ["", "   "])
def test_staff_are_invited_with_a_purpose_only(cast: Cast, purpose: str) -> None:
    root = member(cast.brass, "root@agency.example", Role.PLATFORM_ADMIN)
    with scope.inside(cast.brass.pk), pytest.raises(actions.NotAllowed, match="needs access"), transaction.atomic():
        actions.invite(email=NEW, role=Role.MEDIA_BUYER, by=root, purpose=purpose)
    with scope.inside(cast.brass.pk):
        _, token = actions.invite(email=NEW, role=Role.MEDIA_BUYER, by=root, purpose="Paid reporting")
    actions.accept_invitation(queries.open_invitation(token), name="N", password=PASSPHRASE)
    with scope.inside(cast.brass.pk):
        assert Membership.objects.get(person__email=NEW).purpose == "Paid reporting"


def test_the_database_takes_no_staff_without_a_purpose(cast: Cast) -> None:
    with scope.inside(cast.brass.pk), pytest.raises(IntegrityError, match="staff_purpose"), transaction.atomic():
        Membership.objects.filter(pk=cast.manager.pk).update(purpose="")


@pytest.mark.parametrize(
    "email", ["", "x", "a@b@c", "x\nBcc: all@x.example", "\x00@x.example", "x" * 300 + "@x.example", "<script>@x.example"]
)
def test_what_is_no_address_is_not_invited(cast: Cast, email: str) -> None:
    answer = invite(sign_in(cast.admin), email=email)
    assert answer.status_code == 422
    assert "<script>@" not in answer.content.decode()
    assert mail.outbox == []


def test_when_the_mail_is_refused_the_page_says_so_and_inviting_again_works(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in(cast.admin)
    with monkeypatch.context() as broken:

        def refuse(*_: object) -> None:
            raise SMTPRecipientsRefused({NEW: (550, b"no such mailbox")})

        broken.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
        answer = invite(client)
    assert answer.status_code == 422
    assert "could not be sent" in answer.content.decode()
    assert invite(client).status_code == 302
    assert accept(link()).status_code == 302


def test_each_step_leaves_one_audit_row_with_who_and_as_what(cast: Cast) -> None:
    invite(sign_in(cast.admin))
    accept(link())
    joined = Person.objects.get(email=NEW)
    with scope.inside(cast.brass.pk):
        rows = {r.verb: r for r in AuditRow.objects.filter(verb__in=("invitation.made", "membership.began"))}
    assert (rows["invitation.made"].person_id, rows["invitation.made"].role) == (cast.admin.person_id, "client_admin")
    assert (rows["membership.began"].person_id, rows["membership.began"].facts) == (joined.pk, {"role": "client_viewer"})
    for row in rows.values():
        assert NEW not in repr(row.facts)
