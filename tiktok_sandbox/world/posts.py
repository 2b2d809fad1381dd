"""One invented post: its fixed traits and its counters at any moment. Never what an endpoint shows of them."""

from dataclasses import dataclass
from typing import NamedTuple

from tiktok_sandbox.world.calendar import WEEK
from tiktok_sandbox.world.curves import Curve, Steps


class Counters(NamedTuple):
    views: int
    likes: int
    comments: int
    shares: int
    favorites: int

    @property
    def engagement(self) -> int:
        return self.likes + self.comments + self.shares


@dataclass(frozen=True, slots=True)
class Post:
    item_id: str
    handle: str
    created: int
    caption: str
    duration_ms: int
    media_type: str
    course: Curve | Steps
    likes: int
    comments: int
    shares: int
    favorites: int
    full_rate: int  # of 10,000 viewers, how many watched to the end
    reach_rate: int  # of 10,000 views, how many were somebody's first
    lasting_visits: bool = False  # the profile is still visited from it when its counters stand still

    def counters_at(self, moment: int) -> Counters:
        """Lifetime totals. Interactions follow the views, so that every total is the exact sum of its days."""
        views, total = self.course.views_at(moment), self.course.total
        if not views:
            return Counters(0, 0, 0, 0, 0)
        return Counters(
            views,
            self.likes * views // total,
            self.comments * views // total,
            self.shares * views // total,
            self.favorites * views // total,
        )

    def is_active_at(self, moment: int) -> bool:
        """Whether anything happened to the post in the seven days before."""
        return self.lasting_visits or self.course.views_at(moment) > self.course.views_at(moment - WEEK)

    @property
    def average_watched_ms(self) -> int:
        """Mean play time; people who leave early watch about a quarter."""
        return self.duration_ms * (self.full_rate + (10_000 - self.full_rate) * 27 // 100) // 10_000


def item_id_for(created: int, mark: int) -> str:
    """Ids as TikTok's look: the second of creation in the upper half, so that they sort by age."""
    return str((created << 32) | (mark & 0xFFFFFFFF))


def interactions(engagement: int, *, comments_share: int = 40, shares_share: int = 80) -> tuple[int, int, int]:
    """Likes, comments and shares that add up to the engagement; the shares are given per thousand."""
    comments, shares = engagement * comments_share // 1000, engagement * shares_share // 1000
    return engagement - comments - shares, comments, shares
