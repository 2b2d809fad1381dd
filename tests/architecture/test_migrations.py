"""Migrations say what the models say."""

import io

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader

pytestmark = pytest.mark.django_db(databases=("default", "owner", "keystore"))


def test_no_migration_is_missing() -> None:
    said = io.StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=said, stderr=said)
    assert "No changes detected" in said.getvalue()


def test_every_migration_of_ours_says_what_for_and_has_a_name() -> None:
    ours = {c.label for c in apps.get_app_configs() if not c.name.startswith(("django.", "allauth", "csp", "whitenoise"))}
    found = [(label, name, m) for (label, name), m in MigrationLoader(connections["default"]).disk_migrations.items() if label in ours]
    assert len(found) > 8
    for label, name, migration in found:
        assert (__import__(migration.__module__, fromlist=["x"]).__doc__ or "").strip() or name == "0001_initial", (label, name)
        assert "_auto_" not in name, (label, name)
