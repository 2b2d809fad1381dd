"""Put the figures under row-level security, with references that cannot leave their workspace."""

from django.db import migrations

from agency.database.policies import WorkspaceTable

_CALL = {"call_id": "integrations_apicall"}
_ACCOUNT = {"account_id": "metrics_account"}
_POST = {"post_id": "metrics_post"}
_AD_ACCOUNT = {"ad_account_id": "integrations_adaccount"}
_OF_ACCOUNT = {"references": _ACCOUNT | _CALL, "cascade": ("account_id",), "indexed": ("account_id",)}
_OF_POST = {"references": _POST | _CALL, "cascade": ("post_id",), "indexed": ("post_id",)}
_OF_AD_ACCOUNT = {"references": _AD_ACCOUNT | _CALL, "cascade": ("ad_account_id",), "indexed": ("ad_account_id",)}


class Migration(migrations.Migration):
    dependencies = (("metrics", "0001_initial"), ("integrations", "0002_row_level_security"))

    operations = (
        WorkspaceTable(
            "metrics_account",
            references={"connection_id": "integrations_connection", "brand_id": "agency_brand"},
            cascade=("connection_id",),
            indexed=("connection_id",),
        ),
        WorkspaceTable("metrics_accountday", **_OF_ACCOUNT),
        WorkspaceTable("metrics_post", **_OF_ACCOUNT),
        WorkspaceTable("metrics_postsnapshot", **_OF_POST),
        WorkspaceTable("metrics_mention", **_OF_ACCOUNT),
        WorkspaceTable("metrics_accountaudience", **_OF_ACCOUNT),
        WorkspaceTable("metrics_activehours", **_OF_ACCOUNT),
        WorkspaceTable("metrics_postaudience", **_OF_POST),
        WorkspaceTable("metrics_adcampaign", **_OF_AD_ACCOUNT),
        WorkspaceTable("metrics_adgroup", **_OF_AD_ACCOUNT),
        WorkspaceTable("metrics_ad", **_OF_AD_ACCOUNT),
        WorkspaceTable("metrics_adday", **_OF_AD_ACCOUNT),
        WorkspaceTable("metrics_adaccountday", **_OF_AD_ACCOUNT),
        # Sums are of many calls.
        WorkspaceTable("metrics_adsum", references=_AD_ACCOUNT, cascade=("ad_account_id",), indexed=("ad_account_id",)),
        WorkspaceTable("metrics_gainedday", references=_ACCOUNT, cascade=("account_id",), indexed=("account_id",)),
        WorkspaceTable("metrics_workspaceday"),
        WorkspaceTable("metrics_brandday", references={"brand_id": "agency_brand"}, cascade=("brand_id",), indexed=("brand_id",)),
    )
