"""What the address of a page of figures asks for: whose, which days, against which, and which figure. Cleans it, and says in words what it
could not follow; never reads a figure. Every link on those pages is made here, so that it can be shared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from django.urls import reverse
from django.utils.http import urlencode

from agency.outlets import figures
from metrics.periods import last_final_day
from metrics.subject_queries import Everything, Range, Subject

LENGTHS = {7: "7 days", 28: "28 days", 90: "90 days"}
MOST_DAYS = 366
EARLIEST = date(2016, 9, 1)  # TikTok opened
A_YEAR = timedelta(days=364)  # fifty-two weeks: a Monday is compared with a Monday
METRICS = ("followers", "views", "engagement", "posts", "reach", "profile_views", "watch_through", "watch_time")
Against = Literal["before", "year", "none"]
AGAINST: dict[str, str] = {"before": "The days before", "year": "A year before", "none": "Nothing"}


@dataclass(frozen=True)
class Asked:
    """The wish, made good. `days` is None for a period of one's own choice."""

    first: date
    last: date
    final: date  # the newest final day
    days: int | None = 7
    of: str = ""  # "", "account-<id>" or "brand-<id>"
    against: Against = "before"
    metric: str = "views"
    problems: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def range(self) -> Range:
        """First and last day."""
        return self.first, self.last

    @property
    def before(self) -> Range | None:
        """The days to compare with, as many as there are."""
        if self.against == "none":
            return None
        back = A_YEAR if self.against == "year" else timedelta(days=self.length)
        return self.first - back, self.last - back

    @property
    def query(self) -> dict[str, str]:
        """Everything that is not the usual, as it stands in the address."""
        period = {"days": str(self.days)} if self.days else {"from": self.first.isoformat(), "to": self.last.isoformat()}
        some = {"of": self.of} if self.of else {}
        against = {"against": self.against} if self.against != "before" else {}
        return period | some | against

    def href(self, name: str = "performance", *args: Any, **more: Any) -> str:
        """A page about the same wish, with something changed; None takes a part away."""
        values = self.query | {"metric": self.metric} | more if name == "performance" else self.query | more
        return f"{reverse(name, args=args)}?{urlencode({k: v for k, v in values.items() if v is not None})}"

    def subject(self, world: Everything) -> tuple["Asked", Subject]:
        """Whose figures: the whole workspace where the address names nobody that can be seen."""
        kind, _, name = self.of.partition("-")
        if not self.of:
            return self, world.workspace()
        try:
            found = {"account": world.of_account, "brand": world.of_brand}[kind](UUID(name))
        except (KeyError, ValueError):
            found = None
        if found is not None:
            return self, found
        said = "The account or brand in the address is not in this workspace. These are all of its accounts."
        return replace(self, of="", problems=(*self.problems, said)), world.workspace()


def asked(query: Mapping[str, Any], *, now: Any) -> Asked:
    """From a query string."""
    final, today = last_final_day(now), now.date()
    problems: list[str] = []
    if query.get("from") or query.get("to"):
        found = _own_period(query, today, problems)
        first, last, days = (*found, None) if found else (*_last(7, final), 7)
        if found is None:
            problems.append("These are the last 7 days.")
    else:
        days = _days(query.get("days", ""), problems)
        first, last = _last(days, final)
    against, metric = query.get("against", ""), query.get("metric", "")
    if against and against not in AGAINST:
        problems.append("The comparison in the address is none of ours. This one is with the days before.")
    if metric and metric not in METRICS:
        problems.append("The figure in the address is none of ours. The chart shows views.")
    return Asked(
        first=first,
        last=last,
        final=final,
        days=days,
        of=query.get("of", "")[:60],
        against=against if against in AGAINST else "before",
        metric=metric if metric in METRICS else "views",
        problems=tuple(problems),
    )


def _last(days: int, final: date) -> Range:
    return final - timedelta(days=days - 1), final


def _days(text: str, problems: list[str]) -> int:
    if text in {str(n) for n in LENGTHS}:
        return int(text)
    if text:
        problems.append("The period in the address is none of ours: choose 7, 28 or 90 days, or two dates. These are the last 7 days.")
    return 7


def _own_period(query: Mapping[str, Any], today: date, problems: list[str]) -> Range | None:
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
    if first < max(EARLIEST, last - timedelta(days=MOST_DAYS - 1)):
        first = max(EARLIEST, last - timedelta(days=MOST_DAYS - 1))
        problems.append(f"A page shows at most {MOST_DAYS} days. These are the last of them.")
    return first, last
