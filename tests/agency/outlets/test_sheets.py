"""Tables leave as CSV and XLSX: numbers stay numbers, nobody's text is run, nothing is nothing, and any number of rows fits."""

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agency.outlets import sheets
from agency.outlets.sheets import Cell, Column, Definition, Sheet

NOW = datetime(2026, 5, 25, 9, tzinfo=UTC)
EVERY = (
    Column("name", "Campaign"),
    Column("shown", "Impressions", "count"),
    Column("ctr", "CTR", "rate"),
    Column("spend", "Spend", "money", "USD"),
    Column("on", "Day", "date"),
    Column("at", "Synced", "moment"),
    Column("watched", "Watched", "seconds"),
)
ROW: tuple[Cell, ...] = (
    "Lens kit", 284_600, 0.0184, Decimal("1827.130000"), date(2026, 5, 18), datetime(2026, 5, 25, 2, tzinfo=timezone(-timedelta(hours=7))),
    8.25,
)  # fmt: skip
NOTHING: tuple[Cell, ...] = (None,) * len(EVERY)


def csv_of(columns: tuple[Column, ...], rows: Iterable[Sequence[Cell]]) -> str:
    return b"".join(sheets.csv_stream(Sheet("Some", columns, rows))).decode("utf-8")


def book_of(*tables: Sheet, definitions: Sequence[Definition] = ()) -> Any:
    data = b"".join(sheets.xlsx_stream(tables, definitions, made_at=NOW))
    return openpyxl.load_workbook(io.BytesIO(data))


def test_csv_has_a_mark_units_in_its_head_and_plain_figures() -> None:
    assert csv_of(EVERY, [ROW, NOTHING]) == (
        "\ufeffCampaign,Impressions,CTR,Spend (USD),Day,Synced (UTC),Watched (s)\r\n"
        "Lens kit,284600,0.0184,1827.13,2026-05-18,2026-05-25 09:00:00,8.25\r\n"
        ",,,,,,\r\n"
    )


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (Decimal(0), "0"), (Decimal("1E+3"), "1000"), (Decimal("-3.50"), "-3.5"), (Decimal(1) / 3, "0.333333"),
        (Decimal("12345678901234.123456"), "12345678901234.123456"), (Decimal("0.0000005"), "0.000001"),
    ],
)  # fmt: skip
def test_money_is_written_in_full_and_to_six_decimals(amount: Decimal, written: str) -> None:
    assert csv_of((Column("m", "Money", "money", "USD"),), [(amount,)]).splitlines()[1] == written


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1"])
def test_text_that_a_spreadsheet_would_run_is_made_text(start: str) -> None:
    hostile = f'{start}"|cmd,\nand more'
    (row,) = list(csv.reader(io.StringIO(csv_of((Column("t", "Text"),), [(hostile,)]).split("\r\n", 1)[1], newline="")))
    assert row == [f"'{hostile}"]
    assert csv_of((Column("t", start),), []).lstrip('\ufeff"').startswith("'")
    page = book_of(Sheet("Some", (Column("t", "Text"),), [(hostile,)]))["Some"]
    assert page["A2"].data_type in {"s", "inlineStr"}
    assert page["A2"].hyperlink is None


def test_a_negative_number_stays_a_number() -> None:
    assert csv_of((Column("n", "Change", "count"),), [(-5,)]).splitlines()[1] == "-5"
    assert book_of(Sheet("Some", (Column("n", "Change", "count"),), [(-5,)]))["Some"]["A2"].value == -5


def test_a_workbook_holds_types_a_frozen_head_and_what_its_columns_mean() -> None:
    meaning = Definition("CTR", "rate", "Clicks / impressions", "Reporting", "11 hours later", "No impressions")
    book = book_of(Sheet("Campaigns: May [18/24]", EVERY, [ROW, NOTHING]), definitions=[meaning])
    assert book.sheetnames == ["Campaigns  May  18 24", "Definitions"]
    page = book.worksheets[0]
    assert page.freeze_panes == "A2"
    assert [cell.value for cell in page[1]] == [column.head for column in EVERY]
    assert [cell.value for cell in page[2]][:4] == ["Lens kit", 284_600, 0.0184, 1827.13]
    assert [cell.value.isoformat() for cell in page[2][4:6]] == ["2026-05-18T00:00:00", "2026-05-25T09:00:00"]
    assert [cell.number_format for cell in page[2]][:4] == ["@", "#,##0", "0.00%", "#,##0.00"]
    assert all(cell.value is None for cell in page[3]), "missing is empty and never 0"
    assert [cell.value for cell in book["Definitions"][2]] == [
        "CTR", "rate", "Clicks / impressions", "Reporting", "11 hours later", "No impressions",
    ]  # fmt: skip


def test_a_workbook_runs_nothing_and_leads_nowhere() -> None:
    rows = [("=HYPERLINK(A1)",), ("https://elsewhere.example",), ("mailto:a@b.example",), ("12",), ("{=SUM(A1)}",)]
    data = b"".join(sheets.xlsx_stream([Sheet("Some", (Column("t", "Text"),), rows)], made_at=NOW))
    page = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in page
    assert "hyperlink" not in page
    read = openpyxl.load_workbook(io.BytesIO(data))["Some"]
    assert [read.cell(line, 1).value for line in range(2, 7)] == [row[0] for row in rows]


def test_currencies_without_cents_show_none() -> None:
    columns = (Column("s", "Spend", "money", "JPY"),)
    page = book_of(Sheet("Some", columns, [(Decimal(642),)]))["Some"]
    assert page["A1"].value == "Spend (JPY)"
    assert page["A2"].number_format == "#,##0"


def test_a_number_beyond_fifteen_digits_is_not_rounded_behind_anybodys_back() -> None:
    page = book_of(Sheet("Some", (Column("n", "Views", "count"),), [(2**53 + 1,), (10**14,)]))["Some"]
    assert (page["A2"].value, page["A3"].value) == ("9007199254740993", 10**14)


def test_a_text_longer_than_a_cell_says_that_it_was_cut() -> None:
    page = book_of(Sheet("Some", (Column("t", "Text"),), [("x" * 40_000,), ("𝕏" * 20_000,), ("y" * 30_000,)]))["Some"]
    assert page["A2"].value.endswith("x…")
    assert page["A3"].value.endswith("𝕏…")
    assert page["A4"].value == "y" * 30_000


def test_a_table_longer_than_a_sheet_goes_on_in_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "_MOST_ROWS", 11)
    columns = (Column("n", "Number", "count"),)
    book = book_of(Sheet("Days", columns, ((n,) for n in range(25))), Sheet("days", columns, [(1,)]))
    assert book.sheetnames == ["Days", "Days (2)", "Days (3)", "days (4)"]
    found = [page.cell(line, 1).value for page in book.worksheets[:3] for line in range(2, page.max_row + 1)]
    assert found == list(range(25))
    assert {page.cell(1, 1).value for page in book.worksheets} == {"Number"}


def test_any_number_of_rows_passes_through_the_same_small_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def peak(number: int) -> tuple[int, int]:
        rows = ((f"Ad {n}", n, n / number, Decimal(n) / 100, date(2026, 5, 18), NOW, 1.5) for n in range(number))
        tracemalloc.start()
        size = sum(map(len, sheets.csv_stream(Sheet("Days", EVERY, rows))))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return size, most

    small, large = peak(2_000), peak(20_000)
    assert large[0] > 9 * small[0]
    assert large[1] < 1.5 * small[1]
    whole = sheets.xlsx_stream([Sheet("Days", EVERY, [ROW] * 3)], made_at=NOW)
    next(whole)
    assert len(list(tmp_path.iterdir())) == 1
    whole.close()
    assert list(tmp_path.iterdir()) == [], "nothing stays on the disk, even when nobody takes the whole file"


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=40), min_size=1, max_size=4))
def test_whatever_the_text_a_reader_of_csv_finds_it_again(texts: list[str]) -> None:
    columns = tuple(Column(str(n), f"Column {n}") for n in range(len(texts)))
    data = csv_of(columns, [texts])
    _, row = list(csv.reader(io.StringIO(data.removeprefix("\ufeff"), newline="")))
    assert [cell.removeprefix("'") for cell in row] == [text.removeprefix("'") for text in texts]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\0")) for cell in row)
