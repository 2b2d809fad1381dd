"""The sums over the days of ads, all of them anew from the days: what the sums that are kept in step have to equal.

Under row-level security it sums what the asking role sees.
"""

_FIGURES = (
    "spend", "impressions", "clicks", "conversions", "video_views", "video_views_2s", "video_views_6s", "video_views_whole", "likes",
    "comments", "shares", "follows",
)  # fmt: skip
ANEW = f"""
    INSERT INTO metrics_adsum (workspace_id, ad_account_id, level, span, date, tiktok_campaign_id, tiktok_id, rows_count,
        {", ".join(_FIGURES)}, {", ".join(f"{name}_lacking" for name in _FIGURES)})
    SELECT d.workspace_id, d.ad_account_id, l.level, s.span, s.first, l.parent, l.name, count(*),
        {", ".join(f"coalesce(sum(d.{name}), 0)" for name in _FIGURES)},
        {", ".join(f"count(*) FILTER (WHERE d.{name} IS NULL)" for name in _FIGURES)}
    FROM metrics_adday d
    CROSS JOIN LATERAL (VALUES ('ad_account', '', ''), ('campaign', '', d.tiktok_campaign_id),
        ('ad_group', d.tiktok_campaign_id, d.tiktok_adgroup_id)) AS l(level, parent, name)
    CROSS JOIN LATERAL (VALUES ('day', d.date),
        ('week', date_trunc('month', d.date)::date + 7 * least((extract(day FROM d.date)::int - 1) / 7, 3)),
        ('month', date_trunc('month', d.date)::date)) AS s(span, first)
    GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
"""  # nosec B608 - names of this file
