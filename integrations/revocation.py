"""Ending connections: leaving here at once, having the tokens revoked at TikTok, and destroying the keys.

Owns the tries and when to give up; runs in the bound workspace, outside transactions.
"""

import logging
from uuid import UUID, uuid4

from agency import clock, scope
from agency.key_service import KeyServiceError
from agency.models import Membership
from agency.sealing import CannotOpen, KeyDestroyed
from agency.secret import Secret
from integrations import actions, queries, vault
from integrations.gateway import app, transport
from integrations.models import Connection, PendingRevocation, revocation_key_ref
from integrations.tiktok import advertisers, oauth
from integrations.tiktok.errors import ReconnectNeeded, TikTokError
from integrations.tiktok.transport import Transport

logger = logging.getLogger(__name__)


def end(connection: Connection, *, by: Membership | None, patience_seconds: float | None = None) -> None:
    """End a connection. It is over here whatever TikTok and the key service say; ending it again changes nothing."""
    revocation_id = uuid4()
    sealed = _condemn(connection, revocation_id)
    with scope.begin():
        actions.disconnect(connection, by=by, revocation_id=revocation_id, token_sealed=sealed)
        is_wanted = PendingRevocation.objects.filter(pk=revocation_id).exists()
    if not is_wanted:  # somebody else was quicker, or another workspace holds the account
        vault.destroy_key(revocation_key_ref(revocation_id))
    revoke_now(connection.pk, patience_seconds=patience_seconds)


def _condemn(connection: Connection, revocation_id: UUID) -> bytes | None:
    """The tokens, sealed for revoking only; None when they cannot be opened or sealed now, so that leaving always works."""
    try:
        return vault.condemn(connection, revocation_id=revocation_id) if connection.access_token_sealed else None
    except (vault.Unreadable, KeyServiceError) as error:
        logger.warning("tokens cannot be revoked: %s", error, extra={"facts": {"connection": str(connection.pk)}})
        return None


def revoke_now(connection_id: UUID, *, patience_seconds: float | None = None) -> bool:
    """Destroy the keys of what has ended, then have its tokens revoked. True when nothing remains to be done.

    `patience_seconds` bounds how long a page waits for TikTok; a job waits the usual deadline.
    """
    with scope.begin():
        connection = Connection.objects.filter(pk=connection_id).first()
        if connection is None:
            return True
        pending = PendingRevocation.objects.filter(connection=connection).first()
        # Asked anew at every try: to TikTok there is one consent per account, and revoking would end the other workspace's too.
        is_shared = queries.is_in_use_elsewhere(connection)
    vault.destroy_older_keys(connection)
    if pending is None:
        with scope.begin():
            actions.forget_unchosen(connection)
        return True
    is_confirmed = False
    try:
        if not is_shared:
            _revoke(connection, pending, patience_seconds)
            is_confirmed = True
    except (KeyDestroyed, CannotOpen):
        logger.warning("tokens to revoke cannot be opened", extra={"facts": {"connection": str(connection_id)}})
    except (TikTokError, KeyServiceError) as error:
        logger.warning("revocation not confirmed: %s", error)
        if clock.now() < pending.give_up_at:
            return False
    vault.destroy_key(pending.key_ref)
    with scope.begin():
        PendingRevocation.objects.filter(pk=pending.pk).delete()
        if is_confirmed:
            Connection.objects.filter(pk=connection_id, state=Connection.State.DISCONNECTED).update(tiktok_revoked_at=clock.now())
        actions.forget_unchosen(connection)
    return True


def _revoke(connection: Connection, pending: PendingRevocation, patience_seconds: float | None) -> None:
    """TikTok wants a live access token: one that has run out is renewed for this last call."""
    tokens = vault.condemned(pending)
    access_token, has_run_out = tokens.access_token, tokens.has_run_out(clock.now())
    revoke = advertisers.revoke_advertiser_token if connection.kind == Connection.Kind.ADVERTISER else oauth.revoke
    wire = transport()
    if patience_seconds is not None:
        calls_count = 2 if has_run_out else 1
        wire = Transport(wire.base_urls, now=clock.now, total_deadline_seconds=patience_seconds / calls_count)
    try:
        if has_run_out:
            access_token = _last_renewal(wire, pending, tokens)
        revoke(wire, app(), access_token=access_token)
    except ReconnectNeeded:
        return  # dead already, which is what we wanted
    finally:
        if patience_seconds is not None:
            wire.close()


def _last_renewal(wire: Transport, pending: PendingRevocation, tokens: vault.Condemned) -> Secret:
    """Kept before it is used: if TikTok then fails, the next try needs this pair, for the one before it is dead."""
    assert tokens.refresh_token is not None, "what runs out can be renewed"
    grant = oauth.refresh_grant(wire, app(), refresh_token=tokens.refresh_token).value
    sealed = vault.condemn_again(pending, grant)
    with scope.begin():
        PendingRevocation.objects.filter(pk=pending.pk).update(token_sealed=sealed)
    return grant.access_token
