"""Pages of figures over a large history: how long they take, from a week to a year, beside a view that does nothing.

Five thousand accounts in fifty workspaces, two hundred thousand posts, ten million looks at them, put straight into the tables.
"""

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from agency.local.browser import Browser
from tests.bench.figures import Figure
from tests.bench.requests import Client
from tests.stack.ground import Ground
from tests.walk import WHO

SHARE = float(os.environ.get("BENCH_SHARE", "1"))  # a smaller one for a machine that has no time
WORKSPACES = max(1, int(50 * SHARE))  # a hundred accounts in each, whatever the share
ACCOUNTS, DAYS, POSTS, LOOKS = 100 * WORKSPACES, 800, 40, 50
BRANDS = 5  # in each workspace; every sixth account belongs to none
REQUESTS = 120
PAGES = {
    "dashboard, 7 days": "/performance?days=7",
    "dashboard, 90 days": "/performance?days=90",
    "dashboard, a year against the year before": "/performance?from={year}&to={last}&against=year",
    "five brands side by side, a year": "/performance/brands?from={year}&to={last}&against=year",
    "list of posts, a year": "/performance/posts?from={year}&to={last}&sort=-engagement",
    "audience, a year": "/performance/audience?from={year}&to={last}",
}

# Our own accounts are copies of one that was connected and synced, so that every column holds something that can be.
_PLANT = (
    "SET session_replication_role = replica",  # no triggers: the totals are made at once below
    """CREATE TEMP TABLE places AS
       SELECT CASE n WHEN 1 THEN w.id ELSE gen_random_uuid() END AS workspace_id, n
       FROM agency_workspace w, generate_series(1, {workspaces}) n WHERE w.slug = 'brass-studio'""",
    """INSERT INTO agency_workspace SELECT r.* FROM places p, LATERAL jsonb_populate_record(NULL::agency_workspace,
       (SELECT to_jsonb(w) FROM agency_workspace w WHERE w.slug = 'brass-studio')
       || jsonb_build_object('id', p.workspace_id, 'slug', 'bench-' || p.n)) r WHERE p.n > 1""",
    """CREATE TEMP TABLE planted AS SELECT p.workspace_id, gen_random_uuid() AS connection_id, gen_random_uuid() AS account_id, n.n
       FROM generate_series(1, {accounts}) n(n) JOIN places p ON p.n = 1 + n.n % {workspaces}""",
    """INSERT INTO integrations_connection SELECT r.* FROM planted p, LATERAL jsonb_populate_record(NULL::integrations_connection,
       (SELECT to_jsonb(c) FROM integrations_connection c WHERE c.handle = 'brassorbit3' AND c.state = 'live' LIMIT 1)
       || jsonb_build_object('id', p.connection_id,
       'workspace_id', p.workspace_id, 'tiktok_open_id', 'bench-' || p.n, 'handle', 'bench' || p.n)) r""",
    """INSERT INTO metrics_account SELECT r.* FROM planted p, LATERAL jsonb_populate_record(NULL::metrics_account,
       (SELECT to_jsonb(a) FROM metrics_account a JOIN integrations_connection c ON c.id = a.connection_id WHERE c.handle = 'brassorbit3'
        LIMIT 1) || jsonb_build_object('id', p.account_id, 'workspace_id', p.workspace_id, 'connection_id', p.connection_id)) r""",
    """CREATE TEMP TABLE brands AS SELECT workspace_id, gen_random_uuid() AS id, k FROM places, generate_series(0, {brands} - 1) k""",
    """INSERT INTO agency_brand (workspace_id, id, name) SELECT workspace_id, id, 'Brand ' || k FROM brands""",
    """UPDATE metrics_account a SET brand_id = b.id FROM planted p JOIN brands b USING (workspace_id)
       WHERE a.id = p.account_id AND b.k = p.n / {workspaces} % ({brands} + 1)""",
    """INSERT INTO metrics_accountday (workspace_id, account_id, date, video_views, profile_views, likes, comments, shares,
       followers_count, new_followers, lost_followers, viewers, call_id, first_seen_at, changed_at)
       SELECT p.workspace_id, p.account_id, current_date - d, 1000 + (p.n * 31 + d) % 997, 50, 40, 5, 5, 10000 - d, 9, 2, 800, 1,
       now(), now()
       FROM planted p, generate_series(3, {days}) d""",
    """INSERT INTO metrics_post (workspace_id, id, account_id, tiktok_item_id, created_at, media_type, caption, share_url, views, likes,
       comments, shares, favorites, reach, watch_through_rate, average_watched_seconds, watched_seconds, call_id,
       first_seen_at, seen_at, quiet_count)
       SELECT p.workspace_id, gen_random_uuid(), p.account_id, p.n || '-' || k, now() - (3 + k * 9) * interval '1 day', 'VIDEO',
       'Planted post ' || k, '', (p.n * 7919 + k * 104729) % 500000, 900, 30, 20, 10, 1000, 0.5, 8.5, 8500, 1, now(), now(), 0
       FROM planted p, generate_series(1, {posts}) k""",
    """INSERT INTO metrics_postsnapshot (workspace_id, post_id, hour, taken_at, views, likes, comments, shares, favorites, call_id)
       SELECT p.workspace_id, p.id, date_trunc('hour', p.created_at + k * interval '19 hours'), p.created_at + k * interval '19 hours',
       p.views * k / {looks}, 1, 1, 1, 1, 1
       FROM metrics_post p JOIN planted USING (account_id), generate_series(1, {looks}) k""",
    """INSERT INTO metrics_workspaceday (workspace_id, date, accounts_count, views, with_views, profile_views, with_profile_views, viewers,
       with_viewers, likes, comments, shares, with_engagement, followers, with_followers)
       SELECT workspace_id, date, count(*), sum(video_views), count(video_views), sum(profile_views), count(profile_views), sum(viewers),
       count(viewers), sum(likes), sum(comments), sum(shares), count(*), sum(followers_count), count(followers_count)
       FROM metrics_accountday WHERE account_id IN (SELECT account_id FROM planted) GROUP BY 1, 2
       ON CONFLICT (workspace_id, date) DO UPDATE SET accounts_count = metrics_workspaceday.accounts_count + EXCLUDED.accounts_count,
       views = metrics_workspaceday.views + EXCLUDED.views, with_views = metrics_workspaceday.with_views + EXCLUDED.with_views""",
    """INSERT INTO metrics_brandday (workspace_id, brand_id, date, accounts_count, views, with_views, profile_views, with_profile_views,
       viewers, with_viewers, likes, comments, shares, with_engagement, followers, with_followers)
       SELECT d.workspace_id, a.brand_id, date, count(*), sum(video_views), count(video_views), sum(profile_views), count(profile_views),
       sum(viewers), count(viewers), sum(likes), sum(comments), sum(shares), count(*), sum(d.followers_count), count(d.followers_count)
       FROM metrics_accountday d JOIN metrics_account a ON a.id = d.account_id JOIN brands b ON b.id = a.brand_id GROUP BY 1, 2, 3""",
    "SET session_replication_role = origin",
)  # fmt: skip

_CORRECT = """UPDATE metrics_accountday SET video_views = video_views + 1 WHERE account_id = %s AND date >= current_date - 5
              AND workspace_id = (SELECT workspace_id FROM planted WHERE account_id = %s)"""


def measure(ground: Ground) -> list[Figure]:
    """Worker and beat rest: nothing but requests is measured."""
    browser = Browser(ground.stack.base_url)
    browser.sign_in(ground.people[WHO])
    ground.stack.children.stop("beat", "worker")
    with psycopg.connect(ground.environment["DATABASE_ADMIN_URL"], dbname="platform", autocommit=True) as admin:
        sizes = {"accounts": ACCOUNTS, "workspaces": WORKSPACES, "brands": BRANDS, "days": DAYS, "posts": POSTS, "looks": LOOKS}
        start = time.perf_counter()
        with _without_indexes(admin, "metrics_accountday", "metrics_postsnapshot"):
            for statement in _PLANT:
                admin.execute(statement.format(**sizes))
        tables = (
            "integrations_connection",
            *(f"metrics_{name}" for name in ("account", "accountday", "post", "postsnapshot", "workspaceday", "brandday")),
        )
        admin.execute(f"VACUUM (ANALYZE) {', '.join(tables)}")
        looks = admin.execute("SELECT count(*) FROM metrics_postsnapshot").fetchone()[0]
        planted = time.perf_counter() - start
        last, year = admin.execute("SELECT current_date - 3, current_date - 367").fetchone()
        update = _update(admin)
    cookies = "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items())
    client = Client(ground.stack.base_url, cookies)
    empty = _times(client, "/empty")
    found = [
        Figure("rows of looks", looks, "rows", f"{ACCOUNTS:,} accounts, {ACCOUNTS * POSTS:,} posts, planted in {planted:.0f} s"),
        Figure("empty view, signed in, median", empty[0], "ms", f"p95 {empty[1]:.1f} ms"),
        Figure("corrections of three days, with both totals", update, "ms", "of one account, in one statement"),
    ]
    for name, path in PAGES.items():
        median, p95, size = _times(client, path.format(last=last, year=year))
        note = f"p95 {p95:.1f} ms, {median / empty[0]:.1f} x the empty view, {size / 1024:.0f} KB"
        found.append(Figure(f"{name}, median", median, "ms", note))
    browser.close()
    return found


@contextmanager
def _without_indexes(admin: psycopg.Connection[Any], *tables: str) -> Iterator[None]:
    """Millions of rows go in several times faster when their indexes are made afterwards, each in one sorted pass."""
    again: list[str] = []
    admin.execute("SET maintenance_work_mem = '512MB'; SET synchronous_commit = off; SET work_mem = '256MB'")
    for table in tables:
        keys = admin.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p', 'u')", [table]
        ).fetchall()
        for name, definition in keys:
            admin.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            again.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for name, definition in admin.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass", [table]
        ).fetchall():
            admin.execute(f"DROP INDEX {name}")
            again.append(definition)
    yield
    for statement in again:
        admin.execute(statement)


def _update(admin: psycopg.Connection[Any]) -> float:
    """What keeping the totals adds to a sync: the median of fifty accounts of the largest workspace."""
    spent = []
    for (account,) in admin.execute("SELECT account_id FROM planted WHERE n % 50 = 0 LIMIT 50").fetchall():
        start = time.perf_counter()
        admin.execute(_CORRECT, [account, account])
        spent.append((time.perf_counter() - start) * 1000)
    return statistics.median(spent)


def _times(client: Client, path: str) -> tuple[float, float, int]:
    """Median and p95 of a page in milliseconds, one client, and how long its answer is."""
    client.reconnect()
    for _ in range(10):
        client.get(path)
    spent, size = [], 0
    for _ in range(REQUESTS):
        start = time.perf_counter()
        size = client.get(path)
        spent.append((time.perf_counter() - start) * 1000)
    spent.sort()
    return statistics.median(spent), spent[int(len(spent) * 0.95)], size
