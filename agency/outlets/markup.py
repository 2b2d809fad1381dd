"""Owns the markup of small parts that a page repeats: icons, links, key figures, lines of tables. Texts come formatted, and are escaped.

As templates they took most of a page's time, which looks up every value of every line by its name. The parts around them are templates,
and whatever stands once on a page.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from html import escape
from typing import Any, Final, Protocol
from xml.etree import ElementTree

from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

from agency import clock
from agency.outlets import charts, figures
from agency.outlets.parts import NO_DATA, AccountRow, Chart, Delta, Kpi, NavItem, PostRow
from agency.paths import path_of

# Our meaning -> the name it has in lucide. Names change between its releases; this is the only place that knows them.
ICONS: Final[Mapping[str, str]] = {
    "account": "user-round",
    "alert": "triangle-alert",
    "back": "chevron-left",
    "brand": "tag",
    "campaigns": "megaphone",
    "chart": "chart-line",
    "check": "check",
    "close": "x",
    "community": "message-square",
    "creators": "users-round",
    "delete": "trash-2",
    "down": "chevron-down",
    "go": "chevron-right",
    "health": "activity",
    "hide": "eye-off",
    "info": "info",
    "keys": "keyboard",
    "like": "heart",
    "more": "ellipsis",
    "out": "external-link",
    "people": "users-round",
    "plug": "plug",
    "privacy": "shield-check",
    "publishing": "pencil-line",
    "refresh": "refresh-cw",
    "save": "download",
    "report": "file-text",
    "search": "search",
    "show": "eye",
    "sign_out": "log-out",
    "spark": "sparkle",
    "workspaces": "building-2",
}


def ours(text: str) -> SafeString:
    """Markup of our own: written here, or drawn from numbers and escaped labels; never somebody's text."""
    return mark_safe(text)  # noqa: S308 # nosec


def put(markup: str, *texts: Any, **named: Any) -> SafeString:
    """Our markup with texts put into it, escaped unless they are markup too: Django's `format_html`, five times as quick."""
    return SafeString(markup.format(*map(_escaped, texts), **{name: _escaped(text) for name, text in named.items()}))  # nosec


def _escaped(text: Any) -> str:
    return text if isinstance(text, SafeString) else escape(str(text))


def joined(parts: Iterable[str]) -> SafeString:
    """Pieces of markup one after the other."""
    return SafeString("".join(parts))  # nosec


@cache
def icon(meaning: str) -> SafeString:
    """An inline drawing for one of our meanings; decoration only, the words stand beside it."""
    shapes = []
    for shape in ElementTree.fromstring(lucide(ICONS[meaning])):  # nosec B314  # noqa: S314 - a file of an installed package
        attributes = "".join(f' {key}="{value}"' for key, value in shape.attrib.items())
        shapes.append(f"<{shape.tag}{attributes}/>")
    return ours(f'<svg class="i" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{"".join(shapes)}</svg>')


def avatar(src: str, mark: str) -> SafeString:
    """An account's picture, or its monogram. Decoration: the name stands beside it."""
    if src:
        return put('<img class="mono round" src="{}" alt="" width="28" height="28">', src)
    return put('<span class="mono round" aria-hidden="true">{}</span>', mark)


def ago(then: datetime, style: str = "long") -> SafeString:
    """How long since a moment, as <time> with UTC in its title; ages in the open tab."""
    age = figures.ago(then, clock.now(), short=style == "short")
    shown = '<time datetime="{}" title="{}" data-ago="{}">{}</time>'
    return put(shown, then.isoformat(timespec="seconds"), figures.moment_text(then), style, age)


# --- links and lists ------------------------------------------------------------------------------------------------------

_HERE: Final = ours(' aria-current="page"')
_SELECTED: Final = ours(" selected")


def nav_links(items: Iterable[NavItem]) -> SafeString:
    """The ways to other pages, each with its icon and with how much waits there."""
    return joined(
        put('<a href="{}"{}>{}{}{}</a>', item.href, _HERE if item.current else "", icon(item.icon), item.label, _waiting(item.count))
        for item in items
    )


def _waiting(count: int) -> str:
    return put('<span class="count">{}<span class="sr"> waiting</span></span>', figures.count(count)) if count else ""


def tab_links(items: Iterable[NavItem]) -> SafeString:
    """The same below a small screen."""
    link = '<a href="{}"{}>{}<span>{}</span></a>'
    return joined(put(link, item.href, _HERE if item.current else "", icon(item.icon), item.label) for item in items)


class Choosable(Protocol):
    """One entry of a list to choose from."""

    value: str
    label: str
    current: bool


def option_list(options: Iterable[Choosable]) -> SafeString:
    """What a select offers."""
    return joined(put('<option value="{}"{}>{}</option>', one.value, _SELECTED if one.current else "", one.label) for one in options)


def hidden_inputs(pairs: Iterable[tuple[str, str]], *left_out: str) -> SafeString:
    """What a form keeps of its page's address."""
    return joined(put('<input type="hidden" name="{}" value="{}">', name, value) for name, value in pairs if name not in left_out)


# --- key figures ----------------------------------------------------------------------------------------------------------

_ARROWS: Final = {
    "up": ours('<svg viewBox="0 0 8 8" aria-hidden="true" focusable="false"><path d="M0 7L4 1l4 6z"/></svg>'),
    "down": ours('<svg viewBox="0 0 8 8" aria-hidden="true" focusable="false"><path d="M0 1l4 6 4-6z"/></svg>'),
}
_CHOSEN: Final = ours(' aria-current="true"')
_ASKS: Final = ours(' class="ask"')


def kpi_list(kpis: Iterable[Kpi]) -> SafeString:
    """Key figures, each a way to its chart where it has one."""
    linked = '<li><a class="kpi" href="{}"{}>\n  <span class="label">{}</span>\n  {}\n</a></li>\n'
    plain = '<li><div class="kpi">\n  <span class="label">{}</span>\n  {}\n</div></li>\n'
    return joined(
        put(linked, kpi.href, _CHOSEN if kpi.current else "", kpi.label, _value(kpi)) if kpi.href else put(plain, kpi.label, _value(kpi))
        for kpi in kpis
    )


def _value(kpi: Kpi) -> SafeString:
    if kpi.state != "ok":
        asks = _ASKS if kpi.state == "not_granted" and kpi.href else ""
        return put('<span class="value muted">–</span><small{}>{}</small>', asks, kpi.reason)
    shortened = '<span class="value" title="{0}">{1}<span class="sr">, in full {0}</span></span>'
    value = put(shortened, kpi.full, kpi.value) if kpi.full != kpi.value else put('<span class="value">{}</span>', kpi.value)
    gap = put('<small class="muted">{}</small>', kpi.gap) if kpi.gap else ""
    chip = delta_chip(kpi.delta, kpi.note, kpi.note_ok)
    return put('{}\n  <span class="row">{}{}</span>{}', value, chip, ours(charts.spark(kpi.spark)), gap)


def delta_chip(delta: Delta | None, note: str = "", note_ok: bool = False) -> str:
    """A change against a base, or in its place a note. Nothing without either."""
    if delta:
        said = put('<span class="sr"> {}</span>', delta.said) if delta.said else ""
        return put('<span class="delta {}">{}{}{}</span>', delta.tone, _ARROWS.get(delta.arrow, ""), delta.text, said)
    return put('<span class="delta note-only">{}{}</span>', icon("check") if note_ok else "", note) if note else ""


def connection_rows(rows: Iterable[AccountRow], can_refresh: bool, csrf_token: object) -> SafeString:
    """Connected accounts, each with how it stands and, for those who may, a way to have it read anew."""
    token = put('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', csrf_token)
    return joined(
        put(
            '<div class="who">{}<span><strong>{}</strong><small>{}</small></span></div>{}',
            avatar(row.avatar_url, row.mark),
            row.shown,
            _standing(row),
            put(_REFRESH, path_of("refresh_now", row.public_id), token, row.shown) if can_refresh and row.state == "live" else "",
        )
        for row in rows
    )


_REFRESH: Final = (
    '<form method="post" action="{}">{}<input type="hidden" name="from" value="performance">'
    '<button class="btn wide" type="submit">Refresh now<span class="sr"> {}</span></button></form>'
)


def _standing(row: AccountRow) -> SafeString:
    if row.state != "live":
        return put("{}", row.state_text)
    refreshed = put("Token refreshed {} · ", ago(row.token_refreshed_at, "short")) if row.token_refreshed_at else ""
    return put('{}<span class="keep">Scopes: {}</span>', refreshed, row.scopes_granted)


# --- lines of tables ------------------------------------------------------------------------------------------------------

_PICTURE: Final = '<img class="thumb" src="{}" alt="" width="32" height="43" loading="lazy">'
_TITLE: Final = ('<span class="title">{1}</span>', '<a class="title" href="{0}">{1}</a>')
_POST: Final = (
    '<tr><td><div class="post">{thumb}<div>{title}<small class="sub">{posted}<span class="more"> · {engagement} engaged · {watched} watched'
    '</span></small></div></div></td><td class="opt">{posted}</td><td class="n"><span{full}>{views}</span>{share}{note}</td>'
    '<td class="n extra">{engagement}</td><td class="n extra">{watched}</td></tr>'
)


def post_rows(rows: Iterable[PostRow]) -> SafeString:
    """Posts. Below 544 px the lesser columns fold into a line under the title: each fact once on the page."""
    return joined(
        put(
            _POST,
            thumb=put(_PICTURE, row.thumb) if row.thumb else put('<span class="thumb" aria-hidden="true">{}</span>', row.rank),
            title=put(_TITLE[bool(row.href)], row.href, row.title),
            posted=row.posted,
            engagement=row.engagement,
            watched=row.watch_through,
            full=put(' title="{}"', row.views_full) if row.views_full != row.views else "",
            views=row.views,
            share=share_bar(row.share),
            note=put("<small>{}</small>", row.note) if row.note else "",
        )
        for row in rows
    )


def share_bar(share: float) -> SafeString:
    """A bar below a figure: its part of the longest one."""
    return put(
        '<svg class="share" viewBox="0 0 72 4" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect width="72" height="4"/><rect width="{}" height="4"/></svg>',
        round(72 * min(max(share, 0), 1), 1),
    )


_MAY_RISE: Final = ours(' <span class="muted small">may still rise</span>')


def chart_rows(chart: Chart) -> SafeString:
    """A chart's points in words, each beside the same day of the period before where there is one."""
    idle, gap = (put('– <span class="muted">{}</span>', why) for why in (chart.idle, "no data" if chart.gap == NO_DATA else chart.gap))

    def lines() -> Iterator[str]:
        for point in chart.points:
            now = None if point.state == "missing" else point.now
            figure = idle if point.state == "idle" else gap if now is None else escape(charts.in_full(now, chart.form))
            rises = _MAY_RISE if point.state == "provisional" and now is not None else ""
            before = ""
            if chart.legend_before:
                then, change = escape(charts.in_full(point.before, chart.form)), figures.change(now, point.before)
                before = f"<td>{then}</td><td>{change}</td>"
            yield f'<tr><th scope="row">{escape(point.label)}{rises}</th><td>{figure}</td>{before}</tr>'

    return joined(lines())
