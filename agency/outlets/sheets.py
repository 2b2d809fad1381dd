"""How tables leave as files: CSV and XLSX, row by row, so that any number of rows passes through the same small memory.

A table is columns and rows. A column says what its cells are, so that a number stays a number and nobody's text becomes a formula, a link
or a date. A cell that has no figure is empty and never 0. Owns how cells are written; never where rows come from, nor who may have them.

    count     whole numbers
    rate      from 0 to 1: 0.0184 in CSV, 1.84% in XLSX
    money     amounts of the column's currency, which stands in its head; a column whose rows differ in currency needs one that names it
    date      a day, in whatever zone the table says
    moment    an instant; both files give it in UTC
    seconds   lengths, in seconds
"""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from agency.outlets import figures

Kind = Literal["text", "count", "rate", "money", "date", "moment", "seconds"]
Cell = str | int | float | Decimal | date | datetime | UUID | None
CSV_TYPE: Final = "text/csv; charset=utf-8"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# What spreadsheets run, or skip before they run what follows; the wide forms count as well where they are typed.
_RUN: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
_CHUNK: Final = 64 * 1024
_MOST_ROWS: Final = 1_048_576  # of a sheet, its head included
_LONGEST_TEXT: Final = 32_000  # units of UTF-16
_MOST_EXACT: Final = 10**15  # spreadsheets keep fifteen digits
_PLACES: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `key` is for code, `title` for people."""

    key: str
    title: str
    kind: Kind = "text"
    currency: str = ""

    @property
    def head(self) -> str:
        """What stands above it, with the unit that its cells leave out."""
        unit = {"money": self.currency, "moment": "UTC", "seconds": "s"}.get(self.kind, "")
        return f"{self.title} ({unit})" if unit else self.title


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table. `rows` is gone through once; every row has a cell for each column."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Definition:
    """What a column means, as the sheet "Definitions" says it."""

    name: str
    unit: str
    meaning: str
    source: str
    final: str
    missing: str


# --- CSV ------------------------------------------------------------------------------------------------------------------


def csv_stream(sheet: Sheet) -> Iterator[bytes]:
    """The table as CSV in pieces of some 64 KB.

    UTF-8 with its mark at the front: without it Excel takes the file for the code page of its country and spoils every name that is not
    English; everything else that reads CSV skips the mark. Lines end as RFC 4180 has it.
    """
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_harmless(column.head) for column in sheet.columns])
    written = [_CSV[column.kind] for column in sheet.columns]
    for row in sheet.rows:
        writer.writerow([None if cell is None else write(cell) for write, cell in zip(written, row, strict=True)])
        if out.tell() > _CHUNK:
            yield out.getvalue().encode("utf-8", "replace")
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode("utf-8", "replace")


def _harmless(cell: Any) -> str:
    text = str(cell)
    return f"'{text}" if text.startswith(_RUN) else text


def _amount(cell: Any) -> Decimal:
    """Up to six decimals, which is what money is kept with; a cost per click may have any number of them."""
    exact = cell if isinstance(cell, Decimal) else Decimal(str(cell))
    return exact if exact == exact.quantize(_PLACES, ROUND_HALF_UP) else exact.quantize(_PLACES, ROUND_HALF_UP)


def _plain(amount: Decimal) -> str:
    return format(amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount.normalize(), "f")


def _moment(cell: datetime) -> datetime:
    return cell.astimezone(UTC).replace(tzinfo=None)


_CSV: Final[dict[Kind, Callable[[Any], str]]] = {
    "text": _harmless,
    "count": lambda cell: str(int(cell)),
    "rate": lambda cell: _plain(_amount(cell)),
    "money": lambda cell: _plain(_amount(cell)),
    "date": lambda cell: cell.isoformat(),
    "moment": lambda cell: _moment(cell).isoformat(sep=" ", timespec="seconds"),
    "seconds": lambda cell: _plain(_amount(cell)),
}


# --- XLSX -----------------------------------------------------------------------------------------------------------------


def xlsx_stream(sheets: Sequence[Sheet], definitions: Sequence[Definition] = (), *, made_at: datetime) -> Iterator[bytes]:
    """The tables as one workbook in pieces of 64 KB; what the columns mean stands on a sheet of its own.

    The workbook grows in a folder that only this process can read and that goes with it; nothing of it stays on the disk. A table longer
    than a sheet goes on in the next one.
    """
    with tempfile.TemporaryDirectory(prefix="sheets-") as folder:
        path = Path(folder) / "book.xlsx"
        options = {
            "constant_memory": True, "tmpdir": folder, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
            "use_zip64": True,
        }  # fmt: skip
        with Workbook(str(path), options) as book:
            book.set_properties({"created": _moment(made_at)})
            book.set_calc_mode("manual")  # there is nothing to calculate
            looks, taken = _Looks(book), set[str]()
            for sheet in sheets:
                _write(book, sheet, looks, taken)
            if definitions:
                _write(book, _as_sheet(definitions), looks, taken)
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk


class _Looks:
    """One format for each kind of cell and each currency."""

    def __init__(self, book: Workbook) -> None:
        self._book, self._known = book, dict[tuple[str, str], Format | None]()
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})

    def of(self, column: Column) -> Format | None:
        key = (column.kind, column.currency)
        if key not in self._known:
            number = {
                "count": "#,##0",
                "rate": "0.00%",
                "money": "#,##0.00" if figures.decimals(column.currency) else "#,##0",
                "date": "yyyy-mm-dd",
                "moment": "yyyy-mm-dd hh:mm:ss",
                "seconds": "#,##0.##",
                "text": "@",  # so that a text which is typed over stays one
            }[column.kind]
            self._known[key] = self._book.add_format({"num_format": number})
        return self._known[key]


def _write(book: Workbook, sheet: Sheet, looks: _Looks, taken: set[str]) -> None:
    page, line = _page(book, sheet, looks, taken), 1
    kinds = [(column.kind, looks.of(column)) for column in sheet.columns]
    for row in sheet.rows:
        if line == _MOST_ROWS:
            page, line = _page(book, sheet, looks, taken), 1
        for place, ((kind, look), cell) in enumerate(zip(kinds, row, strict=True)):
            if cell is not None:
                _put(page, line, place, kind, cell, look)
        line += 1
    page.autofilter(0, 0, max(line - 1, 1), len(sheet.columns) - 1)


def _page(book: Workbook, sheet: Sheet, looks: _Looks, taken: set[str]) -> Worksheet:
    page = book.add_worksheet(_sheet_name(sheet.name, taken))
    page.freeze_panes(1, 0)
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, _width(column))
        page.write_string(0, place, column.head, looks.head)
    return page


def _width(column: Column) -> int:
    """Cells are written once and never looked at again, so the kind says how wide they may be."""
    least = {"text": 30, "count": 13, "rate": 11, "money": 14, "date": 12, "moment": 20, "seconds": 11}[column.kind]
    return max(least, min(len(column.head) + 2, 30))


def _put(page: Worksheet, line: int, place: int, kind: Kind, cell: Any, look: Format | None) -> None:
    """A number that a spreadsheet cannot hold exactly is written as text: better no sum than a wrong one."""
    if kind in ("date", "moment"):
        page.write_datetime(line, place, _moment(cell) if kind == "moment" else cell, look)
    elif kind == "text":
        page.write_string(line, place, _fitting(str(cell)), look)
    elif abs(cell) >= _MOST_EXACT:
        page.write_string(line, place, _CSV[kind](cell), look)
    else:
        page.write_number(line, place, int(cell) if kind == "count" else float(_amount(cell)), look)


def _fitting(text: str) -> str:
    """A cell holds 32,767 units of UTF-16. What was cut shows that it was."""
    if len(text) <= _LONGEST_TEXT // 2:
        return text
    units = text.encode("utf-16-le", "replace")
    return text if len(units) <= 2 * _LONGEST_TEXT else units[: 2 * _LONGEST_TEXT].decode("utf-16-le", "ignore") + "…"


def _sheet_name(name: str, taken: set[str]) -> str:
    """At most 31 characters, without those that the format keeps to itself, and never twice."""
    whole = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", name).strip(" '") or "Sheet"
    number, found = 1, whole[:31]
    while found.lower() in taken or found.lower() == "history":
        number += 1
        tail = f" ({number})"
        found = whole[: 31 - len(tail)] + tail
    taken.add(found.lower())
    return found


def _as_sheet(definitions: Sequence[Definition]) -> Sheet:
    heads = ("Column", "Unit", "Meaning", "Source", "Final", "When it is missing")
    columns = tuple(Column(head.lower(), head) for head in heads)
    return Sheet("Definitions", columns, [(d.name, d.unit, d.meaning, d.source, d.final, d.missing) for d in definitions])
