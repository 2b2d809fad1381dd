"""The weekly report as one frozen object. The page, the mail and later outlets read this and nothing else.

It holds aggregated figures only: nothing in these types could name a viewer. A field that comes later has a default, so that
what was frozen before it still opens; `version` says which shape a report was written in.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

VERSION: Final = 3  # 1 knew organic figures only, 2 no comments


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
class Paid:
    """Spark Ads of all ad accounts with one currency, on the seven dates of each ad account's own zone. Money as text, in that currency.

    `_alike` and `_before` go over the first `days_alike` days, those that had ended everywhere when TikTok was read last.
    """

    currency: str
    ad_accounts: tuple[str, ...]
    time_zones: tuple[str, ...]
    boosted_posts: int | None
    impressions: int | None
    clicks: int | None
    spend: str | None
    ctr: float | None
    cpm: str | None
    days_alike: int
    boosted_posts_alike: int | None
    boosted_posts_before: int | None
    impressions_alike: int | None
    impressions_before: int | None
    ctr_alike: float | None
    ctr_before: float | None
    cpm_alike: str | None
    cpm_before: str | None
    may_still_rise: bool


@dataclass(frozen=True)
class BrandFigures:
    """One brand's organic figures. Accounts without a brand share a line with an empty name."""

    brand: str
    accounts: tuple[str, ...]
    posts_count: int | None
    views: int | None
    days_alike: int
    views_alike: int | None
    views_before: int | None
    engagement_rate: float | None
    new_followers: int | None


@dataclass(frozen=True)
class CreatorPosts:
    """A creator's posts of the week, summed over their lifetime until composition; the most viewed by name."""

    creator: str
    account: str
    how: Literal["published", "credited"]
    posts_count: int
    views: int | None
    engagement_rate: float | None
    caption: str


@dataclass(frozen=True)
class Mentions:
    """Public posts of the week that mention the accounts, counted."""

    posts_count: int
    views: int | None


@dataclass(frozen=True)
class Comments:
    """What others said under the accounts' posts on the days of the week, counted, and how much of it was answered until composition.

    `answer_seconds` is the median from comment to first answer; `in_aim_count` of the answers came within the workspace's aim.
    """

    comments_count: int
    answered_count: int
    in_aim_count: int
    aim_seconds: int
    answer_seconds: int | None


@dataclass(frozen=True)
class MissingAccount:
    """An account that is not in the figures, or not in all of them, and why."""

    account: str
    why: Literal["broken", "not_synced", "not_granted", "disconnected", "ads_not_read", "ads_lost"]
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
    version: int = 1
    paid: tuple[Paid, ...] = ()
    brands: tuple[BrandFigures, ...] = ()
    creators: tuple[CreatorPosts, ...] = ()
    mentions: Mentions | None = None
    comments: Comments | None = None

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
        for block in figures["paid"]:
            del block["may_still_rise"]
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
    """Back from the database, in whatever version it was written. Fields of a later one keep their defaults."""
    mentions, comments = data.get("mentions"), data.get("comments")
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
            "paid": tuple(
                Paid(**p | {"ad_accounts": tuple(p["ad_accounts"]), "time_zones": tuple(p["time_zones"])}) for p in data.get("paid", ())
            ),
            "brands": tuple(BrandFigures(**b | {"accounts": tuple(b["accounts"])}) for b in data.get("brands", ())),
            "creators": tuple(CreatorPosts(**c) for c in data.get("creators", ())),
            "mentions": Mentions(**mentions) if mentions else None,
            "comments": Comments(**comments) if comments else None,
        }
    )
