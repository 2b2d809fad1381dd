"""Put the figures under row-level security, with references that cannot leave their workspace."""

from django.db import migrations

from agency.database.policies import WorkspaceTable

_CALL = {"call_id": "integrations_apicall"}


class Migration(migrations.Migration):
    dependencies = (("metrics", "0001_initial"), ("integrations", "0002_row_level_security"))

    operations = (
        WorkspaceTable(
            "metrics_account",
            references={"connection_id": "integrations_connection", "brand_id": "agency_brand"},
            cascade=("connection_id",),
            indexed=("connection_id",),
        ),
        WorkspaceTable(
            "metrics_accountday", references={"account_id": "metrics_account"} | _CALL, cascade=("account_id",), indexed=("account_id",)
        ),
        WorkspaceTable(
            "metrics_post", references={"account_id": "metrics_account"} | _CALL, cascade=("account_id",), indexed=("account_id",)
        ),
        WorkspaceTable("metrics_postsnapshot", references={"post_id": "metrics_post"} | _CALL, cascade=("post_id",), indexed=("post_id",)),
    )
