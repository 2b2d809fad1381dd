"""Put the ground floor's workspace tables under row-level security."""

from django.db import migrations

from agency.database.policies import PERSON, WorkspaceTable

# Access that has ended leads nowhere.
_MINE = f"person_id = {PERSON} AND ended_at IS NULL"
# A constant made of constants; nothing from outside enters it.
_MY_WORKSPACES = f"id IN (SELECT workspace_id FROM agency_membership WHERE {_MINE})"  # nosec B608


class Migration(migrations.Migration):
    dependencies = (("agency", "0001_initial"),)

    operations = (
        # A person must find their workspaces before one is chosen: they see their own memberships and the workspaces behind them.
        WorkspaceTable("agency_membership", see=_MINE),
        WorkspaceTable("agency_workspace", column="id", see=_MY_WORKSPACES),
        WorkspaceTable("agency_brand"),
        WorkspaceTable("agency_invitation"),
        WorkspaceTable("agency_auditrow", append_only=True),
        WorkspaceTable("agency_auditsubject"),
    )
