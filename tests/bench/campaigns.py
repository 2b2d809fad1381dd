"""The Campaigns page over 1.8 million days of ads, beside a view that does nothing on the same server; and a file of a million rows."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import psycopg

from agency.local.browser import Browser
from tests.bench.figures import Figure
from tests.bench.paid import memory_of
from tests.bench.requests import Client
from tests.metrics import summing
from tests.stack.ground import Ground
from tests.walk import WHO, wait

ADS, GROUPS, CAMPAIGNS, DAYS = 20_000, 2_000, 500, 90
COUNT = 200
PAGES = {
    "campaigns, 7 days": "/campaigns",
    "campaigns, 90 days": "/campaigns?days=90",
    "campaigns, a year": "/campaigns?from={year_ago}&to={today}",
    "campaigns, sorted by CPM": "/campaigns?sort=-cpm",
    "ad groups, 7 days": "/campaigns?level=groups",
    "one ad group, 7 days": "/campaigns?level=ads&campaign=1&group=1",
    "all ads, 7 days": "/campaigns?level=ads",
}

_PLANT = f"""
    SET session_replication_role = replica;
    CREATE TEMPORARY TABLE here AS SELECT w.id AS workspace, gen_random_uuid() AS consent, gen_random_uuid() AS ad_account, m.person_id
        FROM agency_workspace w JOIN agency_membership m ON m.workspace_id = w.id JOIN agency_person p ON p.id = m.person_id
        WHERE p.email = %(who)s AND m.ended_at IS NULL LIMIT 1;
    INSERT INTO integrations_connection SELECT (jsonb_populate_record(c, jsonb_build_object('id', here.consent, 'kind', 'advertiser',
        'tiktok_open_id', 'bench', 'handle', '', 'display_name', 'Bench'))).* FROM here JOIN integrations_connection c ON c.id = (
        SELECT id FROM integrations_connection WHERE workspace_id = here.workspace AND state = 'live' LIMIT 1);
    INSERT INTO integrations_adaccount (id, workspace_id, connection_id, advertiser_id, name, currency, time_zone, tiktok_status, state,
        state_since, figures_from, figures_seen_at)
        SELECT ad_account, workspace, consent, '7999', 'A bench', 'USD', 'America/Los_Angeles', '', 'linked', now(), '2020-01-01',
        now() + interval '1 hour' FROM here;
    INSERT INTO metrics_adcampaign (id, workspace_id, ad_account_id, tiktok_campaign_id, name, objective, campaign_type, automation_type,
        budget_mode, operation_status, secondary_status, call_id, first_seen_at, changed_at)
        SELECT gen_random_uuid(), workspace, ad_account, n, 'Campaign ' || n, 'TRAFFIC', '', '', '', 'ENABLE', 'CAMPAIGN_STATUS_ENABLE', 1,
        now(), now() FROM here, generate_series(1, {CAMPAIGNS}) n;
    INSERT INTO metrics_adgroup (id, workspace_id, ad_account_id, tiktok_adgroup_id, tiktok_campaign_id, name, optimization_goal,
        billing_event, budget_mode, operation_status, secondary_status, call_id, first_seen_at, changed_at)
        SELECT gen_random_uuid(), workspace, ad_account, n, 1 + (n - 1) %% {CAMPAIGNS}, 'Ad group ' || n, 'CLICK', 'CPC', '', 'ENABLE',
        'ADGROUP_STATUS_DELIVERY_OK', 1, now(), now() FROM here, generate_series(1, {GROUPS}) n;
    INSERT INTO metrics_ad (id, workspace_id, ad_account_id, tiktok_ad_id, tiktok_adgroup_id, tiktok_campaign_id, name, ad_format,
        identity_type, identity_id, tiktok_item_id, video_id, ad_text, landing_page_url, operation_status, secondary_status, call_id,
        first_seen_at, changed_at)
        SELECT gen_random_uuid(), workspace, ad_account, n, 1 + (n - 1) %% {GROUPS}, 1 + (n - 1) %% {CAMPAIGNS}, 'Ad ' || n, '', '', '',
        '', '', '', '', 'ENABLE', 'AD_STATUS_DELIVERY_OK', 1, now(), now() FROM here, generate_series(1, {ADS}) n;
    INSERT INTO metrics_adday (workspace_id, ad_account_id, date, tiktok_ad_id, tiktok_adgroup_id, tiktok_campaign_id, spend, impressions,
        clicks, conversions, video_views, video_views_2s, video_views_6s, video_views_whole, likes, comments, shares, follows, call_id,
        first_seen_at, changed_at)
        SELECT workspace, ad_account, day::date, n, 1 + (n - 1) %% {GROUPS}, 1 + (n - 1) %% {CAMPAIGNS}, (n %% 977) / 7.0, n %% 7919,
        n %% 101, n %% 11, n %% 5003, n %% 3001, n %% 1009, n %% 401, n %% 31, n %% 7, n %% 5, n %% 3, 1, now(), now()
        FROM here, generate_series(1, {ADS}) n, generate_series(current_date - {DAYS - 1}, current_date, interval '1 day') day;
"""


def measure(ground: Ground) -> list[Figure]:
    """Worker and beat rest while pages are asked for; the worker alone makes the file."""
    browser = Browser(ground.stack.base_url)
    browser.sign_in(ground.people[WHO])
    ground.stack.children.stop("beat")
    try:
        rows, filled = plant(ground)
        figures = [Figure("days of ads planted", rows, "rows", f"their sums filled anew in {filled:.1f} s")]
        with resting(ground):
            figures += pages(ground, browser)
        figures += file(ground, browser)
    finally:
        browser.close()
        ground.stack.start("beat")
    return figures


def plant(ground: Ground) -> tuple[int, float]:
    """Straight into the tables, past row-level security and the checks of references; then the sums, and statistics for the planner."""
    with psycopg.connect(ground.environment["DATABASE_ADMIN_URL"], dbname="platform", autocommit=True) as connection:
        psycopg.ClientCursor(connection).execute(_PLANT, {"who": WHO})
        connection.execute("TRUNCATE metrics_adsum")
        start = time.perf_counter()
        connection.execute(summing.ANEW)
        filled = time.perf_counter() - start
        for table in ("metrics_adday", "metrics_adsum", "metrics_ad", "metrics_adgroup", "metrics_adcampaign"):
            connection.execute(f"VACUUM ANALYZE {table}")
        return connection.execute("SELECT count(*) FROM metrics_adday").fetchone()[0], filled


@contextmanager
def resting(ground: Ground) -> Iterator[None]:
    """The worker does nothing meanwhile."""
    ground.stack.children.stop("worker")
    try:
        yield
    finally:
        ground.stack.start("worker")


def pages(ground: Ground, browser: Browser) -> list[Figure]:
    """One client, each page beside the empty view in turns, so that a busy machine is busy for both."""
    client = Client(ground.stack.base_url, "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items()))
    today = time.strftime("%Y-%m-%d")
    dates = {"today": today, "year_ago": f"{int(today[:4]) - 1}{today[4:]}".replace("-02-29", "-02-28")}
    figures = []
    for name, path in PAGES.items():
        address = path.format(**dates)
        empty, asked, size = [], [], 0
        count = COUNT if name == "campaigns, 7 days" else COUNT // 8
        for number in range(count + 10):
            client.reconnect() if number % 50 == 0 else None
            for times, where in ((empty, "/empty"), (asked, address)):
                start = time.perf_counter()
                size = client.get(where)
                if number >= 10:
                    times.append(1000 * (time.perf_counter() - start))
        late = sorted(asked)[int(0.95 * len(asked))]
        ratio = median(asked) / median(empty)
        note = f"p95 {late:.1f} ms, {ratio:.1f} x the empty view, signed in, {size / 1024:.0f} KB"
        figures.append(Figure(f"/campaigns: {name}", median(asked), "ms", note))
    return figures


def file(ground: Ground, browser: Browser) -> list[Figure]:
    """Every day of every ad as CSV: made by the worker, then fetched."""
    page = browser.get(f"/exports/of/campaign-days?level=ads&days={DAYS}&as=csv")
    with memory_of(ground) as most:
        start = time.perf_counter()
        browser.submit(page, to="/exports/of/")
        wait(lambda: "/exports/files/" in browser.get("/exports").text and "Download" in browser.get("/exports").text, "the file", 280)
        spent = time.perf_counter() - start
    found = re.search(r"/exports/files/[0-9a-f-]{36}", browser.get("/exports").text)
    start, size, lines = time.perf_counter(), 0, 0
    with browser.http.stream("GET", found[0]) as answer:
        for chunk in answer.iter_bytes():
            size += len(chunk)
            lines += chunk.count(b"\n")
    fetched = time.perf_counter() - start
    what = f"{lines - 1:,} rows, {size / 1e6:.0f} MB, {spent:.1f} s"
    grown = f"{most[0]:.0f} MB before, {most[len(most) // 5]:.0f} after a fifth of the time, {most[-1]:.0f} at the end" if most else ""
    return [
        Figure("rows of a CSV, written and sealed", (lines - 1) / spent, "rows/s", what),
        Figure("memory of the worker, at its most", max(most, default=0.0), "MB", grown),
        Figure("fetching that file", size / 1e6 / fetched, "MB/s"),
    ]
