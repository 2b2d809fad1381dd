"""`migrate`, always as the owner of the tables. The application's role owns nothing and could not."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections

from agency.database.history import lacking

_BETWEEN = (
    "This database was made by an earlier version of the platform and has not seen all of that version's migrations. It lacks {lacking}. "
    "The present ones begin where those ended, so nothing was changed. A demo starts over with `make demo-reset`. "
    "To keep the data, run `migrate` of the last version that has the missing ones, and then this."
)
_RIGHTS = """
GRANT USAGE ON SCHEMA public TO platform_app, platform_privacy, platform_backup;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO platform_app, platform_privacy;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO platform_app, platform_privacy;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO platform_backup;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON SEQUENCES TO platform_backup;
"""


class Command(migrate.Command):
    """Rights first, so that every table is born with them."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["database"] == "default":
            options["database"] = "owner"
        found = lacking(connections[options["database"]])
        if found:
            raise CommandError(_BETWEEN.format(lacking=", ".join(f"{app}: {', '.join(names)}" for app, names in found.items())))
        if options["database"] == "owner":
            with connections["owner"].cursor() as cursor:
                cursor.execute(_RIGHTS)
        super().handle(*args, **options)
