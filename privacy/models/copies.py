"""Copies of data for those it is about, sealed in parts, and what they want corrected."""

import uuid
from datetime import timedelta

from django.db import models

from agency import clock
from agency.models import InWorkspaceKey, Membership, Person, WorkspaceQuerySet, WorkspaceTable
from integrations.models import Connection


class DataArchive(WorkspaceTable):
    """A copy of everything held about one account, asked for by somebody who may see it. Its parts are sealed and live a day."""

    LIFETIME = timedelta(hours=24)

    class State(models.TextChoices):
        WAITING = "waiting", "Being put together"
        READY = "ready", "Ready"
        EXPIRED = "expired", "Expired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account_id = models.UUIDField()
    account_name = models.CharField(max_length=200)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    rows_count = models.PositiveBigIntegerField(default=0)
    bytes_count = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("workspace", "account_id"), name="privacy_archive_account"),)

    def __str__(self) -> str:
        return f"archive {self.pk}"

    @property
    def key_ref(self) -> str:
        """Name of the key under which its parts are sealed."""
        return f"archive:{self.pk}"


class ArchivePart(WorkspaceTable):
    """A sealed piece of an archive."""

    id = models.BigAutoField(primary_key=True)
    archive = InWorkspaceKey(DataArchive, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "archive", "number"), name="privacy_archive_part"),)

    def __str__(self) -> str:
        return f"part {self.number}"


class PersonCopy(models.Model):
    """A copy of what is held about one person, asked for by that person. Of no workspace, as people are; sealed, and gone after a day."""

    LIFETIME = timedelta(hours=24)

    class State(models.TextChoices):
        WAITING = "waiting", "Being put together"
        READY = "ready", "Ready"
        EXPIRED = "expired", "Expired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    rows_count = models.PositiveBigIntegerField(default=0)
    bytes_count = models.PositiveBigIntegerField(default=0)
    asked_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, help_text="Somebody puts it together until then.")
    ready_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("person",), condition=~models.Q(state="expired"), name="privacy_person_copy_living_once"),
        )

    def __str__(self) -> str:
        return f"copy {self.pk}"

    @property
    def key_ref(self) -> str:
        """Name of the key under which its parts are sealed."""
        return f"person_copy:{self.pk}"


class PersonCopyPart(models.Model):
    """A sealed piece of a person's copy."""

    id = models.BigAutoField(primary_key=True)
    copy = models.ForeignKey(PersonCopy, on_delete=models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("copy", "number"), name="privacy_person_copy_part"),)

    def __str__(self) -> str:
        return f"part {self.number}"


class CorrectionQuerySet(WorkspaceQuerySet):
    """Corrections by who sees them."""

    def visible_to(self, membership: Membership) -> "CorrectionQuerySet":
        """Everybody sees those they asked for themselves; the privacy team reads all of them on its own pages."""
        return self.of(membership.workspace_id).filter(asked_by_id=membership.person_id)


class Correction(WorkspaceTable):
    """Somebody says that something held about them, or about their account, is wrong; the privacy team corrects it or says why not."""

    class State(models.TextChoices):
        OPEN = "open", "Being looked at"
        CORRECTED = "corrected", "Corrected"
        REFUSED = "refused", "Not corrected"
        WITHDRAWN = "withdrawn", "Taken back"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=16)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    account = InWorkspaceKey(Connection, null=True, on_delete=models.CASCADE, related_name="+", help_text="If it is about one.")
    asked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    contact = models.EmailField(blank=True, help_text="Who wrote, if nobody signed in; emptied when they were told of the end.")
    said = models.TextField(help_text="What is wrong, and what would be right.")
    answer = models.TextField(blank=True, help_text="What was corrected, or why not; for whoever asked.")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="When it must be answered at the latest.")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("workspace", "reference"), name="privacy_correction_reference"),
            models.CheckConstraint(
                condition=models.Q(state__in=("open", "withdrawn")) | ~models.Q(answer=""), name="privacy_correction_answered"
            ),
        )
        indexes = (models.Index(fields=("workspace", "due_at"), name="privacy_correction_due"),)

    def __str__(self) -> str:
        return self.reference

    @property
    def is_late(self) -> bool:
        """Open, and due within a week or past."""
        return self.state == self.State.OPEN and (self.due_at - clock.now()).days < 7
