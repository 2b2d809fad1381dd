"""Sums over the days of ads, under row-level security; and views of two seconds."""

import django.db.models.deletion
from django.db import migrations, models

import agency.models
from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0008_guesses"),
        ("integrations", "0005_ad_accounts"),
        ("metrics", "0007_keep_day_totals"),
    ]

    operations = [
        migrations.AddField(
            model_name="adday",
            name="video_views_2s",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.CreateModel(
            name="AdSum",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "level",
                    models.CharField(
                        choices=[("ad_account", "Ad account"), ("campaign", "Campaign"), ("ad_group", "Ad group")], max_length=10
                    ),
                ),
                ("span", models.CharField(choices=[("day", "Day"), ("month", "Month")], max_length=5)),
                ("date", models.DateField(help_text="The day, or the first day of the month, in the ad account's time zone.")),
                (
                    "tiktok_id",
                    models.CharField(blank=True, help_text="Of the campaign or the ad group; empty for the ad account.", max_length=32),
                ),
                ("tiktok_campaign_id", models.CharField(blank=True, help_text="Of an ad group: where it belongs.", max_length=32)),
                ("rows_count", models.BigIntegerField(help_text="How many days of ads are in it.")),
                ("spend", models.DecimalField(decimal_places=6, max_digits=26)),
                ("impressions", models.DecimalField(decimal_places=0, max_digits=26)),
                ("clicks", models.DecimalField(decimal_places=0, max_digits=26)),
                ("conversions", models.DecimalField(decimal_places=0, max_digits=26)),
                ("video_views", models.DecimalField(decimal_places=0, max_digits=26)),
                ("video_views_2s", models.DecimalField(decimal_places=0, max_digits=26)),
                ("video_views_6s", models.DecimalField(decimal_places=0, max_digits=26)),
                ("video_views_whole", models.DecimalField(decimal_places=0, max_digits=26)),
                ("likes", models.DecimalField(decimal_places=0, max_digits=26)),
                ("comments", models.DecimalField(decimal_places=0, max_digits=26)),
                ("shares", models.DecimalField(decimal_places=0, max_digits=26)),
                ("follows", models.DecimalField(decimal_places=0, max_digits=26)),
                ("spend_lacking", models.BigIntegerField()),
                ("impressions_lacking", models.BigIntegerField()),
                ("clicks_lacking", models.BigIntegerField()),
                ("conversions_lacking", models.BigIntegerField()),
                ("video_views_lacking", models.BigIntegerField()),
                ("video_views_2s_lacking", models.BigIntegerField()),
                ("video_views_6s_lacking", models.BigIntegerField()),
                ("video_views_whole_lacking", models.BigIntegerField()),
                ("likes_lacking", models.BigIntegerField()),
                ("comments_lacking", models.BigIntegerField()),
                ("shares_lacking", models.BigIntegerField()),
                ("follows_lacking", models.BigIntegerField()),
                (
                    "ad_account",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sums",
                        to="integrations.adaccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["workspace", "ad_account", "level", "tiktok_id", "date"], name="metrics_ad_sum_one")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "ad_account", "level", "span", "date", "tiktok_campaign_id", "tiktok_id"),
                        name="metrics_ad_sum",
                    )
                ],
            },
        ),
        WorkspaceTable(
            "metrics_adsum",
            references={"ad_account_id": "integrations_adaccount"},
            cascade=("ad_account_id",),
            indexed=("ad_account_id",),
        ),
    ]
