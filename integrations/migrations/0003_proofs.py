"""Keep the trips on which people show which TikTok account is theirs."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0002_row_level_security"),
    ]

    operations = [
        migrations.CreateModel(
            name="Proof",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("wanted_by", models.UUIDField(help_text="What it is for: a row on a floor above.")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("proved", "Proved"), ("failed", "Failed"), ("taken", "Taken")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("cause", models.CharField(blank=True, help_text="Why it failed.", max_length=20)),
                ("state_hash", models.BinaryField(max_length=32, unique=True)),
                ("browser_hash", models.BinaryField(max_length=32)),
                ("verifier_sealed", models.BinaryField(help_text="Emptied when it was used.", null=True)),
                ("account_sealed", models.BinaryField(help_text="Whose account it is, until that is taken.", null=True)),
                ("started_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["expires_at"], name="integrations_proof_expires")],
            },
        ),
    ]
