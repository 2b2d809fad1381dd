"""Keep a picture of each account, scaled down, under row-level security."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import agency.models
from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = (("integrations", "0008_notice"),)

    operations = (
        migrations.CreateModel(
            name="Avatar",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "wanted_url",
                    models.CharField(blank=True, help_text="Where it is to be fetched; empty once it was.", max_length=2000),
                ),
                (
                    "source_hash",
                    models.BinaryField(help_text="Of the address that was looked at last.", max_length=32, null=True),
                ),
                ("looked_at", models.DateTimeField(null=True)),
                ("picture", models.BinaryField(help_text="WebP, 96 by 96 pixels.", null=True)),
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
            options={"constraints": [models.UniqueConstraint(fields=("workspace", "connection"), name="integrations_avatar_of")]},
        ),
        migrations.AddField(
            model_name="connection",
            name="avatar_tag",
            field=models.CharField(
                blank=True, default="", help_text="Names the version of its picture; empty when there is none.", max_length=16
            ),
            preserve_default=False,
        ),
        WorkspaceTable(
            "integrations_avatar",
            references={"connection_id": "integrations_connection"},
            cascade=("connection_id",),
            indexed=("connection_id",),
        ),
    )
