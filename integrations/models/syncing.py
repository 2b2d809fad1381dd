"""How sync stands and how often it looks; the calls that were made."""

import uuid

from django.db import models

from agency.models import InWorkspaceKey, Person, WorkspaceTable
from integrations.models.connections import Connection


class Pace(models.TextChoices):
    """How often a workspace's figures are looked at."""

    CLOSE = "close", "Close"
    USUAL = "usual", "Usual"
    RELAXED = "relaxed", "Relaxed"


class SyncPace(WorkspaceTable):
    """The pace that somebody chose for a workspace, and who did. Without a row it is the usual one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pace = models.CharField(max_length=8, choices=Pace)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace",), name="integrations_pace"),)

    def __str__(self) -> str:
        return self.pace


class SyncRun(WorkspaceTable):
    """How one kind of sync of an account, or of an ad account, stands: what people see as a step, what went wrong in words, and when it is
    due again."""

    class Kind(models.TextChoices):
        PROFILE = "profile", "Profile"
        ACCOUNT_DAYS = "account_days", "Daily figures"
        POSTS = "posts", "Posts"
        OLDER_POSTS = "older_posts", "Older posts"
        COMMENTS = "comments", "Comments"
        MENTIONS = "mentions", "Mentions"
        AUDIENCE = "audience", "Audience"
        AD_ACCOUNT = "ad_account", "Ad account"
        CAMPAIGNS = "campaigns", "Campaigns"
        AD_GROUPS = "ad_groups", "Ad groups"
        ADS = "ads", "Ads"
        AD_DAYS = "ad_days", "Paid figures"
        AD_HISTORY = "ad_history", "Earlier paid figures"
        AD_COMMENTS = "ad_comments", "Comments under ads"

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        SKIPPED = "skipped"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = InWorkspaceKey(Connection, on_delete=models.CASCADE, related_name="sync_runs")
    ad_account = InWorkspaceKey("AdAccount", null=True, on_delete=models.CASCADE, related_name="sync_runs")
    kind = models.CharField(max_length=16, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    generation = models.PositiveIntegerField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    done_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(null=True)
    cursor = models.BigIntegerField(null=True, help_text="Where to go on after an interruption.")
    sentence = models.CharField(max_length=300, blank=True, help_text="What went wrong and what happens next.")
    due_at = models.DateTimeField(null=True, help_text="When it is looked at next; empty when it will not be.")
    failure_count = models.PositiveSmallIntegerField(default=0, help_text="Failures in a row; the pauses grow with it.")
    quiet_count = models.PositiveSmallIntegerField(default=0, help_text="Looks in a row that found nothing new; the pauses grow with it.")
    last_success_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "connection", "kind"), condition=models.Q(ad_account=None), name="integrations_sync_run_kind"
            ),
            models.UniqueConstraint(fields=("workspace", "ad_account", "kind"), name="integrations_sync_run_ad_account"),
        )
        indexes = (models.Index(fields=("workspace", "connection"), name="integrations_sync_run_of"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class ApiCall(WorkspaceTable):
    """One answer of TikTok: the origin of figures. Holds no content."""

    id = models.BigAutoField(primary_key=True)
    connection = InWorkspaceKey(Connection, on_delete=models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=80)
    tiktok_request_id = models.CharField(max_length=64)
    code = models.IntegerField()
    http_status = models.PositiveSmallIntegerField()
    called_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()

    class Meta:
        indexes = (models.Index(fields=("workspace", "connection", "called_at"), name="integrations_call_at"),)

    def __str__(self) -> str:
        return f"{self.endpoint} {self.tiktok_request_id}"
