"""What the address of the Campaigns page asks for, cleaned, and what could not be followed, in words. Every link of the page is made here.

Days are those of the ad account: which day is final depends on its zone, so the ad account is known before the days are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from agency.paths import encoded, path_of, with_query
from metrics.ad_lines import ORDERS, STATUSES, Level, Wanted
from metrics.ad_windows import last_final_day, today_in
from metrics.asked_days import AGAINST, asked_days, days_before
from metrics.periods import Range

METRICS = ("spend", "conversions", "ctr", "cpm")
ACCOUNTS = "accounts"
LEVELS = {"campaigns": Level.CAMPAIGN, "groups": Level.AD_GROUP, "ads": Level.AD}
PAGE = 25  # lines; with a quarter's chart above it, twice as many would pass 60 KB
# What a table can show, in its order; what it shows unless asked.
COLUMNS = (
    "budget", "spend", "impressions", "clicks", "ctr", "cpc", "cpm", "conversions", "cost_per_conversion", "video_views", "video_views_2s",
    "video_views_6s", "video_views_whole", "likes", "comments", "shares", "follows",
)  # fmt: skip
USUAL = ("budget", "spend", "impressions", "clicks", "ctr", "cpm", "conversions")
MOST_COLUMNS = 10
_USUALLY = {"level": "campaigns", "days": "7", "against": "before", "metric": "spend", "sort": "-spend", "columns": ",".join(USUAL)}


@dataclass(frozen=True)
class Asked:
    """The wish, made good."""

    values: Mapping[str, str]  # as they stand in the address, cleaned; what is usual is left out
    first: date
    last: date
    final: date  # the newest day whose figures, but for conversions, are final
    days: int | None
    problems: tuple[str, ...]

    def get(self, name: str) -> str:
        """A part of the wish, or what is usual."""
        return self.values.get(name, _USUALLY.get(name, ""))

    @property
    def level(self) -> Level | None:
        """None: the ad accounts themselves."""
        return LEVELS.get(self.get("level"))

    @property
    def order(self) -> tuple[str, bool]:
        """By what, and whether the largest comes first."""
        text = self.get("sort")
        return text.removeprefix("-"), text.startswith("-")

    @property
    def columns(self) -> tuple[str, ...]:
        """What the table shows, in its order."""
        return tuple(self.get("columns").split(","))

    @property
    def page(self) -> int:
        """From 1 on."""
        return int(self.values.get("page", 1))

    @property
    def wanted(self) -> Wanted:
        """The lines to read. Only where there is a level of lines."""
        order, descending = self.order
        return Wanted(
            level=self.level or Level.CAMPAIGN,
            first=self.first,
            last=self.last,
            campaign_id=self.get("campaign"),
            adgroup_id=self.get("group"),
            search=self.get("q"),
            status=self.get("status"),
            spark=self.get("kind") == "spark",
            order=order,
            descending=descending,
        )

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Range | None:
        """The days to compare with."""
        return days_before((self.first, self.last), self.get("against"))

    def href(self, **changes: Any) -> str:
        """The same page with something changed; None takes a part away. The page starts at its beginning unless it is what changes."""
        said = encoded({key: value for key, value in changes.items() if _is_said(key, value)})
        kept = {key: part for key, part in self._encoded.items() if key not in changes}
        return with_query(path_of("campaigns"), kept | said)

    @cached_property  # a page has half a hundred links
    def _encoded(self) -> dict[str, str]:
        return encoded({key: value for key, value in self.values.items() if key != "page" and _is_said(key, value)})

    def hidden(self, *without: str) -> tuple[tuple[str, str], ...]:
        """What a form on the page keeps of the address."""
        return tuple((key, value) for key, value in self.values.items() if key not in {*without, "page"})


def address(path: str, values: Mapping[str, Any]) -> str:
    """A path with the parts that say something."""
    return with_query(path, encoded({key: value for key, value in values.items() if _is_said(key, value)}))


def _is_said(key: str, value: Any) -> bool:
    """What is usual is left out of an address."""
    return value not in (None, "") and str(value) != _USUALLY.get(key)


def asked(query: Mapping[str, Any], zone: ZoneInfo, *, now: datetime, many: Iterable[str] = ()) -> Asked:
    """From a query string. `many` are the ticked columns of the form, which come one by one."""
    problems: list[str] = []
    values: dict[str, str] = {}
    for name, known in (("level", {ACCOUNTS, *LEVELS}), ("against", AGAINST), ("metric", METRICS), ("status", STATUSES), ("sort", _SORTS)):
        value = query.get(name, "")
        if value in known:
            values[name] = value
        elif value:
            problems.append(_STRANGE[name])
    values["account"] = query.get("account", "")[:36]
    if query.get("kind", "") == "spark":
        values["kind"] = "spark"
    for name in ("campaign", "group"):
        if query.get("of", "") not in ("", values["account"]):
            continue  # another ad account was chosen, and what was chosen below the one before is not in it
        if query.get(name, "").isdigit() and len(query[name]) <= 32:
            values[name] = query[name]
    values["q"] = " ".join(query.get("q", "").replace("\0", "").split())[:100]
    values["columns"] = _columns(many, problems)
    if query.get("page", "").isdigit() and int(query["page"][:6]) > 1:
        values["page"] = str(int(query["page"][:6]))
    final = last_final_day(zone, now)
    days = asked_days(query, today=today_in(zone, now), final=final, problems=problems)
    values |= days.query
    said = {key: value for key, value in values.items() if value and value != _USUALLY.get(key)}
    return Asked(said, days.first, days.last, final, days.days, tuple(problems))


_SORTS = {sign + name for name in (*ORDERS, "name") for sign in ("", "-")}
_STRANGE = {
    "level": "The level in the address is none of ours. These are the campaigns.",
    "against": "The comparison in the address is none of ours. This one is with the days before.",
    "metric": "The figure in the address is none of ours. The chart shows what was spent.",
    "status": "The status in the address is none of ours. All are shown.",
    "sort": "The order in the address is none of ours. The most expensive comes first.",
}


def _columns(many: Iterable[str], problems: list[str]) -> str:
    wanted = {name for one in many for name in one.split(",") if name}
    chosen = [name for name in COLUMNS if name in wanted]
    if len(chosen) > MOST_COLUMNS:
        problems.append(f"A table shows at most {MOST_COLUMNS} columns. The export has all of them.")
    return ",".join(chosen[:MOST_COLUMNS])
