"""Give audit rows a MAC and a purpose, announce them to the sealer, and keep what is written from everybody's hands."""

import uuid

from django.db import migrations, models

from agency.database.policies import APP, PRIVACY

# The trigger holds for every role that does not take it away first; the MACs find who does.
_KEPT = """
CREATE FUNCTION agency_audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is kept: % of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER agency_auditrow_is_kept BEFORE UPDATE OR DELETE ON agency_auditrow FOR EACH ROW EXECUTE FUNCTION agency_audit_is_kept();
CREATE TRIGGER agency_auditseal_is_kept BEFORE UPDATE OR DELETE ON agency_auditseal FOR EACH ROW EXECUTE FUNCTION agency_audit_is_kept();
"""
_UNKEPT = """
DROP TRIGGER agency_auditseal_is_kept ON agency_auditseal;
DROP TRIGGER agency_auditrow_is_kept ON agency_auditrow;
DROP FUNCTION agency_audit_is_kept();
"""
_ANNOUNCED = """
CREATE FUNCTION agency_audit_announce() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO agency_audittail (row_id, workspace_id, announced_at) VALUES (NEW.id, NEW.workspace_id, NEW.at);
    RETURN NULL;
END $$;
CREATE TRIGGER agency_auditrow_is_announced AFTER INSERT ON agency_auditrow FOR EACH ROW EXECUTE FUNCTION agency_audit_announce();
"""
_UNANNOUNCED = "DROP TRIGGER agency_auditrow_is_announced ON agency_auditrow; DROP FUNCTION agency_audit_announce();"
_RIGHTS = f"""
REVOKE UPDATE, DELETE ON agency_auditrow FROM {PRIVACY};
REVOKE UPDATE, DELETE ON agency_auditseal FROM {APP}, {PRIVACY};
REVOKE UPDATE ON agency_audittail FROM {APP}, {PRIVACY};
"""


class Migration(migrations.Migration):
    dependencies = (("agency", "0004_due_work_served_at"),)

    operations = (
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("row_id", models.BigIntegerField(db_index=True)),
                ("workspace_id", models.UUIDField()),
                ("mac", models.BinaryField(max_length=32)),
                ("sealed_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="AuditTail",
            fields=[
                ("row_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("workspace_id", models.UUIDField()),
                ("announced_at", models.DateTimeField(db_index=True)),
            ],
        ),
        # Rows from before have no MAC, and the verifier says so.
        migrations.AddField(
            model_name="auditrow",
            name="mac",
            field=models.BinaryField(
                default=b"", help_text="Over all of the above, under a key that the database does not hold.", max_length=32
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="auditrow",
            name="purpose",
            field=models.CharField(blank=True, default="", help_text="What the actor's access was for, at that time.", max_length=200),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="auditrow",
            name="ref",
            field=models.UUIDField(default=uuid.UUID(int=0), help_text="Drawn by the platform: the same row written twice is known by it."),
            preserve_default=False,
        ),
        migrations.RunSQL(_KEPT, _UNKEPT),
        migrations.RunSQL(_ANNOUNCED, _UNANNOUNCED),
        migrations.RunSQL(_RIGHTS, migrations.RunSQL.noop),
    )
