"""Verifies the audit log against its chain and its anchors. Ends with 1 when something does not add up."""

import json
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from agency import audit, audit_export, clock
from agency.anchors import anchors
from agency.audit_verifier import summary, verify


class Command(BaseCommand):
    """Looks at every row of every workspace; shows numbers only."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DATABASE_BACKUP_URL:
            raise CommandError("DATABASE_BACKUP_URL is not set. The backup role sees all workspaces and changes nothing.")
        anchored = [json.loads(line) for line in anchors().lines()]
        with audit_export.snapshot(settings.DATABASE_BACKUP_URL) as connection:
            report = verify(audit_export.rows(connection), audit_export.seals(connection), anchored, key=audit.root_key(), now=clock.now())
        self.stdout.write(summary(report))
        if not report.is_whole:
            sys.exit(1)
