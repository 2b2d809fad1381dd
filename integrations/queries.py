"""Reads about connections."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from django.db import connection as database
from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from agency import address_book, scope
from agency.database import prepared
from agency.database.prepared import Later, ask
from agency.models import Membership, Workspace
from agency.roles import Role
from integrations.facts import AnyConnection
from integrations.features import AT_FIRST, Feature, scopes_for
from integrations.models import AdAccount, Avatar, Connection, FeatureSwitch, Flow, PendingRevocation, SyncRun


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
    """What a member sees of a workspace's accounts, newest first: those that were ever attached."""
    was_attached = Exists(SyncRun.objects.filter(connection=OuterRef("pk")))
    rows = Connection.objects.visible_to(membership).of_accounts().exclude(state=Connection.State.ASKED)
    return rows.exclude(~was_attached, state=Connection.State.DISCONNECTED).order_by("-connected_at")


def questions(membership: Membership) -> QuerySet[Connection]:
    """Accounts in doubt that wait for this member's own yes."""
    rows = Connection.objects.of(membership.workspace_id).of_accounts()
    return rows.filter(state=Connection.State.ASKED, connected_by_id=membership.person_id)


def not_ended() -> QuerySet[Connection]:
    """What the open workspace still holds at TikTok, whatever its state."""
    return Connection.objects.exclude(state=Connection.State.DISCONNECTED).order_by("pk")


def was_attached(connection_id: UUID) -> bool:
    """Whether the account was ever part of the workspace, and did not only wait for somebody's yes."""
    return SyncRun.objects.filter(connection_id=connection_id).exists()


def connection_named(membership: Membership, name: str) -> Connection | None:
    """The connection behind `?connected=`: a handle, or a public id where no handle was granted."""
    rows = Connection.objects.visible_to(membership).of_accounts().live()
    found = rows.filter(handle=name).first() if name and name.isprintable() else None
    if found is None:
        try:
            found = rows.filter(pk=UUID(name)).first()
        except ValueError:
            return None
    return found


def picture_of(connection: Connection) -> bytes | None:
    """The account's picture, if there is one."""
    found = Avatar.objects.filter(connection=connection).exclude(picture=None).values_list("picture", flat=True).first()
    return None if found is None else bytes(found)


@dataclass(frozen=True)
class SyncState:
    """How the sync of one connection stands."""

    runs: tuple[SyncRun, ...]

    @property
    def is_busy(self) -> bool:
        """Something is still on its way."""
        return any(r.state in _ON_ITS_WAY for r in self.runs)


_ON_ITS_WAY = (SyncRun.State.WAITING, SyncRun.State.RUNNING)


COMMENTS = (SyncRun.Kind.COMMENTS, SyncRun.Kind.AD_COMMENTS)


def sync_state(connection: Connection, *, with_comments: bool = False) -> SyncState:
    """The connection's runs for its figures, in the order in which they happen. Comments come in beside them, at their own pace."""
    runs = SyncRun.objects.filter(connection=connection, ad_account=None)
    return _in_order(runs if with_comments else runs.exclude(kind__in=COMMENTS))


def busy_among_later(connections: Iterable[AnyConnection]) -> Later[set[UUID]]:
    """Those of whose sync, comments aside, something is still on its way. One query."""
    values = [[c.pk for c in connections], [kind.value for kind in COMMENTS], [state.value for state in _ON_ITS_WAY]]
    return ask(_BUSY, values, lambda rows: {row[0] for row in rows})


_BUSY = """
    SELECT DISTINCT connection_id FROM "integrations_syncrun"
    WHERE connection_id = ANY(%s) AND ad_account_id IS NULL AND kind <> ALL(%s) AND state = ANY(%s)
"""


def is_failing(connections: Iterable[AnyConnection]) -> bool:
    """Whether a run for the figures of one of them ended badly and has not gone well since."""
    return _runs_for_figures(c.pk for c in connections).filter(state=SyncRun.State.FAILED).exists()


def next_due(connections: Iterable[AnyConnection]) -> datetime | None:
    """When the first of their runs for figures is due; None where nothing is planned."""
    return _runs_for_figures(c.pk for c in connections).aggregate(first=Min("due_at"))["first"]


def _runs_for_figures(connection_ids: Iterable[UUID]) -> QuerySet[SyncRun]:
    """Comments come in beside them, at their own pace."""
    return SyncRun.objects.filter(connection__in=list(connection_ids), ad_account=None).exclude(kind__in=COMMENTS)


def ad_sync_state(ad_account: AdAccount, *, with_comments: bool = False) -> SyncState:
    """The runs of an ad account, likewise."""
    return ad_sync_state_later(ad_account, with_comments=with_comments)()


def ad_sync_state_later(ad_account: AdAccount, *, with_comments: bool = False) -> Later[SyncState]:
    """The same, once it is needed."""
    left_out = [] if with_comments else [kind.value for kind in COMMENTS]
    where = "workspace_id = %s AND ad_account_id = %s AND kind <> ALL(%s)"
    runs = prepared.objects_later(SyncRun, where, [ad_account.workspace_id, ad_account.pk, left_out])
    return lambda: _in_order(runs())


def _in_order(runs: Iterable[SyncRun]) -> SyncState:
    order = list(SyncRun.Kind)
    return SyncState(tuple(sorted(runs, key=lambda r: order.index(SyncRun.Kind(r.kind)))))


# Where the address book files who consented, by the way in.
BOOKS = {Flow.ACCOUNT: "tiktok_account", Flow.ADVERTISER: "tiktok_advertiser"}
HELD = "held_account"  # and accounts of which anything may be here, disconnected ones too, until they are erased


def is_held_elsewhere(open_id: str, workspace_id: UUID, *, flow: str = Flow.ACCOUNT) -> bool:
    """Whether another workspace has its own consent of the same TikTok account, or advertiser. Never shown to anybody."""
    return any(entry.workspace_id != workspace_id for entry in address_book.find(BOOKS[Flow(flow)], open_id))


def is_in_use_elsewhere(connection: Connection) -> bool:
    """Whether another workspace's consent of the same account, or advertiser, still works, so that revoking would take it away."""
    entries = address_book.find(BOOKS[Flow(connection.kind)], connection.tiktok_open_id)
    return any(entry.is_live for entry in entries if entry.workspace_id != connection.workspace_id)


def held_under(open_id: str) -> list[Connection]:
    """Every connection of a TikTok account, in whatever workspace, of which anything is kept here. Opens one workspace after another."""
    found = []
    for entry in address_book.find(HELD, open_id):
        with scope.inside(entry.workspace_id):
            rows = Connection.objects.of_accounts().filter(tiktok_open_id=open_id)
            found += rows.filter(pk=entry.ref).select_related("connected_by")
    return found


def was_never_revoked(connection: Connection) -> bool:
    """Whether TikTok's confirmation was given up. Not said of an account that another workspace holds: nobody is to learn of it."""
    return (
        connection.tiktok_revoked_at is None
        and not awaits_revocation(connection)
        and not is_held_elsewhere(connection.tiktok_open_id, connection.workspace_id, flow=connection.kind)
    )


def revocation_keys(connection_id: UUID) -> list[str]:
    """Names of the keys of what still waits to be revoked for a connection."""
    return [pending.key_ref for pending in PendingRevocation.objects.filter(connection_id=connection_id)]


def awaits_revocation(connection: Connection) -> bool:
    """Whether TikTok has not yet confirmed that the tokens are dead."""
    return PendingRevocation.objects.filter(connection=connection).exists()


def advertisers(membership: Membership) -> QuerySet[Connection]:
    """Consents for ad accounts that a member sees, newest first; those that wait for a choice are seen by whom they wait for."""
    if membership.as_role is Role.CREATOR:
        return Connection.objects.none()
    rows = Connection.objects.of(membership.workspace_id).of_advertisers()
    return rows.exclude(~Q(connected_by_id=membership.person_id), state=Connection.State.ASKED).order_by("-connected_at")


def ad_accounts(membership: Membership) -> list[AdAccount]:
    """Ad accounts that are linked, or were until TikTok closed them to us, by name. Of their connections the state alone has been read."""
    if not AdAccount.are_seen_by(membership):
        return []
    found = []
    for *row, state in prepared.rows(_ad_accounts(), [membership.workspace_id, [AdAccount.State.LINKED.value, AdAccount.State.LOST.value]]):
        ad_account = AdAccount.from_db(database.alias, prepared.names_of(AdAccount), row)
        known_of_it = ["workspace_id", "id", "state"]
        ad_account.connection = Connection.from_db(database.alias, known_of_it, [ad_account.workspace_id, ad_account.connection_id, state])
        found.append(ad_account)
    return found


@cache
def _ad_accounts() -> str:
    return f"""
        SELECT {prepared.columns_of(AdAccount, "a")}, c.state FROM "integrations_adaccount" AS a
        JOIN "integrations_connection" AS c ON c.workspace_id = a.workspace_id AND c.id = a.connection_id
        WHERE a.workspace_id = %s AND a.state = ANY(%s) ORDER BY a.name, a.advertiser_id
    """  # noqa: S608 # nosec B608 - names of columns


def former_ad_accounts(membership: Membership) -> QuerySet[AdAccount]:
    """Those that were linked once and whose data waits for its end."""
    rows = AdAccount.objects.visible_to(membership).filter(state=AdAccount.State.UNLINKED, delete_data_on__isnull=False)
    again = Exists(AdAccount.objects.linked().filter(advertiser_id=OuterRef("advertiser_id")))
    return rows.exclude(again).order_by("-state_since")


def ad_accounts_to_choose(connection: Connection) -> QuerySet[AdAccount]:
    """What a consent offers and what of it is linked."""
    rows = AdAccount.objects.filter(connection=connection, state__in=(AdAccount.State.OFFERED, AdAccount.State.LINKED))
    return rows.order_by("name", "advertiser_id")


@dataclass(frozen=True)
class Lost:
    """What stopped working and needs somebody: an account, a person's consent for ad accounts, or one of those."""

    pk: UUID
    flow: Flow
    name: str
    reason: str
    since: datetime
    workspace: Workspace


def lost(ref: UUID) -> Lost | None:
    """The connection that broke, or the ad account that TikTok closed to us. None when it works again."""
    connection = Connection.objects.filter(pk=ref, state=Connection.State.BROKEN).select_related("workspace").first()
    if connection is not None:
        flow = Flow(connection.kind)
        return Lost(ref, flow, connection.shown_name, connection.broken_reason, connection.state_since, connection.workspace)
    ad_account = AdAccount.objects.filter(pk=ref, state=AdAccount.State.LOST).select_related("workspace").first()
    if ad_account is None:
        return None
    reason = "TikTok no longer opens this ad account to us."
    return Lost(ref, Flow.ADVERTISER, ad_account.shown_name, reason, ad_account.state_since, ad_account.workspace)


def is_seen_by(membership: Membership, what: Lost) -> bool:
    """Whether a member sees what was lost."""
    if what.flow is Flow.ADVERTISER:
        return membership.as_role is not Role.CREATOR
    return Connection.objects.visible_to(membership).filter(pk=what.pk).exists()
