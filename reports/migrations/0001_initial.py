"""Create the tables of weekly reports, who gets them, what was decided and sent, and of exports."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agency.models
from agency.database.tables import CreateModels

_MODELS = (
    migrations.CreateModel(
        name="ReportSchedule",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "weekday",
                models.PositiveSmallIntegerField(
                    choices=[
                        (0, "Monday"),
                        (1, "Tuesday"),
                        (2, "Wednesday"),
                        (3, "Thursday"),
                        (4, "Friday"),
                        (5, "Saturday"),
                        (6, "Sunday"),
                    ],
                    default=0,
                    help_text="Of the week after the one that is reported.",
                ),
            ),
            ("hour", models.PositiveSmallIntegerField(default=9, help_text="Hour of that day, 0 to 23.")),
            (
                "review",
                models.CharField(
                    choices=[
                        ("none", "It goes by itself"),
                        ("send", "An account manager may look first; at the hour it goes"),
                        ("hold", "An account manager has to approve it; until then it waits"),
                    ],
                    default="none",
                    max_length=4,
                ),
            ),
            (
                "review_hours",
                models.PositiveSmallIntegerField(default=3, help_text="How long before the hour the report is written, to be looked at."),
            ),
            ("holds_while_broken", models.BooleanField(default=False, help_text="Wait, for two days at most, while an account is broken.")),
            ("reply_to", models.EmailField(blank=True, help_text="Where answers to the mail go.", max_length=254)),
            ("next_week", models.CharField(help_text="The next ISO week to be reported, such as 2026-W21.", max_length=8)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("workspace",), name="reports_schedule_workspace"),
                models.CheckConstraint(condition=models.Q(("hour__lte", 23)), name="reports_schedule_hour"),
                models.CheckConstraint(condition=models.Q(("weekday__lte", 6)), name="reports_schedule_weekday"),
                models.CheckConstraint(condition=models.Q(("review_hours__range", (1, 12))), name="reports_schedule_review_hours"),
            ]
        },
    ),
    migrations.CreateModel(
        name="ExportFile",
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
                    help_text="Who asked.",
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="agency.membership",
                ),
            ),
            ("name", models.CharField(help_text="Which export: reports/exports.py", max_length=40)),
            ("form", models.CharField(max_length=4)),
            ("asked", models.JSONField(help_text="The page's query string.")),
            ("asked_hash", models.CharField(max_length=64)),
            ("title", models.CharField(max_length=300)),
            ("file_name", models.CharField(max_length=140)),
            ("row_count", models.PositiveBigIntegerField(help_text="Expected at first, written in the end.")),
            ("byte_count", models.PositiveBigIntegerField(default=0)),
            ("part_count", models.PositiveIntegerField(default=0)),
            (
                "state",
                models.CharField(
                    choices=[("waiting", "Being made"), ("done", "Ready"), ("failed", "Could not be made")], default="waiting", max_length=8
                ),
            ),
            ("sentence", models.CharField(blank=True, help_text="Why it could not be made, and what to do.", max_length=300)),
            ("asked_at", models.DateTimeField()),
            ("made_at", models.DateTimeField(null=True)),
            ("expires_at", models.DateTimeField()),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state", "waiting")),
                    fields=("workspace", "membership", "asked_hash"),
                    name="reports_export_asked_once",
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="ExportPart",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "file",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="parts",
                    to="reports.exportfile",
                ),
            ),
            ("place", models.PositiveIntegerField()),
            ("sealed", models.BinaryField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "file", "place"), name="reports_export_part_place")]},
    ),
    migrations.CreateModel(
        name="WeeklyReport",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("week", models.CharField(max_length=8)),
            ("content", models.JSONField(help_text="The report as composed: reports/content.py")),
            ("content_hash", models.CharField(max_length=64)),
            ("definitions_version", models.PositiveSmallIntegerField()),
            ("composed_at", models.DateTimeField()),
            ("slot_at", models.DateTimeField(help_text="When it was to go.", null=True)),
            ("goes_at", models.DateTimeField(null=True)),
            ("released_at", models.DateTimeField(null=True)),
            ("accounts_erased_count", models.PositiveSmallIntegerField(default=0, help_text="Accounts whose part was taken out since.")),
            (
                "erased_at",
                models.DateTimeField(help_text="When the last account in it was erased; then it says only that it was sent.", null=True),
            ),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "week"), name="reports_weekly_report_week")]},
    ),
    migrations.CreateModel(
        name="ReportStep",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "report",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="steps",
                    to="reports.weeklyreport",
                ),
            ),
            ("kind", models.CharField(choices=[("approved", "Approved"), ("held", "Held back"), ("released", "Sent")], max_length=8)),
            (
                "person",
                models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("at", models.DateTimeField()),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("kind", "released")), fields=("workspace", "report"), name="reports_step_released_once"
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="ExtraRecipient",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("email", models.EmailField(max_length=254)),
            ("added_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("asked_at", models.DateTimeField(help_text="When its owner was asked last; the link holds for a week.")),
            ("refused", models.CharField(blank=True, help_text="What the mail server said to the question.", max_length=200)),
            ("confirmed_at", models.DateTimeField(null=True)),
            ("stopped_at", models.DateTimeField(null=True)),
            ("removed_at", models.DateTimeField(null=True)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(condition=models.Q(("removed_at", None)), fields=("workspace", "email"), name="reports_extra_email")
            ]
        },
    ),
    migrations.CreateModel(
        name="ShareLink",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "report",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="links",
                    to="reports.weeklyreport",
                ),
            ),
            ("made_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("made_at", models.DateTimeField()),
            ("expires_at", models.DateTimeField()),
            ("withdrawn_at", models.DateTimeField(null=True)),
            ("opened_count", models.PositiveIntegerField(default=0)),
            ("opened_at", models.DateTimeField(null=True)),
        ],
        options={
            "constraints": [
                models.CheckConstraint(condition=models.Q(("expires_at__gt", models.F("made_at"))), name="reports_link_expires")
            ]
        },
    ),
    migrations.CreateModel(
        name="Delivery",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "report",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="deliveries",
                    to="reports.weeklyreport",
                ),
            ),
            (
                "person",
                models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            (
                "extra",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="reports.extrarecipient",
                ),
            ),
            ("role", models.CharField(blank=True, max_length=24)),
            (
                "state",
                models.CharField(
                    choices=[
                        ("waiting", "Waiting"),
                        ("sending", "On its way"),
                        ("sent", "Delivered"),
                        ("refused", "Refused"),
                        ("given_up", "Not delivered"),
                        ("stopped", "Stopped by the person"),
                        ("suppressed", "Not sent: the address bounced or complained"),
                        ("bounced", "Came back"),
                        ("complained", "Called unwanted"),
                    ],
                    default="waiting",
                    max_length=12,
                ),
            ),
            ("message_id", models.CharField(max_length=200)),
            ("created_at", models.DateTimeField()),
            ("sent_at", models.DateTimeField(null=True)),
            ("detail", models.CharField(blank=True, max_length=200)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("workspace", "report", "person"), name="reports_delivery_person"),
                models.UniqueConstraint(fields=("workspace", "report", "extra"), name="reports_delivery_extra"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("extra__isnull", False), ("person", None)),
                        models.Q(("extra", None), ("person__isnull", False)),
                        _connector="OR",
                    ),
                    name="reports_delivery_to_one",
                ),
            ]
        },
    ),
    migrations.CreateModel(
        name="ReviewCall",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "report",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="calls",
                    to="reports.weeklyreport",
                ),
            ),
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
            (
                "outcome",
                models.CharField(blank=True, help_text="sent, refused, given_up or needless; empty while it is on its way.", max_length=8),
            ),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "report", "membership"), name="reports_review_call_once")]},
    ),
    migrations.CreateModel(
        name="StoppedMail",
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
            (
                "kind",
                models.CharField(
                    choices=[
                        ("report", "Monday reports"),
                        ("review", "mails about reports that wait for a review"),
                        ("unusual", "mails about unusual days"),
                    ],
                    default="report",
                    max_length=8,
                ),
            ),
            ("stopped_at", models.DateTimeField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "membership", "kind"), name="reports_stopped_membership")]},
    ),
    migrations.CreateModel(
        name="Credit",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "post",
                agency.models.InWorkspaceKey(
                    db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="metrics.post"
                ),
            ),
            (
                "creator",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="agency.membership",
                ),
            ),
            ("credited_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("credited_at", models.DateTimeField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "post", "creator"), name="reports_credit_once")]},
    ),
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [("agency", "0001_initial"), ("metrics", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    replaces = [
        ("reports", "0003_credits"),
        ("reports", "0004_erased_reports"),
        ("reports", "0005_export_files"),
        ("reports", "0006_review_and_recipients"),
        ("reports", "0007_review_and_recipients_security"),
        ("reports", "0008_what_was_sent_is_released"),
        ("reports", "0009_review_calls"),
    ]

    operations = [CreateModels(*_MODELS)]
