"""A week's frozen content as pages and mails show it. Owns words and formats; never reads figures from anywhere but the content."""

import re
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

from django.urls import reverse

from agency.outlets import charts, figures
from agency.outlets.parts import Chart, DayPoint, FigureRow, NewsPart, PostRow, count_delta, delta, rate_delta
from metrics.periods import Week
from reports import blocks
from reports.content import Content, Creative

SOURCE = "Source: TikTok Marketing API"
AGGREGATES_ONLY = "Reports contain only aggregated metrics."
_WHY_MISSING = {
    "broken": "{account} is not in these figures: it needs to be reconnected. {reason}",
    "not_synced": "{account} is not in these figures: its first sync has not finished.",
    "not_granted": "{account} is not in the daily figures: {reason} was not granted.",
    "disconnected": "{account} is not in these figures: it was disconnected.",
    "ads_not_read": "{account} is not in the paid figures: TikTok has not delivered this week's.",
    "ads_lost": "{account} is not in the paid figures: it is no longer open to us.",
}
# Characters that reorder what stands beside them: in a sentence they could turn a figure round.
_REORDERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class ShownReport:
    """What templates/reports/week.html and templates/emails/weekly_report/ consume."""

    title: str
    range: str
    source_line: str
    days_line: str
    generated_at: Any
    news: tuple[NewsPart, ...]
    chart: Chart | None
    organic: tuple[FigureRow, ...]
    paid: tuple[blocks.PaidBlock, ...]
    paid_note: str
    creative: tuple[PostRow, ...]
    creators: blocks.Table | None
    brands: blocks.Table | None
    mentions: str
    comments: tuple[FigureRow, ...]  # empty where nobody granted them
    missing: tuple[str, ...]


def shown(content: Content) -> ShownReport:
    """The whole report in words."""
    week = Week.parse(content.week)
    span = figures.day_range(content.first_day, content.last_day)
    return ShownReport(
        title=f"Week {week.number} · {content.workspace} · {span}",
        range=span,
        source_line=f"{SOURCE} · Generated {content.composed:%Y-%m-%d %H:%M} UTC",
        days_line="Organic days are UTC" if content.paid else "Days are UTC",
        generated_at=content.composed,
        news=_news(content),
        chart=_chart(content),
        organic=_organic(content),
        paid=blocks.paid_blocks(content),
        paid_note=blocks.paid_note(content),
        creative=tuple(_creative(content, i, c) for i, c in enumerate(content.creative, 1)),
        creators=blocks.creators(content),
        brands=blocks.brands(content),
        mentions=blocks.mentions_sentence(content),
        comments=blocks.comments_rows(content),
        missing=_missing(content),
    )


def headline(content: Content) -> str:
    """The news as plain text."""
    return "".join(part.text for part in _news(content))


def subject(content: Content) -> str:
    """`Week 21 · Brass Studio: 1.23M views (+12.5%)`."""
    o = content.organic
    title = f"Week {Week.parse(content.week).number} · {content.workspace}"
    if o.views is None:
        return f"{title}: no figures from TikTok yet"
    change = f" ({figures.change(o.views_alike, o.views_before)})" if o.views_before else ""
    return f"{title}: {figures.compact(o.views)} views{change}"


def _news(content: Content) -> tuple[NewsPart, ...]:
    o = content.organic
    if o.views is None:
        return (NewsPart("TikTok has not delivered this week's figures."),)
    views = NewsPart(figures.compact(o.views), bold=True)
    if not o.views_before:
        parts = [NewsPart("The week brought "), views, NewsPart(" views.")]
    elif o.views_alike == o.views_before:
        parts = [NewsPart("Views stayed at "), views, NewsPart(".")]
    else:
        verb = "rose" if o.views_alike > o.views_before else "fell"
        change = figures.change(o.views_alike, o.views_before).lstrip("+−")
        parts = [NewsPart(f"Views {verb} "), NewsPart(change, bold=True), NewsPart(" to "), views, NewsPart(".")]
    best = content.creative[0] if content.creative else None
    if best and best.views and best.views <= o.views:
        share = f"{round(100 * best.views / o.views)}%"
        parts += [NewsPart(" One post, "), NewsPart(caption(best.caption, 60), bold=True), NewsPart(f", brought {share} of them.")]
    return tuple(parts)


def _chart(content: Content) -> Chart | None:
    if all(d.views is None for d in content.days):
        return None
    points = tuple(
        DayPoint(
            date=date.fromisoformat(d.date),
            label=f"{date.fromisoformat(d.date):%a %-d}",
            now=d.views,
            before=d.views_before,
            state="missing" if d.views is None else "final" if d.is_final else "provisional",
        )
        for d in content.days
    )
    week = Week.parse(content.week)
    return Chart(
        title="Views per day",
        legend_now=figures.short_range(content.first_day, content.last_day),
        legend_before=figures.short_range(week.before.monday, week.before.sunday),
        total_now=figures.count(content.organic.views),
        total_before=figures.count(content.organic.views_before),
        points=points,
        news=charts.news(points, "Views per day"),
    )


def _organic(content: Content) -> tuple[FigureRow, ...]:
    o = content.organic
    on_cadence = "" if o.posts_count is None else ("on cadence" if o.posts_count >= o.posts_agreed else "behind")
    growth = None
    if o.new_followers is not None and o.new_followers_before is not None and o.new_followers_before > 0:
        growth = delta(
            figures.change(o.new_followers, o.new_followers_before),
            f"from {figures.signed_count(o.new_followers_before)}",
            o.new_followers - o.new_followers_before,
        )
    return (
        FigureRow("Posts published", figures.count(o.posts_count), note=on_cadence),
        FigureRow("Total views", figures.count(o.views), delta=count_delta(o.views_alike, o.views_before)),
        FigureRow(
            "Avg. engagement rate", figures.rate(o.engagement_rate), delta=rate_delta(o.engagement_rate_alike, o.engagement_rate_before)
        ),
        FigureRow("New followers", figures.signed_count(o.new_followers), delta=growth),
    )


def _creative(content: Content, rank: int, post: Creative) -> PostRow:
    most = max((c.views or 0 for c in content.creative), default=0)
    return PostRow(
        rank=rank,
        title=caption(post.caption),
        href="",
        posted=figures.day(date.fromisoformat(post.posted_on)),
        views=figures.count(post.views),
        views_full=figures.count(post.views),
        share=(post.views or 0) / most if most else 0.0,
        engagement=figures.rate(post.engagement_rate),
        watch_through=figures.watch(post.watch_through_rate),
    )


def _missing(content: Content) -> tuple[str, ...]:
    sentences = [_WHY_MISSING[m.why].format(account=plain(m.account), reason=m.reason).strip() for m in content.missing_accounts]
    absent = [date.fromisoformat(d) for d in content.missing_days]
    open_days = [d for d in map(date.fromisoformat, content.not_final_days) if d not in absent]
    if absent:
        sentences.append(
            f"TikTok has not delivered {blocks.day_names(absent)}. Totals and comparisons leave {'it' if len(absent) == 1 else 'them'} out."
        )
    if 0 < content.organic.days_alike < len(content.days):
        sentences.append(f"The week before is compared on the {content.organic.days_alike} of 7 days that are final in both.")
    if open_days:
        sentences.append(f"TikTok still counts {blocks.day_names(open_days)}: figures may still rise.")
    return tuple(sentences)


def plain(text: str) -> str:
    """Somebody else's words, without what would reorder ours."""
    return _REORDERING.sub("", text)


def caption(text: str, most: int = 90) -> str:
    """The first line of a caption, shortened at a word."""
    text = plain(text).strip()
    line = text.splitlines()[0].strip() if text else "Post without caption"
    return line if len(line) <= most else line[: most - 1].rsplit(" ", 1)[0] + "…"


def neighbour(week: Week) -> SimpleNamespace:
    """A link to another week's report."""
    return SimpleNamespace(href=reverse("week", args=[str(week)]), label=f"Week {week.number}")
