"""Ad accounts and the flow that opens them. Each ad account has sync runs of its own, beside those of its connection."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agency.models
from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0002_row_level_security"),
        ("integrations", "0004_webhook_event"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AdAccount",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("advertiser_id", models.CharField(help_text="TikTok's id. Beyond what a float holds.", max_length=32)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("time_zone", models.CharField(blank=True, help_text="Its days are those of this zone.", max_length=64)),
                ("tiktok_status", models.CharField(blank=True, max_length=40)),
                ("opened_at", models.DateTimeField(help_text="When it was made at TikTok: there are no figures before.", null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("offered", "Waiting for a choice"),
                            ("linked", "Linked"),
                            ("lost", "No longer open to us"),
                            ("unlinked", "Unlinked"),
                        ],
                        default="offered",
                        max_length=10,
                    ),
                ),
                ("state_since", models.DateTimeField()),
                ("figures_from", models.DateField(help_text="The first of its days whose paid figures have been read.", null=True)),
                ("figures_seen_at", models.DateTimeField(null=True)),
                ("delete_data_on", models.DateField(help_text="The last day on which its data may still be here.", null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="syncrun",
            name="integrations_sync_run_kind",
        ),
        migrations.AddField(
            model_name="consentrequest",
            name="flow",
            field=models.CharField(
                choices=[("account", "TikTok account"), ("advertiser", "TikTok ad accounts")], default="account", max_length=12
            ),
        ),
        migrations.AlterField(
            model_name="connection",
            name="kind",
            field=models.CharField(
                choices=[("account", "TikTok account"), ("advertiser", "TikTok ad accounts")], default="account", max_length=12
            ),
        ),
        migrations.AlterField(
            model_name="consentrequest",
            name="verifier_sealed",
            field=models.BinaryField(help_text="The advertiser flow has none.", null=True),
        ),
        migrations.AlterField(
            model_name="syncrun",
            name="kind",
            field=models.CharField(
                choices=[
                    ("profile", "Profile"),
                    ("account_days", "Daily figures"),
                    ("posts", "Posts"),
                    ("older_posts", "Older posts"),
                    ("ad_account", "Ad account"),
                    ("campaigns", "Campaigns"),
                    ("ad_groups", "Ad groups"),
                    ("ads", "Ads"),
                    ("ad_days", "Paid figures"),
                    ("ad_history", "Earlier paid figures"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="adaccount",
            name="connection",
            field=agency.models.InWorkspaceKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="ad_accounts",
                to="integrations.connection",
            ),
        ),
        migrations.AddField(
            model_name="adaccount",
            name="linked_by",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="adaccount",
            name="workspace",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
        ),
        migrations.AddField(
            model_name="syncrun",
            name="ad_account",
            field=agency.models.InWorkspaceKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="sync_runs",
                to="integrations.adaccount",
            ),
        ),
        migrations.AddConstraint(
            model_name="syncrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ad_account", None)), fields=("workspace", "connection", "kind"), name="integrations_sync_run_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="syncrun",
            constraint=models.UniqueConstraint(fields=("workspace", "ad_account", "kind"), name="integrations_sync_run_ad_account"),
        ),
        migrations.AddConstraint(
            model_name="adaccount",
            constraint=models.UniqueConstraint(fields=("workspace", "connection", "advertiser_id"), name="integrations_ad_account"),
        ),
        migrations.AddConstraint(
            model_name="adaccount",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "linked")), fields=("workspace", "advertiser_id"), name="integrations_ad_account_linked_once"
            ),
        ),
        migrations.AddIndex(model_name="syncrun", index=models.Index(fields=["workspace", "connection"], name="integrations_sync_run_of")),
        WorkspaceTable(
            "integrations_adaccount",
            references={"connection_id": "integrations_connection"},
            cascade=("connection_id",),
            indexed=("connection_id",),
        ),
        migrations.RunSQL(
            "ALTER TABLE integrations_syncrun ADD CONSTRAINT integrations_syncrun_ad_account_id_in_workspace "
            "FOREIGN KEY (workspace_id, ad_account_id) REFERENCES integrations_adaccount (workspace_id, id) "
            "ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED",
            reverse_sql="ALTER TABLE integrations_syncrun DROP CONSTRAINT integrations_syncrun_ad_account_id_in_workspace",
        ),
    ]
