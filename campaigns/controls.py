"""What one can choose on the Campaigns page: periods, levels, the way back up, filters, columns. Words and links only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from campaigns import asked as asking
from campaigns import tables
from campaigns.asked import Asked
from metrics.ad_lines import Level
from metrics.asked_days import AGAINST, LENGTHS


@dataclass(frozen=True)
class Option:
    """One entry of a list."""

    value: str
    label: str
    current: bool


def periods(asked: Asked) -> tuple[dict[str, Any], ...]:
    usual = tuple(
        {"label": label, "href": asked.href(**{"days": n, "from": None, "to": None}), "current": n == asked.days}
        for n, label in LENGTHS.items()
    )
    return (*usual, {"label": "Custom", "href": f"{asked.href()}#choose", "current": asked.days is None})


def levels(asked: Asked) -> tuple[dict[str, Any], ...]:
    """Going up leaves what was chosen below; going down keeps it."""
    gone: dict[str, dict[str, Any]] = {
        asking.ACCOUNTS: {"campaign": None, "group": None, "q": None, "status": None, "kind": None, "sort": None},
        "campaigns": {"campaign": None, "group": None, "kind": None},
        "groups": {"group": None, "kind": None},
        "ads": {},
    }
    labels = {asking.ACCOUNTS: "Ad accounts", "campaigns": "Campaigns", "groups": "Ad groups", "ads": "Ads"}
    return tuple(
        {"label": label, "href": asked.href(level=key, **gone[key]), "current": key == asked.get("level")} for key, label in labels.items()
    )


def crumbs(asked: Asked, names: Mapping[str, str]) -> tuple[dict[str, str], ...]:
    """Where one is, when that is inside a campaign. `names`: of the campaign and of the ad group, those that are known."""
    campaign, group = asked.get("campaign"), asked.get("group")
    if asked.level in (None, Level.CAMPAIGN) or not (campaign or group):
        return ()
    found = [{"label": "All campaigns", "href": asked.href(level="campaigns", campaign=None, group=None, q=None, kind=None)}]
    if campaign:
        here = asked.href(level="groups", campaign=campaign, group=None, q=None, kind=None)
        found.append({"label": names.get("campaign") or f"Campaign {campaign}", "href": here if group else ""})
    if group:
        found.append({"label": names.get("group") or f"Ad group {group}", "href": ""})
    return tuple(found)


def statuses(asked: Asked) -> tuple[Option, ...]:
    labels = {"": "All statuses", "active": "Active", "paused": "Paused", "deleted": "Deleted"}
    return tuple(Option(key, label, key == asked.get("status")) for key, label in labels.items())


def kinds(asked: Asked) -> tuple[Option, ...]:
    if asked.level is not Level.AD:
        return ()
    return tuple(Option(key, label, key == asked.get("kind")) for key, label in (("", "All ads"), ("spark", "Spark Ads")))


def comparisons(asked: Asked) -> tuple[Option, ...]:
    """What the period can be held against."""
    return tuple(Option(key, label, key == asked.get("against")) for key, label in AGAINST.items())


def columns(asked: Asked, currency: str) -> tuple[Option, ...]:
    """What the table can show."""
    return tuple(Option(name, tables.title(name, currency), name in asked.columns) for name in asking.COLUMNS)
