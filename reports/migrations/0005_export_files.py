"""Long exports as files, in sealed parts, under row-level security."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import agency.models
from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0008_guesses"),
        ("reports", "0004_erased_reports"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExportFile",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(help_text="Which export: reports/exports.py", max_length=40)),
                ("form", models.CharField(max_length=4)),
                ("asked", models.JSONField(help_text="The page's query string.")),
                ("asked_hash", models.CharField(max_length=64)),
                ("title", models.CharField(max_length=300)),
                ("file_name", models.CharField(max_length=140)),
                ("row_count", models.PositiveBigIntegerField(help_text="Expected at first, written in the end.")),
                ("byte_count", models.PositiveBigIntegerField(default=0)),
                ("part_count", models.PositiveIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Being made"), ("done", "Ready"), ("failed", "Could not be made")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("sentence", models.CharField(blank=True, help_text="Why it could not be made, and what to do.", max_length=300)),
                ("asked_at", models.DateTimeField()),
                ("made_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField()),
                (
                    "membership",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        help_text="Who asked.",
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
        ),
        migrations.CreateModel(
            name="ExportPart",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("place", models.PositiveIntegerField()),
                ("sealed", models.BinaryField()),
                (
                    "file",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="reports.exportfile",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="exportfile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "waiting")), fields=("workspace", "membership", "asked_hash"), name="reports_export_asked_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="exportpart",
            constraint=models.UniqueConstraint(fields=("workspace", "file", "place"), name="reports_export_part_place"),
        ),
        WorkspaceTable(
            "reports_exportfile",
            references={"membership_id": "agency_membership"},
            cascade=("membership_id",),
        ),
        WorkspaceTable("reports_exportpart", references={"file_id": "reports_exportfile"}, cascade=("file_id",), indexed=("file_id",)),
    ]
