"""Copies of what is held about an account, for whoever may see it: every row as JSON and as CSV, with a schema and a page to read.

An archive is written as it is made, in pieces that are sealed before they reach the database. It lives a day; then its key is destroyed.
Rows are read in the workspace's own scope, so that no archive can hold another workspace's.
"""

import json
import zipfile
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string

from agency import audit, clock, jobs, scope
from agency.keyring import data_key, keyring
from agency.models import AddressBook, AuditRow, AuditSubject, DueWork, Membership
from agency.sealing import seal, unseal
from integrations.models import Connection
from privacy import copies, holdings, zipped
from privacy.models import ArchivePart, DataArchive
from privacy.register import REGISTER
from reports.erasure import parts_of
from reports.models import WeeklyReport

# Ours, and nothing about the account: what is due, where a hash leads, the salt, and copies like this one.
NOT_DATA = (DueWork, AddressBook, AuditSubject, DataArchive, ArchivePart)
State = DataArchive.State


def ask(connection: Connection, *, by: Membership) -> DataArchive:
    """Have one made. One that is being made, or is ready, for the same person is not made again."""
    with transaction.atomic():
        Connection.objects.select_for_update().get(pk=connection.pk)
        living = DataArchive.objects.filter(account_id=connection.pk, asked_by_id=by.person_id).exclude(state=State.EXPIRED)
        known = living.order_by("-created_at").first()
        if known is not None:
            return known
        archive = DataArchive.objects.create(
            workspace_id=connection.workspace_id,
            account_id=connection.pk,
            account_name=connection.shown_name[:200],
            asked_by_id=by.person_id,
            created_at=clock.now(),
        )
        audit.record("archive.asked", archive, by=by)
        jobs.put("archive", archive.pk, workspace_id=archive.workspace_id, at=clock.now(), priority=jobs.Priority.INTERACTIVE)
    return archive


def make(archive_id: UUID, *, workspace_id: UUID) -> DataArchive | None:
    """Put it together. Begun again after a death, it begins from the start. Outside transactions, in the bound workspace."""
    with scope.inside(workspace_id):
        archive = DataArchive.objects.filter(pk=archive_id, state=State.WAITING).first()
        connection = Connection.objects.filter(pk=archive.account_id).first() if archive else None
        ArchivePart.objects.filter(archive_id=archive_id).delete()
    if archive is None or connection is None:
        return None
    key = data_key(archive.key_ref, create=True)
    sink = zipped.Pieces(lambda number, piece: _keep(archive, number, seal(key, piece, copies.binding(archive, number))))
    counts: dict[str, int] = {}
    with scope.inside(workspace_id):
        tables = list(_tables(connection))
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as file:
        for name, rows in tables:
            with scope.inside(workspace_id):
                counts[name] = zipped.write_table(file, name, zipped.columns(rows.model), rows)
        with scope.inside(workspace_id):
            counts["weekly_reports"] = _write_reports(file, connection)
            file.writestr("schema.json", json.dumps(_schema(connection), indent=1))
            file.writestr("index.html", _index(archive, connection, counts))
    sink.close()
    with scope.inside(workspace_id):
        ready = copies.when_ready(archive, rows_count=sum(counts.values()), bytes_count=sink.size)
        DataArchive.objects.filter(pk=archive.pk).update(**ready)
        archive.refresh_from_db()
    return archive


def read(archive: DataArchive) -> Iterator[bytes]:
    """The file, piece by piece. Raises KeyDestroyed once it has expired."""
    key = data_key(archive.key_ref)
    count = 0
    with scope.inside(archive.workspace_id):
        count = ArchivePart.objects.filter(archive=archive).count()
    for number in range(count):
        with scope.inside(archive.workspace_id):
            part = ArchivePart.objects.get(archive=archive, number=number)
        yield unseal(key, bytes(part.sealed), copies.binding(archive, number))


def expire(archive: DataArchive) -> None:
    """Its day is over: the key first, then the rows. Outside a transaction."""
    keyring().destroy(archive.key_ref)
    with scope.inside(archive.workspace_id):
        ArchivePart.objects.filter(archive=archive).delete()
        DataArchive.objects.filter(pk=archive.pk).update(state=State.EXPIRED, account_name="")


def _keep(archive: DataArchive, number: int, sealed: bytes) -> None:
    with scope.inside(archive.workspace_id):
        ArchivePart.objects.create(workspace_id=archive.workspace_id, archive=archive, number=number, sealed=sealed)


def _tables(connection: Connection) -> Iterator[tuple[str, QuerySet]]:
    """By name, the rows that are handed over, and who looked at them."""
    found: dict[type[models.Model], QuerySet] = {}
    for rows in reversed(list(holdings.rows_of(connection))):
        if rows.model in found:  # handed over in two parts: one file all the same
            either = models.Q(pk__in=found[rows.model].values("pk")) | models.Q(pk__in=rows.values("pk"))
            found[rows.model] = rows.model.objects.filter(either)
        elif rows.model not in NOT_DATA:
            found[rows.model] = rows
    for model, rows in found.items():
        yield model._meta.db_table, rows
    yield "audit_rows", AuditRow.objects.filter(workspace_id=connection.workspace_id, subject_id__in=audit.names_of(str(connection.pk)))


def _write_reports(file: zipfile.ZipFile, connection: Connection) -> int:
    """Its part of the weekly reports that were sent."""
    found = []
    for report in WeeklyReport.objects.filter(workspace_id=connection.workspace_id, erased_at=None).order_by("week"):
        if parts := parts_of(report.content, connection):
            found.append({"week": report.week, "sent_as": parts})
    file.writestr("json/weekly_reports.json", json.dumps(found, indent=1, ensure_ascii=False))
    return len(found)


def _schema(connection: Connection) -> dict[str, Any]:
    """What the files and their columns mean."""
    tables = {}
    for name, rows in _tables(connection):
        entry = REGISTER.get(rows.model._meta.label)
        tables[name] = {
            "files": [f"json/{name}.json", f"csv/{name}.csv"],
            "purpose": entry.purpose if entry else "",
            "kept": entry.kept if entry else "",
            "columns": {f.attname: {"type": f.get_internal_type(), "means": str(f.help_text)} for f in zipped.columns(rows.model)},
        }
    return {"form": "account-archive/1", "times": "UTC, ISO 8601", "tables": tables}


def _index(archive: DataArchive, connection: Connection, counts: dict[str, int]) -> str:
    rows = [{"name": name, "count": count, "has_csv": name != "weekly_reports"} for name, count in counts.items()]
    return render_to_string("privacy/archive_index.html", {"name": connection.shown_name, "made_at": clock.now(), "rows": rows})
