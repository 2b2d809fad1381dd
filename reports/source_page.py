"""Where a figure comes from, as one object: its definition, the period, and TikTok's answers behind it."""

from dataclasses import dataclass
from uuid import UUID

from agency.models import Membership
from agency.outlets import figures
from metrics import origin_queries as origins
from metrics import subject_queries as subjects
from metrics.dictionary import METRICS, VERSION, Metric
from metrics.models import Post
from metrics.origin_queries import Origin, Origins
from metrics.periods import day_final_at
from metrics.subject_queries import Subject
from reports.asking import Asked
from reports.choosing import name_of
from reports.key_figures import BY_LOOKS
from reports.presentation import caption

# What an address calls a figure -> its definition, and which rows it is made of.
FIGURES: dict[str, tuple[str, str]] = {
    "followers": ("followers", "days"),
    "views": ("views", "days"),
    "engagement": ("engagement_rate", "days"),
    "posts": ("posts", "posts"),
    "reach": ("daily_reach", "days"),
    "profile_views": ("profile_views", "days"),
    "watch_through": ("watch_through_rate", "posts"),
    "watch_time": ("watch_time", "posts"),
    "post_views": ("post_views", "posts"),
    "traffic_sources": ("traffic_sources", "posts"),
}


@dataclass(frozen=True)
class CallRow:
    """One answer of TikTok."""

    account: str
    endpoint: str
    request_id: str
    called_at: str
    brought: str


@dataclass(frozen=True)
class SourcePage:
    """Everything templates/reports/source.html shows."""

    metric: Metric
    version: int
    whose: str
    period: str  # empty for the whole life of a post
    is_final: str
    calls: tuple[CallRow, ...]
    calls_count: int
    rows_count: int
    noun: str
    back_href: str


def source_page(membership: Membership, asked: Asked, figure: str) -> SourcePage:
    """Of a key figure. Three queries."""
    key, kind = FIGURES[figure]
    asked, subject = asked.subject(subjects.everything(membership))
    found, noun = _behind(subject, asked, figure, kind)
    open_until = figures.moment_text(day_final_at(asked.last))
    return SourcePage(
        metric=METRICS[key],
        version=VERSION,
        whose=name_of(subject),
        period=figures.day_range(*asked.range, year=True),
        is_final="All days are final." if asked.last <= asked.final else f"The last day is final from {open_until} on.",
        calls=tuple(_row(o, noun) for o in found.shown),
        calls_count=found.calls_count,
        rows_count=found.rows_count,
        noun=noun,
        back_href=asked.href(metric=figure if figure != "post_views" else None),
    )


def _behind(subject: Subject, asked: Asked, figure: str, kind: str) -> tuple[Origins, str]:
    if figure == "followers" and not subject.granting("user.insights"):
        return origins.of_profiles(subject), "profile"
    if figure in BY_LOOKS and subject.is_read_by_looks:
        return origins.of_looks(subject, asked.range), "look"
    return (origins.of_days(subject, asked.range), "day") if kind == "days" else (origins.of_posts(subject, asked.range), "post")


def source_of_post(post: Post, back_href: str) -> SourcePage:
    """Of one post: every look at it."""
    found = origins.of_post(post)
    return SourcePage(
        metric=METRICS["post_views"],
        version=VERSION,
        whose=f"{caption(post.caption)}, {post.account.connection.shown_name}",
        period="",
        is_final="TikTok counts for a year after a post was published.",
        calls=tuple(_row(o, "look") for o in found.shown),
        calls_count=found.calls_count,
        rows_count=found.rows_count,
        noun="look",
        back_href=back_href,
    )


def _row(origin: Origin, noun: str) -> CallRow:
    brought = f"{figures.count(origin.count)} {noun}{'' if origin.count == 1 else 's'}"
    if origin.first and origin.last:
        brought += f", {figures.day_range(origin.first, origin.last)}"
    return CallRow(origin.account, origin.endpoint, origin.request_id, figures.moment_text(origin.called_at), brought)


def named(text: str) -> UUID | None:
    """An id out of an address."""
    try:
        return UUID(text)
    except ValueError:
        return None
