"""Put audiences under row-level security, with references that cannot leave their workspace."""

from django.db import migrations

from agency.database.policies import WorkspaceTable

_CALL = {"call_id": "integrations_apicall"}
_OF_ACCOUNT = {"references": {"account_id": "metrics_account"} | _CALL, "cascade": ("account_id",), "indexed": ("account_id",)}


class Migration(migrations.Migration):
    dependencies = (("metrics", "0010_audience"),)

    operations = (
        WorkspaceTable("metrics_accountaudience", **_OF_ACCOUNT),
        WorkspaceTable("metrics_activehours", **_OF_ACCOUNT),
        WorkspaceTable("metrics_postaudience", references={"post_id": "metrics_post"} | _CALL, cascade=("post_id",), indexed=("post_id",)),
    )
