"""Asking for deletion: one click, the same answer twice, taken back until the run, everybody told."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client

from agency import audit, clock, scope
from agency.models import AuditRow, DueWork
from integrations.models import Connection
from metrics.models import Account
from privacy import timing
from privacy.models import DeletionRequest, DeletionRun, RequestStep
from tests.integrations.steering import words
from tests.metrics.planting import plant_account
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


@pytest.fixture
def account(cast: Cast) -> Account:
    with scope.inside(cast.brass.pk):
        return plant_account(cast.admin, "brassorbit3")


def address(account: Account) -> str:
    return f"/settings/integrations/{account.connection_id}/deletion"


def asked_for(client: Client, account: Account) -> str:
    answer = client.post(address(account))
    assert answer.status_code == 302, answer.content[:500]
    return answer.headers["Location"]


def requests(cast: Cast) -> list[DeletionRequest]:
    with scope.inside(cast.brass.pk):
        return list(DeletionRequest.objects.order_by("created_at"))


def test_one_click_schedules_it_for_tonight_and_says_so(cast: Cast, account: Account) -> None:
    client = sign_in(cast.admin)
    page = client.get("/settings/integrations").content.decode()
    assert "Delete all data for this account" in page
    assert "Removes reports, cached responses and audit references on the next deletion run." in page
    assert "Request deletion →" in page
    with time_machine.travel(datetime(2027, 5, 25, 9, 0, tzinfo=UTC), tick=False):
        client = sign_in(cast.admin)
        where = asked_for(client, account)
        (request,) = requests(cast)
        said = words(client.get(where))
        assert (
            f"Deletion of all data for @brassorbit3 is scheduled for the run of May 26, 02:00 UTC. Reference {request.reference}." in said
        )
        assert "Cancel this request" in said
    assert (request.state, request.asked_by_id) == ("scheduled", cast.admin.person_id)
    assert request.due_at - request.created_at == timedelta(days=30)
    with scope.inside(cast.brass.pk):
        (planned,) = DeletionRun.objects.all()
        assert (planned.state, planned.subject_id) == ("waiting", account.connection_id)
        assert DueWork.objects.get(kind="erase", ref=planned.pk).due_at == planned.scheduled_at == request.run_at
        assert [(s.state, s.person_id) for s in RequestStep.objects.all()] == [("scheduled", cast.admin.person_id)]
        assert AuditRow.objects.filter(verb="deletion.asked").count() == 1
        assert Connection.objects.get(pk=account.connection_id).state == "live", "it goes on until the run"


def test_asking_again_is_the_same_request(cast: Cast, account: Account) -> None:
    client = sign_in(cast.admin)
    assert asked_for(client, account) == asked_for(client, account)
    assert len(requests(cast)) == 1


def test_it_can_be_taken_back_and_asked_for_again(cast: Cast, account: Account) -> None:
    client = sign_in(cast.admin)
    where = asked_for(client, account)
    assert client.get(where + "/cancel").status_code == 405
    page = client.post(where + "/cancel", follow=True)
    assert "Nothing was deleted." in words(page)
    assert "Cancel this request" not in words(page)
    assert [r.state for r in requests(cast)] == ["cancelled"]
    with scope.inside(cast.brass.pk):
        assert DeletionRun.objects.get().state == "dropped"
    assert not DueWork.objects.filter(kind="erase").exists()
    client.post(where + "/cancel")
    with scope.inside(cast.brass.pk):
        assert AuditRow.objects.filter(verb="deletion.cancelled").count() == 1
    assert asked_for(client, account) != where


def test_it_cannot_be_taken_back_once_the_run_has_begun(cast: Cast, account: Account) -> None:
    client = sign_in(cast.admin)
    where = asked_for(client, account)
    with scope.inside(cast.brass.pk):
        DeletionRequest.objects.update(state="running")
    assert "can no longer be taken back" in words(client.post(where + "/cancel", follow=True))
    assert requests(cast)[0].state == "running"


def test_the_admins_and_whoever_asked_are_told(cast: Cast, account: Account) -> None:
    asked_for(sign_in(cast.admin), account)
    mail.outbox.clear()
    work_off("deletion_mail")
    told = {m.to[0]: m for m in mail.outbox}
    assert cast.admin.person.email in told
    assert cast.manager.person.email in told
    assert cast.creator.person.email not in told, "not their account"
    assert cast.viewer.person.email not in told
    letter = told[cast.admin.person.email]
    assert requests(cast)[0].reference in letter.subject
    assert "can be taken back" in letter.body
    with scope.inside(cast.brass.pk):
        assert AuditRow.objects.filter(verb=audit.READ, facts__kind="deletion_mail").count() == 1, "staff's look is on record"
    work_off("deletion_mail")
    assert len(mail.outbox) == len(told)


def test_a_creator_asks_for_the_own_account_only(cast: Cast, account: Account) -> None:
    with scope.inside(cast.brass.pk):
        own = plant_account(cast.creator, "grain")
    client = sign_in(cast.creator)
    assert client.post(address(account)).status_code == 404
    where = asked_for(client, own)
    assert client.get(where).status_code == 200
    other = asked_for(sign_in(cast.admin), account)
    assert client.get(other).status_code == 404
    assert client.post(other + "/cancel").status_code == 404


def test_a_run_that_was_planned_anyway_becomes_the_requests_and_earlier(cast: Cast, account: Account) -> None:
    with scope.inside(cast.brass.pk):
        Connection.objects.filter(pk=account.connection_id).update(state="disconnected", delete_data_on=clock.today() + timedelta(days=30))
        planned = DeletionRun.objects.create(
            workspace=cast.brass, reference="LT-AAAA-AA", cause="disconnect", subject_id=account.connection_id,
            due_at=clock.now() + timedelta(days=30), scheduled_at=clock.now() + timedelta(days=23),
        )  # fmt: skip
    asked_for(sign_in(cast.admin), account)
    with scope.inside(cast.brass.pk):
        planned.refresh_from_db()
    assert (planned.cause, planned.request_id) == ("request", requests(cast)[0].pk)
    assert planned.scheduled_at == timing.next_run(clock.now())


@pytest.mark.parametrize(
    ("now", "run"),
    [
        ("2026-05-25T01:59:59+00:00", "2026-05-25T02:00:00+00:00"),
        ("2026-05-25T02:00:00+00:00", "2026-05-26T02:00:00+00:00"),
        ("2026-12-31T23:59:59+00:00", "2027-01-01T02:00:00+00:00"),
        ("2026-05-25T19:30:00-07:00", "2026-05-27T02:00:00+00:00"),
    ],
)
def test_the_next_run_is_at_two_by_utc(now: str, run: str) -> None:
    assert timing.next_run(datetime.fromisoformat(now)) == datetime.fromisoformat(run)
