"""Erasure: afterwards nothing anywhere names the account, its neighbours are as they were, and the proof needs no trust."""

import json
import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.test import Client

from agency import address_book, audit, audit_chain, audit_export, clock, jobs, ledger, scope
from agency.anchors import anchors
from agency.audit_verifier import verify
from agency.keyring import key_refs
from agency.models import AuditRow
from integrations.models import AdAccount, Connection
from privacy import actions, run
from privacy.models import Certificate, DeletionRequest, DeletionRun, RunFinding
from reports.models import WeeklyReport
from tests.people import Cast
from tests.privacy.canaries import canary, dump, hits, plant, report_of, rows_with
from tests.work import work_off

SUBJECTS = 50 if os.environ.get("CHAOS") == "long" else 4


def ask_for(cast: Cast, connection: Connection) -> DeletionRequest:
    with scope.inside(cast.brass.pk):
        return actions.request_deletion(connection, by=cast.admin)


def make_due() -> None:
    """Tonight is now."""
    from agency.models import DueWork

    DueWork.objects.filter(kind="erase").update(due_at=clock.now())
    DeletionRun.objects.using("privacy").filter(state="waiting").update(scheduled_at=clock.now())


def the_run(request: DeletionRequest) -> DeletionRun:
    return DeletionRun.objects.using("privacy").get(request=request)


def test_nothing_anywhere_names_them_and_their_neighbours_are_as_they_were(committed: Cast, tmp_path: Path) -> None:
    cast = committed
    with scope.inside(cast.moon.pk):
        elsewhere = canary()
        plant(cast.moon_admin, elsewhere)
    with scope.inside(cast.brass.pk):
        neighbour, words = canary(), [canary() for _ in range(SUBJECTS)]
        plant(cast.admin, neighbour)
        accounts = [plant(cast.admin, word) for word in words]
        together = WeeklyReport.objects.create(
            workspace=cast.brass, week="2025-W01", content=report_of(words[0], neighbour), content_hash="x", definitions_version=1,
            composed_at=clock.now(),
        )  # fmt: skip
        # Rows of before that name it: a request that was taken back.
        actions.cancel(actions.request_deletion(accounts[0], by=cast.admin), by=cast.admin)
    ids = [str(account.pk) for account in accounts]
    assert len(hits(dump(tmp_path / "before"), *words, *ids)) > 20 * SUBJECTS, "the canaries are everywhere"
    before = {word: rows_with(word) for word in (elsewhere,)}

    requests = [ask_for(cast, account) for account in accounts]
    make_due()
    work_off("erase", "deletion_mail")

    for request in requests:
        assert the_run(request).state == "done", the_run(request).sentence
    for path in Path(os.environ["MAIL_FOLDER"]).glob("*") if os.environ.get("MAIL_FOLDER") else ():
        path.unlink()
    assert hits(dump(tmp_path / "after"), *words, *ids) == []
    assert {word: rows_with(word) for word in (elsewhere,)} == before
    with scope.inside(cast.brass.pk):
        left = WeeklyReport.objects.get(pk=together.pk)
        assert left.content["accounts"] == [f"@{neighbour}"]
        assert (left.accounts_erased_count, left.erased_at) == (1, None)
        alone = WeeklyReport.objects.exclude(erased_at=None)
        assert alone.count() == SUBJECTS
        assert {str(r.content) for r in alone} == {"{}"}
        assert {f.left_count for f in RunFinding.objects.all()} == {0}
        assert key_refs("deletion_run:") == []


def test_the_neighbours_of_the_same_workspace_are_unchanged_to_the_byte(committed: Cast) -> None:
    cast = committed
    with scope.inside(cast.brass.pk):
        neighbour, word = canary(), canary()
        plant(cast.admin, neighbour)
        account = plant(cast.admin, word)
    before = rows_with(neighbour)
    assert len(before) > 10
    ask_for(cast, account)
    make_due()
    work_off("erase")
    assert rows_with(neighbour) == before
    assert rows_with(word) == []


def test_the_audit_log_stays_whole_and_leads_to_nobody(committed: Cast) -> None:
    cast = committed
    with scope.inside(cast.brass.pk):
        account = plant(cast.admin, canary())
        names = audit.names_of(str(account.pk))
        assert AuditRow.objects.filter(subject_id=names[1]).count() == 2
        assert not AuditRow.objects.filter(subject_id=names[0]).exists(), "never by the id itself"
    ask_for(cast, account)
    make_due()
    work_off("erase")
    audit_chain.seal_all()
    anchored = [json.loads(line) for line in anchors().lines()]
    with audit_export.snapshot(os.environ["DATABASE_BACKUP_URL"]) as connection:
        report = verify(audit_export.rows(connection), audit_export.seals(connection), anchored, key=audit.root_key(), now=clock.now())
    assert report.is_whole, report
    with scope.inside(cast.brass.pk):
        assert audit.names_of(str(account.pk)) == (str(account.pk),), "the salt is gone"
        assert AuditRow.objects.filter(subject_id=names[1]).count() == 2, "the rows stay"


def test_something_left_fails_the_run_names_the_place_and_signs_nothing(committed: Cast) -> None:
    """A note that somebody wrote by hand into a place that no app hands over."""
    cast, word = committed, canary()
    with scope.inside(cast.brass.pk):
        account = plant(cast.admin, word)
        cast.brass.name = f"Brass of @{word}"
        cast.brass.save()
    request = ask_for(cast, account)
    make_due()
    mail.outbox.clear()
    work_off("erase")
    failed = the_run(request)
    assert (failed.state, failed.sentence) == ("failed", "Something is left in agency_workspace.")
    with scope.inside(cast.brass.pk):
        assert not Certificate.objects.exists()
        assert DeletionRequest.objects.get().state == "running"
        assert {(f.place, f.left_count) for f in RunFinding.objects.exclude(left_count=0)} == {("agency_workspace", 1)}
    (letter,) = mail.outbox
    assert "needs you" in letter.subject
    assert "agency_workspace" in letter.body
    assert ledger.ledger().entries() == []
    with scope.inside(cast.brass.pk):
        cast.brass.name = "Brass Studio"
        cast.brass.save()
        assert actions.try_again(failed, by=cast.admin)
    work_off("erase")
    assert the_run(request).state == "done"


def test_the_certificate_verifies_with_openssl_alone(committed: Cast, tmp_path: Path) -> None:
    cast, word = committed, canary()
    with scope.inside(cast.brass.pk):
        account = plant(cast.admin, word)
    request = ask_for(cast, account)
    make_due()
    work_off("erase")
    client = Client()
    files = {}
    for kind in ("json", "sig"):
        answer = client.get(f"/data-deletion/{request.reference}/certificate.{kind}")
        assert answer.status_code == 200
        files[kind] = tmp_path / f"certificate.{kind}"
        files[kind].write_bytes(answer.content)
    key = tmp_path / "key.pem"
    key.write_bytes(client.get("/.well-known/deletion-certificate-key.pem").content)
    command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", key, "-in", files["json"], "-sigfile", files["sig"]]
    assert "Verified Successfully" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
    content = json.loads(files["json"].read_text())
    assert content["reference"] == request.reference
    assert {p["left"] for p in content["places"]} == {0}
    assert sum(p["erased"] for p in content["places"]) > 12
    assert word not in files["json"].read_text()
    assert str(cast.brass.pk) not in files["json"].read_text(), "nor whose client it was"
    files["json"].write_text(files["json"].read_text().replace('"left": 0', '"left": 1', 1))
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


def test_who_comes_back_after_asking_keeps_everything(committed: Cast) -> None:
    cast = committed
    with scope.inside(cast.brass.pk):
        account = plant(cast.admin, canary())
        request = actions.request_deletion(account, by=cast.admin)
        Connection.objects.filter(pk=account.pk).update(state="live", generation=account.generation + 1, delete_data_on=None)
    make_due()
    work_off("erase")
    with scope.inside(cast.brass.pk):
        assert Connection.objects.filter(pk=account.pk).exists()
        assert DeletionRequest.objects.get(pk=request.pk).state == "cancelled"
    assert the_run(request).state == "dropped"


def test_an_ad_account_that_was_unlinked_goes_alone(committed: Cast) -> None:
    from privacy import planning

    cast = committed
    with scope.inside(cast.brass.pk):
        account = plant(cast.admin, canary(), state=Connection.State.LIVE)
        Connection.objects.filter(pk=account.pk).update(delete_data_on=None)
        ad_account = AdAccount.objects.get(connection=account)
        AdAccount.objects.filter(pk=ad_account.pk).update(delete_data_on=clock.today() + timedelta(days=7))
    assert planning.plan_all() >= 1
    make_due()
    work_off("erase")
    with scope.inside(cast.brass.pk):
        assert not AdAccount.objects.filter(pk=ad_account.pk).exists()
        assert Connection.objects.filter(pk=account.pk, erasure_began_at=None).exists()
        assert DeletionRun.objects.get(of="ad_account").state == "done"


def test_a_run_does_not_begin_before_its_night(committed: Cast) -> None:
    cast = committed
    with scope.inside(cast.brass.pk):
        account = plant(cast.admin, canary())
        actions.request_deletion(account, by=cast.admin)
        (planned,) = DeletionRun.objects.all()
    with pytest.raises(run.NotYet):
        run.carry_out(planned.pk, workspace_id=cast.brass.pk, renew=lambda: None)
    assert jobs.claim_due("erase") == []
    with scope.inside(cast.brass.pk):
        assert Connection.objects.filter(pk=account.pk).exists()
    assert address_book.find("deletion", planned.reference) != []


def test_a_creator_whose_only_account_goes_has_no_name_in_reports_on_posts_of_others(committed: Cast) -> None:
    """Their own line goes with the account; credited posts of another account stay, counted, and nobody is named."""
    cast, name = committed, committed.creator.person.name
    line = {"posts_count": 1, "views": 5, "engagement_rate": None, "caption": "x"}
    with scope.inside(cast.brass.pk):
        word, other, neighbour = canary(), canary(), canary()
        plant(cast.admin, neighbour)
        first, second = plant(cast.creator, word), plant(cast.creator, other)
        Connection.objects.filter(pk=second.pk).update(delete_data_on=None)  # the second stays for now
        content = report_of(word, neighbour) | {
            "creators": [
                line | {"creator": name, "account": f"@{word}", "how": "published"},
                line | {"creator": name, "account": f"@{neighbour}", "how": "credited"},
                line | {"creator": "Somebody Else", "account": f"@{neighbour}", "how": "credited"},
            ]
        }
        report = WeeklyReport.objects.create(
            workspace=cast.brass, week="2025-W01", content=content, content_hash="x", definitions_version=1, composed_at=clock.now()
        )

    def erased(account: Connection) -> list[tuple[str, str]]:
        ask_for(cast, account)
        make_due()
        work_off("erase")
        with scope.inside(cast.brass.pk):
            report.refresh_from_db()
        return [(c["creator"], c["how"]) for c in report.content["creators"]]

    assert erased(first) == [(name, "credited"), ("Somebody Else", "credited")]
    assert erased(second) == [("a creator", "credited"), ("Somebody Else", "credited")]
    assert report.accounts_erased_count == 1, "the second account had no part of its own in it"
