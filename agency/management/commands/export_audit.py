"""Writes the whole audit log, its chain and its anchors to a folder, as plain lines that agency/audit_verifier.py reads.

With --key-file the audit key goes to a file of its own, readable by its owner alone. Whoever holds key and database can write a
log that verifies; give it to auditors who have no way to the database, and to nobody else.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from agency import audit, audit_export, scope
from agency.anchors import anchors
from agency.models import Workspace


class Command(BaseCommand):
    """Leaves a row in the log of every workspace whose rows it wrote."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="A folder that does not exist yet.")
        parser.add_argument("--key-file", type=Path, help="Where to write the audit key in hex.")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        if not settings.DATABASE_BACKUP_URL:
            raise CommandError("DATABASE_BACKUP_URL is not set. The backup role sees all workspaces and changes nothing.")
        if folder.exists():
            raise CommandError(f"{folder} exists already.")
        lines = anchors().lines()
        with audit_export.snapshot(settings.DATABASE_BACKUP_URL) as connection:
            found = connection.execute("SELECT workspace_id, count(*) FROM agency_auditrow GROUP BY workspace_id").fetchall()
            _tell_everybody(dict(found))  # before a row leaves the house
            folder.mkdir(mode=0o700, parents=True)
            _write(folder / "rows.jsonl", (json.dumps(row) for row in audit_export.rows(connection)))
            _write(folder / "seals.jsonl", (json.dumps(seal) for seal in audit_export.seals(connection)))
        _write(folder / "anchors.jsonl", lines)
        if options["key_file"]:
            _write(options["key_file"], [audit.root_key().hex()])
        self.stdout.write(f"{sum(count for _, count in found):,} rows of {len(found):,} workspaces written to {folder}.")


def _tell_everybody(counts: dict[UUID, int]) -> None:
    for workspace_id, count in counts.items():
        with scope.inside(workspace_id):
            audit.record("audit.exported", Workspace.objects.get(pk=workspace_id), by=None, count=count, kind="command")


def _write(path: Path, lines: Iterable[str]) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
