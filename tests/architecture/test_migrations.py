"""Migrations say what the models say, and go on from databases that earlier ones made."""

import io
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration

from agency.database.history import Key, missed

pytestmark = pytest.mark.django_db(databases=("default", "owner", "keystore"))
# Before they were drawn together every app had these two, and the present ones have kept the names.
KEPT = ("0001_initial", "0002_row_level_security")


@pytest.fixture(scope="module")
def ours() -> dict[Key, Migration]:
    labels = {c.label for c in apps.get_app_configs() if not c.name.startswith(("django.", "allauth", "csp", "whitenoise"))}
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    return {key: migration for key, migration in loader.disk_migrations.items() if key[0] in labels}


def earlier(ours: dict[Key, Migration]) -> Iterator[tuple[str, list[Key]]]:
    """By app, the migrations that the present ones replace, in the order in which they ran."""
    replaced = {key for migration in ours.values() for key in migration.replaces}
    for app in sorted({app for app, _ in replaced}):
        yield app, sorted({key for key in replaced if key[0] == app} | {(app, name) for name in KEPT})


def forget(*keys: Key) -> None:
    with connections["owner"].cursor() as cursor:
        for key in keys:
            cursor.execute("DELETE FROM django_migrations WHERE (app, name) = (%s, %s)", key)
            assert cursor.rowcount == 1


def seen() -> set[Key]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return set(cursor.fetchall())


def test_no_migration_is_missing() -> None:
    said = io.StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=said, stderr=said)
    assert "No changes detected" in said.getvalue()


def test_every_migration_of_ours_says_what_for_and_has_a_name(ours: dict[Key, Migration]) -> None:
    assert len(ours) > 8
    for (label, name), migration in ours.items():
        says = (__import__(migration.__module__, fromlist=["x"]).__doc__ or "").strip()
        assert says or (label, name) == ("keystore", "0001_initial"), (label, name)
        assert "_auto_" not in name, (label, name)


def test_an_earlier_database_is_gone_on_from_when_it_has_seen_all_and_not_in_between(ours: dict[Key, Migration]) -> None:
    for app, old in earlier(ours):
        assert len(old) > 5
        assert missed(ours, set(old)) == {}
        for count in range(1, len(old)):
            lacking = missed(ours, set(old[:count]))
            assert set(lacking) == {app}, f"{app} stands after {old[count - 1][1]} and would be taken for whole or for empty"
            assert {(app, name) for name in lacking[app]} <= set(old[count:])


def test_a_first_start_that_was_cut_off_after_any_migration_goes_on(ours: dict[Key, Migration]) -> None:
    recorded: set[Key] = set()
    for key in sorted(ours):
        recorded |= set(ours[key].replaces) or {key}  # what Django writes down after each
        assert missed(ours, recorded) == {}


def test_migrating_an_earlier_whole_database_writes_down_the_new_names_and_nothing_else() -> None:
    whole = seen()
    new = [("agency", "0003_audit_chain"), ("metrics", "0003_keep_day_totals"), ("metrics", "0004_keep_gained_days")]
    forget(*new)
    said = io.StringIO()
    call_command("migrate", "--no-input", stdout=said)
    assert "No migrations to apply" in said.getvalue()
    assert seen() == whole


def test_migrating_a_database_that_stands_in_between_changes_nothing_and_says_what_to_do() -> None:
    forget(("agency", "0016_erasure_began"), ("metrics", "0013_gained_days"), ("metrics", "0014_keep_gained_days"))
    before = seen()
    with pytest.raises(CommandError) as error:
        call_command("migrate", "--no-input")
    assert "agency: 0016_erasure_began" in str(error.value)
    assert "metrics: 0014_keep_gained_days" in str(error.value)
    assert "`make demo-reset`" in str(error.value)
    assert seen() == before
