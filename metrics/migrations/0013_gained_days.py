"""Add what posts gained by day, out of the looks at them."""

import django.db.models.deletion
from django.db import migrations, models

import agency.models


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0015_suppression"),
        ("metrics", "0012_judged_until"),
    ]

    operations = [
        migrations.CreateModel(
            name="GainedDay",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("date", models.DateField()),
                ("looks_count", models.BigIntegerField()),
                (
                    "begun_count",
                    models.BigIntegerField(
                        help_text="Looks of which nobody knows since when the post gained its views: nothing is counted."
                    ),
                ),
                (
                    "lacking_count",
                    models.BigIntegerField(help_text="Looks whose views are counted and whose likes, comments or shares cannot be."),
                ),
                ("views", models.BigIntegerField(help_text="A counter that TikTok lowered has gained nothing; so have the next three.")),
                ("likes", models.BigIntegerField()),
                ("comments", models.BigIntegerField()),
                ("shares", models.BigIntegerField()),
                (
                    "account",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="metrics.account",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("workspace", "account", "date"), name="metrics_gained_day")],
            },
        ),
    ]
