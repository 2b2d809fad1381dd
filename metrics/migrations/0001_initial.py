"""Create the tables of what TikTok told us: accounts, posts, looks at them and days, ads and their days, and the sums over days."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import agency.models
from agency.database.tables import CreateModels

_MODELS = (
    migrations.CreateModel(
        name="AdCampaign",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "ad_account",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="campaigns",
                    to="integrations.adaccount",
                ),
            ),
            ("tiktok_campaign_id", models.CharField(max_length=32)),
            ("name", models.CharField(blank=True, max_length=600)),
            ("objective", models.CharField(blank=True, max_length=40)),
            ("campaign_type", models.CharField(blank=True, max_length=40)),
            ("automation_type", models.CharField(blank=True, help_text="MANUAL, SMART_PLUS and their like.", max_length=40)),
            ("is_smart", models.BooleanField(null=True)),
            ("is_budget_optimized", models.BooleanField(null=True)),
            ("budget", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
            ("budget_mode", models.CharField(blank=True, max_length=40)),
            ("operation_status", models.CharField(blank=True, max_length=20)),
            ("secondary_status", models.CharField(blank=True, max_length=80)),
            ("created_at", models.DateTimeField(null=True)),
            ("modified_at", models.DateTimeField(help_text="TikTok leaves it out of some Smart+ campaigns.", null=True)),
            (
                "call",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="integrations.apicall",
                ),
            ),
            ("first_seen_at", models.DateTimeField()),
            ("changed_at", models.DateTimeField()),
        ],
        options={
            "constraints": [models.UniqueConstraint(fields=("workspace", "ad_account", "tiktok_campaign_id"), name="metrics_ad_campaign")]
        },
    ),
    migrations.CreateModel(
        name="AdGroup",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "ad_account",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="ad_groups",
                    to="integrations.adaccount",
                ),
            ),
            ("tiktok_adgroup_id", models.CharField(max_length=32)),
            ("tiktok_campaign_id", models.CharField(max_length=32)),
            ("name", models.CharField(blank=True, max_length=600)),
            ("optimization_goal", models.CharField(blank=True, max_length=40)),
            ("billing_event", models.CharField(blank=True, max_length=20)),
            ("budget", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
            ("budget_mode", models.CharField(blank=True, max_length=40)),
            (
                "scheduled_budget",
                models.DecimalField(decimal_places=6, help_text="Takes effect at the account's next midnight.", max_digits=20, null=True),
            ),
            ("bid_price", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
            ("conversion_bid_price", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
            ("starts_at", models.DateTimeField(null=True)),
            ("ends_at", models.DateTimeField(null=True)),
            ("is_smart", models.BooleanField(null=True)),
            ("operation_status", models.CharField(blank=True, max_length=20)),
            ("secondary_status", models.CharField(blank=True, max_length=80)),
            ("created_at", models.DateTimeField(null=True)),
            ("modified_at", models.DateTimeField(null=True)),
            (
                "call",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="integrations.apicall",
                ),
            ),
            ("first_seen_at", models.DateTimeField()),
            ("changed_at", models.DateTimeField()),
        ],
        options={
            "indexes": [models.Index(fields=["workspace", "ad_account", "tiktok_campaign_id"], name="metrics_ad_group_campaign")],
            "constraints": [models.UniqueConstraint(fields=("workspace", "ad_account", "tiktok_adgroup_id"), name="metrics_ad_group")],
        },
    ),
    migrations.CreateModel(
        name="Ad",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "ad_account",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="ads",
                    to="integrations.adaccount",
                ),
            ),
            ("tiktok_ad_id", models.CharField(max_length=32)),
            ("tiktok_adgroup_id", models.CharField(max_length=32)),
            ("tiktok_campaign_id", models.CharField(max_length=32)),
            ("name", models.CharField(blank=True, max_length=600)),
            ("ad_format", models.CharField(blank=True, max_length=40)),
            ("identity_type", models.CharField(blank=True, max_length=40)),
            ("identity_id", models.CharField(blank=True, max_length=64)),
            ("tiktok_item_id", models.CharField(blank=True, help_text="The post that a Spark Ad shows.", max_length=32)),
            ("video_id", models.CharField(blank=True, max_length=64)),
            ("ad_text", models.TextField(blank=True)),
            ("landing_page_url", models.TextField(blank=True)),
            ("operation_status", models.CharField(blank=True, max_length=20)),
            ("secondary_status", models.CharField(blank=True, max_length=80)),
            ("created_at", models.DateTimeField(null=True)),
            ("modified_at", models.DateTimeField(null=True)),
            (
                "call",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="integrations.apicall",
                ),
            ),
            ("first_seen_at", models.DateTimeField()),
            ("changed_at", models.DateTimeField()),
        ],
        options={
            "indexes": [
                models.Index(fields=["workspace", "ad_account", "tiktok_campaign_id"], name="metrics_ad_campaign_of"),
                models.Index(
                    condition=models.Q(("tiktok_item_id", ""), _negated=True),
                    fields=["workspace", "tiktok_item_id"],
                    name="metrics_ad_post",
                ),
            ],
            "constraints": [models.UniqueConstraint(fields=("workspace", "ad_account", "tiktok_ad_id"), name="metrics_ad_id")],
        },
    ),
    migrations.CreateModel(
        name="AdDay",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "ad_account",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="ad_days",
                    to="integrations.adaccount",
                ),
            ),
            ("date", models.DateField(help_text="In the ad account's time zone.")),
            ("tiktok_ad_id", models.CharField(max_length=32)),
            ("tiktok_adgroup_id", models.CharField(blank=True, max_length=32)),
            ("tiktok_campaign_id", models.CharField(blank=True, max_length=32)),
            ("spend", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
            ("impressions", models.PositiveBigIntegerField(null=True)),
            ("clicks", models.PositiveBigIntegerField(null=True)),
            ("conversions", models.PositiveBigIntegerField(null=True)),
            ("video_views", models.PositiveBigIntegerField(null=True)),
            ("video_views_2s", models.PositiveBigIntegerField(null=True)),
            ("video_views_6s", models.PositiveBigIntegerField(null=True)),
            ("video_views_whole", models.PositiveBigIntegerField(null=True)),
            ("likes", models.PositiveBigIntegerField(null=True)),
            ("comments", models.PositiveBigIntegerField(null=True)),
            ("shares", models.PositiveBigIntegerField(null=True)),
            ("follows", models.PositiveBigIntegerField(null=True)),
            (
                "call",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="integrations.apicall",
                ),
            ),
            ("first_seen_at", models.DateTimeField()),
            ("changed_at", models.DateTimeField()),
        ],
        options={
            "constraints": [models.UniqueConstraint(fields=("workspace", "ad_account", "date", "tiktok_ad_id"), name="metrics_ad_day")]
        },
    ),
    migrations.CreateModel(
        name="AdAccountDay",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "ad_account",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="days",
                    to="integrations.adaccount",
                ),
            ),
            ("date", models.DateField(help_text="In the ad account's time zone.")),
            ("spend", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
            ("impressions", models.PositiveBigIntegerField(null=True)),
            ("clicks", models.PositiveBigIntegerField(null=True)),
            ("conversions", models.PositiveBigIntegerField(null=True)),
            ("video_views", models.PositiveBigIntegerField(null=True)),
            (
                "call",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="integrations.apicall",
                ),
            ),
            ("first_seen_at", models.DateTimeField()),
            ("changed_at", models.DateTimeField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "ad_account", "date"), name="metrics_ad_account_day")]},
    ),
    migrations.CreateModel(
        name="AdSum",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "ad_account",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="sums",
                    to="integrations.adaccount",
                ),
            ),
            (
                "level",
                models.CharField(choices=[("ad_account", "Ad account"), ("campaign", "Campaign"), ("ad_group", "Ad group")], max_length=10),
            ),
            ("span", models.CharField(choices=[("day", "Day"), ("month", "Month")], max_length=5)),
            ("date", models.DateField(help_text="The day, or the first day of the month, in the ad account's time zone.")),
            (
                "tiktok_id",
                models.CharField(blank=True, help_text="Of the campaign or the ad group; empty for the ad account.", max_length=32),
            ),
            ("tiktok_campaign_id", models.CharField(blank=True, help_text="Of an ad group: where it belongs.", max_length=32)),
            ("rows_count", models.BigIntegerField(help_text="How many days of ads are in it.")),
            ("spend", models.DecimalField(decimal_places=6, max_digits=26)),
            ("impressions", models.DecimalField(decimal_places=0, max_digits=26)),
            ("clicks", models.DecimalField(decimal_places=0, max_digits=26)),
            ("conversions", models.DecimalField(decimal_places=0, max_digits=26)),
            ("video_views", models.DecimalField(decimal_places=0, max_digits=26)),
            ("video_views_2s", models.DecimalField(decimal_places=0, max_digits=26)),
            ("video_views_6s", models.DecimalField(decimal_places=0, max_digits=26)),
            ("video_views_whole", models.DecimalField(decimal_places=0, max_digits=26)),
            ("likes", models.DecimalField(decimal_places=0, max_digits=26)),
            ("comments", models.DecimalField(decimal_places=0, max_digits=26)),
            ("shares", models.DecimalField(decimal_places=0, max_digits=26)),
            ("follows", models.DecimalField(decimal_places=0, max_digits=26)),
            ("spend_lacking", models.BigIntegerField()),
            ("impressions_lacking", models.BigIntegerField()),
            ("clicks_lacking", models.BigIntegerField()),
            ("conversions_lacking", models.BigIntegerField()),
            ("video_views_lacking", models.BigIntegerField()),
            ("video_views_2s_lacking", models.BigIntegerField()),
            ("video_views_6s_lacking", models.BigIntegerField()),
            ("video_views_whole_lacking", models.BigIntegerField()),
            ("likes_lacking", models.BigIntegerField()),
            ("comments_lacking", models.BigIntegerField()),
            ("shares_lacking", models.BigIntegerField()),
            ("follows_lacking", models.BigIntegerField()),
        ],
        options={
            "indexes": [models.Index(fields=["workspace", "ad_account", "level", "tiktok_id", "date"], name="metrics_ad_sum_one")],
            "constraints": [
                models.UniqueConstraint(
                    fields=("workspace", "ad_account", "level", "span", "date", "tiktok_campaign_id", "tiktok_id"), name="metrics_ad_sum"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="WorkspaceDay",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("date", models.DateField()),
            ("accounts_count", models.BigIntegerField(help_text="Accounts with a row of this day.")),
            ("views", models.BigIntegerField()),
            ("with_views", models.BigIntegerField()),
            ("profile_views", models.BigIntegerField()),
            ("with_profile_views", models.BigIntegerField()),
            ("viewers", models.BigIntegerField(help_text="Unique within each account; somebody who watches two accounts counts twice.")),
            ("with_viewers", models.BigIntegerField()),
            ("likes", models.BigIntegerField(help_text="Over accounts that told views, likes, comments and shares; so are the next two.")),
            ("comments", models.BigIntegerField()),
            ("shares", models.BigIntegerField()),
            ("with_engagement", models.BigIntegerField()),
            ("followers", models.BigIntegerField()),
            ("with_followers", models.BigIntegerField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "date"), name="metrics_workspace_day")]},
    ),
    migrations.CreateModel(
        name="BrandDay",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("date", models.DateField()),
            ("accounts_count", models.BigIntegerField(help_text="Accounts with a row of this day.")),
            ("views", models.BigIntegerField()),
            ("with_views", models.BigIntegerField()),
            ("profile_views", models.BigIntegerField()),
            ("with_profile_views", models.BigIntegerField()),
            ("viewers", models.BigIntegerField(help_text="Unique within each account; somebody who watches two accounts counts twice.")),
            ("with_viewers", models.BigIntegerField()),
            ("likes", models.BigIntegerField(help_text="Over accounts that told views, likes, comments and shares; so are the next two.")),
            ("comments", models.BigIntegerField()),
            ("shares", models.BigIntegerField()),
            ("with_engagement", models.BigIntegerField()),
            ("followers", models.BigIntegerField()),
            ("with_followers", models.BigIntegerField()),
            (
                "brand",
                agency.models.InWorkspaceKey(
                    db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="agency.brand"
                ),
            ),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "brand", "date"), name="metrics_brand_day")]},
    ),
    migrations.CreateModel(
        name="Account",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "connection",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="accounts",
                    to="integrations.connection",
                ),
            ),
            (
                "brand",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="agency.brand",
                ),
            ),
            ("followers_count", models.PositiveBigIntegerField(help_text="Now, by TikTok's profile.", null=True)),
            ("videos_count", models.PositiveBigIntegerField(null=True)),
            ("profile_call", models.BigIntegerField(help_text="The call that the two counters came with.", null=True)),
            ("profile_seen_at", models.DateTimeField(null=True)),
            ("days_seen_at", models.DateTimeField(null=True)),
            ("judged_until", models.DateField(help_text="Days up to this one have been looked at: unusual or not.", null=True)),
            ("posts_seen_at", models.DateTimeField(null=True)),
            (
                "posts_whole_of",
                models.PositiveIntegerField(help_text="The consent (generation) with which all posts were read once.", null=True),
            ),
            ("posts_whole_at", models.DateTimeField(help_text="When all posts were last read.", null=True)),
            ("mentions_seen_at", models.DateTimeField(null=True)),
            ("mentions_begun_at", models.DateTimeField(help_text="Since when all mentions are being read, while they are.", null=True)),
            (
                "mentions_whole_of",
                models.PositiveIntegerField(help_text="The consent (generation) with which all mentions were read once.", null=True),
            ),
            ("mentions_whole_at", models.DateTimeField(help_text="When all mentions were last read.", null=True)),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "connection"), name="metrics_account_connection")]},
    ),
    migrations.CreateModel(
        name="AccountAudience",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "account",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="audiences",
                    to="metrics.account",
                ),
            ),
            ("date", models.DateField(help_text="The UTC day on which it was told.")),
            ("ages", models.JSONField(null=True)),
            ("genders", models.JSONField(null=True)),
            ("countries", models.JSONField(null=True)),
            ("cities", models.JSONField(null=True)),
            (
                "call",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="integrations.apicall",
                ),
            ),
            ("seen_at", models.DateTimeField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "account", "date"), name="metrics_account_audience")]},
    ),
    migrations.CreateModel(
        name="ActiveHours",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "account",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="hours",
                    to="metrics.account",
                ),
            ),
            ("date", models.DateField()),
            ("counts", models.JSONField(help_text="Twenty-four, of the hours 0 to 23 UTC; null where one was not told.")),
            (
                "call",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="integrations.apicall",
                ),
            ),
            ("seen_at", models.DateTimeField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "account", "date"), name="metrics_active_hours")]},
    ),
    migrations.CreateModel(
        name="GainedDay",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "account",
                agency.models.InWorkspaceKey(
                    db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="metrics.account"
                ),
            ),
            ("date", models.DateField()),
            ("looks_count", models.BigIntegerField()),
            (
                "begun_count",
                models.BigIntegerField(help_text="Looks of which nobody knows since when the post gained its views: nothing is counted."),
            ),
            (
                "lacking_count",
                models.BigIntegerField(help_text="Looks whose views are counted and whose likes, comments or shares cannot be."),
            ),
            ("views", models.BigIntegerField(help_text="A counter that TikTok lowered has gained nothing; so have the next three.")),
            ("likes", models.BigIntegerField()),
            ("comments", models.BigIntegerField()),
            ("shares", models.BigIntegerField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "account", "date"), name="metrics_gained_day")]},
    ),
    migrations.CreateModel(
        name="AccountDay",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "account",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="days",
                    to="metrics.account",
                ),
            ),
            ("date", models.DateField()),
            ("video_views", models.PositiveBigIntegerField(null=True)),
            ("profile_views", models.PositiveBigIntegerField(null=True)),
            ("likes", models.PositiveBigIntegerField(null=True)),
            ("comments", models.PositiveBigIntegerField(null=True)),
            ("shares", models.PositiveBigIntegerField(null=True)),
            ("followers_count", models.PositiveBigIntegerField(help_text="At the end of the day.", null=True)),
            ("new_followers", models.PositiveBigIntegerField(null=True)),
            ("lost_followers", models.PositiveBigIntegerField(null=True)),
            (
                "viewers",
                models.PositiveBigIntegerField(help_text="Unique within the day. TikTok tells it of business accounts only.", null=True),
            ),
            (
                "call",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="integrations.apicall",
                ),
            ),
            ("first_seen_at", models.DateTimeField()),
            ("changed_at", models.DateTimeField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "account", "date"), name="metrics_account_day")]},
    ),
    migrations.CreateModel(
        name="Post",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "account",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="posts",
                    to="metrics.account",
                ),
            ),
            ("tiktok_item_id", models.CharField(max_length=32)),
            ("created_at", models.DateTimeField()),
            ("media_type", models.CharField(blank=True, max_length=8)),
            ("caption", models.TextField(blank=True)),
            ("share_url", models.URLField(blank=True, max_length=600)),
            ("duration_seconds", models.FloatField(null=True)),
            ("views", models.PositiveBigIntegerField(null=True)),
            ("likes", models.PositiveBigIntegerField(null=True)),
            ("comments", models.PositiveBigIntegerField(null=True)),
            ("shares", models.PositiveBigIntegerField(null=True)),
            ("favorites", models.PositiveBigIntegerField(null=True)),
            ("reach", models.PositiveBigIntegerField(null=True)),
            ("watch_through_rate", models.FloatField(null=True)),
            ("average_watched_seconds", models.FloatField(null=True)),
            ("watched_seconds", models.FloatField(help_text="All of its views together.", null=True)),
            (
                "call",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="integrations.apicall",
                ),
            ),
            ("first_seen_at", models.DateTimeField()),
            ("seen_at", models.DateTimeField()),
            (
                "look_at",
                models.DateTimeField(help_text="When its counters are read again: young posts often, quiet ones seldom.", null=True),
            ),
            ("quiet_count", models.PositiveSmallIntegerField(default=0, help_text="Looks in a row that found no new view.")),
            ("gone_at", models.DateTimeField(help_text="Since when TikTok does not know it any more.", null=True)),
        ],
        options={
            "indexes": [
                models.Index(fields=["workspace", "account", "created_at"], name="metrics_post_created"),
                models.Index(fields=["workspace", "account", "look_at"], name="metrics_post_look"),
            ],
            "constraints": [models.UniqueConstraint(fields=("workspace", "account", "tiktok_item_id"), name="metrics_post_item")],
        },
    ),
    migrations.CreateModel(
        name="PostAudience",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "post",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="audiences",
                    to="metrics.post",
                ),
            ),
            ("date", models.DateField(help_text="The UTC day on which it was told.")),
            ("sources", models.JSONField(null=True)),
            ("countries", models.JSONField(null=True)),
            ("cities", models.JSONField(null=True)),
            ("genders", models.JSONField(null=True)),
            ("viewer_types", models.JSONField(null=True)),
            ("retention", models.JSONField(help_text="Lists of a second and the part of viewers still there.", null=True)),
            (
                "call",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="integrations.apicall",
                ),
            ),
            ("seen_at", models.DateTimeField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "post", "date"), name="metrics_post_audience")]},
    ),
    migrations.CreateModel(
        name="PostSnapshot",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "post",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="snapshots",
                    to="metrics.post",
                ),
            ),
            ("hour", models.DateTimeField(help_text="The UTC hour in which it was taken.")),
            ("taken_at", models.DateTimeField()),
            ("views", models.PositiveBigIntegerField(null=True)),
            ("likes", models.PositiveBigIntegerField(null=True)),
            ("comments", models.PositiveBigIntegerField(null=True)),
            ("shares", models.PositiveBigIntegerField(null=True)),
            ("favorites", models.PositiveBigIntegerField(null=True)),
            (
                "call",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="integrations.apicall",
                ),
            ),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "post", "hour"), name="metrics_snapshot_hour")]},
    ),
    migrations.CreateModel(
        name="Mention",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "account",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="mentions",
                    to="metrics.account",
                ),
            ),
            ("kind", models.CharField(choices=[("post", "Post"), ("comment", "Comment")], max_length=8)),
            ("tiktok_id", models.CharField(help_text="Of the post, or of the comment.", max_length=32)),
            ("tiktok_item_id", models.CharField(blank=True, help_text="The post that it is, or that it stands under.", max_length=32)),
            ("created_at", models.DateTimeField(null=True)),
            (
                "author",
                models.CharField(blank=True, help_text="A post's by handle, a comment's by the name that is shown.", max_length=200),
            ),
            ("text", models.TextField(blank=True)),
            ("link", models.URLField(blank=True, max_length=600)),
            ("views", models.PositiveBigIntegerField(null=True)),
            ("likes", models.PositiveBigIntegerField(null=True)),
            ("comments", models.PositiveBigIntegerField(null=True)),
            ("shares", models.PositiveBigIntegerField(null=True)),
            ("reach", models.PositiveBigIntegerField(null=True)),
            (
                "call",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="integrations.apicall",
                ),
            ),
            ("first_seen_at", models.DateTimeField()),
            ("seen_at", models.DateTimeField()),
            ("gone_at", models.DateTimeField(help_text="Since when TikTok does not list it any more.", null=True)),
        ],
        options={
            "indexes": [models.Index(fields=["workspace", "account", "created_at"], name="metrics_mention_at")],
            "constraints": [models.UniqueConstraint(fields=("workspace", "account", "kind", "tiktok_id"), name="metrics_mention_once")],
        },
    ),
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [("agency", "0001_initial"), ("integrations", "0001_initial")]

    replaces = [
        ("metrics", "0003_look_at_posts"),
        ("metrics", "0004_ads"),
        ("metrics", "0005_mentions"),
        ("metrics", "0006_day_totals"),
        ("metrics", "0008_ad_sums"),
        ("metrics", "0009_fill_ad_sums"),
        ("metrics", "0010_audience"),
        ("metrics", "0011_audience_in_workspace"),
        ("metrics", "0012_judged_until"),
        ("metrics", "0014_keep_gained_days"),
    ]

    operations = [CreateModels(*_MODELS)]
