"""Whether local TikTok can be a measurement's bottleneck: its program alone on one core, limits off, asked by a cheap client.

Beside what the clock says stands what a second of its own processor gives, which other programs on the machine hardly change. A target is
held when either of the two does.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from agency.local.home import PROJECT
from tests.bench.figures import Figure

API = "/open_api/v1.3"
SECONDS = 4.0
SMALL_READS, REPORT_ROWS, START_SECONDS, MEGABYTES = 5_000, 100_000, 1.0, 500
ACCOUNTS, POSTS_EACH, ADS, DAYS = 5_000, 40, 20_000, 90
WHO = "brassorbit3"


@dataclass(frozen=True)
class Sandbox:
    """A running program and how to steer it."""

    process: subprocess.Popen[str]
    url: str
    http: httpx.Client
    cores: tuple[int, ...]  # those that are left for others

    def control(self, name: str, **body: Any) -> Any:
        answer = self.http.post(f"/__control__/{name}", json=body)
        answer.raise_for_status()
        return answer.json()

    def world(self, **query: Any) -> Any:
        return self.http.get("/__control__/world", params=query).raise_for_status().json()

    def grant(self, account: str, flow: str) -> dict[str, Any]:
        return dict(self.control("grant", account=account, flow=flow, scopes=None)["data"])

    def processor_seconds(self) -> float:
        """0 where the system has no /proc."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def megabytes(self, what: str = "VmRSS") -> float:
        try:
            lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        except OSError:
            return 0.0
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:")) / 1024


@contextmanager
def alone() -> Iterator[tuple[Sandbox, float]]:
    """The program on one core, and how long it took until it answered."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "tiktok_sandbox", "--port", "0"], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    url = process.stdout.readline().split()[1]
    with httpx.Client(base_url=url, timeout=120, trust_env=False) as http:
        http.get("/__control__/clock").raise_for_status()
        started = time.perf_counter() - start
        cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        if len(cores) > 1:
            os.sched_setaffinity(process.pid, cores[:1])
        sandbox = Sandbox(process, url, http, tuple(cores[1:]))
        try:
            sandbox.control("limits", enabled=False)
            yield sandbox, started
        finally:
            process.terminate()
            process.wait(20)


def measure() -> list[Figure]:
    with alone() as (sandbox, started):
        figures = [
            Figure("start, until it answers", started, "s", _held(started < START_SECONDS, f"under {START_SECONDS:.0f} s")),
            Figure("resident when started", sandbox.megabytes(), "MB"),
            *_reads(sandbox),
        ]
    with alone() as (sandbox, _):
        return figures + _large(sandbox)


def _reads(sandbox: Sandbox) -> list[Figure]:
    grant = sandbox.grant(WHO, "account")
    own, token = {"business_id": grant["open_id"]}, grant["access_token"]
    posts = sandbox.world(account=WHO, limit=10_000)["accounts"][0]["posts"]
    usual = min(posts, key=lambda post: abs(post["comments"] - 200))
    busy = max(posts, key=lambda post: post["comments"])
    fields = ["item_id", "create_time", "caption", "video_views", "likes", "comments", "shares", "favorites", "reach"]
    first, second = _path("/business/comment/list/", **own, video_id=usual["item_id"], max_count=20), []
    for cursor in range(0, busy["comments"] // 2, 20):
        second.append(_path("/business/comment/list/", **own, video_id=busy["item_id"], max_count=20, cursor=cursor))
    posts_page = _path("/business/video/list/", **own, fields=fields, max_count=20)
    return [
        *_rate(sandbox, "small reads: a profile", [_path("/business/get/", **own)], token, target=SMALL_READS),
        *_rate(sandbox, f"pages of 20 posts, {len(fields)} fields", [posts_page], token),
        *_rate(sandbox, f"pages of 20 comments, of {usual['comments']}", [first], token),
        *_rate(sandbox, f"pages of 20 comments, of {busy['comments']}", second, token),
    ]


def _large(sandbox: Sandbox) -> list[Figure]:
    """As large as it goes, and read widely: every account, every post, every ad on every day."""
    sandbox.control("scale", accounts=ACCOUNTS, posts=POSTS_EACH, ads=ADS)
    start, posts = time.perf_counter(), 0
    for number in range(1, ACCOUNTS + 1):
        posts += _whole_account(sandbox, f"creator{number:05d}")
    accounts_took = time.perf_counter() - start
    desk = sandbox.grant("nd_filter", "advertiser")
    token, mine = desk["access_token"], desk["advertiser_ids"][0]
    last = date.fromisoformat(sandbox.world(limit=0)["sample_week"]["last"])
    start, rows = time.perf_counter(), 0
    for first in range(DAYS, 0, -30):
        window = (last - timedelta(days=first - 1), last - timedelta(days=first - 30))
        pages = _ask(sandbox, _report(mine, window, 1), token)["page_info"]["total_page"]
        for page in range(1, pages + 1):
            rows += len(_ask(sandbox, _report(mine, window, page), token)["list"])
    ads_took = time.perf_counter() - start
    held = sandbox.megabytes("VmHWM")
    window = (last - timedelta(days=29), last)
    asked = [_report(mine, window, page) for page in range(1, 601)]
    return [
        Figure("accounts read whole", ACCOUNTS / accounts_took, "accounts/s", f"{ACCOUNTS:,} accounts, {posts:,} posts, one client"),
        Figure("ad days read whole", rows / ads_took, "rows/s", f"{ADS:,} ads, {DAYS} days, one client that parses"),
        Figure("resident at most, all read", held, "MB", _held(held < MEGABYTES, f"under {MEGABYTES} MB")),
        *_rate(sandbox, "report rows, four metrics", asked, token, each=1000, unit="rows", target=REPORT_ROWS, depth=2),
    ]


def _whole_account(sandbox: Sandbox, handle: str) -> int:
    grant = sandbox.grant(handle, "account")
    own, token = {"business_id": grant["open_id"]}, grant["access_token"]
    _ask(sandbox, _path("/business/get/", **own, fields=["followers_count", "video_views", "likes"]), token)
    count, cursor = 0, None
    while True:
        asked = _path("/business/video/list/", **own, fields=["item_id", "video_views", "likes", "reach"], max_count=20, cursor=cursor)
        page = _ask(sandbox, asked, token)
        count += len(page["videos"])
        if not page["has_more"]:
            return count
        cursor = page["cursor"]


def _report(advertiser_id: str, window: tuple[date, date], page: int) -> str:
    return _path(
        "/report/integrated/get/",
        advertiser_id=advertiser_id,
        report_type="BASIC",
        data_level="AUCTION_AD",
        dimensions=["ad_id", "stat_time_day"],
        metrics=["spend", "impressions", "clicks", "conversion"],
        start_date=str(window[0]),
        end_date=str(window[1]),
        page=page,
        page_size=1000,
    )


def _path(path: str, **query: Any) -> str:
    given = {name: value if isinstance(value, str) else json.dumps(value) for name, value in query.items() if value is not None}
    return f"{API}{path}?" + "&".join(f"{name}={quote(value)}" for name, value in given.items())


def _ask(sandbox: Sandbox, path: str, token: str) -> Any:
    answer = sandbox.http.get(path, headers={"Access-Token": token}).json()
    assert answer["code"] == 0, answer
    return answer["data"]


def _rate(
    sandbox: Sandbox, name: str, paths: list[str], token: str, *, each: int = 1, unit: str = "requests", target: int = 0, depth: int = 16
) -> list[Figure]:
    """Two generators beside the program's core, after a warm-up that is not counted."""
    host = urlsplit(sandbox.url).netloc
    requests = b"\0".join(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccess-Token: {token}\r\n\r\n".encode() for path in paths)
    _generators(sandbox, requests, depth, SECONDS / 4)
    before = sandbox.processor_seconds()
    per_second, answered = _generators(sandbox, requests, depth, SECONDS)
    spent = sandbox.processor_seconds() - before
    value = per_second * each
    own = answered * each / spent if spent else 0.0
    told = _held(max(value, own) >= target, f"at least {target:,}") if target else ""
    by_processor = f"{own:,.0f} for each second of its processor" if own else ""
    return [Figure(name, value, f"{unit}/s", "; ".join(part for part in (by_processor, told) if part))]


def _generators(sandbox: Sandbox, requests: bytes, depth: int, seconds: float) -> tuple[float, int]:
    """Good answers per second, and how many there were."""
    port = str(urlsplit(sandbox.url).port)
    command = [sys.executable, "-m", "tests.bench.load", port, "4", str(depth), str(seconds), *map(str, sandbox.cores)]
    running = [subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2)]
    for one in running:
        assert one.stdin is not None
        one.stdin.write(requests)
        one.stdin.close()
    rate, count = 0.0, 0
    for one in running:
        assert one.stdout is not None
        answered, spent = one.stdout.read().split()
        assert one.wait() == 0
        rate, count = rate + int(answered) / float(spent), count + int(answered)
    return rate, count


def _held(is_so: bool, target: str) -> str:
    return f"{target}: {'held' if is_so else 'MISSED'}"
