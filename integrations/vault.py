"""The only source of usable tokens. Owns sealing and opening them under the connection's own key; never sends them anywhere.

Key service and keystore are reached outside database transactions: seal first, then write.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from agency import clock
from agency.keyring import data_key, key_refs, keyring
from agency.sealing import Binding, CannotOpen, KeyDestroyed, seal, unseal
from agency.secret import Secret
from integrations.models import Connection, ConsentRequest, PendingRevocation, connection_key_ref, revocation_key_ref
from integrations.tiktok.advertisers import AdvertiserGrant
from integrations.tiktok.errors import ReconnectNeeded
from integrations.tiktok.oauth import TokenGrant


class Unreadable(ReconnectNeeded):
    """Our copy of the tokens does not open: altered, moved to another place, or its key is gone. Only a new consent mends that."""

    sentence = "We can no longer open our access to this account. Connect the account again."


@dataclass(frozen=True)
class Usable:
    """An access token with what a call must know. Lives in memory only, for one run."""

    connection_id: UUID
    generation: int
    open_id: str
    access_token: Secret
    expires_at: datetime | None  # None: until somebody ends the consent


@dataclass(frozen=True)
class SealedGrant:
    """What a connection's row keeps of a grant. An advertiser's has one token, and no end."""

    access_token_sealed: bytes
    refresh_token_sealed: bytes | None
    access_expires_at: datetime | None
    refresh_expires_at: datetime | None
    token_refreshed_at: datetime


def seal_grant(grant: TokenGrant | AdvertiserGrant, *, workspace_id: UUID, connection_id: UUID, generation: int) -> SealedGrant:
    """Seal a grant for the row it will be stored in. A row, a column or a generation it was not sealed for cannot open it."""
    return _sealed(grant, data_key(connection_key_ref(connection_id, generation), create=True), workspace_id, connection_id, generation)


def sealer(connection: Connection) -> Callable[[TokenGrant], SealedGrant]:
    """Seals the next tokens of a connection. The key is in hand from here on: what TikTok has issued must not be lost to a key service
    that stopped answering, and a key destroyed meanwhile must not come back. For the length of one call."""
    try:
        key = data_key(connection.key_ref)
    except KeyDestroyed:
        raise Unreadable from None
    return lambda grant: _sealed(grant, key, connection.workspace_id, connection.pk, connection.generation)


def _sealed(grant: TokenGrant | AdvertiserGrant, key: bytes, workspace_id: UUID, connection_id: UUID, generation: int) -> SealedGrant:
    now = clock.now()

    def sealed(token: Secret, column: str) -> bytes:
        return seal(key, token.reveal().encode(), _binding(workspace_id, connection_id, generation, column))

    access_token_sealed = sealed(grant.access_token, "access_token_sealed")
    if isinstance(grant, AdvertiserGrant):
        return SealedGrant(access_token_sealed, None, None, None, token_refreshed_at=now)
    return SealedGrant(
        access_token_sealed=access_token_sealed,
        refresh_token_sealed=sealed(grant.refresh_token, "refresh_token_sealed"),
        access_expires_at=now + timedelta(seconds=grant.expires_in_seconds),
        refresh_expires_at=now + timedelta(seconds=grant.refresh_expires_in_seconds),
        token_refreshed_at=now,
    )


def access_token(connection: Connection) -> Usable:
    """The connection's access token, opened. Raises Unreadable, which says nothing of why."""
    return Usable(
        connection_id=connection.pk,
        generation=connection.generation,
        open_id=connection.tiktok_open_id,
        access_token=_open(connection, "access_token_sealed"),
        expires_at=connection.access_expires_at,
    )


def refresh_token(connection: Connection) -> Secret:
    """The connection's refresh token, opened. TikTok kills it the moment it is used."""
    return _open(connection, "refresh_token_sealed")


def _open(connection: Connection, column: str) -> Secret:
    binding = _binding(connection.workspace_id, connection.pk, connection.generation, column)
    try:
        return Secret(unseal(data_key(connection.key_ref), bytes(getattr(connection, column) or b""), binding).decode())
    except (CannotOpen, KeyDestroyed):
        raise Unreadable from None


def _binding(workspace_id: UUID, connection_id: UUID, generation: int, column: str) -> Binding:
    return Binding(
        workspace=str(workspace_id),
        subject=f"connection:{connection_id}",
        table="integrations_connection",
        column=column,
        row=str(connection_id),
        generation=generation,
        purpose="tiktok token",
    )


# --- the verifier of a consent under way ---------------------------------------------------------------------------------


def seal_verifier(verifier: Secret, *, workspace_id: UUID, request_id: UUID) -> bytes:
    """Sealed under the workspace's key: the connection does not exist yet."""
    return seal(data_key(f"workspace:{workspace_id}", create=True), verifier.reveal().encode(), _verifier_binding(workspace_id, request_id))


def open_verifier(request: ConsentRequest) -> Secret:
    """The verifier that belongs to the challenge which was sent."""
    key = data_key(f"workspace:{request.workspace_id}")
    return Secret(unseal(key, bytes(request.verifier_sealed), _verifier_binding(request.workspace_id, request.pk)).decode())


def _verifier_binding(workspace_id: UUID, request_id: UUID) -> Binding:
    return Binding(
        workspace=str(workspace_id),
        subject=f"workspace:{workspace_id}",
        table="integrations_consentrequest",
        column="verifier_sealed",
        row=str(request_id),
        generation=0,
        purpose="pkce verifier",
    )


# --- tokens that only remain to be revoked ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Condemned:
    """Tokens that nobody may use for anything but revoking. Without a refresh token, the access token has no end."""

    access_token: Secret
    refresh_token: Secret | None
    access_expires_at: datetime | None

    def has_run_out(self, now: datetime) -> bool:
        """Whether TikTok would no longer take the access token."""
        return self.access_expires_at is not None and now >= self.access_expires_at


def condemn(connection: Connection, *, revocation_id: UUID) -> bytes:
    """Seal a connection's tokens anew, under a key that outlives the connection's by at most a day."""
    access = _open(connection, "access_token_sealed")
    refresh = _open(connection, "refresh_token_sealed") if connection.refresh_token_sealed else None
    key = data_key(revocation_key_ref(revocation_id), create=True)
    return _condemned(key, access, refresh, connection.access_expires_at, _revocation_binding(connection.workspace_id, revocation_id))


def condemn_again(revocation: PendingRevocation, grant: TokenGrant) -> bytes:
    """Seal what a last renewal brought: the pair before it is dead."""
    expires_at = clock.now() + timedelta(seconds=grant.expires_in_seconds)
    binding = _revocation_binding(revocation.workspace_id, revocation.pk)
    return _condemned(data_key(revocation.key_ref), grant.access_token, grant.refresh_token, expires_at, binding)


def _condemned(key: bytes, access: Secret, refresh: Secret | None, access_expires_at: datetime | None, binding: Binding) -> bytes:
    parts = {
        "access": access.reveal(),
        "refresh": refresh.reveal() if refresh else None,
        "access_expires_at": access_expires_at.isoformat() if access_expires_at else None,
    }
    return seal(key, json.dumps(parts).encode(), binding)


def condemned(revocation: PendingRevocation) -> Condemned:
    """Open them again, for the revoke job."""
    text = unseal(data_key(revocation.key_ref), bytes(revocation.token_sealed), _revocation_binding(revocation.workspace_id, revocation.pk))
    parts = json.loads(text)
    return Condemned(
        Secret(parts["access"]),
        Secret(parts["refresh"]) if parts["refresh"] else None,
        datetime.fromisoformat(parts["access_expires_at"]) if parts["access_expires_at"] else None,
    )


def _revocation_binding(workspace_id: UUID, revocation_id: UUID) -> Binding:
    return Binding(
        workspace=str(workspace_id),
        subject=f"revocation:{revocation_id}",
        table="integrations_pendingrevocation",
        column="token_sealed",
        row=str(revocation_id),
        generation=0,
        purpose="revocation",
    )


def destroy_key(ref: str) -> bool:
    """Make everything sealed under a key unreadable, here and in backups. True when there was one."""
    return keyring().destroy(ref)


def destroy_older_keys(connection: Connection) -> None:
    """Destroy the keys of every generation before the connection's present one."""
    prefix = connection_key_ref(connection.pk, 0).removesuffix("0")
    for ref in key_refs(prefix):  # those that still exist, however often the account was reconnected
        if int(ref.removeprefix(prefix)) < connection.generation:
            destroy_key(ref)
