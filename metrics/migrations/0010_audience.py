"""Add who follows an account, in which hours, and how posts were found."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import agency.models


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0008_guesses"),
        ("integrations", "0013_audience"),
        ("metrics", "0009_fill_ad_sums"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountAudience",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("date", models.DateField(help_text="The UTC day on which it was told.")),
                ("ages", models.JSONField(null=True)),
                ("genders", models.JSONField(null=True)),
                ("countries", models.JSONField(null=True)),
                ("cities", models.JSONField(null=True)),
                ("seen_at", models.DateTimeField()),
                (
                    "account",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="audiences",
                        to="metrics.account",
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
                "constraints": [models.UniqueConstraint(fields=("workspace", "account", "date"), name="metrics_account_audience")],
            },
        ),
        migrations.CreateModel(
            name="ActiveHours",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("date", models.DateField()),
                ("counts", models.JSONField(help_text="Twenty-four, of the hours 0 to 23 UTC; null where one was not told.")),
                ("seen_at", models.DateTimeField()),
                (
                    "account",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hours",
                        to="metrics.account",
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
                "constraints": [models.UniqueConstraint(fields=("workspace", "account", "date"), name="metrics_active_hours")],
            },
        ),
        migrations.CreateModel(
            name="PostAudience",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("date", models.DateField(help_text="The UTC day on which it was told.")),
                ("sources", models.JSONField(null=True)),
                ("countries", models.JSONField(null=True)),
                ("cities", models.JSONField(null=True)),
                ("genders", models.JSONField(null=True)),
                ("viewer_types", models.JSONField(null=True)),
                ("retention", models.JSONField(help_text="Lists of a second and the part of viewers still there.", null=True)),
                ("seen_at", models.DateTimeField()),
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
                    "post",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="audiences",
                        to="metrics.post",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("workspace", "post", "date"), name="metrics_post_audience")],
            },
        ),
    ]
