"""What is to be done on TikTok, under row-level security from the start."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agency.models
from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0008_guesses"),
        ("community", "0002_row_level_security"),
        ("integrations", "0005_ad_accounts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Sending",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
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
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
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
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
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
        WorkspaceTable(
            "community_sending",
            references={"thread_id": "community_comment", "comment_id": "community_comment", "call_id": "integrations_apicall"},
            cascade=("thread_id", "comment_id"),
            indexed=("thread_id",),
        ),
    ]
