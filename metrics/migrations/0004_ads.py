"""Campaigns, ad groups, ads, and the days of ads, under row-level security."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import agency.models
from agency.database.policies import WorkspaceTable

_REFERENCES = {"ad_account_id": "integrations_adaccount", "call_id": "integrations_apicall"}
_OF_AD_ACCOUNTS = {"references": _REFERENCES, "cascade": ("ad_account_id",), "indexed": ("ad_account_id",)}


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0004_due_work_served_at"),
        ("integrations", "0005_ad_accounts"),
        ("metrics", "0003_look_at_posts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Ad",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("tiktok_ad_id", models.CharField(max_length=32)),
                ("tiktok_adgroup_id", models.CharField(max_length=32)),
                ("tiktok_campaign_id", models.CharField(max_length=32)),
                ("name", models.CharField(blank=True, max_length=600)),
                ("ad_format", models.CharField(blank=True, max_length=40)),
                ("identity_type", models.CharField(blank=True, max_length=40)),
                ("identity_id", models.CharField(blank=True, max_length=64)),
                ("tiktok_item_id", models.CharField(blank=True, help_text="The post that a Spark Ad shows.", max_length=32)),
                ("video_id", models.CharField(blank=True, max_length=64)),
                ("ad_text", models.TextField(blank=True)),
                ("landing_page_url", models.TextField(blank=True)),
                ("operation_status", models.CharField(blank=True, max_length=20)),
                ("secondary_status", models.CharField(blank=True, max_length=80)),
                ("created_at", models.DateTimeField(null=True)),
                ("modified_at", models.DateTimeField(null=True)),
                ("first_seen_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "ad_account",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ads",
                        to="integrations.adaccount",
                    ),
                ),
                (
                    "call",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="integrations.apicall",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["workspace", "ad_account", "tiktok_campaign_id"], name="metrics_ad_campaign_of"),
                    models.Index(
                        condition=models.Q(("tiktok_item_id", ""), _negated=True),
                        fields=["workspace", "tiktok_item_id"],
                        name="metrics_ad_post",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("workspace", "ad_account", "tiktok_ad_id"), name="metrics_ad_id")],
            },
        ),
        migrations.CreateModel(
            name="AdAccountDay",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("date", models.DateField(help_text="In the ad account's time zone.")),
                ("spend", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ("impressions", models.PositiveBigIntegerField(null=True)),
                ("clicks", models.PositiveBigIntegerField(null=True)),
                ("conversions", models.PositiveBigIntegerField(null=True)),
                ("video_views", models.PositiveBigIntegerField(null=True)),
                ("first_seen_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "ad_account",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="days",
                        to="integrations.adaccount",
                    ),
                ),
                (
                    "call",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="integrations.apicall",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("workspace", "ad_account", "date"), name="metrics_ad_account_day")],
            },
        ),
        migrations.CreateModel(
            name="AdCampaign",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("tiktok_campaign_id", models.CharField(max_length=32)),
                ("name", models.CharField(blank=True, max_length=600)),
                ("objective", models.CharField(blank=True, max_length=40)),
                ("campaign_type", models.CharField(blank=True, max_length=40)),
                ("automation_type", models.CharField(blank=True, help_text="MANUAL, SMART_PLUS and their like.", max_length=40)),
                ("is_smart", models.BooleanField(null=True)),
                ("is_budget_optimized", models.BooleanField(null=True)),
                ("budget", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ("budget_mode", models.CharField(blank=True, max_length=40)),
                ("operation_status", models.CharField(blank=True, max_length=20)),
                ("secondary_status", models.CharField(blank=True, max_length=80)),
                ("created_at", models.DateTimeField(null=True)),
                ("modified_at", models.DateTimeField(help_text="TikTok leaves it out of some Smart+ campaigns.", null=True)),
                ("first_seen_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "ad_account",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="campaigns",
                        to="integrations.adaccount",
                    ),
                ),
                (
                    "call",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="integrations.apicall",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "ad_account", "tiktok_campaign_id"), name="metrics_ad_campaign")
                ],
            },
        ),
        migrations.CreateModel(
            name="AdDay",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("date", models.DateField(help_text="In the ad account's time zone.")),
                ("tiktok_ad_id", models.CharField(max_length=32)),
                ("tiktok_adgroup_id", models.CharField(blank=True, max_length=32)),
                ("tiktok_campaign_id", models.CharField(blank=True, max_length=32)),
                ("spend", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ("impressions", models.PositiveBigIntegerField(null=True)),
                ("clicks", models.PositiveBigIntegerField(null=True)),
                ("conversions", models.PositiveBigIntegerField(null=True)),
                ("video_views", models.PositiveBigIntegerField(null=True)),
                ("video_views_6s", models.PositiveBigIntegerField(null=True)),
                ("video_views_whole", models.PositiveBigIntegerField(null=True)),
                ("likes", models.PositiveBigIntegerField(null=True)),
                ("comments", models.PositiveBigIntegerField(null=True)),
                ("shares", models.PositiveBigIntegerField(null=True)),
                ("follows", models.PositiveBigIntegerField(null=True)),
                ("first_seen_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "ad_account",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ad_days",
                        to="integrations.adaccount",
                    ),
                ),
                (
                    "call",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="integrations.apicall",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("workspace", "ad_account", "date", "tiktok_ad_id"), name="metrics_ad_day")],
            },
        ),
        migrations.CreateModel(
            name="AdGroup",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("tiktok_adgroup_id", models.CharField(max_length=32)),
                ("tiktok_campaign_id", models.CharField(max_length=32)),
                ("name", models.CharField(blank=True, max_length=600)),
                ("optimization_goal", models.CharField(blank=True, max_length=40)),
                ("billing_event", models.CharField(blank=True, max_length=20)),
                ("budget", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ("budget_mode", models.CharField(blank=True, max_length=40)),
                (
                    "scheduled_budget",
                    models.DecimalField(
                        decimal_places=6, help_text="Takes effect at the account's next midnight.", max_digits=20, null=True
                    ),
                ),
                ("bid_price", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ("conversion_bid_price", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ("starts_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                ("is_smart", models.BooleanField(null=True)),
                ("operation_status", models.CharField(blank=True, max_length=20)),
                ("secondary_status", models.CharField(blank=True, max_length=80)),
                ("created_at", models.DateTimeField(null=True)),
                ("modified_at", models.DateTimeField(null=True)),
                ("first_seen_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "ad_account",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ad_groups",
                        to="integrations.adaccount",
                    ),
                ),
                (
                    "call",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="integrations.apicall",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["workspace", "ad_account", "tiktok_campaign_id"], name="metrics_ad_group_campaign")],
                "constraints": [models.UniqueConstraint(fields=("workspace", "ad_account", "tiktok_adgroup_id"), name="metrics_ad_group")],
            },
        ),
        WorkspaceTable("metrics_adcampaign", **_OF_AD_ACCOUNTS),
        WorkspaceTable("metrics_adgroup", **_OF_AD_ACCOUNTS),
        WorkspaceTable("metrics_ad", **_OF_AD_ACCOUNTS),
        WorkspaceTable("metrics_adday", **_OF_AD_ACCOUNTS),
        WorkspaceTable("metrics_adaccountday", **_OF_AD_ACCOUNTS),
    ]
