"""Requests for correction, under row-level security."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agency.models
from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0015_suppression"),
        ("integrations", "0014_begin_newer_kinds"),
        ("privacy", "0005_person_copies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("reference", models.CharField(max_length=16)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Being looked at"),
                            ("corrected", "Corrected"),
                            ("refused", "Not corrected"),
                            ("withdrawn", "Taken back"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "contact",
                    models.EmailField(
                        blank=True, help_text="Who wrote, if nobody signed in; emptied when they were told of the end.", max_length=254
                    ),
                ),
                ("said", models.TextField(help_text="What is wrong, and what would be right.")),
                ("answer", models.TextField(blank=True, help_text="What was corrected, or why not; for whoever asked.")),
                ("asked_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(help_text="When it must be answered at the latest.")),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "account",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        help_text="If it is about one.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="integrations.connection",
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["workspace", "due_at"], name="privacy_correction_due")],
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "reference"), name="privacy_correction_reference"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("open", "withdrawn")), models.Q(("answer", ""), _negated=True), _connector="OR"),
                        name="privacy_correction_answered",
                    ),
                ],
            },
        ),
        WorkspaceTable("privacy_correction", references={"account_id": "integrations_connection"}),
    ]
