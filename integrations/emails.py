"""Mails about connections."""

from django.conf import settings

from agency.outlets import mail
from integrations.models import Connection


def connection_lost(connection: Connection, *, to: str, name: str) -> mail.Message:
    """The account needs to be reconnected: told once, to those who can do it."""
    return mail.compose(
        "connection_lost",
        to=to,
        context={
            "name": name,
            "account": connection.shown_name,
            "workspace_name": connection.workspace.name,
            "workspace_accent": connection.workspace.accent,
            "reason": connection.broken_reason,
            "since": connection.state_since,
            "open_url": _integrations_of(connection),
        },
    )


def access_removed(connection: Connection, *, to: str, name: str) -> mail.Message:
    """The account's owner took our access away in TikTok: what that ended, until when its data goes, and the way back."""
    return mail.compose(
        "access_removed",
        to=to,
        context={
            "name": name,
            "account": connection.shown_name,
            "workspace_name": connection.workspace.name,
            "workspace_accent": connection.workspace.accent,
            "removed_at": connection.tiktok_revoked_at,
            "deletes_on": connection.delete_data_on,
            "open_url": _integrations_of(connection),
        },
    )


def _integrations_of(connection: Connection) -> str:
    return f"{settings.APP_URL}/settings/integrations?workspace={connection.workspace.slug}"
