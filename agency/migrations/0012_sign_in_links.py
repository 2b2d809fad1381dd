"""Let a person sign in with an account elsewhere, of which only a keyed hash is kept."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("agency", "0011_file_workspaces"),)

    operations = (
        migrations.CreateModel(
            name="SignInLink",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("keyed_hash", models.BinaryField(max_length=32, unique=True)),
                ("linked_at", models.DateTimeField()),
            ],
        ),
    )
