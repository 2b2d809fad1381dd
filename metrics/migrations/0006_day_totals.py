"""Add the days of brands and workspaces, what an account's day says of unique viewers, and how long a post was watched."""

import django.db.models.deletion
from django.db import migrations, models

import agency.models


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0008_guesses"),
        ("metrics", "0005_mentions"),
    ]

    operations = [
        migrations.AddField(
            model_name="accountday",
            name="viewers",
            field=models.PositiveBigIntegerField(help_text="Unique within the day. TikTok tells it of business accounts only.", null=True),
        ),
        migrations.AddField(
            model_name="post",
            name="watched_seconds",
            field=models.FloatField(help_text="All of its views together.", null=True),
        ),
        migrations.CreateModel(
            name="BrandDay",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("date", models.DateField()),
                ("accounts_count", models.BigIntegerField(help_text="Accounts with a row of this day.")),
                ("views", models.BigIntegerField()),
                ("with_views", models.BigIntegerField()),
                ("profile_views", models.BigIntegerField()),
                ("with_profile_views", models.BigIntegerField()),
                (
                    "viewers",
                    models.BigIntegerField(help_text="Unique within each account; somebody who watches two accounts counts twice."),
                ),
                ("with_viewers", models.BigIntegerField()),
                (
                    "likes",
                    models.BigIntegerField(help_text="Over accounts that told views, likes, comments and shares; so are the next two."),
                ),
                ("comments", models.BigIntegerField()),
                ("shares", models.BigIntegerField()),
                ("with_engagement", models.BigIntegerField()),
                ("followers", models.BigIntegerField()),
                ("with_followers", models.BigIntegerField()),
                (
                    "brand",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="agency.brand",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("workspace", "brand", "date"), name="metrics_brand_day")],
            },
        ),
        migrations.CreateModel(
            name="WorkspaceDay",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("date", models.DateField()),
                ("accounts_count", models.BigIntegerField(help_text="Accounts with a row of this day.")),
                ("views", models.BigIntegerField()),
                ("with_views", models.BigIntegerField()),
                ("profile_views", models.BigIntegerField()),
                ("with_profile_views", models.BigIntegerField()),
                (
                    "viewers",
                    models.BigIntegerField(help_text="Unique within each account; somebody who watches two accounts counts twice."),
                ),
                ("with_viewers", models.BigIntegerField()),
                (
                    "likes",
                    models.BigIntegerField(help_text="Over accounts that told views, likes, comments and shares; so are the next two."),
                ),
                ("comments", models.BigIntegerField()),
                ("shares", models.BigIntegerField()),
                ("with_engagement", models.BigIntegerField()),
                ("followers", models.BigIntegerField()),
                ("with_followers", models.BigIntegerField()),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("workspace", "date"), name="metrics_workspace_day")],
            },
        ),
    ]
