"""What an ad brought on a day of its account: closed-form whole numbers, split exactly over hours, with conversions that come late."""

from functools import lru_cache
from zoneinfo import ZoneInfo

from tiktok_sandbox.world.adcast import Advertiser, local_seconds, moment_of
from tiktok_sandbox.world.adentities import ENABLE, Ad
from tiktok_sandbox.world.calendar import DAY
from tiktok_sandbox.world.chance import draw

LAG = 11 * 3600
HOUR = 3_600
Cell = tuple[int, int, int, int]  # impressions, clicks, spend in smallest units, conversions
NOTHING: Cell = (0, 0, 0, 0)
NOISE = tuple(700 + draw("noise", place) % 601 for place in range(1024))
WEEKDAYS = (980, 940, 960, 1010, 1090, 1120, 1040)
# How an account's day spreads over its hours, in thousandths.
HOURS = (22, 15, 11, 8, 8, 11, 20, 33, 41, 45, 48, 51, 55, 54, 51, 50, 52, 57, 64, 71, 76, 69, 54, 34)
# The part of a day's conversions that is known so many account days later, in thousandths: people click first and buy later.
KNOWN_AFTER = (430, 610, 720, 800, 870, 920, 960, 985)


def whole_day(ad: Ad, day: int) -> Cell:
    """The settled figures of one whole day; a day within the ad's flight always has impressions."""
    if ad.fixed is not None:
        return ad.fixed.get(day, NOTHING)
    mix = ad.mix
    impressions = ad.base * NOISE[mix + day * 389 & 1023] * WEEKDAYS[(day + 3) % 7] // 1_000_000 + 1
    clicks = impressions * ad.ctr * NOISE[(mix >> 10) + day * 577 & 1023] // 100_000_000
    spend = impressions * ad.cpm * NOISE[(mix >> 20) + day * 211 & 1023] // 1_000_000
    return impressions, clicks, spend, clicks * ad.cvr // 10_000


def delivers_on(ad: Ad, day: int) -> bool:
    return ad.first_day <= day <= ad.last_day and (ad.fixed is None or day in ad.fixed)


@lru_cache(maxsize=512)
def hour_weights(zone: ZoneInfo, day: int) -> tuple[int, ...]:
    """The day's hours by their label. An hour that the clock leaves out has no part."""
    start, end = moment_of(zone, day * DAY), moment_of(zone, (day + 1) * DAY)
    if end - start >= DAY:
        return HOURS
    shown = {local_seconds(zone, moment) % DAY // HOUR for moment in range(start, end, HOUR)}
    return tuple(weight if hour in shown else 0 for hour, weight in enumerate(HOURS))


class Figures:
    """The figures of one ad account as they are known at one moment."""

    def __init__(self, advertiser: Advertiser, moment: float) -> None:
        self.zone = advertiser.zone
        self.moment = moment
        self.visible = advertiser.local(moment - LAG)
        self.today, rest = divmod(self.visible, DAY)
        self.full_hours = rest // HOUR

    @property
    def last_day(self) -> int:
        """The last day of which anything is known."""
        return self.today if self.full_hours else self.today - 1

    @property
    def key(self) -> tuple[int, int]:
        """Between two moments of one key nothing moves."""
        return self.today, self.full_hours

    def day(self, ad: Ad, day: int) -> Cell:
        if day > self.today or not ad.first_day <= day <= ad.last_day:
            return NOTHING
        age = self.today - day
        if age >= len(KNOWN_AFTER) and not ad.is_touched:
            return whole_day(ad, day)
        return self.hours(ad, day, 0, 24)

    def hours(self, ad: Ad, day: int, start: int, end: int) -> Cell:
        """The part of a day from one full hour to another, as far as it is known."""
        age = self.today - day
        if age < 0 or not ad.first_day <= day <= ad.last_day:
            return NOTHING
        impressions, clicks, spend, conversions = whole_day(ad, day)
        if age < len(KNOWN_AFTER):
            conversions = conversions * KNOWN_AFTER[age] // 1_000
        if ad.is_touched:
            return self._while_on(ad, day, start, end, (impressions, clicks, spend, conversions))
        end = min(end, self.full_hours) if age == 0 else end
        if start == 0 and end == 24:
            return impressions, clicks, spend, conversions
        if end <= start:
            return NOTHING
        weights = hour_weights(self.zone, day)
        whole, low, high = sum(weights), sum(weights[:start]), sum(weights[:end])
        return (
            impressions * high // whole - impressions * low // whole,
            clicks * high // whole - clicks * low // whole,
            spend * high // whole - spend * low // whole,
            conversions * high // whole - conversions * low // whole,
        )

    def _while_on(self, ad: Ad, day: int, start: int, end: int, whole_cell: Cell) -> Cell:
        """An ad that was switched off and on by calls: only the hours at whose start everything above it was on."""
        end = min(end, self.full_hours) if day == self.today else end
        weights = hour_weights(self.zone, day)
        whole, so_far, sums = sum(weights), 0, [0, 0, 0, 0]
        for hour, weight in enumerate(weights[:end]):
            before, so_far = so_far, so_far + weight
            if hour < start:
                continue
            moment = moment_of(self.zone, day * DAY + hour * HOUR)
            group = ad.group
            if ad.audit_until and moment < max(ad.audit_until, group.audit_until, group.starts):
                continue
            if group.ends is not None and moment >= group.ends:
                continue
            if all(entity.operation_at(moment) == ENABLE for entity in (ad, ad.group, ad.group.campaign)):
                for place, value in enumerate(whole_cell):
                    sums[place] += value * so_far // whole - value * before // whole
        return sums[0], sums[1], sums[2], sums[3]

    def utc_day(self, ad: Ad, day: int) -> Cell:
        """A UTC day cut out of the account's hours, for reports over accounts of several zones."""
        start, end = local_seconds(self.zone, day * DAY), local_seconds(self.zone, (day + 1) * DAY)
        sums = [0, 0, 0, 0]
        for own in range(start // DAY, (end - 1) // DAY + 1):
            low, high = max(start, own * DAY) - own * DAY, min(end, (own + 1) * DAY) - own * DAY
            for place, value in enumerate(self.hours(ad, own, low // HOUR, high // HOUR)):
                sums[place] += value
        return sums[0], sums[1], sums[2], sums[3]
