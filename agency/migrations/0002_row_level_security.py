"""Put the ground floor's workspace tables under row-level security."""

from django.db import migrations

from agency.database.policies import PERSON, WorkspaceTable

# A constant made of constants; nothing from outside enters it.
MEMBER_OF = f"id IN (SELECT workspace_id FROM agency_membership WHERE person_id = {PERSON})"  # nosec B608


class Migration(migrations.Migration):
    dependencies = (("agency", "0001_initial"),)

    operations = (
        # A person must find their workspaces before one is chosen: they see their own memberships and the workspaces behind them.
        WorkspaceTable("agency_membership", see=f"person_id = {PERSON}"),
        WorkspaceTable("agency_workspace", column="id", see=MEMBER_OF),
        WorkspaceTable("agency_brand"),
        WorkspaceTable("agency_invitation"),
        WorkspaceTable("agency_auditrow", append_only=True),
    )
