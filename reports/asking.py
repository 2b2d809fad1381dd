"""What the address of a page of figures asks for: whose, which days, against which, and which figure. Cleans it, and says in words what it
could not follow; never reads a figure. Every link on those pages is made here, so that it can be shared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

from agency.paths import encoded, path_of, with_query
from metrics.asked_days import AGAINST, AskedDays, asked_days, days_before
from metrics.periods import Range, last_final_day
from metrics.subject_queries import Everything, Subject

METRICS = ("followers", "views", "engagement", "posts", "reach", "profile_views", "watch_through", "watch_time")
Against = Literal["before", "year", "none"]


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
        return days_before(self.range, self.against)

    @cached_property  # a page has dozens of links
    def query(self) -> dict[str, str]:
        """Everything that is not the usual, as it stands in the address."""
        period = AskedDays(self.first, self.last, self.days).query
        some = {"of": self.of} if self.of else {}
        against = {"against": self.against} if self.against != "before" else {}
        return period | some | against

    def href(self, name: str = "performance", **more: Any) -> str:
        """A page about the same wish, with something changed; None takes a part away."""
        parts = self._encoded | ({"metric": f"metric={self.metric}"} if name == "performance" else {})
        parts |= encoded({key: value for key, value in more.items() if value is not None})
        return with_query(path_of(name), {key: part for key, part in parts.items() if more.get(key, "") is not None})

    @cached_property
    def _encoded(self) -> dict[str, str]:
        return encoded(self.query)

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
    final, problems = last_final_day(now), list[str]()
    days = asked_days(query, today=now.date(), final=final, problems=problems)
    against, metric = query.get("against", ""), query.get("metric", "")
    if against and against not in AGAINST:
        problems.append("The comparison in the address is none of ours. This one is with the days before.")
    if metric and metric not in METRICS:
        problems.append("The figure in the address is none of ours. The chart shows views.")
    return Asked(
        first=days.first,
        last=days.last,
        final=final,
        days=days.days,
        of=query.get("of", "")[:60],
        against=against if against in AGAINST else "before",
        metric=metric if metric in METRICS else "views",
        problems=tuple(problems),
    )
