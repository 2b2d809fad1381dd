"""Leaving, and the proof of it: requests for deletion, the runs that carry them out, what each found, and the signed certificates.

After a run nothing here names the account any more: a request keeps its reference and its dates, a run its counts.
"""

import uuid
from datetime import timedelta

from django.db import models

from agency import clock
from agency.models import InWorkspaceKey, Membership, Person, WorkspaceQuerySet, WorkspaceTable
from agency.roles import Role
from integrations.models import Connection


class PublicRequest(models.Model):
    """What somebody sent through the public form. It belongs to no workspace yet; what it says is sealed under a key of its own."""

    VERIFIED_WITHIN = timedelta(days=3)

    class Way(models.TextChoices):
        MAIL = "mail", "By a link in a mail to me"
        TIKTOK = "tiktok", "By signing in to TikTok with the account"

    class State(models.TextChoices):
        UNVERIFIED = "unverified", "Waiting for whoever asks to show who they are"
        CHECKING = "checking", "Being checked"
        ANSWERED = "answered", "Answered"
        EXPIRED = "expired", "Not confirmed in time"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=16, unique=True)
    said_sealed = models.BinaryField(
        null=True, help_text="Handle, address, relation, message, and the account that was signed in with; gone once it is answered."
    )
    way = models.CharField(max_length=8, choices=Way, default=Way.MAIL, help_text="How whoever asks shows who they are, and later: showed.")
    state = models.CharField(max_length=10, choices=State, default=State.UNVERIFIED)
    created_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    sorted_at = models.DateTimeField(null=True, help_text="When it was led to the workspaces that hold the account, if any does.")
    answered_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.reference

    @property
    def key_ref(self) -> str:
        """Name of the key under which it is sealed."""
        return f"deletion_form:{self.pk}"

    @property
    def can_be_proved(self) -> bool:
        """Whether signing in to TikTok still changes anything: nobody has shown who they are, or by an address alone."""
        if self.state == self.State.UNVERIFIED:
            return self.created_at > clock.now() - self.VERIFIED_WITHIN
        return self.state == self.State.CHECKING and self.way == self.Way.MAIL


class Of(models.TextChoices):
    """Whose data goes."""

    ACCOUNT = "account", "Account"
    AD_ACCOUNT = "ad_account", "Ad account"
    COMMENTER = "commenter", "Commenter"
    PERSON = "person", "Person"
    WORKSPACE = "workspace", "Workspace"


class DeletionRequestQuerySet(WorkspaceQuerySet):
    """Requests by who sees them and by how they stand."""

    def visible_to(self, membership: Membership) -> "DeletionRequestQuerySet":
        """A creator sees the requests they made themselves. That somebody wants to go is their own matter, on their own page."""
        rows = self.of(membership.workspace_id).exclude(of=Of.PERSON)
        return rows.filter(asked_by_id=membership.person_id) if membership.as_role is Role.CREATOR else rows

    def open(self) -> "DeletionRequestQuerySet":
        """Those that will still be carried out or answered."""
        return self.filter(state__in=DeletionRequest.OPEN)


class DeletionRequest(WorkspaceTable):
    """Somebody wants all data of an account gone, what they said in comments, or themselves. Who did what, and when, stands in its
    steps."""

    class Source(models.TextChoices):
        ZONE = "zone", "Danger zone"
        OWN = "own", "Their own account page"
        FORM = "form", "Public form"
        MAIL = "mail", "Mail to the privacy contact"

    class State(models.TextChoices):
        CHECKING = "checking", "Being checked"
        SCHEDULED = "scheduled", "Scheduled"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        REFUSED = "refused", "Refused"

    Of = Of
    OPEN = (State.CHECKING, State.SCHEDULED, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=16)
    source = models.CharField(max_length=8, choices=Source)
    state = models.CharField(max_length=10, choices=State)
    of = models.CharField(max_length=12, choices=Of, default=Of.ACCOUNT)
    account_id = models.UUIDField(
        null=True, help_text="The connection, a commenter's reference, or a person; emptied when its data is gone."
    )
    account_name = models.CharField(max_length=200, blank=True, help_text="As shown; emptied when its data is gone.")
    generation = models.PositiveIntegerField(help_text="The account's consent at that time: a newer one takes the request back.")
    asked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    contact = models.EmailField(blank=True, help_text="Who asked, if nobody signed in; emptied when they were told of the end.")
    identity_note = models.CharField(max_length=300, blank=True, help_text="How the privacy team made sure who asked.")
    public_request_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="When it must be done at the latest.")
    run_at = models.DateTimeField(null=True, help_text="The nightly run that will carry it out.")
    done_at = models.DateTimeField(null=True)

    objects = DeletionRequestQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("workspace", "reference"), name="privacy_request_reference"),
            models.UniqueConstraint(
                fields=("workspace", "account_id"),
                condition=models.Q(state__in=("checking", "scheduled", "running")),
                name="privacy_request_open_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="done") | models.Q(account_id=None, account_name=""), name="privacy_done_names_nobody"
            ),
        )
        indexes = (models.Index(fields=("workspace", "due_at"), name="privacy_request_due"),)

    def __str__(self) -> str:
        return self.reference

    @property
    def can_be_cancelled(self) -> bool:
        """Until its run has begun."""
        return self.state in (self.State.CHECKING, self.State.SCHEDULED)


class RequestStep(WorkspaceTable):
    """One thing that happened to a request: who, and when. No person means the platform, or whoever wrote without signing in."""

    id = models.BigAutoField(primary_key=True)
    request = InWorkspaceKey(DeletionRequest, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=10, choices=DeletionRequest.State)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.state} at {self.at}"


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
