"""Accounts that were connected before a kind of sync existed are synced in it too: each live one gets the row that its sync goes by."""

from django.db import migrations

_KINDS = {"mentions": "biz.brand.insights", "audience": "user.insights"}
_TABLES = ("integrations_connection", "integrations_syncrun")
# The owner of the tables is under row-level security too and would find nothing: it is lifted in this transaction.
_BEGIN = "".join(
    (
        *(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;" for table in _TABLES),
        *(
            "INSERT INTO integrations_syncrun (workspace_id, id, connection_id, kind, state, generation, done_count, sentence, due_at, "  # nosec B608
            "failure_count, quiet_count) "
            f"SELECT workspace_id, gen_random_uuid(), id, '{kind}', CASE WHEN '{scope}' = ANY(scopes_granted) THEN 'waiting' ELSE 'skipped' END, "
            f"generation, 0, CASE WHEN '{scope}' = ANY(scopes_granted) THEN '' ELSE 'Not granted: {scope}.' END, "
            f"CASE WHEN '{scope}' = ANY(scopes_granted) THEN now() END, 0, 0 "
            "FROM integrations_connection c WHERE state = 'live' AND kind = 'account' AND NOT EXISTS (SELECT 1 FROM integrations_syncrun r "
            f"WHERE r.workspace_id = c.workspace_id AND r.connection_id = c.id AND r.kind = '{kind}');"
            for kind, scope in _KINDS.items()
        ),
        *(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;" for table in _TABLES),
    )
)


class Migration(migrations.Migration):
    dependencies = (("integrations", "0013_audience"),)

    operations = (
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(_BEGIN, migrations.RunSQL.noop),
    )
