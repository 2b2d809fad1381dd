"""Reads about connections."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from agency import address_book
from agency.models import Membership
from integrations.features import AT_FIRST, Feature, scopes_for
from integrations.models import Connection, FeatureSwitch, PendingRevocation, SyncRun


def features_of_workspace() -> frozenset[Feature]:
    """What is switched on in the open workspace: what it started with, changed by its switches."""
    features = set(AT_FIRST)
    for switch in FeatureSwitch.objects.filter(feature__in=list(Feature)):  # a feature that was given up may have left its switch
        (features.add if switch.is_on else features.discard)(Feature(switch.feature))
    return frozenset(features)


def scopes_of_workspace() -> tuple[str, ...]:
    """The scopes to ask for in the open workspace."""
    return scopes_for(features_of_workspace())


def connections(membership: Membership) -> QuerySet[Connection]:
    """What a member sees of a workspace's connections, newest first: those that were ever attached."""
    was_attached = Exists(SyncRun.objects.filter(connection=OuterRef("pk")))
    rows = Connection.objects.visible_to(membership).exclude(state=Connection.State.ASKED)
    return rows.exclude(~was_attached, state=Connection.State.DISCONNECTED).order_by("-connected_at")


def questions(membership: Membership) -> QuerySet[Connection]:
    """Accounts in doubt that wait for this member's own yes."""
    return Connection.objects.of(membership.workspace_id).filter(state=Connection.State.ASKED, connected_by_id=membership.person_id)


def was_attached(connection_id: UUID) -> bool:
    """Whether the account was ever part of the workspace, and did not only wait for somebody's yes."""
    return SyncRun.objects.filter(connection_id=connection_id).exists()


def connection_named(membership: Membership, name: str) -> Connection | None:
    """The connection behind `?connected=`: a handle, or a public id where no handle was granted."""
    rows = Connection.objects.visible_to(membership).live()
    found = rows.filter(handle=name).first() if name and name.isprintable() else None
    if found is None:
        try:
            found = rows.filter(pk=UUID(name)).first()
        except ValueError:
            return None
    return found


@dataclass(frozen=True)
class SyncState:
    """How the sync of one connection stands."""

    runs: tuple[SyncRun, ...]

    @property
    def is_busy(self) -> bool:
        """Something is still on its way."""
        return any(r.state in {SyncRun.State.WAITING, SyncRun.State.RUNNING} for r in self.runs)


def sync_state(connection: Connection) -> SyncState:
    """The connection's runs, in the order in which they happen."""
    order = list(SyncRun.Kind)
    runs = sorted(SyncRun.objects.filter(connection=connection), key=lambda r: order.index(SyncRun.Kind(r.kind)))
    return SyncState(tuple(runs))


def is_held_elsewhere(open_id: str, workspace_id: UUID) -> bool:
    """Whether another workspace has its own consent for the same TikTok account. Never shown to anybody."""
    return any(entry.workspace_id != workspace_id for entry in address_book.find("tiktok_account", open_id))


def was_never_revoked(connection: Connection) -> bool:
    """Whether TikTok's confirmation was given up. Not said of an account that another workspace holds: nobody is to learn of it."""
    return (
        connection.tiktok_revoked_at is None
        and not awaits_revocation(connection)
        and not is_held_elsewhere(connection.tiktok_open_id, connection.workspace_id)
    )


def revocation_keys(connection_id: UUID) -> list[str]:
    """Names of the keys of what still waits to be revoked for a connection."""
    return [pending.key_ref for pending in PendingRevocation.objects.filter(connection_id=connection_id)]


def awaits_revocation(connection: Connection) -> bool:
    """Whether TikTok has not yet confirmed that the tokens are dead."""
    return PendingRevocation.objects.filter(connection=connection).exists()
