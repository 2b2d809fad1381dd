"""Words for what TikTok calls by codes: states of campaigns, ad groups and ads, objectives, goals, budgets; and the names of columns."""

import re
from dataclasses import dataclass
from typing import Literal

from metrics.dictionary import METRICS

Tone = Literal["good", "off", "warn", "bad", ""]

# column -> the metric that defines it
_DEFINED = {
    "spend": "spend", "impressions": "impressions", "clicks": "clicks", "ctr": "ctr", "cpc": "cpc", "cpm": "cpm",
    "conversions": "conversions", "cost_per_conversion": "cost_per_conversion", "video_views": "paid_views",
    "video_views_2s": "paid_views_2s", "video_views_6s": "paid_views_6s", "video_views_whole": "paid_views_whole", "likes": "paid_likes",
    "comments": "paid_comments", "shares": "paid_shares", "follows": "paid_follows",
}  # fmt: skip
TITLES = {"budget": "Budget"} | {column: METRICS[key].name for column, key in _DEFINED.items()}
DEFINED_BY = _DEFINED
MONEY = frozenset({"budget", "spend", "cpc", "cpm", "cost_per_conversion"})


@dataclass(frozen=True, slots=True)
class Standing:
    """How something stands: a dot and a word where all is well, a tag where somebody should look."""

    word: str
    tone: Tone


# What comes after CAMPAIGN_STATUS_, ADGROUP_STATUS_ and AD_STATUS_: business-api.tiktok.com/portal/docs?id=1737174886619138
_STANDINGS: dict[str, Standing] = {
    "ENABLE": Standing("Active", "good"),
    "DELIVERY_OK": Standing("Active", "good"),
    "DISABLE": Standing("Paused", "off"),
    "DELETE": Standing("Deleted", "off"),
    "CAMPAIGN_DISABLE": Standing("Campaign paused", "off"),
    "ADGROUP_DISABLE": Standing("Ad group paused", "off"),
    "CAMPAIGN_DELETE": Standing("Campaign deleted", "off"),
    "ADGROUP_DELETE": Standing("Ad group deleted", "off"),
    "NOT_START": Standing("Not started", "off"),
    "TIME_DONE": Standing("Ended", "off"),
    "DONE": Standing("Ended", "off"),
    "CREATE": Standing("Being made", "off"),
    "AUDIT": Standing("In review", "warn"),
    "REAUDIT": Standing("In review again", "warn"),
    "ADVERTISER_AUDIT": Standing("Ad account in review", "warn"),
    "BUDGET_EXCEED": Standing("Budget used up", "warn"),
    "CAMPAIGN_EXCEED": Standing("Campaign budget used up", "warn"),
    "BALANCE_EXCEED": Standing("Balance used up", "bad"),
    "AUDIT_DENY": Standing("Rejected", "bad"),
    "ADVERTISER_AUDIT_DENY": Standing("Ad account rejected", "bad"),
    "FROZEN": Standing("Frozen", "bad"),
    "ASSET_AUTHORIZATION_LOST": Standing("No right to its material", "bad"),
    "CREATOR_AUTHORIZATION_REVOKED": Standing("Creator took the right back", "bad"),
    "MUSIC_AUTHORIZATION_MISSING": Standing("No right to its music", "bad"),
    "TRANSCODING_FAIL": Standing("Video could not be read", "bad"),
    "ADGROUP_QUOTA_LIMIT": Standing("Too many ad groups", "bad"),
    "AD_QUOTA_LIMIT": Standing("Too many ads", "bad"),
}
_NOT_LISTED = Standing("Not in TikTok's list", "")


def standing(operation_status: str, secondary_status: str, *, is_known: bool) -> Standing:
    """How a line stands. A code that we do not know is said as TikTok writes it."""
    if not is_known:
        return _NOT_LISTED
    code = re.sub(r"^(CAMPAIGN|ADGROUP|AD)_STATUS_", "", secondary_status)
    if code in _STANDINGS:
        return _STANDINGS[code]
    if not code:  # TikTok's own sandbox leaves it out
        return _STANDINGS["DISABLE" if operation_status == "DISABLE" else "ENABLE"] if operation_status else Standing("Not told", "")
    return Standing(said(code), "")


def said(code: str) -> str:
    """VIDEO_VIEWS as Video views."""
    return code.replace("_", " ").strip().lower().capitalize()


def is_reservation(objective: str) -> bool:
    """Campaigns that are booked and not bid for; the auction's reports do not hold them."""
    return objective.startswith(("RF_", "TOPVIEW"))


def budget_words(mode: str) -> str:
    """What a budget is for."""
    if "TOTAL" in mode:
        return "in all"
    return "a day" if "DAY" in mode else ""


def zone_words(name: str) -> str:
    """Los Angeles for America/Los_Angeles; in names such as Etc/GMT+10 the sign is turned round."""
    found = re.fullmatch(r"Etc/GMT([+-])(\d{1,2})", name)
    if found:
        return f"UTC{'−' if found[1] == '+' else '+'}{found[2]}"
    return name.rsplit("/", 1)[-1].replace("_", " ")
