"""What TikTok tells an account about others and suggests to it: benchmark, hashtags, posts worth an ad."""

from typing import Any

from tiktok_sandbox import pictures
from tiktok_sandbox.answers import ADDRESS, AMOUNT, COUNT, ID, SECONDS_TEXT, TEXT, each, list_of, record, shares, word
from tiktok_sandbox.endpoints import Call, Endpoint
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param
from tiktok_sandbox.readers import Choice, Id, ListOf, Text
from tiktok_sandbox.world import insights
from tiktok_sandbox.world.calendar import DAY
from tiktok_sandbox.world.chance import draw

CATEGORIES = (
    "ART_AND_CRAFTS", "AUTOMOTIVE_AND_TRANSPORTATION", "BABY", "BEAUTY", "CLOTHING_AND_ACCESSORIES", "EDUCATION_AND_TRAINING",
    "ELECTRONICS",
    "FINANCE_AND_INVESTING", "FOOD_AND_BEVERAGE", "GAMING", "HEALTH_AND_WELLNESS", "HOME_FURNITURE_AND_APPLIANCES",
    "MACHINERY_AND_EQUIPMENT", "MEDIA_AND_ENTERTAINMENT", "PERSONAL_BLOG", "PETS", "PROFESSIONAL_SERVICES", "PUBLIC_ADMINISTRATION",
    "REAL_ESTATE", "RESTAURANTS_AND_BARS", "SHOPPING_AND_RETAIL", "SOFTWARE_AND_APPS", "SPORTS_FITNESS_AND_OUTDOORS", "TRAVEL_AND_TOURISM",
    "OTHERS",
)  # fmt: skip
# By category: centre of the figure, for a month.
AVERAGES = {
    "average_likes": 9_400,
    "average_comments": 310,
    "average_shares": 620,
    "average_video_count": 14,
    "average_follower_count": 21_000,
    "average_follower_growth": 480,
    "average_video_views": 188_000,
}
ENDINGS = ("", "tok", "tips", "life", "lover", "community", "2026", "daily", "ideas", "challenge")
SPANS = {"PAST_ONE_MONTH": 30, "PAST_THREE_MONTHS": 91, "PAST_SIX_MONTHS": 182}
OBJECTIVES = (
    "REACH", "TRAFFIC", "VIDEO_VIEWS", "ENGAGEMENT", "APP_PROMOTION", "LEAD_GENERATION", "WEB_CONVERSIONS", "PRODUCT_SALES",
)  # fmt: skip
MOST_RECOMMENDED = 20


def benchmark(call: Call) -> dict[str, Any]:
    """Averages of a category; they are the same for everybody and change with the week."""
    category, week = call.values["business_category"], call.now // (7 * DAY)

    def shaken(name: str, centre: int) -> int:
        return centre * (600 + draw(call.desk.world.seed, category, name) % 900) * (970 + draw(category, name, week) % 61) // 1_000_000

    figures = {name: shaken(name, centre) for name, centre in AVERAGES.items()}
    return {
        "business_category": category,
        **figures,
        "average_engagement_rate": round(
            (figures["average_likes"] + figures["average_comments"] + figures["average_shares"]) / max(1, figures["average_video_views"]), 4
        ),
    }


def hashtags(call: Call) -> dict[str, Any]:
    word = "".join(letter for letter in call.values["keyword"].lower() if letter.isalnum())
    names = [f"{word}{ending}" for ending in ENDINGS] if word else []
    found = [{"name": name, "view_count": 2_000 + draw("hashtag", name) % 2_000_000_000} for name in names]
    return {"suggestions": sorted(found, key=lambda one: -one["view_count"])}


def recommended(call: Call) -> dict[str, Any]:
    """Posts of the span, the best first; the level follows how far a post stands out among them."""
    since = call.now - SPANS[call.values["time"]] * DAY
    wanted, unwanted = set(call.values["video_ids"]), set(call.values["exclude_video_ids"])
    posts = [post for post in call.feed.posts_until(call.now) if post.created >= since and post.item_id not in unwanted]
    if wanted:
        posts = [post for post in posts if post.item_id in wanted]
    ranked = sorted(posts, key=lambda post: (-post.counters_at(call.now).engagement, post.item_id))[:MOST_RECOMMENDED]
    rows = []
    for place, post in enumerate(ranked):
        counters = post.counters_at(call.now)
        rows.append(
            {
                "recommendation_level": "HIGH" if place * 4 < len(ranked) else "MEDIUM" if place * 2 < len(ranked) else "LOW",
                "item_id": post.item_id,
                "embed_url": f"https://www.tiktok.com/player/v1/{post.item_id}",
                "thumbnail_url": pictures.address(call.base, call.desk.world, "cover", post.item_id, call.now),
                "create_time": str(post.created),
                "video_views": counters.views,
                "likes": counters.likes,
                "comments": counters.comments,
                "shares": counters.shares,
                "audience_countries": insights.audience(call.feed.profile, call.desk.world.seed, post.item_id)["audience_countries"],
            }
        )
    return {"videos": rows}


OWNER = Param("business_id", Text(), required=True)
BENCHMARK = record({"business_category": word(*CATEGORIES), **each(AVERAGES, COUNT), "average_engagement_rate": AMOUNT})
SUGGESTED = record({"suggestions": list_of(record({"name": TEXT, "view_count": COUNT}))})
RECOMMENDED = record(
    {
        "videos": list_of(
            record(
                {
                    "recommendation_level": word("HIGH", "MEDIUM", "LOW"),
                    "item_id": ID,
                    **each(("embed_url", "thumbnail_url"), ADDRESS),
                    "create_time": SECONDS_TEXT,
                    **each(("video_views", "likes", "comments", "shares"), COUNT),
                    "audience_countries": shares("country"),
                }
            )
        )
    }
)
IDS = ListOf(Id(), 100, least=0)

ENDPOINTS = (
    Endpoint(
        "/business/benchmark/",
        "GET",
        benchmark,
        (OWNER, Param("business_category", Choice(CATEGORIES), default="OTHERS")),
        needs_token=True,
        scope="user.info.basic",
        limit=Limit.ACCOUNTS,
        evidence="C",
        gives=BENCHMARK,
    ),
    Endpoint(
        "/business/hashtag/suggestion/",
        "GET",
        hashtags,
        (OWNER, Param("keyword", Text(200), required=True), Param("language", Text(10), default="en")),
        needs_token=True,
        scope="user.info.basic",
        limit=Limit.ACCOUNTS,
        evidence="C",
        gives=SUGGESTED,
    ),
    Endpoint(
        "/business/video/recommend/",
        "GET",
        recommended,
        (
            OWNER,
            Param("video_ids", IDS, default=()),
            Param("exclude_video_ids", IDS, default=()),
            Param("time", Choice(tuple(SPANS)), default="PAST_ONE_MONTH"),
            Param("objective_type", Choice(OBJECTIVES)),
        ),
        needs_token=True,
        scope="biz.ads.recommend",
        limit=Limit.RECOMMENDATIONS,
        evidence="C",
        gives=RECOMMENDED,
    ),
)
