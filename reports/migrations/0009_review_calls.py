"""Give each mail to a reviewer a row of its own, and let people stop one kind of mail without the others."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import agency.models
from agency.database.policies import WorkspaceTable

KINDS = [("report", "Monday reports"), ("review", "mails about reports that wait for a review"), ("unusual", "mails about unusual days")]


class Migration(migrations.Migration):
    dependencies = (("agency", "0015_suppression"), ("reports", "0008_what_was_sent_is_released"))

    operations = (
        migrations.CreateModel(
            name="ReviewCall",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True, help_text="sent, refused, given_up or needless; empty while it is on its way.", max_length=8
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
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("workspace", "report", "membership"), name="reports_review_call_once")],
            },
        ),
        WorkspaceTable(
            "reports_reviewcall",
            references={"report_id": "reports_weeklyreport", "membership_id": "agency_membership"},
            cascade=("report_id", "membership_id"),
        ),
        migrations.RemoveConstraint(model_name="stoppedmail", name="reports_stopped_membership"),
        migrations.AddField(model_name="stoppedmail", name="kind", field=models.CharField(choices=KINDS, default="report", max_length=8)),
        migrations.AddConstraint(
            model_name="stoppedmail",
            constraint=models.UniqueConstraint(fields=("workspace", "membership", "kind"), name="reports_stopped_membership"),
        ),
    )
