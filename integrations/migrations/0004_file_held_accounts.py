"""File accounts that are held already, as new ones are: who shows that one is theirs is to find it, disconnected or not."""

from typing import Any

from django.db import migrations

from agency.address_book import hash_of
from agency.database.policies import each_workspace

HELD = "held_account"


def file_held(apps: Any, schema_editor: Any) -> None:
    """What every workspace holds."""
    with schema_editor.connection.cursor() as cursor:
        for workspace_id in each_workspace(cursor):
            cursor.execute("SELECT id, tiktok_open_id FROM integrations_connection WHERE kind = 'account'")
            for connection_id, open_id in cursor.fetchall():
                cursor.execute(
                    """
                    INSERT INTO agency_addressbook (kind, keyed_hash, workspace_id, ref, is_live, created_at)
                    VALUES (%s, %s, %s, %s, true, now()) ON CONFLICT DO NOTHING
                    """,
                    [HELD, hash_of(HELD, open_id), workspace_id, connection_id],
                )


def unfile(apps: Any, schema_editor: Any) -> None:
    """Take them out again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("DELETE FROM agency_addressbook WHERE kind = %s", [HELD])


class Migration(migrations.Migration):
    dependencies = (("integrations", "0003_proofs"),)

    operations = (migrations.RunPython(file_held, unfile),)
