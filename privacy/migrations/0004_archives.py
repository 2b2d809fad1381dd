"""Copies of what is held about an account, under row-level security."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agency.models
from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0013_audit_subjects"),
        ("privacy", "0003_promises"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DataArchive",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("account_id", models.UUIDField()),
                ("account_name", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Being put together"), ("ready", "Ready"), ("expired", "Expired")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("rows_count", models.PositiveBigIntegerField(default=0)),
                ("bytes_count", models.PositiveBigIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("ready_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("asked_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ArchivePart",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("sealed", models.BinaryField()),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
                (
                    "archive",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="privacy.dataarchive",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="dataarchive",
            index=models.Index(fields=["workspace", "account_id"], name="privacy_archive_account"),
        ),
        migrations.AddConstraint(
            model_name="archivepart",
            constraint=models.UniqueConstraint(fields=("workspace", "archive", "number"), name="privacy_archive_part"),
        ),
        WorkspaceTable("privacy_dataarchive"),
        WorkspaceTable(
            "privacy_archivepart", references={"archive_id": "privacy_dataarchive"}, cascade=("archive_id",), indexed=("archive_id",)
        ),
    ]
