"""Keep the audit log from everybody's hands, and announce its rows to the sealer."""

from django.db import migrations

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
    dependencies = (("agency", "0002_row_level_security"),)
    replaces = (("agency", "0005_audit_chain"),)

    operations = (
        migrations.RunSQL(_KEPT, _UNKEPT),
        migrations.RunSQL(_ANNOUNCED, _UNANNOUNCED),
        migrations.RunSQL(_RIGHTS, migrations.RunSQL.noop),
    )
