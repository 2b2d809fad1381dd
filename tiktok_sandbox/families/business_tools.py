"""What TikTok tells an account about others and suggests to it: benchmark and hashtags."""

from typing import Any

from tiktok_sandbox.answers import AMOUNT, COUNT, TEXT, each, list_of, record, word
from tiktok_sandbox.endpoints import Call, Endpoint
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param
from tiktok_sandbox.readers import Choice, Text
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


OWNER = Param("business_id", Text(), required=True)
BENCHMARK = record({"business_category": word(*CATEGORIES), **each(AVERAGES, COUNT), "average_engagement_rate": AMOUNT})
SUGGESTED = record({"suggestions": list_of(record({"name": TEXT, "view_count": COUNT}))})

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
)
