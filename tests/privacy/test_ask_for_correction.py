"""Asking for a correction: by anybody for themselves or an account that they see, by mail through staff; answered in time, told by mail."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client

from agency import clock, scope
from agency.models import AuditRow, Membership
from agency.roles import Role
from integrations.models import Connection
from privacy import corrections
from privacy.models import Correction
from tests.people import Cast, sign_in, staff
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore", "privacy"))


@pytest.fixture
def team(cast: Cast) -> Client:
    return sign_in(staff(cast.brass, "privacy@agency.example", Role.PRIVACY))


def only(cast: Cast) -> Correction:
    with scope.inside(cast.brass.pk):
        return Correction.objects.get()


def connection(by: Membership, *, handle: str) -> Connection:
    return Connection.objects.create(
        workspace_id=by.workspace_id, kind="account", tiktok_open_id=f"-{handle}-", handle=handle, state="live", state_since=clock.now(),
        connected_at=clock.now(), connected_by=by.person, scopes_asked=[], scopes_granted=[],
    )  # fmt: skip


def verbs(cast: Cast) -> list[str]:
    with scope.inside(cast.brass.pk):
        found = AuditRow.objects.filter(verb__startswith="correction.").order_by("id")
        return list(found.values_list("verb", flat=True))


def test_a_creator_asks_is_told_and_gets_an_answer(cast: Cast, team: Client) -> None:
    client = sign_in(cast.creator)
    for _ in range(2):  # sent twice, asked once
        assert client.post("/settings/corrections", {"said": "My name is written with a y."}).status_code == 302
    asked = only(cast)
    assert asked.due_at - asked.asked_at == timedelta(days=30)
    assert asked.reference in client.get("/settings/corrections").content.decode()
    work_off("correction_mail")
    (letter,) = mail.outbox
    assert letter.to == [cast.creator.person.email]
    assert asked.reference in letter.subject and "My name is written with a y." in letter.body

    page = team.get("/privacy/corrections").content.decode()
    assert asked.reference in page and cast.creator.person.name in page
    where = f"/privacy/corrections/{asked.pk}"
    assert "My name is written with a y." in team.get(where).content.decode()
    assert team.post(where, {"decision": "correct", "text": ""}).status_code == 422, "an answer says something"
    team.post(where, {"decision": "correct", "text": "It has a y now."})
    team.post(where, {"decision": "refuse", "text": "Too late."})
    work_off("correction_mail")
    assert [m.to for m in mail.outbox] == [[cast.creator.person.email]] * 2
    assert "It has a y now." in mail.outbox[1].body
    assert (only(cast).state, only(cast).answer) == ("corrected", "It has a y now.")
    assert "It has a y now." in client.get("/settings/corrections").content.decode()
    assert verbs(cast) == ["correction.asked", "correction.corrected"]


def test_nobody_else_reads_it_and_the_reference_tells_how_it_stands_and_no_more(cast: Cast, team: Client) -> None:
    sign_in(cast.creator).post("/settings/corrections", {"said": "A private matter."})
    asked = only(cast)
    for other in (cast.admin, cast.manager, cast.moon_admin):
        client = sign_in(other)
        assert "A private matter." not in client.get("/settings/corrections").content.decode()
        assert client.post(f"/settings/corrections/{asked.pk}/withdraw").status_code == 404
        assert client.get(f"/privacy/corrections/{asked.pk}").status_code == 403
    elsewhere = sign_in(staff(cast.moon, "privacy@elsewhere.example", Role.PRIVACY))
    assert elsewhere.get(f"/privacy/corrections/{asked.pk}").status_code == 404
    public = Client().get(f"/corrections/{asked.reference.lower()}").content.decode()
    assert "Being looked at" in public
    for word in ("A private matter.", cast.creator.person.name, cast.creator.person.email, cast.brass.name):
        assert word not in public
    team.post(f"/privacy/corrections/{asked.pk}", {"decision": "refuse", "text": "It is right as it stands."})
    public = Client().get(f"/corrections/{asked.reference}").content.decode()
    assert "Not corrected" in public and "right as it stands" not in public
    assert "We know no such reference" in Client().get("/corrections/LT-0000-00").content.decode()


def test_it_is_about_an_account_that_one_sees_and_no_other(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        theirs = connection(cast.creator, handle="nightdriver")
        others = connection(cast.admin, handle="brassorbit3")
    client = sign_in(cast.creator)
    page = client.get("/settings/corrections").content.decode()
    assert "nightdriver" in page and "brassorbit3" not in page
    assert client.post("/settings/corrections", {"said": "x", "account": str(others.pk)}).status_code == 422
    client.post("/settings/corrections", {"said": "Views of May 3 are wrong.", "account": str(theirs.pk)})
    assert only(cast).account_id == theirs.pk


def test_taken_back_it_is_answered_by_nobody(cast: Cast, team: Client) -> None:
    client = sign_in(cast.viewer)
    client.post("/settings/corrections", {"said": "Never mind."})
    asked = only(cast)
    client.post(f"/settings/corrections/{asked.pk}/withdraw")
    team.post(f"/privacy/corrections/{asked.pk}", {"decision": "correct", "text": "Done."})
    work_off("correction_mail")
    assert only(cast).state == "withdrawn"
    assert mail.outbox == []
    assert verbs(cast) == ["correction.asked", "correction.withdrawn"]


def test_one_that_came_by_mail_is_answered_to_whoever_wrote_and_the_address_goes(cast: Cast, team: Client) -> None:
    team.post("/privacy/corrections", {"contact": "Owner@people.example", "said": "The handle changed."})
    asked = only(cast)
    work_off("correction_mail")
    assert f"/corrections/{asked.reference}" in mail.outbox[0].body
    team.post(f"/privacy/corrections/{asked.pk}", {"decision": "refuse", "text": "TikTok names it so."})
    work_off("correction_mail")
    assert [m.to for m in mail.outbox] == [["Owner@people.example"]] * 2
    assert "TikTok names it so." in mail.outbox[1].body and "authority" in mail.outbox[1].body
    assert only(cast).contact == ""
    page = team.get(f"/privacy/corrections/{asked.pk}").content.decode()
    assert "the address is no longer kept" in page


def test_nobody_floods_the_team(cast: Cast) -> None:
    client = sign_in(cast.viewer)
    for number in range(corrections.OPEN_AT_ONCE + 2):
        client.post("/settings/corrections", {"said": f"Number {number}."})
    with scope.inside(cast.brass.pk):
        assert Correction.objects.count() == corrections.OPEN_AT_ONCE
    assert client.post("/settings/corrections", {"said": "x" * 4001}).status_code == 422
    assert client.post("/settings/corrections", {"said": "  "}).status_code == 422
    nowhere = sign_in(cast.newcomer)
    assert "mailto:" in nowhere.get("/settings/corrections").content.decode()


def test_the_team_sees_what_is_urgent_first(cast: Cast, team: Client) -> None:
    client = sign_in(cast.viewer)
    client.post("/settings/corrections", {"said": "Older."})
    with time_machine.travel(clock.now() + timedelta(days=24), tick=True):
        sign_in(cast.viewer, client).post("/settings/corrections", {"said": "Newer."})
        listed = corrections.of_team([member_of_team(cast)], open_only=True)
        assert [(row.correction.said, row.correction.is_late) for row in listed] == [("Older.", True), ("Newer.", False)]


def member_of_team(cast: Cast) -> Membership:
    with scope.inside(cast.brass.pk):
        return Membership.objects.select_related("workspace").get(role=Role.PRIVACY.value)
