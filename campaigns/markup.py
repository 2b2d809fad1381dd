"""Owns the markup of the lines of the Campaigns table, which has hundreds of cells. Texts come worded from campaigns/tables.py."""

from collections.abc import Iterable

from django.utils.safestring import SafeString

from agency.outlets.markup import joined, put
from campaigns.tables import Cell, Row, Total
from campaigns.wording import Standing


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
    return joined(
        put('<td data-l="{0}"><span class="muted" title="{1}">–<span class="sr"> {1}</span></span></td>', cell.label, cell.reason)
        if cell.reason
        else put('<td data-l="{}"><span>{}<small>{}</small></span></td>', cell.label, cell.text, cell.note)
        if cell.note
        else put('<td data-l="{}">{}</td>', cell.label, cell.text)
        for cell in cells
    )
