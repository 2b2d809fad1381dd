"""Keep a keyed mark of who asked to be forgotten, so that what they had said is not read again. Under row-level security from the start."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = (("agency", "0015_suppression"), ("community", "0004_begin_reading"))

    operations = (
        migrations.CreateModel(
            name="Forgotten",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("mark", models.BinaryField(help_text="A keyed hash of TikTok's mark of them.", max_length=32)),
                ("until", models.DateTimeField()),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("workspace", "mark"), name="community_forgotten_mark")]},
        ),
        WorkspaceTable("community_forgotten"),
    )
