"""A person who asks to be deleted: afterwards nothing names them, what they did for others has a pseudonym, and others are whole."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client

from agency import actions as people
from agency import audit, audit_chain, audit_export, clock, ledger, scope, sign_in_links
from agency.adapters import second_factors_of
from agency.anchors import anchors
from agency.audit_verifier import verify
from agency.keyring import key_refs
from agency.models import AddressBook, AuditRow, DueWork, Membership, Person, SignInLink, Suppression
from agency.outlets import suppression
from agency.roles import Role
from community.models import Comment, Mention, Note, SavedView, Triage
from integrations.models import Connection
from privacy import departing, person_requests, planning, run, subjects, timing
from privacy.models import Certificate, Correction, DeletionRequest, DeletionRun, RunFinding
from privacy.replay import replay
from privacy.tasks import person_copies_due
from reports.models import Delivery, ReportSchedule, WeeklyReport
from tests.people import SEED, Cast, member, sign_in, staff
from tests.privacy.canaries import canary, dump, hits, plant, report_of, rows_with
from tests.privacy.test_copy_person import everything_of
from tests.work import work_off

_DB = "privacy"


def named(who: Membership, word: str) -> Person:
    """Somebody whose name and address stand nowhere else."""
    person = who.person
    person.name, person.email = f"Anna {word}", f"{word}@people.example"
    person.save(update_fields=("name", "email"))
    EmailAddress.objects.filter(user=person).update(email=person.email)
    return person


def everywhere(cast: Cast, word: str, account: str) -> tuple[Person, list[Membership]]:
    """One of everything that can be held about a person, in two workspaces, and their name in what others wrote."""
    person = named(cast.viewer, word)
    there = member(cast.moon, person.email, Role.CREATOR)
    with scope.inside(cast.moon.pk):
        WeeklyReport.objects.create(
            workspace=cast.moon, week="2025-W01", content_hash="x", definitions_version=1, composed_at=clock.now(),
            content=report_of(account) | {"creators": [{"creator": person.name, "posts": 1}, {"creator": "Somebody", "posts": 2}]},
        )  # fmt: skip
    with scope.inside(cast.brass.pk):
        now, here = clock.now(), {"workspace": cast.brass}
        everything_of(cast.viewer, account, by=cast.admin.person)
        note = Note.objects.get(person=person)
        Note.objects.filter(pk=note.pk).update(text=f"I am {word}")
        thread = Comment.objects.get(pk=note.thread_id)
        Comment.objects.filter(pk=thread.pk).update(assignee=person)
        theirs = Note.objects.create(
            **here, thread=thread, person=cast.admin.person, at=now, text=f"Ask anna  {word.upper()}, {person.email}."
        )
        Mention.objects.create(**here, note=theirs, person=person)
        Triage.objects.create(**here, thread=thread, person=cast.admin.person, kind="assigned", assignee=person, at=now)
        SavedView.objects.create(**here, person=person, name=word, wanted={"q": word}, created_at=now)
        SavedView.objects.create(**here, person=cast.admin.person, name="Hers", wanted={"assignee": str(person.pk)}, created_at=now)
        ReportSchedule.objects.create(**here, reply_to=person.email, next_week="2026-W40")
        Correction.objects.create(**here, reference="LT-BBBB-22", said=word, asked_by=person, asked_at=now, due_at=now)
        Correction.objects.create(
            **here, reference="LT-CCCC-22", said=f"Anna {word} was wrong", answer=f"So was {person.email}", state="corrected",
            asked_by=cast.admin.person, answered_by=person, asked_at=now, due_at=now,
        )  # fmt: skip
        Delivery.objects.filter(person=person).update(detail=f"550 no such {person.email}")
        people.invite(email=f"other-{word[:3]}@people.example", role=Role.CLIENT_VIEWER, by=cast.admin, purpose=f"In place of Anna {word}")
    suppression.suppress(person.email, "bounced")
    with scope.inside(cast.brass.pk):
        sign_in_links.make("an-account-of-theirs", person)
    with second_factors_of(person):
        TOTP.activate(person, SEED)
    cache.set(f"answering:{cast.brass.pk}:1:{person.pk}", person.name, 90_000)
    Path(settings.MAIL_FOLDER, f"{word}.eml").write_text(f"To: {person.email}\nSubject: Hello\n\nHello Anna {word}.\n")
    return person, [cast.viewer, there]


def notify(browser: Client, words: str) -> None:
    """A notice that waits in somebody's session."""
    session = browser.session
    session["_messages"] = json.dumps([words])
    session.save()


def make_due() -> None:
    DueWork.objects.filter(kind="erase").update(due_at=clock.now())
    DeletionRun.objects.using(_DB).filter(state="waiting").update(scheduled_at=clock.now())


def the_run() -> DeletionRun:
    return DeletionRun.objects.using(_DB).get(of="person")


def the_request() -> DeletionRequest:
    return DeletionRequest.objects.using(_DB).get(of="person")


def test_nothing_anywhere_names_them_and_others_are_as_they_were(committed: Cast, tmp_path: Path) -> None:
    cast, word, account, neighbour = committed, canary(), canary(), canary()
    person, memberships = everywhere(cast, word, account)
    with scope.inside(cast.moon.pk):
        plant(cast.moon_admin, neighbour)
    before = rows_with(neighbour)
    browser, other = sign_in(person), sign_in(cast.admin)
    browser.post("/settings/account/copy")
    person_copies_due()
    notify(other, f"Anna {word} has no access any more.")
    mail.outbox.clear()
    ids = [str(person.pk), *(str(m.pk) for m in memberships)]
    assert len({hit.split(":")[0] + hit.split(":")[1] for hit in hits(dump(tmp_path / "before"), word)}) > 15, "the canary is everywhere"

    page = browser.get("/settings/account/deletion").content.decode()
    assert "What stays, without you" in page
    for _ in range(2):  # asked twice, it is one request
        assert browser.post("/settings/account/deletion").headers["Location"] == "/settings/account/deletion"
    work_off("erase", "deletion_mail")
    assert the_run().state == "waiting", "nothing before its night"
    assert the_request().reference in browser.get("/settings/account/deletion").content.decode()
    (scheduled,) = mail.outbox
    assert scheduled.to == [person.email]
    assert "/settings/account/deletion" in scheduled.body
    make_due()
    work_off("erase", "deletion_mail")

    assert the_run().state == "done", the_run().sentence
    told = mail.outbox[-1]
    assert told.to == [f"{word}@people.example"]
    assert len(mail.outbox) == 2, "nobody else hears of it"
    assert hits(dump(tmp_path / "after"), word) == []
    assert browser.get("/settings/account").status_code == 302, "and they are signed out"
    assert rows_with(neighbour) == before
    assert key_refs("person_copy:") == []
    assert not Suppression.objects.exists()
    assert not SignInLink.objects.exists()
    assert "_messages" not in other.session, "a notice about them in somebody else's browser"
    assert not Authenticator.objects.filter(user=person).exists()
    left = Person.objects.get(pk=person.pk)
    assert (left.name, left.is_active, left.has_usable_password()) == (departing.NAME, False, False)
    assert_ids_stay_only_where_they_may(ids)
    assert_links_to_nobody(person, ids)
    with scope.inside(cast.moon.pk):
        (report,) = WeeklyReport.objects.filter(week="2025-W01")
        assert [line["creator"] for line in report.content["creators"]] == ["a creator", "Somebody"]
    with scope.inside(cast.brass.pk):
        assert Note.objects.get(person=cast.admin.person).text == "Ask Somebody who left, Somebody who left."
        assert SavedView.objects.get().wanted == {"assignee": ""}
        assert ReportSchedule.objects.get().reply_to == ""
        assert Connection.objects.get(connected_by=person).handle == account, "what they connected is the client's"
        assert Triage.objects.filter(assignee=person).count() == 1
        assert {f.left_count for f in RunFinding.objects.all()} == {0}


def assert_ids_stay_only_where_they_may(ids: list[str]) -> None:
    """By plain SQL over every table: the pseudonym stands in what they did for others, ids of memberships in audit rows alone."""
    labels = {model._meta.db_table: model._meta.label for model in apps.get_models()}
    person, *mine = ids
    assert {labels[row.split(":")[0]] for row in rows_with(person)} <= set(departing.STAYS)
    for membership in mine:
        assert {row.split(":")[0] for row in rows_with(membership)} <= {"agency_auditrow"}


def assert_links_to_nobody(person: Person, ids: list[str]) -> None:
    """Who knows the reference of the request does not find the pseudonym by it."""
    asked, done = the_request(), the_run()
    assert (asked.asked_by_id, asked.account_id, asked.account_name, asked.contact) == (None, None, "", "")
    for row in (*rows_with(str(asked.pk)), *rows_with(str(done.pk)), *rows_with(asked.reference)):
        assert not any(i in row for i in ids), row
    assert not AddressBook.objects.filter(kind="person_deletion").exists()
    document = Certificate.objects.using(_DB).get(run=done).document
    assert not any(i in document for i in ids)


def test_the_audit_log_stays_whole(committed: Cast) -> None:
    person = named(committed.viewer, canary())
    browser = sign_in(person)
    browser.get("/performance")
    with scope.inside(committed.brass.pk):
        rows = AuditRow.objects.filter(person_id=person.pk).count()
    person_requests.ask(person, at=committed.brass.pk)
    make_due()
    work_off("erase")
    assert the_run().state == "done", the_run().sentence
    audit_chain.seal_all()
    anchored = [json.loads(line) for line in anchors().lines()]
    with audit_export.snapshot(os.environ["DATABASE_BACKUP_URL"]) as connection:
        report = verify(audit_export.rows(connection), audit_export.seals(connection), anchored, key=audit.root_key(), now=clock.now())
    assert report.is_whole, report
    with scope.inside(committed.brass.pk):
        assert AuditRow.objects.filter(person_id=person.pk).count() == rows
    manager = sign_in(committed.admin)
    assert manager.get("/settings/people").status_code == 200


def test_it_can_be_taken_back_until_the_run(committed: Cast) -> None:
    browser = sign_in(committed.viewer)
    browser.post("/settings/account/deletion")
    page = browser.post("/settings/account/deletion/cancel", follow=True).content.decode()
    assert "is taken back" in page
    make_due()
    work_off("erase", "deletion_mail")
    assert the_run().state == "dropped"
    assert "Ask for deletion" in browser.get("/settings/account/deletion").content.decode()
    browser.post("/settings/account/deletion")
    assert DeletionRequest.objects.using(_DB).filter(of="person", state="scheduled").count() == 1, "and asked for anew"


def test_who_one_is_is_asked_again(committed: Cast) -> None:
    browser = sign_in(committed.viewer)
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=True):
        answer = browser.post("/settings/account/deletion")
    assert answer.headers["Location"].startswith("/sign-in/again?next=%2Fsettings%2Faccount%2Fdeletion")
    assert not DeletionRequest.objects.using(_DB).exists()


def reasons(browser: Client) -> str:
    browser.post("/settings/account/deletion")
    return browser.get("/settings/account/deletion").content.decode()


def test_the_last_admin_is_told_what_to_do_first(committed: Cast) -> None:
    cast = committed
    browser = sign_in(cast.admin)
    assert "Brass Studio has no other admin. Make somebody else an admin there first" in reasons(browser)
    assert not DeletionRequest.objects.using(_DB).exists()
    second = member(cast.brass, "second@brass.example", Role.CLIENT_ADMIN)
    assert "is scheduled" in reasons(browser)
    assert "Brass Studio has no other admin" in reasons(sign_in(second)), "of two who leave one comes too late"


def test_the_last_platform_admin_is_told_what_to_do_first(committed: Cast) -> None:
    alone = staff(committed.brass, "alone@agency.example", Role.PLATFORM_ADMIN)
    assert "There is no other platform admin" in reasons(sign_in(alone))
    staff(committed.moon, "other@agency.example", Role.PLATFORM_ADMIN)
    assert "is scheduled" in reasons(sign_in(alone))


def test_a_creators_connected_account_goes_first(committed: Cast) -> None:
    cast, word = committed, canary()
    with scope.inside(cast.brass.pk):
        account = plant(cast.creator, word, state=Connection.State.LIVE)
    browser = sign_in(cast.creator)
    assert f"@{word} is still connected in Brass Studio" in reasons(browser)
    with scope.inside(cast.brass.pk):
        Connection.objects.filter(pk=account.pk).update(state=Connection.State.DISCONNECTED)
    assert "is scheduled" in reasons(browser)


def test_who_became_the_last_admin_meanwhile_is_waited_for_but_not_for_ever(committed: Cast) -> None:
    cast = committed
    second = member(cast.brass, "second@brass.example", Role.CLIENT_ADMIN)
    asked = person_requests.ask(cast.admin.person, at=cast.brass.pk)
    with scope.inside(cast.brass.pk):
        Membership.objects.filter(pk=second.pk).update(ended_at=clock.now())
    with time_machine.travel(timing.next_run(clock.now()) + timedelta(minutes=1), tick=True):
        work_off("erase")
        assert (the_run().state, the_run().sentence[:31]) == ("waiting", "Brass Studio has no other admin")
        assert DueWork.objects.get(kind="erase").due_at == timing.next_run(clock.now()), "looked at again the next night"
    with time_machine.travel(asked.created_at + timing.REQUEST_RUNS_BY + timedelta(hours=1), tick=True):
        work_off("erase")
        assert the_run().state == "done", the_run().sentence
        assert clock.now() < asked.due_at


def test_the_privacy_team_enters_one_that_came_by_mail(committed: Cast) -> None:
    cast, word = committed, canary()
    person = named(cast.viewer, word)
    team = sign_in(staff(cast.brass, "privacy@agency.example", Role.PRIVACY))
    sent = {"person-address": person.email, "person-contact": person.email, "person-identity_note": f"Anna {word} wrote from there"}
    wrong = team.post("/privacy/requests", sent | {"person-address": cast.moon_admin.person.email})
    assert wrong.status_code == 422
    assert "Nobody with that address has, or had, access" in wrong.content.decode()
    last = team.post("/privacy/requests", sent | {"person-address": cast.admin.person.email})
    assert last.status_code == 422
    assert "has no other admin" in last.content.decode()
    answer = team.post("/privacy/requests", sent)
    assert answer.headers["Location"] == f"/privacy/requests/{the_request().pk}"
    assert f"Anna {word}" in team.get(f"/privacy/requests/{the_request().pk}").content.decode()
    assert the_request().reference in sign_in(person).get("/settings/account/deletion").content.decode(), "they can take it back"
    assert the_request().reference not in sign_in(cast.admin).get("/settings/integrations").content.decode()
    make_due()
    work_off("erase", "deletion_mail")
    assert the_run().state == "done", the_run().sentence
    assert rows_with(word) == []
    status = Client().get(f"/data-deletion/{the_request().reference}").content.decode()
    assert "Done" in status


def test_a_place_that_nobody_emptied_fails_the_run(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    word = canary()
    person = named(committed.viewer, word)
    with scope.inside(committed.brass.pk):
        SavedView.objects.create(workspace=committed.brass, person=person, name="x", wanted={}, created_at=clock.now())
    whole = departing.rows_of
    monkeypatch.setattr(
        departing, "rows_of", lambda subject: (rows for rows in whole(subject) if rows.model not in (SavedView, Membership))
    )
    person_requests.ask(person, at=committed.brass.pk)
    make_due()
    work_off("erase")
    assert the_run().state == "failed"
    assert "community_savedview" in the_run().sentence
    assert not Certificate.objects.using(_DB).exists()
    monkeypatch.undo()
    planning.plan_all()
    make_due()
    work_off("erase")
    assert the_run().state == "done", the_run().sentence


def test_they_stay_erased_after_a_restore_and_cannot_be_opened(committed: Cast) -> None:
    cast, word = committed, canary()
    person = named(cast.viewer, word)
    person_requests.ask(person, at=cast.brass.pk)  # the backup is from the day before the run
    ledger.ledger().add(ledger.Entry(ledger.subject_hash(person.pk), "LT-AAAA-AA", clock.now().isoformat(timespec="seconds")))
    assert replay() == [], the_run().sentence
    assert rows_with(word) == []
    assert replay() == []
    assert DeletionRun.objects.using(_DB).count() == 1, "once is enough"
    with scope.inside(cast.brass.pk):
        assert not Membership.all_time.filter(person=person).exists()


class Died(BaseException):
    """The process is gone."""


def test_killed_at_every_point_it_goes_on_and_ends_whole(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    word = canary()
    person, _ = everywhere(committed, word, canary())
    person_requests.ask(person, at=committed.brass.pk)
    make_due()
    monkeypatch.setattr(run, "BATCH", 1)
    deaths = 0
    for step in range(0, 60, 3 if os.environ.get("CHAOS") == "long" else 12):
        calls = iter(range(step))

        def renew(calls: Any = calls) -> None:
            if next(calls, None) is None:
                raise Died

        try:
            run.carry_out(the_run().pk, workspace_id=committed.brass.pk, renew=renew)
        except Died:
            deaths += 1
            assert not Certificate.objects.using(_DB).exists(), "no proof before the end"
    assert deaths >= 3
    work_off("erase", "deletion_mail")
    assert the_run().state == "done", the_run().sentence
    assert rows_with(word) == []


def test_every_reference_to_a_person_is_decided(committed: Cast) -> None:
    """Whoever adds one says whether its row goes, stays with the pseudonym, or is emptied."""
    undecided = set()
    for model in apps.get_models():
        label = model._meta.label
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model in (Person, Membership):
                lists = (field.name in departing.GOES.get(label, ()), field.attname in departing.STAYS.get(label, ()))
                if sum(lists) + (field.attname in departing.EMPTIED.get(label, ())) != 1:
                    undecided.add(f"{label}.{field.name}")
    assert undecided == set(), "see privacy/departing.py"
    with scope.inside(committed.brass.pk):
        subject = departing_subject(committed.viewer.person)
    gone = {rows.model._meta.label for rows in departing.rows_of(subject)}
    assert set(departing.GOES) - gone - {"reports.ExportFile"} == set(), "files go by workspace, their keys first"


def departing_subject(person: Person) -> Any:
    return subjects.of_run(DeletionRun(of="person", subject_id=person.pk, workspace_id=UUID(int=1)))
