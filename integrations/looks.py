"""The daily look at an advertiser's consent. Its token has no end and nothing to renew, so asking is how a revocation, or an ad account
that was taken out of it, is noticed. Runs in the bound workspace, outside transactions.
"""

from uuid import UUID

from agency import scope
from integrations import actions, ad_accounts, ad_consent, vault
from integrations.models import Connection
from integrations.tiktok.errors import ReconnectNeeded


def look(connection_id: UUID) -> int | None:
    """Ask once which ad accounts the token opens. Returns how many were lost, None when there is no such live consent any more.

    Raises TikTokError and KeyServiceError when nothing was learned; ReconnectNeeded has already marked the connection broken.
    """
    with scope.begin():
        connection = Connection.objects.live().of_advertisers().filter(pk=connection_id).first()
    if connection is None:
        return None
    try:
        opened = ad_consent.opened_by(vault.access_token(connection).access_token)
    except ReconnectNeeded as error:
        with scope.begin():
            actions.mark_broken(connection, reason=error.sentence)
        raise
    with scope.begin():
        return ad_accounts.confirm(connection, {one.advertiser_id for one in opened})
