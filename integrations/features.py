"""Features and the TikTok scopes they need, and the permissions of the advertiser flow: the one registry. The Integrations card, the
consent link and public pages read it, so a scope that no feature uses cannot be asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Feature(StrEnum):
    """What a workspace can switch on."""

    DASHBOARD = "dashboard"
    COMMUNITY = "community"
    REPLIES = "replies"
    BRAND_ROLLUP = "brand_rollup"
    CREATORS = "creators"
    RECOMMENDATIONS = "recommendations"
    SPARK_ADS = "spark_ads"
    ACCOUNT_GROWTH = "account_growth"

    @property
    def label(self) -> str:
        """As people read it."""
        return _LABELS[self]


_LABELS = {
    Feature.DASHBOARD: "Dashboard and reports",
    Feature.COMMUNITY: "Comments",
    Feature.REPLIES: "Replies",
    Feature.BRAND_ROLLUP: "Brand roll-up",
    Feature.CREATORS: "Creator campaigns",
    Feature.RECOMMENDATIONS: "Ad recommendations",
    Feature.SPARK_ADS: "Spark Ads",
    Feature.ACCOUNT_GROWTH: "Account growth",
}


@dataclass(frozen=True)
class Scope:
    """A TikTok scope, why we ask for it, and what is missing without it."""

    name: str
    reason: str
    without_it: str


SCOPES: dict[str, Scope] = {
    s.name: s
    for s in (
        Scope("user.info.basic", "Name and avatar, so the right account is shown", "The account is shown without its name."),
        Scope("user.info.username", "The handle, so everybody means the same account", "The account is shown without its handle."),
        Scope("user.info.stats", "The number of followers and posts", "Followers are not shown."),
        Scope("user.insights", "Daily views, engagement and followers of the account", "Daily figures are not shown."),
        Scope("video.list", "The public posts that go on the dashboard", "Posts are not shown."),
        Scope("video.insights", "Views, reach, engagement and watch time for the weekly report", "Watch-through is not shown."),
        Scope("comment.list", "Public comments, so the community team can respond", "Comments are not shown."),
        Scope("comment.list.manage", "Answers to comments, written by your team", "Comments can be read but not answered."),
        Scope("biz.brand.insights", "Brand figures rolled up over several accounts", "Mentions of the brand are not shown."),
        Scope("biz.creator.info", "Creator profiles, to set up and brief campaigns", "The creator's marketplace profile is not shown."),
        Scope("biz.creator.insights", "How creator campaigns performed", "Creator campaigns have no figures."),
        Scope("biz.ads.recommend", "TikTok's own recommendations for your ads", "Recommendations are not shown."),
        Scope("tto.campaign.link", "Linking creator posts to Spark Ads campaigns", "Creator posts cannot be linked to campaigns."),
    )
}

NEEDS: dict[Feature, tuple[str, ...]] = {
    Feature.DASHBOARD: ("user.info.basic", "video.list", "video.insights"),
    Feature.COMMUNITY: ("user.info.basic", "video.list", "comment.list"),
    Feature.REPLIES: ("user.info.basic", "video.list", "comment.list", "comment.list.manage"),
    Feature.BRAND_ROLLUP: ("user.info.basic", "biz.brand.insights"),
    Feature.CREATORS: ("user.info.basic", "biz.creator.info", "biz.creator.insights"),
    Feature.RECOMMENDATIONS: ("user.info.basic", "biz.ads.recommend"),
    Feature.SPARK_ADS: ("user.info.basic", "tto.campaign.link"),
    Feature.ACCOUNT_GROWTH: ("user.info.basic", "user.info.username", "user.info.stats", "user.insights"),
}
# What a new workspace starts with. Replies write to TikTok, so somebody switches them on.
AT_FIRST = frozenset(Feature) - {Feature.REPLIES}


def scopes_for(features: Iterable[Feature]) -> tuple[str, ...]:
    """Exactly the scopes that these features need, in the registry's order."""
    needed = {name for feature in features for name in NEEDS[feature]}
    return tuple(name for name in SCOPES if name in needed)


@dataclass(frozen=True)
class Permission:
    """A permission of the advertiser flow. The app holds it at TikTok; a consent page shows it and cannot narrow it."""

    number: int
    name: str
    reason: str
    covered_by: tuple[int, ...] = ()  # one of a higher level brings it too

    def is_in(self, granted: Iterable[str]) -> bool:
        """Whether a grant holds it. Grants keep TikTok's numbers as texts."""
        return bool({str(self.number), *map(str, self.covered_by)} & set(granted))


AD_ACCOUNTS = Permission(1, "Ad account management", "Name, currency and time zone of each ad account")
READ_CAMPAIGNS = Permission(200, "Ads management", "Campaigns, ad groups and ads, and which post a Spark Ad shows", covered_by=(2,))
REPORTING = Permission(4, "Reporting", "Spend, impressions, clicks and conversions of each ad and day")
PERMISSIONS = (AD_ACCOUNTS, READ_CAMPAIGNS, REPORTING)
