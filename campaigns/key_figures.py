"""Key figures and the chart of the Campaigns page, from the days of what is looked at."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import zip_longest
from typing import Any

from agency.outlets import charts, figures
from agency.outlets.parts import BARS_UP_TO, MOST_POINTS, Chart, DayPoint, Delta, Kpi, count_delta, delta
from campaigns.asked import Asked
from integrations.models import AdAccount
from metrics import ad_figures
from metrics.ad_figures import Sums
from metrics.ad_windows import today_in, zone_of
from metrics.periods import days_between


@dataclass(frozen=True, slots=True)
class Span:
    """A day, or a week. Without sums a day of it has not been read."""

    first: date
    last: date
    sums: Sums | None

    def value(self, key: str) -> float | None:
        """A figure as the chart draws it."""
        value = getattr(self.sums, key) if self.sums is not None else None
        return None if value is None else float(value)


@dataclass(frozen=True)
class KeyFigures:
    """`days` holds those with delivery; all others brought nothing, unless they have not been read."""

    asked: Asked
    ad_account: AdAccount
    days: Mapping[date, Sums]
    moving: date
    not_granted: str

    def kpis(self) -> tuple[Kpi, ...]:
        """Spend, conversions, CTR, CPM, each against the period before. More spend is neither good nor bad."""
        now, before = self._total, self._total_before
        currency = self.ad_account.currency
        return (
            self._kpi("spend", f"Spend ({currency})", now, self._money, self._money_chip("spend", now, before, "flat")),
            self._kpi(
                "conversions", "Conversions", now, figures.compact, count_delta(now.conversions, before.conversions) if before else None
            ),
            self._kpi("ctr", "CTR", now, figures.ctr, _rate_chip(now.ctr, before.ctr) if before else None),
            self._kpi("cpm", f"CPM ({currency})", now, self._money, self._money_chip("cpm", now, before, "worse")),
        )

    def _kpi(self, key: str, label: str, now: Sums, shape: Callable[[Any], str], chip: Delta | None) -> Kpi:
        value = getattr(now, key)
        state, reason = "ok", ""
        if self.not_granted:
            state, reason = "not_granted", self.not_granted.rstrip(".")
        elif self.ad_account.figures_seen_at is None:
            state, reason = "missing", "On its way"
        elif value is None:
            state, reason = "missing", "No ads shown" if now.is_empty or not now.impressions else "Not told by TikTok for every ad"
        ok = state == "ok"
        return Kpi(
            key=key,
            label=label,
            value=shape(value) if ok else figures.MISSING,
            full=self._in_full(key, value) if ok else figures.MISSING,
            delta=chip if ok else None,
            note="",
            note_ok=False,
            spark=tuple(span.value(key) for span in self._now) if ok else (),
            href=self.asked.href(metric=key, page=self.asked.get("page")),
            current=self.asked.get("metric") == key,
            state=state,
            reason=reason,
        )

    def _money(self, value: Decimal) -> str:
        return figures.short_money(value, self.ad_account.currency)

    def _in_full(self, key: str, value: Any) -> str:
        if key in ("spend", "cpm"):
            return figures.money(value, self.ad_account.currency)
        return figures.ctr(value) if key == "ctr" else figures.count(value)

    def _money_chip(self, key: str, now: Sums, before: Sums | None, more_is: Any) -> Delta | None:
        value, base = getattr(now, key), getattr(before, key) if before else None
        if value is None or base is None:
            return None
        return delta(figures.change(value, base), f"from {figures.money(base, self.ad_account.currency)}", value - base, more_is=more_is)

    # --- days -----------------------------------------------------------------------------------------------------------

    @cached_property
    def _dates(self) -> tuple[tuple[date, ...], ...]:
        """The days asked for, and those they are compared with, if any."""
        before = self.asked.before
        return days_between(self.asked.first, self.asked.last), days_between(*before) if before else ()

    @cached_property
    def _total(self) -> Sums:
        return self._sum(self._dates[0])

    @cached_property
    def _total_before(self) -> Sums | None:
        """None without days to compare with, or when a day of them has not been read."""
        dates = self._dates[1]
        return self._sum(dates) if dates and all(map(self._is_read, dates)) else None

    def _sum(self, dates: Sequence[date]) -> Sums:
        return ad_figures.added([self.days[on] for on in dates if on in self.days])

    @cached_property
    def _opened_on(self) -> date:
        """The ad account's first day. There was nothing to read before."""
        opened, zone = self.ad_account.opened_at, zone_of(self.ad_account.time_zone)
        return today_in(zone, opened) if opened is not None and zone is not None else date.min

    def _is_read(self, on: date) -> bool:
        since = self.ad_account.figures_from
        return on < self._opened_on or on in self.days or (since is not None and on >= since)

    @cached_property
    def _now(self) -> tuple[Span, ...]:
        return self._spans(0)

    @cached_property
    def _before(self) -> tuple[Span, ...]:
        return self._spans(1)

    @property
    def _size(self) -> int:
        """How many days a point of the chart has."""
        return 1 if len(self._dates[0]) <= MOST_POINTS else 7

    def _spans(self, side: int) -> tuple[Span, ...]:
        """The points of the chart: days, or weeks counted from the end."""
        dates, size = self._dates[side], self._size
        return tuple(self._span(dates[start : start + size]) for start in range(len(dates) % size, len(dates), size))

    def _span(self, dates: Sequence[date]) -> Span:
        return Span(dates[0], dates[-1], self._sum(dates) if all(map(self._is_read, dates)) else None)

    def _point(self, now: Span, before: Span | None, key: str) -> DayPoint:
        value, state = now.value(key), "final"
        if value is None:
            state = "idle" if key in ("ctr", "cpm") and now.sums is not None and now.sums.impressions == 0 else "missing"
        elif now.last > self.asked.final or (key == "conversions" and now.last >= self.moving):
            state = "provisional"
        label = f"{now.first:%a} {now.first.day}" if self.asked.length <= BARS_UP_TO else figures.short_range(now.first, now.last)
        return DayPoint(now.first, label, value, before.value(key) if before else None, state)

    def chart(self) -> Chart | None:
        """The chosen figure by day or by week, beside the same weekdays of the period before."""
        if self.not_granted or self.ad_account.figures_seen_at is None:
            return None
        key, currency, by = self.asked.get("metric"), self.ad_account.currency, "day" if self._size == 1 else "week"
        name, unit, form = {
            "spend": (f"Spend per {by} ({currency})", f"Spend ({currency})", currency),
            "conversions": (f"Conversions per {by}", "Conversions", "count"),
            "ctr": (f"CTR per {by}", "CTR", "ctr"),
            "cpm": (f"CPM per {by} ({currency})", f"CPM ({currency})", currency),
        }[key]
        points = tuple(self._point(span, base, key) for span, base in zip_longest(self._now, self._before))
        now, before = self._total, self._total_before
        return Chart(
            title=name,
            legend_now=figures.short_range(self.asked.first, self.asked.last),
            legend_before=figures.short_range(*self.asked.before) if before else "",
            total_now=self._in_full(key, getattr(now, key)),
            total_before=self._in_full(key, getattr(before, key)) if before else "",
            points=points,
            news=charts.news(points, name, form=form, step=by),
            unit=unit,
            form=form,
            step=by.capitalize(),
            idle="no ads shown",
        )


def _rate_chip(now: float | None, before: float | None) -> Delta | None:
    """In percentage points with two decimals, as CTR is shown. A change that reads as none has no arrow."""
    if now is None or before is None:
        return None
    shown = round(now - before, 4)
    return delta(figures.points(shown, 2), f"from {figures.ctr(before)}", shown)
