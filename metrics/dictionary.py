"""Each metric once: name, unit, formula, sources, when it is final, what missing means. Pages, mails and exports read it.

Formulas take totals and never average rates.
"""

from dataclasses import dataclass
from typing import Literal

VERSION = 1


@dataclass(frozen=True)
class Metric:
    """A figure and its meaning."""

    key: str
    name: str
    unit: Literal["count", "rate", "money"]
    formula: str
    sources: tuple[str, ...]
    final: str
    missing: str


METRICS: dict[str, Metric] = {
    m.key: m
    for m in (
        Metric(
            "followers", "Followers", "count", "Followers at the end of the last final day",
            ("/business/get/ metrics[].followers_count (user.insights)", "/business/get/ followers_count (user.info.stats)"),
            "48 hours after the end of the UTC day", "Not granted, or TikTok did not deliver the day.",
        ),
        Metric(
            "new_followers", "New followers", "count", "Followers at the end of the period minus followers at the end of the day before it",
            ("/business/get/ metrics[].followers_count (user.insights)",), "48 hours after the end of the UTC day",
            "One of the two days was not delivered.",
        ),
        Metric(
            "views", "Views", "count", "Sum of the daily video views of the account, all posts together",
            ("/business/get/ metrics[].video_views (user.insights)",), "48 hours after the end of the UTC day",
            "Days that TikTok did not deliver are left out and named.",
        ),
        Metric(
            "engagement_rate", "Engagement", "rate", "(likes + comments + shares) / views, as a ratio of the period's sums",
            ("/business/get/ metrics[] (user.insights)",), "48 hours after the end of the UTC day",
            "No views, or a part was not delivered.",
        ),
        Metric(
            "posts", "Posts", "count", "Public posts created in the period, by UTC creation time",
            ("/business/video/list/ create_time (video.list)",), "At once", "Not granted.",
        ),
        Metric(
            "post_views", "Views of a post", "count", "Lifetime views of the post", ("/business/video/list/ video_views (video.list)",),
            "365 days after publication", "TikTok left the figure out.",
        ),
        Metric(
            "watch_through_rate", "Watch-through", "rate", "Share of views that watched the whole video",
            ("/business/video/list/ full_video_watched_rate (video.insights)",), "24 to 48 hours later",
            "Not granted, or the post had no activity in the last seven days when it was first seen.",
        ),
    )
}  # fmt: skip


def engagement_rate(*, likes: int | None, comments: int | None, shares: int | None, views: int | None) -> float | None:
    """(likes + comments + shares) / views. None when a part is missing or nothing was viewed."""
    if not views or likes is None or comments is None or shares is None:
        return None
    return (likes + comments + shares) / views
