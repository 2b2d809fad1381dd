"""What comes out of the client: frozen records in our words, with TikTok's quirks left behind.

Absent is not zero: a figure is None when TikTok left it out, sent null, "-" or "". Ids are strings. Instants are UTC, days are TikTok's
UTC days, `_seconds` are seconds, `_rate` and the second half of each share run from 0 to 1.
"""

from dataclasses import dataclass
from datetime import date, datetime

from integrations.tiktok.reading import Figure

Shares = tuple[tuple[str, float | None], ...] | None


@dataclass(frozen=True)
class Profile:
    """An account as it is now. The counters are lifetime totals."""

    display_name: str | None
    profile_image: str | None
    username: str | None
    followers_count: Figure
    following_count: Figure
    total_likes: Figure
    videos_count: Figure
    is_business_account: bool | None
    is_verified: bool | None
    bio_description: str | None
    profile_deep_link: str | None


@dataclass(frozen=True)
class AccountDayRecord:
    """One UTC day of an account. Likes are gross: unlikes are not deducted. `audience_activity` is (hour 0 to 23, followers active)."""

    date: date
    video_views: Figure
    profile_views: Figure
    likes: Figure
    comments: Figure
    shares: Figure
    followers_count: Figure
    daily_total_followers: Figure
    daily_new_followers: Figure
    daily_lost_followers: Figure
    unique_video_views: Figure
    engaged_audience: Figure
    audience_activity: tuple[tuple[int, int], ...] | None


@dataclass(frozen=True)
class Audience:
    """Followers by kind: each a name and its part of all, from 0 to 1. None where TikTok does not tell, as of fewer than 100 followers."""

    ages: Shares
    genders: Shares
    countries: Shares
    cities: Shares


@dataclass(frozen=True)
class PostRecord:
    """A public post with its lifetime counters. `thumbnail_url` expires.

    Reach, watch time, completion and all shares are absent when the post had no activity in the last seven days.
    """

    item_id: str
    created_at: datetime
    media_type: str | None
    is_ad: bool | None
    caption: str | None
    share_url: str | None
    embed_url: str | None
    thumbnail_url: str | None
    duration_seconds: Figure
    video_views: Figure
    likes: Figure
    comments: Figure
    shares: Figure
    favorites: Figure
    reach: Figure
    total_time_watched_seconds: Figure
    average_time_watched_seconds: Figure
    full_video_watched_rate: Figure
    new_followers: Figure
    profile_views: Figure
    website_clicks: Figure
    phone_number_clicks: Figure
    lead_submissions: Figure
    app_download_clicks: Figure
    email_clicks: Figure
    address_clicks: Figure
    impression_sources: Shares
    audience_countries: Shares
    audience_cities: Shares
    audience_genders: Shares
    audience_types: Shares
    video_view_retention: tuple[tuple[int, float | None], ...] | None
    engagement_likes: tuple[tuple[int, float | None], ...] | None


@dataclass(frozen=True)
class PostsPage:
    """One page, newest first. Go on with `cursor` while `has_more`, even when the page is short or empty."""

    posts: tuple[PostRecord, ...]
    cursor: int | None
    has_more: bool
