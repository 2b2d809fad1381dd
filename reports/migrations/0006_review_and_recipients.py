"""What a workspace sets about its reports: day, review, reply-to; decisions, extra recipients, and links."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agency.models


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0008_guesses"),
        ("reports", "0005_export_files"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExtraRecipient",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=254)),
                ("asked_at", models.DateTimeField(help_text="When its owner was asked last; the link holds for a week.")),
                ("refused", models.CharField(blank=True, help_text="What the mail server said to the question.", max_length=200)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("stopped_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ReportStep",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("approved", "Approved"), ("held", "Held back"), ("released", "Sent")], max_length=8)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ShareLink",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("opened_count", models.PositiveIntegerField(default=0)),
                ("opened_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="reportschedule",
            name="holds_while_broken",
            field=models.BooleanField(default=False, help_text="Wait, for two days at most, while an account is broken."),
        ),
        migrations.AddField(
            model_name="reportschedule",
            name="reply_to",
            field=models.EmailField(blank=True, help_text="Where answers to the mail go.", max_length=254),
        ),
        migrations.AddField(
            model_name="reportschedule",
            name="review",
            field=models.CharField(
                choices=[
                    ("none", "It goes by itself"),
                    ("send", "An account manager may look first; at the hour it goes"),
                    ("hold", "An account manager has to approve it; until then it waits"),
                ],
                default="none",
                max_length=4,
            ),
        ),
        migrations.AddField(
            model_name="reportschedule",
            name="review_hours",
            field=models.PositiveSmallIntegerField(default=3, help_text="How long before the hour the report is written, to be looked at."),
        ),
        migrations.AddField(
            model_name="reportschedule",
            name="weekday",
            field=models.PositiveSmallIntegerField(
                choices=[(0, "Monday"), (1, "Tuesday"), (2, "Wednesday"), (3, "Thursday"), (4, "Friday"), (5, "Saturday"), (6, "Sunday")],
                default=0,
                help_text="Of the week after the one that is reported.",
            ),
        ),
        migrations.AddField(
            model_name="weeklyreport",
            name="goes_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="weeklyreport",
            name="released_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="weeklyreport",
            name="slot_at",
            field=models.DateTimeField(help_text="When it was to go.", null=True),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="person",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="role",
            field=models.CharField(blank=True, max_length=24),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="state",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="reportschedule",
            name="hour",
            field=models.PositiveSmallIntegerField(default=9, help_text="Hour of that day, 0 to 23."),
        ),
        migrations.AddConstraint(
            model_name="reportschedule",
            constraint=models.CheckConstraint(condition=models.Q(("weekday__lte", 6)), name="reports_schedule_weekday"),
        ),
        migrations.AddConstraint(
            model_name="reportschedule",
            constraint=models.CheckConstraint(condition=models.Q(("review_hours__range", (1, 12))), name="reports_schedule_review_hours"),
        ),
        migrations.AddField(
            model_name="extrarecipient",
            name="added_by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="extrarecipient",
            name="workspace",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
        ),
        migrations.AddField(
            model_name="delivery",
            name="extra",
            field=agency.models.InWorkspaceKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="reports.extrarecipient",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(fields=("workspace", "report", "extra"), name="reports_delivery_extra"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("extra__isnull", False), ("person", None)),
                    models.Q(("extra", None), ("person__isnull", False)),
                    _connector="OR",
                ),
                name="reports_delivery_to_one",
            ),
        ),
        migrations.AddField(
            model_name="reportstep",
            name="person",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="reportstep",
            name="report",
            field=agency.models.InWorkspaceKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="steps",
                to="reports.weeklyreport",
            ),
        ),
        migrations.AddField(
            model_name="reportstep",
            name="workspace",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
        ),
        migrations.AddField(
            model_name="sharelink",
            name="made_by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="sharelink",
            name="report",
            field=agency.models.InWorkspaceKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="links",
                to="reports.weeklyreport",
            ),
        ),
        migrations.AddField(
            model_name="sharelink",
            name="workspace",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
        ),
        migrations.AddConstraint(
            model_name="extrarecipient",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at", None)), fields=("workspace", "email"), name="reports_extra_email"
            ),
        ),
        migrations.AddConstraint(
            model_name="reportstep",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "released")), fields=("workspace", "report"), name="reports_step_released_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="sharelink",
            constraint=models.CheckConstraint(condition=models.Q(("expires_at__gt", models.F("made_at"))), name="reports_link_expires"),
        ),
    ]
