"""Markup that is put together in Python lets no text through as markup, and says what the parts' shapes say."""

from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from agency.outlets import markup
from agency.outlets.parts import Chart, DayPoint, Delta, Kpi, NavItem, PostRow
from campaigns.controls import Option
from campaigns.markup import line_rows, total_rows
from campaigns.tables import Cell, Row, Total
from campaigns.wording import Standing

HOSTILE = """<b a='1' b="2">&amp;{0}</b>"""
DAY = date(2026, 5, 18)


class Reader(HTMLParser):
    """What a browser makes of it: elements with their attributes, and the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def kpi(**other: Any) -> Kpi:
    values = {"key": "views", "label": HOSTILE, "value": HOSTILE, "full": "in full", "delta": None, "note": HOSTILE, "note_ok": True}
    return Kpi(**(values | {"spark": (1, None, 2), "href": HOSTILE, "current": True, "gap": HOSTILE} | other))


PARTS = {
    "links": lambda: markup.nav_links([NavItem("chart", HOSTILE, HOSTILE, True, 1_200)]),
    "tabs": lambda: markup.tab_links([NavItem("chart", HOSTILE, HOSTILE)]),
    "options": lambda: markup.option_list([Option(HOSTILE, HOSTILE, True)]),
    "key figure": lambda: markup.kpi_list([kpi()]),
    "key figure without an address": lambda: markup.kpi_list([kpi(href="", full=HOSTILE)]),
    "key figure that is missing": lambda: markup.kpi_list([kpi(state="not_granted", reason=HOSTILE)]),
    "picture": lambda: markup.avatar(HOSTILE, "") + markup.avatar("", HOSTILE),
    "change": lambda: markup.delta_chip(Delta(HOSTILE, HOSTILE, "better", "up")),
    "post": lambda: markup.post_rows([PostRow(1, HOSTILE, HOSTILE, HOSTILE, HOSTILE, "full", 0.5, HOSTILE, HOSTILE, HOSTILE, HOSTILE)]),
    "post without an address": lambda: markup.post_rows([PostRow(1, HOSTILE, "", HOSTILE, "5", "5", 2.0, HOSTILE, HOSTILE)]),
    "chart": lambda: markup.chart_rows(
        Chart("", "", HOSTILE, "", "", [DayPoint(DAY, HOSTILE, n, 2, s) for n, s in POINTS], "", gap=HOSTILE, idle=HOSTILE)
    ),
    "line": lambda: line_rows([Row(HOSTILE, HOSTILE, HOSTILE, Standing(HOSTILE, "bad"), CELLS, HOSTILE, HOSTILE, 3)]),
    "line that is as usual": lambda: line_rows([Row(HOSTILE, "", "", Standing(HOSTILE, "off"), (), HOSTILE)]),
    "total": lambda: total_rows([Total(HOSTILE, HOSTILE, CELLS)], True),
}
POINTS = ((1, "final"), (3, "provisional"), (None, "missing"), (None, "idle"))
CELLS = (Cell(HOSTILE, HOSTILE), Cell(HOSTILE, HOSTILE, note=HOSTILE), Cell(HOSTILE, "", reason=HOSTILE))


@pytest.mark.parametrize("name", PARTS)
def test_no_text_becomes_markup(name: str) -> None:
    read = Reader(PARTS[name]())
    assert "b" not in {tag for tag, _ in read.elements}
    assert {key for _, attributes in read.elements for key in attributes}.isdisjoint({"a", "b"})
    assert any(HOSTILE in text for text in read.texts), "and every text is there as it came"
    links = [attributes["href"] for tag, attributes in read.elements if tag == "a"]
    assert set(links) <= {HOSTILE}


def test_markup_of_ours_stays_markup_and_everything_else_is_text() -> None:
    inner = markup.put("<i>{}</i>", "<x>")
    assert markup.put("<p>{}{}{named}</p>", inner, 5, named="'") == "<p><i>&lt;x&gt;</i>5&#x27;</p>"
    assert markup.joined([inner, inner]) == inner + inner


def test_a_change_says_its_base_and_a_note_stands_in_for_it() -> None:
    chip = Reader(markup.delta_chip(Delta("+12.5%", "from 8", "worse", "up"), "on cadence"))
    assert ("span", {"class": "delta worse"}) in chip.elements
    assert chip.texts == ["+12.5%", " from 8"]
    assert Reader(markup.delta_chip(None, "behind")).texts == ["behind"]
    assert "<svg" not in markup.delta_chip(None, "behind")
    assert "<svg" in markup.delta_chip(None, "on cadence", True)
    assert markup.delta_chip(None) == ""


def test_only_a_shortened_figure_carries_the_full_one() -> None:
    assert "in full" in markup.kpi_list([kpi(value="1.23M", full="1,234,567")])
    assert "in full" not in markup.kpi_list([kpi(value="612", full="612")])
