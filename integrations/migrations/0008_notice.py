"""Give each letter about a loss a row of its own, so that a mail server that is down loses none of them."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import agency.models
from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = (("agency", "0009_address_book_is_live"), ("integrations", "0007_count_down"))

    operations = (
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("loss", "Loss"), ("end", "End")], max_length=4)),
                ("about", models.UUIDField(help_text="The connection itself, or one of its ad accounts.")),
                ("created_at", models.DateTimeField()),
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
                    "membership",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="agency.membership",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "about", "kind", "membership"), name="integrations_notice_once")
                ],
            },
        ),
        WorkspaceTable(
            "integrations_notice",
            references={"connection_id": "integrations_connection", "membership_id": "agency_membership"},
            cascade=("connection_id", "membership_id"),
        ),
    )
