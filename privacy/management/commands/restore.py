"""Puts a backup in place of the database, and erases again what was erased since. Until that is done every page answers 503."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from agency import environment
from agency.sealing import KeyDestroyed
from privacy import backups, replay


class Command(BaseCommand):
    """Stop web, workers and beat first. Needs DATABASE_OWNER_URL."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="?", help="The backup. Without it, only the ledger is replayed, as after a restore by other means."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"]:
            path = Path(options["file"])
            try:
                taken = backups.restore(path, owner_url=environment.text("DATABASE_OWNER_URL"))
            except KeyDestroyed:
                raise CommandError(f"The key of {path.name} is destroyed: nobody can read it any more.") from None
            except backups.BackupFailed as problem:
                raise CommandError(f"Nothing was restored: {problem}") from problem
            connections.close_all()
            self.stdout.write(f"Restored as it was at {taken:%Y-%m-%d %H:%M} UTC. Erasing again what was erased since.")
        if failed := replay.replay():
            self.stdout.write(
                f"Something is left by {', '.join(failed)}. Pages answer 503 until it is gone; then run `restore` without a file."
            )
            sys.exit(1)
        self.stdout.write("The ledger is replayed. The platform may be started.")
