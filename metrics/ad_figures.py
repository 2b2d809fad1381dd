"""The figures of ads as one value: what they cost and brought in some time, and the rates between these."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from metrics.dictionary import cost_of_one, cpm, ctr

FIGURES = (
    "spend", "impressions", "clicks", "conversions", "video_views", "video_views_2s", "video_views_6s", "video_views_whole", "likes",
    "comments", "shares", "follows",
)  # fmt: skip
LACKING = tuple(f"{name}_lacking" for name in FIGURES)


@dataclass(frozen=True, slots=True)
class Sums:
    """What ads brought in some time. None: a part of it was not told. Zeros are TikTok's, or no delivery at all (`is_empty`)."""

    rows_count: int
    spend: Decimal | None
    impressions: int | None
    clicks: int | None
    conversions: int | None
    video_views: int | None
    video_views_2s: int | None
    video_views_6s: int | None
    video_views_whole: int | None
    likes: int | None
    comments: int | None
    shares: int | None
    follows: int | None

    @property
    def is_empty(self) -> bool:
        """No ad was shown."""
        return self.rows_count == 0

    @property
    def ctr(self) -> float | None:
        """A ratio of the sums."""
        return ctr(clicks=self.clicks, impressions=self.impressions)

    @property
    def cpm(self) -> Decimal | None:
        """In the ad account's currency, like the other two."""
        return cpm(spend=self.spend, impressions=self.impressions)

    @property
    def cpc(self) -> Decimal | None:
        """Spend for a click."""
        return cost_of_one(spend=self.spend, count=self.clicks)

    @property
    def cost_per_conversion(self) -> Decimal | None:
        """Spend for a conversion."""
        return cost_of_one(spend=self.spend, count=self.conversions)


NOTHING = Sums(0, Decimal(0), *([0] * (len(FIGURES) - 1)))


def sums_of(row: Sequence[Any]) -> Sums:
    rows_count, spend, *counts = row
    return Sums(int(rows_count), spend, *(None if value is None else int(value) for value in counts))


def added(parts: Sequence[Sums]) -> Sums:
    """The sum of several; a figure that one of them lacks is lacking."""
    if len(parts) < 2:
        return parts[0] if parts else NOTHING

    def total(name: str, nothing: Any) -> Any:
        values = [getattr(part, name) for part in parts]
        return None if None in values else sum(values, nothing)

    return Sums(sum(part.rows_count for part in parts), total("spend", Decimal(0)), *(total(name, 0) for name in FIGURES[1:]))
