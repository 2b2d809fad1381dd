"""What TikTok told by itself, and what people are told of their connections."""

import uuid
from datetime import timedelta

from django.db import models

from agency.models import InWorkspaceKey, Membership, WorkspaceTable
from integrations.models.connections import Connection


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
