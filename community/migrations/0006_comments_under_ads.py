"""Keep the comments under ads beside those under posts, and what of them has been read. Under row-level security from the start."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agency.models
from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0015_suppression"),
        ("community", "0005_forgotten"),
        ("integrations", "0016_comments_under_ads"),
        ("metrics", "0012_judged_until"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="GroupReading",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("tiktok_adgroup_id", models.CharField(max_length=32)),
                ("look_at", models.DateTimeField()),
                ("whole_at", models.DateTimeField(help_text="When all of its days had last been read.", null=True)),
                ("began_at", models.DateTimeField(help_text="When the look began that is under way.", null=True)),
                ("first_on", models.DateField(help_text="The first UTC day of that look.", null=True)),
                (
                    "window_on",
                    models.DateField(
                        help_text="The last UTC day of the window that is being read; before the first once all are.", null=True
                    ),
                ),
                ("page", models.PositiveIntegerField(default=1, help_text="The next page of that window.")),
            ],
        ),
        migrations.CreateModel(
            name="UnderAd",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("tiktok_ad_id", models.CharField(max_length=32)),
                ("tiktok_adgroup_id", models.CharField(max_length=32)),
                ("tiktok_campaign_id", models.CharField(blank=True, max_length=32)),
                (
                    "answers",
                    models.CharField(
                        blank=True, help_text="TikTok's id of the comment that it answers, known here or not yet.", max_length=32
                    ),
                ),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="comment",
            name="community_comment_id",
        ),
        migrations.AddField(
            model_name="comment",
            name="ad_account",
            field=agency.models.InWorkspaceKey(
                db_constraint=False,
                db_index=False,
                help_text="Through which alone we know of it.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="integrations.adaccount",
            ),
        ),
        migrations.AlterField(
            model_name="comment",
            name="account",
            field=agency.models.InWorkspaceKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="metrics.account",
            ),
        ),
        migrations.AlterField(
            model_name="comment",
            name="post",
            field=agency.models.InWorkspaceKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="metrics.post",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("ad_account__isnull", False)), fields=["workspace", "ad_account"], name="community_comment_of_ads"
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.UniqueConstraint(fields=("workspace", "tiktok_comment_id"), name="community_comment_id"),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("account__isnull", False), ("post__isnull", False)),
                    models.Q(("account", None), ("ad_account__isnull", False), ("post", None)),
                    _connector="OR",
                ),
                name="community_comment_stands_somewhere",
            ),
        ),
        migrations.AddField(
            model_name="groupreading",
            name="ad_account",
            field=agency.models.InWorkspaceKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="integrations.adaccount",
            ),
        ),
        migrations.AddField(
            model_name="groupreading",
            name="workspace",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
        ),
        migrations.AddField(
            model_name="underad",
            name="ad_account",
            field=agency.models.InWorkspaceKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="integrations.adaccount",
            ),
        ),
        migrations.AddField(
            model_name="underad",
            name="call",
            field=agency.models.InWorkspaceKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="integrations.apicall",
            ),
        ),
        migrations.AddField(
            model_name="underad",
            name="comment",
            field=agency.models.InWorkspaceKey(
                db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="ads", to="community.comment"
            ),
        ),
        migrations.AddField(
            model_name="underad",
            name="workspace",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
        ),
        migrations.AddIndex(
            model_name="groupreading",
            index=models.Index(fields=["workspace", "ad_account", "look_at"], name="community_group_look"),
        ),
        migrations.AddConstraint(
            model_name="groupreading",
            constraint=models.UniqueConstraint(fields=("workspace", "ad_account", "tiktok_adgroup_id"), name="community_group_reading"),
        ),
        migrations.AddIndex(
            model_name="underad",
            index=models.Index(
                condition=models.Q(("answers", ""), _negated=True), fields=["workspace", "answers"], name="community_under_ad_answers"
            ),
        ),
        migrations.AddIndex(
            model_name="underad",
            index=models.Index(fields=["workspace", "ad_account", "tiktok_adgroup_id"], name="community_under_ad_group"),
        ),
        migrations.AddConstraint(
            model_name="underad",
            constraint=models.UniqueConstraint(fields=("workspace", "comment", "ad_account", "tiktok_ad_id"), name="community_under_ad"),
        ),
        migrations.RunSQL(
            """
            ALTER TABLE community_comment ADD CONSTRAINT community_comment_ad_account_id_in_workspace
                FOREIGN KEY (workspace_id, ad_account_id) REFERENCES integrations_adaccount (workspace_id, id)
                ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
            """,
            "ALTER TABLE community_comment DROP CONSTRAINT community_comment_ad_account_id_in_workspace",
        ),
        WorkspaceTable(
            "community_underad",
            references={"comment_id": "community_comment", "ad_account_id": "integrations_adaccount", "call_id": "integrations_apicall"},
            cascade=("comment_id", "ad_account_id"),
            indexed=("comment_id", "ad_account_id"),
        ),
        WorkspaceTable(
            "community_groupreading",
            references={"ad_account_id": "integrations_adaccount"},
            cascade=("ad_account_id",),
            indexed=("ad_account_id",),
        ),
    ]
