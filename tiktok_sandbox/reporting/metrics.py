"""The metrics of reports: which whole-number columns stand behind each, and how it is written. Every value is text; "-" does not apply."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from tiktok_sandbox.world.adbook import Book
from tiktok_sandbox.world.adcomments import COMMENTS
from tiktok_sandbox.world.adentities import Ad, Campaign, Group

ABSENT = "-"
IMPRESSIONS, CLICKS, SPEND, CONVERSIONS = range(4)
Sums = Sequence[int]
Encoder = Callable[[Sums], Any]

# Columns that follow from the four of an ad's day: (which of the four, parts of 10,000 of it), rounded down for each ad and day.
DERIVED: dict[str, tuple[int, int]] = {
    "gross_impressions": (IMPRESSIONS, 10_120),
    "video_play_actions": (IMPRESSIONS, 9_790),
    "video_watched_2s": (IMPRESSIONS, 4_120),
    "video_watched_6s": (IMPRESSIONS, 1_530),
    "video_views_p25": (IMPRESSIONS, 3_010),
    "video_views_p50": (IMPRESSIONS, 1_440),
    "video_views_p75": (IMPRESSIONS, 830),
    "video_views_p100": (IMPRESSIONS, 520),
    "engaged_view": (IMPRESSIONS, 1_380),
    "engaged_view_15s": (IMPRESSIONS, 610),
    "likes": (IMPRESSIONS, 92),
    "comments": (IMPRESSIONS, COMMENTS),
    "shares": (IMPRESSIONS, 9),
    "follows": (IMPRESSIONS, 11),
    "profile_visits": (IMPRESSIONS, 61),
    "clicks_on_music_disc": (IMPRESSIONS, 4),
    "result": (CLICKS, 10_000),
    "real_time_result": (CLICKS, 10_000),
    "secondary_goal_result": (CONVERSIONS, 4_000),
    "real_time_conversion": (CONVERSIONS, 9_400),
    "complete_payment": (CONVERSIONS, 6_200),
    "initiate_checkout": (CONVERSIONS, 14_000),
    "web_event_add_to_cart": (CONVERSIONS, 23_000),
    "app_install": (CONVERSIONS, 3_000),
    "real_time_app_install": (CONVERSIONS, 2_900),
}
BASE = {"impressions": IMPRESSIONS, "clicks": CLICKS, "spend": SPEND, "conversion": CONVERSIONS}
MONEY = {"spend": 1, "billed_cost": 1, "cash_spend": 1, "voucher_spend": 0}
# One thing for another: (above, below, times). Money above gives money; the others are percentages or plain quotients.
MONEY_RATIOS = {
    "cpc": ("spend", "clicks", 1),
    "cpm": ("spend", "impressions", 1_000),
    "cost_per_conversion": ("spend", "conversion", 1),
    "real_time_cost_per_conversion": ("spend", "real_time_conversion", 1),
    "cost_per_result": ("spend", "result", 1),
    "cost_per_1000_reached": ("spend", "reach", 1_000),
}
PERCENTAGES = {
    "ctr": ("clicks", "impressions"),
    "conversion_rate": ("conversion", "clicks"),
    "conversion_rate_v2": ("conversion", "impressions"),
    "result_rate": ("result", "impressions"),
    "engagement_rate": ("engagements", "impressions"),
    "profile_visits_rate": ("profile_visits", "impressions"),
    "total_complete_payment_rate": ("complete_payment", "clicks"),
}
ENGAGEMENTS = ("clicks", "likes", "comments", "shares", "follows")
ORDER_VALUE = 43  # of base currency, what one payment brings
OTHERS = (
    "reach", "frequency", "engagements", "average_video_play", "average_video_play_per_user", "total_purchase_value",
    "complete_payment_roas",
)  # fmt: skip
NUMERIC = frozenset((*BASE, *DERIVED, *MONEY, *MONEY_RATIOS, *PERCENTAGES, *OTHERS))
# Values of people, which cannot be cut by audience in asynchronous reports.
UNIQUE = frozenset(
    ("reach", "frequency", "cost_per_1000_reached", "average_video_play_per_user", "result", "result_rate", "cost_per_result")
)
ATTRIBUTES = (
    "advertiser_id", "advertiser_name", "campaign_id", "campaign_name", "adgroup_id", "adgroup_name", "ad_id", "ad_name", "ad_text",
    "objective_type", "placement_type", "promotion_type", "budget", "campaign_budget", "bid", "bid_strategy", "billing_event",
    "smart_target", "currency", "timezone", "tiktok_item_id", "campaign_automation_type", "campaign_dedicate_type",
)  # fmt: skip
METRICS = frozenset((*NUMERIC, *ATTRIBUTES))
# How often a person sees an ad, in thousandths: more over a longer time and a wider level, so that reach does not add up.
FREQUENCY = {"ad": 1_120, "adgroup": 1_190, "campaign": 1_280, "advertiser": 1_410}
BILLED = {"CPC": "Clicks", "CPM": "Impressions", "CPV": "Video views", "OCPM": "Impressions"}


def columns_for(metrics: Sequence[str]) -> tuple[str, ...]:
    """The derived columns that these metrics stand on, in a fixed order."""
    needed: set[str] = set()
    for name in metrics:
        needed |= {name, *MONEY_RATIOS.get(name, ())[:2], *PERCENTAGES.get(name, ())}
    if needed & {"engagements", "average_video_play", "average_video_play_per_user", "total_purchase_value", "complete_payment_roas"}:
        needed |= {*ENGAGEMENTS, "video_play_actions", "complete_payment"}
    return tuple(name for name in DERIVED if name in needed)


def quotient(above: int, below: int) -> int:
    """Rounded half up; nothing below is nothing at all."""
    return (2 * above + below) // (2 * below) if below else 0


def hundredths(value: int) -> str:
    return f"{value // 100}.{value % 100:02d}"


class Encoders:
    """Writes the numeric metrics of one report."""

    def __init__(self, book: Book, columns: tuple[str, ...], *, level: str, days: int, whole_money: bool) -> None:
        self._book = book
        self._places = {**BASE, **{name: place for place, name in enumerate(columns, start=4)}}
        self._frequency = min(6_000, FREQUENCY[level] + 35 * (days - 1))
        self._has_decimals = book.advertiser.has_decimals
        self._whole_money = whole_money

    def encoder(self, name: str) -> Encoder:
        if name in MONEY:
            money, part = self.money, MONEY[name]
            return lambda sums: money(sums[SPEND] * part)
        if name in self._places:
            return itemgetter(self._places[name])
        if name in MONEY_RATIOS:
            above, below, times = MONEY_RATIOS[name]
            top, bottom, money = self._value(above), self._value(below), self.money
            return lambda sums: money(quotient(top(sums) * times, bottom(sums)))
        if name in PERCENTAGES:
            top, bottom = (self._value(part) for part in PERCENTAGES[name])
            return lambda sums: hundredths(quotient(top(sums) * 10_000, bottom(sums)))
        return self._other(name)

    def money(self, units: int) -> str:
        if not self._has_decimals:
            return str(units)
        return str(quotient(units, 100)) if self._whole_money else f"{units // 100}.{units % 100:02d}"

    def _value(self, name: str) -> Callable[[Sums], int]:
        if name in self._places:
            return itemgetter(self._places[name])
        if name == "reach":
            frequency = self._frequency
            return lambda sums: sums[IMPRESSIONS] * 1_000 // frequency
        parts = [self._places[part] for part in ENGAGEMENTS]
        return lambda sums: sum(sums[place] for place in parts)

    def _other(self, name: str) -> Encoder:
        match name:
            case "reach" | "engagements":
                return self._value(name)
            case "frequency":
                reach = self._value("reach")
                return lambda sums: hundredths(quotient(sums[IMPRESSIONS] * 100, reach(sums)))
            case "average_video_play":
                plays = self._value("video_play_actions")
                return lambda sums: "4.87" if plays(sums) else "0.00"
            case "average_video_play_per_user":
                reach, plays = self._value("reach"), self._value("video_play_actions")
                return lambda sums: hundredths(quotient(plays(sums) * 487, reach(sums)))
            case "total_purchase_value":
                paid, worth = self._value("complete_payment"), self._book.money(ORDER_VALUE)
                return lambda sums: self.money(paid(sums) * worth)
            case _:  # complete_payment_roas
                paid, worth = self._value("complete_payment"), self._book.money(ORDER_VALUE)
                return lambda sums: hundredths(quotient(paid(sums) * worth * 100, sums[SPEND]))


def attribute(name: str, book: Book, entity: Campaign | Group | Ad | None, moment: float) -> str:
    """What stands in a row about the entity itself; "-" where its level does not have it."""
    if name in {"advertiser_id", "advertiser_name", "currency", "timezone"}:
        advertiser = book.advertiser
        return {
            "advertiser_id": book.advertiser_id,
            "advertiser_name": advertiser.name,
            "currency": advertiser.currency,
            "timezone": advertiser.timezone,
        }[name]
    ad = entity if isinstance(entity, Ad) else None
    group = entity if isinstance(entity, Group) else ad.group if ad is not None else None
    campaign = entity if isinstance(entity, Campaign) else group.campaign if group is not None else None
    if ad is not None and name in {"ad_id", "ad_name", "ad_text", "tiktok_item_id"}:
        item = ad.post.item_id if ad.post is not None else ABSENT
        return {"ad_id": ad.id, "ad_name": ad.name, "ad_text": ad.text or ABSENT, "tiktok_item_id": item}[name]
    if group is not None and name in GROUP_ATTRIBUTES:
        return GROUP_ATTRIBUTES[name](book, group, moment)
    if campaign is not None and name in CAMPAIGN_ATTRIBUTES:
        automation = campaign.automation
        if name == "campaign_automation_type" and ad is not None and campaign.is_smart:
            automation = "UPGRADED_SMART_PLUS_CREATIVE"
        values = {
            "campaign_id": campaign.id,
            "campaign_name": campaign.name,
            "objective_type": campaign.objective,
            "campaign_budget": _money(book, campaign.budget),
            "campaign_automation_type": automation,
            "campaign_dedicate_type": "iOS14" if campaign.kind == "IOS14_CAMPAIGN" else "Regular",
        }
        return values[name]
    return ABSENT


def _money(book: Book, units: int) -> str:
    return hundredths(units) if book.advertiser.has_decimals else str(units)


CAMPAIGN_ATTRIBUTES = frozenset(
    ("campaign_id", "campaign_name", "objective_type", "campaign_budget", "campaign_automation_type", "campaign_dedicate_type")
)
GROUP_ATTRIBUTES: dict[str, Callable[[Book, Group, float], str]] = {
    "adgroup_id": lambda book, group, moment: group.id,
    "adgroup_name": lambda book, group, moment: group.name,
    "placement_type": lambda book, group, moment: "Select Placement",
    "promotion_type": lambda book, group, moment: group.promotion.replace("_", " ").capitalize(),
    "budget": lambda book, group, moment: _money(book, group.budget_at(moment)),
    "bid": lambda book, group, moment: ABSENT if group.bid is None else _money(book, group.bid),
    "bid_strategy": lambda book, group, moment: "Lowest Cost" if group.bid is None else "Bid Cap",
    "billing_event": lambda book, group, moment: BILLED.get(group.billing, group.billing),
    "smart_target": lambda book, group, moment: group.goal,
}
