"""Pictures of accounts: which one is wanted, and keeping the one that came. Runs in the open scope; fetches nothing itself.

A picture lies here as everybody sees it on TikTok, scaled down, in a row of its account; it goes with the account's data.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from agency import clock, jobs
from integrations.models import Avatar, Connection
from integrations.tiktok import pictures

LOOK_AGAIN = timedelta(days=7)
LONGEST_ADDRESS = 2_000
TRIES = 5


@dataclass(frozen=True)
class Wanted:
    """A picture to be fetched for a connection as it was when it was wanted. The address does not print: who has it, has the picture."""

    connection_id: UUID
    generation: int
    url: str

    def __repr__(self) -> str:
        return f"Wanted({self.connection_id})"


def want(connection: Connection, url: str | None) -> None:
    """TikTok named the account's picture. A new one is fetched, and a known one once a week; the rest of the address changes with every
    answer and says nothing.
    """
    if not url or len(url) > LONGEST_ADDRESS or not url.isprintable():
        return
    avatar = Avatar.objects.filter(connection=connection).first()
    now = clock.now()
    if avatar and bytes(avatar.source_hash or b"") == pictures.identity(url) and avatar.looked_at and now - avatar.looked_at < LOOK_AGAIN:
        return
    Avatar.objects.update_or_create(workspace_id=connection.workspace_id, connection=connection, defaults={"wanted_url": url})
    jobs.put("avatar", connection.pk, workspace_id=connection.workspace_id, at=now)


def wanted(connection_id: UUID) -> Wanted | None:
    """What is to be fetched for a connection. None when nothing is, or when it has ended."""
    row = Avatar.objects.exclude(wanted_url="").filter(connection_id=connection_id).select_related("connection").first()
    if row is None or row.connection.state == Connection.State.DISCONNECTED:
        return None
    return Wanted(connection_id, row.connection.generation, row.wanted_url)


def settle(what: Wanted, picture: bytes | None) -> bool:
    """Keep what came; with None, what was there before stays. False, and nothing is kept, when the connection has changed meanwhile."""
    connection = Connection.objects.select_for_update().filter(pk=what.connection_id, generation=what.generation).first()
    if connection is None or connection.state == Connection.State.DISCONNECTED:
        return False
    row = Avatar.objects.filter(connection=connection)
    row.filter(wanted_url=what.url).update(wanted_url="")
    row.update(source_hash=pictures.identity(what.url), looked_at=clock.now())
    if picture is not None:
        row.update(picture=picture)
        connection.avatar_tag = hashlib.sha256(picture).hexdigest()[:16]
        connection.save(update_fields=("avatar_tag",))
    return True


def drop_wish(connection: Connection) -> None:
    """The connection ends: nothing is fetched for it any more, and the address goes."""
    jobs.drop("avatar", ref=connection.pk)
    Avatar.objects.filter(connection=connection).update(wanted_url="")
