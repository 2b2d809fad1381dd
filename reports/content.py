"""The weekly report as one frozen object. The page, the mail and later outlets read this and nothing else.

It holds aggregated figures only: nothing in these types could name a viewer.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal


@dataclass(frozen=True)
class DayFigure:
    """Views of one UTC day and of the same weekday a week before."""

    date: str
    views: int | None
    views_before: int | None
    is_final: bool


@dataclass(frozen=True)
class Creative:
    """One post of the week, with its lifetime figures at composition."""

    post_id: str
    account: str
    caption: str
    posted_on: str
    views: int | None
    engagement_rate: float | None
    watch_through_rate: float | None


@dataclass(frozen=True)
class Organic:
    """The week's organic figures and those of the week before.

    Both weeks are compared on the same days only: `_alike` and `_before` go over the `days_alike` that are final and whole in both.
    """

    posts_count: int | None
    posts_agreed: int
    views: int | None
    days_alike: int
    views_alike: int | None
    views_before: int | None
    engagement_rate: float | None
    engagement_rate_alike: float | None
    engagement_rate_before: float | None
    new_followers: int | None
    new_followers_before: int | None
    followers: int | None


@dataclass(frozen=True)
class MissingAccount:
    """An account that is not in the figures, or not in all of them, and why."""

    account: str
    why: Literal["broken", "not_synced", "not_granted"]
    reason: str


@dataclass(frozen=True)
class Content:
    """Everything a weekly report says."""

    week: str
    workspace: str
    monday: str
    sunday: str
    composed_at: str
    accounts: tuple[str, ...]
    days: tuple[DayFigure, ...]
    organic: Organic
    creative: tuple[Creative, ...]
    missing_days: tuple[str, ...]
    not_final_days: tuple[str, ...]
    missing_accounts: tuple[MissingAccount, ...]

    def as_json(self) -> dict[str, Any]:
        """For the database. Tuples become lists."""
        return json.loads(json.dumps(asdict(self)))

    @property
    def hash(self) -> str:
        """Of the figures in canonical bytes: the same data gives the same hash, whenever it was composed and whatever was final then."""
        figures = asdict(self)
        for of_the_moment in ("composed_at", "not_final_days"):
            del figures[of_the_moment]
        for day in figures["days"]:
            del day["is_final"]
        return hashlib.sha256(json.dumps(figures, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    @property
    def first_day(self) -> date:
        """Monday."""
        return date.fromisoformat(self.monday)

    @property
    def last_day(self) -> date:
        """Sunday."""
        return date.fromisoformat(self.sunday)

    @property
    def composed(self) -> datetime:
        """When it was written."""
        return datetime.fromisoformat(self.composed_at)


def from_json(data: dict[str, Any]) -> Content:
    """Back from the database."""
    return Content(
        **data
        | {
            "accounts": tuple(data["accounts"]),
            "days": tuple(DayFigure(**d) for d in data["days"]),
            "organic": Organic(**data["organic"]),
            "creative": tuple(Creative(**c) for c in data["creative"]),
            "missing_days": tuple(data["missing_days"]),
            "not_final_days": tuple(data["not_final_days"]),
            "missing_accounts": tuple(MissingAccount(**m) for m in data["missing_accounts"]),
        }
    )
