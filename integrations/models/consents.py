"""What a workspace asks TikTok for, and the trips to TikTok's consent pages."""

import uuid
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models

from agency.models import InWorkspaceKey, Person, WorkspaceTable
from integrations.models.connections import Flow


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
