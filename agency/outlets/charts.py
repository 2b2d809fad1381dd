"""Owns the drawing of day charts and sparklines as SVG, and their news in words. Never bridges a gap, never draws a missing day as zero.

One geometry, two paints. On pages only class names leave, so the style sheet themes the drawing and a strict Content-Security-Policy
has nothing to block. For mail the colours are attributes and there is no text: its labels are HTML below the picture.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from html import escape
from itertools import groupby
from math import ceil, floor, log10
from typing import Final, Literal

import resvg_py

from agency.outlets import design, figures
from agency.outlets.parts import BARS_UP_TO, NO_DATA, DayPoint

Paint = Literal["page", "picture"]
Form = str  # "count", "rate", "ctr" (a rate with two decimals), "seconds", or the code of a currency
Spot = str  # a place in a drawing, "12.5 40.0"

LETTER_WIDTH: Final = 6.7  # of 12 px system type, on average; only decides how many labels fit

_PICTURE: Final[dict[str, str]] = {
    "bar": f'fill="{design.PICTURE_ACCENT}"',
    "soon": f'fill="{design.PICTURE_ACCENT}" fill-opacity=".3" stroke="{design.PICTURE_ACCENT}" stroke-width="1.5"',
    "before": f'stroke="{design.PICTURE_QUIET}" stroke-width="2" fill="none"',
    "past": f'stroke="{design.PICTURE_QUIET}" stroke-width="2" stroke-dasharray="5 4" fill="none"',
    "axis": f'stroke="{design.PICTURE_QUIET}" fill="none"',
    "grid": f'stroke="{design.PICTURE_QUIET}" stroke-opacity=".25" fill="none"',
    "line": f'stroke="{design.PICTURE_ACCENT}" stroke-width="2.25" stroke-linejoin="round" stroke-linecap="round" fill="none"',
    "open": f'stroke="{design.PICTURE_ACCENT}" stroke-width="2.25" stroke-dasharray="1 4.5" stroke-linecap="round" fill="none"',
    "area": f'fill="{design.PICTURE_ACCENT}" fill-opacity=".16"',
    "rise": f'fill="{design.PICTURE_ACCENT}" fill-opacity=".3"',
    "lone": f'fill="{design.PICTURE_ACCENT}"',
}


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where things go: the plot's box, its scale, and how a part is painted."""

    left: float
    above: float
    wide: float
    tall: float
    top: float
    ticks: int
    step: float
    paint: Paint

    @property
    def floor(self) -> float:
        return self.above + self.tall

    def x(self, index: int) -> float:
        return self.left + self.step * (index + 0.5)

    def y(self, value: float) -> float:
        return self.above + self.tall * (1 - value / self.top)

    def look(self, name: str) -> str:
        return f'class="c-{name}"' if self.paint == "page" else _PICTURE[name]


def day_chart(
    points: Sequence[DayPoint], *, width: int = 720, height: int = 232, paint: Paint = "page", form: Form = "count", gap: str = NO_DATA
) -> str:
    """Bars up to fourteen points, a line with a soft area beyond. Hidden from assistive technology: its holder says the news.

    `gap` says in words why a point has nothing to show.
    """
    page = paint == "page"
    left, right, above, below = (0, 46, 12, 26) if page else (1, 1, 6, 2)
    peak = max((float(v) for p in points for v in (_now(p), p.before) if v is not None), default=0.0)
    top, ticks = _scale(peak, whole=form == "count")
    wide = width - left - right
    frame = _Frame(left, above, wide, height - above - below, top, ticks, wide / max(len(points), 1), paint)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" aria-hidden="true" focusable="false">']
    parts += _grid(frame, width, _axis_text(form) if page else None)
    parts += _voids(frame, points, gap) if page else ()  # nothing in a picture, where the caption says it
    parts += _bars(frame, points) if len(points) <= BARS_UP_TO else _lines(frame, points)
    if page:
        parts += _day_labels(frame, points, height)
    parts.append("</svg>")
    return "".join(parts)


def day_chart_png(points: Sequence[DayPoint], *, width: int = 536, height: int = 132, form: Form = "count") -> bytes:
    """The same chart for a mail: twice the size, transparent, in mid-tones, without text. A week weighs 4 KB."""
    drawing = day_chart(points, width=width, height=height, paint="picture", form=form)
    return bytes(resvg_py.svg_to_bytes(svg_string=drawing, zoom=2, skip_system_fonts=True))


def spark(values: Sequence[float | None], *, width: int = 88, height: int = 28) -> str:
    """A trend without a scale, beside the figure that has one. Gaps stay gaps; nothing known draws nothing."""
    known = [v for v in values if v is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    spots = [
        None if v is None else f"{across},{3 + (height - 6) * (1 - (v - low) / span if high > low else 0.5):.1f}"
        for across, v in zip(_across(len(values), width), values, strict=True)
    ]
    runs = [run for run in _runs(spots) if len(run) > 1]
    lines = "".join(f'<polyline points="{" ".join(run)}"/>' for run in runs)
    end_x, end_y = [spot for spot in spots if spot is not None][-1].split(",")
    return (
        f'<svg class="spark" viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true" focusable="false">'
        f'{lines}<circle cx="{end_x}" cy="{end_y}" r="2.5"/></svg>'
    )


@lru_cache(maxsize=256)
def _across(count: int, width: int) -> tuple[str, ...]:
    """Where the points of a trend stand from left to right. Eight figures of a page have the same."""
    reach = max(count - 1, 1)
    return tuple(f"{3 + (width - 6) * i / reach:.1f}" for i in range(count))


def news(points: Sequence[DayPoint], title: str, *, form: Form = "count", gap: str = NO_DATA, step: str = "day") -> str:
    """What the chart says in words: its span, its peak, how it stands against the period before, what is open. Steps are days or weeks."""
    if not points:
        return f"{title}. {_capital(gap)}."
    said = [f"{title}, {figures.day_range(points[0].date, points[-1].date)}"]
    known = [(p, now) for p in points if (now := _now(p)) is not None]
    missing = [p for p in points if _now(p) is None and p.state != "idle"]
    word = _axis_text(form, full=True)
    if known:
        best, peak = max(known, key=lambda pair: pair[1])
        said.append(
            _capital(f"{_name(best, points, step)} was highest with {word(peak)}") if peak > 0 else f"Nothing was counted on any {step}"
        )
        pairs = [(now, p.before) for p, now in known if p.before is not None]
        if len(pairs) == len(known) and peak > 0:
            ups = sum(now > before for now, before in pairs)
            downs = sum(now < before for now, before in pairs)
            if ups in (0, len(pairs)) and downs in (0, len(pairs)) and ups != downs:
                said.append(f"Every {step} was {'above' if ups else 'below'} the period before")
            elif ups or downs:
                said.append(f"{ups} of {len(pairs)} {step}s were above the period before")
    soon = [p for p in points if p.state == "provisional" and _now(p) is not None]
    if soon:
        said.append(_capital(f"{_names(soon, points, step)} may still rise"))
    if missing:
        said.append(_capital(gap) + (f" for {_names(missing, points, step)}" if known else ""))
    return ". ".join(said) + "."


def _now(point: DayPoint) -> int | float | None:
    return None if point.state == "missing" else point.now


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _name(point: DayPoint, points: Sequence[DayPoint], step: str) -> str:
    if step == "week":
        return f"the week from {figures.day(point.date)}"
    return figures.WEEKDAYS_IN_FULL[point.date.weekday()] if len(points) <= 7 else figures.day(point.date)


def _names(some: Sequence[DayPoint], points: Sequence[DayPoint], step: str) -> str:
    if len(some) > 3:
        return f"{len(some)} {step}s"
    names = [_name(p, points, step) for p in some]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _axis_text(form: Form, *, full: bool = False) -> Callable[[float], str]:
    if full:
        return lambda value: in_full(value, form)
    short = {"seconds": lambda value: f"{value:g} s"} | {
        name: lambda value, rate=rate: rate(value).replace(".0%", "%").replace(".00%", "%") for name, rate in _RATES.items()
    }
    return short.get(form, figures.axis)


_RATES: Final = {"rate": figures.rate, "ctr": figures.ctr}
_IN_FULL: Final = _RATES | {"seconds": figures.seconds}


def in_full(value: float | Decimal | None, form: Form) -> str:
    """A chart's figure as the table beside it says it."""
    if value is None:
        return figures.MISSING
    if form == "count":
        return figures.count(int(value))
    said = _IN_FULL.get(form)
    return said(value) if said else figures.money(Decimal(str(value)), form)


def _scale(peak: float, *, whole: bool) -> tuple[float, int]:
    """The smallest round top that three or four equal gridlines reach. Counts never get a gridline between two integers."""
    if peak <= 0:
        return (3.0, 3) if whole else (0.03, 3)
    lowest = floor(log10(peak)) - 1
    tops = [
        (step * ticks, ticks)
        for exponent in (lowest, lowest + 1)
        for step in (m * 10.0**exponent for m in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8))
        for ticks in (3, 4)
        if step * ticks >= peak and (not whole or step == int(step))
    ]
    return min(tops)


def _grid(frame: _Frame, width: int, text: Callable[[float], str] | None) -> Iterator[str]:
    for i in range(frame.ticks + 1):
        value = frame.top * i / frame.ticks
        y = frame.y(value)
        yield f'<path d="M{frame.left} {y:.1f}H{frame.left + frame.wide}" {frame.look("grid" if i else "axis")}/>'
        if text:
            yield f'<text x="{width}" y="{y + 4:.1f}" text-anchor="end" class="c-tick">{escape(text(value))}</text>'


def _bars(frame: _Frame, points: Sequence[DayPoint]) -> Iterator[str]:
    page = frame.paint == "page"
    broad = min(46.0, frame.step * 0.52)
    for i, point in enumerate(points):
        mid, now = frame.x(i), _now(point)
        if now is not None:
            # A zero keeps a sliver, so that it differs from a day without data.
            y = min(frame.y(now), frame.floor - 1.5)
            shapes = _top_rounded(mid - broad / 2, y, broad, frame.floor - y)
            mark = frame.y(point.before) if point.before is not None else None
            if not page and point.state == "final" and mark is not None and mark - y > 6 and frame.floor - mark > 4:
                # No halo can be painted on an unknown ground: the bar itself leaves room for the line.
                shapes = _top_rounded(mid - broad / 2, y, broad, mark - 3 - y)
                shapes += f"M{mid - broad / 2:.1f} {mark + 3:.1f}h{broad:.1f}V{frame.floor:.1f}h-{broad:.1f}z"
            index = f' data-i="{i}"' if page else ""
            yield f'<path d="{shapes}" {frame.look("soon" if point.state == "provisional" else "bar")}{index}/>'
        if point.before is not None:
            reach = broad / 2 + min(7.0, frame.step * 0.12)
            line = f'd="M{mid - reach:.1f} {frame.y(point.before):.1f}H{mid + reach:.1f}"'
            if page:
                yield f'<path {line} class="c-halo"/>'
            yield f"<path {line} {frame.look('before')}/>"


def _top_rounded(x: float, y: float, wide: float, tall: float) -> str:
    r = min(4.0, tall, wide / 2)
    return (
        f"M{x:.1f} {y + tall:.1f}V{y + r:.1f}a{r:.1f} {r:.1f} 0 0 1 {r:.1f}-{r:.1f}h{wide - 2 * r:.1f}"
        f"a{r:.1f} {r:.1f} 0 0 1 {r:.1f} {r:.1f}V{y + tall:.1f}z"
    )


def _voids(frame: _Frame, points: Sequence[DayPoint], gap: str) -> Iterator[str]:
    """Stretches without data: a well with words where they fit."""
    for kind, group in groupby(range(len(points)), key=lambda i: _void(points[i])):
        if not kind:
            continue
        days = list(group)
        is_line = len(points) > BARS_UP_TO  # which marks its days by itself
        for first, count in ((days[0], len(days)),) if is_line else ((i, 1) for i in days):
            left, index = frame.x(first) - frame.step / 2, "" if is_line else f' data-i="{first}"'
            yield f'<rect x="{left:.1f}" y="{frame.above}" width="{count * frame.step:.1f}" height="{frame.tall}" class="c-void"{index}/>'
        room = frame.step * len(days)
        words = (figures.MISSING,) if kind == "idle" else (gap, gap.removesuffix(" from TikTok"), figures.MISSING)
        text = next((t for t in words if len(t) * LETTER_WIDTH + 4 <= room), "")
        if text:
            mid = (frame.x(days[0]) + frame.x(days[-1])) / 2
            yield f'<text x="{mid:.1f}" y="{frame.floor - 8:.1f}" text-anchor="middle" class="c-tick">{text}</text>'


def _void(point: DayPoint) -> str:
    """Why nothing is drawn for a day; empty where something is."""
    if _now(point) is not None:
        return ""
    return "idle" if point.state == "idle" else "missing"


def _lines(frame: _Frame, points: Sequence[DayPoint]) -> Iterator[str]:
    values, across = [_now(p) for p in points], [f"{frame.x(i):.1f}" for i in range(len(points))]
    past = [None if p.before is None else f"{x} {frame.y(p.before):.1f}" for x, p in zip(across, points, strict=True)]
    for run in _runs(past):
        if len(run) > 1:
            yield f'<path d="{_path(run)}" {frame.look("past")}/>'
    spots = [None if v is None else f"{x} {frame.y(v):.1f}" for x, v in zip(across, values, strict=True)]
    for is_open, run in _stretches(spots, [p.state == "provisional" for p in points]):
        start = run[0].partition(" ")
        if len(run) == 1:
            yield f'<circle cx="{start[0]}" cy="{start[2]}" r="3" {frame.look("lone")}/>'
            continue
        line = _path(run)
        yield f'<path d="{line}V{frame.floor:.1f}H{start[0]}z" {frame.look("rise" if is_open else "area")}/>'
        yield f'<path d="{line}" {frame.look("open" if is_open else "line")}/>'
    if frame.paint == "page":
        # Up to ninety of them, twice, and only for whoever points at them: the script makes the marks, for a gap one that is not seen.
        yield f'<g class="c-dots" data-at="{",".join(spot or x for spot, x in zip(spots, across, strict=True))}"></g>'


def _path(run: Sequence[Spot]) -> str:
    return "M" + "L".join(run)


def _runs(spots: Sequence[Spot | None]) -> list[list[Spot]]:
    """The known stretches between gaps."""
    return [[s for s in group if s is not None] for known, group in groupby(spots, key=lambda s: s is not None) if known]


def _stretches(spots: Sequence[Spot | None], is_open: Sequence[bool]) -> list[tuple[bool, list[Spot]]]:
    """The known stretches, cut again where final ends and not final begins. Neighbours share the point at the cut."""
    found: list[tuple[bool, list[Spot]]] = []
    previous: Spot | None = None
    was_open = False
    for spot, now_open in zip(spots, is_open, strict=True):
        if spot is None:
            previous = None
            continue
        if previous is None:
            found.append((now_open, [spot]))
        elif len(found[-1][1]) == 1 and found[-1][1][0] is previous:
            found[-1] = (now_open or was_open, [previous, spot])
        elif (now_open or was_open) == found[-1][0]:
            found[-1][1].append(spot)
        else:
            found.append((now_open or was_open, [previous, spot]))
        previous, was_open = spot, now_open
    return found


def _day_labels(frame: _Frame, points: Sequence[DayPoint], height: int) -> Iterator[str]:
    labels = [p.label for p in points]
    if len(points) <= BARS_UP_TO and _widest(labels) > frame.step:
        labels = [figures.weekday(p.date) for p in points]
    every = max(1, ceil(_widest(labels) / frame.step))
    # Counted from the end: today's side is the one people read first.
    for i in range(len(points) - 1, -1, -every):
        if frame.x(i) * 2 < len(labels[i]) * LETTER_WIDTH and every > 1:
            continue  # would leave the drawing; pushed inside it would touch its neighbour
        yield f'<text x="{frame.x(i):.1f}" y="{height - 6}" text-anchor="middle" class="c-tick">{escape(labels[i])}</text>'


def _widest(labels: Sequence[str]) -> float:
    return max((len(label) for label in labels), default=0) * LETTER_WIDTH + 12
