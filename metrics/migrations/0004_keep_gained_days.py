"""Keep what posts gained by day in step with the looks at them, in the same transaction."""

from django.db import migrations

# s: a look; b: the look before it; p: the post; a: since when the account's posts have been looked at.
_NEWBORN = "(b.hour IS NULL AND p.created_at >= a.begun_at)"  # it had nothing before our first look
_KNOWN = f"(s.views IS NOT NULL AND (b.views IS NOT NULL OR {_NEWBORN}))"
_PARTS = ("likes", "comments", "shares")
_TOLD = " AND ".join(f"s.{name} IS NOT NULL AND (b.{name} IS NOT NULL OR {_NEWBORN})" for name in _PARTS)
_SUMS = {
    "looks_count": "count(*)",
    "begun_count": f"count(*) FILTER (WHERE NOT {_KNOWN})",
    "lacking_count": f"count(*) FILTER (WHERE {_KNOWN} AND NOT ({_TOLD}))",
    "views": f"coalesce(sum(greatest(s.views - coalesce(b.views, 0), 0)) FILTER (WHERE {_KNOWN}), 0)",
} | {
    name: f"coalesce(sum(greatest(s.{name} - coalesce(b.{name}, 0), 0)) FILTER (WHERE {_KNOWN} AND {_TOLD}), 0)" for name in _PARTS
}  # fmt: skip
_DAY = "(s.hour AT TIME ZONE 'UTC')::date"
_INTO = f"INSERT INTO metrics_gainedday (workspace_id, account_id, date, {', '.join(_SUMS)})"
_BEFORE = """LEFT JOIN LATERAL (
    SELECT * FROM metrics_postsnapshot e WHERE e.workspace_id = s.workspace_id AND e.post_id = s.post_id AND e.hour < s.hour
    ORDER BY e.hour DESC LIMIT 1) b ON true"""
_ADD = ", ".join(f"{name} = metrics_gainedday.{name} + EXCLUDED.{name}" for name in _SUMS)

# Step by step: in one join, a planner that knows nothing yet about a new account looks at all its posts once for each of the looks.
_KEPT = f"""
CREATE FUNCTION metrics_looks_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    WITH posts AS MATERIALIZED (
        SELECT p.workspace_id, p.id, p.account_id, p.created_at FROM metrics_post p
        WHERE (p.workspace_id, p.id) IN (SELECT n.workspace_id, n.post_id FROM new_looks n)
    ), accounts AS MATERIALIZED (
        SELECT of.workspace_id, of.account_id, (
            SELECT min(q.first_seen_at) FROM metrics_post q WHERE q.workspace_id = of.workspace_id AND q.account_id = of.account_id
        ) AS begun_at FROM (SELECT DISTINCT workspace_id, account_id FROM posts) of
    )
    {_INTO} SELECT s.workspace_id, p.account_id, {_DAY}, {", ".join(_SUMS.values())}
    FROM new_looks s JOIN posts p ON p.workspace_id = s.workspace_id AND p.id = s.post_id
    JOIN accounts a ON a.workspace_id = p.workspace_id AND a.account_id = p.account_id {_BEFORE}
    GROUP BY s.workspace_id, p.account_id, {_DAY} ORDER BY 1, 2, 3
    ON CONFLICT (workspace_id, account_id, date) DO UPDATE SET {_ADD};
    RETURN NULL;
END $$;
CREATE TRIGGER metrics_looks_added AFTER INSERT ON metrics_postsnapshot REFERENCING NEW TABLE AS new_looks
    FOR EACH STATEMENT EXECUTE FUNCTION metrics_looks_added();
"""  # nosec B608 - names of this file
_UNKEPT = "DROP TRIGGER metrics_looks_added ON metrics_postsnapshot; DROP FUNCTION metrics_looks_added();"


class Migration(migrations.Migration):
    dependencies = (("metrics", "0003_keep_day_totals"),)
    replaces = (("metrics", "0013_gained_days"),)

    operations = (migrations.RunSQL(_KEPT, _UNKEPT),)
