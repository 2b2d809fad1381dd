"""Tampering with the audit log is found: 10,000 rows, changed with every right there is on a real PostgreSQL.

The rows are written and sealed once, as the application writes them. Each act of tampering happens inside a transaction of the
superuser or the owner, is looked at from inside, and is rolled back.
"""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from agency import actions, anchors, audit, audit_chain, audit_export, clock, scope
from agency.audit_verifier import TAIL, Report, summary, verify
from agency.keyring import keyring
from agency.local.home import PROJECT
from agency.models import AuditRow, Workspace
from tests.integrations.conftest import empty_databases

ROWS = 10_000
ACTOR = uuid4()


@pytest.fixture(scope="module")
def log(django_db_setup: None, django_db_blocker: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[int]]:
    """The ids of ten thousand committed and sealed rows in two workspaces; the last five wait in the tail."""
    patch = pytest.MonkeyPatch()
    patch.setattr(settings, "AUDIT_ANCHORS", str(tmp_path_factory.mktemp("anchors")))
    with django_db_blocker.unblock():
        empty_databases()
        _forget_keys()
        try:
            spaces = [
                actions.create_workspace(slug=slug, name=slug, accent="teal", time_zone="UTC", posts_per_week=1) for slug in ("one", "two")
            ]
            for part in range(4):
                _write(spaces[part % 2], ROWS // 4)
                audit_chain.seal_all()
            _write(spaces[0], 5)
            with psycopg.connect(os.environ["DATABASE_ADMIN_URL"]) as admin:
                numbers = [number for (number,) in admin.execute("SELECT id FROM agency_auditrow ORDER BY id").fetchall()]
            yield numbers
        finally:
            connections.close_all()
            empty_databases()
            _forget_keys()
            patch.undo()


def _forget_keys() -> None:
    for held in (keyring, audit.keys, anchors.anchors):
        held.cache_clear()


def _write(workspace: Workspace, count: int) -> None:
    with scope.inside(workspace.pk):
        rows = []
        for n in range(count):
            row = AuditRow(
                workspace_id=workspace.pk, ref=uuid4(), at=clock.now(), verb=audit.READ, subject_kind="workspace",
                subject_id=str(workspace.pk), person_id=ACTOR, role="media_buyer", purpose="Spend in Q2",
                facts={"kind": "performance", "count": n},
            )  # fmt: skip
            row.mac = audit.mac_of(row)
            rows.append(row)
        AuditRow.objects.bulk_create(rows)


@contextmanager
def tampering(role: str = "superuser") -> Iterator[psycopg.Connection]:
    """Somebody with every right, who knows their way around."""
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL" if role == "superuser" else "DATABASE_OWNER_URL"]) as connection:
        if role == "superuser":
            connection.execute("SET LOCAL session_replication_role = replica")
        else:  # the owner cannot switch triggers off for a session, but for the table
            for table in ("agency_auditrow", "agency_auditseal"):
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                connection.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        yield connection
        connection.rollback()


def written_at(connection: psycopg.Connection) -> datetime:
    """When the last row was written, however long ago a slow machine did that."""
    return connection.execute("SELECT max(at) FROM agency_auditrow").fetchone()[0] or clock.now()


def looked_at(connection: psycopg.Connection, now: datetime | None = None, *, lines: list[str] | None = None) -> Report:
    anchored = [json.loads(line) for line in (anchors.anchors().lines() if lines is None else lines)]
    return verify(
        audit_export.rows(connection), audit_export.seals(connection), anchored, key=audit.root_key(), now=now or written_at(connection)
    )


def test_an_untouched_log_adds_up(log: list[int]) -> None:
    with tampering() as connection:
        report = looked_at(connection)
    assert report.findings == []
    assert (report.row_count, report.seal_count, report.waiting_count) == (ROWS + 7, ROWS + 2, 5)
    assert report.anchor_count >= 4
    assert summary(report).endswith("everything adds up.")


# What is done, to which row or step (counted from the front), and a word of what the verifier says about it.
TAMPERING: dict[str, tuple[str, str]] = {
    "a fact is edited": (
        "UPDATE agency_auditrow SET facts = '{\"kind\": \"reports\"}' WHERE id = %(row)s", "does not say what was written"),
    "a purpose is edited": ("UPDATE agency_auditrow SET purpose = 'Spend in Q3' WHERE id = %(row)s", "does not say what was written"),
    "a time is moved by a microsecond": (
        "UPDATE agency_auditrow SET at = at + interval '1 microsecond' WHERE id = %(row)s", "does not say what was written"),
    "an actor is taken out": ("UPDATE agency_auditrow SET person_id = NULL WHERE id = %(row)s", "does not say what was written"),
    "a role is emptied": ("UPDATE agency_auditrow SET role = '' WHERE id = %(row)s", "does not say what was written"),
    "a MAC is replaced": (
        "UPDATE agency_auditrow SET mac = decode(repeat('00', 32), 'hex') WHERE id = %(row)s", "does not say what was written"),
    "a row goes to another workspace": (
        "UPDATE agency_auditrow SET workspace_id = (SELECT id FROM agency_workspace WHERE id <> workspace_id LIMIT 1) WHERE id = %(row)s",
        "does not say what was written"),
    "a row is deleted": ("DELETE FROM agency_auditrow WHERE id = %(row)s", "is gone"),
    "a row and its step are deleted": (
        "DELETE FROM agency_auditseal WHERE row_id = %(row)s; DELETE FROM agency_auditrow WHERE id = %(row)s", "after step"),
    "a row and its step are deleted and the steps behind it close the gap": (
        """DELETE FROM agency_auditrow WHERE id = %(row)s; DELETE FROM agency_auditseal WHERE row_id = %(row)s;
           UPDATE agency_auditseal SET position = -position WHERE row_id > %(row)s;
           UPDATE agency_auditseal SET position = -position - 1 WHERE position < 0""", "does not fit"),
    "a row is numbered anew": ("UPDATE agency_auditrow SET id = 900000000 WHERE id = %(row)s", "is gone"),
    "two rows change places": (
        """UPDATE agency_auditrow SET id = -1 WHERE id = %(row)s; UPDATE agency_auditrow SET id = %(row)s WHERE id = %(row)s + 1;
           UPDATE agency_auditrow SET id = %(row)s + 1 WHERE id = -1""", "does not fit"),
    "two steps change places": (
        """UPDATE agency_auditseal SET position = -1 WHERE row_id = %(row)s;
           UPDATE agency_auditseal SET position = position - 1 WHERE row_id = %(row)s + 1;
           UPDATE agency_auditseal SET position = (SELECT position + 1 FROM agency_auditseal WHERE row_id = %(row)s + 1)
           WHERE position = -1""",
        "does not fit"),
    "a row is made up": (
        """INSERT INTO agency_auditrow (workspace_id, ref, at, verb, subject_kind, subject_id, person_id, role, purpose, facts, mac)
           SELECT workspace_id, gen_random_uuid(), at, verb, subject_kind, subject_id, person_id, role, purpose, facts, mac
           FROM agency_auditrow WHERE id = %(row)s""", "was not written by the platform"),
    "a row is written twice": (
        """INSERT INTO agency_auditrow (workspace_id, ref, at, verb, subject_kind, subject_id, person_id, role, purpose, facts, mac)
           SELECT workspace_id, ref, at, verb, subject_kind, subject_id, person_id, role, purpose, facts, mac
           FROM agency_auditrow WHERE id = %(row)s""", "is a copy of row"),
    "the end is cut off, rows and steps": (
        "DELETE FROM agency_auditseal WHERE row_id >= %(row)s; DELETE FROM agency_auditrow WHERE id >= %(row)s", "was anchored"),
    "everything is deleted": ("TRUNCATE agency_auditseal; DELETE FROM agency_auditrow", "the chain ends at step 0"),
    "the steps alone are deleted": ("TRUNCATE agency_auditseal", "the chain ends at step 0"),
}  # fmt: skip


@pytest.mark.parametrize("place", [0.0, 0.37, 0.99], ids=["early", "midway", "late"])
@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_by_a_superuser_is_found(log: list[int], what: str, place: float) -> None:
    statement, word = TAMPERING[what]
    row = log[2 + int(place * (ROWS - 2))]
    with tampering() as connection:
        for part in statement.split(";"):
            connection.execute(part, {"row": row} if "%(row)s" in part else None)
        report = looked_at(connection)
    assert any(word in finding for finding in report.findings), (what, report.findings[:5])


@pytest.mark.parametrize("what", ["a fact is edited", "a row is deleted", "a row is made up", "two rows change places"])
def test_tampering_by_the_owner_is_found(log: list[int], what: str) -> None:
    statement, word = TAMPERING[what]
    with tampering("owner") as connection:
        for part in statement.split(";"):
            connection.execute(part, {"row": log[5000]})
        report = looked_at(connection)
    assert any(word in finding for finding in report.findings), (what, report.findings[:5])


def test_a_made_up_row_that_went_through_the_sealer_is_found_all_the_same(log: list[int]) -> None:
    """The trigger announces what a superuser inserts too, and the sealer takes it; its MAC gives it away."""
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"]) as connection:
        connection.execute(TAMPERING["a row is made up"][0], {"row": log[10]})
        assert connection.execute("SELECT count(*) FROM agency_audittail").fetchone() == (6,)
        (number,) = connection.execute("SELECT max(id) FROM agency_auditrow").fetchone()
        report = looked_at(connection)
        connection.rollback()
    assert report.findings == [f"row {number} does not say what was written, or was not written by the platform"]


def test_one_edit_is_one_finding(log: list[int]) -> None:
    """So that who reads the report knows where to look."""
    with tampering() as connection:
        connection.execute("UPDATE agency_auditrow SET purpose = '' WHERE id = %s", [log[77]])
        report = looked_at(connection)
    assert len(report.findings) == 1
    assert str(log[77]) in report.findings[0]


def test_a_row_that_is_never_sealed_is_found_once_it_is_too_old(log: list[int]) -> None:
    with tampering() as connection:
        connection.execute("DELETE FROM agency_audittail WHERE row_id = %s", [log[-1]])
        written = written_at(connection)
        assert looked_at(connection, written + TAIL - timedelta(minutes=1)).is_whole
        late = looked_at(connection, written + TAIL + timedelta(minutes=1))
    assert any(str(log[-1]) in finding and "no step" in finding for finding in late.findings)


def test_without_the_key_no_row_adds_up(log: list[int]) -> None:
    with tampering() as connection:
        report = verify(audit_export.rows(connection), audit_export.seals(connection), [], key=bytes(32), now=clock.now())
    assert len(report.findings) > ROWS


def test_a_chain_without_any_anchor_is_not_called_whole(log: list[int]) -> None:
    with tampering() as connection:
        assert looked_at(connection, lines=[]).findings == ["there is no anchor: whether the chain was cut cannot be known"]


@pytest.fixture
def as_committed(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Commands read what is committed; nothing in these tests writes beyond a row about an export."""
    with django_db_blocker.unblock():
        audit_chain.seal_all()
        yield
        connections.close_all()


def test_the_command_says_that_everything_adds_up(log: list[int], as_committed: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_audit")
    assert "everything adds up" in capsys.readouterr().out


def test_the_command_ends_with_a_failure_when_something_does_not_add_up(
    log: list[int], as_committed: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """The anchors were kept; the database was restored from a day before them."""
    anchors.anchors().add(anchors.Anchor(ROWS + 500, "ab" * 32, datetime.now(UTC)))
    try:
        with pytest.raises(SystemExit) as ended:
            call_command("verify_audit")
        assert ended.value.code == 1
        assert f"step {ROWS + 500} was anchored" in capsys.readouterr().out
    finally:
        for path in Path(settings.AUDIT_ANCHORS).iterdir():
            path.write_text("".join(f"{line}\n" for line in path.read_text().splitlines() if str(ROWS + 500) not in line))


def test_without_the_role_that_sees_everything_the_command_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATABASE_BACKUP_URL", "")
    for command in (("verify_audit",), ("export_audit", "nowhere")):
        with pytest.raises(CommandError, match="DATABASE_BACKUP_URL"):
            call_command(*command)


@pytest.fixture
def exported(log: list[int], as_committed: None, tmp_path: Path) -> Path:
    call_command("export_audit", str(tmp_path / "export"), "--key-file", str(tmp_path / "key"), stdout=io.StringIO())
    return tmp_path


def run_alone(folder: Path, tmp_path: Path) -> tuple[int, str]:
    """The verifier's file by itself, where nothing of the platform and of Django can be imported."""
    alone = tmp_path / "alone"
    alone.mkdir(exist_ok=True)
    shutil.copy(PROJECT / "agency" / "audit_verifier.py", alone / "verifier.py")
    answer = subprocess.run(
        [sys.executable, "-I", "-S", str(alone / "verifier.py"), str(folder), str(tmp_path / "key")],
        cwd=alone, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return answer.returncode, answer.stdout + answer.stderr


def edit(change: Callable[[list[str]], None]) -> Callable[[Path], None]:
    def act(path: Path) -> None:
        lines = path.read_text().splitlines()
        change(lines)
        path.write_text("".join(f"{line}\n" for line in lines))

    return act


def test_the_verifier_alone_verifies_an_export(exported: Path) -> None:
    code, said = run_alone(exported / "export", exported)
    assert (code, "everything adds up" in said) == (0, True), said
    for path in [*(exported / "export").iterdir(), exported / "key"]:
        assert oct(path.stat().st_mode & 0o777) == "0o600"


@pytest.mark.parametrize(
    "name, change",
    [
        ("rows", edit(lambda lines: lines.pop(4000))),
        ("rows", edit(lambda lines: lines.__setitem__(4000, lines[4000].replace("Spend in Q2", "Spend in Q9")))),
        ("rows", edit(lambda lines: lines.append(lines[7]))),
        ("seals", edit(lambda lines: lines.pop(4000))),
        ("seals", edit(lambda lines: lines.insert(9, lines.pop(8)))),
        ("anchors", edit(list.clear)),
    ],
)
def test_the_verifier_alone_finds_what_was_done_to_an_export(exported: Path, name: str, change: Callable[[Path], None]) -> None:
    change(exported / "export" / f"{name}.jsonl")
    code, said = run_alone(exported / "export", exported)
    assert code == 1, said
    assert "findings" in said


def test_an_export_that_cannot_be_read_is_not_called_whole(exported: Path) -> None:
    (exported / "export" / "seals.jsonl").unlink()
    assert run_alone(exported / "export", exported)[0] == 2
    assert run_alone(exported / "nowhere", exported)[0] == 2


def test_an_export_leaves_a_row_in_every_workspace_it_wrote(exported: Path) -> None:
    with psycopg.connect(os.environ["DATABASE_BACKUP_URL"]) as connection:
        told = connection.execute("SELECT DISTINCT workspace_id FROM agency_auditrow WHERE verb = 'audit.exported'").fetchall()
        assert {w for (w,) in told} == {w for (w,) in connection.execute("SELECT DISTINCT workspace_id FROM agency_auditrow").fetchall()}
        assert len(told) == 2


def test_an_export_writes_over_nothing(exported: Path) -> None:
    with pytest.raises(CommandError, match="exists already"):
        call_command("export_audit", str(exported / "export"))


def test_the_verifier_shares_no_code_with_the_platform() -> None:
    source = (PROJECT / "agency" / "audit_verifier.py").read_text()
    imports = [line.split()[1] for line in source.splitlines() if line.startswith(("import ", "from "))]
    assert imports
    assert {name.split(".")[0] for name in imports} <= set(sys.stdlib_module_names)
