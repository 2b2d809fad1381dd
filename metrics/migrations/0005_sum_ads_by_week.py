"""Sum up the days of ads by week of a month too: those that are kept already, from their days."""

from typing import Any

from django.db import migrations, models

from agency.database.policies import each_workspace

_FIGURES = (
    "spend", "impressions", "clicks", "conversions", "video_views", "video_views_2s", "video_views_6s", "video_views_whole", "likes",
    "comments", "shares", "follows",
)  # fmt: skip
_SUMS = ("rows_count", *_FIGURES, *(f"{name}_lacking" for name in _FIGURES))
_KEY = "workspace_id, ad_account_id, level, span, date, tiktok_campaign_id, tiktok_id"
_WEEK = "date_trunc('month', date)::date + 7 * least((extract(day FROM date)::int - 1) / 7, 3)"
_FILL = f"""
    INSERT INTO metrics_adsum ({_KEY}, {", ".join(_SUMS)})
    SELECT workspace_id, ad_account_id, level, 'week', {_WEEK}, tiktok_campaign_id, tiktok_id, {", ".join(f"sum({n})" for n in _SUMS)}
    FROM metrics_adsum WHERE span = 'day' GROUP BY 1, 2, 3, 5, 6, 7
    ON CONFLICT ({_KEY}) DO NOTHING
"""  # nosec B608 - names of this file


def fill(apps: Any, schema_editor: Any) -> None:
    """From the days of every workspace."""
    with schema_editor.connection.cursor() as cursor:
        for _ in each_workspace(cursor):
            cursor.execute(_FILL)


def empty(apps: Any, schema_editor: Any) -> None:
    """Take them out again."""
    with schema_editor.connection.cursor() as cursor:
        for _ in each_workspace(cursor):
            cursor.execute("DELETE FROM metrics_adsum WHERE span = 'week'")


class Migration(migrations.Migration):
    dependencies = (("metrics", "0004_keep_gained_days"), ("agency", "0002_row_level_security"))

    operations = (
        migrations.AlterField(
            "adsum", "span", models.CharField(choices=[("day", "Day"), ("week", "Week of a month"), ("month", "Month")], max_length=5)
        ),
        migrations.AlterField(
            "adsum",
            "date",
            models.DateField(help_text="The day, or the first day of the week or month, in the ad account's time zone."),
        ),
        migrations.RunPython(fill, empty),
    )
