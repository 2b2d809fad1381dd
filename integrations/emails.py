"""Mails about connections."""

from collections.abc import Sequence

from django.conf import settings

from agency.models import Workspace
from agency.outlets import mail
from integrations.models import Connection
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
            "open_url": _integrations_of(lost.workspace),
        },
    )


def grant_ends(connection: Connection, *, to: str, name: str) -> mail.Message:
    """TikTok's consent will end for good: told once and in time, to those who can give it anew."""
    return mail.compose(
        "grant_ends",
        to=to,
        context={
            "name": name,
            "account": connection.shown_name,
            "workspace_name": connection.workspace.name,
            "workspace_accent": connection.workspace.accent,
            "ends_at": connection.refresh_expires_at,
            "open_url": _integrations_of(connection.workspace),
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
            "open_url": _integrations_of(connection.workspace),
        },
    )


def alarms(sentences: Sequence[str]) -> mail.Message:
    """To whoever runs the platform: what somebody should look at, all of it in one mail."""
    return mail.compose(
        "alarms",
        to=settings.OPERATIONS_CONTACT,
        context={"sentences": sentences, "open_url": f"{settings.APP_URL}/settings/health"},
    )


def _integrations_of(workspace: Workspace) -> str:
    return f"{settings.APP_URL}/settings/integrations?workspace={workspace.slug}"
