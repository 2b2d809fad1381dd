"""Mails of reports: the weekly report, the question to an extra address, the call to a reviewer, and what came up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from email.utils import formataddr
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from agency.chrome import mark
from agency.models import Membership, Workspace
from agency.outlets import charts, figures, mail
from agency.outlets.parts import Chart
from agency.roles import Role
from reports import addressees, delivering, presentation, queries
from reports.content import Content
from reports.models import Delivery, ExtraRecipient, StoppedMail, WeeklyReport
from reports.queries import Addressee

CHART_KEPT_SECONDS = 3600
_WHY = {
    Role.CLIENT_ADMIN: "You get this every week because you are a client admin of {workspace}.",
    Role.CLIENT_VIEWER: "You get this every week because you are a client viewer of {workspace}.",
    Role.CREATOR: "You get this because a post that concerns you is in this week's report of {workspace}.",
    None: "You get this every week because you confirmed that you want the reports of {workspace}.",
}
_LISTS = {"reports": "Weekly reports of", "reviews": "Reports to review of", "alerts": "Unusual days of"}
_WHY_TEST = "This is a test that you asked for. Nobody else got it."


def weekly_report(
    content: Content, to: Addressee, *, reply_to: str = "", delivery: Delivery | None = None, is_test: bool = False
) -> mail.Message:
    """One report to one recipient. The picture is embedded; nothing is fetched and nothing tracks."""
    workspace, report = to.workspace, presentation.shown(content)
    stop_url = "" if is_test else _stop_url(to)
    chart, subject = report.chart, presentation.subject(content)
    context = {
        "report": report,
        "headline": presentation.headline(content),
        "subject": f"Test: {subject}" if is_test else subject,
        "workspace_name": workspace.name,
        "workspace_mark": mark(workspace.name),
        "workspace_accent": workspace.accent,
        "handles": ", ".join(map(presentation.plain, content.accounts)),
        "open_url": f"{settings.APP_URL}/reports/{content.week}?workspace={workspace.slug}" if to.can_sign_in and not is_test else "",
        "stop_url": stop_url,
        "settings_url": f"{settings.APP_URL}/settings/account" if to.can_sign_in else "",
        "privacy_url": f"{settings.APP_URL}/privacy-policy",
        "why": _WHY_TEST if is_test else _WHY[to.role].format(workspace=workspace.name),
        "aggregate_line": presentation.AGGREGATES_ONLY,
        "chart_cid": "views" if chart else "",
        "chart_alt": chart.news if chart else "",
        "day_cells": [{"label": f"{date.fromisoformat(d.date):%a}", "value": figures.short(d.views)} for d in content.days],
    }
    return mail.compose(
        "weekly_report",
        to=to.email,
        context=context,
        pictures=(mail.Picture("views", _picture(chart, workspace, delivery.report_id if delivery else None)),) if chart else (),
        headers=_report_headers(to, delivery, is_test=is_test),
        reply_to=reply_to,
    )


class Edition:
    """One report on its way to many, rendered once for each kind of reader: within a kind only the address and the stop link differ."""

    def __init__(self, content: Content, *, reply_to: str = "") -> None:
        self._content, self._reply_to = content, reply_to
        self._first: dict[tuple[Role | None, bool], tuple[Addressee, mail.Message]] = {}

    def to(self, reader: Addressee, delivery: Delivery) -> mail.Message:
        """What `weekly_report` makes for this reader."""
        kind = reader.role, reader.can_sign_in
        if kind not in self._first:
            made = weekly_report(self._content, reader, reply_to=self._reply_to, delivery=delivery)
            self._first[kind] = reader, made
            return made
        other, made = self._first[kind]
        theirs, own = _stop_url(other), _stop_url(reader)
        text, html = made.text.replace(theirs, own), made.html.replace(theirs, own)
        return replace(made, to=reader.email, text=text, html=html, headers=_report_headers(reader, delivery))


def _stop_url(to: Addressee) -> str:
    return f"{settings.APP_URL}/email/stop/{addressees.stop_token(to.workspace.pk, to.ref)}"


def _report_headers(to: Addressee, delivery: Delivery | None, *, is_test: bool = False) -> dict[str, str]:
    headers = {} if is_test else _stop_headers(to.workspace, _stop_url(to))
    return headers | ({"X-Message-Ref": delivering.ref_of(delivery)} if delivery else {})


def _picture(chart: Chart, workspace: Workspace, report_id: UUID | None) -> bytes:
    """The chart of a report, drawn once for all of its recipients. Without the cache it is drawn again."""
    if report_id is None:
        return charts.day_chart_png(chart.points)
    key = f"{workspace.pk}:report-chart:{report_id}"
    try:
        kept = cache.get(key)
        if kept is None:
            kept = charts.day_chart_png(chart.points)
            cache.set(key, kept, CHART_KEPT_SECONDS)
    except RedisError:
        return charts.day_chart_png(chart.points)
    return bytes(kept)


def report_waits(report: WeeklyReport, to: Membership) -> mail.Message:
    """To a reviewer: which report waits, until when, and what happens then. It holds no figures: who reads those leaves a trace."""
    workspace, week = to.workspace, report.as_week
    stop_url = f"{settings.APP_URL}/email/stop/{addressees.stop_token(workspace.pk, to.pk, StoppedMail.Kind.REVIEW)}"
    return mail.compose(
        "report_waits",
        to=to.person.email,
        context={
            "name": to.person.name,
            "workspace_name": workspace.name,
            "workspace_mark": mark(workspace.name),
            "workspace_accent": workspace.accent,
            "week": f"Week {week.number}",
            "range": figures.day_range(week.monday, week.sunday),
            "goes_at": _local_text(report.goes_at, workspace),
            "planned_at": _local_text(report.slot_at, workspace),
            "open_url": f"{settings.APP_URL}/reports/{report.week}?workspace={workspace.slug}",
            "stop_url": stop_url,
        },
        headers=_stop_headers(workspace, stop_url, kind="reviews"),
    )


@dataclass(frozen=True)
class Entry:
    """One thing in a mail of several."""

    title: str
    text: str
    href: str


def alerts(to: Membership, entries: Sequence[Entry], days: Sequence[Entry]) -> mail.Message:
    """Everything that came up in a while, in one mail: connections, and unusual days. The latter can be stopped with one click; that a
    connection needs them, people go on hearing."""
    workspace, count = to.workspace, len(entries) + len(days)
    stop_url = f"{settings.APP_URL}/email/stop/{addressees.stop_token(workspace.pk, to.pk, StoppedMail.Kind.UNUSUAL)}" if days else ""
    return mail.compose(
        "alerts",
        to=to.person.email,
        context={
            "name": to.person.name,
            "workspace_name": workspace.name,
            "workspace_mark": mark(workspace.name),
            "workspace_accent": workspace.accent,
            "entries": [*entries, *days],
            "count": count,
            "headline": (entries or days)[0].title if count == 1 else f"{count} things to know about {workspace.name}",
            "stop_url": stop_url,
        },
        headers=_stop_headers(workspace, stop_url, kind="alerts") if stop_url else {},
    )


def _local_text(moment: datetime | None, workspace: Workspace) -> str:
    """`Monday, June 1, 09:00 PDT`, in the workspace's zone."""
    if moment is None:
        return ""
    local = queries.local(moment, workspace)
    return f"{local:%A}, {figures.day(local.date())}, {local:%H:%M %Z}"


def _stop_headers(workspace: Workspace, stop_url: str, *, kind: str = "reports") -> dict[str, str]:
    list_id = f"{workspace.slug}.{kind}.{settings.MAIL_DOMAIN}"
    return {
        "List-Unsubscribe": f"<{stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        # formataddr quotes or encodes the words and leaves the id readable; a header encoded whole would hide it.
        "List-Id": formataddr((mail.header_text(f"{_LISTS[kind]} {workspace.name}"), list_id)),
    }


def confirm_recipient(extra: ExtraRecipient, workspace: Workspace, *, asked_by: str) -> mail.Message:
    """Asks an address whether it wants the reports. Without an answer nothing else is sent there."""
    return mail.compose(
        "confirm_recipient",
        to=extra.email,
        context={
            "workspace_name": workspace.name,
            "workspace_mark": mark(workspace.name),
            "workspace_accent": workspace.accent,
            "asked_by": asked_by,
            "open_url": f"{settings.APP_URL}/email/confirm/{addressees.confirm_token(extra)}",
            "expires_at": extra.asked_at + addressees.CONFIRM_WITHIN,
        },
    )
