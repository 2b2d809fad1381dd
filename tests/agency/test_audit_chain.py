"""Sealing the audit log: what the sealer takes, in which order, and what it leaves to be seen."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction

from agency import anchors, audit, audit_chain, scope
from agency.models import AuditRow, AuditSeal, AuditTail
from agency.tasks import seal_audit_due
from tests.people import Cast

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Anchors of this test alone."""
    monkeypatch.setattr(settings, "AUDIT_ANCHORS", str(tmp_path / "anchors"))
    anchors.anchors.cache_clear()
    yield tmp_path / "anchors"
    anchors.anchors.cache_clear()


def anchored(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for path in sorted(folder.glob("*")) for line in path.read_text().splitlines() if line]


def write(cast: Cast, count: int = 1) -> list[int]:
    with scope.inside(cast.brass.pk):
        for _ in range(count):
            audit.record("brand.renamed", cast.brass, by=cast.admin)
        return list(AuditRow.objects.order_by("-id").values_list("id", flat=True)[:count])[::-1]


def test_every_row_that_is_written_waits_in_the_tail_and_is_sealed_once(cast: Cast) -> None:
    ours = write(cast, 3)
    waiting = list(AuditTail.objects.order_by("row_id").values_list("row_id", flat=True))
    assert waiting[-3:] == ours
    assert audit_chain.standing().waiting_count == len(waiting)
    assert seal_audit_due() == len(waiting)
    assert not AuditTail.objects.exists()
    assert list(AuditSeal.objects.order_by("position").values_list("position", "row_id")) == list(enumerate(waiting, start=1))
    assert seal_audit_due() == 0
    (more,) = write(cast)
    assert seal_audit_due() == 1
    assert AuditSeal.objects.get(row_id=more).position == len(waiting) + 1


def test_rows_of_all_workspaces_stand_in_one_chain(cast: Cast) -> None:
    audit_chain.seal_all()
    assert set(AuditSeal.objects.values_list("workspace_id", flat=True)) == {cast.brass.pk, cast.moon.pk}


def test_a_row_that_was_rolled_back_leaves_no_trace_in_the_tail(cast: Cast) -> None:
    before = AuditTail.objects.count()
    with pytest.raises(ZeroDivisionError), scope.inside(cast.brass.pk):
        audit.record("brand.renamed", cast.brass, by=None)
        raise ZeroDivisionError
    assert AuditTail.objects.count() == before


def test_each_step_covers_the_one_before(cast: Cast) -> None:
    write(cast, 2)
    audit_chain.seal_all()
    before = audit_chain.START
    for seal in AuditSeal.objects.order_by("position"):
        with scope.inside(seal.workspace_id):
            row = AuditRow.objects.get(pk=seal.row_id)
        assert bytes(row.mac) == audit.mac_of(row)
        expected = audit_chain.step(audit.keys().chain, before, seal.position, row.pk, row.workspace_id, bytes(row.mac))
        assert bytes(seal.mac) == expected
        before = expected


def test_a_long_tail_is_sealed_in_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_chain, "BATCH", 2)
    write(cast, 5)
    waiting = AuditTail.objects.count()
    assert audit_chain.seal_all() == waiting
    assert AuditSeal.objects.count() == waiting


def test_the_head_is_written_down_outside_the_database(cast: Cast, folder: Path) -> None:
    audit_chain.seal_all()
    head = AuditSeal.objects.order_by("-position").first()
    (line,) = anchored(folder)
    assert (line["position"], line["mac"]) == (head.position, bytes(head.mac).hex())
    audit_chain.seal_all()
    assert len(anchored(folder)) == 1
    write(cast)
    audit_chain.seal_all()
    assert [a["position"] for a in anchored(folder)] == [head.position, head.position + 1]
    assert {oct(p.stat().st_mode & 0o777) for p in folder.iterdir()} == {"0o600"}


def test_a_head_that_committed_but_was_not_written_down_is_written_the_next_time(cast: Cast, folder: Path) -> None:
    """The process died in between."""
    audit_chain._seal_batch()
    assert anchored(folder) == []
    assert audit_chain.seal_all() == 0
    assert len(anchored(folder)) == 1


def test_a_chain_that_was_cut_is_said_aloud(cast: Cast, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    audit_chain.seal_all()
    head = AuditSeal.objects.order_by("-position").first()
    ahead = anchors.Anchor(head.position + 7, "ab" * 32, datetime.now(UTC))
    anchors.anchors().add(ahead)
    with caplog.at_level(logging.ERROR):
        audit_chain.anchor_head()
    assert "not the one that was anchored" in caplog.text


def test_a_row_that_vanished_before_it_was_sealed_leaves_its_gap(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    audit_chain.seal_all()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO agency_audittail (row_id, workspace_id, announced_at) VALUES (999999999, %s, now())", [str(cast.brass.pk)]
        )
    with caplog.at_level(logging.ERROR):
        assert audit_chain.seal_all() == 1
    assert "audit rows are gone" in caplog.text
    assert AuditSeal.objects.filter(row_id=999999999).exists()


def test_the_tail_tells_how_old_it_is(cast: Cast) -> None:
    with time_machine.travel(datetime(2026, 5, 18, 9, tzinfo=UTC), tick=False) as now:
        audit_chain.seal_all()
        assert audit_chain.standing().oldest_waiting is None
        write(cast, 2)
        now.shift(timedelta(seconds=40))
        standing = audit_chain.standing()
    assert (standing.waiting_count, standing.oldest_waiting) == (2, timedelta(seconds=40))


def test_keys_print_as_dots_and_are_two(cast: Cast) -> None:
    held = audit.keys()
    assert held.row != held.chain
    assert held.row.hex() not in repr(held)
    assert repr(held) == "Keys(••••••••)"


@pytest.mark.parametrize(
    "verb", ["UPDATE agency_auditseal SET row_id = 1", "DELETE FROM agency_auditseal", "UPDATE agency_audittail SET row_id = 1"]
)
def test_the_application_changes_no_step_and_no_announcement(cast: Cast, verb: str) -> None:
    with pytest.raises(Exception, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb)


def test_half_a_line_after_a_power_cut_is_not_taken_for_an_anchor(folder: Path) -> None:
    kept = anchors.FolderAnchors(str(folder))
    assert kept.last() is None
    first = anchors.Anchor(1, "aa" * 32, datetime(2026, 4, 30, 23, 59, tzinfo=UTC))
    second = anchors.Anchor(2, "bb" * 32, datetime(2026, 5, 1, 0, 1, tzinfo=UTC))
    kept.add(first)
    kept.add(second)
    assert kept.last() == second
    with (folder / "audit-2026-05.jsonl").open("a") as file:
        file.write('{"position": 3, "mac": "cc')
    assert kept.last() == second
    assert [json.loads(line)["position"] for line in kept.lines()] == [1, 2]


def test_half_a_line_does_not_spoil_the_next_anchor(folder: Path) -> None:
    kept = anchors.FolderAnchors(str(folder))
    kept.add(anchors.Anchor(1, "aa" * 32, datetime(2026, 5, 1, tzinfo=UTC)))
    with (folder / "audit-2026-05.jsonl").open("a") as file:
        file.write('{"position": 2, "mac": "cc')
    kept.add(anchors.Anchor(3, "dd" * 32, datetime(2026, 5, 2, tzinfo=UTC)))
    assert kept.last() == anchors.Anchor(3, "dd" * 32, datetime(2026, 5, 2, tzinfo=UTC))
    assert [json.loads(line)["position"] for line in kept.lines()] == [1, 3]
