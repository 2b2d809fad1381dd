"""Migrates the keystore: the database of the wrapped data keys."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """`migrate` for one application in one database."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-input", action="store_false", dest="interactive", help="Ask nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", "keystore", database="keystore", interactive=options["interactive"], verbosity=options["verbosity"])
