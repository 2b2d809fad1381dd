"""Key figures and the chart of the Campaigns page, from the days of what is looked at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from agency.outlets import charts, figures
from agency.outlets.parts import BARS_UP_TO, Chart, DayPoint, Delta, Kpi, count_delta, delta
from campaigns.asked import Asked
from integrations.models import AdAccount
from metrics import ad_figures
from metrics.ad_figures import NOTHING, Sums
from metrics.ad_windows import today_in, zone_of


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
        now, before = self._total(0), self._total(1)
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
            spark=tuple(self._point(on, key) for on in self._dates(0)) if ok else (),
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

    def _dates(self, side: int) -> list[date]:
        """The days asked for, or those they are compared with."""
        pair = (self.asked.first, self.asked.last) if side == 0 else self.asked.before
        return [] if pair is None else [pair[0] + timedelta(days=n) for n in range((pair[1] - pair[0]).days + 1)]

    def _total(self, side: int) -> Any:
        """None without days to compare with, or when a day of them has not been read."""
        dates = self._dates(side)
        if side == 1 and (not dates or not all(map(self._is_read, dates))):
            return None
        return ad_figures.added([self.days[on] for on in dates if on in self.days])

    def _is_read(self, on: date) -> bool:
        """A day before the ad account was opened had nothing to read."""
        since, zone = self.ad_account.figures_from, zone_of(self.ad_account.time_zone)
        opened = self.ad_account.opened_at
        if opened is not None and zone is not None and on < today_in(zone, opened):
            return True
        return on in self.days or (since is not None and on >= since)

    def _point(self, on: date, key: str) -> float | None:
        if not self._is_read(on):
            return None
        value = getattr(self.days.get(on, NOTHING), key)
        return None if value is None else float(value)

    def _day(self, on: date, base: date | None, key: str, *, short: bool) -> DayPoint:
        value = self._point(on, key)
        state: Any = "final"
        if value is None:
            is_idle = key in ("ctr", "cpm") and self._is_read(on) and not self.days.get(on, NOTHING).impressions
            state = "idle" if is_idle and self.days.get(on, NOTHING).impressions == 0 else "missing"
        elif on > self.asked.final or (key == "conversions" and on >= self.moving):
            state = "provisional"
        return DayPoint(
            date=on,
            label=f"{on:%a} {on.day}" if short else figures.day(on),
            now=value,
            before=self._point(base, key) if base else None,
            state=state,
        )

    def chart(self) -> Chart | None:
        """The chosen figure by day, beside the same weekdays of the period before."""
        if self.not_granted or self.ad_account.figures_seen_at is None:
            return None
        key, currency = self.asked.get("metric"), self.ad_account.currency
        name, unit, form = {
            "spend": (f"Spend per day ({currency})", f"Spend ({currency})", currency),
            "conversions": ("Conversions per day", "Conversions", "count"),
            "ctr": ("CTR per day", "CTR", "ctr"),
            "cpm": (f"CPM per day ({currency})", f"CPM ({currency})", currency),
        }[key]
        days, bases = self._dates(0), self._dates(1)
        points = tuple(self._day(on, bases[n] if bases else None, key, short=len(days) <= BARS_UP_TO) for n, on in enumerate(days))
        now, before = self._total(0), self._total(1)
        return Chart(
            title=name,
            legend_now=figures.short_range(days[0], days[-1]),
            legend_before=figures.short_range(bases[0], bases[-1]) if before else "",
            total_now=self._in_full(key, getattr(now, key)),
            total_before=self._in_full(key, getattr(before, key)) if before else "",
            points=points,
            news=charts.news(points, name, form=form),
            unit=unit,
            form=form,
            idle="no ads shown",
        )


def _rate_chip(now: float | None, before: float | None) -> Delta | None:
    """In percentage points with two decimals, as CTR is shown. A change that reads as none has no arrow."""
    if now is None or before is None:
        return None
    shown = round(now - before, 4)
    return delta(figures.points(shown, 2), f"from {figures.ctr(before)}", shown)
