"""Hold comments, what people do with them, and how far they have been read."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agency.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("agency", "0008_guesses"),
        ("integrations", "0005_ad_accounts"),
        ("metrics", "0004_ads"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
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
                ("settled_at", models.DateTimeField(help_text="Since when nobody has to look at it any more.", null=True)),
                ("settled_act", models.UUIDField(help_text="The act that settled it; undoing that opens it again.", null=True)),
                ("answered_at", models.DateTimeField(help_text="When the account first said something after it in its thread.", null=True)),
                ("waits_since", models.DateTimeField(help_text="When the oldest thing was said that waits.", null=True)),
                ("stirred_at", models.DateTimeField(help_text="When we last learned of something new that waits.", null=True)),
                ("last_said_at", models.DateTimeField(null=True)),
                ("later_until", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(help_text="When it last stopped waiting.", null=True)),
                (
                    "account",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="metrics.account",
                    ),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                (
                    "post",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="metrics.post",
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
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("text", models.TextField()),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
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
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("seen_at", models.DateTimeField(null=True)),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
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
            ],
        ),
        migrations.CreateModel(
            name="PostReading",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("look_at", models.DateTimeField(help_text="When its newest comments are looked at again.")),
                ("whole_at", models.DateTimeField(help_text="When all of them had last been read.", null=True)),
                ("began_at", models.DateTimeField(help_text="When the reading of all of them began that is under way.", null=True)),
                (
                    "cursor",
                    models.BigIntegerField(help_text="Where it goes on; empty at its beginning and once the last page is read.", null=True),
                ),
                (
                    "is_listed",
                    models.BooleanField(
                        default=False, help_text="Its last page is read; what was not on any page remains to be asked for."
                    ),
                ),
                ("counted", models.PositiveBigIntegerField(help_text="TikTok's number of comments at the last look.", null=True)),
                (
                    "account",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="metrics.post",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reading",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("began_at", models.DateTimeField(help_text="What was said long before counts as settled.")),
                ("read_at", models.DateTimeField(help_text="When TikTok was last asked for comments and answered.", null=True)),
                (
                    "account",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="metrics.account",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60)),
                ("wanted", models.JSONField(help_text="The filter, by the names that it has in addresses.")),
                ("created_at", models.DateTimeField()),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=30)),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ThreadTag",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "tag",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="community.tag",
                    ),
                ),
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
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Triage",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
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
                ("at", models.DateTimeField()),
                ("before", models.JSONField(default=dict, help_text="How the thread stood: assignee, later_until.")),
                ("until", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "assignee",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
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
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Aim",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("seconds", models.PositiveIntegerField()),
                ("changed_at", models.DateTimeField()),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("workspace",), name="community_one_aim")],
            },
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["workspace", "thread", "said_at"], name="community_comment_thread"),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["workspace", "post", "said_at"], name="community_comment_post"),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["workspace", "said_at"], name="community_comment_said"),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("tiktok_author_id", ""), _negated=True),
                fields=["workspace", "tiktok_author_id"],
                name="community_comment_author",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("is_reply", False)), fields=["workspace", "-last_said_at", "id"], name="community_threads"
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("is_reply", False), ("later_until", None), ("waits_since__isnull", False)),
                fields=["workspace", "waits_since", "id"],
                name="community_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("is_reply", False), ("later_until", None), ("waits_since__isnull", False)),
                fields=["workspace", "assignee", "waits_since"],
                name="community_waiting_of",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("is_reply", False), ("later_until", None), ("waits_since__isnull", False)),
                fields=["workspace", "account", "waits_since"],
                name="community_waiting_account",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("is_reply", False), ("later_until", None), ("waits_since__isnull", False)),
                fields=["workspace", "post"],
                name="community_waiting_post",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("is_reply", False), ("later_until", None), ("waits_since__isnull", False)),
                fields=["workspace", "stirred_at"],
                name="community_stirred",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("later_until__isnull", False)), fields=["workspace", "later_until"], name="community_later"
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("done_at__isnull", False)), fields=["workspace", "-done_at", "id"], name="community_done"
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.UniqueConstraint(fields=("workspace", "account", "tiktok_comment_id"), name="community_comment_id"),
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(fields=["workspace", "thread", "at"], name="community_note_thread"),
        ),
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(condition=models.Q(("seen_at", None)), fields=["workspace", "person"], name="community_mention_unseen"),
        ),
        migrations.AddConstraint(
            model_name="mention",
            constraint=models.UniqueConstraint(fields=("workspace", "note", "person"), name="community_mention_once"),
        ),
        migrations.AddIndex(
            model_name="postreading",
            index=models.Index(fields=["workspace", "account", "look_at"], name="community_post_look"),
        ),
        migrations.AddConstraint(
            model_name="postreading",
            constraint=models.UniqueConstraint(fields=("workspace", "post"), name="community_post_reading"),
        ),
        migrations.AddConstraint(
            model_name="reading",
            constraint=models.UniqueConstraint(fields=("workspace", "account"), name="community_reading_account"),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(fields=("workspace", "person", "name"), name="community_saved_view"),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(fields=("workspace", "name"), name="community_tag_name"),
        ),
        migrations.AddIndex(
            model_name="threadtag",
            index=models.Index(fields=["workspace", "tag"], name="community_tagged"),
        ),
        migrations.AddConstraint(
            model_name="threadtag",
            constraint=models.UniqueConstraint(fields=("workspace", "thread", "tag"), name="community_thread_tag"),
        ),
        migrations.AddIndex(
            model_name="triage",
            index=models.Index(fields=["workspace", "thread", "at"], name="community_triage_thread"),
        ),
        migrations.AddIndex(
            model_name="triage",
            index=models.Index(fields=["workspace", "at"], name="community_triage_at"),
        ),
    ]
