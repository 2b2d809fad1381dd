"""Mentions: what others say about an account, and how far their reading is."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import agency.models
from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0008_guesses"),
        ("integrations", "0006_mentions"),
        ("metrics", "0004_ads"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="mentions_begun_at",
            field=models.DateTimeField(help_text="Since when all mentions are being read, while they are.", null=True),
        ),
        migrations.AddField(
            model_name="account",
            name="mentions_seen_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="account",
            name="mentions_whole_at",
            field=models.DateTimeField(help_text="When all mentions were last read.", null=True),
        ),
        migrations.AddField(
            model_name="account",
            name="mentions_whole_of",
            field=models.PositiveIntegerField(help_text="The consent (generation) with which all mentions were read once.", null=True),
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
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
                ("first_seen_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("gone_at", models.DateTimeField(help_text="Since when TikTok does not list it any more.", null=True)),
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
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["workspace", "account", "created_at"], name="metrics_mention_at")],
                "constraints": [models.UniqueConstraint(fields=("workspace", "account", "kind", "tiktok_id"), name="metrics_mention_once")],
            },
        ),
        WorkspaceTable(
            "metrics_mention",
            references={"account_id": "metrics_account", "call_id": "integrations_apicall"},
            cascade=("account_id",),
            indexed=("account_id",),
        ),
    ]
