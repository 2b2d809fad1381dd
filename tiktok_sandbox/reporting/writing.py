"""Writes report rows as JSON text. The frame of a row is made once for each ad, so that a line costs little more than its figures."""

import json
from functools import lru_cache
from typing import Any

from tiktok_sandbox.reporting.metrics import ABSENT, ATTRIBUTES, DERIVED, MONEY, MONEY_RATIOS, Encoders, Sums, attribute
from tiktok_sandbox.reporting.query import IDS, Query
from tiktok_sandbox.reporting.tables import AdDays, Line, Summed, dimension_value
from tiktok_sandbox.world.adbook import Book
from tiktok_sandbox.world.calendar import date_text

day_text = lru_cache(maxsize=4_096)(date_text)
MULTI = ("currency", "timezone", "advertiser_id")


def shown_metrics(query: Query) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*query.metrics, *MULTI))) if query.is_multi else query.metrics


def ad_day_rows(query: Query, table: AdDays, offset: int, count: int, moment: int) -> list[str]:
    book = table.part.book
    encoders = Encoders(book, table.columns, level="ad", days=1, whole_money=query.is_multi)
    names = shown_metrics(query)
    fixed = [name for name in names if name in ATTRIBUTES]
    moving = [encoders.encoder(name) for name in names if name not in ATTRIBUTES]
    derived = [DERIVED[name] for name in table.columns]
    frame = _frame(query, names)
    rows: list[str] = []
    for ad, lines in table.cells(offset, count):
        written = [_escaped(json.dumps(attribute(name, book, ad, moment), ensure_ascii=False)) for name in fixed]
        row = frame % (*(ad.id for name in query.dimensions if name in IDS), *written)
        for day, cell in lines:
            sums: Sums = (*cell, *[cell[source] * rate // 10_000 for source, rate in derived]) if derived else cell
            rows.append(row % (day_text(day), *[encode(sums) for encode in moving]))
    return rows


def _frame(query: Query, names: tuple[str, ...]) -> str:
    """A row with two kinds of gaps: those filled once for an ad, and those filled for each of its days."""
    dimensions = ",".join(f'"{name}":"%s"' if name in IDS else f'"{name}":"%%s 00:00:00"' for name in query.dimensions)
    metrics = ",".join(f'"{name}":%s' if name in ATTRIBUTES else f'"{name}":"%%s"' for name in names)
    return f'{{"dimensions":{{{dimensions}}},"metrics":{{{metrics}}}}}'


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def records(query: Query, table: Summed, lines: list[Line], moment: int) -> list[dict[str, Any]]:
    """The general way: one dictionary for each line."""
    names, known = shown_metrics(query), {}
    found = []
    for line in lines:
        key = id(line.book)
        if line.book is not None and key not in known:
            known[key] = {name: table.encoders(line.book).encoder(name) for name in names if name not in ATTRIBUTES}
        metrics: dict[str, str] = {}
        for name in names:
            if name in ATTRIBUTES:
                metrics[name] = _attribute(query, name, line, moment)
            elif line.book is None:
                metrics[name] = _over_accounts(table, name, line)
            else:
                metrics[name] = str(known[key][name](line.sums))
        found.append({"dimensions": {name: dimension_value(name, line, query) for name in query.dimensions}, "metrics": metrics})
    return found


def _attribute(query: Query, name: str, line: Line, moment: int) -> str:
    if line.book is None:
        return "0" if name in MULTI else ABSENT
    return attribute(name, line.book, line.entity, moment) if query.id_dimension is not None or query.is_multi else ABSENT


def _over_accounts(table: Summed, name: str, line: Line) -> str:
    """Over several ad accounts without an id: counts add up, money of several currencies does not."""
    if name in MONEY or name in MONEY_RATIOS or name in {"total_purchase_value", "complete_payment_roas"}:
        return ABSENT
    return str(table.encoders(table.any_book).encoder(name)(line.sums))


def totals(query: Query, table: AdDays | Summed, book: Book | None) -> dict[str, str]:
    """The sum over every row, not only the page's; what belongs to one row is "-"."""
    sums = table.total_sums()
    if isinstance(table, Summed) and book is not None:
        encoders = table.encoders(book)
    else:
        assert book is not None
        encoders = Encoders(book, table.columns, level="advertiser", days=query.last - query.first + 1, whole_money=query.is_multi)
    return {
        name: ABSENT
        if name in ATTRIBUTES or (query.is_multi and (name in MONEY or name in MONEY_RATIOS))
        else str(encoders.encoder(name)(sums))
        for name in shown_metrics(query)
    }
