"""Connections as pages show them."""

from agency import clock
from agency.chrome import mark
from agency.outlets.figures import long_day
from agency.outlets.parts import AccountRow
from agency.paths import path_of
from integrations.facts import AnyConnection
from integrations.models import Connection

_STATES = {
    Connection.State.LIVE: ("live", "Live"),
    Connection.State.BROKEN: ("reconnect", "Needs to be reconnected"),
    Connection.State.DISCONNECTED: ("disconnected", "Disconnected"),
    Connection.State.ASKED: ("asked", "Waiting for your yes"),
}


def picture_href(connection: AnyConnection) -> str:
    """Where a page gets the account's picture; empty where it shows the initials instead."""
    return f"{path_of('avatar', connection.pk)}?v={connection.avatar_tag}" if connection.avatar_tag else ""


def account_row(connection: AnyConnection, *, is_busy: bool = False) -> AccountRow:
    """One account, connected or not any more. `is_busy`: something of its sync is still on its way."""
    state, text = _STATES[Connection.State(connection.state)]
    if state == "live" and is_busy:
        state, text = "syncing", "Syncing…"
    if connection.was_removed_in_tiktok:
        text = f"Access was removed in TikTok on {long_day(connection.tiktok_revoked_at.date())}"
    days_left = connection.days_left(clock.now())
    return AccountRow(
        public_id=str(connection.pk),
        handle=connection.handle,
        mark=mark(connection.shown_name),
        avatar_url=picture_href(connection),
        state=state,
        state_text=text,
        connected_on=connection.connected_at.date(),
        token_refreshed_at=connection.token_refreshed_at,
        scopes_granted=len(connection.scopes_granted),
        scopes_asked=len(connection.scopes_asked),
        missing_scopes=connection.missing_scopes,
        deletes_on=connection.delete_data_on,
        display_name=connection.display_name or connection.shown_name,
        ends_on=connection.refresh_expires_at.date() if days_left is not None else None,
        days_left=days_left,
    )
