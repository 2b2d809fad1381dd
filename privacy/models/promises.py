"""Whether promises about data are kept, and what happened when they were not."""

import uuid

from django.db import models

from agency.models import Person


class PromiseCheck(models.Model):
    """One look at whether a promise is kept. Of the installation, not of a workspace; holds counts, never content."""

    class Result(models.TextChoices):
        KEPT = "kept", "Kept"
        BROKEN = "broken", "Not kept"
        UNKNOWN = "unknown", "Not checked"

    id = models.BigAutoField(primary_key=True)
    promise = models.CharField(max_length=40)
    result = models.CharField(max_length=8, choices=Result)
    evidence = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("promise", "at"), name="privacy_promise_at"),)

    def __str__(self) -> str:
        return f"{self.promise} {self.result}"


class Incident(models.Model):
    """Something that was not as promised: opened by a failed check, or by the privacy team. Of the installation; names nobody."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=200)
    promise = models.CharField(max_length=40, blank=True)
    what = models.TextField(blank=True, help_text="What happened and what was done, as the privacy team notes it. No names.")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(null=True)
    mended_at = models.DateTimeField(null=True, help_text="When its check found the promise kept again.")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("promise",), condition=models.Q(closed_at=None) & ~models.Q(promise=""), name="privacy_incident_open_once"
            ),
        )

    def __str__(self) -> str:
        return self.title
