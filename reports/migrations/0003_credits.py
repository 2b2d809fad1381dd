"""Let staff credit a post to a creator."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agency.models
from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = (
        ("agency", "0008_guesses"),
        ("metrics", "0004_ads"),
        ("reports", "0002_row_level_security"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    )

    operations = (
        migrations.CreateModel(
            name="Credit",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("credited_at", models.DateTimeField()),
                (
                    "creator",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="agency.membership",
                    ),
                ),
                (
                    "credited_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "post",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="metrics.post",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("workspace", "post", "creator"), name="reports_credit_once")]},
        ),
        WorkspaceTable(
            "reports_credit",
            references={"post_id": "metrics_post", "creator_id": "agency_membership"},
            cascade=("post_id", "creator_id"),
            indexed=("post_id",),
        ),
    )
