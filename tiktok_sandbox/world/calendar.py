"""UTC days and ISO weeks as whole numbers. A day is its number since 1970-01-01, a moment is Unix seconds."""

from datetime import UTC, date, datetime

DAY = 86_400
WEEK = 7 * DAY
LAG = 48 * 3600
FIRST_MONDAY = 4  # 1970-01-05


def day_of(moment: int) -> int:
    return moment // DAY


def date_text(day: int) -> str:
    return datetime.fromtimestamp(day * DAY, UTC).date().isoformat()


def day_from_text(text: str) -> int:
    """The number of a day written YYYY-MM-DD; raises ValueError for anything else."""
    parsed = date.fromisoformat(text)
    if len(text) != 10 or parsed.isoformat() != text:
        raise ValueError(text)
    return (parsed - date(1970, 1, 1)).days


def monday_of(day: int) -> int:
    return day - (day - FIRST_MONDAY) % 7


def final_before(moment: int) -> int:
    """The first day that is not final yet: a day is final once its end is 48 hours past."""
    return (moment - LAG) // DAY


def last_final_week(moment: int) -> int:
    """The Monday of the last ISO week whose seven days are all final."""
    return monday_of(final_before(moment) - 7)
