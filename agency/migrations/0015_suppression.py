"""Remember addresses that bounced or complained, by keyed hash."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("agency", "0014_restoration"),)

    operations = (
        migrations.CreateModel(
            name="Suppression",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("keyed_hash", models.BinaryField(max_length=32, unique=True)),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("bounced", "Its mail server refused it for good"),
                            ("complained", "Its reader called our mail unwanted"),
                        ],
                        max_length=10,
                    ),
                ),
                ("since", models.DateTimeField()),
            ],
        ),
    )
