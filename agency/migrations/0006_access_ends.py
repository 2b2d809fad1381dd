"""Let access end, by itself or by somebody, and keep what was: a new grant is a new row."""

from django.db import migrations, models

from agency.database.policies import APP, PERSON

_MINE = f"person_id = {PERSON} AND ended_at IS NULL"
_MY_WORKSPACES = f"id IN (SELECT workspace_id FROM agency_membership WHERE {_MINE})"  # nosec B608


def _see(membership: str, workspace: str) -> str:
    return f"""
        DROP POLICY see ON agency_membership;
        CREATE POLICY see ON agency_membership FOR SELECT TO {APP} USING ({membership});
        DROP POLICY see ON agency_workspace;
        CREATE POLICY see ON agency_workspace FOR SELECT TO {APP} USING ({workspace});
    """


class Migration(migrations.Migration):
    dependencies = (("agency", "0005_audit_chain"),)

    operations = (
        migrations.AddField(
            model_name="membership", name="ends_at", field=models.DateTimeField(help_text="When it runs out by itself.", null=True)
        ),
        migrations.AddField(
            model_name="membership",
            name="ended_at",
            field=models.DateTimeField(help_text="When somebody ended it, or when it had run out.", null=True),
        ),
        migrations.AddField(model_name="invitation", name="access_ends_at", field=models.DateTimeField(null=True)),
        migrations.RemoveConstraint(model_name="membership", name="agency_membership_person"),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("workspace", "person"), name="agency_membership_person"
            ),
        ),
        migrations.RunSQL(
            _see(_MINE, _MY_WORKSPACES),
            _see(f"person_id = {PERSON}", _MY_WORKSPACES.replace(" AND ended_at IS NULL", "")),
        ),
    )
