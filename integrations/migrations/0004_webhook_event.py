"""Keep what TikTok tells us unasked, each event once for each connection, under row-level security from the start."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import agency.models
from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = (("agency", "0003_due_work_again_at"), ("integrations", "0003_sync_by_kind"))

    operations = (
        migrations.CreateModel(
            name="WebhookEvent",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("digest", models.BinaryField(help_text="Knows a repetition: TikTok gives its events no id.", max_length=32)),
                ("name", models.CharField(max_length=80)),
                ("payload", models.JSONField()),
                ("happened_at", models.DateTimeField(help_text="By TikTok's clock, in whole seconds.")),
                ("received_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("stored", "Stored"), ("done", "Done"), ("outdated", "Outdated"), ("unknown", "Unknown")],
                        default="stored",
                        max_length=8,
                    ),
                ),
                (
                    "connection",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="integrations.connection",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["workspace", "received_at"], name="integrations_event_received")],
                "constraints": [models.UniqueConstraint(fields=("workspace", "connection", "digest"), name="integrations_event_once")],
            },
        ),
        WorkspaceTable(
            "integrations_webhookevent",
            references={"connection_id": "integrations_connection"},
            cascade=("connection_id",),
            indexed=("connection_id",),
        ),
    )
