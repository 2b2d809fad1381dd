"""What this app holds about an account: everything that TikTok told us of it and of its ad accounts."""

from django.db.models import QuerySet

from integrations.models import Connection
from metrics.models import (
    Account,
    AccountAudience,
    AccountDay,
    ActiveHours,
    Ad,
    AdAccountDay,
    AdCampaign,
    AdDay,
    AdGroup,
    AdSum,
    GainedDay,
    Mention,
    Post,
    PostAudience,
    PostSnapshot,
)  # fmt: skip


def rows_of(connection: Connection) -> tuple[QuerySet, ...]:
    """Children before parents."""
    here = {"workspace_id": connection.workspace_id}
    of_account = here | {"account__connection_id": connection.pk}
    of_ads = here | {"ad_account__connection_id": connection.pk}
    return (
        PostSnapshot.objects.filter(**here, post__account__connection_id=connection.pk),
        PostAudience.objects.filter(**here, post__account__connection_id=connection.pk),
        Post.objects.filter(**of_account),
        GainedDay.objects.filter(**of_account),
        # What they added to the days of their brand and workspace goes with them, by the tables' own triggers.
        AccountDay.objects.filter(**of_account),
        AccountAudience.objects.filter(**of_account),
        ActiveHours.objects.filter(**of_account),
        Mention.objects.filter(**of_account),
        Account.objects.filter(**here, connection_id=connection.pk),
        AdDay.objects.filter(**of_ads),
        AdSum.objects.filter(**of_ads),
        AdAccountDay.objects.filter(**of_ads),
        Ad.objects.filter(**of_ads),
        AdGroup.objects.filter(**of_ads),
        AdCampaign.objects.filter(**of_ads),
    )
