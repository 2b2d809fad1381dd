"""Which databases the migrations can go on from: empty ones, and those that saw all the migrations which the present ones replace.

Django goes by names alone. A database that saw only some of them would be taken for whole, or met by tables that it has already.
"""

from collections.abc import Mapping
from typing import Any

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.recorder import MigrationRecorder

Key = tuple[str, str]


def lacking(connection: Any) -> dict[str, list[str]]:
    """By app, the replaced migrations that this database lacks while it has others of them. Empty when `migrate` can go on."""
    loader = MigrationLoader(connection, load=False)
    loader.load_disk()
    return missed(loader.disk_migrations, set(MigrationRecorder(connection).applied_migrations()))


def missed(migrations: Mapping[Key, Migration], seen: set[Key]) -> dict[str, list[str]]:
    """Of what a migration replaces, all or nothing must have been seen; nothing is not enough when the database knows its name.

    That name is an old one too, then: Django records what a migration replaces before the migration itself.
    """
    found: dict[str, list[str]] = {}
    for key, migration in sorted(migrations.items()):
        replaced = {(app, name) for app, name in migration.replaces}
        unseen = replaced - seen
        if unseen and (key in seen or unseen != replaced):
            found.setdefault(key[0], []).extend(sorted(name for _, name in unseen))
    return found
