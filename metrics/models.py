"""What TikTok told us: accounts, their days, posts, and dated snapshots of the posts' counters; campaigns, ads, and the days of ads.
Every row knows the call it came from.
"""

import uuid

from django.db import models

from agency.models import Brand, InWorkspaceKey, Membership, WorkspaceQuerySet, WorkspaceTable
from integrations.models import AdAccount, ApiCall, Connection
from metrics.total_models import BrandDay, WorkspaceDay

__all__ = (
    "Account", "AccountDay", "Ad", "AdAccountDay", "AdCampaign", "AdDay", "AdGroup", "BrandDay", "Mention", "Post", "PostSnapshot",
    "WorkspaceDay",
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


def _money(**options: object) -> models.DecimalField:
    """Money of the ad account, in its currency."""
    return models.DecimalField(max_digits=20, decimal_places=6, null=True, **options)


class AdCampaign(WorkspaceTable):
    """A campaign as TikTok last told it, deleted ones too."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ad_account = InWorkspaceKey(AdAccount, on_delete=models.CASCADE, related_name="campaigns")
    tiktok_campaign_id = models.CharField(max_length=32)
    name = models.CharField(max_length=600, blank=True)
    objective = models.CharField(max_length=40, blank=True)
    campaign_type = models.CharField(max_length=40, blank=True)
    automation_type = models.CharField(max_length=40, blank=True, help_text="MANUAL, SMART_PLUS and their like.")
    is_smart = models.BooleanField(null=True)
    is_budget_optimized = models.BooleanField(null=True)
    budget = _money()
    budget_mode = models.CharField(max_length=40, blank=True)
    operation_status = models.CharField(max_length=20, blank=True)
    secondary_status = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(null=True)
    modified_at = models.DateTimeField(null=True, help_text="TikTok leaves it out of some Smart+ campaigns.")
    call = InWorkspaceKey(ApiCall, on_delete=models.DO_NOTHING, related_name="+")
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "ad_account", "tiktok_campaign_id"), name="metrics_ad_campaign"),)

    def __str__(self) -> str:
        return self.name or self.tiktok_campaign_id


class AdGroup(WorkspaceTable):
    """An ad group as TikTok last told it. Its campaign is named by TikTok's id: pages of the levels arrive in any order."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ad_account = InWorkspaceKey(AdAccount, on_delete=models.CASCADE, related_name="ad_groups")
    tiktok_adgroup_id = models.CharField(max_length=32)
    tiktok_campaign_id = models.CharField(max_length=32)
    name = models.CharField(max_length=600, blank=True)
    optimization_goal = models.CharField(max_length=40, blank=True)
    billing_event = models.CharField(max_length=20, blank=True)
    budget = _money()
    budget_mode = models.CharField(max_length=40, blank=True)
    scheduled_budget = _money(help_text="Takes effect at the account's next midnight.")
    bid_price = _money()
    conversion_bid_price = _money()
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    is_smart = models.BooleanField(null=True)
    operation_status = models.CharField(max_length=20, blank=True)
    secondary_status = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(null=True)
    modified_at = models.DateTimeField(null=True)
    call = InWorkspaceKey(ApiCall, on_delete=models.DO_NOTHING, related_name="+")
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "ad_account", "tiktok_adgroup_id"), name="metrics_ad_group"),)
        indexes = (models.Index(fields=("workspace", "ad_account", "tiktok_campaign_id"), name="metrics_ad_group_campaign"),)

    def __str__(self) -> str:
        return self.name or self.tiktok_adgroup_id


class Ad(WorkspaceTable):
    """An ad as TikTok last told it. One that runs an existing post, a Spark Ad, names the post and under whose name it runs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ad_account = InWorkspaceKey(AdAccount, on_delete=models.CASCADE, related_name="ads")
    tiktok_ad_id = models.CharField(max_length=32)
    tiktok_adgroup_id = models.CharField(max_length=32)
    tiktok_campaign_id = models.CharField(max_length=32)
    name = models.CharField(max_length=600, blank=True)
    ad_format = models.CharField(max_length=40, blank=True)
    identity_type = models.CharField(max_length=40, blank=True)
    identity_id = models.CharField(max_length=64, blank=True)
    tiktok_item_id = models.CharField(max_length=32, blank=True, help_text="The post that a Spark Ad shows.")
    video_id = models.CharField(max_length=64, blank=True)
    ad_text = models.TextField(blank=True)
    landing_page_url = models.TextField(blank=True)
    operation_status = models.CharField(max_length=20, blank=True)
    secondary_status = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(null=True)
    modified_at = models.DateTimeField(null=True)
    call = InWorkspaceKey(ApiCall, on_delete=models.DO_NOTHING, related_name="+")
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "ad_account", "tiktok_ad_id"), name="metrics_ad_id"),)
        indexes = (
            models.Index(fields=("workspace", "ad_account", "tiktok_campaign_id"), name="metrics_ad_campaign_of"),
            models.Index(
                fields=("workspace", "tiktok_item_id"), condition=~models.Q(tiktok_item_id=""), name="metrics_ad_post"
            ),  # "which ads showed this post"
        )

    def __str__(self) -> str:
        return self.name or self.tiktok_ad_id


class AdDay(WorkspaceTable):
    """One ad on one day of its ad account, as TikTok last told it. A missing figure is NULL; a day without delivery is no row.

    The ad is the leaf: figures of ad groups, campaigns and brands are sums of these.
    """

    id = models.BigAutoField(primary_key=True)
    ad_account = InWorkspaceKey(AdAccount, on_delete=models.CASCADE, related_name="ad_days")
    date = models.DateField(help_text="In the ad account's time zone.")
    tiktok_ad_id = models.CharField(max_length=32)
    tiktok_adgroup_id = models.CharField(max_length=32, blank=True)
    tiktok_campaign_id = models.CharField(max_length=32, blank=True)
    spend = _money()
    impressions = models.PositiveBigIntegerField(null=True)
    clicks = models.PositiveBigIntegerField(null=True)
    conversions = models.PositiveBigIntegerField(null=True)
    video_views = models.PositiveBigIntegerField(null=True)
    video_views_6s = models.PositiveBigIntegerField(null=True)
    video_views_whole = models.PositiveBigIntegerField(null=True)
    likes = models.PositiveBigIntegerField(null=True)
    comments = models.PositiveBigIntegerField(null=True)
    shares = models.PositiveBigIntegerField(null=True)
    follows = models.PositiveBigIntegerField(null=True)
    call = InWorkspaceKey(ApiCall, on_delete=models.DO_NOTHING, related_name="+")
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "ad_account", "date", "tiktok_ad_id"), name="metrics_ad_day"),)

    def __str__(self) -> str:
        return f"{self.tiktok_ad_id} {self.date}"


class AdAccountDay(WorkspaceTable):
    """TikTok's own total of an ad account's day. Where it differs from the sum of the ads, the difference is named, not spread."""

    id = models.BigAutoField(primary_key=True)
    ad_account = InWorkspaceKey(AdAccount, on_delete=models.CASCADE, related_name="days")
    date = models.DateField(help_text="In the ad account's time zone.")
    spend = _money()
    impressions = models.PositiveBigIntegerField(null=True)
    clicks = models.PositiveBigIntegerField(null=True)
    conversions = models.PositiveBigIntegerField(null=True)
    video_views = models.PositiveBigIntegerField(null=True)
    call = InWorkspaceKey(ApiCall, on_delete=models.DO_NOTHING, related_name="+")
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "ad_account", "date"), name="metrics_ad_account_day"),)

    def __str__(self) -> str:
        return f"{self.ad_account_id} {self.date}"
