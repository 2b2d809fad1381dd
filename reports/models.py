"""Weekly reports, frozen once sent; their deliveries, one per person; and when a workspace's next one is due."""

import uuid

from django.db import models

from agency.models import InWorkspaceKey, Membership, Person, WorkspaceQuerySet, WorkspaceTable
from metrics.models import Post
from metrics.periods import Week


class ReportSchedule(WorkspaceTable):
    """When a workspace gets its weekly report, and which week is next. Day and hour are in the workspace's time zone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hour = models.PositiveSmallIntegerField(default=9, help_text="Hour on Monday, 0 to 23.")
    next_week = models.CharField(max_length=8, help_text="The next ISO week to be reported, such as 2026-W21.")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("workspace",), name="reports_schedule_workspace"),
            models.CheckConstraint(condition=models.Q(hour__lte=23), name="reports_schedule_hour"),
        )

    def __str__(self) -> str:
        return self.next_week


class WeeklyReport(WorkspaceTable):
    """One workspace's report of one ISO week. `content` is what was sent and never changes afterwards."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    week = models.CharField(max_length=8)
    content = models.JSONField(help_text="The report as composed: reports/content.py")
    content_hash = models.CharField(max_length=64)
    definitions_version = models.PositiveSmallIntegerField()
    composed_at = models.DateTimeField()
    accounts_erased_count = models.PositiveSmallIntegerField(default=0, help_text="Accounts whose part was taken out since.")
    erased_at = models.DateTimeField(null=True, help_text="When the last account in it was erased; then it says only that it was sent.")

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "week"), name="reports_weekly_report_week"),)

    def __str__(self) -> str:
        return self.week

    @property
    def as_week(self) -> Week:
        """The ISO week."""
        return Week.parse(self.week)


class Delivery(WorkspaceTable):
    """One report to one person. Claimed before the mail leaves; its Message-ID never changes, so a repeat is recognised as one."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "On its way"
        SENT = "sent", "Delivered"
        REFUSED = "refused", "Refused"
        GIVEN_UP = "given_up", "Not delivered"
        STOPPED = "stopped", "Stopped by the person"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = InWorkspaceKey(WeeklyReport, on_delete=models.CASCADE, related_name="deliveries")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=24)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    message_id = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "report", "person"), name="reports_delivery_person"),)

    def __str__(self) -> str:
        return f"{self.report_id} to {self.person_id}: {self.state}"


class StoppedMail(WorkspaceTable):
    """A person who stopped the Monday reports of a workspace."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    membership = InWorkspaceKey(Membership, on_delete=models.CASCADE, related_name="+")
    stopped_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "membership"), name="reports_stopped_membership"),)

    def __str__(self) -> str:
        return str(self.membership_id)


class Credit(WorkspaceTable):
    """Staff's word that a post concerns a creator: made by or with them, and published by an account that is not theirs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    post = InWorkspaceKey(Post, on_delete=models.CASCADE, related_name="+")
    creator = InWorkspaceKey(Membership, on_delete=models.CASCADE, related_name="+")
    credited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    credited_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "post", "creator"), name="reports_credit_once"),)

    def __str__(self) -> str:
        return f"{self.post_id} concerns {self.creator_id}"
