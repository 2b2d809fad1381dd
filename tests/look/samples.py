"""Sample contexts for every page: the figures of the published sample and the awkward states around them. No database."""

from datetime import date, datetime, timedelta
from typing import Any

from agency import clock
from agency.outlets import charts, figures, parts
from reports import blocks

MONDAY = date(2026, 5, 18)
NOW = (168400, 195300, 231700, 258120, 224860, 187400, 154400)
PUBLIC_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
BEFORE = (151900, 160200, 178450, 197030, 189700, 171900, 147265)


def recently(minutes: int) -> datetime:
    return clock.now() - timedelta(minutes=minutes)


def points(*, provisional: frozenset[int] = frozenset({6}), missing: frozenset[int] = frozenset()) -> tuple[parts.DayPoint, ...]:
    days = [MONDAY + timedelta(days=i) for i in range(7)]
    return tuple(
        parts.DayPoint(
            date=day,
            label=f"{figures.weekday(day)} {day.day}",
            now=None if i in missing else NOW[i],
            before=BEFORE[i],
            state="missing" if i in missing else "provisional" if i in provisional else "final",
        )
        for i, day in enumerate(days)
    )


def month(*, missing: frozenset[int] = frozenset({9, 10, 11})) -> tuple[parts.DayPoint, ...]:
    days = [date(2026, 4, 27) + timedelta(days=i) for i in range(28)]
    return tuple(
        parts.DayPoint(
            date=day,
            label=figures.day(day),
            now=None if i in missing else 120_000 + (i * 37_411) % 140_000,
            before=100_000 + (i * 29_873) % 110_000,
            state="missing" if i in missing else "provisional" if i > 25 else "final",
        )
        for i, day in enumerate(days)
    )


def chart(some: tuple[parts.DayPoint, ...] | None = None) -> parts.Chart:
    some = points() if some is None else some
    return parts.Chart(
        title="Views per day",
        legend_now=figures.short_range(some[0].date, some[-1].date),
        legend_before=figures.short_range(some[0].date - timedelta(days=len(some)), some[-1].date - timedelta(days=len(some))),
        total_now=figures.count(sum(int(p.now or 0) for p in some)),
        total_before=figures.count(sum(int(p.before or 0) for p in some)),
        points=some,
        news=charts.news(some, "Views per day"),
    )


POSTS = tuple(
    parts.PostRow(
        rank,
        title,
        f"https://www.tiktok.com/@brassorbit3/video/{rank}",
        posted,
        figures.count(views),
        figures.count(views),
        views / 412_800,
        rate,
        watched,
    )
    for rank, (title, posted, views, rate, watched) in enumerate(
        (
            ("Quick-cut color grading reel", "May 22", 412_800, "6.9%", "68%"),
            ("Hook test · split-screen tutorial", "May 21", 208_100, "5.1%", "61%"),
            ("BTS · slow-mo product loop", "May 19", 186_400, "4.4%", "57%"),
            ("Three lights, one desk", "May 20", 142_650, "5.8%", "54%"),
            ("Answering your lens questions", "May 18", 97_320, "7.4%", "63%"),
        ),
        start=1,
    )
)
KPIS = (
    parts.Kpi(
        "followers",
        "Followers",
        "48,210",
        "48,210",
        parts.Delta("+612 / 7d", "more than seven days ago", "better", "up"),
        "",
        False,
        (47598, 47660, 47741, 47850, 47990, 48105, 48210),
        "?metric=followers",
    ),
    parts.Kpi(
        "views", "Views (7d)", "1.42M", "1,420,180", parts.count_delta(1_420_180, 1_196_445), "", False, NOW, "?metric=views", current=True
    ),
    parts.Kpi(
        "engagement",
        "Engagement",
        "5.7%",
        "5.7%",
        parts.rate_delta(0.057, 0.053),
        "",
        False,
        (5.1, 5.4, None, 5.9, 6.2, 5.8, 5.7),
        "?metric=engagement",
    ),
    parts.Kpi("posts", "Posts (7d)", "11", "11", None, "on cadence", True, (1, 2, 1, 2, 3, 1, 1), "?metric=posts"),
)
AWKWARD_KPIS = (
    parts.Kpi(
        "followers",
        "Followers",
        figures.MISSING,
        figures.MISSING,
        None,
        "",
        False,
        (),
        "/settings/integrations",
        state="not_granted",
        reason="Not granted. Ask @moontideco2 to allow user.info.stats.",
    ),
    parts.Kpi(
        "views",
        "Views (7d)",
        "98,400",
        "98,400",
        parts.count_delta(98_400, 120_000),
        "",
        False,
        (5, 4, 4, 3),
        "?metric=views",
        current=True,
    ),
    parts.Kpi(
        "engagement", "Engagement", figures.MISSING, figures.MISSING, None, "", False, (), "", state="missing", reason="No data from TikTok"
    ),
    parts.Kpi("posts", "Posts (7d)", "2", "2", None, "behind", False, (1, 0, 1), "?metric=posts"),
)


def account(handle: str, mark: str, **changes: Any) -> parts.AccountRow:
    values: dict[str, Any] = {
        "public_id": PUBLIC_ID,
        "handle": handle,
        "mark": mark,
        "avatar_url": "",
        "state": "live",
        "state_text": "Live",
        "connected_on": date(2026, 5, 25),
        "token_refreshed_at": recently(125),
        "scopes_granted": 9,
        "scopes_asked": 9,
    }
    return parts.AccountRow(**(values | changes))


def chrome(here: str, **changes: Any) -> parts.Chrome:
    def items(*rows: tuple[str, str, int]) -> tuple[parts.NavItem, ...]:
        return tuple(parts.NavItem(i, label, f"/{label.lower()}", label == here, count) for i, label, count in rows)

    nav = items(("chart", "Performance", 0), ("report", "Reports", 0), ("community", "Community", 12))
    settings_nav = items(("plug", "Integrations", 0), ("people", "People", 0))
    values: dict[str, Any] = {
        "workspace_name": "Brass Studio",
        "workspace_mark": "BS",
        "workspace_kind": "Workspace",
        "accent": "teal",
        "theme": "system",
        "spaces": (
            parts.Space("brass-studio", "Brass Studio", "Client admin", True, "BS"),
            parts.Space("in-house", "Logic Target in-house", "Client viewer", False, "LT", "violet"),
        ),
        "nav": nav,
        "settings_nav": settings_nav,
        "tabs": nav[:2] + settings_nav[:1],
        "person_name": "Maya Reyes",
        "person_mark": "MR",
        "role_label": "Client admin",
        "switch_href": "/workspace",
        "sign_out_href": "/sign-out",
        "account_href": "/settings/account",
    }
    return parts.Chrome(**(values | changes))


SCOPES = tuple(
    parts.ScopeRow(name, reason)
    for name, reason in (
        ("user.info.basic", "Name and avatar, so the right account is shown"),
        ("video.list", "The public posts that go on the dashboard"),
        ("video.insights", "Views, reach, engagement and watch time for the weekly report"),
        ("comment.list", "Public comments, so the community team can respond"),
        ("biz.brand.insights", "Brand figures rolled up over several accounts"),
        ("biz.creator.info", "Creator profiles, to set up and brief campaigns"),
        ("biz.creator.insights", "How creator campaigns performed"),
        ("biz.ads.recommend", "TikTok's own recommendations for your ads"),
        ("tto.campaign.link", "Linking creator posts to Spark Ads campaigns"),
    )
)


def lines(first: str, heads: tuple[str, ...], *rows: tuple[str, ...]) -> blocks.Table:
    """A table of names and figures."""
    made = (blocks.Line(name, detail, tuple(map(blocks.Cell, heads, values))) for name, detail, *values in rows)
    return blocks.Table(first, heads, tuple(made))


def report(**changes: Any) -> dict[str, Any]:
    """A weekly report as page and mail get it."""
    values: dict[str, Any] = {
        "title": "Week 21 · Brass Studio · May 18 – May 24",
        "range": "May 18 – May 24",
        "source_line": "Source: TikTok Marketing API · Generated 2026-05-25 09:00 UTC",
        "news": (
            parts.NewsPart("Views rose "),
            parts.NewsPart("18.7%", bold=True),
            parts.NewsPart(" to "),
            parts.NewsPart("1.42M", bold=True),
            parts.NewsPart(". One post, "),
            parts.NewsPart("Quick-cut color grading reel", href="https://app.example/reports/2026-W21"),
            parts.NewsPart(", brought 29% of them."),
        ),
        "missing": ("TikTok still counts May 24: it may still rise.",),
        "chart": chart(),
        "organic": (
            parts.FigureRow("Posts published", "11", None, "on cadence"),
            parts.FigureRow("Total views", "1,420,180", parts.count_delta(1_420_180, 1_196_445)),
            parts.FigureRow("Avg. engagement rate", "5.7%", parts.rate_delta(0.057, 0.053)),
            parts.FigureRow("New followers", "+612", parts.count_delta(612, 564)),
        ),
        "paid": (
            blocks.PaidBlock(
                (
                    parts.FigureRow("Boosted posts", "3", parts.delta("+1", "from 2", 1)),
                    parts.FigureRow("Impressions", "284,600", parts.count_delta(284_600, 253_880)),
                    parts.FigureRow("CTR", "1.84%", parts.rate_delta(0.0184, 0.0173)),
                    parts.FigureRow("CPM (USD)", "$6.42", parts.Delta("−4.3%", "from $6.71", "better", "down")),
                ),
                "Days of Los Angeles time.",
            ),
        ),
        "paid_note": "No advertiser account is linked.",
        "creative": POSTS[:3],
        "creators": lines("Creator", ("Posts", "Views", "Engagement"), ("Mona Deco", "published by @moontideco2", "2", "142,650", "5.9%")),
        "brands": None,
        "mentions": "12 public posts mentioned the accounts, with 34,500 views.",
        "comments": (
            parts.FigureRow("Comments", "48"),
            parts.FigureRow("Answered", "40", None, "83.3%"),
            parts.FigureRow("Within the aim (4.0 h)", "36", None, "90.0%"),
            parts.FigureRow("First answer, median", "2.5 h"),
        ),
    }
    return values | changes
