"""Which days an address asks for, made good, and in words what could not be followed. One rule for every page of figures; what a day is,
and which one is final, the page knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from agency.outlets import figures
from metrics.periods import Range

LENGTHS = {7: "7 days", 28: "28 days", 90: "90 days"}
USUAL = 7
MOST_DAYS = 366
EARLIEST = date(2016, 9, 1)  # TikTok opened
A_YEAR = timedelta(days=364)  # fifty-two weeks: a Monday is compared with a Monday
AGAINST: dict[str, str] = {"before": "The days before", "year": "A year before", "none": "Nothing"}


@dataclass(frozen=True)
class AskedDays:
    """First and last day. `days` is None for a period of one's own choice."""

    first: date
    last: date
    days: int | None

    @property
    def query(self) -> dict[str, str]:
        """As it stands in an address."""
        return {"days": str(self.days)} if self.days else {"from": self.first.isoformat(), "to": self.last.isoformat()}


def asked_days(query: Mapping[str, Any], *, today: date, final: date, problems: list[str]) -> AskedDays:
    """From a query string: two dates, or a usual length that ends with the newest final day. What is wrong goes to `problems`."""
    if query.get("from") or query.get("to"):
        found = _own(query, today, problems)
        if found:
            return AskedDays(*found, days=None)
        problems.append(f"These are the last {USUAL} days.")
        return _last(USUAL, final)
    text = query.get("days", "")
    if text in {str(n) for n in LENGTHS}:
        return _last(int(text), final)
    if text:
        problems.append(
            f"The period in the address is none of ours: choose 7, 28 or 90 days, or two dates. These are the last {USUAL} days."
        )
    return _last(USUAL, final)


def days_before(days: Range, against: str) -> Range | None:
    """The days to compare with, as many as there are."""
    if against == "none":
        return None
    first, last = days
    back = A_YEAR if against == "year" else last - first + timedelta(days=1)
    return first - back, last - back


def _last(days: int, final: date) -> AskedDays:
    return AskedDays(final - timedelta(days=days - 1), final, days)


def _own(query: Mapping[str, Any], today: date, problems: list[str]) -> Range | None:
    """Two dates, made good where that can be done; None where it cannot."""
    try:
        first, last = (date.fromisoformat(query.get(name, "")) for name in ("from", "to"))
    except ValueError:
        problems.append("A period of your own needs two dates, each like 2026-05-18.")
        return None
    if first > last:
        first, last = last, first
        problems.append("The first day was after the last. They are turned around.")
    if last < EARLIEST:
        problems.append(f"There was no TikTok before {figures.day(EARLIEST, year=True)}.")
        return None
    if last > today:
        last = today
        problems.append("Nobody knows the days to come yet. The period ends today.")
        if first > today:
            problems.append("It has no day left.")
            return None
    earliest = max(EARLIEST, last - timedelta(days=MOST_DAYS - 1))
    if first < earliest:
        first = earliest
        problems.append(f"A page shows at most {MOST_DAYS} days. These are the last of them.")
    return first, last
