"""Reading the Campaigns page as people do: its table, line by line, and its key figures; and its exports."""

import csv
import io
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client

from integrations.models import AdAccount


class _Tables(HTMLParser):
    """Every table as rows of cells; what is only for those who listen is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[dict[str, list[list[str]]]] = []
        self._part, self._cell, self._hidden = "", False, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append({"thead": [], "tbody": [], "tfoot": []})
        elif tag in {"thead", "tbody", "tfoot"}:
            self._part = tag
        elif tag == "tr":
            self.tables[-1][self._part].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][self._part][-1].append("")
            self._cell = True
        elif self._hidden or (tag == "span" and ("class", "sr") in attrs) or tag == "small":
            self._hidden += tag in {"span", "small"}

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._cell = False
        elif tag in {"span", "small"} and self._hidden:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if self._cell and not self._hidden:
            self.tables[-1][self._part][-1][-1] += data.strip()


def tables_of(answer: HttpResponse) -> list[dict[str, list[list[str]]]]:
    """The tables of a page."""
    parser = _Tables()
    parser.feed(answer.content.decode())
    return parser.tables


def _widened(row: list[str], width: int) -> list[str]:
    """A line that says in one cell that there is nothing has a dash for each figure."""
    return row if len(row) == width else row[:-1] + ["–"] * (width - len(row) + 1)


def shown(client: Client, ad_account: AdAccount, **query: Any) -> tuple[list[dict[str, str]], dict[str, str]]:
    """Lines and total of the table, by the words of its head. All pages."""
    rows: list[dict[str, str]] = []
    for page in range(1, 100):
        asked = {"account": str(ad_account.pk), **query, "page": page}
        answer = client.get("/campaigns?" + urlencode(asked))
        assert answer.status_code == 200, answer.content[:2000]
        table = tables_of(answer)[-1]
        head = [cell.rstrip(" ↓↑") for cell in table["thead"][0]]
        rows += [dict(zip(head, _widened(row, len(head)), strict=True)) for row in table["tbody"]]
        total = dict(zip(head, table["tfoot"][0], strict=True)) if table["tfoot"] else {}
        if b'rel="next"' not in answer.content:
            return rows, total
    raise AssertionError("the pages never end")


def exported(client: Client, name: str, ad_account: AdAccount, **query: Any) -> list[dict[str, str]]:
    """The lines of an export in CSV."""
    answer = client.get(f"/exports/of/{name}?" + urlencode({"account": str(ad_account.pk), **query}))
    assert answer.status_code == 200, answer.content[:1000]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))
