"""Which days of an ad account are read, and where reading stands. Arithmetic only: days are those of the ad account's time zone."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

RECENT_DAYS = 9  # today and the eight before: late hours, and conversions that are still being counted
CORRECTED_DAYS = 30  # TikTok attributes conversions to clicks of four weeks ago
HISTORY_DAYS = 2 * 365 + 1
LARGEST_WINDOW = 30  # what TikTok answers at once by day
PAID_DELAY = timedelta(hours=11)  # a day is final, but for conversions, once its end is this far past
TOTALS = 0  # the page before the first
MOST_TRIES = 3
_ORDINAL, _DAYS, _TRIES, _PAGE = 10**10, 10**8, 10**6, 1


@dataclass(frozen=True)
class Place:
    """Where reading stands: a window that ends on `last`, and the next page of it. Packed into one number, it is a sync's cursor."""

    last: date
    days: int
    page: int = TOTALS
    tries: int = 0

    @property
    def first(self) -> date:
        """The window's first day."""
        return self.last - timedelta(days=self.days - 1)

    def pack(self) -> int:
        """As a cursor."""
        return self.last.toordinal() * _ORDINAL + self.days * _DAYS + self.tries * _TRIES + self.page * _PAGE

    @classmethod
    def unpack(cls, cursor: int) -> "Place":
        """From a cursor."""
        ordinal, rest = divmod(cursor, _ORDINAL)
        days, rest = divmod(rest, _DAYS)
        tries, page = divmod(rest, _TRIES)
        return cls(date.fromordinal(ordinal), days, page, tries)

    def on_page(self, page: int) -> "Place":
        """The same window, at another page."""
        return replace(self, page=page)

    def again(self) -> "Place":
        """The same window from its first page."""
        return replace(self, page=TOTALS + 1, tries=self.tries + 1)

    def narrower(self) -> "Place":
        """Half of the window, from its first page."""
        return Place(self.last, max(1, self.days // 2))

    def older(self, oldest: date) -> "Place | None":
        """The window before this one; None when it reached the oldest day."""
        last = self.first - timedelta(days=1)
        return window(last, oldest, most=self.days) if last >= oldest else None


def window(last: date, oldest: date, *, most: int = LARGEST_WINDOW) -> Place:
    """The largest window that ends on a day and does not pass the oldest."""
    return Place(last, min(most, LARGEST_WINDOW, (last - oldest).days + 1))


def today_in(zone: ZoneInfo, now: datetime) -> date:
    """The ad account's own date."""
    return now.astimezone(zone).date()


def recent(today: date) -> Place:
    """The days that move every hour."""
    return Place(today, RECENT_DAYS)


def oldest_day(today: date, opened_on: date | None) -> date:
    """How far back figures are read at first: to the beginning of the ad account, two years at most."""
    oldest = today - timedelta(days=HISTORY_DAYS)
    return max(oldest, opened_on) if opened_on and opened_on <= today else oldest


def zone_of(name: str) -> ZoneInfo | None:
    """The zone of an ad account's days; None while TikTok has not told it, or told one that nobody knows."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def day_final_at(day: date, zone: ZoneInfo) -> datetime:
    """When a day's paid figures, but for conversions, are final."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC) + PAID_DELAY


def last_final_day(zone: ZoneInfo, now: datetime) -> date:
    """The newest day of an ad account whose paid figures, but for conversions, are final."""
    day = today_in(zone, now - PAID_DELAY) - timedelta(days=1)
    return day if day_final_at(day, zone) <= now else day - timedelta(days=1)


def moving_since(zone: ZoneInfo, now: datetime) -> date:
    """The first day whose conversions TikTok may still add to."""
    return today_in(zone, now) - timedelta(days=CORRECTED_DAYS - 1)
