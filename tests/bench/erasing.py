"""Erasing a connection with a million rows: how long it takes, and whether anybody waits for it who works meanwhile.

The others are the same workspace's people, whose rows lie in the same tables: one client asks for pages without a pause, before the run and
beside it, and a second look, every few milliseconds, asks the database who waits for whose lock. The machine has the run and the pages to
do at the same time, so a page may take longer beside it; that nobody waits for the run itself is what the locks say.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from agency.local.browser import Browser
from agency.local.home import PROJECT
from tests.bench.figures import Figure
from tests.bench.paid import processor_seconds
from tests.bench.requests import Client
from tests.stack.ground import Ground
from tests.walk import WHO

SHARE = float(os.environ.get("BENCH_SHARE", "1"))  # a smaller one for a machine that has no time
POSTS, LOOKS = max(1, int(4_000 * SHARE)), 250
QUIET_SECONDS = 5.0
PAGES = ("/performance?days=7", "/performance/posts", "/settings/integrations")
HANDLE = "bencherased"

# A copy of the account that was connected and synced, with as many posts and dated counters as it takes.
_PLANT = (
    "SET session_replication_role = replica",
    """CREATE TEMP TABLE planted AS SELECT c.workspace_id, c.id AS model, gen_random_uuid() AS connection_id,
       gen_random_uuid() AS account_id FROM integrations_connection c WHERE c.handle = 'brassorbit3' AND c.state = 'live' LIMIT 1""",
    f"""INSERT INTO integrations_connection SELECT r.* FROM planted p JOIN integrations_connection c ON c.id = p.model, LATERAL
       jsonb_populate_record(NULL::integrations_connection, to_jsonb(c) || jsonb_build_object('id', p.connection_id, 'handle', '{HANDLE}',
       'tiktok_open_id', 'bench-open-id-of-it', 'display_name', 'Bench erased', 'state', 'disconnected', 'access_token_sealed', NULL,
       'refresh_token_sealed', NULL, 'disconnected_at', now() - interval '84 days', 'delete_data_on', current_date + 6)) r""",
    """INSERT INTO metrics_account SELECT r.* FROM planted p JOIN metrics_account a ON a.connection_id = p.model, LATERAL
       jsonb_populate_record(NULL::metrics_account,
       to_jsonb(a) || jsonb_build_object('id', p.account_id, 'connection_id', p.connection_id)) r""",
    """INSERT INTO metrics_post (workspace_id, id, account_id, tiktok_item_id, created_at, media_type, caption, share_url, views, likes,
       comments, shares, favorites, reach, watch_through_rate, average_watched_seconds, watched_seconds, call_id,
       first_seen_at, seen_at, quiet_count)
       SELECT p.workspace_id, gen_random_uuid(), p.account_id, 'bench-' || k, now() - k * interval '1 hour', 'VIDEO',
       'Planted post ' || k, '', k, 900, 30, 20, 10, 1000, 0.5, 8.5, 8500, 1, now(), now(), 0
       FROM planted p, generate_series(1, {posts}) k""",
    """INSERT INTO metrics_postsnapshot (workspace_id, post_id, hour, taken_at, views, likes, comments, shares, favorites, call_id)
       SELECT o.workspace_id, o.id, date_trunc('hour', now()) - n * interval '1 hour', now() - n * interval '1 hour', 1000 - n, 9, 3, 2, 1,
       1 FROM planted p JOIN metrics_post o ON o.account_id = p.account_id, generate_series(1, {looks}) n""",
    "SET session_replication_role = origin",
)
_WAITS = "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0)::float8 FROM pg_locks WHERE NOT granted"
# What a worker does with a run whose night has come, in a process of its own.
_RUN = """
import time, django
django.setup()
from agency import clock
from privacy import planning, run
from privacy.models import DeletionRun
planning.plan_all()
due = DeletionRun.objects.using("privacy").get(state="waiting", of="account", scheduled_at__lte=clock.now())
start, worked = time.perf_counter(), time.process_time()
result = run.carry_out(due.pk, workspace_id=due.workspace_id, renew=lambda: None)
assert result.state == "done", result
print(time.perf_counter() - start, time.process_time() - worked)
"""


def measure(ground: Ground) -> list[Figure]:
    """Worker and beat rest meanwhile, so that the run is all there is beside the pages."""
    ground.stack.children.stop("beat", "worker")
    admin_url = ground.environment["DATABASE_ADMIN_URL"]
    with psycopg.connect(admin_url, dbname="platform", autocommit=True) as admin:
        for statement in _PLANT:
            admin.execute(statement.format(posts=POSTS, looks=LOOKS))
        admin.execute("VACUUM (ANALYZE) metrics_post, metrics_postsnapshot")
    rows = POSTS * (LOOKS + 1)
    browser = Browser(ground.stack.base_url)
    browser.sign_in(ground.people[WHO])
    cookies = "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items())
    client = Client(ground.stack.base_url, cookies)
    for page in PAGES:
        client.get(page)  # the first of each fills caches
    with asking(client) as quiet:
        time.sleep(QUIET_SECONDS)
    before = processor_seconds(ground)
    with asking(client) as beside, waiting(admin_url) as waits:
        done = subprocess.run(
            [sys.executable, "-c", _RUN], cwd=PROJECT, env=os.environ | ground.environment, check=True, capture_output=True, text=True
        )
    spent = processor_seconds(ground) - before
    browser.close()
    with psycopg.connect(admin_url, dbname="platform") as admin:
        assert admin.execute("SELECT count(*) FROM metrics_post WHERE tiktok_item_id LIKE 'bench-%'").fetchone() == (0,)
    seconds, worked = map(float, done.stdout.split()[-2:])
    longest, usual = max(beside) * 1000, max(quiet) * 1000
    return [
        Figure(
            "erasing an account",
            seconds,
            "s",
            f"{rows:,} rows, {rows / seconds:,.0f} a second, swept and signed; aim under 20 s for a million",
        ),
        Figure("its own processor time", worked, "s", f"beside {spent:.1f} s of web, PostgreSQL and the pages"),
        Figure("longest that anybody waited for a lock", max(waits) * 1000, "ms", f"{len(waits):,} looks; aim under 100 ms"),
        Figure("longest page beside it", longest, "ms", f"of {len(beside):,}; without it {usual:.0f} ms of {len(quiet):,}"),
        Figure("longer by", longest - usual, "ms", "aim under 100 ms"),
    ]


@contextmanager
def asking(client: Client) -> Iterator[list[float]]:
    """Pages one after the other until the block ends; how long each took, in seconds."""
    with _meanwhile(lambda place: client.get(PAGES[place % len(PAGES)]), pause=0.0) as took:
        yield took


@contextmanager
def waiting(url: str) -> Iterator[list[float]]:
    """How long whoever waits for a lock has waited, every few milliseconds, in seconds."""
    found: list[float] = []
    with psycopg.connect(url, dbname="platform", autocommit=True) as admin:
        look = lambda _: found.append(admin.execute(_WAITS).fetchone()[0])  # noqa: E731
        with _meanwhile(look, pause=0.005):
            yield found
    found.append(0.0)


@contextmanager
def _meanwhile(act: Callable[[int], object], *, pause: float) -> Iterator[list[float]]:
    """Act again and again until the block ends; how long each turn took."""
    took: list[float] = []
    over = threading.Event()
    problems: list[Exception] = []

    def turn() -> None:
        try:
            while not over.is_set():
                start = time.perf_counter()
                act(len(took))
                took.append(time.perf_counter() - start)
                over.wait(pause)
        except Exception as problem:
            problems.append(problem)

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield took
    finally:
        over.set()
        thread.join()
    if problems:
        raise problems[0]
