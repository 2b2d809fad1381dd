"""Create the tables of requests, deletion runs and certificates, copies and corrections, and of the promises' checks."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agency.models
from agency.database.tables import CreateModels

_MODELS = (
    migrations.CreateModel(
        name="PublicRequest",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("reference", models.CharField(max_length=16, unique=True)),
            ("said_sealed", models.BinaryField(help_text="Handle, address, relation and message; gone once it is answered.", null=True)),
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
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("reference", models.CharField(max_length=16)),
            (
                "source",
                models.CharField(
                    choices=[
                        ("zone", "Danger zone"),
                        ("own", "Their own account page"),
                        ("form", "Public form"),
                        ("mail", "Mail to the privacy contact"),
                    ],
                    max_length=8,
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
            (
                "of",
                models.CharField(
                    choices=[
                        ("account", "Account"),
                        ("ad_account", "Ad account"),
                        ("commenter", "Commenter"),
                        ("person", "Person"),
                        ("workspace", "Workspace"),
                    ],
                    default="account",
                    max_length=12,
                ),
            ),
            (
                "account_id",
                models.UUIDField(
                    help_text="The connection, a commenter's reference, or a person; emptied when its data is gone.", null=True
                ),
            ),
            ("account_name", models.CharField(blank=True, help_text="As shown; emptied when its data is gone.", max_length=200)),
            (
                "generation",
                models.PositiveIntegerField(help_text="The account's consent at that time: a newer one takes the request back."),
            ),
            (
                "asked_by",
                models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
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
        ],
        options={
            "indexes": [models.Index(fields=["workspace", "due_at"], name="privacy_request_due")],
            "constraints": [
                models.UniqueConstraint(fields=("workspace", "reference"), name="privacy_request_reference"),
                models.UniqueConstraint(
                    condition=models.Q(("state__in", ("checking", "scheduled", "running"))),
                    fields=("workspace", "account_id"),
                    name="privacy_request_open_once",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "done"), _negated=True), models.Q(("account_id", None), ("account_name", "")), _connector="OR"
                    ),
                    name="privacy_done_names_nobody",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="RequestStep",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
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
            (
                "person",
                models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("note", models.CharField(blank=True, max_length=300)),
            ("at", models.DateTimeField()),
        ],
    ),
    migrations.CreateModel(
        name="DeletionRun",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
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
            ("reference", models.CharField(max_length=16)),
            (
                "cause",
                models.CharField(
                    choices=[
                        ("request", "Asked for"),
                        ("disconnect", "Disconnected"),
                        ("engagement", "Engagement over"),
                        ("restore", "Erased before, came back with a backup"),
                    ],
                    max_length=12,
                ),
            ),
            (
                "of",
                models.CharField(
                    choices=[
                        ("account", "Account"),
                        ("ad_account", "Ad account"),
                        ("commenter", "Commenter"),
                        ("person", "Person"),
                        ("workspace", "Workspace"),
                    ],
                    default="account",
                    max_length=12,
                ),
            ),
            (
                "subject_id",
                models.UUIDField(help_text="The connection, ad account, commenter, person or workspace; emptied at the end.", null=True),
            ),
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
        ],
        options={
            "indexes": [models.Index(fields=["workspace", "scheduled_at"], name="privacy_run_scheduled")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state__in", ("waiting", "running", "failed"))),
                    fields=("workspace", "subject_id"),
                    name="privacy_run_open_once",
                ),
                models.UniqueConstraint(fields=("workspace", "reference"), name="privacy_run_reference"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "done"), _negated=True),
                        models.Q(("subject_id", None), ("subject_sealed", None)),
                        _connector="OR",
                    ),
                    name="privacy_done_run_names_nobody",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="RunFinding",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
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
            ("place", models.CharField(max_length=80)),
            ("erased_count", models.PositiveBigIntegerField(default=0)),
            ("redacted_count", models.PositiveBigIntegerField(default=0)),
            ("left_count", models.PositiveBigIntegerField(default=0)),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "run", "place"), name="privacy_finding_place")]},
    ),
    migrations.CreateModel(
        name="Certificate",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
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
            ("document", models.TextField(help_text="The signed bytes, JSON.")),
            ("signature", models.BinaryField(max_length=64)),
            ("key_id", models.CharField(max_length=32)),
            ("issued_at", models.DateTimeField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "run"), name="privacy_certificate_run")]},
    ),
    migrations.CreateModel(
        name="PromiseCheck",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("promise", models.CharField(max_length=40)),
            ("result", models.CharField(choices=[("kept", "Kept"), ("broken", "Not kept"), ("unknown", "Not checked")], max_length=8)),
            ("evidence", models.CharField(max_length=300)),
            ("at", models.DateTimeField()),
        ],
        options={"indexes": [models.Index(fields=["promise", "at"], name="privacy_promise_at")]},
    ),
    migrations.CreateModel(
        name="Incident",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("title", models.CharField(max_length=200)),
            ("promise", models.CharField(blank=True, max_length=40)),
            ("what", models.TextField(blank=True, help_text="What happened and what was done, as the privacy team notes it. No names.")),
            ("opened_at", models.DateTimeField()),
            (
                "opened_by",
                models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("told_at", models.DateTimeField(null=True)),
            ("mended_at", models.DateTimeField(help_text="When its check found the promise kept again.", null=True)),
            ("closed_at", models.DateTimeField(null=True)),
            (
                "closed_by",
                models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("closed_at", None), models.Q(("promise", ""), _negated=True)),
                    fields=("promise",),
                    name="privacy_incident_open_once",
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="DataArchive",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("account_id", models.UUIDField()),
            ("account_name", models.CharField(max_length=200)),
            ("asked_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            (
                "state",
                models.CharField(
                    choices=[("waiting", "Being put together"), ("ready", "Ready"), ("expired", "Expired")], default="waiting", max_length=8
                ),
            ),
            ("rows_count", models.PositiveBigIntegerField(default=0)),
            ("bytes_count", models.PositiveBigIntegerField(default=0)),
            ("created_at", models.DateTimeField()),
            ("ready_at", models.DateTimeField(null=True)),
            ("expires_at", models.DateTimeField(null=True)),
        ],
        options={"indexes": [models.Index(fields=["workspace", "account_id"], name="privacy_archive_account")]},
    ),
    migrations.CreateModel(
        name="ArchivePart",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "archive",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="parts",
                    to="privacy.dataarchive",
                ),
            ),
            ("number", models.PositiveIntegerField()),
            ("sealed", models.BinaryField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "archive", "number"), name="privacy_archive_part")]},
    ),
    migrations.CreateModel(
        name="PersonCopy",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            (
                "state",
                models.CharField(
                    choices=[("waiting", "Being put together"), ("ready", "Ready"), ("expired", "Expired")], default="waiting", max_length=8
                ),
            ),
            ("rows_count", models.PositiveBigIntegerField(default=0)),
            ("bytes_count", models.PositiveBigIntegerField(default=0)),
            ("asked_at", models.DateTimeField()),
            ("claimed_until", models.DateTimeField(help_text="Somebody puts it together until then.", null=True)),
            ("ready_at", models.DateTimeField(null=True)),
            ("told_at", models.DateTimeField(null=True)),
            ("expires_at", models.DateTimeField(null=True)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state", "expired"), _negated=True), fields=("person",), name="privacy_person_copy_living_once"
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="PersonCopyPart",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "copy",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="privacy.personcopy"
                ),
            ),
            ("number", models.PositiveIntegerField()),
            ("sealed", models.BinaryField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("copy", "number"), name="privacy_person_copy_part")]},
    ),
    migrations.CreateModel(
        name="Correction",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("reference", models.CharField(max_length=16)),
            (
                "state",
                models.CharField(
                    choices=[
                        ("open", "Being looked at"),
                        ("corrected", "Corrected"),
                        ("refused", "Not corrected"),
                        ("withdrawn", "Taken back"),
                    ],
                    default="open",
                    max_length=10,
                ),
            ),
            (
                "account",
                agency.models.InWorkspaceKey(
                    db_constraint=False,
                    db_index=False,
                    help_text="If it is about one.",
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="integrations.connection",
                ),
            ),
            (
                "asked_by",
                models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            (
                "contact",
                models.EmailField(
                    blank=True, help_text="Who wrote, if nobody signed in; emptied when they were told of the end.", max_length=254
                ),
            ),
            ("said", models.TextField(help_text="What is wrong, and what would be right.")),
            ("answer", models.TextField(blank=True, help_text="What was corrected, or why not; for whoever asked.")),
            ("asked_at", models.DateTimeField()),
            ("due_at", models.DateTimeField(help_text="When it must be answered at the latest.")),
            ("answered_at", models.DateTimeField(null=True)),
            (
                "answered_by",
                models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
        ],
        options={
            "indexes": [models.Index(fields=["workspace", "due_at"], name="privacy_correction_due")],
            "constraints": [
                models.UniqueConstraint(fields=("workspace", "reference"), name="privacy_correction_reference"),
                models.CheckConstraint(
                    condition=models.Q(("state__in", ("open", "withdrawn")), models.Q(("answer", ""), _negated=True), _connector="OR"),
                    name="privacy_correction_answered",
                ),
            ],
        },
    ),
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [("agency", "0001_initial"), ("integrations", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    replaces = [
        ("privacy", "0003_promises"),
        ("privacy", "0004_archives"),
        ("privacy", "0005_person_copies"),
        ("privacy", "0006_corrections"),
        ("privacy", "0007_workspace_runs"),
        ("privacy", "0008_commenters"),
        ("privacy", "0009_people"),
    ]

    operations = [CreateModels(*_MODELS)]
