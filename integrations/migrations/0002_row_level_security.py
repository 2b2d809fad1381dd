"""Put the tables of connections under row-level security, with references that cannot leave their workspace."""

from django.db import migrations

from agency.database.policies import WorkspaceTable

_OF_CONNECTION = {"references": {"connection_id": "integrations_connection"}, "cascade": ("connection_id",), "indexed": ("connection_id",)}


class Migration(migrations.Migration):
    dependencies = (("integrations", "0001_initial"), ("agency", "0002_row_level_security"))

    operations = (
        WorkspaceTable("integrations_connection", references={"brand_id": "agency_brand"}),
        WorkspaceTable("integrations_featureswitch"),
        WorkspaceTable("integrations_syncpace"),
        WorkspaceTable("integrations_consentrequest", references={"connection_id": "integrations_connection"}),
        WorkspaceTable(
            "integrations_pendingrevocation", references={"connection_id": "integrations_connection"}, cascade=("connection_id",)
        ),
        WorkspaceTable("integrations_adaccount", **_OF_CONNECTION),
        WorkspaceTable(
            "integrations_syncrun",
            references={"connection_id": "integrations_connection", "ad_account_id": "integrations_adaccount"},
            cascade=("connection_id", "ad_account_id"),
            indexed=("connection_id", "ad_account_id"),
        ),
        WorkspaceTable("integrations_apicall", **_OF_CONNECTION),
        WorkspaceTable("integrations_webhookevent", **_OF_CONNECTION),
        WorkspaceTable("integrations_avatar", **_OF_CONNECTION),
        WorkspaceTable("integrations_letter", references={"membership_id": "agency_membership"}, cascade=("membership_id",)),
        WorkspaceTable(
            "integrations_notice",
            references={
                "connection_id": "integrations_connection",
                "membership_id": "agency_membership",
                "letter_id": "integrations_letter",
            },
            cascade=("connection_id", "membership_id", "letter_id"),
        ),
    )
