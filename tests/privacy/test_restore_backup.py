"""Backups: whole, unreadable without their key and after 35 days; and what was erased does not come back with one."""

import os
import threading
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import time_machine
from django.db import connections
from django.test import Client

from agency import clock, jobs, restored, scope
from agency.keyring import data_key, key_refs, keyring
from agency.models import Restoration
from agency.sealing import CannotOpen, KeyDestroyed
from integrations.models import Connection, connection_key_ref
from metrics.models import Post
from privacy import backups, person_requests, replay
from tests.people import Cast
from tests.privacy.canaries import canary, dump, hits, plant, rows_with
from tests.privacy.test_erase_account import ask_for, make_due
from tests.privacy.test_erase_person import named
from tests.work import work_off

OWNER, BACKUP = os.environ["DATABASE_OWNER_URL"], os.environ["DATABASE_BACKUP_URL"]
BACKUPS = 5 if os.environ.get("CHAOS") == "long" else 1


def put_back(path: Path) -> None:
    """As in a new process, with nobody connected."""
    connections.close_all()
    backups.restore(path, owner_url=OWNER)
    restored.forget()
    keyring.cache_clear()


def served() -> int:
    return Client().get("/healthz").status_code


def test_what_was_erased_does_not_come_back_with_a_backup(committed: Cast, tmp_path: Path) -> None:
    cast, word, neighbour, lived, who = committed, canary(), canary(), canary(), canary()
    person = named(cast.viewer, who)
    with scope.inside(cast.brass.pk):
        account = plant(cast.admin, word)
        plant(cast.admin, neighbour)
        still_live = plant(cast.admin, lived, state=Connection.State.LIVE)
        data_key(connection_key_ref(account.pk, 1), create=True)
    before = rows_with(neighbour)
    path, *older = [backups.take(tmp_path / f"backups-{n}", url=BACKUP) for n in range(BACKUPS)]
    assert hits(path.parent, word, neighbour, who) == [], "encrypted on its way out"
    ask_for(cast, account)
    person_requests.ask(person, at=cast.brass.pk)
    make_due()
    work_off("erase", "deletion_mail")
    assert rows_with(word) + rows_with(who) == []
    keyring().destroy(connection_key_ref(still_live.pk, 1))  # disconnected after the backup

    put_back(path)
    assert len(rows_with(word)) > 10 and rows_with(who), "there they are again"
    with pytest.raises(KeyDestroyed):
        data_key(connection_key_ref(account.pk, 1))
    assert served() == 503
    assert Client().get("/data-deletion").status_code == 503
    jobs.put("erase", account.pk, workspace_id=cast.brass.pk, at=clock.now())
    assert jobs.claim_due("erase") == [], "nobody works either"
    jobs.drop("erase", ref=account.pk)

    assert replay.replay() == []
    restored.forget()
    assert served() == 200
    assert rows_with(word) == []
    for caught in Path(os.environ.get("MAIL_FOLDER") or tmp_path / "none").glob("*.eml"):
        caught.unlink()
    assert hits(dump(tmp_path / "after"), word, who) == []
    assert rows_with(neighbour) == before
    with scope.inside(cast.brass.pk):
        again = Connection.objects.get(pk=still_live.pk)
        assert again.state == "disconnected", "what had been disconnected is again"
        assert again.delete_data_on <= clock.today() + timedelta(days=90)
    assert replay.replay() == [], "twice changes nothing"
    for n, another in enumerate(older):  # in the long form, each of the last five
        put_back(another)
        assert served() == 503
        assert replay.replay() == []
        restored.forget()
        assert served() == 200
        assert hits(dump(tmp_path / f"after-{n}"), word, who) == []


def test_a_backup_that_was_altered_or_cut_changes_nothing(committed: Cast, tmp_path: Path) -> None:
    with scope.inside(committed.brass.pk):
        plant(committed.admin, canary())
        posts = Post.objects.count()
    path = backups.take(tmp_path, url=BACKUP)
    whole = path.read_bytes()
    for spoiled, error in (
        (whole[:-200], CannotOpen),
        (whole[: len(whole) // 2], CannotOpen),
        (whole[:2000] + bytes([whole[2000] ^ 1]) + whole[2001:], CannotOpen),
        (b"something else" * 100, backups.BackupFailed),
    ):
        path.write_bytes(spoiled)
        connections.close_all()
        with pytest.raises((error, backups.BackupFailed)) as refused:
            backups.restore(path, owner_url=OWNER)
        assert "connected" not in str(refused.value)
        assert not Restoration.objects.exists()
        with scope.inside(committed.brass.pk):
            assert Post.objects.count() == posts


def test_it_is_refused_while_the_platform_is_connected(committed: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "_LEAVING_SECONDS", 0.1)
    path = backups.take(tmp_path, url=BACKUP)
    with scope.inside(committed.brass.pk), pytest.raises(backups.BackupFailed, match="Stop web"):
        backups.restore(path, owner_url=OWNER)


def test_what_is_just_leaving_is_waited_for(committed: Cast, tmp_path: Path) -> None:
    """PostgreSQL counts a process that has stopped until its own server process has ended."""
    path = backups.take(tmp_path, url=BACKUP)
    connections.close_all()
    leaving = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    leaves = threading.Thread(target=lambda: (leaving.execute("SELECT pg_sleep(0.5)"), leaving.close()))
    leaves.start()
    backups.restore(path, owner_url=OWNER)
    leaves.join()
    restored.forget()
    assert served() == 503
    assert replay.replay() == []


def test_a_role_that_sees_nothing_takes_no_backup(committed: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing from the dump is missed: such a dump succeeds, and is empty."""
    real = backups._dump

    def empty(url: str, snapshot: str, dumped: dict[str, int]):
        yield from real(url, snapshot, dumped)
        dumped["agency_workspace"] = 0

    monkeypatch.setattr(backups, "_dump", empty)
    with pytest.raises(backups.BackupFailed, match="rows are missing from the dump of agency_workspace"):
        backups.take(tmp_path, url=BACKUP)
    assert list(tmp_path.glob("backup-*")) == []
    assert key_refs("backup:") == []


def test_after_35_days_nobody_can_read_it(committed: Cast, tmp_path: Path) -> None:
    path = backups.take(tmp_path / "here", url=BACKUP)
    kept = tmp_path / path.name
    kept.write_bytes(path.read_bytes())  # a copy that somebody kept
    with time_machine.travel(clock.now() + timedelta(days=33)):
        assert backups.rotate(path.parent) == 0
    with time_machine.travel(clock.now() + timedelta(days=34, minutes=1)):
        assert backups.rotate(path.parent) == 1
        assert backups.rotate(path.parent) == 0
    assert not path.exists()
    assert key_refs("backup:") == []
    connections.close_all()
    with pytest.raises(KeyDestroyed):
        backups.restore(kept, owner_url=OWNER)
