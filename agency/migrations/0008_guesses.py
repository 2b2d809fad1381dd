"""Count tries at passwords and codes, for all processes together."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("agency", "0007_sessions"),)

    operations = (
        migrations.CreateModel(
            name="Guess",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("keyed_hash", models.BinaryField(max_length=32)),
                ("at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["keyed_hash", "at"], name="agency_guess_account")]},
        ),
    )
