"""Put the tables of connections under row-level security, with references that cannot leave their workspace."""

from django.db import migrations

from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = (("integrations", "0001_initial"), ("agency", "0002_row_level_security"))

    operations = (
        WorkspaceTable("integrations_connection", references={"brand_id": "agency_brand"}),
        WorkspaceTable("integrations_featureswitch"),
        WorkspaceTable("integrations_consentrequest", references={"connection_id": "integrations_connection"}),
        WorkspaceTable(
            "integrations_pendingrevocation", references={"connection_id": "integrations_connection"}, cascade=("connection_id",)
        ),
        WorkspaceTable(
            "integrations_syncrun",
            references={"connection_id": "integrations_connection"},
            cascade=("connection_id",),
            indexed=("connection_id",),
        ),
        WorkspaceTable(
            "integrations_apicall",
            references={"connection_id": "integrations_connection"},
            cascade=("connection_id",),
            indexed=("connection_id",),
        ),
    )
