"""The rows of a report. Ads by day are counted without being made and made page by page; everything else is summed once and remembered.

A table stands for one question at one state of knowledge; nothing in it outlives the next hour of data or the next write.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tiktok_sandbox.envelope import TOO_WIDE, ApiError
from tiktok_sandbox.reporting.breakdowns import values_of
from tiktok_sandbox.reporting.metrics import BASE, DERIVED, IMPRESSIONS, NUMERIC, Encoders, attribute, columns_for
from tiktok_sandbox.reporting.query import IDS, STATUS_FILTERS, Filter, Query, days_in
from tiktok_sandbox.world.adbook import Book
from tiktok_sandbox.world.adentities import Ad, Campaign, Group, ad_status, campaign_status, group_status, has_primary
from tiktok_sandbox.world.adfigures import KNOWN_AFTER, Cell, Figures, delivers_on, whole_day
from tiktok_sandbox.world.calendar import date_text
from tiktok_sandbox.world.chance import split

MOST_IDS = 20_000
MOST_SUMMED = 250_000  # rows that are held at once
Entity = Campaign | Group | Ad | None
COMPARE: dict[str, Callable[[float, Any], bool]] = {
    "GREATER_EQUAL": lambda value, wanted: value >= wanted,
    "GREATER_THAN": lambda value, wanted: value > wanted,
    "LOWER_EQUAL": lambda value, wanted: value <= wanted,
    "LOWER_THAN": lambda value, wanted: value < wanted,
    "BETWEEN": lambda value, wanted: wanted[0] <= value <= wanted[1],
}


@dataclass(slots=True)
class Line:
    book: Book | None  # None: over several ad accounts
    entity: Entity
    day: int
    hour: int
    categories: tuple[str, ...]
    sums: list[int]


@dataclass(frozen=True, slots=True)
class Part:
    """One ad account of a report: its ads that are asked for, newest first."""

    book: Book
    figures: Figures
    ads: list[Ad]
    is_cut: bool


def part_of(query: Query, book: Book, figures: Figures, moment: int) -> Part:
    ads = [ad for ad in reversed(book.existing("ad", moment)) if _is_asked_for(query, ad, moment)]
    level = IDS[query.id_dimension] if query.id_dimension is not None else "advertiser"
    kept: dict[int, None] = {}
    for place, ad in enumerate(ads):
        kept.setdefault(id(entity_of(ad, level)))
        if len(kept) > MOST_IDS:
            return Part(book, figures, ads[:place], True)
    return Part(book, figures, ads, False)


def _is_asked_for(query: Query, ad: Ad, moment: int) -> bool:
    chosen = {one.field for one in query.filters}
    default = f"{query.level}_status"
    if default in STATUS_FILTERS and default not in chosen and not has_primary(_status(default, ad, moment), "STATUS_NOT_DELETE"):
        return False
    return all(_passes(one, ad, moment) for one in query.filters if one.field not in NUMERIC and one.field != "country_code")


def _status(name: str, ad: Ad, moment: int) -> str:
    if name == "campaign_status":
        return campaign_status(ad.campaign, moment)
    return group_status(ad.group, moment) if name == "adgroup_status" else ad_status(ad, moment)


def _passes(one: Filter, ad: Ad, moment: int) -> bool:
    if one.field in STATUS_FILTERS:
        status = _status(one.field, ad, moment)
        found = any(status == wanted or (wanted.startswith("STATUS_") and has_primary(status, wanted)) for wanted in one.value)
        return found != (one.kind == "NOT_IN")
    known = {
        "campaign_ids": ad.campaign.id,
        "adgroup_ids": ad.group.id,
        "ad_ids": ad.id,
        "ad_ids_v2": ad.id,
        "buying_type": ad.campaign.buying,
        "campaign_automation_type": ad.campaign.automation,
        "campaign_name": ad.campaign.name,
        "adgroup_name": ad.group.name,
        "ad_name": ad.name,
        "objective_type": ad.campaign.objective,
    }.get(one.field, "")
    match one.kind:
        case "MATCH":
            return one.value.lower() in known.lower()
        case "CONTAIN_ANY_OF":
            return any(word.lower() in known.lower() for word in one.value)
        case kind:
            return (known in one.value) != (kind == "NOT_IN")


def entity_of(ad: Ad, level: str) -> Entity:
    match level:
        case "ad":
            return ad
        case "adgroup":
            return ad.group
        case "campaign":
            return ad.group.campaign
        case _:
            return None


class AdDays:
    """One line for each ad and day with delivery, made on demand: only how many each ad has is kept."""

    def __init__(self, query: Query, part: Part) -> None:
        self.part, self.columns = part, columns_for(query.metrics)
        self.first, self.last = query.first, min(query.last, part.figures.last_day)
        self._ads: list[Ad] = []
        self._starts: list[int] = []
        self.total = 0
        for ad in part.ads:
            days = min(ad.last_day, self.last) - max(ad.first_day, self.first) + 1
            if days > 0 and ad.is_touched:
                days = sum(1 for day in self._days(ad) if part.figures.day(ad, day)[IMPRESSIONS])
            elif days > 0 and ad.fixed is not None:
                days = sum(1 for _ in self._days(ad))
            if days > 0:
                self._ads.append(ad)
                self._starts.append(self.total)
                self.total += days

    def _days(self, ad: Ad) -> Iterator[int]:
        return (day for day in range(max(ad.first_day, self.first), min(ad.last_day, self.last) + 1) if delivers_on(ad, day))

    def cells(self, offset: int, count: int) -> Iterator[tuple[Ad, list[tuple[int, Cell]]]]:
        """The asked-for stretch of lines, ad by ad."""
        figures = self.part.figures
        settled = figures.today - len(KNOWN_AFTER)
        place = bisect_right(self._starts, offset) - 1
        skip = offset - self._starts[place] if place >= 0 else 0
        while count > 0 and 0 <= place < len(self._ads):
            ad = self._ads[place]
            if ad.fixed is None and not ad.is_touched:
                first, last = max(ad.first_day, self.first) + skip, min(ad.last_day, self.last)
                days = range(first, min(last, first + count - 1) + 1)
                lines = [(day, whole_day(ad, day) if day <= settled else figures.day(ad, day)) for day in days]
            else:
                found = [(day, figures.day(ad, day)) for day in self._days(ad)]
                lines = [(day, cell) for day, cell in found if cell[IMPRESSIONS] or not ad.is_touched][skip : skip + count]
            yield ad, lines
            count -= len(lines)
            skip, place = 0, place + 1

    def total_sums(self) -> list[int]:
        sums = [0] * (4 + len(self.columns))
        for _, lines in self.cells(0, self.total):
            for _, cell in lines:
                add(sums, cell, self.columns)
        return sums


def add(sums: list[int], cell: Cell, columns: tuple[str, ...]) -> None:
    sums[0] += cell[0]
    sums[1] += cell[1]
    sums[2] += cell[2]
    sums[3] += cell[3]
    for place, name in enumerate(columns, start=4):
        source, rate = DERIVED[name]
        sums[place] += cell[source] * rate // 10_000


class Summed:
    """Lines summed over ads, days, or both; cut into audiences, filtered by figures and put in order."""

    def __init__(self, query: Query, parts: list[Part], moment: int) -> None:
        self.query = query
        self.columns = columns_for((*query.metrics, *(one.field for one in query.filters), query.order_field or ""))
        self._width = 4 + len(self.columns)
        self.any_book = parts[0].book
        lines: dict[tuple[Any, ...], Line] = {}
        for part in parts:
            self._sum(part, lines, moment)
            if len(lines) > MOST_SUMMED:
                raise ApiError(TOO_WIDE, "The query is too wide. Please narrow the time range or the ids.")
        self.lines = self._ordered([line for line in self._cut(list(lines.values())) if self._passes(line)])
        self.total = len(self.lines)

    def _sum(self, part: Part, lines: dict[tuple[Any, ...], Line], moment: int) -> None:
        query, figures = self.query, part.figures
        level = IDS[query.id_dimension] if query.id_dimension is not None else "nothing"
        owner = None if query.id_dimension is None and query.is_multi else part.book
        last = min(query.last, figures.last_day + (1 if query.in_utc else 0))
        may_be_idle = query.time is None and not query.breakdowns and query.id_dimension is not None
        if level == "advertiser" and may_be_idle:
            self._line(lines, owner, None, 0, 0)
        until = moment if query.last > figures.today else part.book.moment(query.last + 1, 0)
        for ad in part.ads:
            entity = entity_of(ad, level)
            if may_be_idle and ad.created < until and has_primary(ad_status(ad, moment), "STATUS_NOT_DELETE"):
                self._line(lines, owner, entity, 0, 0)
            margin = 1 if query.in_utc else 0
            for day in range(max(query.first, ad.first_day - margin), min(last, ad.last_day + margin) + 1):
                if query.time == "stat_time_hour":
                    for hour in range(24):
                        cell = figures.hours(ad, day, hour, hour + 1)
                        if cell[IMPRESSIONS]:
                            add(self._line(lines, owner, entity, day, hour).sums, cell, self.columns)
                    continue
                cell = figures.utc_day(ad, day) if query.in_utc else figures.day(ad, day)
                if cell[IMPRESSIONS]:
                    add(self._line(lines, owner, entity, day if query.time else 0, 0).sums, cell, self.columns)
            if len(lines) > MOST_SUMMED:
                return

    def _line(self, lines: dict[tuple[Any, ...], Line], book: Book | None, entity: Entity, day: int, hour: int) -> Line:
        key = (id(book), id(entity), day, hour)
        if key not in lines:
            lines[key] = Line(book, entity, day, hour, (), [0] * self._width)
        return lines[key]

    def _cut(self, lines: list[Line]) -> list[Line]:
        """Audiences are cut out of finished sums, so that their parts add up to them."""
        query = self.query
        countries = [one for one in query.filters if one.field == "country_code"]
        names = query.breakdowns
        if not names and not countries:
            return lines
        cut = []
        for line in lines:
            whole = values_of(names or ("country_code",), line.book)
            parts = list(zip(*(split(value, [weight for _, weight in whole]) for value in line.sums), strict=True))
            chosen = [
                (labels, sums)
                for (labels, _), sums in zip(whole, parts, strict=True)
                if "country_code" not in (names or ("country_code",))
                or all((labels[0] in one.value) != (one.kind == "NOT_IN") for one in countries)
            ]
            if names:
                cut += [
                    Line(line.book, line.entity, line.day, line.hour, labels, list(sums)) for labels, sums in chosen if sums[IMPRESSIONS]
                ]
            else:
                sums = [sum(column) for column in zip(*(sums for _, sums in chosen), strict=True)] or [0] * self._width
                cut.append(Line(line.book, line.entity, line.day, line.hour, (), sums))
        return cut

    def _passes(self, line: Line) -> bool:
        for one in self.query.filters:
            if one.field in NUMERIC and not COMPARE[one.kind](self._number(line, one.field), one.value):
                return False
        return True

    def _ordered(self, lines: list[Line]) -> list[Line]:
        name = self.query.order_field
        if name is None:
            return lines
        return sorted(lines, key=lambda line: self._number(line, name), reverse=not self.query.ascending)

    def _number(self, line: Line, name: str) -> float:
        if line.book is None:
            return float(line.sums[BASE[name]]) if name in BASE and name != "spend" else 0.0
        return float(self.encoders(line.book).encoder(name)(line.sums))

    def encoders(self, book: Book) -> Encoders:
        level = IDS[self.query.id_dimension] if self.query.id_dimension is not None else "advertiser"
        return Encoders(book, self.columns, level=level, days=days_in(self.query), whole_money=self.query.is_multi)

    def total_sums(self) -> list[int]:
        sums = [0] * self._width
        for line in self.lines:
            for place, value in enumerate(line.sums):
                sums[place] += value
        return sums


def dimension_value(name: str, line: Line, query: Query) -> str:
    if name in IDS:
        return line.entity.id if line.entity is not None else attribute("advertiser_id", line.book, None, 0) if line.book else "0"
    if name == "stat_time_day":
        return f"{date_text(line.day)} 00:00:00"
    if name == "stat_time_hour":
        return f"{date_text(line.day)} {line.hour:02d}:00:00"
    return line.categories[query.breakdowns.index(name)]
