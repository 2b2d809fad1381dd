"""Reads about connections."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from agency import address_book
from agency.models import Membership
from integrations.features import AT_FIRST, Feature, scopes_for
from integrations.models import Connection, FeatureSwitch, PendingRevocation, SyncRun


def features_of_workspace() -> frozenset[Feature]:
    """What is switched on in the open workspace: what it started with, changed by its switches."""
    features = set(AT_FIRST)
    for switch in FeatureSwitch.objects.all():
        (features.add if switch.is_on else features.discard)(Feature(switch.feature))
    return frozenset(features)


def scopes_of_workspace() -> tuple[str, ...]:
    """The scopes to ask for in the open workspace."""
    return scopes_for(features_of_workspace())


def connections(membership: Membership) -> QuerySet[Connection]:
    """What a member sees of a workspace's connections, newest first."""
    return Connection.objects.visible_to(membership).exclude(state=Connection.State.ASKED).order_by("-connected_at")


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


def awaits_revocation(connection: Connection) -> bool:
    """Whether TikTok has not yet confirmed that the tokens are dead."""
    return PendingRevocation.objects.filter(connection=connection).exists()
