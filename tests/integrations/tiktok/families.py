"""The table of the battery: one line for each list or record that the client reads, and how to ask for it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from agency.secret import Secret
from integrations.tiktok import (
    account_insights,
    accounts,
    ad_reports,
    advertisers,
    comments,
    display,
    identities,
    mentions,
    posting,
    publishing,
    spark_posts,
    structure,
)
from integrations.tiktok.report_requests import DataLevel, ReportRequest
from integrations.tiktok.transport import Answer, Transport

BIG = 7510000000000000001
BUSINESS = "/open_api/v1.3"
ACCOUNT, ADVERTISER, LOGIN = "account", "advertiser", "login_kit"


@dataclass(frozen=True)
class Holder:
    """Whose token it is: `me` is the account's open_id or an ad account; `post` and `identity` are of theirs."""

    transport: Transport
    token: Secret
    me: str
    post: str = "7500000000000000001"
    identity: tuple[str, str] = ("0a1b2c3d", "TT_USER")

    def account(self) -> dict[str, Any]:
        return {"access_token": self.token, "business_id": self.me}

    def advertiser(self) -> dict[str, Any]:
        return {"access_token": self.token, "advertiser_id": self.me}


def by_cursor(name: str) -> Callable[[list[Any], bool], dict[str, Any]]:
    return lambda rows, more: {name: rows, "cursor": 20, "has_more": more}


def by_number(name: str) -> Callable[[list[Any], bool], dict[str, Any]]:
    def page(rows: list[Any], more: bool) -> dict[str, Any]:
        return {name: rows, "page_info": {"page": 1, "page_size": 10, "total_number": 25 if more else 1, "total_page": 3 if more else 1}}

    return page


@dataclass(frozen=True)
class Family:
    """`page` puts rows where TikTok puts them, `row` is the least one with a bare big id, `names` reads the ids out of the answer.
    `less` are scopes or permissions with which TikTok does not open it."""

    path: str
    flow: str
    ask: Callable[[Holder], Answer[Any]]
    less: list[Any] = field(default_factory=list)
    page: Callable[[list[Any], bool], dict[str, Any]] | None = None
    row: dict[str, Any] = field(default_factory=dict)
    names: Callable[[Any], Any] = lambda value: value

    def __str__(self) -> str:
        return self.path


def first(name: str) -> Callable[[Any], Any]:
    return lambda value: getattr(value.records[0], name)


def request_of(holder: Holder) -> ReportRequest:
    day = datetime.now(UTC).date() - timedelta(days=10)
    return ReportRequest(holder.me, DataLevel.AD, ("ad_id", "stat_time_day"), ("spend", "clicks", "ctr"), day, day)


BASIC, ALL_BUT_ADS, REPORTS_ONLY = ["user.info.basic"], [1, 4, 6], [4]
FAMILIES = (
    Family(
        f"{BUSINESS}/business/video/list/",
        ACCOUNT,
        lambda h: accounts.posts_page(h.transport, **h.account(), fields=["likes"]),
        BASIC,
        by_cursor("videos"),
        {"item_id": BIG, "create_time": 1767312000},
        lambda page: page.posts[0].item_id,
    ),
    Family(
        f"{BUSINESS}/business/comment/list/",
        ACCOUNT,
        lambda h: comments.comments_page(h.transport, **h.account(), video_id=h.post),
        BASIC,
        by_cursor("comments"),
        {"comment_id": BIG},
        first("comment_id"),
    ),
    Family(
        f"{BUSINESS}/business/comment/reply/list/",
        ACCOUNT,
        lambda h: comments.replies_page(h.transport, **h.account(), video_id=h.post, comment_id="7510000000000000001"),
        BASIC,
        by_cursor("comments"),
        {"comment_id": BIG},
        first("comment_id"),
    ),
    Family(
        f"{BUSINESS}/business/mention/video/list/",
        ACCOUNT,
        lambda h: mentions.mentioning_posts_page(h.transport, **h.account()),
        BASIC,
        by_cursor("videos"),
        {"item_id": BIG},
        first("item_id"),
    ),
    Family(
        f"{BUSINESS}/business/mention/comment/list/",
        ACCOUNT,
        lambda h: mentions.mentioning_comments_page(h.transport, **h.account()),
        BASIC,
        by_cursor("comments"),
        {"comment_id": BIG},
        first("comment_id"),
    ),
    Family(f"{BUSINESS}/business/mention/top_word/list/", ACCOUNT, lambda h: mentions.top_words(h.transport, **h.account()), BASIC),
    Family(f"{BUSINESS}/business/mention/top_hashtag/list/", ACCOUNT, lambda h: mentions.top_hashtags(h.transport, **h.account()), BASIC),
    Family(
        f"{BUSINESS}/business/benchmark/",
        ACCOUNT,
        lambda h: account_insights.benchmark(h.transport, **h.account(), business_category="BEAUTY"),
    ),
    Family(
        f"{BUSINESS}/business/hashtag/suggestion/",
        ACCOUNT,
        lambda h: account_insights.suggested_hashtags(h.transport, **h.account(), keyword="hiking"),
    ),
    Family(
        f"{BUSINESS}/business/video/settings/",
        ACCOUNT,
        lambda h: publishing.post_settings(h.transport, **h.account()),
        BASIC,
    ),
    Family(
        f"{BUSINESS}/business/video/recommend/",
        ACCOUNT,
        lambda h: account_insights.recommended_posts(h.transport, **h.account()),
        BASIC,
    ),
    Family(f"{BUSINESS}/user/info/", ADVERTISER, lambda h: advertisers.business_user(h.transport, access_token=h.token)),
    Family(
        f"{BUSINESS}/advertiser/info/",
        ADVERTISER,
        lambda h: advertisers.advertiser_info(h.transport, access_token=h.token, advertiser_ids=[h.me]),
        REPORTS_ONLY,
    ),
    Family(
        f"{BUSINESS}/bc/get/",
        ADVERTISER,
        lambda h: advertisers.business_centers_page(h.transport, access_token=h.token),
        REPORTS_ONLY,
        by_number("list"),
        {"bc_info": {"bc_id": BIG}},
        first("bc_id"),
    ),
    Family(
        f"{BUSINESS}/campaign/get/",
        ADVERTISER,
        lambda h: structure.campaigns_page(h.transport, **h.advertiser()),
        ALL_BUT_ADS,
        by_number("list"),
        {"campaign_id": BIG},
        first("campaign_id"),
    ),
    Family(
        f"{BUSINESS}/adgroup/get/",
        ADVERTISER,
        lambda h: structure.ad_groups_page(h.transport, **h.advertiser()),
        ALL_BUT_ADS,
        by_number("list"),
        {"adgroup_id": BIG, "campaign_id": 1},
        first("adgroup_id"),
    ),
    Family(
        f"{BUSINESS}/ad/get/",
        ADVERTISER,
        lambda h: structure.ads_page(h.transport, **h.advertiser()),
        ALL_BUT_ADS,
        by_number("list"),
        {"ad_id": BIG, "adgroup_id": 1, "campaign_id": 1},
        first("ad_id"),
    ),
    Family(
        f"{BUSINESS}/identity/get/",
        ADVERTISER,
        lambda h: identities.identities_page(h.transport, **h.advertiser()),
        REPORTS_ONLY,
        by_number("identity_list"),
        {"identity_id": BIG, "identity_type": "TT_USER"},
        first("identity_id"),
    ),
    Family(
        f"{BUSINESS}/identity/video/get/",
        ADVERTISER,
        lambda h: identities.identity_posts_page(h.transport, **h.advertiser(), identity_id=h.identity[0], identity_type=h.identity[1]),
        REPORTS_ONLY,
        by_cursor("video_list"),
        {"item_id": BIG},
        first("item_id"),
    ),
    Family(
        f"{BUSINESS}/tt_video/list/",
        ADVERTISER,
        lambda h: spark_posts.spark_posts_page(h.transport, **h.advertiser()),
        REPORTS_ONLY,
        by_number("list"),
        {"item_info": {"item_id": BIG}},
        first("item_id"),
    ),
    Family(
        f"{BUSINESS}/report/integrated/get/",
        ADVERTISER,
        lambda h: ad_reports.report_page(h.transport, access_token=h.token, request=request_of(h)),
        [1, 6],
        by_number("list"),
        {"dimensions": {"ad_id": BIG, "stat_time_day": "2026-01-10 00:00:00"}, "metrics": {}},
        lambda page: page.records[0].ids["ad_id"],
    ),
    Family(
        f"{BUSINESS}/report/task/create/",
        ADVERTISER,
        lambda h: ad_reports.create_report_task(h.transport, access_token=h.token, request=request_of(h)),
        [1, 6],
    ),
    Family(
        "/v2/user/info/",
        LOGIN,
        lambda h: display.user_info(h.transport, access_token=h.token, fields=["open_id", "follower_count"]),
        BASIC,
    ),
    Family(
        "/v2/video/list/",
        LOGIN,
        lambda h: display.videos_page(h.transport, access_token=h.token),
        BASIC,
        by_cursor("videos"),
        {"id": BIG},
        first("video_id"),
    ),
    Family(
        "/v2/video/query/",
        LOGIN,
        lambda h: display.videos(h.transport, access_token=h.token, video_ids=[h.post]),
        BASIC,
    ),
    Family(
        "/v2/post/publish/creator_info/query/",
        LOGIN,
        lambda h: posting.creator_info(h.transport, access_token=h.token),
        BASIC,
    ),
)
# Replies need the id of a comment, which only local TikTok can name; they are shown against a server of the tests instead.
UNSERVED = frozenset({f"{BUSINESS}/business/comment/reply/list/"})
PAGED = tuple(family for family in FAMILIES if family.page is not None)
SERVED = tuple(family for family in FAMILIES if family.path not in UNSERVED)
