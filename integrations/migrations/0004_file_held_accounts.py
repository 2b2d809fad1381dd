"""File accounts that are held already, as new ones are: who shows that one is theirs is to find it, disconnected or not."""

from typing import Any

from django.db import migrations

from agency.address_book import hash_of

HELD = "held_account"


def file_held(apps: Any, schema_editor: Any) -> None:
    """Workspace by workspace: row-level security shows the owner of the tables one at a time, too."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT ref FROM agency_addressbook WHERE kind = 'workspace'")
        for (workspace_id,) in cursor.fetchall():
            cursor.execute("SELECT set_config('app.workspace', %s, true)", [str(workspace_id)])
            cursor.execute("SELECT id, tiktok_open_id FROM integrations_connection WHERE kind = 'account'")
            for connection_id, open_id in cursor.fetchall():
                cursor.execute(
                    """
                    INSERT INTO agency_addressbook (kind, keyed_hash, workspace_id, ref, is_live, created_at)
                    VALUES (%s, %s, %s, %s, true, now()) ON CONFLICT DO NOTHING
                    """,
                    [HELD, hash_of(HELD, open_id), workspace_id, connection_id],
                )
        cursor.execute("SELECT set_config('app.workspace', '', true)")


def unfile(apps: Any, schema_editor: Any) -> None:
    """Take them out again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("DELETE FROM agency_addressbook WHERE kind = %s", [HELD])


class Migration(migrations.Migration):
    dependencies = (("integrations", "0003_proofs"),)

    operations = (migrations.RunPython(file_held, unfile),)
