"""One post as one object: its counters, its life since it was first looked at, and what ads did beside it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.urls import reverse

from agency.models import Membership
from agency.outlets import charts, figures
from agency.outlets.figures import MISSING
from agency.outlets.parts import Chart, DayPoint, FigureRow
from metrics import audience_queries as audiences
from metrics import queries as metrics
from metrics.models import Post
from metrics.post_queries import Lift, Look, life, lift, paid_days
from reports.audience_page import Breakdown, of_one_post
from reports.presentation import caption

MOST_DAYS = 35  # an older post is looked at less than daily; its life is drawn by weeks
NO_LOOK = "nobody looked"


@dataclass(frozen=True)
class LiftRow:
    """One ad that showed the post, worded."""

    ad: str
    ad_account: str
    days: str
    spend: str
    impressions: str
    ctr: str
    paid_views: str


@dataclass(frozen=True)
class PostPage:
    """Everything templates/reports/post.html shows."""

    title: str
    caption: str
    account: str
    posted_at: datetime
    seen_at: datetime
    tiktok_href: str
    gone_at: datetime | None
    counters: tuple[FigureRow, ...]
    watching: tuple[FigureRow, ...]
    curve: Chart | None
    looks_count: int
    first_look: datetime | None
    lifts: tuple[LiftRow, ...]
    paid: Chart | None
    source_href: str
    not_granted: str
    breakdowns: tuple[Breakdown, ...]


def post_page(post: Post, membership: Membership, *, now: datetime) -> PostPage:
    """A handful of queries, whatever the post's age."""
    looks = life(post)
    lifts = lift(post, membership)
    granted = post.account.connection.has("video.insights")
    return PostPage(
        title=caption(post.caption),
        caption=post.caption,
        account=post.account.connection.shown_name,
        posted_at=post.created_at,
        seen_at=post.seen_at,
        tiktok_href=post.share_url if post.share_url.startswith("https://") else "",
        gone_at=post.gone_at,
        counters=_counters(post),
        watching=_watching(post, granted),
        curve=_curve(post, looks, now) if looks else None,
        looks_count=len(looks),
        first_look=looks[0].taken_at if looks else None,
        lifts=tuple(_lift(one) for one in lifts),
        paid=_paid(paid_days(post, membership)) if lifts else None,
        source_href=f"{reverse('figure_source')}?figure=post_views&post={post.pk}",
        not_granted="" if granted else f"Ask {post.account.connection.shown_name} to allow video.insights.",
        breakdowns=of_one_post(audiences.of_post(post), granted),
    )


def _counters(post: Post) -> tuple[FigureRow, ...]:
    rows = [
        ("Views", post.views),
        ("Likes", post.likes),
        ("Comments", post.comments),
        ("Shares", post.shares),
        ("Favorites", post.favorites),
    ]
    counted = [FigureRow(label, figures.count(value), note="" if value is not None else "TikTok left it out") for label, value in rows]
    engagement = metrics.engagement_of(post)
    note = "" if engagement is not None else "Nothing was viewed, or a part is missing"
    return (*counted, FigureRow("Engagement", figures.rate(engagement), note=note))


def _watching(post: Post, granted: bool) -> tuple[FigureRow, ...]:
    why = "The post was quiet when it was first seen" if granted else "Not granted"
    rows = [
        ("Reach", figures.count(post.reach), "The post was quiet when it was first seen"),
        ("Watch-through", figures.watch(post.watch_through_rate), why),
        ("Avg. watch time", figures.seconds(post.average_watched_seconds), why),
        ("Watched in all", figures.seconds(post.watched_seconds), why),
        ("Length", figures.seconds(post.duration_seconds), "Not a video"),
    ]
    return tuple(FigureRow(label, text, note=note if text == MISSING else "") for label, text, note in rows)


def _curve(post: Post, looks: list[Look], now: datetime) -> Chart:
    """Lifetime views at the last look of each day, or week. A day on which nobody looked is a gap."""
    born, today = post.created_at.date(), now.date()
    size = 1 if (today - born).days < MOST_DAYS else 7
    by_step: dict[int, Look] = {}
    for look in looks:
        by_step[(look.date - born).days // size] = look  # the last one stays
    points = []
    for step in range((today - born).days // size + 1):
        first = born + timedelta(days=step * size)
        known = by_step.get(step)
        label = figures.day(first) if size == 1 else figures.short_range(first, min(first + timedelta(days=6), today))
        points.append(DayPoint(first, label, known.views if known else None, None, _state(known, step, by_step)))
    title = "Views over its life"
    return Chart(
        title=title,
        legend_now="at the last look of each " + ("day" if size == 1 else "week"),
        legend_before="",
        total_now=figures.count(looks[-1].views),
        total_before="",
        points=tuple(points),
        news=charts.news(points, title, gap=NO_LOOK),
        unit="Views",
        step="Day" if size == 1 else "Week",
        gap=NO_LOOK,
    )


def _state(known: Look | None, step: int, by_step: dict[int, Look]) -> Literal["final", "provisional", "missing"]:
    if known is None or known.views is None:
        return "missing"
    return "provisional" if step == max(by_step) else "final"


def _paid(by_day: dict[date, int]) -> Chart | None:
    """Plays that ads paid for, by day. Beside the curve, never in it."""
    if not by_day:
        return None
    first, last = min(by_day), max(by_day)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)][-92:]
    points = tuple(DayPoint(d, figures.day(d), by_day.get(d, 0), None) for d in days)
    title = "Paid views per day"
    return Chart(
        title=title,
        legend_now=figures.short_range(days[0], days[-1]),
        legend_before="",
        total_now=figures.count(sum(by_day.get(d, 0) for d in days)),
        total_before="",
        points=points,
        news=charts.news(points, title),
        unit="Paid views",
    )


def _lift(one: Lift) -> LiftRow:
    shown, clicked = one.impressions, one.clicks
    return LiftRow(
        ad=one.ad_name or "An ad without a name",
        ad_account=one.ad_account.shown_name,
        days=figures.day_range(one.first, one.last),
        spend=f"{figures.money(one.spend, one.ad_account.currency)} {one.ad_account.currency}",
        impressions=figures.count(shown),
        ctr=figures.ctr(clicked / shown if shown and clicked is not None else None),
        paid_views=figures.count(one.paid_views),
    )
