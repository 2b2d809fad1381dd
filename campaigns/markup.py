"""Owns the markup of the lines of the Campaigns table, which has hundreds of cells. Texts come worded from campaigns/tables.py."""

from collections.abc import Iterable
from functools import cache
from html import escape

from django.utils.safestring import SafeString

from agency.outlets.markup import joined, ours, put
from campaigns.controls import Option
from campaigns.tables import Cell, Head, Row, Total
from campaigns.wording import Standing


def column_ticks(options: Iterable[Option]) -> SafeString:
    """Which columns a table can have, each with a box to tick."""
    tick = '<label class="choice"><input type="checkbox" name="columns" value="{}"{}>{}</label>'
    return joined(put(tick, option.value, _CHECKED if option.current else "", option.label) for option in options)


def head_cells(heads: Iterable[Head]) -> SafeString:
    """The heads of the columns. One that sorts is a link, and the one that does says which way."""
    return joined(put('<th scope="col"{}{}>{}</th>', _FIGURE if h.is_figure else "", _sorted(h), _named(h)) for h in heads)


_CHECKED, _FIGURE = ours(" checked"), ours(' class="n"')
_WAYS = {"descending": ours('<span aria-hidden="true">↓</span>'), "ascending": ours('<span aria-hidden="true">↑</span>')}


def _sorted(head: Head) -> str:
    return put(' aria-sort="{}"', head.sorted) if head.sorted else ""


def _named(head: Head) -> SafeString:
    return put('<a href="{}">{}{}</a>', head.href, head.label, _WAYS.get(head.sorted, "")) if head.href else put("{}", head.label)


def line_rows(rows: Iterable[Row]) -> SafeString:
    """Campaigns, ad groups, ads or ad accounts. Below 46 rem every line becomes a short list: the label comes from data-l."""
    return joined(
        put(
            '<tr><th scope="row">{}{}{}</th>{}{}{}</tr>',
            _linked(row.name, row.href),
            put("<small>{}</small>", row.detail) if row.detail else "",
            put("<small>{}</small>", _linked(row.post, row.post_href)) if row.post else "",
            _standing(row.standing) if row.standing else "",
            _cells(row.cells),
            put('<td class="never" colspan="{}">Not shown in these days</td>', row.idle_cells) if row.idle_cells else "",
        )
        for row in rows
    )


def total_rows(totals: Iterable[Total], has_standing: bool) -> SafeString:
    """What all lines add up to, one line for each currency."""
    line = '<tr><th scope="row">{}<small>{}</small></th>' + ("<td></td>" if has_standing else "") + "{}</tr>"
    return joined(put(line, total.name, total.note, _cells(total.cells)) for total in totals)


def _linked(text: str, href: str) -> SafeString:
    return put('<a href="{}">{}</a>', href, text) if href else put("{}", text)


def _standing(standing: Standing) -> SafeString:
    """A normal one is a dot and a word; only trouble is a tag."""
    if standing.tone not in ("good", "off"):
        return put('<td><span class="tag {}">{}</span></td>', standing.tone, standing.word)
    return put('<td><span class="st"><i class="dot{}"></i>{}</span></td>', " off" if standing.tone == "off" else "", standing.word)


def _cells(cells: Iterable[Cell]) -> SafeString:
    return joined(f'<td data-l="{_label(cell.label)}">{_content(cell)}</td>' for cell in cells)


_label = cache(escape)  # of a column: there are no more than columns


def _content(cell: Cell) -> str:
    if cell.reason:
        return put('<span class="muted" title="{0}">–<span class="sr"> {0}</span></span>', cell.reason)
    return put("<span>{}<small>{}</small></span>", cell.text, cell.note) if cell.note else escape(cell.text)
