"""Accounts that were connected before comments were read are read too: each live one gets the work that its reading goes by."""

from django.db import migrations

# The owner of the tables is under row-level security too and would find nothing: it is lifted in this transaction.
_BEGIN = """
    ALTER TABLE integrations_connection NO FORCE ROW LEVEL SECURITY;
    INSERT INTO agency_duework (workspace_id, kind, ref, due_at, priority, attempt_count)
    SELECT workspace_id, 'comments', id, now(), 5, 0 FROM integrations_connection WHERE state = 'live' AND kind = 'account'
    ON CONFLICT (kind, ref) DO NOTHING;
    ALTER TABLE integrations_connection FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = (("community", "0003_sendings"), ("agency", "0008_guesses"))

    operations = (
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(_BEGIN, migrations.RunSQL.noop),
    )
