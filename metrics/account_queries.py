"""Reads of the accounts of a workspace: each with its connection and its brand, as pages of figures need them, in one statement."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from agency.database import prepared
from agency.models import Brand
from integrations.facts import COLUMNS, ConnectionFacts
from integrations.models import Connection
from metrics.models import Account


class AccountFacts(NamedTuple):
    """One account as it was read: its columns without the row."""

    connection: ConnectionFacts
    brand: Brand | None  # the same object for every account of it
    pk: UUID
    followers_count: int | None
    profile_call: int | None
    profile_seen_at: datetime | None
    days_seen_at: datetime | None
    posts_seen_at: datetime | None
    mentions_whole_at: datetime | None

    @property
    def connection_id(self) -> UUID:
        """Its connection's key."""
        return self.connection.pk

    @property
    def brand_id(self) -> UUID | None:
        """Its brand's key."""
        return self.brand.pk if self.brand else None


AnyAccount = Account | AccountFacts

_COLUMNS = ("id", "followers_count", "profile_call", "profile_seen_at", "days_seen_at", "posts_seen_at", "mentions_whole_at")
_ALL = f"""
    SELECT b.id, b.name, {", ".join(f"c.{name}" for name in COLUMNS)}, {", ".join(f"a.{name}" for name in _COLUMNS)}
    FROM "integrations_connection" AS c
    LEFT JOIN "metrics_account" AS a ON a.workspace_id = c.workspace_id AND a.connection_id = c.id
    LEFT JOIN "agency_brand" AS b ON b.workspace_id = a.workspace_id AND b.id = a.brand_id
    WHERE c.workspace_id = %s AND c.kind = %s ORDER BY c.handle, c.id
"""  # noqa: S608 # nosec B608 - names of columns


def accounts_of_workspace(workspace_id: UUID) -> list[tuple[ConnectionFacts, AccountFacts | None]]:
    """Every connection to a TikTok account by name, those that ended too, with the account: None before its first sync. One query."""
    rows = prepared.rows(_ALL, [workspace_id, Connection.Kind.ACCOUNT.value])
    brands = {row[0]: Brand(id=row[0], workspace_id=workspace_id, name=row[1]) for row in {r[:2]: r for r in rows if r[0]}.values()}
    account = 2 + len(COLUMNS)
    found = []
    for row in rows:
        facts = ConnectionFacts._make(row[2:account])
        found.append((facts, AccountFacts._make((facts, brands.get(row[0]), *row[account:])) if row[account] else None))
    return found
