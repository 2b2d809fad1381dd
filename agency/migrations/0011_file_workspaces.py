"""File the workspaces that are there in the address book, from which the platform admin's pages find them.

The owner sees no workspace outside its scope either: the forced policy is lifted for the length of this transaction, to read ids.
"""

from typing import Any

from django.db import migrations

from agency import clock
from agency.address_book import hash_of


def fill(apps: Any, schema_editor: Any) -> None:
    entries = apps.get_model("agency", "AddressBook").objects.using(schema_editor.connection.alias)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("ALTER TABLE agency_workspace NO FORCE ROW LEVEL SECURITY")
        cursor.execute("SELECT id, slug FROM agency_workspace")
        found = cursor.fetchall()
        cursor.execute("ALTER TABLE agency_workspace FORCE ROW LEVEL SECURITY")
    now = clock.now()
    for workspace_id, slug in found:
        entries.update_or_create(
            kind="workspace",
            keyed_hash=hash_of("workspace", slug),
            workspace_id=workspace_id,
            defaults={"ref": workspace_id, "created_at": now},
        )


def empty(apps: Any, schema_editor: Any) -> None:
    apps.get_model("agency", "AddressBook").objects.using(schema_editor.connection.alias).filter(kind="workspace").delete()


class Migration(migrations.Migration):
    dependencies = (("agency", "0010_engagements"),)

    operations = (migrations.RunPython(fill, empty),)
