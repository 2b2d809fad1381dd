"""Weekly reports, frozen once sent; their deliveries, one per person; and when a workspace's next one is due."""

import uuid

from django.db import models

from agency.models import InWorkspaceKey, Membership, Person, WorkspaceQuerySet, WorkspaceTable
from metrics.models import Post
from metrics.periods import Week


class ReportSchedule(WorkspaceTable):
    """When a workspace gets its weekly report, and which week is next. Day and hour are in the workspace's time zone."""

    class Review(models.TextChoices):
        NONE = "none", "It goes by itself"
        SEND = "send", "An account manager may look first; at the hour it goes"
        HOLD = "hold", "An account manager has to approve it; until then it waits"

    class Weekday(models.IntegerChoices):
        MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    weekday = models.PositiveSmallIntegerField(default=0, choices=Weekday, help_text="Of the week after the one that is reported.")
    hour = models.PositiveSmallIntegerField(default=9, help_text="Hour of that day, 0 to 23.")
    review = models.CharField(max_length=4, choices=Review, default=Review.NONE)
    review_hours = models.PositiveSmallIntegerField(default=3, help_text="How long before the hour the report is written, to be looked at.")
    holds_while_broken = models.BooleanField(default=False, help_text="Wait, for two days at most, while an account is broken.")
    reply_to = models.EmailField(blank=True, help_text="Where answers to the mail go.")
    next_week = models.CharField(max_length=8, help_text="The next ISO week to be reported, such as 2026-W21.")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("workspace",), name="reports_schedule_workspace"),
            models.CheckConstraint(condition=models.Q(hour__lte=23), name="reports_schedule_hour"),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="reports_schedule_weekday"),
            models.CheckConstraint(condition=models.Q(review_hours__range=(1, 12)), name="reports_schedule_review_hours"),
        )

    def __str__(self) -> str:
        return self.next_week


class ExportFileQuerySet(WorkspaceQuerySet):
    """Files made in the background."""

    def visible_to(self, membership: Membership) -> "ExportFileQuerySet":
        """Only whoever asked for a file sees it: it holds what that person might see."""
        return self.of(membership.workspace_id).filter(membership_id=membership.pk)


class ExportFile(WorkspaceTable):
    """A long export: what was asked, how far it is, and its content in sealed parts. Gone after a day, with the key of its own."""

    class State(models.TextChoices):
        WAITING = "waiting", "Being made"
        DONE = "done", "Ready"
        FAILED = "failed", "Could not be made"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    membership = InWorkspaceKey(Membership, on_delete=models.CASCADE, related_name="+", help_text="Who asked.")
    name = models.CharField(max_length=40, help_text="Which export: reports/exports.py")
    form = models.CharField(max_length=4)
    asked = models.JSONField(help_text="The page's query string.")
    asked_hash = models.CharField(max_length=64)
    title = models.CharField(max_length=300)
    file_name = models.CharField(max_length=140)
    row_count = models.PositiveBigIntegerField(help_text="Expected at first, written in the end.")
    byte_count = models.PositiveBigIntegerField(default=0)
    part_count = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    sentence = models.CharField(max_length=300, blank=True, help_text="Why it could not be made, and what to do.")
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    objects = ExportFileQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "membership", "asked_hash"), condition=models.Q(state="waiting"), name="reports_export_asked_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.state}"


def export_key_ref(file_id: uuid.UUID) -> str:
    """The name of an export's own data key."""
    return f"export:{file_id}"


class ExportPart(WorkspaceTable):
    """A piece of an export's content, sealed under the file's key."""

    id = models.BigAutoField(primary_key=True)
    file = InWorkspaceKey(ExportFile, on_delete=models.CASCADE, related_name="parts")
    place = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "file", "place"), name="reports_export_part_place"),)

    def __str__(self) -> str:
        return f"{self.file_id} {self.place}"


class WeeklyReport(WorkspaceTable):
    """One workspace's report of one ISO week. `content` is what was written and never changes afterwards.

    Until it is released only those who review it see it. `goes_at` is when it will be; without one it waits for somebody's word.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    week = models.CharField(max_length=8)
    content = models.JSONField(help_text="The report as composed: reports/content.py")
    content_hash = models.CharField(max_length=64)
    definitions_version = models.PositiveSmallIntegerField()
    composed_at = models.DateTimeField()
    slot_at = models.DateTimeField(null=True, help_text="When it was to go.")
    goes_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
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


class ReportStep(WorkspaceTable):
    """What was decided about a report before it went, when, and by whom; nobody is the platform at the hour."""

    class Kind(models.TextChoices):
        APPROVED = "approved", "Approved"
        HELD = "held", "Held back"
        RELEASED = "released", "Sent"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = InWorkspaceKey(WeeklyReport, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=8, choices=Kind)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("workspace", "report"), condition=models.Q(kind="released"), name="reports_step_released_once"),
        )

    def __str__(self) -> str:
        return f"{self.report_id} {self.kind}"


class ExtraRecipient(WorkspaceTable):
    """An address outside the workspace's people that gets the reports once its owner has confirmed it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField()
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(help_text="When its owner was asked last; the link holds for a week.")
    refused = models.CharField(max_length=200, blank=True, help_text="What the mail server said to the question.")
    confirmed_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("workspace", "email"), condition=models.Q(removed_at=None), name="reports_extra_email"),
        )

    def __str__(self) -> str:
        return str(self.pk)


class ShareLink(WorkspaceTable):
    """A link to one report for who has no sign-in. Its secret stands as a keyed hash in the address book; here is when it ends."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = InWorkspaceKey(WeeklyReport, on_delete=models.CASCADE, related_name="links")
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    opened_count = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(expires_at__gt=models.F("made_at")), name="reports_link_expires"),)

    def __str__(self) -> str:
        return str(self.pk)


class Delivery(WorkspaceTable):
    """One report to one person, or to one extra address. Claimed before the mail leaves; its Message-ID never changes, so that a repeat
    is recognised as one."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "On its way"
        SENT = "sent", "Delivered"
        REFUSED = "refused", "Refused"
        GIVEN_UP = "given_up", "Not delivered"
        STOPPED = "stopped", "Stopped by the person"
        SUPPRESSED = "suppressed", "Not sent: the address bounced or complained"
        BOUNCED = "bounced", "Came back"
        COMPLAINED = "complained", "Called unwanted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = InWorkspaceKey(WeeklyReport, on_delete=models.CASCADE, related_name="deliveries")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    extra = InWorkspaceKey(ExtraRecipient, null=True, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=24, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    message_id = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("workspace", "report", "person"), name="reports_delivery_person"),
            models.UniqueConstraint(fields=("workspace", "report", "extra"), name="reports_delivery_extra"),
            models.CheckConstraint(
                condition=models.Q(person=None, extra__isnull=False) | models.Q(person__isnull=False, extra=None),
                name="reports_delivery_to_one",
            ),
        )

    def __str__(self) -> str:
        return f"{self.report_id} to {self.person_id or self.extra_id}: {self.state}"


class ReviewCall(WorkspaceTable):
    """A mail to one reviewer: a report waits for them. One for each report and reviewer, and its id is that of the message."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = InWorkspaceKey(WeeklyReport, on_delete=models.CASCADE, related_name="calls")
    membership = InWorkspaceKey(Membership, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, blank=True, help_text="sent, refused, given_up or needless; empty while it is on its way.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "report", "membership"), name="reports_review_call_once"),)

    def __str__(self) -> str:
        return f"{self.report_id} for {self.membership_id}"


class StoppedMail(WorkspaceTable):
    """A person who stopped one kind of mail of a workspace."""

    class Kind(models.TextChoices):
        REPORT = "report", "Monday reports"
        REVIEW = "review", "mails about reports that wait for a review"
        UNUSUAL = "unusual", "mails about unusual days"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    membership = InWorkspaceKey(Membership, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.REPORT)
    stopped_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "membership", "kind"), name="reports_stopped_membership"),)

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
