"""Create the tables of comments, how far their reading is, and their triage."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agency.models
from agency.database.tables import CreateModels

_MODELS = (
    migrations.CreateModel(
        name="Reading",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "account",
                agency.models.InWorkspaceKey(
                    db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="metrics.account"
                ),
            ),
            ("began_at", models.DateTimeField(help_text="What was said long before counts as settled.")),
            ("read_at", models.DateTimeField(help_text="When TikTok was last asked for comments and answered.", null=True)),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "account"), name="community_reading_account")]},
    ),
    migrations.CreateModel(
        name="Forgotten",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("mark", models.BinaryField(help_text="A keyed hash of TikTok's mark of them.", max_length=32)),
            ("until", models.DateTimeField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "mark"), name="community_forgotten_mark")]},
    ),
    migrations.CreateModel(
        name="PostReading",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "account",
                agency.models.InWorkspaceKey(
                    db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="metrics.account"
                ),
            ),
            (
                "post",
                agency.models.InWorkspaceKey(
                    db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="metrics.post"
                ),
            ),
            ("look_at", models.DateTimeField(help_text="When its newest comments are looked at again.")),
            ("whole_at", models.DateTimeField(help_text="When all of them had last been read.", null=True)),
            ("began_at", models.DateTimeField(help_text="When the reading of all of them began that is under way.", null=True)),
            (
                "cursor",
                models.BigIntegerField(help_text="Where it goes on; empty at its beginning and once the last page is read.", null=True),
            ),
            (
                "is_listed",
                models.BooleanField(default=False, help_text="Its last page is read; what was not on any page remains to be asked for."),
            ),
            ("counted", models.PositiveBigIntegerField(help_text="TikTok's number of comments at the last look.", null=True)),
        ],
        options={
            "indexes": [models.Index(fields=["workspace", "account", "look_at"], name="community_post_look")],
            "constraints": [models.UniqueConstraint(fields=("workspace", "post"), name="community_post_reading")],
        },
    ),
    migrations.CreateModel(
        name="Comment",
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
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="metrics.account",
                ),
            ),
            (
                "post",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="metrics.post",
                ),
            ),
            (
                "ad_account",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    help_text="Through which alone we know of it.",
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="integrations.adaccount",
                ),
            ),
            (
                "thread",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    help_text="The first comment of its thread.",
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="comments",
                    to="community.comment",
                ),
            ),
            ("is_reply", models.BooleanField()),
            ("tiktok_comment_id", models.CharField(max_length=32)),
            (
                "tiktok_author_id",
                models.CharField(blank=True, help_text="TikTok's opaque mark of the author, for this app only.", max_length=120),
            ),
            ("author_handle", models.CharField(blank=True, max_length=120)),
            ("author_name", models.CharField(blank=True, max_length=200)),
            ("is_own", models.BooleanField(default=False, help_text="Written by the account itself.")),
            ("text", models.TextField(blank=True)),
            ("has_image", models.BooleanField(default=False)),
            ("language", models.CharField(blank=True, max_length=3)),
            ("likes_count", models.PositiveBigIntegerField(null=True)),
            (
                "replies_count",
                models.PositiveBigIntegerField(help_text="By TikTok; only the first comment of a thread has replies.", null=True),
            ),
            (
                "replies_read_count",
                models.PositiveBigIntegerField(help_text="What that number was when the replies were last read.", null=True),
            ),
            ("replies_cursor", models.BigIntegerField(help_text="Where reading the replies goes on.", null=True)),
            ("replies_began_at", models.DateTimeField(help_text="When the reading of the replies began that is under way.", null=True)),
            ("is_liked", models.BooleanField(default=False, help_text="By the account.")),
            ("is_pinned", models.BooleanField(default=False)),
            (
                "shown",
                models.CharField(
                    choices=[("visible", "Visible"), ("hidden", "Hidden"), ("deleted", "Deleted")], default="visible", max_length=8
                ),
            ),
            ("said_at", models.DateTimeField()),
            ("edited_at", models.DateTimeField(help_text="When a changed text was first seen.", null=True)),
            ("gone_at", models.DateTimeField(help_text="Since when TikTok does not know it any more.", null=True)),
            ("first_seen_at", models.DateTimeField()),
            ("seen_at", models.DateTimeField()),
            (
                "call",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    help_text="The one that brought its last change.",
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="integrations.apicall",
                ),
            ),
            ("settled_at", models.DateTimeField(help_text="Since when nobody has to look at it any more.", null=True)),
            ("settled_act", models.UUIDField(help_text="The act that settled it; undoing that opens it again.", null=True)),
            ("answered_at", models.DateTimeField(help_text="When the account first said something after it in its thread.", null=True)),
            ("waits_since", models.DateTimeField(help_text="When the oldest thing was said that waits.", null=True)),
            ("stirred_at", models.DateTimeField(help_text="When we last learned of something new that waits.", null=True)),
            ("last_said_at", models.DateTimeField(null=True)),
            ("later_until", models.DateTimeField(null=True)),
            (
                "assignee",
                models.ForeignKey(
                    db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                ),
            ),
            ("done_at", models.DateTimeField(help_text="When it last stopped waiting.", null=True)),
        ],
        options={
            "indexes": [
                models.Index(fields=["workspace", "thread", "said_at"], name="community_comment_thread"),
                models.Index(fields=["workspace", "post", "said_at"], name="community_comment_post"),
                models.Index(fields=["workspace", "said_at"], name="community_comment_said"),
                models.Index(
                    condition=models.Q(("tiktok_author_id", ""), _negated=True),
                    fields=["workspace", "tiktok_author_id"],
                    name="community_comment_author",
                ),
                models.Index(
                    condition=models.Q(("is_reply", False)), fields=["workspace", "-last_said_at", "id"], name="community_threads"
                ),
                models.Index(
                    condition=models.Q(("is_reply", False), ("later_until", None), ("waits_since__isnull", False)),
                    fields=["workspace", "waits_since", "id"],
                    name="community_waiting",
                ),
                models.Index(
                    condition=models.Q(("is_reply", False), ("later_until", None), ("waits_since__isnull", False)),
                    fields=["workspace", "assignee", "waits_since"],
                    name="community_waiting_of",
                ),
                models.Index(
                    condition=models.Q(("is_reply", False), ("later_until", None), ("waits_since__isnull", False)),
                    fields=["workspace", "account", "waits_since"],
                    name="community_waiting_account",
                ),
                models.Index(
                    condition=models.Q(("is_reply", False), ("later_until", None), ("waits_since__isnull", False)),
                    fields=["workspace", "post"],
                    name="community_waiting_post",
                ),
                models.Index(
                    condition=models.Q(("is_reply", False), ("later_until", None), ("waits_since__isnull", False)),
                    fields=["workspace", "stirred_at"],
                    name="community_stirred",
                ),
                models.Index(
                    condition=models.Q(("ad_account__isnull", False)), fields=["workspace", "ad_account"], name="community_comment_of_ads"
                ),
                models.Index(
                    condition=models.Q(("later_until__isnull", False)), fields=["workspace", "later_until"], name="community_later"
                ),
                models.Index(condition=models.Q(("done_at__isnull", False)), fields=["workspace", "-done_at", "id"], name="community_done"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("workspace", "tiktok_comment_id"), name="community_comment_id"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("account__isnull", False), ("post__isnull", False)),
                        models.Q(("account", None), ("ad_account__isnull", False), ("post", None)),
                        _connector="OR",
                    ),
                    name="community_comment_stands_somewhere",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="UnderAd",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "comment",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="ads",
                    to="community.comment",
                ),
            ),
            (
                "ad_account",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="integrations.adaccount",
                ),
            ),
            ("tiktok_ad_id", models.CharField(max_length=32)),
            ("tiktok_adgroup_id", models.CharField(max_length=32)),
            ("tiktok_campaign_id", models.CharField(blank=True, max_length=32)),
            (
                "answers",
                models.CharField(blank=True, help_text="TikTok's id of the comment that it answers, known here or not yet.", max_length=32),
            ),
            ("seen_at", models.DateTimeField()),
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
        options={
            "indexes": [
                models.Index(
                    condition=models.Q(("answers", ""), _negated=True), fields=["workspace", "answers"], name="community_under_ad_answers"
                ),
                models.Index(fields=["workspace", "ad_account", "tiktok_adgroup_id"], name="community_under_ad_group"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("workspace", "comment", "ad_account", "tiktok_ad_id"), name="community_under_ad")
            ],
        },
    ),
    migrations.CreateModel(
        name="GroupReading",
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
                    related_name="+",
                    to="integrations.adaccount",
                ),
            ),
            ("tiktok_adgroup_id", models.CharField(max_length=32)),
            ("look_at", models.DateTimeField()),
            ("whole_at", models.DateTimeField(help_text="When all of its days had last been read.", null=True)),
            ("began_at", models.DateTimeField(help_text="When the look began that is under way.", null=True)),
            ("first_on", models.DateField(help_text="The first UTC day of that look.", null=True)),
            (
                "window_on",
                models.DateField(help_text="The last UTC day of the window that is being read; before the first once all are.", null=True),
            ),
            ("page", models.PositiveIntegerField(default=1, help_text="The next page of that window.")),
        ],
        options={
            "indexes": [models.Index(fields=["workspace", "ad_account", "look_at"], name="community_group_look")],
            "constraints": [
                models.UniqueConstraint(fields=("workspace", "ad_account", "tiktok_adgroup_id"), name="community_group_reading")
            ],
        },
    ),
    migrations.CreateModel(
        name="Sending",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "thread",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="sendings",
                    to="community.comment",
                ),
            ),
            (
                "comment",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    help_text="What it is done with, or answers.",
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="community.comment",
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("reply", "Reply"),
                        ("like", "Like"),
                        ("unlike", "Take the like back"),
                        ("hide", "Hide"),
                        ("show", "Show again"),
                        ("delete", "Delete"),
                    ],
                    max_length=8,
                ),
            ),
            ("text", models.TextField(blank=True)),
            ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("asked_at", models.DateTimeField()),
            ("goes_at", models.DateTimeField()),
            (
                "state",
                models.CharField(
                    choices=[
                        ("waiting", "Waiting"),
                        ("stopped", "Stopped"),
                        ("sending", "Sending"),
                        ("unknown", "Unknown"),
                        ("sent", "Sent"),
                        ("failed", "Failed"),
                    ],
                    default="waiting",
                    max_length=8,
                ),
            ),
            ("state_since", models.DateTimeField()),
            ("sentence", models.CharField(blank=True, help_text="What is known about how it went.", max_length=300)),
            ("called_at", models.DateTimeField(help_text="When it was claimed for the call.", null=True)),
            (
                "looked_count",
                models.PositiveSmallIntegerField(default=0, help_text="How often TikTok was asked whether a lost reply arrived."),
            ),
            ("tiktok_comment_id", models.CharField(blank=True, help_text="The reply that came of it.", max_length=32)),
            (
                "call",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="integrations.apicall",
                ),
            ),
        ],
        options={
            "indexes": [models.Index(fields=["workspace", "thread", "asked_at"], name="community_sending_thread")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state__in", ("waiting", "sending", "unknown"))),
                    fields=("workspace", "comment", "kind"),
                    name="community_sending_one_at_a_time",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Tag",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("name", models.CharField(max_length=30)),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "name"), name="community_tag_name")]},
    ),
    migrations.CreateModel(
        name="Triage",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "thread",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="acts",
                    to="community.comment",
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("done", "Done"),
                        ("opened", "Opened again"),
                        ("later", "Later"),
                        ("assigned", "Assigned"),
                        ("tagged", "Tagged"),
                        ("untagged", "Tag taken off"),
                    ],
                    max_length=8,
                ),
            ),
            ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField()),
            ("before", models.JSONField(default=dict, help_text="How the thread stood: assignee, later_until.")),
            (
                "assignee",
                models.ForeignKey(
                    db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                ),
            ),
            ("until", models.DateTimeField(null=True)),
            (
                "tag",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="community.tag",
                ),
            ),
            ("undone_at", models.DateTimeField(null=True)),
        ],
        options={
            "indexes": [
                models.Index(fields=["workspace", "thread", "at"], name="community_triage_thread"),
                models.Index(fields=["workspace", "at"], name="community_triage_at"),
            ]
        },
    ),
    migrations.CreateModel(
        name="ThreadTag",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "thread",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="tags",
                    to="community.comment",
                ),
            ),
            (
                "tag",
                agency.models.InWorkspaceKey(
                    db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="community.tag"
                ),
            ),
            ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField()),
        ],
        options={
            "indexes": [models.Index(fields=["workspace", "tag"], name="community_tagged")],
            "constraints": [models.UniqueConstraint(fields=("workspace", "thread", "tag"), name="community_thread_tag")],
        },
    ),
    migrations.CreateModel(
        name="Note",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "thread",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="notes",
                    to="community.comment",
                ),
            ),
            ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField()),
            ("text", models.TextField()),
        ],
        options={"indexes": [models.Index(fields=["workspace", "thread", "at"], name="community_note_thread")]},
    ),
    migrations.CreateModel(
        name="Mention",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "note",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="mentions",
                    to="community.note",
                ),
            ),
            ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("seen_at", models.DateTimeField(null=True)),
        ],
        options={
            "indexes": [
                models.Index(condition=models.Q(("seen_at", None)), fields=["workspace", "person"], name="community_mention_unseen")
            ],
            "constraints": [models.UniqueConstraint(fields=("workspace", "note", "person"), name="community_mention_once")],
        },
    ),
    migrations.CreateModel(
        name="SavedView",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("name", models.CharField(max_length=60)),
            ("wanted", models.JSONField(help_text="The filter, by the names that it has in addresses.")),
            ("created_at", models.DateTimeField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "person", "name"), name="community_saved_view")]},
    ),
    migrations.CreateModel(
        name="Aim",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("seconds", models.PositiveIntegerField()),
            ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("changed_at", models.DateTimeField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace",), name="community_one_aim")]},
    ),
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("agency", "0001_initial"),
        ("integrations", "0001_initial"),
        ("metrics", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    replaces = [
        ("community", "0003_sendings"),
        ("community", "0004_begin_reading"),
        ("community", "0005_forgotten"),
        ("community", "0006_comments_under_ads"),
        ("community", "0007_begin_reading_under_ads"),
    ]

    operations = [CreateModels(*_MODELS)]
