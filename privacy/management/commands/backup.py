"""Takes an encrypted backup of the database and ends those that are older than 35 days. For every night."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from privacy import backups


class Command(BaseCommand):
    """Writes one file into BACKUP_FOLDER."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DATABASE_BACKUP_URL or not settings.BACKUP_FOLDER:
            raise CommandError("DATABASE_BACKUP_URL and BACKUP_FOLDER must be set.")
        folder = Path(settings.BACKUP_FOLDER)
        try:
            path = backups.take(folder, url=settings.DATABASE_BACKUP_URL)
        except backups.BackupFailed as problem:
            raise CommandError(f"No backup was taken: {problem}.") from problem
        ended = backups.rotate(folder)
        self.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes; {ended} older ones ended.")
