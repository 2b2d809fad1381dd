"""The end of an engagement: 90 days later everything of the workspace is gone, nothing before its night, and the neighbours are whole."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.apps import apps
from django.core.cache import cache
from django.db.models import Model, QuerySet

from agency import address_book, audit, audit_chain, audit_export, clock, ledger, operating, scope
from agency.anchors import anchors
from agency.audit_verifier import verify
from agency.keyring import data_key, key_refs
from agency.models import AddressBook, AuditRow, DueWork, Membership, Workspace
from agency.roles import Role
from community.models import SavedView
from integrations.models import AdAccount, Connection
from privacy import closing, planning, run, timing
from privacy.models import Certificate, Correction, DeletionRun
from privacy.replay import replay
from reports.models import ExtraRecipient, WeeklyReport
from tests.people import Cast, sign_in, staff
from tests.privacy.canaries import canary, dump, hits, plant, report_of, rows_with
from tests.work import work_off

_DB = "privacy"


def rows_of_its_own(cast: Cast, word: str) -> None:
    """What belongs to the workspace and to no account."""
    workspace, person, now = cast.brass, cast.admin.person, clock.now()
    Workspace.objects.filter(pk=workspace.pk).update(name=f"Studio {word}")
    SavedView.objects.create(workspace=workspace, person=person, name=word, wanted={"q": word}, created_at=now)
    ExtraRecipient.objects.create(workspace=workspace, email=f"{word}@people.example", added_by=person, asked_at=now)
    Correction.objects.create(workspace=workspace, reference="LT-AAAA-22", said=word, asked_by=person, asked_at=now, due_at=now)
    WeeklyReport.objects.create(
        workspace=workspace, week="2026-W01", content=report_of(word), content_hash="x", definitions_version=1, composed_at=now
    )
    address_book.enter("somewhere", word, workspace_id=workspace.pk, ref=workspace.pk)
    data_key(f"workspace:{workspace.pk}", create=True)
    cache.set(f"{workspace.pk}:report-tests:{cast.admin.pk}", word, 90_000_000)


def close(cast: Cast) -> None:
    operating.close_workspace(cast.brass.pk, by=None)
    DueWork.objects.filter(kind="workspace_closed").delete()  # its accounts end by another job; none is connected here


def runs() -> QuerySet[DeletionRun]:
    return DeletionRun.objects.using(_DB).filter(of="workspace")


def the_run() -> DeletionRun:
    return runs().get()


def left_in(workspace: Workspace) -> dict[str, int]:
    """By model, asked of the models and not of what erased them."""
    found = {}
    for model in apps.get_models():
        if getattr(model, "is_workspace_table", False) and model is not Workspace:
            rows: type[Model] = model
            found[model._meta.label] = rows._base_manager.using(_DB).filter(workspace_id=workspace.pk).count()
    return {label: count for label, count in found.items() if count}


def test_ninety_days_after_its_end_nothing_of_it_is_left_and_its_neighbours_are_whole(committed: Cast, tmp_path: Path) -> None:
    cast, word, elsewhere = committed, canary(), canary()
    with scope.inside(cast.moon.pk):
        kept = plant(cast.moon_admin, elsewhere, state=Connection.State.LIVE)
        AdAccount.objects.filter(connection=kept).update(delete_data_on=None)  # nothing of theirs is due meanwhile
        Connection.objects.filter(pk=kept.pk).update(delete_data_on=None)
    with scope.inside(cast.brass.pk):
        rows_of_its_own(cast, word)
    close(cast)
    before = rows_with(elsewhere)
    audit_chain.seal_all()
    last_day = Workspace.objects.using(_DB).get(pk=cast.brass.pk).engagement_ends_on + timing.ENGAGEMENT_PLUS
    planning.plan_all()
    assert not runs().exists(), "planned when it comes near, so that it is visible before it happens"

    with time_machine.travel(timing.run_of_disconnect(last_day) - timedelta(hours=1), tick=True):
        planning.plan_all()
        planning.plan_all()
        assert runs().count() == 1, "planned once"
        assert (the_run().due_at, the_run().cause) == (timing.end_of(last_day), "engagement")
        work_off("erase")
        assert the_run().state == "waiting", "nothing before its night"
        assert hits(dump(tmp_path / "before"), word)
    with time_machine.travel(timing.run_of_disconnect(last_day) + timedelta(minutes=1), tick=True):
        work_off("erase", "deletion_mail")
        assert the_run().state == "done", the_run().sentence
        planning.plan_all()
        assert runs().count() == 1, "and not again"
    assert hits(dump(tmp_path / "after"), word) == []
    assert set(left_in(cast.brass)) <= closing.STAYS
    assert rows_with(elsewhere) == before
    assert key_refs(f"workspace:{cast.brass.pk}") == []
    with scope.inside(cast.brass.pk):
        assert Workspace.objects.get().name == closing.NAME
        assert Certificate.objects.count() == 1
        assert AuditRow.objects.filter(verb="deletion.done").count() == 1
        assert not Membership.all_time.exists()
    assert {entry.kind for entry in AddressBook.objects.filter(workspace_id=cast.brass.pk)} == {"deletion"}
    assert not DueWork.objects.filter(workspace_id=cast.brass.pk).exists()
    assert ledger.subject_hash(cast.brass.pk) in {entry.subject for entry in ledger.ledger().entries()}
    audit_chain.seal_all()
    anchored = [json.loads(line) for line in anchors().lines()]
    with audit_export.snapshot(os.environ["DATABASE_BACKUP_URL"]) as connection:
        report = verify(audit_export.rows(connection), audit_export.seals(connection), anchored, key=audit.root_key(), now=clock.now())
    assert report.is_whole, report


def test_accounts_go_first_and_an_opened_workspace_stays(committed: Cast) -> None:
    cast, word = committed, canary()
    with scope.inside(cast.brass.pk):
        account = plant(cast.admin, word)
    close(cast)
    with scope.inside(cast.brass.pk):
        # Closed in the demo's past, so that its night has come.
        Workspace.objects.filter(pk=cast.brass.pk).update(engagement_ends_on=clock.today() - timedelta(days=84))
    planning.plan_all()
    work_off("erase", rounds=40)
    assert the_run().state == "waiting", "its accounts are still there"
    with scope.inside(cast.brass.pk):
        assert SavedView.objects.count() == 0
        assert Connection.objects.filter(pk=account.pk).exists()
        Workspace.objects.filter(pk=cast.brass.pk).update(closed_at=None)
        DueWork.objects.filter(kind="erase").update(due_at=clock.now())
    work_off("erase", rounds=40)
    assert the_run().state == "dropped"
    assert "opened again" in the_run().sentence
    with scope.inside(cast.brass.pk):
        assert Membership.objects.filter(pk=cast.admin.pk).exists()


def test_a_table_that_nobody_erases_fails_the_run_and_the_next_night_ends_it(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cast, word = committed, canary()
    with scope.inside(cast.brass.pk):
        rows_of_its_own(cast, word)
        Workspace.objects.filter(pk=cast.brass.pk).update(engagement_ends_on=clock.today() - timedelta(days=84), closed_at=clock.now())
    whole = closing.rows_of
    monkeypatch.setattr(closing, "rows_of", lambda *a, **k: (rows for rows in whole(*a, **k) if rows.model not in (SavedView, Membership)))
    planning.plan_all()
    work_off("erase")
    assert the_run().state == "failed"
    assert "community_savedview" in the_run().sentence
    monkeypatch.undo()
    planning.plan_all()
    DueWork.objects.filter(kind="erase").update(due_at=clock.now())
    work_off("erase")
    assert the_run().state == "done", the_run().sentence


def test_it_stays_erased_after_a_restore(committed: Cast) -> None:
    cast, word = committed, canary()
    with scope.inside(cast.brass.pk):
        rows_of_its_own(cast, word)
        Workspace.objects.filter(pk=cast.brass.pk).update(engagement_ends_on=clock.today() - timedelta(days=84), closed_at=clock.now())
    # The ledger knows of it; the backup is from before.
    ledger.ledger().add(ledger.Entry(ledger.subject_hash(cast.brass.pk), "LT-AAAA-AA", clock.now().isoformat(timespec="seconds")))
    assert replay() == [], the_run().sentence
    assert set(left_in(cast.brass)) <= closing.STAYS
    assert rows_with(word) == []
    assert replay() == []


def test_once_its_deletion_has_begun_it_cannot_be_used_again(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = committed
    operator = staff(cast.moon, "operator@agency.example", Role.PLATFORM_ADMIN)
    close(cast)
    with scope.inside(cast.brass.pk):
        Workspace.objects.filter(pk=cast.brass.pk).update(engagement_ends_on=clock.today() - timedelta(days=84))
    browser, page = sign_in(operator), f"/settings/workspaces/{cast.brass.pk}"
    assert "Open again" in browser.get(page).content.decode()
    planning.plan_all()
    whole = closing.rows_of
    monkeypatch.setattr(closing, "rows_of", lambda *a, **k: (rows for rows in whole(*a, **k) if rows.model is not AddressBook))
    work_off("erase")
    assert the_run().state == "failed", "it waits for somebody, half done"
    shown = browser.get(page).content.decode()
    assert "It cannot be opened again" in shown
    assert "Open again" not in shown and "Give me access" not in shown
    assert "It cannot be used again: make a new one." in browser.post(f"{page}/open", follow=True).content.decode()
    with pytest.raises(operating.NotAllowed):
        operating.join(cast.brass.pk, by=operator, purpose="Look", ends_at=clock.now() + timedelta(days=1))
    with scope.inside(cast.brass.pk):
        kept = Workspace.objects.get()
        assert (kept.name, kept.closed_at is None) == (closing.NAME, False)
        assert not Membership.all_time.exists()
    monkeypatch.undo()
    assert run.carry_out(the_run().pk, workspace_id=cast.brass.pk, renew=lambda: None).state == "done"
    assert browser.post(f"{page}/open").status_code == 404, "nothing leads to it any more"
    with pytest.raises(operating.NotAllowed):
        operating.open_workspace(cast.brass.pk, by=operator)
