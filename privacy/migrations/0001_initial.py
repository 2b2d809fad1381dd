"""Requests for deletion, runs, findings and certificates."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agency.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("agency", "0013_audit_subjects"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PublicRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("reference", models.CharField(max_length=16, unique=True)),
                (
                    "said_sealed",
                    models.BinaryField(help_text="Handle, address, relation and message; gone once it is answered.", null=True),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("unverified", "Waiting for the link in the mail to be followed"),
                            ("checking", "Being checked"),
                            ("answered", "Answered"),
                            ("expired", "Not confirmed in time"),
                        ],
                        default="unverified",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("mailed_at", models.DateTimeField(null=True)),
                ("verified_at", models.DateTimeField(null=True)),
                (
                    "sorted_at",
                    models.DateTimeField(help_text="When it was led to the workspaces that hold the account, if any does.", null=True),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="DeletionRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("reference", models.CharField(max_length=16)),
                (
                    "source",
                    models.CharField(
                        choices=[("zone", "Danger zone"), ("form", "Public form"), ("mail", "Mail to the privacy contact")], max_length=8
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checking", "Being checked"),
                            ("scheduled", "Scheduled"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                            ("refused", "Refused"),
                        ],
                        max_length=10,
                    ),
                ),
                ("account_id", models.UUIDField(help_text="The connection; emptied when its data is gone.", null=True)),
                ("account_name", models.CharField(blank=True, help_text="As shown; emptied when its data is gone.", max_length=200)),
                (
                    "generation",
                    models.PositiveIntegerField(help_text="The account's consent at that time: a newer one takes the request back."),
                ),
                (
                    "contact",
                    models.EmailField(
                        blank=True, help_text="Who asked, if nobody signed in; emptied when they were told of the end.", max_length=254
                    ),
                ),
                ("identity_note", models.CharField(blank=True, help_text="How the privacy team made sure who asked.", max_length=300)),
                ("public_request_id", models.UUIDField(null=True)),
                ("created_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(help_text="When it must be done at the latest.")),
                ("run_at", models.DateTimeField(help_text="The nightly run that will carry it out.", null=True)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DeletionRun",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("reference", models.CharField(max_length=16)),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("request", "Asked for"),
                            ("disconnect", "Disconnected"),
                            ("restore", "Erased before, came back with a backup"),
                        ],
                        max_length=12,
                    ),
                ),
                ("of", models.CharField(choices=[("account", "Account"), ("ad_account", "Ad account")], default="account", max_length=12)),
                ("subject_id", models.UUIDField(help_text="The connection or ad account; emptied at the end.", null=True)),
                (
                    "subject_sealed",
                    models.BinaryField(help_text="What the account is known by, for the sweep; its key goes with the run.", null=True),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("failed", "Needs you"),
                            ("done", "Done"),
                            ("dropped", "Not needed any more"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("due_at", models.DateTimeField(help_text="When its data must be gone at the latest.")),
                ("scheduled_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("swept_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("attempt_count", models.PositiveIntegerField(default=0)),
                ("places_count", models.PositiveIntegerField(default=0, help_text="How many places were swept.")),
                ("sentence", models.CharField(blank=True, help_text="Why it waits or failed.", max_length=300)),
                (
                    "request",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="privacy.deletionrequest",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("document", models.TextField(help_text="The signed bytes, JSON.")),
                ("signature", models.BinaryField(max_length=64)),
                ("key_id", models.CharField(max_length=32)),
                ("issued_at", models.DateTimeField()),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
                (
                    "run",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="privacy.deletionrun",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RequestStep",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checking", "Being checked"),
                            ("scheduled", "Scheduled"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                            ("refused", "Refused"),
                        ],
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300)),
                ("at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "request",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="privacy.deletionrequest",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RunFinding",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("place", models.CharField(max_length=80)),
                ("erased_count", models.PositiveBigIntegerField(default=0)),
                ("redacted_count", models.PositiveBigIntegerField(default=0)),
                ("left_count", models.PositiveBigIntegerField(default=0)),
                (
                    "run",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="privacy.deletionrun",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="deletionrequest",
            index=models.Index(fields=["workspace", "due_at"], name="privacy_request_due"),
        ),
        migrations.AddConstraint(
            model_name="deletionrequest",
            constraint=models.UniqueConstraint(fields=("workspace", "reference"), name="privacy_request_reference"),
        ),
        migrations.AddConstraint(
            model_name="deletionrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("checking", "scheduled", "running"))),
                fields=("workspace", "account_id"),
                name="privacy_request_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="deletionrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "done"), _negated=True), models.Q(("account_id", None), ("account_name", "")), _connector="OR"
                ),
                name="privacy_done_names_nobody",
            ),
        ),
        migrations.AddIndex(
            model_name="deletionrun",
            index=models.Index(fields=["workspace", "scheduled_at"], name="privacy_run_scheduled"),
        ),
        migrations.AddConstraint(
            model_name="deletionrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("waiting", "running", "failed"))),
                fields=("workspace", "subject_id"),
                name="privacy_run_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="deletionrun",
            constraint=models.UniqueConstraint(fields=("workspace", "reference"), name="privacy_run_reference"),
        ),
        migrations.AddConstraint(
            model_name="deletionrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "done"), _negated=True), models.Q(("subject_id", None), ("subject_sealed", None)), _connector="OR"
                ),
                name="privacy_done_run_names_nobody",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(fields=("workspace", "run"), name="privacy_certificate_run"),
        ),
        migrations.AddConstraint(
            model_name="runfinding",
            constraint=models.UniqueConstraint(fields=("workspace", "run", "place"), name="privacy_finding_place"),
        ),
    ]
