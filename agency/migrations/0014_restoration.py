"""That the database came out of a backup, and whether what was erased since is erased again."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("agency", "0013_audit_subjects"),)

    operations = (
        migrations.CreateModel(
            name="Restoration",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("taken_at", models.DateTimeField(help_text="When the backup was taken.")),
                ("restored_at", models.DateTimeField()),
                ("replayed_at", models.DateTimeField(null=True)),
            ],
        ),
    )
