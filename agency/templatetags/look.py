"""Template tags and filters that show: icons, figures, dates, charts. They format what a view decided and compute nothing of their own."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

from django import template
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.forms import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString

from agency import clock
from agency.outlets import charts, design, figures, markup
from agency.outlets.parts import Chart, DayPoint, Operator
from agency.paths import path_of

register = template.Library()

register.simple_tag(markup.ago)
register.simple_tag(markup.avatar)
register.simple_tag(markup.chart_rows)
register.simple_tag(markup.connection_rows)
register.simple_tag(markup.delta_chip)
register.simple_tag(markup.hidden_inputs)
register.simple_tag(markup.icon)
register.simple_tag(markup.kpi_list)
register.simple_tag(markup.nav_links)
register.simple_tag(markup.option_list)
register.simple_tag(markup.post_rows)
register.simple_tag(markup.share_bar)
register.simple_tag(markup.tab_links)
register.simple_tag(path_of, name="path")


@register.simple_tag
def tiktok_sign_in_is_offered() -> bool:
    """Whether the sign-in page leads to TikTok too."""
    return bool(settings.TIKTOK_LOGIN_KEY)


@register.simple_tag
def operator() -> Operator:
    """Who runs this installation."""
    return Operator(
        product=settings.PRODUCT_NAME,
        mark=monogram(settings.PRODUCT_NAME),
        company_line=f"{settings.OPERATOR_NAME}, {settings.OPERATOR_PLACE}",
        privacy_email=settings.PRIVACY_CONTACT,
        security_email=settings.SECURITY_CONTACT,
    )


register.filter("count", figures.count)
register.filter("day", figures.day)
register.filter("long_day", figures.long_day)


@register.filter
def full_day(value: date | None) -> str:
    """May 25, 2026."""
    return figures.day(value, year=True)


@register.filter
def date_of(value: datetime) -> str:
    """The date of a moment, in UTC: May 25, 2026."""
    return figures.day(value.astimezone(UTC).date(), year=True)


@register.filter
def as_json(value: Any) -> str:
    """For a data- attribute, which escapes it."""
    return json.dumps(value, cls=DjangoJSONEncoder)


@register.filter
def last_day(end: datetime) -> date:
    """The last whole day before an end that is a midnight, in UTC."""
    return (end.astimezone(UTC) - timedelta(seconds=1)).date()


@register.filter
def moment(value: datetime) -> str:
    """May 25, 2026, 14:02:09, in UTC, for tables whose head says so."""
    return f"{date_of(value)}, {value.astimezone(UTC):%H:%M:%S}"


@register.filter
def clock_time(value: datetime) -> str:
    """14:02 UTC."""
    return figures.time_text(value)


@register.simple_tag
def server_now() -> str:
    """The instant of rendering, so that ages in the tab follow our clock and not the visitor's."""
    return clock.now().isoformat(timespec="seconds")


@register.simple_tag
def day_chart(chart: Chart, size: str) -> SafeString:
    """The drawing of a chart, "wide" or "slim"; the style sheet swaps them so that type keeps its size."""
    width, height = (720, 232) if size == "wide" else (372, 220)
    return markup.ours(charts.day_chart(chart.points, width=width, height=height, form=chart.form, gap=chart.gap))


@register.filter
def figure(value: float | None, form: str) -> str:
    """A chart's figure in full, for the table beside it."""
    return charts.in_full(value, form)


@register.filter
def change(point: DayPoint) -> str:
    """A day against the same day a period earlier."""
    return figures.change(None if point.state == "missing" else point.now, point.before)


@register.simple_tag
def mail_palette(accent: str) -> dict[str, design.Shade]:
    """The palette for a mail in a workspace's accent, keyed for templates ("ink_2")."""
    return {name.replace("-", "_"): shade for name, shade in design.TOKENS.items()} | {"accent": design.accent(accent)}


@register.filter
def percent(share: float) -> int:
    """A part from 0 to 1 as a whole percentage, for the cells that draw bars in a mail."""
    return round(100 * min(max(share, 0), 1))


@register.filter
def monogram(name: str | None) -> str:
    """Two letters for a name without a picture; nothing for nobody."""
    name = name or ""
    words = [word for word in name.split() if word[0].isalnum()]
    return ("".join(word[0] for word in words[:2]) if len(words) > 1 else name.strip()[:2]).upper()


@register.filter
def underline(text: str) -> str:
    """The rule below a heading of a text mail."""
    return "-" * len(text)


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The input of a form field with our class for its kind. Django itself ties it to its hint and its error."""
    kind = getattr(field.field.widget, "input_type", "textarea")
    # A placeholder repeats the label in grey and vanishes when it is needed.
    attributes: dict[str, str | bool] = {"placeholder": False}
    if kind not in ("checkbox", "radio"):
        attributes["class"] = "input"
    return field.as_widget(attrs=attributes)


@register.filter
def kind_of(field: BoundField) -> str:
    """Which look a field gets: "checkbox", "radio", "select" or "text"."""
    kind = getattr(field.field.widget, "input_type", "text")
    return kind if kind in ("checkbox", "radio", "select") else "text"


@register.filter
def qr(drawing: str) -> SafeString:
    """The two-factor code as inline SVG without the colours and sizes it came with; a data: picture would need a wider policy."""
    root = ElementTree.fromstring(drawing)  # nosec B314  # noqa: S314 - drawn by us a moment ago
    path = next(part for part in root.iter() if part.tag.endswith("path"))
    return format_html(
        '<svg class="qr" viewBox="{}" role="img" aria-label="QR code for the authenticator app"><path d="{}"/></svg>',
        root.attrib["viewBox"],
        path.attrib["d"],
    )
