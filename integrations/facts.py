"""What pages keep of a connection: its columns without the row. A workspace has hundreds, and a row of a model costs ten times a tuple."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from integrations.models import Connection, ConnectionTraits

# The columns of `integrations_connection` in the order of the fields below.
COLUMNS = (
    "id", "handle", "display_name", "avatar_tag", "state", "scopes_asked", "scopes_granted", "connected_at", "token_refreshed_at",
    "refresh_expires_at", "disconnected_at", "disconnected_by_id", "tiktok_revoked_at", "delete_data_on",
)  # fmt: skip


class _Columns(NamedTuple):  # by itself, for a NamedTuple takes no other base
    pk: UUID
    handle: str
    display_name: str
    avatar_tag: str
    state: str
    scopes_asked: list[str]
    scopes_granted: list[str]
    connected_at: datetime
    token_refreshed_at: datetime | None
    refresh_expires_at: datetime | None
    disconnected_at: datetime | None
    disconnected_by_id: UUID | None
    tiktok_revoked_at: datetime | None
    delete_data_on: date | None


class ConnectionFacts(_Columns, ConnectionTraits):
    """One connection as it was read: the values of `COLUMNS`. Moments are in UTC."""

    __slots__ = ()


AnyConnection = Connection | ConnectionFacts  # for whoever needs no more of it than its traits
