"""The comment inbox: how fast comments get from local TikTok into the tables, and how long its pages take over a million of them."""

import os

import psycopg

from agency.local.browser import Browser
from tests.bench.figures import Figure
from tests.bench.pages import _times
from tests.bench.paid import processor_seconds
from tests.bench.requests import Client
from tests.stack.ground import Ground
from tests.walk import ACCOUNT, WHO, wait

COMMENTS = int(1_000_000 * float(os.environ.get("BENCH_SHARE", "1")))
STAFF = "mo@logictarget.example"
SPACE = "brass-studio"
PATIENCE_SECONDS = 900

# Posts come after the first, empty look at comments: it is over once all posts are here and each has been read whole.
_DONE = """
    SELECT count(*) > 0 AND bool_and(r.whole_at IS NOT NULL) AND EXISTS (
        SELECT FROM integrations_syncrun WHERE kind = 'posts' AND state = 'done')
    FROM metrics_post p LEFT JOIN community_postreading r ON r.post_id = p.id WHERE p.gone_at IS NULL
"""
_SPAN = """
    SELECT count(*), EXTRACT(EPOCH FROM max(called_at + duration_ms * interval '1 ms') - min(called_at))::float8
    FROM integrations_apicall WHERE endpoint LIKE '/business/comment/%%'
"""
# Copies of what was read, each a thread of its own; every second one waits, a tenth is somebody's, a tenth was put off.
_PLANT = (
    "SET session_replication_role = replica",
    """CREATE TEMP TABLE planted AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, {comments}) n""",
    """CREATE TEMP TABLE template AS SELECT c.*, row_number() OVER () AS place FROM community_comment c WHERE NOT is_reply LIMIT 1000""",
    """INSERT INTO community_comment (workspace_id, id, account_id, post_id, thread_id, is_reply, tiktok_comment_id, tiktok_author_id,
       author_handle, author_name, is_own, text, has_image, language, likes_count, replies_count, replies_read_count, is_liked, is_pinned,
       shown, said_at, first_seen_at, seen_at, call_id, settled_at, waits_since, stirred_at, last_said_at, later_until, assignee_id,
       done_at)
       SELECT t.workspace_id, p.id, t.account_id, t.post_id, p.id, false, 'bench' || p.n, t.tiktok_author_id, t.author_handle,
       t.author_name, false, t.text, false, t.language, 1, 0, 0, false, false, 'visible', now() - p.n * interval '20 s', now(), now(),
       t.call_id, CASE WHEN p.n %% 2 = 0 THEN now() END, CASE WHEN p.n %% 2 = 1 THEN now() - p.n * interval '20 s' END, now(),
       now() - p.n * interval '20 s', CASE WHEN p.n %% 10 = 1 THEN now() + interval '1 day' END,
       CASE WHEN p.n %% 10 = 3 THEN (SELECT id FROM agency_person WHERE email = '{staff}') END,
       CASE WHEN p.n %% 2 = 0 THEN now() - p.n * interval '1 s' END
       FROM planted p JOIN template t ON t.place = 1 + p.n %% (SELECT count(*) FROM template)""",
    "SET session_replication_role = origin",
)
PAGES = {
    "inbox": "/community",
    "inbox, mine": "/community?view=mine",
    "inbox, one language": "/community?language=es",
    "inbox, done": "/community?view=done",
    "inbox, all": "/community?view=all",
    "a thread beside its list": "/community/{thread}",
    "search in the latest": "/community?view=all&q=lens",
}


def measure(ground: Ground) -> list[Figure]:
    """First the way in, then the pages; worker and beat rest meanwhile."""
    ground.control("limits", enabled=False)
    with ground.celery_of("tests.stack.unlimited", "worker"):
        browser = Browser(ground.stack.base_url)
        browser.sign_in(ground.people[WHO])
        wait(lambda: " ready." in ground.said("worker"), "the worker waits for work")
        before, of_worker = processor_seconds(ground), processor_seconds(ground, "worker")
        browser.connect(ACCOUNT)
        browser.close()
        wait(lambda: ground.rows(_DONE)[0][0], "the comments are there", PATIENCE_SECONDS)
        spent, of_worker = processor_seconds(ground) - before, processor_seconds(ground, "worker") - of_worker
    rows = ground.rows("SELECT count(*) FROM community_comment")[0][0]
    ((calls, seconds),) = ground.rows(_SPAN)
    found = [
        Figure("comments, fetched and kept", rows / seconds, "rows/s", f"{rows:,} rows, {calls:,} calls, {seconds:.1f} s, figures beside"),
        Figure("comments, per second of the worker's processor", rows / of_worker, "rows/s", f"{of_worker:.1f} s, figures beside"),
        Figure("comments, per second of processor", rows / spent, "rows/s", f"{spent:.1f} s over all parts, local TikTok included"),
    ]
    ground.stack.children.stop("beat", "worker")
    with psycopg.connect(ground.environment["DATABASE_ADMIN_URL"], dbname="platform", autocommit=True) as admin:
        for statement in _PLANT:
            admin.execute(statement.format(comments=COMMENTS, staff=STAFF).replace("%%", "%"))
        admin.execute("VACUUM (ANALYZE) community_comment")
        admin.execute("CHECKPOINT")  # or writing a million rows to the disk would go on beside the pages
        thread = admin.execute("SELECT id FROM community_comment WHERE tiktok_comment_id = 'bench11'").fetchone()[0]
        held = admin.execute("SELECT count(*) FROM community_comment").fetchone()[0]
    found.append(Figure("comments in the workspace", held, "rows"))
    browser = Browser(ground.stack.base_url)
    browser.sign_in(ground.people[STAFF])
    browser.act_in(SPACE)
    cookies = "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items())
    client = Client(ground.stack.base_url, cookies)
    empty = _times(client, "/empty")
    found.append(Figure("empty view, signed in, median", empty[0], "ms", f"p95 {empty[1]:.1f} ms"))
    for name, path in PAGES.items():
        median, p95, size = _times(client, path.format(thread=thread))
        found.append(
            Figure(f"{name}, median", median, "ms", f"p95 {p95:.1f} ms, {median / empty[0]:.1f} x the empty view, {size / 1024:.0f} KB")
        )
    browser.close()
    return found
