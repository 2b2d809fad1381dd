"""Ad accounts that were linked before comments under ads were read are read too: each gets the work that its reading goes by."""

from django.db import migrations

# The owner of the tables is under row-level security too and would find nothing: it is lifted in this transaction.
_BEGIN = """
    ALTER TABLE integrations_adaccount NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE integrations_connection NO FORCE ROW LEVEL SECURITY;
    INSERT INTO agency_duework (workspace_id, kind, ref, due_at, priority, attempt_count)
    SELECT a.workspace_id, 'ad_comments', a.id, now(), 5, 0 FROM integrations_adaccount a
    JOIN integrations_connection c ON c.workspace_id = a.workspace_id AND c.id = a.connection_id AND c.state = 'live'
    WHERE a.state = 'linked'
    ON CONFLICT (kind, ref) DO NOTHING;
    ALTER TABLE integrations_adaccount FORCE ROW LEVEL SECURITY;
    ALTER TABLE integrations_connection FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = (("community", "0006_comments_under_ads"), ("agency", "0008_guesses"))

    operations = (
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(_BEGIN, migrations.RunSQL.noop),
    )
