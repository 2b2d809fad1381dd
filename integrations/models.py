"""Connections to TikTok: the way to consent, the connection with its sealed tokens, sync runs, and calls that were made."""

import uuid
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models

from agency.models import Brand, InWorkspaceKey, Membership, Person, WorkspaceQuerySet, WorkspaceTable
from agency.roles import Role


class FeatureSwitch(WorkspaceTable):
    """A feature that a workspace has switched on or off, and who did."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    feature = models.CharField(max_length=32)
    is_on = models.BooleanField()
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "feature"), name="integrations_feature"),)

    def __str__(self) -> str:
        return f"{self.feature} {'on' if self.is_on else 'off'}"


class Pace(models.TextChoices):
    """How often a workspace's figures are looked at."""

    CLOSE = "close", "Close"
    USUAL = "usual", "Usual"
    RELAXED = "relaxed", "Relaxed"


class SyncPace(WorkspaceTable):
    """The pace that somebody chose for a workspace, and who did. Without a row it is the usual one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pace = models.CharField(max_length=8, choices=Pace)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace",), name="integrations_pace"),)

    def __str__(self) -> str:
        return self.pace


class Flow(models.TextChoices):
    """The two ways in that TikTok's API for Business has."""

    ACCOUNT = "account", "TikTok account"
    ADVERTISER = "advertiser", "TikTok ad accounts"


class ConsentRequest(WorkspaceTable):
    """One trip to TikTok's consent page. The state is kept as a hash, the verifier sealed; it is used once and within ten minutes."""

    LIFETIME = timedelta(minutes=10)
    KEPT = timedelta(days=7)  # after that, so that whoever comes back late or twice is told which of the two it was

    class Outcome(models.TextChoices):
        OPEN = "open"
        DENIED = "denied"
        REFUSED = "refused"
        UPSTREAM = "upstream"
        CONNECTED = "connected"
        ASKED = "asked"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    browser_hash = models.BinaryField(max_length=32)
    flow = models.CharField(max_length=12, choices=Flow, default=Flow.ACCOUNT)
    verifier_sealed = models.BinaryField(null=True, help_text="The advertiser flow has none.")
    scopes_asked = ArrayField(models.CharField(max_length=40))
    redirect_uri = models.CharField(max_length=512)
    connection = InWorkspaceKey(
        "Connection", null=True, on_delete=models.PROTECT, related_name="+", help_text="Set when an account is reconnected."
    )
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.OPEN)

    class Meta:
        indexes = (models.Index(fields=("workspace", "started_at"), name="integrations_consent_started"),)

    def __str__(self) -> str:
        return f"consent {self.pk} {self.outcome}"


class Proof(models.Model):
    """One trip to TikTok on which somebody without a sign-in here shows which account is theirs. Of no workspace: whose account it is, is
    not known yet. The state is kept as a hash; verifier and account are sealed under a key of the trip's own, which goes before the row."""

    LIFETIME = timedelta(minutes=10)  # to come back in, and then to say what is to be done
    KEPT = timedelta(days=7)  # after that, so that whoever comes back late or twice is told which of the two it was

    class State(models.TextChoices):
        OPEN = "open"
        PROVED = "proved"
        FAILED = "failed"
        TAKEN = "taken"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wanted_by = models.UUIDField(help_text="What it is for: a row on a floor above.")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    cause = models.CharField(max_length=20, blank=True, help_text="Why it failed.")
    state_hash = models.BinaryField(max_length=32, unique=True)
    browser_hash = models.BinaryField(max_length=32)
    verifier_sealed = models.BinaryField(null=True, help_text="Emptied when it was used.")
    account_sealed = models.BinaryField(null=True, help_text="Whose account it is, until that is taken.")
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("expires_at",), name="integrations_proof_expires"),)

    def __str__(self) -> str:
        return f"proof {self.pk} {self.state}"

    @property
    def key_ref(self) -> str:
        """Name of the key under which verifier and account are sealed."""
        return f"proof:{self.pk}"

    @property
    def counts_until(self) -> datetime:
        """When what it shows counts no longer, unless it is taken before."""
        return (self.used_at or self.started_at) + Proof.LIFETIME


def connection_key_ref(connection_id: uuid.UUID, generation: int) -> str:
    """One key per generation: a key of the same name made anew would meet the old one in other processes' memory for minutes."""
    return f"connection:{connection_id}:{generation}"


def name_of_account(pk: uuid.UUID | str, handle: str, display_name: str) -> str:
    """What an account is called, for whoever read no more of it than this."""
    return f"@{handle}" if handle else display_name or f"account {str(pk)[:8]}"


def name_of_ad_account(name: str, advertiser_id: str) -> str:
    """What an ad account is called, likewise."""
    return name or f"ad account {advertiser_id}"


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


class Connection(WorkspaceTable):
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
    def shown_name(self) -> str:
        """Handle, else display name, else a short form of the public id."""
        return name_of_account(self.pk, self.handle, self.display_name)

    @property
    def key_ref(self) -> str:
        """Name of the data key under which this generation's tokens are sealed."""
        return connection_key_ref(self.pk, self.generation)

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


class Letter(WorkspaceTable):
    """A mail to one member that tells of everything that came up in a while. Its id is that of the message, so that a repetition is
    recognised as one. It stays for a day after it has left: so many a day, and no more."""

    KEPT = timedelta(hours=48)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    membership = InWorkspaceKey(Membership, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="When the mail server had taken or refused it, or it was given up.")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "membership"), condition=models.Q(ended_at=None), name="integrations_letter_one_open"
            ),
        )

    def __str__(self) -> str:
        return f"letter {self.pk}"


class Notice(WorkspaceTable):
    """What one member is to hear: of something that was lost, that will end, or that is out of the ordinary. It waits for a letter and
    goes with it, after two days at the latest."""

    class Kind(models.TextChoices):
        LOSS = "loss"
        END = "end"
        UNUSUAL = "unusual"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind)
    connection = InWorkspaceKey(Connection, on_delete=models.CASCADE, related_name="+")
    about = models.UUIDField(help_text="The connection itself, one of its ad accounts, or a name for one of its days.")
    day = models.DateField(null=True, help_text="The day that is unusual.")
    membership = InWorkspaceKey(Membership, on_delete=models.CASCADE, related_name="+")
    letter = InWorkspaceKey(Letter, null=True, on_delete=models.CASCADE, related_name="notices")
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "about", "kind", "membership"), name="integrations_notice_once"),)

    def __str__(self) -> str:
        return f"notice {self.pk}"


class WebhookEvent(WorkspaceTable):
    """What TikTok told us unasked about one connection's account. Kept once, however often and in whatever order it is delivered.

    `stored` waits for whoever works with events of its name. Rows are kept long enough to know every repetition, and no longer.
    """

    KEPT = timedelta(days=30)

    class State(models.TextChoices):
        STORED = "stored"
        DONE = "done"
        OUTDATED = "outdated"
        UNKNOWN = "unknown"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = InWorkspaceKey(Connection, on_delete=models.CASCADE, related_name="+")
    digest = models.BinaryField(max_length=32, help_text="Knows a repetition: TikTok gives its events no id.")
    name = models.CharField(max_length=80)
    payload = models.JSONField()
    happened_at = models.DateTimeField(help_text="By TikTok's clock, in whole seconds.")
    received_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.STORED)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "connection", "digest"), name="integrations_event_once"),)
        indexes = (
            models.Index(fields=("workspace", "received_at"), name="integrations_event_received"),
            models.Index(
                fields=("workspace", "connection", "name"), condition=models.Q(state="stored"), name="integrations_event_waiting"
            ),  # what somebody still has to work with
        )

    def __str__(self) -> str:
        return f"{self.name} {self.state}"


class AdAccountQuerySet(WorkspaceQuerySet):
    """Ad accounts by what can be done with them."""

    def visible_to(self, membership: Membership) -> "AdAccountQuerySet":
        """A creator has no business with what the workspace spends."""
        rows = self.of(membership.workspace_id)
        return rows.none() if membership.as_role is Role.CREATOR else rows

    def linked(self) -> "AdAccountQuerySet":
        """Those whose figures are read."""
        return self.filter(state=AdAccount.State.LINKED)


class AdAccount(WorkspaceTable):
    """An ad account that a consent opens, and what was chosen about it. Currency and time zone are TikTok's and say what its money and
    its days mean."""

    class State(models.TextChoices):
        OFFERED = "offered", "Waiting for a choice"
        LINKED = "linked", "Linked"
        LOST = "lost", "No longer open to us"
        UNLINKED = "unlinked", "Unlinked"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = InWorkspaceKey(Connection, on_delete=models.CASCADE, related_name="ad_accounts")
    advertiser_id = models.CharField(max_length=32, help_text="TikTok's id. Beyond what a float holds.")
    name = models.CharField(max_length=200, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    time_zone = models.CharField(max_length=64, blank=True, help_text="Its days are those of this zone.")
    tiktok_status = models.CharField(max_length=40, blank=True)
    opened_at = models.DateTimeField(null=True, help_text="When it was made at TikTok: there are no figures before.")
    state = models.CharField(max_length=10, choices=State, default=State.OFFERED)
    state_since = models.DateTimeField()
    linked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    figures_from = models.DateField(null=True, help_text="The first of its days whose paid figures have been read.")
    figures_seen_at = models.DateTimeField(null=True)
    delete_data_on = models.DateField(null=True, help_text="The last day on which its data may still be here.")

    objects = AdAccountQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("workspace", "connection", "advertiser_id"), name="integrations_ad_account"),
            models.UniqueConstraint(
                fields=("workspace", "advertiser_id"), condition=models.Q(state="linked"), name="integrations_ad_account_linked_once"
            ),
        )

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """Its name, else its number."""
        return name_of_ad_account(self.name, self.advertiser_id)


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


class SyncRun(WorkspaceTable):
    """How one kind of sync of an account, or of an ad account, stands: what people see as a step, what went wrong in words, and when it is
    due again."""

    class Kind(models.TextChoices):
        PROFILE = "profile", "Profile"
        ACCOUNT_DAYS = "account_days", "Daily figures"
        POSTS = "posts", "Posts"
        OLDER_POSTS = "older_posts", "Older posts"
        COMMENTS = "comments", "Comments"
        MENTIONS = "mentions", "Mentions"
        AUDIENCE = "audience", "Audience"
        AD_ACCOUNT = "ad_account", "Ad account"
        CAMPAIGNS = "campaigns", "Campaigns"
        AD_GROUPS = "ad_groups", "Ad groups"
        ADS = "ads", "Ads"
        AD_DAYS = "ad_days", "Paid figures"
        AD_HISTORY = "ad_history", "Earlier paid figures"
        AD_COMMENTS = "ad_comments", "Comments under ads"

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        SKIPPED = "skipped"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = InWorkspaceKey(Connection, on_delete=models.CASCADE, related_name="sync_runs")
    ad_account = InWorkspaceKey("AdAccount", null=True, on_delete=models.CASCADE, related_name="sync_runs")
    kind = models.CharField(max_length=16, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    generation = models.PositiveIntegerField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    done_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(null=True)
    cursor = models.BigIntegerField(null=True, help_text="Where to go on after an interruption.")
    sentence = models.CharField(max_length=300, blank=True, help_text="What went wrong and what happens next.")
    due_at = models.DateTimeField(null=True, help_text="When it is looked at next; empty when it will not be.")
    failure_count = models.PositiveSmallIntegerField(default=0, help_text="Failures in a row; the pauses grow with it.")
    quiet_count = models.PositiveSmallIntegerField(default=0, help_text="Looks in a row that found nothing new; the pauses grow with it.")
    last_success_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "connection", "kind"), condition=models.Q(ad_account=None), name="integrations_sync_run_kind"
            ),
            models.UniqueConstraint(fields=("workspace", "ad_account", "kind"), name="integrations_sync_run_ad_account"),
        )
        indexes = (models.Index(fields=("workspace", "connection"), name="integrations_sync_run_of"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class ApiCall(WorkspaceTable):
    """One answer of TikTok: the origin of figures. Holds no content."""

    id = models.BigAutoField(primary_key=True)
    connection = InWorkspaceKey(Connection, on_delete=models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=80)
    tiktok_request_id = models.CharField(max_length=64)
    code = models.IntegerField()
    http_status = models.PositiveSmallIntegerField()
    called_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()

    class Meta:
        indexes = (models.Index(fields=("workspace", "connection", "called_at"), name="integrations_call_at"),)

    def __str__(self) -> str:
        return f"{self.endpoint} {self.tiktok_request_id}"
