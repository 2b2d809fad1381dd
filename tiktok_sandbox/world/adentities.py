"""Campaigns, ad groups and ads: their traits, their place under one another, and the state each is in at a moment. No figures."""

from dataclasses import dataclass, field
from typing import Any

from tiktok_sandbox.world.posts import Post

ENABLE, DISABLE, DELETE, FROZEN = "ENABLE", "DISABLE", "DELETE", "FROZEN"
AUCTION, REACH_FREQUENCY, TOP_VIEW = "AUCTION", "RESERVATION_RF", "RESERVATION_TOP_VIEW"
FOREVER = 1 << 30


@dataclass(slots=True, kw_only=True)
class Entity:
    id: str
    name: str
    created: int
    history: list[tuple[int, str]] = field(default_factory=list)  # (moment, operation), oldest first; before the first: ENABLE
    modified: int | None = None
    audit_until: int = 0  # under review until then
    extra: dict[str, Any] = field(default_factory=dict)  # what a write call said beyond the traits below

    def operation_at(self, moment: float) -> str:
        state = ENABLE
        for since, operation in self.history:
            if since <= moment:
                state = operation
        return state

    def changed_at(self, moment: float) -> int:
        known = [since for since, _ in self.history if since <= moment]
        if self.modified is not None and self.modified <= moment:
            known.append(self.modified)
        return max(known, default=self.created)


@dataclass(slots=True, kw_only=True)
class Campaign(Entity):
    objective: str
    buying: str = AUCTION
    origin: str = "TT_ADS_PLATFORM"
    kind: str = "REGULAR_CAMPAIGN"
    is_smart: bool = False
    budget: int = 0  # smallest units of the currency
    budget_mode: str = "BUDGET_MODE_INFINITE"
    budget_optimized: bool = False
    product_source: str | None = None
    sales_destination: str | None = None
    groups: list["Group"] = field(default_factory=list)

    @property
    def automation(self) -> str:
        return "UPGRADED_SMART_PLUS" if self.is_smart else "MANUAL"


@dataclass(slots=True, kw_only=True)
class Group(Entity):
    campaign: Campaign
    goal: str
    billing: str
    starts: int
    ends: int | None
    budget: int
    budget_mode: str = "BUDGET_MODE_DAY"
    bid: int | None = None
    promotion: str = "WEBSITE"
    planned_budget: tuple[int, int] | None = None  # (from which moment, budget)
    ads: list["Ad"] = field(default_factory=list)

    def budget_at(self, moment: float) -> int:
        return self.planned_budget[1] if self.planned_budget is not None and self.planned_budget[0] <= moment else self.budget


@dataclass(slots=True, kw_only=True)
class Ad(Entity):
    group: Group
    first_day: int  # days of the ad account, both included
    last_day: int
    mix: int  # what this ad's luck is drawn from
    base: int = 0  # impressions of a typical day
    ctr: int = 0  # clicks of 100,000 impressions
    cpm: int = 0  # smallest units for 1,000 impressions
    cvr: int = 0  # conversions of 10,000 clicks
    post: Post | None = None
    identity: str = "CUSTOMIZED_USER"
    format: str = "SINGLE_VIDEO"
    text: str = ""
    fixed: dict[int, tuple[int, int, int, int]] | None = None  # days whose figures are known beforehand
    is_touched: bool = False  # a write call switched it, or something above it, on or off

    @property
    def campaign(self) -> Campaign:
        return self.group.campaign


def entity_id(created: int, advertiser: int, kind: int, serial: int) -> str:
    """Nineteen digits that sort by creation."""
    return f"1{created:010d}{advertiser:03d}{kind}{serial % 10_000:04d}"


def campaign_status(campaign: Campaign, moment: float, *, is_open: bool = True) -> str:
    match campaign.operation_at(moment):
        case "DELETE":
            return "CAMPAIGN_STATUS_DELETE"
        case "DISABLE":
            return "CAMPAIGN_STATUS_DISABLE"
        case _:
            return "CAMPAIGN_STATUS_ENABLE" if is_open else "CAMPAIGN_STATUS_ADVERTISER_AUDIT_DENY"


def group_status(group: Group, moment: float) -> str:
    above, own = group.campaign.operation_at(moment), group.operation_at(moment)
    if own == DELETE:
        return "ADGROUP_STATUS_DELETE"
    if above == DELETE:
        return "ADGROUP_STATUS_CAMPAIGN_DELETE"
    if own == DISABLE:
        return "ADGROUP_STATUS_DISABLE"
    if above == DISABLE:
        return "ADGROUP_STATUS_CAMPAIGN_DISABLE"
    if moment < group.audit_until:
        return "ADGROUP_STATUS_AUDIT"
    if moment < group.starts:
        return "ADGROUP_STATUS_NOT_START"
    if group.ends is not None and moment >= group.ends:
        return "ADGROUP_STATUS_TIME_DONE"
    return "ADGROUP_STATUS_DELIVERY_OK"


def ad_status(ad: Ad, moment: float) -> str:
    group, own = ad.group, ad.operation_at(moment)
    above, top = group.operation_at(moment), group.campaign.operation_at(moment)
    for is_so, status in (
        (own == DELETE, "DELETE"),
        (above == DELETE, "ADGROUP_DELETE"),
        (top == DELETE, "CAMPAIGN_DELETE"),
        (own == FROZEN, "FROZEN"),
        (own == DISABLE, "DISABLE"),
        (above == DISABLE, "ADGROUP_DISABLE"),
        (top == DISABLE, "CAMPAIGN_DISABLE"),
        (moment < max(ad.audit_until, group.audit_until), "AUDIT"),
        (moment < group.starts, "NOT_START"),
        (group.ends is not None and moment >= group.ends, "DONE"),
    ):
        if is_so:
            return f"AD_STATUS_{status}"
    return "AD_STATUS_DELIVERY_OK"


def has_primary(status: str, primary: str) -> bool:
    """Whether a secondary status belongs to a primary one."""
    end = status.partition("_STATUS_")[2]
    match primary:
        case "STATUS_ALL":
            return True
        case "STATUS_NOT_DELETE":
            return not end.endswith("DELETE")
        case "STATUS_DELETE":
            return end.endswith("DELETE")
        case "STATUS_DELIVERY_OK":
            return end in {"DELIVERY_OK", "ENABLE"}
        case "STATUS_DISABLE":
            return end.endswith("DISABLE")
        case "STATUS_TIME_DONE":
            return end in {"TIME_DONE", "DONE"}
        case "STATUS_FROZEN":
            return end == "FROZEN"
        case _:  # STATUS_NOT_DELIVERY
            return end not in {"DELIVERY_OK", "ENABLE"} and not end.endswith("DELETE")
