"""The campaigns of one ad account, laid down week by week on demand; a week always comes out the same. Keeps what write calls add."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tiktok_sandbox.world.adcast import SCALED, Advertiser, advertiser_id, moment_of
from tiktok_sandbox.world.adentities import (
    DELETE,
    DISABLE,
    FOREVER,
    FROZEN,
    REACH_FREQUENCY,
    TOP_VIEW,
    Ad,
    Campaign,
    Group,
    entity_id,
)
from tiktok_sandbox.world.calendar import DAY, monday_of
from tiktok_sandbox.world.chance import between, draw
from tiktok_sandbox.world.posts import Post

ADS_IN_GROUP = 3
SCALED_GROUPS, SCALED_ADS_IN_GROUP = 5, 8  # in each campaign of the scaled account
SCALED_DAYS = 90
RATIOS = {
    "PLN": 4,
    **dict.fromkeys(
        [
            "HKD",
            "CNY",
            "ZAR",
            "DKK",
            "SEK",
            "NOK",
            "TRY",
            "MXN",
            "THB",
            "BOB",
            "CZK",
            "EGP",
            "GTQ",
            "HNL",
            "MOP",
            "NIO",
            "UAH",
            "UYU",
            "TWD",
        ],
        10,
    ),
    "PHP": 50,
    **dict.fromkeys(["JPY", "RUB", "DZD", "BDT", "INR", "KES", "NGN", "PKR", "ISK"], 100),
    **dict.fromkeys(["KRW", "CLP", "COP", "CRC"], 1_000),
    **dict.fromkeys(["IDR", "VND", "PYG"], 10_000),
    "VEF": 100_000,
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the ways in which campaigns differ; an account's weeks go through them in turn."""

    label: str
    objective: str
    goal: str
    billing: str
    promotion: str = "WEBSITE"
    is_smart: bool = False
    buying: str = "AUCTION"
    origin: str = "TT_ADS_PLATFORM"
    type: str = "REGULAR_CAMPAIGN"
    fate: str = ""


KINDS = (
    Kind("Traffic", "TRAFFIC", "CLICK", "CPC"),
    Kind("Smart+ sales", "WEB_CONVERSIONS", "CONVERT", "OCPM", is_smart=True),
    Kind("Views", "VIDEO_VIEWS", "ENGAGED_VIEW", "CPV", fate=DISABLE),
    Kind("Reserved reach", "RF_REACH", "REACH", "CPM", buying=REACH_FREQUENCY),
    Kind("Retired", "TRAFFIC", "TRAFFIC_LANDING_PAGE_VIEW", "OCPM", fate=DELETE),
    Kind("App", "APP_PROMOTION", "INSTALL", "OCPM", promotion="APP_IOS", type="IOS14_CAMPAIGN"),
    Kind("Promote", "ENGAGEMENT", "FOLLOWERS", "OCPM", origin="PROMOTE"),
    Kind("Top of the feed", "TOPVIEW_REACH", "REACH", "CPM", buying=TOP_VIEW),
    Kind("Leads", "LEAD_GENERATION", "LEAD_GENERATION", "OCPM", promotion="LEAD_GENERATION", fate=FROZEN),
)
# Names that break what trusts them: markup, formula leaders, bidi, a line break, quotes, emoji, many characters.
HOSTILE = (
    "<script>alert(1)</script> launch",
    '=HYPERLINK("http://example.invalid","x")',
    "+1+1 spring",
    "@SUM(A1) autumn",
    "\u202egnirps\u202c then \u05e9\u05dc\u05d5\u05dd",
    "two\nlines\tand a tab",
    'quo"ted, with comma; and \\ back',
    "emoji \U0001f3ac\U0001f469\u200d\U0001f373 set",
    "long " + "\U0001f9f1" * 250,
)


class Book:
    def __init__(self, advertiser: Advertiser, seed: int, anchor: int, *, first_monday: int, scaled_ads: int) -> None:
        self.advertiser, self.seed, self.anchor = advertiser, seed, anchor
        self.advertiser_id = advertiser_id(seed, advertiser.number)
        self.campaigns: list[Campaign] = []
        self.groups: list[Group] = []
        self.ads: list[Ad] = []
        self.version = 0  # grows with every write and every week
        self._first = self._next_monday = first_monday
        self._scaled_ads = scaled_ads
        self._ordered: dict[str, tuple[int, list[Any], list[int]]] = {}
        self.find_campaign: dict[str, Campaign] = {}
        self.find_group: dict[str, Group] = {}
        self.find_ad: dict[str, Ad] = {}
        self.requests: dict[str, None] = {}  # request ids of write calls, oldest first
        self.authorized: dict[str, Post] = {}  # posts whose code was handed in by a call
        self.unbound: set[str] = set()
        self.posts_before: Callable[[int], list[Post]] = lambda moment: []

    def until(self, moment: float) -> None:
        """Lay down every week that has begun at this moment."""
        today = self.advertiser.local(moment) // DAY
        while self._next_monday <= monday_of(today):
            self.lay(self._next_monday)
            self._next_monday += 7
            self.version += 1

    def lay(self, monday: int) -> None:
        if self.advertiser.number == SCALED:
            if monday == self._first:
                self._lay_scaled(monday)
        elif self.advertiser.groups_a_week:
            number = (monday - self._first) // 7
            self.lay_natural(monday, KINDS[(number + self.advertiser.number) % len(KINDS)], number)

    # natural weeks

    def lay_natural(self, monday: int, kind: Kind, number: int, *, most_days: int = 35) -> None:
        advertiser = self.advertiser
        dice = draw(self.seed, advertiser.number, "campaign", monday)
        created = self.moment(monday, 9 * 3600 + dice % 3600)
        length = min(most_days, 20 + dice % 16)
        name = HOSTILE[number % len(HOSTILE)] if number % 2 and advertiser.number != 1 else f"{kind.label} {number + 1}"
        by_campaign = number % 3 == 1
        campaign = self.add_campaign(
            name, created, kind.objective, buying=kind.buying, origin=kind.origin, kind=kind.type, is_smart=kind.is_smart,
            budget=self.money(120) if by_campaign else 0, budget_optimized=by_campaign,
            budget_mode="BUDGET_MODE_DAY" if by_campaign else "BUDGET_MODE_INFINITE",
        )  # fmt: skip
        last = monday + length
        if kind.fate in {DISABLE, DELETE}:
            stop = self.moment(last, 12 * 3600)
            last -= 1
            campaign.history.append((stop, kind.fate))
        for place in range(advertiser.groups_a_week):
            group = self.add_group(
                campaign, f"{kind.label} group {place + 1}", created + 60 * (place + 1), kind.goal, kind.billing, self.money(40),
                starts=created + 3600, ends=self.moment(monday + length + 1, 0) if not kind.fate else None, promotion=kind.promotion,
            )  # fmt: skip
            for slot in range(ADS_IN_GROUP):
                self._natural_ad(group, kind, monday, last, place * ADS_IN_GROUP + slot)

    def _natural_ad(self, group: Group, kind: Kind, monday: int, last: int, serial: int) -> None:
        advertiser = self.advertiser
        dice = draw(self.seed, advertiser.number, "ad", monday, serial)
        posts = self.posts_before(group.created) if advertiser.handle and serial % 2 else []
        post = posts[-1 - dice % min(6, len(posts))] if posts else None
        ad = self.add_ad(group, f"{kind.label} ad {serial + 1}", group.created + 5 + serial, monday + 1, last, dice, post=post)
        ad.base = advertiser.size * (500 + dice % 1001) // 1000
        ad.ctr, ad.cvr = 700 + dice // 7 % 1400, 90 + dice // 11 % 420 if kind.goal in {"CONVERT", "INSTALL", "LEAD_GENERATION"} else 25
        ad.cpm = self.money(1) * (310 + dice // 13 % 700) // 100
        if kind.fate == FROZEN and serial == 0:
            ad.history.append((self.moment(last, 12 * 3600), FROZEN))
            ad.last_day = last - 1
        elif dice % 11 == 0:
            ad.history.append((self.moment(last, 15 * 3600), DELETE))
            ad.last_day = last - 1
        if post is None and serial % 5 == 4:
            ad.format, ad.text = "SINGLE_IMAGE", "Seen today, gone tomorrow"

    # the scaled account

    def _lay_scaled(self, monday: int) -> None:
        first_day = self.anchor + 7 - SCALED_DAYS
        start = self.moment(first_day, 0) - 8 * 3600
        campaign: Campaign | None = None
        group: Group | None = None
        for number in range(self._scaled_ads):
            if number % (SCALED_GROUPS * SCALED_ADS_IN_GROUP) == 0:
                place = number // (SCALED_GROUPS * SCALED_ADS_IN_GROUP)
                campaign = self.add_campaign(f"Volume {place + 1}", start + number // 8, "TRAFFIC")
            if number % SCALED_ADS_IN_GROUP == 0:
                assert campaign is not None
                group = self.add_group(campaign, f"Volume group {number // 8 + 1}", start + number // 8, "CLICK", "CPC", self.money(50))
            assert group is not None
            dice = draw(self.seed, "volume", number)
            ad = self.add_ad(group, f"Volume ad {number + 1}", start + number // 8, first_day, FOREVER, dice)
            ad.base, ad.ctr, ad.cvr = self.advertiser.size * (500 + dice % 1001) // 1000, 700 + dice // 7 % 1400, 60 + dice // 11 % 400
            ad.cpm = self.money(1) * (310 + dice // 13 % 700) // 100

    # adding

    def add_campaign(
        self, name: str, created: int, objective: str, *, buying: str = "AUCTION", origin: str = "TT_ADS_PLATFORM",
        kind: str = "REGULAR_CAMPAIGN", is_smart: bool = False, budget: int = 0, budget_mode: str = "BUDGET_MODE_INFINITE",
        budget_optimized: bool = False,
    ) -> Campaign:  # fmt: skip
        number = entity_id(created, self.advertiser.number, 1, len(self.campaigns))
        campaign = Campaign(
            id=number, name=name, created=created, objective=objective, buying=buying, origin=origin, kind=kind, is_smart=is_smart,
            budget=budget, budget_mode=budget_mode, budget_optimized=budget_optimized,
        )  # fmt: skip
        self.campaigns.append(campaign)
        self.find_campaign[number] = campaign
        return campaign

    def add_group(
        self, campaign: Campaign, name: str, created: int, goal: str, billing: str, budget: int, *, starts: int | None = None,
        ends: int | None = None, promotion: str = "WEBSITE",
    ) -> Group:  # fmt: skip
        number = entity_id(created, self.advertiser.number, 2, len(self.groups))
        group = Group(
            id=number, name=name, created=created, campaign=campaign, goal=goal, billing=billing, budget=budget,
            starts=created if starts is None else starts, ends=ends, promotion=promotion,
        )  # fmt: skip
        campaign.groups.append(group)
        self.groups.append(group)
        self.find_group[number] = group
        return group

    def add_ad(self, group: Group, name: str, created: int, first_day: int, last_day: int, mix: int, *, post: Post | None = None) -> Ad:
        number = entity_id(created, self.advertiser.number, 3, len(self.ads))
        ad = Ad(id=number, name=name, created=created, group=group, first_day=first_day, last_day=last_day, mix=mix, post=post)
        if post is not None:
            ad.identity, ad.text = "AUTH_CODE" if mix % 3 == 0 else "TT_USER", post.caption
            ad.format = "CAROUSEL_ADS" if post.media_type == "PHOTO" else "SINGLE_VIDEO"
        group.ads.append(ad)
        self.ads.append(ad)
        self.find_ad[number] = ad
        return ad

    # reading

    def existing(self, level: str, moment: float) -> list[Any]:
        """Everything of a level that had been made at the moment, oldest first."""
        self.until(moment)
        version, whole, created = self._ordered.get(level, (-1, [], []))
        if version != self.version:
            laid: Any = {"campaign": self.campaigns, "adgroup": self.groups, "ad": self.ads}[level]
            whole = sorted(laid, key=lambda entity: entity.created)
            created = [entity.created for entity in whole]
            self._ordered[level] = self.version, whole, created
        return whole if not created or created[-1] <= moment else whole[: bisect_right(created, moment)]

    def money(self, units: float) -> int:
        """An amount of base currency in the smallest units of the account's own."""
        return round(units * RATIOS.get(self.advertiser.currency, 1) * (100 if self.advertiser.has_decimals else 1))

    def moment(self, day: int, seconds: int) -> int:
        return moment_of(self.advertiser.zone, day * DAY + seconds)

    def luck(self, *parts: object) -> int:
        return between(0, 9_999, self.seed, self.advertiser.number, *parts)
