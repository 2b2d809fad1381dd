"""The pace at which a workspace's figures are looked at."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = (("integrations", "0010_erasure_began_at"), migrations.swappable_dependency(settings.AUTH_USER_MODEL))

    operations = (
        migrations.CreateModel(
            name="SyncPace",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("pace", models.CharField(choices=[("close", "Close"), ("usual", "Usual"), ("relaxed", "Relaxed")], max_length=8)),
                ("changed_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("workspace",), name="integrations_pace")]},
        ),
        WorkspaceTable("integrations_syncpace"),
    )
