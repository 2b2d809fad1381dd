"""What people ask for: that an account or a person be forgotten here, shown by whom and how far it is."""

import uuid
from datetime import timedelta

from django.db import models

from agency import clock
from agency.models import InWorkspaceKey, Membership, Person, WorkspaceQuerySet, WorkspaceTable
from agency.roles import Role


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
