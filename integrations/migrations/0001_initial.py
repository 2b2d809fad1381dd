"""Create the tables of connections to TikTok: consents, ad accounts, sync runs and calls, webhook events, and what owners are told."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agency.models
from agency.database.tables import CreateModels

_MODELS = (
    migrations.CreateModel(
        name="FeatureSwitch",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("feature", models.CharField(max_length=32)),
            ("is_on", models.BooleanField()),
            (
                "person",
                models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("changed_at", models.DateTimeField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "feature"), name="integrations_feature")]},
    ),
    migrations.CreateModel(
        name="SyncPace",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("pace", models.CharField(choices=[("close", "Close"), ("usual", "Usual"), ("relaxed", "Relaxed")], max_length=8)),
            (
                "person",
                models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("changed_at", models.DateTimeField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace",), name="integrations_pace")]},
    ),
    migrations.CreateModel(
        name="Connection",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "kind",
                models.CharField(
                    choices=[("account", "TikTok account"), ("advertiser", "TikTok ad accounts")], default="account", max_length=12
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
            ("tiktok_open_id", models.CharField(max_length=120)),
            ("handle", models.CharField(blank=True, max_length=120)),
            ("display_name", models.CharField(blank=True, max_length=200)),
            (
                "avatar_tag",
                models.CharField(blank=True, help_text="Names the version of its picture; empty when there is none.", max_length=16),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("asked", "Waiting for a yes"),
                        ("live", "Live"),
                        ("broken", "Needs to be reconnected"),
                        ("disconnected", "Disconnected"),
                    ],
                    max_length=14,
                ),
            ),
            ("state_since", models.DateTimeField()),
            ("broken_reason", models.CharField(blank=True, max_length=200)),
            ("generation", models.PositiveIntegerField(default=1)),
            ("scopes_asked", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
            ("scopes_granted", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
            ("connected_at", models.DateTimeField()),
            ("connected_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("access_token_sealed", models.BinaryField(null=True)),
            ("refresh_token_sealed", models.BinaryField(null=True)),
            ("access_expires_at", models.DateTimeField(null=True)),
            ("refresh_expires_at", models.DateTimeField(help_text="When the consent ends for good: renewing does not move it.", null=True)),
            ("end_told_at", models.DateTimeField(help_text="When people were told that the consent will end.", null=True)),
            ("token_refreshed_at", models.DateTimeField(null=True)),
            (
                "refresh_state",
                models.CharField(
                    choices=[("idle", "Idle"), ("in_flight", "In Flight"), ("ambiguous", "Ambiguous")], default="idle", max_length=10
                ),
            ),
            ("refresh_started_at", models.DateTimeField(null=True)),
            ("disconnected_at", models.DateTimeField(null=True)),
            (
                "disconnected_by",
                models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("tiktok_revoked_at", models.DateTimeField(help_text="When TikTok confirmed that the tokens are dead.", null=True)),
            ("delete_data_on", models.DateField(help_text="The last day on which the account's data may still be here.", null=True)),
            (
                "erasure_began_at",
                models.DateTimeField(help_text="Since when its data is being erased. It cannot be connected meanwhile.", null=True),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("workspace", "kind", "tiktok_open_id"), name="integrations_connection_account"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "disconnected"), _negated=True),
                        models.Q(("access_token_sealed", None), ("refresh_token_sealed", None)),
                        _connector="OR",
                    ),
                    name="integrations_disconnected_holds_no_token",
                ),
            ]
        },
    ),
    migrations.CreateModel(
        name="ConsentRequest",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("browser_hash", models.BinaryField(max_length=32)),
            (
                "flow",
                models.CharField(
                    choices=[("account", "TikTok account"), ("advertiser", "TikTok ad accounts")], default="account", max_length=12
                ),
            ),
            ("verifier_sealed", models.BinaryField(help_text="The advertiser flow has none.", null=True)),
            ("scopes_asked", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
            ("redirect_uri", models.CharField(max_length=512)),
            (
                "connection",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    help_text="Set when an account is reconnected.",
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="integrations.connection",
                ),
            ),
            ("started_at", models.DateTimeField()),
            ("expires_at", models.DateTimeField()),
            ("used_at", models.DateTimeField(null=True)),
            (
                "outcome",
                models.CharField(
                    choices=[
                        ("open", "Open"),
                        ("denied", "Denied"),
                        ("refused", "Refused"),
                        ("upstream", "Upstream"),
                        ("connected", "Connected"),
                        ("asked", "Asked"),
                    ],
                    default="open",
                    max_length=12,
                ),
            ),
        ],
        options={"indexes": [models.Index(fields=["workspace", "started_at"], name="integrations_consent_started")]},
    ),
    migrations.CreateModel(
        name="PendingRevocation",
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
                    related_name="+",
                    to="integrations.connection",
                ),
            ),
            ("token_sealed", models.BinaryField()),
            ("created_at", models.DateTimeField()),
            ("give_up_at", models.DateTimeField()),
        ],
    ),
    migrations.CreateModel(
        name="Letter",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "membership",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="agency.membership",
                ),
            ),
            ("created_at", models.DateTimeField()),
            ("ended_at", models.DateTimeField(help_text="When the mail server had taken or refused it, or it was given up.", null=True)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("ended_at", None)), fields=("workspace", "membership"), name="integrations_letter_one_open"
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="Notice",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("kind", models.CharField(choices=[("loss", "Loss"), ("end", "End"), ("unusual", "Unusual")], max_length=8)),
            (
                "connection",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="integrations.connection",
                ),
            ),
            ("about", models.UUIDField(help_text="The connection itself, one of its ad accounts, or a name for one of its days.")),
            ("day", models.DateField(help_text="The day that is unusual.", null=True)),
            (
                "membership",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="agency.membership",
                ),
            ),
            (
                "letter",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="notices",
                    to="integrations.letter",
                ),
            ),
            ("created_at", models.DateTimeField()),
        ],
        options={
            "constraints": [models.UniqueConstraint(fields=("workspace", "about", "kind", "membership"), name="integrations_notice_once")]
        },
    ),
    migrations.CreateModel(
        name="WebhookEvent",
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
                    related_name="+",
                    to="integrations.connection",
                ),
            ),
            ("digest", models.BinaryField(help_text="Knows a repetition: TikTok gives its events no id.", max_length=32)),
            ("name", models.CharField(max_length=80)),
            ("payload", models.JSONField()),
            ("happened_at", models.DateTimeField(help_text="By TikTok's clock, in whole seconds.")),
            ("received_at", models.DateTimeField()),
            (
                "state",
                models.CharField(
                    choices=[("stored", "Stored"), ("done", "Done"), ("outdated", "Outdated"), ("unknown", "Unknown")],
                    default="stored",
                    max_length=8,
                ),
            ),
        ],
        options={
            "indexes": [
                models.Index(fields=["workspace", "received_at"], name="integrations_event_received"),
                models.Index(
                    condition=models.Q(("state", "stored")), fields=["workspace", "connection", "name"], name="integrations_event_waiting"
                ),
            ],
            "constraints": [models.UniqueConstraint(fields=("workspace", "connection", "digest"), name="integrations_event_once")],
        },
    ),
    migrations.CreateModel(
        name="AdAccount",
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
                    related_name="ad_accounts",
                    to="integrations.connection",
                ),
            ),
            ("advertiser_id", models.CharField(help_text="TikTok's id. Beyond what a float holds.", max_length=32)),
            ("name", models.CharField(blank=True, max_length=200)),
            ("currency", models.CharField(blank=True, max_length=3)),
            ("time_zone", models.CharField(blank=True, help_text="Its days are those of this zone.", max_length=64)),
            ("tiktok_status", models.CharField(blank=True, max_length=40)),
            ("opened_at", models.DateTimeField(help_text="When it was made at TikTok: there are no figures before.", null=True)),
            (
                "state",
                models.CharField(
                    choices=[
                        ("offered", "Waiting for a choice"),
                        ("linked", "Linked"),
                        ("lost", "No longer open to us"),
                        ("unlinked", "Unlinked"),
                    ],
                    default="offered",
                    max_length=10,
                ),
            ),
            ("state_since", models.DateTimeField()),
            (
                "linked_by",
                models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("figures_from", models.DateField(help_text="The first of its days whose paid figures have been read.", null=True)),
            ("figures_seen_at", models.DateTimeField(null=True)),
            ("delete_data_on", models.DateField(help_text="The last day on which its data may still be here.", null=True)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("workspace", "connection", "advertiser_id"), name="integrations_ad_account"),
                models.UniqueConstraint(
                    condition=models.Q(("state", "linked")),
                    fields=("workspace", "advertiser_id"),
                    name="integrations_ad_account_linked_once",
                ),
            ]
        },
    ),
    migrations.CreateModel(
        name="Avatar",
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
                    related_name="+",
                    to="integrations.connection",
                ),
            ),
            ("wanted_url", models.CharField(blank=True, help_text="Where it is to be fetched; empty once it was.", max_length=2000)),
            ("source_hash", models.BinaryField(help_text="Of the address that was looked at last.", max_length=32, null=True)),
            ("looked_at", models.DateTimeField(null=True)),
            ("picture", models.BinaryField(help_text="WebP, 96 by 96 pixels.", null=True)),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "connection"), name="integrations_avatar_of")]},
    ),
    migrations.CreateModel(
        name="SyncRun",
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
                    related_name="sync_runs",
                    to="integrations.connection",
                ),
            ),
            (
                "ad_account",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="sync_runs",
                    to="integrations.adaccount",
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("profile", "Profile"),
                        ("account_days", "Daily figures"),
                        ("posts", "Posts"),
                        ("older_posts", "Older posts"),
                        ("comments", "Comments"),
                        ("mentions", "Mentions"),
                        ("audience", "Audience"),
                        ("ad_account", "Ad account"),
                        ("campaigns", "Campaigns"),
                        ("ad_groups", "Ad groups"),
                        ("ads", "Ads"),
                        ("ad_days", "Paid figures"),
                        ("ad_history", "Earlier paid figures"),
                        ("ad_comments", "Comments under ads"),
                    ],
                    max_length=16,
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("waiting", "Waiting"),
                        ("running", "Running"),
                        ("done", "Done"),
                        ("skipped", "Skipped"),
                        ("failed", "Failed"),
                    ],
                    default="waiting",
                    max_length=8,
                ),
            ),
            ("generation", models.PositiveIntegerField()),
            ("started_at", models.DateTimeField(null=True)),
            ("finished_at", models.DateTimeField(null=True)),
            ("done_count", models.PositiveIntegerField(default=0)),
            ("total_count", models.PositiveIntegerField(null=True)),
            ("cursor", models.BigIntegerField(help_text="Where to go on after an interruption.", null=True)),
            ("sentence", models.CharField(blank=True, help_text="What went wrong and what happens next.", max_length=300)),
            ("due_at", models.DateTimeField(help_text="When it is looked at next; empty when it will not be.", null=True)),
            ("failure_count", models.PositiveSmallIntegerField(default=0, help_text="Failures in a row; the pauses grow with it.")),
            (
                "quiet_count",
                models.PositiveSmallIntegerField(default=0, help_text="Looks in a row that found nothing new; the pauses grow with it."),
            ),
            ("last_success_at", models.DateTimeField(null=True)),
        ],
        options={
            "indexes": [models.Index(fields=["workspace", "connection"], name="integrations_sync_run_of")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("ad_account", None)), fields=("workspace", "connection", "kind"), name="integrations_sync_run_kind"
                ),
                models.UniqueConstraint(fields=("workspace", "ad_account", "kind"), name="integrations_sync_run_ad_account"),
            ],
        },
    ),
    migrations.CreateModel(
        name="ApiCall",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "connection",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="integrations.connection",
                ),
            ),
            ("endpoint", models.CharField(max_length=80)),
            ("tiktok_request_id", models.CharField(max_length=64)),
            ("code", models.IntegerField()),
            ("http_status", models.PositiveSmallIntegerField()),
            ("called_at", models.DateTimeField()),
            ("duration_ms", models.PositiveIntegerField()),
        ],
        options={"indexes": [models.Index(fields=["workspace", "connection", "called_at"], name="integrations_call_at")]},
    ),
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [("agency", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    replaces = [
        ("integrations", "0003_sync_by_kind"),
        ("integrations", "0004_webhook_event"),
        ("integrations", "0005_ad_accounts"),
        ("integrations", "0006_mentions"),
        ("integrations", "0007_count_down"),
        ("integrations", "0008_notice"),
        ("integrations", "0009_avatar"),
        ("integrations", "0010_erasure_began_at"),
        ("integrations", "0011_pace"),
        ("integrations", "0012_comments_and_waiting_events"),
        ("integrations", "0013_audience"),
        ("integrations", "0014_begin_newer_kinds"),
        ("integrations", "0015_letters"),
        ("integrations", "0016_comments_under_ads"),
    ]

    operations = [CreateModels(*_MODELS)]
