"""Each metric once: name, unit, formula, sources, when it is final, what missing means. Pages, mails and exports read it.

Formulas take totals and never average rates.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

VERSION = 3


@dataclass(frozen=True)
class Metric:
    """A figure and its meaning."""

    key: str
    name: str
    unit: Literal["count", "rate", "money", "seconds"]
    formula: str
    sources: tuple[str, ...]
    final: str
    missing: str
    paid_plays: str = ""  # what the figure holds of plays that ads paid for


_HOLDS_ADS = (
    "TikTok does not say how many of them a Spark Ad brought; they may be among them. Paid plays stand beside, and are never added."
)
_NO_ADS = "None."
# Where nobody of those whom a page is about granted TikTok's days.
_LOOKS = "/business/video/list/ {} (video.list): what posts gained between two looks, on the day of the later one, named as such"
_ORGANIC_FINAL = "48 hours after the end of the UTC day"
_QUIET = "Not granted, or the post had no activity in the last seven days when it was first seen."
_OF_ADS = "/report/integrated/get/ AUCTION_AD by stat_time_day: {} (Reporting)"
_PAID_FINAL = "11 hours after the end of the ad account's day"
_PAID_MISSING = "Not granted, or TikTok does not tell it for these ads. Days without delivery count as nothing."

METRICS: dict[str, Metric] = {
    m.key: m
    for m in (
        Metric(
            "followers", "Followers", "count", "Followers at the end of the last final day",
            ("/business/get/ metrics[].followers_count (user.insights)", "/business/get/ followers_count (user.info.stats)"),
            _ORGANIC_FINAL, "Not granted, or TikTok did not deliver the day.", _NO_ADS,
        ),
        Metric(
            "new_followers", "New followers", "count",
            "Followers at the end of the period minus followers at the end of the day before it",
            ("/business/get/ metrics[].followers_count (user.insights)",), _ORGANIC_FINAL,
            "One of the two days was not delivered.", _NO_ADS,
        ),
        Metric(
            "views", "Views", "count", "Sum of the daily video views of the account, all posts together",
            ("/business/get/ metrics[].video_views (user.insights)", _LOOKS.format("video_views")), _ORGANIC_FINAL,
            "Days that TikTok did not deliver are left out and named; so are days on which nobody looked at the posts.", _HOLDS_ADS,
        ),
        Metric(
            "engagement_rate", "Engagement", "rate", "(likes + comments + shares) / views, as a ratio of the period's sums",
            ("/business/get/ metrics[] (user.insights)", _LOOKS.format("video_views, likes, comments, shares")), _ORGANIC_FINAL,
            "No views, or a part was not delivered.", _HOLDS_ADS,
        ),
        Metric(
            "posts", "Posts", "count", "Public posts created in the period, by UTC creation time, that are still there",
            ("/business/video/list/ create_time (video.list)",), "At once", "Not granted.", _NO_ADS,
        ),
        Metric(
            "daily_reach", "Daily reach", "count",
            "People who watched on a day, each once; of a period, the mean of its days. Somebody who watches two accounts counts twice",
            ("/business/get/ metrics[].unique_video_views (user.insights)",), _ORGANIC_FINAL,
            "TikTok tells it of business accounts only.", _HOLDS_ADS,
        ),
        Metric(
            "profile_views", "Profile views", "count", "Sum of the daily views of the account's profile",
            ("/business/get/ metrics[].profile_views (user.insights)",), _ORGANIC_FINAL,
            "Days that TikTok did not deliver are left out and named.", _NO_ADS,
        ),
        Metric(
            "post_views", "Views of a post", "count", "Lifetime views of the post, since posting",
            ("/business/video/list/ video_views (video.list)",), "365 days after publication", "TikTok left the figure out.", _HOLDS_ADS,
        ),
        Metric(
            "post_views_gained", "Views gained", "count",
            "Lifetime views at the last look before the period's end minus those at the last look before its beginning",
            ("/business/video/list/ video_views (video.list), kept at each look",), "48 hours after the end of the period",
            "Nobody had looked at the post before the period began.", _HOLDS_ADS,
        ),
        Metric(
            "post_engagement_rate", "Engagement of a post", "rate", "(likes + comments + shares) / views, over its life",
            ("/business/video/list/ likes, comments, shares, video_views (video.list)",), "365 days after publication",
            "No views, or TikTok left a part out.", _HOLDS_ADS,
        ),
        Metric(
            "post_reach", "Reach of a post", "count", "People who watched the post, each once, over its life",
            ("/business/video/list/ reach (video.list)",), "24 to 48 hours later", _QUIET, _HOLDS_ADS,
        ),
        Metric(
            "watch_through_rate", "Watch-through", "rate",
            "Share of views that watched the whole video; of several posts, the mean weighted by views",
            ("/business/video/list/ full_video_watched_rate (video.insights)",), "24 to 48 hours later", _QUIET, _HOLDS_ADS,
        ),
        Metric(
            "watch_time", "Avg. watch time", "seconds", "Time watched / views of the posts published in the period, over their life",
            ("/business/video/list/ total_time_watched (video.insights)",), "24 to 48 hours later", _QUIET, _HOLDS_ADS,
        ),
        Metric(
            "traffic_sources", "Traffic sources", "rate",
            "Where in TikTok a post was found; of several posts, the mean weighted by views",
            ("/business/video/list/ impression_sources (video.insights)",), "24 to 48 hours later", _QUIET, _HOLDS_ADS,
        ),
        Metric(
            "audience", "Audience", "rate", "Followers by age, gender, country and city",
            ("/business/get/ audience_ages, audience_genders, audience_countries, audience_cities (user.insights)",), "As of each look",
            "Not granted, or the account has fewer than a hundred followers.", _NO_ADS,
        ),
        Metric(
            "active_hours", "Active hours", "count",
            "Followers who were active in each hour of the day, UTC; the mean of the last seven days",
            ("/business/get/ metrics[].audience_activity (user.insights)",), _ORGANIC_FINAL,
            "Not granted, or the account has fewer than a hundred followers.", _NO_ADS,
        ),
        Metric(
            "mentions", "Mentions", "count", "Public posts and comments of others that name the account",
            ("/business/mention/video/list/ and /business/mention/comment/list/ (biz.brand.insights)",), "At once",
            "Not granted, or older than TikTok lists.", "",
        ),
        Metric(
            "spend", "Spend", "money", "Sum of what the ads cost, in the ad account's currency; different currencies are never added",
            (_OF_ADS.format("spend"),), _PAID_FINAL, _PAID_MISSING,
        ),
        Metric(
            "impressions", "Impressions", "count", "How often the ads were shown",
            (_OF_ADS.format("impressions"),), _PAID_FINAL, _PAID_MISSING,
        ),
        Metric(
            "clicks", "Clicks", "count", "Clicks on the ads that lead where they point",
            (_OF_ADS.format("clicks"),), _PAID_FINAL, _PAID_MISSING,
        ),
        Metric(
            "conversions", "Conversions", "count", "What the ads were to bring, counted on the day of the click or view",
            (_OF_ADS.format("conversion"),), "30 days later: TikTok attributes for weeks", _PAID_MISSING,
        ),
        Metric(
            "paid_views", "Paid video views", "count", "Plays of the ads' videos. Never added to the views of posts",
            (_OF_ADS.format("video_play_actions"),), _PAID_FINAL, _PAID_MISSING,
        ),
        Metric(
            "paid_views_2s", "2-second views", "count", "Plays of the ads' videos that lasted two seconds or longer, or to the end",
            (_OF_ADS.format("video_watched_2s"),), _PAID_FINAL, _PAID_MISSING,
        ),
        Metric(
            "paid_views_6s", "6-second views", "count", "Plays of the ads' videos that lasted six seconds or longer, or to the end",
            (_OF_ADS.format("video_watched_6s"),), _PAID_FINAL, _PAID_MISSING,
        ),
        Metric(
            "paid_views_whole", "Whole views", "count", "Plays of the ads' videos from beginning to end",
            (_OF_ADS.format("video_views_p100"),), _PAID_FINAL, _PAID_MISSING,
        ),
        Metric(
            "paid_likes", "Paid likes", "count", "Likes that people gave through the ads",
            (_OF_ADS.format("likes"),), _PAID_FINAL, _PAID_MISSING,
        ),
        Metric(
            "paid_comments", "Paid comments", "count", "Comments that people wrote through the ads",
            (_OF_ADS.format("comments"),), _PAID_FINAL, _PAID_MISSING,
        ),
        Metric(
            "paid_shares", "Paid shares", "count", "How often people shared through the ads",
            (_OF_ADS.format("shares"),), _PAID_FINAL, _PAID_MISSING,
        ),
        Metric(
            "paid_follows", "Paid follows", "count", "People who followed the account through the ads",
            (_OF_ADS.format("follows"),), _PAID_FINAL, _PAID_MISSING,
        ),
        Metric(
            "ctr", "CTR", "rate", "Clicks / impressions, as a ratio of the period's sums", (_OF_ADS.format("clicks, impressions"),),
            _PAID_FINAL, "No impressions, or a part was not delivered.",
        ),
        Metric(
            "cpm", "CPM", "money", "Spend / impressions x 1,000, as a ratio of the period's sums", (_OF_ADS.format("spend, impressions"),),
            _PAID_FINAL, "No impressions, or a part was not delivered.",
        ),
        Metric(
            "cpc", "CPC", "money", "Spend / clicks, as a ratio of the period's sums", (_OF_ADS.format("spend, clicks"),),
            _PAID_FINAL, "No clicks, or a part was not delivered.",
        ),
        Metric(
            "cost_per_conversion", "Cost per conversion", "money", "Spend / conversions, as a ratio of the period's sums",
            (_OF_ADS.format("spend, conversion"),), "30 days later: TikTok attributes for weeks",
            "No conversions, or a part was not delivered.",
        ),
        Metric(
            "boosted_posts", "Boosted posts", "count", "Posts that Spark Ads showed at least once in the period",
            ("/ad/get/ tiktok_item_id", _OF_ADS.format("impressions")), _PAID_FINAL, "Not granted.",
        ),
    )
}  # fmt: skip


def engagement_rate(*, likes: int | None, comments: int | None, shares: int | None, views: int | None) -> float | None:
    """(likes + comments + shares) / views. None when a part is missing or nothing was viewed."""
    if not views or likes is None or comments is None or shares is None:
        return None
    return (likes + comments + shares) / views


def ctr(*, clicks: int | None, impressions: int | None) -> float | None:
    """Clicks / impressions. None when a part is missing or nothing was shown."""
    return clicks / impressions if clicks is not None and impressions else None


def cpm(*, spend: Decimal | None, impressions: int | None) -> Decimal | None:
    """Spend for a thousand impressions, in the currency of the spend."""
    return spend * 1000 / impressions if spend is not None and impressions else None


def cost_of_one(*, spend: Decimal | None, count: int | None) -> Decimal | None:
    """Spend for each click, or each conversion."""
    return spend / count if spend is not None and count else None
