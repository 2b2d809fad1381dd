"""The figures of ads as one value: what they cost and brought in some time, and the rates between these."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from metrics.dictionary import cost_of_one, cpm, ctr

FIGURES = (
    "spend", "impressions", "clicks", "conversions", "video_views", "video_views_2s", "video_views_6s", "video_views_whole", "likes",
    "comments", "shares", "follows",
)  # fmt: skip
LACKING = tuple(f"{name}_lacking" for name in FIGURES)


def columns(known: Mapping[str, str]) -> str:
    """A column of a statement for every figure, in their order: NULL for one without an expression."""
    return ", ".join(f"{known.get(name, 'NULL::numeric')} AS {name}" for name in FIGURES)


class Sums(NamedTuple):  # a year by day is hundreds of them
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
    return Sums(int(rows_count), spend, *[None if value is None else int(value) for value in counts])


def added(parts: Sequence[Sums]) -> Sums:
    """The sum of several; a figure that one of them lacks is lacking."""
    if len(parts) < 2:
        return parts[0] if parts else NOTHING
    return Sums._make([None if None in values else sum(values) for values in zip(*parts, strict=True)])
