"""What this app holds about an account: the connection, how its sync stands, the calls made for it, what TikTok told us unasked."""

import re

from django.db.models import QuerySet

from agency.models import DueWork
from integrations.models import (
    AdAccount,
    ApiCall,
    Avatar,
    Connection,
    ConsentRequest,
    Notice,
    PendingRevocation,
    SyncRun,
    WebhookEvent,
)

_DISTINCT_FROM = 12  # letters from which on a plain word is taken for a name


def handle_patterns(handle: str) -> list[str]:
    """Regular expressions, for PostgreSQL and for Python, that find a handle in what people write: with its @, and plain if no word of
    everyday language looks like it."""
    here = rf"{re.escape(handle)}(?![a-z0-9_.])"
    is_distinct = re.search(r"[0-9_.]", handle) is not None or len(handle) >= _DISTINCT_FROM
    return [f"@{here}", f"(?<![a-z0-9_.]){here}"] if is_distinct else [f"@{here}"]


def rows_of(connection: Connection) -> tuple[QuerySet, ...]:
    """Children before parents."""
    ours = {"workspace_id": connection.workspace_id, "connection_id": connection.pk}
    ad_accounts, events = AdAccount.objects.filter(**ours), WebhookEvent.objects.filter(**ours)
    notices = Notice.objects.filter(**ours)
    return (
        DueWork.objects.filter(ref__in=ad_accounts.values("pk")),
        DueWork.objects.filter(ref__in=events.values("pk")),
        DueWork.objects.filter(ref__in=notices.values("pk")),
        notices,
        Avatar.objects.filter(**ours),
        ApiCall.objects.filter(**ours),
        SyncRun.objects.filter(**ours),
        ad_accounts,
        events,
        PendingRevocation.objects.filter(**ours),
        ConsentRequest.objects.filter(**ours),
        Connection.objects.filter(workspace_id=connection.workspace_id, pk=connection.pk),
    )
