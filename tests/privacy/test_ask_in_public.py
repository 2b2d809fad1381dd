"""The public form: the same to everybody, nothing before the address is confirmed, and what was written goes once it is answered."""

import os
import re
from datetime import timedelta

import psycopg
import pytest
import time_machine
from django.core import mail
from django.test import Client

from agency import clock, scope
from agency.keyring import key_refs
from privacy import actions, public_requests
from privacy.models import DeletionRequest, PublicRequest
from privacy.tasks import forms_due
from tests.agency.matrix import same_to_the_reader
from tests.integrations.steering import words
from tests.metrics.planting import plant_account
from tests.people import Cast
from tests.work import work_off

FORM = {"handle": "@brassorbit3", "contact": "someone@elsewhere.example", "relation": "owner", "message": "It was mine."}


@pytest.fixture
def held(committed: Cast) -> Cast:
    """@brassorbit3 is held by Brass Studio, and by Moontide with a consent of its own."""
    with scope.inside(committed.brass.pk):
        plant_account(committed.admin, "brassorbit3")
    with scope.inside(committed.moon.pk):
        plant_account(committed.moon_admin, "brassorbit3")
    return committed


def send(**changes: str) -> str:
    answer = Client().post("/data-deletion", FORM | changes)
    assert answer.status_code == 302, words(answer)
    return answer.headers["Location"]


def link() -> str:
    found = re.search(r"http://testserver(/data-deletion/confirm/\S+)", mail.outbox[-1].body)
    assert found, mail.outbox[-1].body
    return found[1]


def confirmed(**changes: str) -> str:
    """Sent, and its link followed."""
    where = send(**changes)
    forms_due()
    assert Client().post(link()).status_code == 302
    forms_due()
    return where


def requests(cast: Cast) -> list[DeletionRequest]:
    found = []
    for workspace in (cast.brass, cast.moon):
        with scope.inside(workspace.pk):
            found += DeletionRequest.objects.all()
    return found


def test_whoever_sends_it_is_answered_the_same_whether_or_not_anybody_holds_the_account(held: Cast) -> None:
    shown, references = [], []
    now = clock.now()
    for handle in ("@brassorbit3", "@nobody.has.this"):
        where = confirmed(handle=handle, contact=f"{len(shown)}@elsewhere.example")
        references.append(where.rsplit("/", 1)[1])
        with time_machine.travel(now, tick=False):
            shown.append(same_to_the_reader(Client().get(where), references[-1]))
    assert shown[0] == shown[1]
    assert "Being checked" in shown[0][2]
    assert "brassorbit3" not in shown[0][2]


def test_nothing_happens_before_the_link_is_followed_and_looking_at_it_is_not_following_it(held: Cast) -> None:
    where = send()
    forms_due()
    (letter,) = mail.outbox
    assert letter.to == [FORM["contact"]]
    assert "brassorbit3" not in letter.body, "whoever owns the address may have nothing to do with it"
    assert "We have sent you a mail." in words(Client().get(where))
    assert Client().get(link()).status_code == 200
    forms_due()
    assert requests(held) == []
    Client().post(link())
    forms_due()
    assert [(r.state, r.source) for r in requests(held)] == [("checking", "form")] * 2
    assert len(mail.outbox) == 1, "one mail"


def test_who_connected_the_account_is_known_by_the_address(held: Cast) -> None:
    where = confirmed(contact=held.admin.person.email)
    assert {(r.workspace_id, r.state) for r in requests(held)} == {(held.brass.pk, "scheduled"), (held.moon.pk, "checking")}
    assert "Scheduled" in words(Client().get(where))


def test_what_was_written_is_sealed_and_goes_once_it_is_answered(held: Cast) -> None:
    where = confirmed()
    reference = where.rsplit("/", 1)[1]
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"]) as superuser:
        assert superuser.execute("SELECT count(*) FROM privacy_publicrequest t WHERE t::text LIKE '%elsewhere%'").fetchone() == (0,)
    assert len(key_refs("deletion_form:")) == 1
    mail.outbox.clear()
    for cast, workspace in ((held.admin, held.brass), (held.moon_admin, held.moon)):
        with scope.inside(workspace.pk):
            assert actions.refuse(DeletionRequest.objects.get(), by=cast, note="Could not be made sure of")
    work_off("deletion_mail")
    forms_due()
    to_asker = [m for m in mail.outbox if m.to == [FORM["contact"]]]
    assert len(to_asker) == 2
    assert "could not be carried out" in to_asker[0].subject
    assert key_refs("deletion_form:") == []
    kept = PublicRequest.objects.get(reference=reference)
    assert (kept.state, kept.said_sealed) == ("answered", None)
    assert {r.contact for r in requests(held)} == {""}


def test_a_form_that_nobody_confirms_is_destroyed_after_three_days(held: Cast) -> None:
    where = send()
    forms_due()
    late = link()
    with time_machine.travel(clock.now() + timedelta(days=3, minutes=1), tick=False):
        assert Client().get(late).status_code == 410
        forms_due()
        assert "Send the request again" in words(Client().get(where))
    assert key_refs("deletion_form:") == []
    assert requests(held) == []


def test_one_that_nobody_holds_is_answered_by_hand_and_by_mail(held: Cast) -> None:
    confirmed(handle="nobody.has.this")
    (waiting,) = public_requests.unmatched()
    mail.outbox.clear()
    with scope.inside(held.brass.pk):
        assert public_requests.close_unmatched(waiting, by=held.manager)
        assert not public_requests.close_unmatched(waiting, by=held.manager)
    forms_due()
    (letter,) = mail.outbox
    assert "could not be carried out" in letter.subject
    assert public_requests.unmatched() == []
    assert key_refs("deletion_form:") == []


@pytest.mark.parametrize(
    ("handle", "kept"),
    [("@BrassOrbit3", "BrassOrbit3"), ("https://www.tiktok.com/@brassorbit3?lang=en", "brassorbit3"), (" brassorbit3/ ", "brassorbit3")],
)
def test_a_handle_is_understood_however_it_is_written(held: Cast, handle: str, kept: str) -> None:
    confirmed(handle=handle)
    assert len(requests(held)) == 2


def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(committed: Cast) -> None:
    answer = Client().post("/data-deletion", FORM | {"handle": "two words", "contact": "no"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "letters, digits, full stops and underscores" in page
    assert "It was mine." in page
    assert not PublicRequest.objects.exists()


@pytest.mark.parametrize("typed", ["<p/class=x>", "LT/4F7K/22", "LT-4F7K-22/../..", "%2F%2F", "\u202eLT-4F7K-22", "x" * 5000])
def test_a_reference_that_none_of_ours_can_be_is_not_found(committed: Cast, typed: str) -> None:
    answer = Client(raise_request_exception=False).get("/data-deletion", {"reference": typed}, follow=True)
    assert answer.status_code == 404
    assert len(answer.redirect_chain) == 1


def test_a_reference_is_understood_with_what_was_copied_along(committed: Cast) -> None:
    answer = Client().get("/data-deletion", {"reference": " (lt-4f7k-22). "})
    assert answer.headers["Location"] == "/data-deletion/LT-4F7K-22"


def test_somebody_who_sends_many_is_slowed_down(committed: Cast) -> None:
    codes = [Client().post("/data-deletion", FORM | {"contact": f"{n}@elsewhere.example"}).status_code for n in range(7)]
    assert codes == [302] * 5 + [429] * 2
