"""A connection to TikTok with its sealed tokens, its picture, and what is still to be revoked."""

import uuid
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models

from agency.models import Brand, InWorkspaceKey, Membership, Person, WorkspaceQuerySet, WorkspaceTable
from agency.roles import Role


class Flow(models.TextChoices):
    """The two ways in that TikTok's API for Business has."""

    ACCOUNT = "account", "TikTok account"
    ADVERTISER = "advertiser", "TikTok ad accounts"


def connection_key_ref(connection_id: uuid.UUID, generation: int) -> str:
    """One key per generation: a key of the same name made anew would meet the old one in other processes' memory for minutes."""
    return f"connection:{connection_id}:{generation}"


def name_of_account(pk: uuid.UUID | str, handle: str, display_name: str) -> str:
    """What an account is called, for whoever read no more of it than this."""
    return f"@{handle}" if handle else display_name or f"account {str(pk)[:8]}"


class ConnectionQuerySet(WorkspaceQuerySet):
    """Connections by what can be done with them."""

    def visible_to(self, membership: Membership) -> "ConnectionQuerySet":
        """A creator sees the accounts they connected themselves; everybody else sees the workspace's."""
        rows = self.of(membership.workspace_id)
        return rows.filter(connected_by_id=membership.person_id) if membership.as_role is Role.CREATOR else rows

    def live(self) -> "ConnectionQuerySet":
        """Those that can be synced."""
        return self.filter(state=Connection.State.LIVE)

    def of_accounts(self) -> "ConnectionQuerySet":
        """TikTok accounts, which have posts and followers."""
        return self.filter(kind=Connection.Kind.ACCOUNT)

    def of_advertisers(self) -> "ConnectionQuerySet":
        """People of TikTok for Business, through whom ad accounts are read."""
        return self.filter(kind=Connection.Kind.ADVERTISER)


class ConnectionTraits:
    """What follows from a connection's columns alone: of its row, and of what pages keep of one (integrations/facts.py)."""

    __slots__ = ()

    @property
    def shown_name(self) -> str:
        """Handle, else display name, else a short form of the public id."""
        return name_of_account(self.pk, self.handle, self.display_name)

    @property
    def was_removed_in_tiktok(self) -> bool:
        """Ended by the account's owner in TikTok and not by anybody here: its tokens were dead there before they were here."""
        if self.state != Connection.State.DISCONNECTED or self.disconnected_by_id is not None or self.tiktok_revoked_at is None:
            return False
        return self.tiktok_revoked_at <= self.disconnected_at

    @property
    def ends_at(self) -> datetime | None:
        """When TikTok's consent ends for good unless the account is connected again. None when nothing ends by itself."""
        return self.refresh_expires_at if self.state == Connection.State.LIVE else None

    @property
    def tell_end_at(self) -> datetime | None:
        """When people are told of the end: a fortnight before, or halfway of a consent that is shorter than twice that."""
        if self.ends_at is None:
            return None
        return self.ends_at - min(Connection.TOLD_BEFORE, (self.ends_at - self.connected_at) / 2)

    def days_left(self, now: datetime) -> int | None:
        """Whole days until the consent ends, once the countdown has begun."""
        if self.ends_at is None or self.ends_at - now > Connection.COUNTDOWN:
            return None
        return max(0, (self.ends_at - now).days)

    @property
    def missing_scopes(self) -> tuple[str, ...]:
        """Asked for and not granted."""
        return tuple(s for s in self.scopes_asked if s not in self.scopes_granted)

    def has(self, scope: str) -> bool:
        """Whether TikTok granted a scope."""
        return scope in self.scopes_granted


class Connection(ConnectionTraits, WorkspaceTable):
    """One TikTok account, or one person of TikTok for Business with ad accounts, that consented to one workspace, with the tokens
    sealed under a key of its own.

    An advertiser's token has no end and no refresh token; `scopes_granted` are then TikTok's numbers of permissions, and
    `token_refreshed_at` is when TikTok last confirmed it.

    `generation` counts up whenever the tokens' meaning changes (reconnect, disconnect). Every call and every write made
    for the connection carries the generation it began with and is dropped when it is old.
    """

    class State(models.TextChoices):
        ASKED = "asked", "Waiting for a yes"
        LIVE = "live", "Live"
        BROKEN = "broken", "Needs to be reconnected"
        DISCONNECTED = "disconnected", "Disconnected"

    Kind = Flow
    COUNTDOWN = timedelta(days=30)  # shown on pages from then on
    TOLD_BEFORE = timedelta(days=14)  # and told by mail, once

    class Refresh(models.TextChoices):
        IDLE = "idle"
        IN_FLIGHT = "in_flight"
        AMBIGUOUS = "ambiguous"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=Flow, default=Flow.ACCOUNT)
    brand = InWorkspaceKey(Brand, null=True, on_delete=models.PROTECT, related_name="+")
    tiktok_open_id = models.CharField(max_length=120)
    handle = models.CharField(max_length=120, blank=True)
    display_name = models.CharField(max_length=200, blank=True)
    avatar_tag = models.CharField(max_length=16, blank=True, help_text="Names the version of its picture; empty when there is none.")
    state = models.CharField(max_length=14, choices=State)
    state_since = models.DateTimeField()
    broken_reason = models.CharField(max_length=200, blank=True)
    generation = models.PositiveIntegerField(default=1)
    scopes_asked = ArrayField(models.CharField(max_length=40))
    scopes_granted = ArrayField(models.CharField(max_length=40))
    connected_at = models.DateTimeField()
    connected_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    access_token_sealed = models.BinaryField(null=True)
    refresh_token_sealed = models.BinaryField(null=True)
    access_expires_at = models.DateTimeField(null=True)
    refresh_expires_at = models.DateTimeField(null=True, help_text="When the consent ends for good: renewing does not move it.")
    end_told_at = models.DateTimeField(null=True, help_text="When people were told that the consent will end.")
    token_refreshed_at = models.DateTimeField(null=True)
    refresh_state = models.CharField(max_length=10, choices=Refresh, default=Refresh.IDLE)
    refresh_started_at = models.DateTimeField(null=True)
    disconnected_at = models.DateTimeField(null=True)
    disconnected_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    tiktok_revoked_at = models.DateTimeField(null=True, help_text="When TikTok confirmed that the tokens are dead.")
    delete_data_on = models.DateField(null=True, help_text="The last day on which the account's data may still be here.")
    erasure_began_at = models.DateTimeField(null=True, help_text="Since when its data is being erased. It cannot be connected meanwhile.")

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("workspace", "kind", "tiktok_open_id"), name="integrations_connection_account"),
            models.CheckConstraint(
                condition=~models.Q(state="disconnected") | models.Q(access_token_sealed=None, refresh_token_sealed=None),
                name="integrations_disconnected_holds_no_token",
            ),
        )

    def __str__(self) -> str:
        return self.shown_name

    @property
    def key_ref(self) -> str:
        """Name of the data key under which this generation's tokens are sealed."""
        return connection_key_ref(self.pk, self.generation)


def revocation_key_ref(revocation_id: uuid.UUID) -> str:
    """Name of the key of tokens that only remain to be revoked."""
    return f"revocation:{revocation_id}"


class PendingRevocation(WorkspaceTable):
    """A token that must still be revoked at TikTok, sealed under a key of its own, for the revoke job alone and for 24 hours at most."""

    LIFETIME = timedelta(hours=24)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = InWorkspaceKey(Connection, on_delete=models.CASCADE, related_name="+")
    token_sealed = models.BinaryField()
    created_at = models.DateTimeField()
    give_up_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"revocation {self.pk}"

    @property
    def key_ref(self) -> str:
        """Name of its key."""
        return revocation_key_ref(self.pk)


class Avatar(WorkspaceTable):
    """The picture of a connection's account, scaled down, as everybody sees it on TikTok."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = InWorkspaceKey(Connection, on_delete=models.CASCADE, related_name="+")
    wanted_url = models.CharField(max_length=2000, blank=True, help_text="Where it is to be fetched; empty once it was.")
    source_hash = models.BinaryField(max_length=32, null=True, help_text="Of the address that was looked at last.")
    looked_at = models.DateTimeField(null=True)
    picture = models.BinaryField(null=True, help_text="WebP, 96 by 96 pixels.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "connection"), name="integrations_avatar_of"),)

    def __str__(self) -> str:
        return f"picture of {self.connection_id}"
