"""How a post collects its views over time, as closed whole-number curves. Floats only shape the tables once, at start."""

from dataclasses import dataclass

ONE = 1 << 32
HOURS = 365 * 24  # TikTok's numbers stop moving 365 days after publication


def _table(hours: float, power: float, ends: int) -> tuple[int, ...]:
    def reached(hour: int) -> float:
        return 1.0 - (1.0 + hour / hours) ** -power

    whole = reached(ends)
    return tuple(ONE if hour >= ends else int(ONE * reached(hour) / whole) for hour in range(HOURS + 2))


SHAPES: dict[str, tuple[int, ...]] = {
    "usual": _table(14.0, 1.15, HOURS),
    "slow": _table(30.0, 1.05, HOURS),
    "burst": _table(9.0, 1.5, 12 * 24),
}


def reached(shape: str, age: int) -> int:
    """The part of a post's lifetime views it has collected at this age in seconds, from 0 to ONE."""
    if age <= 0:
        return 0
    hour, rest = divmod(age, 3600)
    if hour >= HOURS:
        return ONE
    table = SHAPES[shape]
    start = table[hour]
    return start + (table[hour + 1] - start) * rest // 3600


@dataclass(frozen=True, slots=True)
class Curve:
    """A post whose views follow a shape from its first second on."""

    created: int
    total: int
    shape: str

    def views_at(self, moment: int) -> int:
        return self.total * reached(self.shape, moment - self.created) >> 32


@dataclass(frozen=True, slots=True)
class Steps:
    """A post whose views at given moments are fixed, straight between them, with a shaped tail after the last."""

    created: int
    total: int
    shape: str
    moments: tuple[int, ...]
    views: tuple[int, ...]

    def views_at(self, moment: int) -> int:
        if moment <= self.created:
            return 0
        last = self.moments[-1]
        if moment >= last:
            tail = self.total - self.views[-1]
            if not tail:
                return self.total
            before = reached(self.shape, last - self.created)
            return self.views[-1] + tail * (reached(self.shape, moment - self.created) - before) // (ONE - before)
        start, had = self.created, 0
        for step, views in zip(self.moments, self.views, strict=True):
            if moment < step:
                return had + (views - had) * (moment - start) // (step - start)
            start, had = step, views
        return had
