"""What TikTok told us: accounts, their days, posts, and dated snapshots of the posts' counters. Every row knows the call it came from.
Campaigns, ads and their days: metrics/ad_models.py.
"""

import uuid

from django.db import models

from agency.models import Brand, InWorkspaceKey, Membership, WorkspaceQuerySet, WorkspaceTable
from integrations.models import ApiCall, Connection
from metrics.ad_models import Ad, AdAccountDay, AdCampaign, AdDay, AdGroup, AdSum
from metrics.audience_models import AccountAudience, ActiveHours, PostAudience
from metrics.gain_models import GainedDay
from metrics.total_models import BrandDay, WorkspaceDay

__all__ = (
    "Account", "AccountAudience", "AccountDay", "ActiveHours", "Ad", "AdAccountDay", "AdCampaign", "AdDay", "AdGroup", "AdSum",
    "BrandDay", "GainedDay", "Mention", "Post", "PostAudience", "PostSnapshot", "WorkspaceDay",
)  # fmt: skip


class Account(WorkspaceTable):
    """A TikTok account's figures in a workspace. It outlives a reconnect, so history stays."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = InWorkspaceKey(Connection, on_delete=models.CASCADE, related_name="accounts")
    brand = InWorkspaceKey(Brand, null=True, on_delete=models.PROTECT, related_name="+")
    followers_count = models.PositiveBigIntegerField(null=True, help_text="Now, by TikTok's profile.")
    videos_count = models.PositiveBigIntegerField(null=True)
    profile_call = models.BigIntegerField(null=True, help_text="The call that the two counters came with.")
    profile_seen_at = models.DateTimeField(null=True)
    days_seen_at = models.DateTimeField(null=True)
    judged_until = models.DateField(null=True, help_text="Days up to this one have been looked at: unusual or not.")
    posts_seen_at = models.DateTimeField(null=True)
    posts_whole_of = models.PositiveIntegerField(null=True, help_text="The consent (generation) with which all posts were read once.")
    posts_whole_at = models.DateTimeField(null=True, help_text="When all posts were last read.")
    mentions_seen_at = models.DateTimeField(null=True)
    mentions_begun_at = models.DateTimeField(null=True, help_text="Since when all mentions are being read, while they are.")
    mentions_whole_of = models.PositiveIntegerField(null=True, help_text="The consent (generation) with which all mentions were read once.")
    mentions_whole_at = models.DateTimeField(null=True, help_text="When all mentions were last read.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "connection"), name="metrics_account_connection"),)

    def __str__(self) -> str:
        return str(self.connection_id)


class AccountDay(WorkspaceTable):
    """One UTC day of an account, as TikTok last told it. A missing figure is NULL; a missing day is no row."""

    id = models.BigAutoField(primary_key=True)
    account = InWorkspaceKey(Account, on_delete=models.CASCADE, related_name="days")
    date = models.DateField()
    video_views = models.PositiveBigIntegerField(null=True)
    profile_views = models.PositiveBigIntegerField(null=True)
    likes = models.PositiveBigIntegerField(null=True)
    comments = models.PositiveBigIntegerField(null=True)
    shares = models.PositiveBigIntegerField(null=True)
    followers_count = models.PositiveBigIntegerField(null=True, help_text="At the end of the day.")
    new_followers = models.PositiveBigIntegerField(null=True)
    lost_followers = models.PositiveBigIntegerField(null=True)
    viewers = models.PositiveBigIntegerField(null=True, help_text="Unique within the day. TikTok tells it of business accounts only.")
    call = InWorkspaceKey(ApiCall, on_delete=models.DO_NOTHING, related_name="+")
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "account", "date"), name="metrics_account_day"),)

    def __str__(self) -> str:
        return f"{self.account_id} {self.date}"


class PostQuerySet(WorkspaceQuerySet):
    """Posts, by who may see them."""

    def visible_to(self, membership: Membership) -> "PostQuerySet":
        """Those of accounts that a member sees. What was disconnected waits for its end and is shown to nobody."""
        seen = Connection.objects.visible_to(membership).exclude(state=Connection.State.DISCONNECTED)
        return self.of(membership.workspace_id).filter(account__connection__in=seen)


class Post(WorkspaceTable):
    """A public post with its lifetime counters as last seen."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = InWorkspaceKey(Account, on_delete=models.CASCADE, related_name="posts")
    tiktok_item_id = models.CharField(max_length=32)
    created_at = models.DateTimeField()
    media_type = models.CharField(max_length=8, blank=True)
    caption = models.TextField(blank=True)
    share_url = models.URLField(max_length=600, blank=True)
    duration_seconds = models.FloatField(null=True)
    views = models.PositiveBigIntegerField(null=True)
    likes = models.PositiveBigIntegerField(null=True)
    comments = models.PositiveBigIntegerField(null=True)
    shares = models.PositiveBigIntegerField(null=True)
    favorites = models.PositiveBigIntegerField(null=True)
    reach = models.PositiveBigIntegerField(null=True)
    watch_through_rate = models.FloatField(null=True)
    average_watched_seconds = models.FloatField(null=True)
    watched_seconds = models.FloatField(null=True, help_text="All of its views together.")
    call = InWorkspaceKey(ApiCall, on_delete=models.DO_NOTHING, related_name="+")
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    look_at = models.DateTimeField(null=True, help_text="When its counters are read again: young posts often, quiet ones seldom.")
    quiet_count = models.PositiveSmallIntegerField(default=0, help_text="Looks in a row that found no new view.")
    gone_at = models.DateTimeField(null=True, help_text="Since when TikTok does not know it any more.")

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "account", "tiktok_item_id"), name="metrics_post_item"),)
        indexes = (
            models.Index(fields=("workspace", "account", "created_at"), name="metrics_post_created"),
            models.Index(fields=("workspace", "created_at"), name="metrics_post_day"),
            models.Index(fields=("workspace", "account", "look_at"), name="metrics_post_look"),
        )

    def __str__(self) -> str:
        return self.tiktok_item_id


class PostSnapshot(WorkspaceTable):
    """A post's lifetime counters at one hour. Append-only: the first sight in an hour stays. Period figures are differences of these."""

    id = models.BigAutoField(primary_key=True)
    post = InWorkspaceKey(Post, on_delete=models.CASCADE, related_name="snapshots")
    hour = models.DateTimeField(help_text="The UTC hour in which it was taken.")
    taken_at = models.DateTimeField()
    views = models.PositiveBigIntegerField(null=True)
    likes = models.PositiveBigIntegerField(null=True)
    comments = models.PositiveBigIntegerField(null=True)
    shares = models.PositiveBigIntegerField(null=True)
    favorites = models.PositiveBigIntegerField(null=True)
    call = InWorkspaceKey(ApiCall, on_delete=models.DO_NOTHING, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "post", "hour"), name="metrics_snapshot_hour"),)

    def __str__(self) -> str:
        return f"{self.post_id} {self.hour}"


class Mention(WorkspaceTable):
    """Somebody else's public post, or comment, that names an account.

    It is other people's: what TikTok lists no more, because its author took it away or because it is too old to be listed, loses its words
    and names here too. What is left are counters as last seen, so that past sums stay.
    """

    class Kind(models.TextChoices):
        POST = "post", "Post"
        COMMENT = "comment", "Comment"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = InWorkspaceKey(Account, on_delete=models.CASCADE, related_name="mentions")
    kind = models.CharField(max_length=8, choices=Kind)
    tiktok_id = models.CharField(max_length=32, help_text="Of the post, or of the comment.")
    tiktok_item_id = models.CharField(max_length=32, blank=True, help_text="The post that it is, or that it stands under.")
    created_at = models.DateTimeField(null=True)
    author = models.CharField(max_length=200, blank=True, help_text="A post's by handle, a comment's by the name that is shown.")
    text = models.TextField(blank=True)
    link = models.URLField(max_length=600, blank=True)
    views = models.PositiveBigIntegerField(null=True)
    likes = models.PositiveBigIntegerField(null=True)
    comments = models.PositiveBigIntegerField(null=True)
    shares = models.PositiveBigIntegerField(null=True)
    reach = models.PositiveBigIntegerField(null=True)
    call = InWorkspaceKey(ApiCall, on_delete=models.DO_NOTHING, related_name="+")
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, help_text="Since when TikTok does not list it any more.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "account", "kind", "tiktok_id"), name="metrics_mention_once"),)
        indexes = (models.Index(fields=("workspace", "account", "created_at"), name="metrics_mention_at"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.tiktok_id}"
