"""Revoking tokens at TikTok after a disconnect, and destroying the keys. Owns the tries and when to give up; runs outside transactions."""

import logging
from uuid import UUID

from agency import clock, jobs, scope
from agency.sealing import KeyDestroyed
from integrations import vault
from integrations.gateway import app, transport
from integrations.models import Connection, PendingRevocation
from integrations.tiktok import oauth
from integrations.tiktok.errors import ReconnectNeeded, TikTokError
from integrations.tiktok.transport import Transport

logger = logging.getLogger(__name__)


def revoke_now(connection_id: UUID, *, patience_seconds: float | None = None) -> bool:
    """Destroy the connection's key, then have its tokens revoked. True when nothing remains to be done.

    `patience_seconds` bounds how long a page waits for TikTok; a job waits the usual deadline.
    """
    vault.destroy_key(f"connection:{connection_id}")
    with scope.begin():
        pending = PendingRevocation.objects.filter(connection_id=connection_id).first()
    if pending is None:
        return True
    wire = transport()
    if patience_seconds is not None:
        wire = Transport(wire.base_urls, now=clock.now, total_deadline_seconds=patience_seconds)
    try:
        _revoke(wire, pending)
        confirmed = True
    except KeyDestroyed:
        confirmed = False  # the key went in an earlier try that died before the row did
    except TikTokError as error:
        logger.warning("revocation not confirmed: %s", error)
        if clock.now() < pending.give_up_at:
            return False
        confirmed = False
    finally:
        if patience_seconds is not None:
            wire.close()
    vault.destroy_key(pending.key_ref)
    with scope.begin():
        PendingRevocation.objects.filter(pk=pending.pk).delete()
        if confirmed:
            Connection.objects.filter(pk=connection_id, state=Connection.State.DISCONNECTED).update(tiktok_revoked_at=clock.now())
        jobs.drop("revoke", ref=connection_id)
    return True


def _revoke(wire: Transport, pending: PendingRevocation) -> None:
    """TikTok wants a live access token: one that has run out is renewed for this last call."""
    tokens = vault.condemned(pending)
    access_token = tokens.access_token
    try:
        if clock.now() >= tokens.access_expires_at:
            access_token = oauth.refresh_grant(wire, app(), refresh_token=tokens.refresh_token).value.access_token
        oauth.revoke(wire, app(), access_token=access_token)
    except ReconnectNeeded:
        return  # dead already, which is what we wanted
