"""From Connect to figures, and how fast the history of a large account comes in."""

import io
import os
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from urllib.parse import urlencode

from agency.local import processes
from agency.local.browser import Browser
from tests.bench.figures import Figure
from tests.bench.requests import Client
from tests.stack.ground import Ground
from tests.walk import WHO, Walk, wait

LARGE, POSTS = "creator00001", 4000
FIELDS = ["item_id", "create_time", "caption", "video_views", "likes", "comments", "shares", "favorites", "reach"]


def first_figures(ground: Ground) -> tuple[list[Figure], str]:
    """As the walk does it; also the address of the report that came of it."""
    walk = Walk(ground.environment)
    with redirect_stdout(io.StringIO()):  # the walk tells its steps
        walk.sign_in()
        walk.connect()
        walk.first_figures()
        figures = time.monotonic() - walk.connected_at
        week = walk.report()
        report = time.monotonic() - walk.connected_at
    walk.browser.close()
    return [
        Figure("from Connect to the first figures", figures, "s", "consent and callback included"),
        Figure("from Connect to the weekly report", report, "s"),
    ], f"/reports/{week}"


def sandbox_alone(ground: Ground) -> list[Figure]:
    """Whether local TikTok could be what is measured: the same endpoint as the backfill, asked by one client."""
    ground.control("limits", enabled=False)
    ground.control("scale", accounts=1, posts=POSTS)
    grant = ground.control("grant", account=LARGE, flow="account")["data"]
    fields = "[" + ",".join(f'"{name}"' for name in FIELDS) + "]"
    query = urlencode({"business_id": grant["open_id"], "fields": fields, "max_count": 20})
    client = Client(ground.stack.sandbox_url)
    value = client.per_second(f"/open_api/v1.3/business/video/list/?{query}", **{"Access-Token": grant["access_token"]})
    return [Figure("local TikTok alone, pages of 20 posts", value, "requests/s", f"{value * 20:,.0f} posts/s")]


def backfill(ground: Ground) -> list[Figure]:
    """One account with thousands of posts, by one worker: from the first call for a page of posts to the last page kept."""
    ground.control("limits", enabled=False)
    ground.control("scale", accounts=1, posts=POSTS)
    with ground.celery_of("tests.stack.unlimited", "worker"):
        return _backfill(ground)


def _backfill(ground: Ground) -> list[Figure]:
    browser = Browser(ground.stack.base_url)
    browser.sign_in(ground.people[WHO])
    before = _processor_seconds(ground)
    browser.connect(LARGE)
    browser.close()
    statement = """
        SELECT EXTRACT(EPOCH FROM r.finished_at - min(a.called_at))::float8, r.done_count FROM integrations_syncrun r
        JOIN integrations_connection c ON c.id = r.connection_id AND c.handle = %s
        JOIN integrations_apicall a ON a.connection_id = c.id AND a.endpoint = '/business/video/list/' AND a.called_at < r.finished_at
        WHERE r.kind = 'posts' AND r.state = 'done' GROUP BY r.id
    """
    ((seconds, count),) = wait(lambda: ground.rows(statement, LARGE), "the history is there", 300)
    spent = _processor_seconds(ground) - before
    kept = ground.rows("SELECT count(*) FROM metrics_post")[0][0]
    assert kept >= count >= POSTS * 0.9, f"{kept} posts kept, {count} told"
    figures = [Figure("backfill", count / seconds, "posts/s", f"{count:,} posts in {seconds:.1f} s, one account, one process")]
    if spent > 0:
        figures.append(
            Figure("backfill, per second of the worker's processor", count / spent, "posts/s", f"{spent:.1f} s of processor time")
        )
    return figures


def _processor_seconds(ground: Ground) -> float:
    """Of the worker with its children; 0 where the system has no /proc."""
    if sys.platform != "linux":
        return 0.0
    group = ground.stack.children.running["worker"].process.pid
    ticks = 0
    for one in processes.running().values():
        if one.group == group:
            fields = Path(f"/proc/{one.pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
