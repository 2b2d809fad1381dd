"""Weeks and days. An organic day is TikTok's UTC day; an ISO week is seven of them. Owns date arithmetic; never figures."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

Range = tuple[date, date]  # first and last day, both included
ORGANIC_DELAY = timedelta(hours=48)  # a UTC day is final once its end is this far past


@dataclass(frozen=True, order=True)
class Week:
    """An ISO week."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Week":
        """The week a day is in."""
        iso = day.isocalendar()
        return cls(iso.year, iso.week)

    @classmethod
    def parse(cls, text: str) -> "Week":
        """From `2026-W21`. ValueError for anything that is not a week."""
        found = re.fullmatch(r"([0-9]{4})-W([0-9]{2})", text)
        if not found:
            raise ValueError("A week looks like 2026-W21.")
        week = cls(int(found[1]), int(found[2]))
        if cls.of(week.monday) != week:
            raise ValueError(f"{week.year} has no week {week.number}.")
        return week

    @property
    def monday(self) -> date:
        """Its first day."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    @property
    def days(self) -> tuple[date, ...]:
        """All seven."""
        return tuple(self.monday + timedelta(days=i) for i in range(7))

    @property
    def before(self) -> "Week":
        """The week before."""
        return Week.of(self.monday - timedelta(days=1))

    @property
    def after(self) -> "Week":
        """The week after."""
        return Week.of(self.sunday + timedelta(days=1))

    @property
    def final_at(self) -> datetime:
        """When TikTok's organic figures of all seven days are final."""
        return day_final_at(self.sunday)

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02d}"


def day_final_at(day: date) -> datetime:
    """When a UTC day's organic figures are final."""
    return start_of(day + timedelta(days=1)) + ORGANIC_DELAY


def start_of(day: date) -> datetime:
    """Midnight UTC at which a day begins."""
    return datetime.combine(day, time(), UTC)


def last_final_day(now: datetime) -> date:
    """The newest UTC day whose organic figures are final."""
    return (now - ORGANIC_DELAY).date() - timedelta(days=1)


def last_final_week(now: datetime) -> Week:
    """The newest ISO week of which all seven days are final."""
    week = Week.of(last_final_day(now))
    return week if week.sunday <= last_final_day(now) else week.before


def days_between(first: date, last: date) -> tuple[date, ...]:
    """All days from first to last, both included."""
    return tuple(map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1)))
