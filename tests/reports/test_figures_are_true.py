"""Every figure of the Performance pages equals the world of local TikTok: for the demo world and worlds of other seeds, through late data,
changes of clocks and an account that allows little. The short form takes one other world; CHAOS=long takes ten. Paid figures of the same
worlds, in four zones: tests/campaigns/test_equal_the_truth.py.
"""

import csv
import io
import os
import re
import time
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from agency import clock, scope
from agency.outlets import figures
from integrations.models import Connection
from metrics.models import Post
from metrics.periods import last_final_day
from tests.integrations.connecting import connect
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.reports.test_list_posts import rows
from tests.reports.test_stand_side_by_side import rows_of
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
LONG = os.environ.get("CHAOS") == "long"
# Each world with its moment: the year's changes of clocks in Europe and America, its turn, the end of a long month, and today. None
# of them near the end of an hour, for which see `begin`.
MOMENTS = (
    "2026-03-08T12:00:00Z", "2026-03-29T01:30:00Z", "2026-10-25T00:30:00Z", "2026-11-01T08:30:00Z", "2027-01-01T23:30:00Z",
    "2028-02-29T12:00:00Z", "2026-07-31T23:30:00Z", "2026-05-27T09:00:00Z", None, None,
)  # fmt: skip
WORLDS = dict(zip(range(101, 111), MOMENTS, strict=True))
SEEDS = (None, *WORLDS) if LONG else (102,)  # the demo world is held to its truth by test_show_performance.py too
HANDLES = ("brassorbit3", "moontideco2")


class Truth:
    """What the world says of some accounts together."""

    def __init__(self, accounts: list[dict[str, Any]]) -> None:
        self.days: dict[str, list[dict[str, Any]]] = {}
        self.posts = [p for a in accounts for p in a["posts"]]
        for account in accounts:
            for day in account["days"]:
                if day["final"]:
                    self.days.setdefault(day["date"], []).append(day)

    def over(self, first: date, last: date) -> list[dict[str, Any]]:
        """The account days from first to last."""
        names = [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]
        return [day for name in names for day in self.days.get(name, [])]

    def total(self, name: str, first: date, last: date) -> int:
        return sum(day[name] for day in self.over(first, last))

    def engagement(self, first: date, last: date) -> float:
        return sum(self.total(n, first, last) for n in ("likes", "comments", "shares")) / self.total("video_views", first, last)

    def followers(self, day: date) -> int:
        return self.total("followers_count", day, day)

    def published(self, first: date, last: date) -> list[dict[str, Any]]:
        return [p for p in self.posts if first.isoformat() <= p["created_on"] <= last.isoformat()]


def kpi(page: str, label: str) -> str:
    cards = re.findall(r'<a class="kpi".*?</a>', page, re.DOTALL)
    return next(w for w in (re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", c)).strip() for c in cards) if w.startswith(label))


def chart_of(page: str) -> list[list[str]]:
    """The table beside the chart, as cells."""
    body = page.split('id="days-data"', 1)[1].split("<tbody>", 1)[1].split("</tbody>", 1)[0]
    found = [re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL) for row in body.split("</tr>") if "<t" in row]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in cells] for cells in found]


def get(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content[:300]
    return answer.content.decode()


def assert_page_is_true(client: Client, truth: Truth, query: str, length: int) -> None:
    last = last_final_day(clock.now())
    first = last - timedelta(days=length - 1)
    before = (first - timedelta(days=length), first - timedelta(days=1))
    page = get(client, f"/performance?days={length}{query}")
    views, engagement = truth.total("video_views", first, last), truth.engagement(first, last)
    said = kpi(page, f"Views ({length}d)")
    assert figures.count(views) in said
    assert figures.change(views, truth.total("video_views", *before)) in said
    said = kpi(page, "Engagement")
    assert figures.rate(engagement) in said
    assert figures.points(round(engagement - truth.engagement(*before), 3)) in said
    said = kpi(page, "Followers")
    assert figures.count(truth.followers(last)) in said
    assert figures.signed_count(truth.followers(last) - truth.followers(before[1])) in said
    assert figures.count(truth.total("profile_views", first, last)) in kpi(page, f"Profile views ({length}d)")
    posts = truth.published(first, last)
    assert kpi(page, f"Posts ({length}d)").startswith(f"Posts ({length}d) {len(posts)} ")
    watched = [p for p in posts if p["full_video_watched_rate"] is not None]
    weights = sum(p["views"] for p in watched)
    if weights:
        told = kpi(page, "Watch-through").removeprefix("Watch-through ").split("%")[0]
        assert abs(float(told) / 100 - sum(p["views"] * p["full_video_watched_rate"] for p in watched) / weights) <= 0.011
    for cells, day in zip(chart_of(page), (first + timedelta(days=n) for n in range(length)), strict=True):
        assert cells[1] == figures.count(truth.total("video_views", day, day)), day


def assert_posts_are_true(client: Client, truth: Truth) -> None:
    last = last_final_day(clock.now())
    first = last - timedelta(days=27)
    listed = rows(get(client, f"/performance/posts?from={first}&to={last}&sort=-posted"))
    known = sorted(truth.published(first, last), key=lambda p: -p["create_time"])
    assert len(listed) == min(len(known), 50)
    captions = {p["caption"][:20] for p in known}
    assert all(any(row.startswith(c[:20]) for c in captions) for row in listed if not row.startswith("Post without caption"))
    with scope.inside(client.session["workspace"]):
        for told in known[:20]:
            kept = Post.objects.get(tiktok_item_id=told["item_id"])
            assert abs(kept.views - told["views"]) <= max(200, told["views"] // 500)
            page = get(client, f"/performance/posts/{kept.pk}")
            assert figures.count(kept.views) in page


def begin(tiktok: LocalTikTok, seed: int | None) -> None:
    """The world of a seed at its moment; without a seed the demo's, without a moment a little after the full hour.

    Figures of a day that still runs rise with each hour: were one to pass while they are read, some would be older than the truth.
    """
    now = WORLDS.get(seed) if seed else None
    if seed is not None:
        tiktok.control("reset", seed=seed, **({"now": now} if now else {}))
        tiktok.forget_counts()
    if now is None:
        tiktok.advance(3600 - time.time() % 3600 + 120)


def assert_sides_are_true(client: Client, accounts: dict[str, dict[str, Any]]) -> None:
    """A row for each account, and one for all together."""
    last = last_final_day(clock.now())
    first = last - timedelta(days=6)
    told = rows_of(get(client, "/performance/brands?by=accounts"))
    sides = {f"@{handle}": Truth([account]) for handle, account in accounts.items()} | {"Together": Truth(list(accounts.values()))}
    assert len(told) == len(sides)
    for name, truth in sides.items():
        cells = next(row for head, row in told.items() if head.split()[0] == name)
        assert cells[0].split()[0] == figures.count(truth.followers(last))
        assert cells[1].split()[0] == figures.count(truth.total("video_views", first, last))
        assert cells[2].split()[0] == figures.rate(truth.engagement(first, last))
        assert cells[3].split()[0] == figures.count(len(truth.published(first, last)))


def assert_file_is_true(client: Client, truth: Truth) -> None:
    """Every day of ninety as a number, and what TikTok does not tell yet as nothing."""
    last = last_final_day(clock.now())
    address = f"/exports/of/days?from={last - timedelta(days=55)}&to={clock.now().date()}&as=csv"
    text = b"".join(client.get(address).streaming_content).decode("utf-8-sig")
    for row in csv.DictReader(io.StringIO(text)):
        day = date.fromisoformat(row["Day (UTC)"])
        if day > last:
            assert row["Standing"] == "TikTok still counts"
            continue
        for head, name in {"Views": "video_views", "Likes": "likes", "Shares": "shares", "Followers": "followers_count"}.items():
            assert row[head] == str(truth.total(name, day, day)), (day, head)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_figure_equals_the_world(cast: Cast, tiktok: LocalTikTok, seed: int | None) -> None:
    begin(tiktok, seed)
    client = sign_in(cast.admin)
    for handle in HANDLES:
        connect(client, tiktok, handle)
    work_off("sync")
    for step in range(3 if LONG else 2):
        accounts = {handle: tiktok.account(handle) for handle in HANDLES}
        whole = Truth(list(accounts.values()))
        for length in (7, 28) if step == 0 or LONG else (7,):
            assert_page_is_true(client, whole, "", length)
        with scope.inside(cast.brass.pk):
            ids = {c.handle: c.pk for c in Connection.objects.filter(handle__in=HANDLES)}
        for handle in HANDLES:
            assert_page_is_true(client, Truth([accounts[handle]]), f"&of=account-{ids[handle]}", 7)
        assert_posts_are_true(client, whole)
        assert_sides_are_true(client, accounts)
        assert_file_is_true(client, whole)
        tiktok.advance(86_400 * (1 + step))
        work_off("refresh", "sync")
        work_off("sync")


@pytest.mark.parametrize("seed", SEEDS if LONG else (None,))
def test_an_account_that_allows_no_days_shows_what_it_allows_and_adds_nothing(cast: Cast, tiktok: LocalTikTok, seed: int | None) -> None:
    begin(tiktok, seed)
    client = sign_in(cast.admin)
    connect(client, tiktok, "brassorbit3")
    connect(client, tiktok, "moontideco2", scopes=["user.info.basic", "video.list"])
    work_off("sync")
    truth = Truth([tiktok.account("brassorbit3")])
    last = last_final_day(clock.now())
    page = get(client, "/performance")
    assert figures.count(truth.total("video_views", last - timedelta(days=6), last)) in kpi(page, "Views (7d)")
    both = Truth([tiktok.account(h) for h in HANDLES])
    assert kpi(page, "Posts (7d)").startswith(f"Posts (7d) {len(both.published(last - timedelta(days=6), last))} ")
    assert kpi(page, "Followers") == "Followers – No data from TikTok"
    assert "Ask @moontideco2 to allow user.insights." in page or "to allow user.insights." in page
