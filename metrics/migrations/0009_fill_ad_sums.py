"""Fill the sums from the days of ads that are here already.

Row-level security would show the owner one workspace at a time and none without a setting, so it is not forced on the owner while this
runs, inside the transaction; other roles see nothing of it.
"""

from django.db import migrations

_FIGURES = (
    "spend", "impressions", "clicks", "conversions", "video_views", "video_views_2s", "video_views_6s", "video_views_whole", "likes",
    "comments", "shares", "follows",
)  # fmt: skip
_FILL = f"""
    INSERT INTO metrics_adsum (workspace_id, ad_account_id, level, span, date, tiktok_campaign_id, tiktok_id, rows_count,
        {", ".join(_FIGURES)}, {", ".join(f"{name}_lacking" for name in _FIGURES)})
    SELECT d.workspace_id, d.ad_account_id, l.level, s.span, s.first, l.parent, l.name, count(*),
        {", ".join(f"coalesce(sum(d.{name}), 0)" for name in _FIGURES)},
        {", ".join(f"count(*) FILTER (WHERE d.{name} IS NULL)" for name in _FIGURES)}
    FROM metrics_adday d
    CROSS JOIN LATERAL (VALUES ('ad_account', '', ''), ('campaign', '', d.tiktok_campaign_id),
        ('ad_group', d.tiktok_campaign_id, d.tiktok_adgroup_id)) AS l(level, parent, name)
    CROSS JOIN LATERAL (VALUES ('day', d.date), ('month', date_trunc('month', d.date)::date)) AS s(span, first)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
"""  # nosec B608 - names of this file
_FORCE = [f"ALTER TABLE {table} {{}} ROW LEVEL SECURITY" for table in ("metrics_adday", "metrics_adsum")]


class Migration(migrations.Migration):
    dependencies = [("metrics", "0008_ad_sums")]

    operations = [
        migrations.RunSQL(
            [one.format("NO FORCE") for one in _FORCE] + [_FILL] + [one.format("FORCE") for one in _FORCE],
            reverse_sql=[_FORCE[1].format("NO FORCE"), "DELETE FROM metrics_adsum", _FORCE[1].format("FORCE")],
        )
    ]
