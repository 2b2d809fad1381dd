"""Mails about connections."""

from django.conf import settings

from agency.outlets import mail
from integrations.queries import Lost


def connection_lost(lost: Lost, *, to: str, name: str) -> mail.Message:
    """The account needs to be reconnected: told once, to those who can do it."""
    return mail.compose(
        "connection_lost",
        to=to,
        context={
            "name": name,
            "account": lost.name,
            "workspace_name": lost.workspace.name,
            "workspace_accent": lost.workspace.accent,
            "reason": lost.reason,
            "since": lost.since,
            "open_url": f"{settings.APP_URL}/settings/integrations?workspace={lost.workspace.slug}",
        },
    )
