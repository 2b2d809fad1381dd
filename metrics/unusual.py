"""Unusual days: what the rule is, and whether a day of an account is one. Reads only.

A final day is set beside the same weekday of the eight weeks before it. Usual is their median; how much it moves from week to week is the
median distance from it. A day is unusual when it lies further from the usual than five times that distance, at least half of the usual, and
at least a thousand views. A week in which something else went viral moves a median little, so one strange day does not hide the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from metrics.models import Account, AccountDay
from metrics.periods import day_final_at, days_between, last_final_day

WEEKS, FEWEST_WEEKS = 8, 5
TIMES_THE_SPREAD, LEAST_SHARE, LEAST_VIEWS = 5, 0.5, 1_000
LOOKS_BACK = 3  # days: what became final longer ago is no news


@dataclass(frozen=True)
class UnusualDay:
    """A day, and what is usual on its weekday."""

    date: date
    views: int
    usual: int
    weeks_count: int

    @property
    def is_more(self) -> bool:
        """More than usual, and not less."""
        return self.views > self.usual


def judge(day: date, views: int, before: Sequence[int]) -> UnusualDay | None:
    """Whether a day's views stand out from those of the same weekday in the weeks before. None when not, or when too little is known."""
    if len(before) < FEWEST_WEEKS:
        return None
    usual = median(before)
    spread = median(abs(value - usual) for value in before)
    distance = abs(views - usual)
    if distance < LEAST_VIEWS or distance < LEAST_SHARE * usual or distance <= TIMES_THE_SPREAD * spread:
        return None
    return UnusualDay(day, views, round(usual), len(before))


def unusual_day(account: Account, day: date) -> UnusualDay | None:
    """The day as TikTok tells it now, if it is unusual. One query."""
    dates = [day - timedelta(days=7 * n) for n in range(WEEKS + 1)]
    known = dict(AccountDay.objects.filter(account=account, date__in=dates, video_views__isnull=False).values_list("date", "video_views"))
    views = known.pop(day, None)
    return None if views is None else judge(day, views, list(known.values()))


def days_to_judge(account: Account, *, now: datetime) -> list[date]:
    """Final days that nobody has looked at, oldest first, up to the first that TikTok has not delivered. Days that were final before the
    account was connected are its history, and no news."""
    last = last_final_day(now)
    first = max(last - timedelta(days=LOOKS_BACK - 1), (account.judged_until or date.min) + timedelta(days=1))
    days = [d for d in days_between(first, last) if day_final_at(d) > account.connection.connected_at] if first <= last else []
    delivered = set(AccountDay.objects.filter(account=account, date__in=days, video_views__isnull=False).values_list("date", flat=True))
    missing = next((n for n, day in enumerate(days) if day not in delivered), len(days))
    return days[:missing]
