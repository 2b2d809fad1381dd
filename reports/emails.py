"""The Monday mail."""

from datetime import date
from email.utils import formataddr

from django.conf import settings

from agency.chrome import mark
from agency.models import Membership
from agency.outlets import charts, figures, mail
from agency.roles import Role
from reports import actions, presentation
from reports.content import Content

_WHY = {
    Role.CLIENT_ADMIN: "You get this every Monday because you are a client admin of {workspace}.",
    Role.CLIENT_VIEWER: "You get this every Monday because you are a client viewer of {workspace}.",
    Role.CREATOR: "You get this because a post of your account is in this week's report of {workspace}.",
}


def weekly_report(content: Content, membership: Membership) -> mail.Message:
    """One report to one person. The picture is embedded; nothing is fetched and nothing tracks."""
    workspace, report = membership.workspace, presentation.shown(content)
    stop_url = f"{settings.APP_URL}/email/stop/{actions.stop_token(membership)}"
    chart = report.chart
    context = {
        "report": report,
        "headline": presentation.headline(content),
        "subject": presentation.subject(content),
        "workspace_name": workspace.name,
        "workspace_mark": mark(workspace.name),
        "workspace_accent": workspace.accent,
        "handles": ", ".join(map(presentation.plain, content.accounts)),
        "open_url": f"{settings.APP_URL}/reports/{content.week}?workspace={workspace.slug}",
        "stop_url": stop_url,
        "settings_url": f"{settings.APP_URL}/settings/account",
        "why": _WHY[membership.as_role].format(workspace=workspace.name),
        "aggregate_line": presentation.AGGREGATES_ONLY,
        "chart_cid": "views" if chart else "",
        "chart_alt": chart.news if chart else "",
        "day_cells": [{"label": f"{date.fromisoformat(d.date):%a}", "value": figures.short(d.views)} for d in content.days],
    }
    return mail.compose(
        "weekly_report",
        to=membership.person.email,
        context=context,
        pictures=(mail.Picture("views", charts.day_chart_png(chart.points)),) if chart else (),
        headers={
            "List-Unsubscribe": f"<{stop_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            # formataddr quotes or encodes the words and leaves the id readable; a header encoded whole would hide it.
            "List-Id": formataddr(
                (mail.header_text(f"Weekly reports of {workspace.name}"), f"{workspace.slug}.reports.{settings.MAIL_DOMAIN}")
            ),
        },
    )
