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


_DELETION = {
    "reference": "LT-4F7K-22",
    "account": "@brassorbit3",
    "workspace_name": "Brass & Sons",
    "status_url": "https://app.example/data-deletion/LT-4F7K-22",
    "cancel_url": "https://app.example/settings/deletions/0f8fad5b-d9cb-469f-a165-70867728950e",
    "open_url": "https://app.example/privacy/runs/0f8fad5b-d9cb-469f-a165-70867728950e",
    "privacy_contact": "privacy@logictarget.online",
    "run_at": datetime(2026, 5, 26, 2, 0, tzinfo=UTC),
    "due_at": datetime(2026, 6, 24, 9, 0, tzinfo=UTC),
    "done_at": datetime(2026, 5, 26, 2, 1, tzinfo=UTC),
    "expires_at": datetime(2026, 5, 28, 9, 0, tzinfo=UTC),
    "places": ["metrics_post", "caught mails"],
    "sentence": "Something is left in metrics_post, caught mails.",
}

MAILS: dict[str, Any] = {
    "correction": lambda: {
        "reference": "LT-4F7K-22",
        "state": "refused",
        "said": "My name is written with a y.",
        "answer": "It is written as TikTok reports it; change it in TikTok, and it follows within an hour.",
        "due_at": datetime(2026, 6, 24, 9, 0, tzinfo=UTC),
        "privacy_contact": "privacy@logictarget.online",
        "status_url": "https://app.example/settings/corrections",
    },
    "person_copy_ready": lambda: {
        "rows_count": 412,
        "expires_at": datetime(2026, 5, 26, 9, 4, tzinfo=UTC),
        "open_url": "https://app.example/settings/account/copy",
    },
    "archive_ready": lambda: {
        "account": "@brassorbit3",
        "rows_count": 18412,
        "expires_at": datetime(2026, 5, 26, 9, 0, tzinfo=UTC),
        "open_url": "https://app.example/settings/archives/0f8fad5b-d9cb-469f-a165-70867728950e",
    },
    "promise_broken": lambda: {
        "titles": ["Not kept: Backups rotate out after 35 days"],
        "open_url": "https://app.example/privacy/promises",
    },
    **{
        f"deletion_{name}": lambda: dict(_DELETION)
        for name in ("confirm", "nothing_held", "scheduled", "cancelled", "refused", "done", "run_failed")
    },
    "weekly_report": weekly_report,
    "alerts": lambda: {
        "name": "Maya Reyes",
        "workspace_name": "Brass Studio",
        "workspace_mark": "BS",
        "workspace_accent": "teal",
        "headline": "2 things to know about Brass Studio",
        "count": 2,
        "entries": [
            {
                "title": "@brassorbit3 needs to be reconnected",
                "text": "TikTok ended the access. Since May 24, 09:00 UTC nothing new arrives.",
                "href": "https://app.example/settings/integrations?workspace=brass",
            },
            {
                "title": "@moontideco2: 48,200 views on Thursday, May 21, 2026",
                "text": "That is more than usual (+301.7%): the 8 Thursdays before it had a median of 12,000 views. The day is final.",
                "href": "https://app.example/performance?workspace=brass&from=2026-05-21&to=2026-05-21",
            },
        ],
        "stop_url": "https://app.example/email/stop/abc",
    },
    "report_waits": lambda: {
        "name": "Alex Rivers",
        "workspace_name": "Brass Studio",
        "workspace_mark": "BS",
        "workspace_accent": "teal",
        "week": "Week 21",
        "range": "May 18 – May 24",
        "goes_at": "Monday, May 25, 09:00 PDT",
        "planned_at": "Monday, May 25, 09:00 PDT",
        "open_url": "https://app.example/reports/2026-W21?workspace=brass",
        "stop_url": "https://app.example/email/stop/abc",
    },
    "invitation": lambda: {
        "workspace_name": "Brass & Sons",
        "inviter": "Maya Reyes",
        "role_label": "Client viewer",
        "open_url": "https://app.example/invitations/abc",
        "expires_at": datetime(2026, 6, 1, tzinfo=UTC),
    },
    "second_factor_reset": lambda: {
        "name": "Maya Reyes",
        "at": datetime(2026, 6, 1, 9, tzinfo=UTC),
        "security_email": "security@example.org",
        "open_url": "https://app.example/two-factor",
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
