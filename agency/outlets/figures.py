"""Owns how figures, dates and ages read. Never computes a metric and never guesses one: None becomes a dash."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

Number = int | float | Decimal

MISSING: Final = "–"
MINUS: Final = "−"

# Names are written here and not taken from the process's locale: a mail must read the same from every host.
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS_IN_FULL: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKDAYS_IN_FULL: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_UNITS: Final = ((1_000, "K"), (1_000_000, "M"), (1_000_000_000, "B"))
_SIGNS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "KRW": "₩", "INR": "₹", "VND": "₫", "PHP": "₱"}
_WITHOUT_CENTS: Final = frozenset({"JPY", "KRW", "VND", "CLP", "PYG", "ISK", "UGX"})


_STEPS: Final = tuple(Decimal(1).scaleb(-places) for places in range(7))


def _rounded(value: Number, places: int) -> Decimal:
    # Through str: 0.0565 as a binary float lies below the half and would round the wrong way.
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return exact.quantize(_STEPS[places], rounding=ROUND_HALF_UP)


def _text(value: Number, places: int = 0, *, signed: bool = False) -> str:
    rounded = value if places == 0 and isinstance(value, int) else _rounded(value, places)
    sign = MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
    return f"{sign}{abs(rounded):,}"


def count(value: int | None) -> str:
    """1,234,567 in full, as tables want it."""
    return MISSING if value is None else _text(value)


def signed_count(value: int | None) -> str:
    """+612, −40, 0."""
    return MISSING if value is None else _text(value, signed=True)


def compact(value: int | None) -> str:
    """For key figures: full below a million, then three digits and a unit (1.23M, 12.3M, 1.23B)."""
    if value is None:
        return MISSING
    return _text(value) if abs(value) < 1_000_000 else _three_digits(value, _UNITS[1:])


def short(value: int | None) -> str:
    """Where room is scarce: three digits and a unit (168K, 1.23M). The full figure stands elsewhere."""
    if value is None:
        return MISSING
    return _text(value) if abs(value) < 1_000 else _three_digits(value, _UNITS)


def _three_digits(value: int, units: tuple[tuple[int, str], ...]) -> str:
    # The unit whose figure stays below a thousand once rounded: 999,600 is 1.00M and not 1,000K.
    unit, suffix = next((u for u in units if abs(_rounded(Decimal(value) / u[0], 0)) < 1_000), units[-1])
    part = Decimal(value) / unit
    places = 2 if abs(_rounded(part, 2)) < 10 else 1 if abs(_rounded(part, 1)) < 100 else 0
    return f"{_text(part, places)}{suffix}"


def axis(value: float) -> str:
    """For gridlines: 200K, 1.5M, without a decimal that says nothing."""
    for unit, suffix in reversed(_UNITS):
        if abs(value) >= unit:
            text = _text(Decimal(str(value)) / unit, 2)
            return f"{text.rstrip('0').rstrip('.')}{suffix}"
    # Money and seconds have gridlines between whole numbers: 2.5 said as 3 would be another line.
    return f"{Decimal(str(round(value, 6))).normalize():f}"


def rate(value: Number | None) -> str:
    """A rate from 0 to 1 as 5.7%."""
    return MISSING if value is None else f"{_text(_percent(value), 1)}%"


def ctr(value: Number | None) -> str:
    """A click-through rate from 0 to 1 as 1.84%."""
    return MISSING if value is None else f"{_text(_percent(value), 2)}%"


def watch(value: Number | None) -> str:
    """A watch-through rate from 0 to 1 as 68%."""
    return MISSING if value is None else f"{_text(_percent(value))}%"


def seconds(value: Number | None) -> str:
    """A time of watching: 8.4 s, 1 min 5 s, 3 h 20 min, 1,240 h."""
    if value is None:
        return MISSING
    whole = int(_rounded(value, 0))
    if whole < 60:
        return f"{_text(value, 1)} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3_600} h {whole % 3_600 // 60} min" if whole < 100 * 3_600 else f"{whole // 3_600:,} h"


def lasting(value: float | None) -> str:
    """How long something takes, from a minute up: `40 min`, `3.5 h`, `2.1 days`; a dash where there is nothing to measure."""
    if value is None:
        return MISSING
    if value < 3_600:
        return f"{max(1, round(value / 60))} min"
    return f"{value / 3_600:.1f} h" if value < 86_400 else f"{value / 86_400:.1f} days"


def points(difference: Number | None, places: int = 1) -> str:
    """The difference of two rates, each from 0 to 1, as +0.4 pp."""
    return MISSING if difference is None else f"{_text(_percent(difference), places, signed=True)} pp"


def change(now: Number | None, before: Number | None) -> str:
    """+12.5%; "new" from a base of zero; a dash without a base."""
    if now is None or before is None:
        return MISSING
    if before == 0:
        return "new" if now else "0%"
    if isinstance(now, int) and isinstance(before, int):  # a table of ninety days has as many, and whole numbers need no decimals
        tenths = (2_000 * abs(now - before) + abs(before)) // (2 * abs(before))
        sign = "" if tenths == 0 else "+" if now > before else MINUS
        return f"{sign}{tenths // 10:,}.{tenths % 10}%"
    ratio = (Decimal(str(now)) - Decimal(str(before))) / abs(Decimal(str(before)))
    return f"{_text(ratio * 100, 1, signed=True)}%"


def _percent(value: Number) -> Decimal:
    return Decimal(str(value)) * 100


def decimals(currency: str) -> int:
    """How many digits a currency has after the point."""
    return 0 if currency in _WITHOUT_CENTS else 2


def money(value: Decimal | None, currency: str) -> str:
    """$6.42, ¥642, CHF 6.42. The currency's code stands in the label; the sign is only for reading."""
    if value is None:
        return MISSING
    amount = _text(abs(value), decimals(currency))
    sign = MINUS if value < 0 else ""
    return f"{sign}{_SIGNS[currency]}{amount}" if currency in _SIGNS else f"{sign}{currency} {amount}".strip()


def short_money(value: Decimal | None, currency: str) -> str:
    """For key figures: $842.50, $4,172, $1.23M."""
    if value is None or abs(value) < 1000:
        return money(value, currency)
    text = compact(int(_rounded(abs(value), 0)))
    sign = MINUS if value < 0 else ""
    return f"{sign}{_SIGNS[currency]}{text}" if currency in _SIGNS else f"{sign}{currency} {text}".strip()


def day(value: date | None, *, year: bool = False) -> str:
    """May 22, or May 22, 2026."""
    if value is None:
        return MISSING
    return f"{MONTHS[value.month - 1]} {value.day}" + (f", {value.year}" if year else "")


def long_day(value: date | None) -> str:
    """August 23, 2026, in sentences that somebody may have to rely on."""
    return MISSING if value is None else f"{MONTHS_IN_FULL[value.month - 1]} {value.day}, {value.year}"


def weekday(value: date) -> str:
    """Mon."""
    return WEEKDAYS[value.weekday()]


def day_range(first: date, last: date, *, year: bool = False) -> str:
    """May 18 – May 24; with years when they differ, or with one at the end when asked."""
    if first == last:
        return day(first, year=year)
    if first.year != last.year:
        return f"{day(first, year=True)} – {day(last, year=True)}"
    return f"{day(first)} – {day(last, year=year)}"


def short_range(first: date, last: date) -> str:
    """May 18 – 24, for legends, where the month is said once."""
    if first != last and (first.year, first.month) == (last.year, last.month):
        return f"{day(first)} – {last.day}"
    return day_range(first, last)


def moment_text(value: datetime | None, zone: tzinfo = UTC) -> str:
    """2026-05-25 09:00 UTC."""
    return MISSING if value is None else f"{value.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def time_text(value: datetime | None, zone: tzinfo = UTC) -> str:
    """14:20 UTC."""
    return MISSING if value is None else f"{value.astimezone(zone):%H:%M %Z}"


def ago(then: datetime | None, now: datetime, *, short: bool = False) -> str:
    """4 min ago, 3 h ago, 2 days ago, then the date; short is 2h ago. static/js/app.js says the same while a tab stays open."""
    if then is None:
        return MISSING
    age = max(now - then, timedelta())
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes}m ago" if short else f"{minutes} min ago"
    if minutes < 60 * 24:
        return f"{minutes // 60}h ago" if short else f"{minutes // 60} h ago"
    days = age.days
    if days <= 30:
        return f"{days}d ago" if short else f"{days} day{'s' if days > 1 else ''} ago"
    return f"on {day(then.astimezone(UTC).date(), year=True)}"
