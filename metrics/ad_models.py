"""What TikTok told us about ads: campaigns, ad groups, ads, and their days; and sums of these days, which are ours."""

import uuid

from django.db import models

from agency.models import InWorkspaceKey, WorkspaceTable
from integrations.models import AdAccount, ApiCall


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
    video_views_2s = models.PositiveBigIntegerField(null=True)
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


class AdSum(WorkspaceTable):
    """The days of ads, summed up: an ad account, a campaign or an ad group, on one day, in a week of a month or in a month.

    Kept in step by whoever writes days of ads, in the same transaction (metrics/ad_sums.py), so that a page reads hundreds of rows and
    not all days of all ads. Beside each sum stands how many of its rows lack that figure: a sum that lacks a part is too low and is not
    shown as one.
    """

    class Level(models.TextChoices):
        AD_ACCOUNT = "ad_account", "Ad account"
        CAMPAIGN = "campaign", "Campaign"
        AD_GROUP = "ad_group", "Ad group"

    class Span(models.TextChoices):
        DAY = "day", "Day"
        WEEK = "week", "Week of a month"  # metrics/ad_spans.py
        MONTH = "month", "Month"

    id = models.BigAutoField(primary_key=True)
    ad_account = InWorkspaceKey(AdAccount, on_delete=models.CASCADE, related_name="sums")
    level = models.CharField(max_length=10, choices=Level)
    span = models.CharField(max_length=5, choices=Span)
    date = models.DateField(help_text="The day, or the first day of the week or month, in the ad account's time zone.")
    tiktok_id = models.CharField(max_length=32, blank=True, help_text="Of the campaign or the ad group; empty for the ad account.")
    tiktok_campaign_id = models.CharField(max_length=32, blank=True, help_text="Of an ad group: where it belongs.")
    rows_count = models.BigIntegerField(help_text="How many days of ads are in it.")
    spend = models.DecimalField(max_digits=26, decimal_places=6)
    impressions = models.DecimalField(max_digits=26, decimal_places=0)
    clicks = models.DecimalField(max_digits=26, decimal_places=0)
    conversions = models.DecimalField(max_digits=26, decimal_places=0)
    video_views = models.DecimalField(max_digits=26, decimal_places=0)
    video_views_2s = models.DecimalField(max_digits=26, decimal_places=0)
    video_views_6s = models.DecimalField(max_digits=26, decimal_places=0)
    video_views_whole = models.DecimalField(max_digits=26, decimal_places=0)
    likes = models.DecimalField(max_digits=26, decimal_places=0)
    comments = models.DecimalField(max_digits=26, decimal_places=0)
    shares = models.DecimalField(max_digits=26, decimal_places=0)
    follows = models.DecimalField(max_digits=26, decimal_places=0)
    spend_lacking = models.BigIntegerField()
    impressions_lacking = models.BigIntegerField()
    clicks_lacking = models.BigIntegerField()
    conversions_lacking = models.BigIntegerField()
    video_views_lacking = models.BigIntegerField()
    video_views_2s_lacking = models.BigIntegerField()
    video_views_6s_lacking = models.BigIntegerField()
    video_views_whole_lacking = models.BigIntegerField()
    likes_lacking = models.BigIntegerField()
    comments_lacking = models.BigIntegerField()
    shares_lacking = models.BigIntegerField()
    follows_lacking = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "ad_account", "level", "span", "date", "tiktok_campaign_id", "tiktok_id"), name="metrics_ad_sum"
            ),
        )
        indexes = (
            models.Index(fields=("workspace", "ad_account", "level", "tiktok_id", "date"), name="metrics_ad_sum_one"),  # one by day
        )

    def __str__(self) -> str:
        return f"{self.level} {self.tiktok_id} {self.span} {self.date}"
