"""What is to be done on TikTok, and how it went."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q

from agency.models import InWorkspaceKey, Person, WorkspaceTable
from community.models.comments import Comment
from integrations.models import ApiCall


class Sending(WorkspaceTable):
    """One thing that somebody here wants done on TikTok. It waits ten seconds in which it can be stopped, and is then claimed before the
    call leaves: whatever dies on the way, a reply is never sent a second time."""

    WAITS = timedelta(seconds=10)

    class Kind(models.TextChoices):
        REPLY = "reply", "Reply"
        LIKE = "like", "Like"
        UNLIKE = "unlike", "Take the like back"
        HIDE = "hide", "Hide"
        SHOW = "show", "Show again"
        DELETE = "delete", "Delete"

    class State(models.TextChoices):
        WAITING = "waiting"
        STOPPED = "stopped"
        SENDING = "sending"
        UNKNOWN = "unknown"
        SENT = "sent"
        FAILED = "failed"

    UNDER_WAY = (State.WAITING, State.SENDING, State.UNKNOWN)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    thread = InWorkspaceKey(Comment, on_delete=models.CASCADE, related_name="sendings")
    comment = InWorkspaceKey(Comment, on_delete=models.CASCADE, related_name="+", help_text="What it is done with, or answers.")
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.TextField(blank=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    goes_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    state_since = models.DateTimeField()
    sentence = models.CharField(max_length=300, blank=True, help_text="What is known about how it went.")
    called_at = models.DateTimeField(null=True, help_text="When it was claimed for the call.")
    looked_count = models.PositiveSmallIntegerField(default=0, help_text="How often TikTok was asked whether a lost reply arrived.")
    tiktok_comment_id = models.CharField(max_length=32, blank=True, help_text="The reply that came of it.")
    call = InWorkspaceKey(ApiCall, null=True, on_delete=models.DO_NOTHING, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "comment", "kind"),
                condition=Q(state__in=("waiting", "sending", "unknown")),
                name="community_sending_one_at_a_time",
            ),
        )
        indexes = (models.Index(fields=("workspace", "thread", "asked_at"), name="community_sending_thread"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
