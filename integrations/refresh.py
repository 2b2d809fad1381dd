"""Refreshing tokens. TikTok kills the old refresh token the moment it issues a new one, so one process at a time may refresh,
and the answer is on disk before anything else happens to it.

Claim (compare and set) -> call, once and with a total deadline -> journal, sealed and fsynced -> save where the generation still
holds -> drop the journal entry. A worker that died in between is found by its stale claim: the journal is read first.
"""

import json
import logging
import os
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings

from agency import clock, scope, telemetry
from agency.key_service import KeyServiceError
from integrations import actions, vault
from integrations.gateway import app, transport_for_tokens
from integrations.models import Connection
from integrations.tiktok import oauth
from integrations.tiktok.errors import ReconnectNeeded, TikTokError

logger = logging.getLogger(__name__)
_STATES = Connection.Refresh


def stale_after() -> timedelta:
    """How old a claim must be before its worker counts as dead: more than twice the total deadline of a call."""
    return timedelta(seconds=settings.LEASE_SECONDS + 5)


def refresh(connection_id: UUID, *, knowing: datetime | None = None) -> bool:
    """Refresh one connection in the bound workspace. False when somebody else is at it or there is nothing to refresh.

    `knowing`: from when the tokens are that somebody found too old. Newer ones are what was wanted, and TikTok is not asked.

    Raises TikTokError when TikTok did not give new tokens; ReconnectNeeded has already marked the connection broken. KeyServiceError means
    that TikTok was not asked.
    """
    with scope.begin():
        connection = Connection.objects.live().filter(pk=connection_id).first()
        if connection is None:
            return False
        if knowing is not None and connection.token_refreshed_at > knowing:
            return True
        if connection.refresh_state == _STATES.IN_FLIGHT and clock.now() - connection.refresh_started_at < stale_after():
            return False
        was_stale = connection.refresh_state == _STATES.IN_FLIGHT
        claimed = Connection.objects.filter(
            pk=connection.pk,
            generation=connection.generation,
            token_refreshed_at=connection.token_refreshed_at,  # a whole renewal may lie between the look and the claim
            refresh_state=connection.refresh_state,
            refresh_started_at=connection.refresh_started_at,
        ).update(refresh_state=_STATES.IN_FLIGHT, refresh_started_at=clock.now())
        if not claimed:
            return False
    if was_stale and _recover(connection):
        telemetry.count("token_refresh", outcome="recovered")
        return True
    try:
        has_renewed = _call(connection, answer_may_be_lost=was_stale or connection.refresh_state == _STATES.AMBIGUOUS)
    except (TikTokError, KeyServiceError) as error:
        telemetry.count("token_refresh", outcome=type(error).__name__)
        raise
    telemetry.count("token_refresh", outcome="renewed")
    return has_renewed


def _call(connection: Connection, *, answer_may_be_lost: bool) -> bool:
    try:
        seal, token = vault.sealer(connection), vault.refresh_token(connection)
    except ReconnectNeeded as error:
        _break(connection, error.sentence)
        raise
    except KeyServiceError:
        _let_go(connection, _STATES.AMBIGUOUS if answer_may_be_lost else _STATES.IDLE)
        raise
    try:
        grant = oauth.refresh_grant(transport_for_tokens(), app(), refresh_token=token).value
    except ReconnectNeeded as error:
        _break(connection, "The answer to the last renewal was lost on its way." if answer_may_be_lost else error.sentence)
        raise
    except TikTokError as error:
        _let_go(connection, _STATES.AMBIGUOUS if answer_may_be_lost or error.may_have_run else _STATES.IDLE)
        raise
    sealed, entry = seal(grant), _journal_path(connection)
    try:
        _write_down(entry, sealed)
    except OSError:  # a full disk: then the database alone must hold it
        logger.exception("the answer to a renewal could not be written down", extra={"facts": {"connection": str(connection.pk)}})
    _save(connection, sealed)
    entry.unlink(missing_ok=True)
    return True


def _break(connection: Connection, reason: str) -> None:
    with scope.begin():
        actions.mark_broken(connection, reason=reason)


def _let_go(connection: Connection, state: str) -> None:
    with scope.begin():
        Connection.objects.filter(pk=connection.pk, generation=connection.generation).update(refresh_state=state, refresh_started_at=None)


def _save(connection: Connection, sealed: vault.SealedGrant) -> None:
    """Tokens of a generation that has ended are dropped: a disconnect has revoked them, a reconnect has newer ones."""
    with scope.begin():
        saved = Connection.objects.live().filter(pk=connection.pk, generation=connection.generation)
        saved.update(refresh_state=_STATES.IDLE, refresh_started_at=None, **vars(sealed))


def _journal_path(connection: Connection) -> Path:
    return Path(settings.TOKEN_JOURNAL) / f"{connection.pk}-{connection.generation}.json"


def _spare(path: Path) -> Path:
    return path.with_suffix(".new")


def _write_down(path: Path, sealed: vault.SealedGrant) -> None:
    """Nothing in here is readable without the connection's key."""
    text = json.dumps({k: v.hex() if isinstance(v, bytes) else v.isoformat() for k, v in vars(sealed).items()})
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    spare = _spare(path)
    handle = os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    spare.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _recover(connection: Connection) -> bool:
    """Finish what a dead worker had already received. An entry that the row has already taken in is no answer to the last call."""
    path = _journal_path(connection)
    for entry in (path, _spare(path)):
        sealed = _read_back(entry)
        is_news = sealed is not None and sealed.token_refreshed_at > connection.token_refreshed_at
        if is_news:
            _save(connection, sealed)
        entry.unlink(missing_ok=True)
        if is_news:
            return True
    return False


def _read_back(path: Path) -> vault.SealedGrant | None:
    """What was written down, if all of it was: its writer may have died in the middle of it."""
    try:
        parts = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return vault.SealedGrant(**{k: bytes.fromhex(v) if k.endswith("_sealed") else datetime.fromisoformat(v) for k, v in parts.items()})
