"""For which stretches of time the days of ads are summed up: days, weeks of a month, months. Calendar arithmetic only.

Weeks here begin on the 1st, 8th, 15th and 22nd of a month, and the last of them goes to the month's end. So a month is four weeks, and no
week is cut by a month's end.

A period is covered by sums that are added and, where that takes fewer, sums that are taken off again: May 1 to 30 is May without May 31.
So a page reads a dozen sums of a campaign at the most, beside one for each whole month.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from metrics.models import AdSum

Span = AdSum.Span
LAST_WEEK = 22  # the day of a month on which its last week begins
_DAY = timedelta(days=1)


class Part(NamedTuple):
    """A sum by its span and first day, and whether it is added (1) or taken off (-1)."""

    span: Span
    begin: date
    sign: int


class _Stretch(NamedTuple):
    """A span with its first day and the day after its last."""

    span: Span
    begin: date
    end: date


def begins_of(day: date) -> tuple[tuple[Span, date], ...]:
    """The spans that a day belongs to, each with its first day, by which it is kept."""
    week = min(1 + (day.day - 1) // 7 * 7, LAST_WEEK)
    return (Span.DAY, day), (Span.WEEK, day.replace(day=week)), (Span.MONTH, day.replace(day=1))


@lru_cache(maxsize=1024)
def cover(first: date, last: date) -> tuple[Part, ...]:
    """The days from first to last, month by month."""
    parts: list[Part] = []
    begin, after = first.replace(day=1), last + _DAY
    while begin < after:
        month = _Stretch(Span.MONTH, begin, _next_month(begin))
        parts += _within(month, first, after)
        begin = month.end
    return tuple(parts)


def _within(whole: _Stretch, first: date, after: date) -> list[Part]:
    """What of a stretch lies from `first` to before `after`: put together from its parts, or as the whole without the rest."""
    first, after = max(first, whole.begin), min(after, whole.end)
    if first >= after:
        return []
    all_of_it = Part(whole.span, whole.begin, 1)
    if (first, after) == (whole.begin, whole.end):
        return [all_of_it]
    inside = [part for piece in _pieces(whole) for part in _within(piece, first, after)]
    outside = [part for piece in _pieces(whole) for ends in ((whole.begin, first), (after, whole.end)) for part in _within(piece, *ends)]
    return min(inside, [all_of_it, *(Part(span, begin, -sign) for span, begin, sign in outside)], key=len)


def _pieces(whole: _Stretch) -> Iterator[_Stretch]:
    """The weeks of a month, the days of a week."""
    if whole.span == Span.MONTH:
        begins = [whole.begin.replace(day=day) for day in (1, 8, 15, LAST_WEEK)]
        yield from (_Stretch(Span.WEEK, begin, end) for begin, end in zip(begins, [*begins[1:], whole.end], strict=True))
    elif whole.span == Span.WEEK:
        days = (whole.begin + n * _DAY for n in range((whole.end - whole.begin).days))
        yield from (_Stretch(Span.DAY, day, day + _DAY) for day in days)


def _next_month(day: date) -> date:
    return (day.replace(day=28) + 4 * _DAY).replace(day=1)
