"""Sample contexts for every page: the figures of the published sample and the awkward states around them. No database."""

from datetime import date, datetime, timedelta
from typing import Any

from agency import clock
from agency.outlets import charts, figures, parts

MONDAY = date(2026, 5, 18)
NOW = (168400, 195300, 231700, 258120, 224860, 187400, 154400)
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
        "public_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
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


PERIOD = (
    {"label": "7 days", "href": "?period=7", "current": True},
    {"label": "28 days", "href": "?period=28"},
    {"label": "90 days", "href": "?period=90"},
)
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


def performance() -> dict[str, Any]:
    return {
        "chrome": chrome("Performance"),
        "freshness": parts.Freshness("fresh", recently(4), date(2026, 5, 23)),
        "connected_notice": {"handle": "brassorbit3", "poll_href": "/u/performance_steps?connected=brassorbit3"},
        "steps": (
            parts.Step("Profile", "done"),
            parts.Step("11 posts", "done"),
            parts.Step("Insights", "running", 7, 11),
            parts.Step("Comments", "waiting"),
        ),
        "kpis": KPIS,
        "chart": chart(),
        "posts": POSTS,
        "posts_title": "Top posts",
        "posts_total": 11,
        "period": PERIOD,
        "needs_you": (
            parts.Todo("community", "12 comments waiting", "Oldest is 5 hours old", "/community"),
            parts.Todo("report", "Week 21 report is ready", "Goes out today at 09:00 UTC to 4 people", "/reports/2026-W21"),
        ),
        "connections": (account("brassorbit3", "B3"),),
        "can_refresh": True,
    }


def performance_broken() -> dict[str, Any]:
    some = points(missing=frozenset({2, 3}))
    sentence = "@brassorbit3 needs to be reconnected. Figures stop at May 22."
    return performance() | {
        "connected_notice": None,
        "freshness": parts.Freshness("broken", recently(4000), date(2026, 5, 22), sentence),
        "problems": (parts.Problem(sentence, parts.Action("Reconnect", "/connect", "post")),),
        "kpis": AWKWARD_KPIS,
        "chart": chart(some),
        "connections": (
            account("brassorbit3", "B3", state="reconnect", state_text="Needs to be reconnected"),
            account("moontideco2", "M2", scopes_granted=7),
        ),
        "not_granted": ({"what": "Comments", "sentence": "Not granted. Ask @moontideco2 to allow comment.list."},),
    }


def performance_month() -> dict[str, Any]:
    return performance() | {
        "connected_notice": None,
        "freshness": parts.Freshness("late", recently(190), date(2026, 5, 22), "Next try 14:20 UTC."),
        "chart": chart(month()),
        "posts": (),
        "posts_total": 0,
    }


def performance_empty() -> dict[str, Any]:
    return {
        "chrome": chrome("Performance", spaces=()),
        "freshness": parts.Freshness("never", None, None, "Nothing connected yet"),
        "checklist": (
            ("You are signed in", True, ""),
            ("Connect a TikTok account", False, "/settings/integrations"),
            ("Wait for the first figures, about 15 minutes", False, ""),
            ("Say who gets the Monday report", False, "/settings/people"),
        ),
    }


def integrations() -> dict[str, Any]:
    return {
        "chrome": chrome("Integrations"),
        "card": {"connected_count": 2, "scopes": SCOPES, "can_connect": True},
        "accounts": (
            account("brassorbit3", "B3"),
            account(
                "moontideco2",
                "M2",
                scopes_granted=7,
                missing_scopes=("comment.list", "biz.ads.recommend"),
                connected_on=date(2026, 5, 24),
                token_refreshed_at=recently(361),
                display_name="Moontide Collective",
            ),
            account("velvetfoxlab", "VF", state="reconnect", state_text="Needs to be reconnected", token_refreshed_at=recently(4000)),
        ),
        "former": (account("oldbrass", "OB", state="disconnected", state_text="Disconnected May 25, 2026", deletes_on=date(2026, 8, 23)),),
        "can_manage": True,
        "pending_hint": True,
    }


def integrations_empty() -> dict[str, Any]:
    return {
        "chrome": chrome("Integrations"),
        "card": {"connected_count": 0, "scopes": SCOPES, "can_connect": True},
        "accounts": (),
        "former": (),
        "can_manage": True,
        "pending_hint": False,
    }


PAGES: dict[str, tuple[str, Any]] = {
    "performance": ("reports/performance.html", performance),
    "performance-broken": ("reports/performance.html", performance_broken),
    "performance-month": ("reports/performance.html", performance_month),
    "performance-empty": ("reports/performance.html", performance_empty),
    "integrations": ("integrations/integrations.html", integrations),
    "integrations-empty": ("integrations/integrations.html", integrations_empty),
    **{f"error-{n}": (f"errors/{n}.html", {}) for n in ("400", "403", "403_stale_form", "404", "405", "429", "500", "503")},
}
