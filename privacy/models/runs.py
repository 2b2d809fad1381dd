"""Erasures as they are carried out, what each found, and the certificate in the end.

After a run nothing here names the account any more: a request keeps its reference and its dates, a run its counts.
"""

import uuid

from django.db import models

from agency.models import InWorkspaceKey, WorkspaceTable
from privacy.models.requests import DeletionRequest, Of


class DeletionRun(WorkspaceTable):
    """The erasure of an account's data, of an ad account's, of a commenter's, of a person, or of what a closed workspace still holds. It
    goes on where it stopped, whatever stopped it."""

    class Cause(models.TextChoices):
        REQUEST = "request", "Asked for"
        DISCONNECT = "disconnect", "Disconnected"
        ENGAGEMENT = "engagement", "Engagement over"
        RESTORE = "restore", "Erased before, came back with a backup"

    Of = Of

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        FAILED = "failed", "Needs you"
        DONE = "done", "Done"
        DROPPED = "dropped", "Not needed any more"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = InWorkspaceKey(DeletionRequest, null=True, on_delete=models.PROTECT, related_name="runs")
    reference = models.CharField(max_length=16)
    cause = models.CharField(max_length=12, choices=Cause)
    of = models.CharField(max_length=12, choices=Of, default=Of.ACCOUNT)
    subject_id = models.UUIDField(null=True, help_text="The connection, ad account, commenter, person or workspace; emptied at the end.")
    subject_sealed = models.BinaryField(null=True, help_text="What the account is known by, for the sweep; its key goes with the run.")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(help_text="When its data must be gone at the latest.")
    scheduled_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    swept_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempt_count = models.PositiveIntegerField(default=0)
    places_count = models.PositiveIntegerField(default=0, help_text="How many places were swept.")
    sentence = models.CharField(max_length=300, blank=True, help_text="Why it waits or failed.")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "subject_id"),
                condition=models.Q(state__in=("waiting", "running", "failed")),
                name="privacy_run_open_once",
            ),
            models.UniqueConstraint(fields=("workspace", "reference"), name="privacy_run_reference"),
            models.CheckConstraint(
                condition=~models.Q(state="done") | models.Q(subject_id=None, subject_sealed=None), name="privacy_done_run_names_nobody"
            ),
        )
        indexes = (models.Index(fields=("workspace", "scheduled_at"), name="privacy_run_scheduled"),)

    def __str__(self) -> str:
        return self.reference

    @property
    def key_ref(self) -> str:
        """Name of the key under which the subject is sealed."""
        return f"deletion_run:{self.pk}"


class RunFinding(WorkspaceTable):
    """What a run found in one place, and what it left there. A place is a table, or a store outside the database."""

    id = models.BigAutoField(primary_key=True)
    run = InWorkspaceKey(DeletionRun, on_delete=models.CASCADE, related_name="findings")
    place = models.CharField(max_length=80)
    erased_count = models.PositiveBigIntegerField(default=0)
    redacted_count = models.PositiveBigIntegerField(default=0)
    left_count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "run", "place"), name="privacy_finding_place"),)

    def __str__(self) -> str:
        return self.place

    @property
    def found_count(self) -> int:
        """Everything that was there."""
        return self.erased_count + self.redacted_count + self.left_count


class Certificate(WorkspaceTable):
    """The signed proof of a run. It names its reference, its counts and its times, and nobody."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = InWorkspaceKey(DeletionRun, on_delete=models.PROTECT, related_name="certificates")
    document = models.TextField(help_text="The signed bytes, JSON.")
    signature = models.BinaryField(max_length=64)
    key_id = models.CharField(max_length=32)
    issued_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "run"), name="privacy_certificate_run"),)

    def __str__(self) -> str:
        return str(self.run_id)
