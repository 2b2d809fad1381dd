"""Every mail with the context its sender gives it."""

from datetime import UTC, date, datetime
from typing import Any

from agency.outlets import charts, figures
from tests.look import samples

OPERATOR = {"operator_name": "Logic Target LLC", "operator_place": "Walnut, CA, USA", "product_name": "Logic Target Agency Platform"}


def weekly_report(**changes: Any) -> dict[str, Any]:
    report = samples.report(**changes)
    return {
        "report": report,
        "workspace_name": "Brass Studio",
        "workspace_mark": "BS",
        "workspace_accent": "teal",
        "subject": "Week 21 · Brass Studio: 1.42M views (+18.7%)",
        "handles": "@brassorbit3",
        "open_url": "https://app.example/reports/2026-W21?workspace=brass-studio",
        "stop_url": "https://app.example/mail/stop/abc",
        "settings_url": "https://app.example/settings/mail",
        "privacy_url": "https://app.example/privacy",
        "why": "You get this every Monday because you are a client admin of Brass Studio.",
        "chart_cid": "views",
        "chart_alt": charts.news(report["chart"].points, "Views per day"),
        "day_cells": [
            {"label": figures.weekday(p.date), "value": figures.short(None if p.now is None else int(p.now))}
            for p in report["chart"].points
        ],
    }


MAILS: dict[str, Any] = {
    "weekly_report": weekly_report,
    "invitation": lambda: {
        "workspace_name": "Brass & Sons",
        "inviter": "Maya Reyes",
        "role_label": "Client viewer",
        "open_url": "https://app.example/invitations/abc",
        "expires_at": datetime(2026, 6, 1, tzinfo=UTC),
    },
    "connection_lost": lambda: {
        "name": "Maya Reyes",
        "account": "@brassorbit3",
        "workspace_name": "Brass Studio",
        "workspace_accent": "violet",
        "reason": "Access was ended in TikTok.",
        "since": datetime(2026, 5, 22, 8, 0, tzinfo=UTC),
        "open_url": "https://app.example/settings/integrations?workspace=brass-studio",
    },
    "grant_ends": lambda: {
        "name": "Maya Reyes",
        "account": "@brassorbit3",
        "workspace_name": "Brass Studio",
        "workspace_accent": "violet",
        "ends_at": datetime(2027, 5, 22, 8, 0, tzinfo=UTC),
        "open_url": "https://app.example/settings/integrations?workspace=brass-studio",
    },
    "access_removed": lambda: {
        "name": "Maya Reyes",
        "account": "@brassorbit3",
        "workspace_name": "Brass Studio",
        "workspace_accent": "violet",
        "removed_at": datetime(2026, 5, 22, 8, 0, tzinfo=UTC),
        "deletes_on": date(2026, 8, 20),
        "open_url": "https://app.example/settings/integrations?workspace=brass-studio",
    },
    "account/password_reset_key": lambda: {"password_reset_url": "https://app.example/password/reset/1-abc"},
    "account/unknown_account": lambda: {"email": "sam@brass.example"},
}
