"""Keep the totals of brands and workspaces in step with the days of accounts, whoever changes a day, in the same transaction."""

from django.db import migrations

# Column of a total -> what one day of one account adds to it.
_WHOLE = "d.video_views IS NOT NULL AND d.likes IS NOT NULL AND d.comments IS NOT NULL AND d.shares IS NOT NULL"
_ADDS = {
    "accounts_count": "1",
    "views": "coalesce(d.video_views, 0)",
    "with_views": "(d.video_views IS NOT NULL)::int",
    "profile_views": "coalesce(d.profile_views, 0)",
    "with_profile_views": "(d.profile_views IS NOT NULL)::int",
    "viewers": "coalesce(d.viewers, 0)",
    "with_viewers": "(d.viewers IS NOT NULL)::int",
    "likes": f"CASE WHEN {_WHOLE} THEN d.likes ELSE 0 END",
    "comments": f"CASE WHEN {_WHOLE} THEN d.comments ELSE 0 END",
    "shares": f"CASE WHEN {_WHOLE} THEN d.shares ELSE 0 END",
    "with_engagement": f"({_WHOLE})::int",
    "followers": "coalesce(d.followers_count, 0)",
    "with_followers": "(d.followers_count IS NOT NULL)::int",
}
_BRAND_OF = "JOIN metrics_account a ON a.workspace_id = d.workspace_id AND a.id = d.account_id AND a.brand_id IS NOT NULL"


def _add(table: str, rows: str, *, brand: str = "", join: str = "") -> str:
    """Add signed rows `d` to a table of totals. In the order of the key, so that two syncs never wait for each other in a circle."""
    key = f"workspace_id, {'brand_id, ' if brand else ''}date"
    from_key = f"d.workspace_id, {f'{brand}, ' if brand else ''}d.date"
    sums = ", ".join(f"sum(d.sign * ({what}))" for what in _ADDS.values())
    sets = ", ".join(f"{name} = {table}.{name} + EXCLUDED.{name}" for name in _ADDS)
    return (
        f"INSERT INTO {table} ({key}, {', '.join(_ADDS)}) SELECT {from_key}, {sums} FROM ({rows}) d {join} "  # nosec B608
        f"GROUP BY {from_key} ORDER BY {from_key} ON CONFLICT ({key}) DO UPDATE SET {sets};"
    )


def _both(rows: str) -> str:
    return _add("metrics_workspaceday", rows) + _add("metrics_brandday", rows, brand="a.brand_id", join=_BRAND_OF)


def _sweep(where: str) -> str:
    """A day that no account has any more is no row."""
    return "".join(
        f"DELETE FROM {t} t WHERE t.accounts_count = 0 AND {where};"  # nosec B608
        for t in ("metrics_workspaceday", "metrics_brandday")
    )


_NEW, _OLD = "SELECT *, 1 AS sign FROM new_days", "SELECT *, -1 AS sign FROM old_days"
_GONE = "(t.workspace_id, t.date) IN (SELECT workspace_id, date FROM old_days)"
_OF_ACCOUNT = "SELECT *, {sign} AS sign FROM metrics_accountday WHERE workspace_id = {row}.workspace_id AND account_id = {row}.id"


def _function(name: str, body: str, answer: str = "NULL") -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN {answer}; END $$;"


def _trigger(name: str, when: str, table: str, each: str) -> str:
    return f"CREATE TRIGGER {name} {when} ON {table} {each} EXECUTE FUNCTION {name}();"


_MOVED = "".join(
    f"IF {row}.brand_id IS NOT NULL THEN "
    f"{_add('metrics_brandday', _OF_ACCOUNT.format(sign=sign, row=row), brand=f'{row}.brand_id')} END IF;"
    for row, sign in (("OLD", -1), ("NEW", 1))
)
_MOVED += "DELETE FROM metrics_brandday t WHERE t.workspace_id = OLD.workspace_id AND t.brand_id = OLD.brand_id AND t.accounts_count = 0;"

_KEPT = "\n".join(
    (
        _function("metrics_days_added", _both(_NEW)),
        _trigger("metrics_days_added", "AFTER INSERT", "metrics_accountday", "REFERENCING NEW TABLE AS new_days FOR EACH STATEMENT"),
        _function("metrics_days_corrected", _both(f"{_NEW} UNION ALL {_OLD}")),
        _trigger(
            "metrics_days_corrected",
            "AFTER UPDATE",
            "metrics_accountday",
            "REFERENCING NEW TABLE AS new_days OLD TABLE AS old_days FOR EACH STATEMENT",
        ),
        _function("metrics_days_removed", _both(_OLD) + _sweep(_GONE)),
        _trigger("metrics_days_removed", "AFTER DELETE", "metrics_accountday", "REFERENCING OLD TABLE AS old_days FOR EACH STATEMENT"),
        _function(
            "metrics_account_changes_brand",
            _MOVED,
        ),
        _trigger(
            "metrics_account_changes_brand",
            "AFTER UPDATE OF brand_id",
            "metrics_account",
            "FOR EACH ROW WHEN (OLD.brand_id IS DISTINCT FROM NEW.brand_id)",
        ),
        # The days go while their account still says whose they are: a cascade would come when it is gone.
        _function(
            "metrics_account_goes", "DELETE FROM metrics_accountday WHERE workspace_id = OLD.workspace_id AND account_id = OLD.id;", "OLD"
        ),
        _trigger("metrics_account_goes", "BEFORE DELETE", "metrics_account", "FOR EACH ROW"),
    )
)
_NAMES = {
    "metrics_days_added": "metrics_accountday",
    "metrics_days_corrected": "metrics_accountday",
    "metrics_days_removed": "metrics_accountday",
    "metrics_account_changes_brand": "metrics_account",
    "metrics_account_goes": "metrics_account",
}
_UNKEPT = "".join(f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();" for name, table in _NAMES.items())


class Migration(migrations.Migration):
    dependencies = (("metrics", "0002_row_level_security"),)
    replaces = (("metrics", "0007_keep_day_totals"),)

    operations = (migrations.RunSQL(_KEPT, _UNKEPT),)
