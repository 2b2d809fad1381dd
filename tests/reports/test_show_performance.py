"""The Performance page: its figures against the truth, its five states, and what it refuses."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agency import clock, scope
from agency.models import Brand
from agency.outlets import figures
from agency.roles import Role
from integrations.models import Connection, SyncRun
from metrics.models import Account, AccountDay, PostSnapshot
from metrics.periods import last_final_day
from reports.asking import METRICS
from tests.integrations.connecting import connect
from tests.local_tiktok import LocalTikTok
from tests.metrics.planting import ALL_SCOPES, days_from, plant_account, plant_days, plant_post
from tests.people import Cast, member, sign_in
from tests.reports.conftest import At
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))

NOW = datetime(2026, 5, 27, 12, tzinfo=UTC)
LAST = date(2026, 5, 24)  # the last final day then


@pytest.fixture
def inside(cast: Cast, at: At) -> Iterator[Cast]:
    """Brass Studio at a Wednesday noon."""
    at(NOW)
    with scope.inside(cast.brass.pk):
        yield cast


def page_of(client: Client, query: str = "") -> str:
    answer = client.get(f"/performance{query}")
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


def words(page: str) -> str:
    """What a reader sees, in one line."""
    main = page.split("<main", 1)[1].split("</main>", 1)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main.replace("&nbsp;", " ")))


def kpi(page: str, label: str) -> str:
    """The words of one key figure."""
    cards = re.findall(r'<a class="kpi".*?</a>', page, re.DOTALL)
    return next(w for w in (re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", c)).strip() for c in cards) if w.startswith(label))


def two_periods(account: Account, length: int = 7) -> None:
    plant_days(account, days_from(LAST - timedelta(days=2 * length - 1), length), video_views=100, followers_count=900)
    plant_days(account, days_from(LAST - timedelta(days=length - 1), length), video_views=150)


# against local TikTok


@pytest.mark.parametrize("length", [7, 28])
def test_the_figures_equal_the_truth_of_the_last_final_days(cast: Cast, tiktok: LocalTikTok, length: int) -> None:
    client = sign_in(cast.admin)
    connect(client, tiktok, "brassorbit3")
    work_off("sync")
    truth = tiktok.account("brassorbit3")
    final = [d for d in truth["days"] if d["final"]]
    this, before = final[-length:], final[-2 * length : -length]
    assert this[-1]["date"] == last_final_day(clock.now()).isoformat()
    page = page_of(client, f"?days={length}")
    views, views_before = (sum(d["video_views"] for d in part) for part in (this, before))
    engaged, engaged_before = (
        sum(d["likes"] + d["comments"] + d["shares"] for d in part) / sum(d["video_views"] for d in part) for part in (this, before)
    )
    posts = [p for p in truth["posts"] if this[0]["date"] <= p["created_on"] <= this[-1]["date"]]
    said = kpi(page, f"Views ({length}d)")
    assert figures.compact(views) in said
    assert figures.count(views) in said
    assert figures.change(views, views_before) in said
    said = kpi(page, "Engagement")
    assert figures.rate(engaged) in said
    assert figures.points(round(engaged - engaged_before, 3)) in said
    said = kpi(page, "Followers")
    assert figures.count(this[-1]["followers_count"]) in said
    assert f"{figures.signed_count(this[-1]['followers_count'] - before[-1]['followers_count'])} / {length}d" in said
    assert f" {len(posts)} " in f"{kpi(page, f'Posts ({length}d)')} "
    for day in this:
        assert figures.count(day["video_views"]) in page
    assert len(page.encode()) <= 60 * 1024


def cards(page: str) -> dict[str, str]:
    """The cards of the page by their heading."""
    found = re.findall(r'<section class="card[^>]*>.*?</section>', page, re.DOTALL)
    return {re.search(r"<h2[^>]*>(.*?)</h2>", c, re.DOTALL)[1]: c for c in found if "<h2" in c}


def test_the_most_and_the_least_viewed_posts_of_the_period_stand_in_the_tables(cast: Cast, tiktok: LocalTikTok) -> None:
    client = sign_in(cast.admin)
    connect(client, tiktok, "brassorbit3")
    work_off("sync")
    page = page_of(client, "?days=28")
    with scope.inside(cast.brass.pk):
        account = Account.objects.get()
        last = last_final_day(clock.now())
        first = datetime.combine(last - timedelta(days=27), datetime.min.time(), UTC)
        mine = account.posts.filter(created_at__gte=first, created_at__lt=first + timedelta(days=28)).order_by("-views")
        assert f"5 of {mine.count()} posts" in words(page)
        for head, some in (("Top posts", list(mine[:5])), ("Fewest views", list(mine.reverse()[:5]))):
            rows = re.findall(r"<tr><td>.*?</tr>", cards(page)[head], re.DOTALL)
            assert len(rows) == 5
            for row, post in zip(rows, some, strict=True):
                assert figures.count(post.views) in row
                assert figures.watch(post.watch_through_rate) in row


def test_young_posts_are_not_called_weak(inside: Cast) -> None:
    account = plant_account(inside.admin, "a")
    for n in range(10):
        plant_post(account, NOW - timedelta(days=4, minutes=n), views=1000 + n)
    plant_post(account, NOW - timedelta(hours=30), views=3, caption="Just out")
    plant_post(account, NOW - timedelta(days=4), views=1, caption="Taken down", gone_at=NOW)
    page = page_of(sign_in(inside.viewer), f"?from={LAST - timedelta(days=6)}&to={LAST + timedelta(days=2)}")
    assert kpi(page, "Posts (9d)").startswith("Posts (9d) 11")
    assert "1,000" in cards(page)["Fewest views"]
    assert "Just out" not in cards(page)["Fewest views"]
    assert "Taken down" not in page


def test_a_sync_that_stopped_coming_is_called_late(cast: Cast, tiktok: LocalTikTok) -> None:
    client = sign_in(cast.admin)
    connect(client, tiktok, "brassorbit3")
    work_off("sync")
    assert "Synced just now TikTok figures final through" in words(page_of(client))
    tiktok.advance(3 * 3600)
    assert "Last synced 3 h ago ." in words(page_of(client))


def test_the_steps_of_the_first_sync_show_and_end(cast: Cast, tiktok: LocalTikTok) -> None:
    client = sign_in(cast.admin)
    answer = connect(client, tiktok, "brassorbit3")
    page = page_of(client, answer.headers["Location"].removeprefix("/performance"))
    address = re.search(r'hx-get="([^"]+)"', page)
    assert address is not None
    steps = client.get(address[1])
    assert steps.status_code == 200
    assert "HX-Retarget" not in steps.headers
    assert "Profile next" in words(f"<main>{steps.content.decode()}</main>")
    with scope.inside(cast.brass.pk):
        SyncRun.objects.filter(kind="profile").update(state="done")
        SyncRun.objects.filter(kind="posts").update(state="running", done_count=18, total_count=61)
    said = words(f"<main>{client.get(address[1]).content.decode()}</main>")
    assert "Profile , done" in said
    assert "Posts 18 of 61" in said
    work_off("sync")
    shown = client.get(address[1])
    assert (shown.headers["HX-Retarget"], shown.headers["HX-Replace-Url"]) == ("#main", "/performance")
    assert shown.headers["HX-Reselect"] == "#main > *"
    assert re.search(r"5 of \d+ posts", words(shown.content.decode()))
    assert words(shown.content.decode()) == words(page_of(client))
    with scope.inside(cast.brass.pk):  # comments take longer, and are not what this page is about
        one = SyncRun.objects.get(kind="posts")
        SyncRun.objects.create(workspace=cast.brass, connection=one.connection, kind="comments", state="running", generation=one.generation)
    assert "Syncing…" not in page_of(client)


def test_a_failed_step_ends_the_polling_too(cast: Cast, tiktok: LocalTikTok) -> None:
    client = sign_in(cast.admin)
    connect(client, tiktok, "brassorbit3")
    tiktok.fault("*/business/video/list/", "code", value=50000, times=None)
    work_off("sync")
    shown = client.get("/performance/steps?connected=brassorbit3")
    assert shown.headers["HX-Retarget"] == "#main"
    assert "hx-trigger" not in shown.content.decode()
    assert re.search(r"The first figures could not be read\. Next try \d\d:\d\d UTC", words(shown.content.decode()))


# who may open it


def test_another_workspaces_account_shows_no_notice_and_no_steps(cast: Cast, tiktok: LocalTikTok) -> None:
    connect(sign_in(cast.admin), tiktok, "brassorbit3")
    with scope.inside(cast.brass.pk):
        pk = Connection.objects.get().pk
    outsider = sign_in(cast.moon_admin)
    for name in ("brassorbit3", pk):
        page = page_of(outsider, f"?connected={name}")
        assert "Connected." not in page
        assert "brassorbit3" not in words(page)
        assert outsider.get(f"/performance/steps?connected={name}").status_code == 404


@pytest.mark.parametrize("name", ["", "nobody", "%00", "x" * 5000, "00000000-0000-0000-0000-000000000000", "' OR 1=1 --", "%F0%9F%92%A9"])
def test_an_account_that_is_none_shows_no_notice(inside: Cast, name: str) -> None:
    plant_account(inside.admin, "brassorbit3")
    client = sign_in(inside.admin)
    assert "Connected." not in page_of(client, f"?connected={name}")
    assert client.get(f"/performance/steps?connected={name}").status_code == 404


def test_creators_and_newcomers_are_refused_and_strangers_asked_to_sign_in(cast: Cast, client: Client) -> None:
    for who in (cast.creator, cast.newcomer):
        for address in ("/performance", "/performance/steps"):
            assert sign_in(who).get(address).status_code == 403
    assert client.get("/performance").headers["Location"].startswith("/sign-in?next=")


def test_who_may_only_read_gets_no_button_to_reconnect(inside: Cast) -> None:
    plant_account(inside.admin, "brassorbit3", state=Connection.State.BROKEN)
    assert "Reconnect" in page_of(sign_in(inside.admin))
    page = page_of(sign_in(inside.viewer))
    assert "@brassorbit3 needs to be reconnected." in words(page)
    assert "Reconnect" not in words(page)
    assert 'method="post"' not in page.split("<main", 1)[1].split("</main>", 1)[0]


# what the address asks for


def test_each_key_figure_picks_the_chart(inside: Cast) -> None:
    two_periods(plant_account(inside.admin, "a"))
    client = sign_in(inside.viewer)
    for key, title in (
        ("followers", "Followers per day"),
        ("views", "Views per day"),
        ("engagement", "Engagement per day"),
        ("posts", "Posts per day"),
    ):
        page = page_of(client, f"?metric={key}&days=28")
        assert title in words(page)
        assert len(re.findall(r'class="kpi" href="[^"]*" aria-current="true"', page)) == 1
        assert f'href="/performance?days=28&amp;metric={key}" aria-current="true"' in page


@pytest.mark.parametrize(
    "query",
    ["?days=9", "?days=-7", "?days=x", "?days=7.0", "?days=%D9%A7", "?metric=revenue", "?metric=%00", "?days=7&days=x", "?days[]=1"],
)
def test_an_unknown_wish_falls_back_to_views_of_seven_days(inside: Cast, query: str) -> None:
    two_periods(plant_account(inside.admin, "a"))
    page = page_of(sign_in(inside.viewer), query)
    assert "Views (7d)" in page
    assert "Views per day" in page


# whose figures


def chart_row(page: str, label: str) -> str:
    """The words of one row of the table beside the chart."""
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", page, re.DOTALL)
    return next(w for w in (re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", r)).strip() for r in rows) if w.startswith(label))


def test_one_brand_and_one_account_show_their_own_figures(inside: Cast) -> None:
    moon = Brand.objects.create(workspace=inside.brass, name="Moon & Co")
    one, two, three = (plant_account(inside.admin, handle) for handle in ("a", "b", "c"))
    for account, views in ((one, 100), (two, 1000), (three, 10)):
        plant_days(account, days_from(LAST - timedelta(days=6), 7), video_views=views)
    Account.objects.filter(pk__in=(one.pk, two.pk)).update(brand=moon)
    client = sign_in(inside.viewer)
    whole = page_of(client)
    assert kpi(whole, "Views (7d)").startswith("Views (7d) 7,770")
    assert f'<option value="brand-{moon.pk}">Moon &amp; Co</option>' in whole
    page = page_of(client, f"?of=brand-{moon.pk}")
    assert kpi(page, "Views (7d)").startswith("Views (7d) 7,700")
    assert f'<option value="brand-{moon.pk}" selected>' in page
    assert f'href="/performance?days=28&amp;of=brand-{moon.pk}&amp;metric=views"' in page
    assert kpi(page_of(client, f"?of=account-{three.connection_id}"), "Views (7d)").startswith("Views (7d) 70")


@pytest.mark.parametrize("of", ["brand-x", "account-6b2d5a52-0c58-4c10-9f11-3f35a0b6ad10", "everything", "account-"])
def test_somebody_who_is_not_here_is_said_and_the_whole_workspace_shown(inside: Cast, of: str) -> None:
    for handle in ("a", "b"):
        plant_days(plant_account(inside.admin, handle), days_from(LAST - timedelta(days=6), 7))
    page = page_of(sign_in(inside.viewer), f"?of={of}")
    assert "The account or brand in the address is not in this workspace." in words(page)
    assert kpi(page, "Views (7d)").startswith("Views (7d) 1,400")


def test_the_neighbours_account_is_nobody_here(cast: Cast, at: At) -> None:
    at(NOW)
    with scope.inside(cast.moon.pk):
        theirs = plant_account(cast.moon_admin, "theirs")
        plant_days(theirs, days_from(LAST, 1), video_views=31_337)
    page = page_of(sign_in(cast.viewer), f"?of=account-{theirs.connection_id}")
    assert "is not in this workspace" in words(page)
    assert "31,337" not in page


# which days


def test_an_own_period_shows_open_days_as_open_and_does_not_compare_them(inside: Cast) -> None:
    account = plant_account(inside.admin, "a")
    plant_days(account, days_from(LAST - timedelta(days=13), 14))
    plant_days(account, days_from(LAST + timedelta(days=1), 1), video_views=40)
    page = page_of(sign_in(inside.viewer), "?from=2026-05-21&to=2026-05-26")
    said = words(page)
    assert "TikTok still counts May 25 – May 26" in said
    assert kpi(page, "Views (6d)").startswith("Views (6d) 440 0.0%")  # four final days against the four before
    assert chart_row(page, "Mon 25").startswith("Mon 25 may still rise 40")
    assert chart_row(page, "Tue 26").startswith("Tue 26 – no data")


def test_a_year_before_is_fifty_two_weeks_before(inside: Cast) -> None:
    account = plant_account(inside.admin, "a")
    plant_days(account, days_from(LAST - timedelta(days=6), 7), video_views=150)
    plant_days(account, days_from(LAST - timedelta(days=6 + 364), 7), followers_count=400)
    page = page_of(sign_in(inside.viewer), "?against=year")
    assert kpi(page, "Views (7d)").startswith("Views (7d) 1,050 +50.0%")
    assert "+600 / 1y" in kpi(page, "Followers")
    assert "against May 19, 2025" not in words(page)
    assert "against May 19 – May 25" in words(page)


def test_nothing_is_compared_when_that_is_asked(inside: Cast) -> None:
    two_periods(plant_account(inside.admin, "a"))
    page = page_of(sign_in(inside.viewer), "?against=none")
    assert kpi(page, "Views (7d)") == "Views (7d) 1,050"
    assert "against" not in words(page)


def test_a_long_period_is_drawn_by_weeks_and_a_week_that_lacks_a_day_is_a_gap(inside: Cast) -> None:
    account = plant_account(inside.admin, "a")
    plant_days(account, days_from(LAST - timedelta(days=99), 100), video_views=10)
    AccountDay.objects.filter(date=LAST - timedelta(days=8)).delete()
    first = LAST - timedelta(days=99)
    page = page_of(sign_in(inside.viewer), f"?from={first}&to={LAST}")
    assert "Views per week" in words(page)
    assert kpi(page, "Views (100d)").startswith("Views (100d) 990")
    assert chart_row(page, "May 18 – 24").startswith("May 18 – 24 70")
    assert chart_row(page, "May 11 – 17").startswith("May 11 – 17 – no data")


@pytest.mark.parametrize("metric", METRICS)
def test_every_figure_has_a_chart_of_its_own(inside: Cast, metric: str) -> None:
    account = plant_account(inside.admin, "a")
    plant_days(account, days_from(LAST - timedelta(days=6), 7), viewers=70, profile_views=9)
    plant_post(account, NOW - timedelta(days=5), views=200, watched_seconds=1680.0, watch_through_rate=0.25)
    page = page_of(sign_in(inside.viewer), f"?metric={metric}")
    assert len(re.findall(r'class="kpi" href="[^"]*" aria-current="true"', page)) == 1
    row = chart_row(page, "Fri 22")
    expected = {"followers": "1,000", "views": "100", "engagement": "5.0%", "posts": "1", "reach": "70", "profile_views": "9",
                "watch_through": "25.0%", "watch_time": "8.4 s"}  # fmt: skip
    assert row.startswith(f"Fri 22 {expected[metric]}")


# what is missing


def test_nothing_connected_shows_the_way_to_the_first_report(inside: Cast) -> None:
    said = words(page_of(sign_in(inside.admin)))
    assert "You are a member of Brass Studio" in said
    assert "Connect a TikTok account" in said
    assert "Key figures" not in said
    assert 'href="/settings/integrations">Connect a TikTok account' in page_of(sign_in(inside.admin))
    assert 'href="/settings/integrations">Connect a TikTok account' not in page_of(sign_in(inside.viewer))


def test_an_account_that_was_never_synced_shows_dashes_and_no_zero(inside: Cast) -> None:
    plant_account(inside.admin, "a", synced=False)
    page = page_of(sign_in(inside.viewer))
    assert "The first figures are on their way." in words(page)
    for label in ("Followers", "Views (7d)", "Engagement", "Posts (7d)"):
        assert kpi(page, label) == f"{label} – No data from TikTok"


def test_what_was_not_granted_is_said_and_how_to_get_it(inside: Cast) -> None:
    account = plant_account(inside.admin, "shy", scopes=[s for s in ALL_SCOPES if s not in {"user.insights", "video.list"}])
    account.followers_count = 321
    account.save()
    page = page_of(sign_in(inside.viewer))
    assert kpi(page, "Views (7d)") == "Views (7d) – Not granted: user.insights"
    assert kpi(page, "Posts (7d)") == "Posts (7d) – Not granted: video.list"
    assert kpi(page, "Followers") == "Followers 321"
    assert "Daily figures are not shown Not granted. Ask @shy to allow user.insights." in words(page)


def test_a_missing_day_is_a_gap_and_the_comparison_leaves_it_out(inside: Cast) -> None:
    two_periods(plant_account(inside.admin, "a"))
    AccountDay.objects.filter(date=LAST - timedelta(days=2)).delete()
    page = page_of(sign_in(inside.viewer))
    assert kpi(page, "Views (7d)").startswith("Views (7d) 900 +50.0%")
    assert "no data from TikTok" in words(page)
    assert "Fri 22 – no data" in words(page)


def test_a_last_day_that_is_missing_leaves_followers_unknown(inside: Cast) -> None:
    two_periods(plant_account(inside.admin, "a"))
    AccountDay.objects.filter(date=LAST).delete()
    assert kpi(page_of(sign_in(inside.viewer)), "Followers") == "Followers – No data from TikTok"


def test_a_broken_account_is_named_with_the_day_where_its_own_figures_stop(inside: Cast) -> None:
    two_periods(plant_account(inside.admin, "live"))
    broken = plant_account(inside.admin, "broken", state=Connection.State.BROKEN)
    plant_days(broken, days_from(LAST - timedelta(days=9), 5))
    said = words(page_of(sign_in(inside.admin)))
    assert f"@broken needs to be reconnected. Figures stop at {figures.day(LAST - timedelta(days=5))}." in said
    assert said.count("needs to be reconnected") == 1


def test_several_accounts_are_added_up(inside: Cast) -> None:
    for handle in ("a", "b", "c"):
        two_periods(plant_account(inside.admin, handle))
    page = page_of(sign_in(inside.viewer))
    assert kpi(page, "Views (7d)").startswith("Views (7d) 3,150 +50.0%")
    assert kpi(page, "Followers").startswith("Followers 3,000 +300 / 7d")
    assert "Connections" in page


def test_a_disconnected_account_counts_no_more(inside: Cast) -> None:
    two_periods(plant_account(inside.admin, "a"))
    gone = plant_account(inside.admin, "gone", state=Connection.State.DISCONNECTED)
    two_periods(gone)
    page = page_of(sign_in(inside.viewer))
    assert kpi(page, "Views (7d)").startswith("Views (7d) 1,050")
    assert "@gone" not in page


def test_figures_of_zero_are_zeros(inside: Cast) -> None:
    account = plant_account(inside.admin, "a")
    plant_days(account, days_from(LAST - timedelta(days=13), 14), video_views=0, likes=0, comments=0, shares=0, followers_count=0)
    page = page_of(sign_in(inside.viewer))
    assert kpi(page, "Views (7d)").startswith("Views (7d) 0")
    assert kpi(page, "Followers").startswith("Followers 0")
    assert kpi(page, "Posts (7d)").startswith("Posts (7d) 0")
    assert kpi(page, "Engagement") == "Engagement – No data from TikTok"


def test_hostile_captions_and_addresses_stay_harmless(inside: Cast) -> None:
    account = plant_account(inside.admin, "<b>a</b>", display_name="<script>")
    moment = NOW - timedelta(days=5)
    plant_post(account, moment, caption="<script>alert(1)</script>", share_url="javascript:alert(1)")
    plant_post(account, moment, caption="=1+1", share_url="http://tiktok.example/plain")
    linked = plant_post(account, moment, caption='"><img src=x onerror=alert(1)>', share_url='https://t.example/"><script>')
    client = sign_in(inside.viewer)
    pages = {post: page_of(client, f"/posts/{post.pk}") for post in account.posts.all()}
    assert len(pages) == 3
    for page in (page_of(client), *pages.values()):
        assert "<script>alert" not in page
        assert "javascript:" not in page
        assert "http://tiktok.example" not in page
        assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in pages[linked]
    assert 'href="https://t.example/&quot;&gt;&lt;script&gt;"' in pages[linked]


def test_where_days_are_not_granted_looks_at_posts_stand_in_and_are_named(inside: Cast) -> None:
    shy = plant_account(inside.admin, "shy", scopes=["user.info.basic", "user.info.stats", "video.list"])
    Account.objects.filter(pk=shy.pk).update(followers_count=321)
    post = plant_post(shy, NOW - timedelta(days=40), views=1000)
    for day in range(8):
        at = datetime.combine(LAST - timedelta(days=7 - day), datetime.min.time(), UTC)
        counters = {"views": 1000 + 50 * day, "likes": 10 + 5 * day, "comments": 1, "shares": 1}
        PostSnapshot.objects.create(workspace=inside.brass, post=post, hour=at, taken_at=at, call=post.call, **counters)
    client = sign_in(inside.admin)
    page = page_of(client)
    assert kpi(page, "Views (7d)") == "Views (7d) 350 from looks at posts"
    assert kpi(page, "Engagement") == "Engagement 10.0% from looks at posts"
    assert kpi(page, "Followers").startswith("Followers 321")
    assert kpi(page, "Profile views (7d)") == "Profile views (7d) – Not granted: user.insights"
    assert "Views per day, from looks at posts" in page
    assert chart_row(page, "Sun 24").split()[2] == "50"
    assert kpi(page_of(client, "?days=28"), "Views (28d)") == "Views (28d) 350 from looks at posts, 7 of 28 days"
    source = words(client.get("/performance/source?figure=views").content.decode())
    assert "what posts gained between two looks" in source
    assert "7 looks" in source
    rows = b"".join(client.get("/exports/of/days?days=7&as=csv").streaming_content).decode("utf-8-sig").splitlines()
    assert all(row.endswith(",Looks at posts") for row in rows[1:])


# how much it costs


def queries_and_size(client: Client, query: str) -> tuple[int, int]:
    """What is asked of the database, and how long the answer is. The test's own transaction turns the request's two into savepoints and
    repeats what they begin with; two of those are counted, as in production."""
    with CaptureQueriesContext(database) as captured:
        page = page_of(client, query)
    ours = [q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "SELECT set_config", 'UPDATE "agency_session"'))]
    return len(ours) + 2, len(page.encode())


@pytest.mark.parametrize("query", ["?days=7", "?days=28&metric=posts", "?days=90", "?from=2025-05-25&to=2026-05-24&against=year"])
def test_neither_queries_nor_page_grow_with_the_history(inside: Cast, query: str) -> None:
    account = plant_account(inside.admin, "a")
    client = sign_in(inside.viewer)
    plant_days(account, days_from(LAST - timedelta(days=729), 730))
    for n in range(20):
        plant_post(account, NOW - timedelta(days=4 + n % 20, minutes=n))
    page_of(client, query)
    few = queries_and_size(client, query)
    template = account.posts.first()
    posts: list[Any] = []
    for n in range(380):
        values = {
            f.attname: getattr(template, f.attname) for f in template._meta.concrete_fields if f.attname not in {"id", "tiktok_item_id"}
        }
        values["created_at"] = NOW - timedelta(days=4 + n % 50, seconds=n)
        posts.append(type(template)(tiktok_item_id=f"many-{n}", **values))
    type(template).objects.bulk_create(posts)
    many = queries_and_size(client, query)
    assert many[0] == few[0]
    assert many[0] <= 12
    assert many[1] <= 60 * 1024


def test_a_member_of_two_workspaces_sees_each_by_itself(cast: Cast, at: At) -> None:
    at(NOW)
    both = member(cast.moon, "viewer@brass.example", Role.CLIENT_VIEWER)
    for by, views in ((cast.admin, 100), (cast.moon_admin, 999)):
        with scope.inside(by.workspace_id):
            plant_days(plant_account(by, "same"), days_from(LAST - timedelta(days=6), 7), video_views=views)
    client = sign_in(both)
    assert kpi(page_of(client, "?workspace=brass"), "Views (7d)").startswith("Views (7d) 700")
    assert kpi(page_of(client, "?workspace=moon"), "Views (7d)").startswith("Views (7d) 6,993")
