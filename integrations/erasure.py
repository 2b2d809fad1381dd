"""What this app holds about an account: the connection, how its sync stands, the calls made for it, what TikTok told us unasked."""

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
