"""Create the ground floor's tables: people and how they sign in, workspaces and who is in them, the audit log, the work that is due."""

import uuid

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from agency.database.tables import CreateModels

_MODELS = (
    migrations.CreateModel(
        name="Person",
        fields=[
            ("password", models.CharField(max_length=128, verbose_name="password")),
            ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("email", models.EmailField(max_length=254, unique=True)),
            ("name", models.CharField(max_length=120)),
            (
                "theme",
                models.CharField(
                    choices=[("system", "As the device"), ("light", "Light"), ("dark", "Dark")], default="system", max_length=8
                ),
            ),
            ("is_active", models.BooleanField(default=True)),
            ("joined_at", models.DateTimeField(null=True)),
            (
                "erasure_began_at",
                models.DateTimeField(help_text="Since when a run empties this row; what stays is a pseudonym.", null=True),
            ),
        ],
        options={
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("email", django.db.models.functions.text.Lower("email"))), name="agency_person_email_lower"
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="Session",
        fields=[
            ("session_key", models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key")),
            ("session_data", models.TextField(verbose_name="session data")),
            ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
            (
                "person",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.CASCADE, related_name="sessions", to=settings.AUTH_USER_MODEL
                ),
            ),
            ("device", models.CharField(blank=True, max_length=60)),
            ("began_at", models.DateTimeField(null=True)),
            ("seen_at", models.DateTimeField(null=True)),
        ],
        options={"verbose_name": "session", "verbose_name_plural": "sessions"},
    ),
    migrations.CreateModel(
        name="Workspace",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("slug", models.SlugField(max_length=60, unique=True)),
            ("name", models.CharField(max_length=120)),
            (
                "accent",
                models.CharField(
                    choices=[
                        ("teal", "Teal"),
                        ("ocean", "Ocean"),
                        ("violet", "Violet"),
                        ("rose", "Rose"),
                        ("brass", "Brass"),
                        ("moss", "Moss"),
                        ("slate", "Slate"),
                    ],
                    default="teal",
                    max_length=8,
                ),
            ),
            (
                "time_zone",
                models.CharField(default="UTC", help_text="IANA name; decides when reports go, never what a day is.", max_length=64),
            ),
            ("posts_per_week", models.PositiveSmallIntegerField(default=5, help_text="Cadence: how many posts a week were agreed.")),
            ("created_at", models.DateTimeField()),
            ("engagement_starts_on", models.DateField(help_text="First day of the agreement with the client.", null=True)),
            ("engagement_ends_on", models.DateField(help_text="Last day of it. What we hold is kept for 90 days more.", null=True)),
            ("closed_at", models.DateTimeField(help_text="Since when nothing is collected any more and staff are out.", null=True)),
            ("erasure_began_at", models.DateTimeField(help_text="Since when a run deletes what it held: there is no way back.", null=True)),
        ],
        options={
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("engagement_ends_on", None),
                        ("engagement_starts_on", None),
                        ("engagement_ends_on__gte", models.F("engagement_starts_on")),
                        _connector="OR",
                    ),
                    name="agency_workspace_engagement",
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="Brand",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("name", models.CharField(max_length=120)),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("workspace", "name"), name="agency_brand_name")]},
    ),
    migrations.CreateModel(
        name="Membership",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "person",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="memberships", to=settings.AUTH_USER_MODEL),
            ),
            (
                "role",
                models.CharField(
                    choices=[
                        ("client_admin", "Client admin"),
                        ("client_viewer", "Client viewer"),
                        ("creator", "Creator"),
                        ("reviewer", "Reviewer"),
                        ("account_manager", "Account manager"),
                        ("community", "Community staff"),
                        ("media_buyer", "Media buyer"),
                        ("privacy", "Privacy team"),
                        ("platform_admin", "Platform admin"),
                    ],
                    max_length=24,
                ),
            ),
            ("purpose", models.CharField(blank=True, help_text="Why this member of staff has access.", max_length=200)),
            ("created_at", models.DateTimeField()),
            ("last_seen_at", models.DateTimeField(null=True)),
            ("ends_at", models.DateTimeField(help_text="When it runs out by itself.", null=True)),
            ("ended_at", models.DateTimeField(help_text="When somebody ended it, or when it had run out.", null=True)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("ended_at", None)), fields=("workspace", "person"), name="agency_membership_person"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("role__in", ["account_manager", "community", "media_buyer", "privacy", "platform_admin"]), _negated=True),
                        models.Q(("purpose", ""), _negated=True),
                        _connector="OR",
                    ),
                    name="agency_membership_staff_purpose",
                ),
            ]
        },
    ),
    migrations.CreateModel(
        name="Invitation",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("email", models.EmailField(max_length=254)),
            (
                "role",
                models.CharField(
                    choices=[
                        ("client_admin", "Client admin"),
                        ("client_viewer", "Client viewer"),
                        ("creator", "Creator"),
                        ("reviewer", "Reviewer"),
                        ("account_manager", "Account manager"),
                        ("community", "Community staff"),
                        ("media_buyer", "Media buyer"),
                        ("privacy", "Privacy team"),
                        ("platform_admin", "Platform admin"),
                    ],
                    max_length=24,
                ),
            ),
            ("purpose", models.CharField(blank=True, max_length=200)),
            ("access_ends_at", models.DateTimeField(null=True)),
            ("invited_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("created_at", models.DateTimeField()),
            ("expires_at", models.DateTimeField()),
            ("accepted_at", models.DateTimeField(null=True)),
            (
                "accepted_by",
                models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("withdrawn_at", models.DateTimeField(null=True)),
        ],
        options={"indexes": [models.Index(fields=["workspace", "email"], name="agency_invitation_email")]},
    ),
    migrations.CreateModel(
        name="AuditRow",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("ref", models.UUIDField(help_text="Drawn by the platform: the same row written twice is known by it.")),
            ("at", models.DateTimeField()),
            ("verb", models.CharField(help_text="noun.participle, such as connection.revoked", max_length=60)),
            ("subject_kind", models.CharField(max_length=40)),
            ("subject_id", models.CharField(max_length=64)),
            ("person_id", models.UUIDField(help_text="The actor; empty for the platform itself.", null=True)),
            ("role", models.CharField(blank=True, max_length=24)),
            ("purpose", models.CharField(blank=True, help_text="What the actor's access was for, at that time.", max_length=200)),
            ("facts", models.JSONField(default=dict)),
            ("mac", models.BinaryField(help_text="Over all of the above, under a key that the database does not hold.", max_length=32)),
        ],
        options={"indexes": [models.Index(fields=["workspace", "at"], name="agency_audit_at")]},
    ),
    migrations.CreateModel(
        name="AuditSubject",
        fields=[
            (
                "workspace",
                models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
            ),
            ("id", models.UUIDField(editable=False, help_text="The account's own id.", primary_key=True, serialize=False)),
            ("salt", models.BinaryField(max_length=32)),
        ],
    ),
    migrations.CreateModel(
        name="AuditTail",
        fields=[
            ("row_id", models.BigIntegerField(primary_key=True, serialize=False)),
            ("workspace_id", models.UUIDField()),
            ("announced_at", models.DateTimeField(db_index=True)),
        ],
    ),
    migrations.CreateModel(
        name="AuditSeal",
        fields=[
            ("position", models.BigIntegerField(primary_key=True, serialize=False)),
            ("row_id", models.BigIntegerField(db_index=True)),
            ("workspace_id", models.UUIDField()),
            ("mac", models.BinaryField(max_length=32)),
            ("sealed_at", models.DateTimeField()),
        ],
    ),
    migrations.CreateModel(
        name="DueWork",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("workspace_id", models.UUIDField()),
            ("kind", models.CharField(max_length=40)),
            ("ref", models.UUIDField()),
            ("due_at", models.DateTimeField()),
            ("priority", models.PositiveSmallIntegerField(choices=[(0, "Interactive"), (5, "Backfill"), (9, "Routine")], default=9)),
            ("claim", models.UUIDField(help_text="Whoever holds this may do the work until claimed_until.", null=True)),
            ("claimed_until", models.DateTimeField(null=True)),
            ("served_at", models.DateTimeField(help_text="When something was last done for it; workspaces take turns by it.", null=True)),
            ("again_at", models.DateTimeField(help_text="Put again while it was claimed: to be done once more at this time.", null=True)),
            ("attempt_count", models.PositiveIntegerField(default=0)),
        ],
        options={
            "indexes": [models.Index(fields=["kind", "due_at"], name="agency_due_work_due")],
            "constraints": [models.UniqueConstraint(fields=("kind", "ref"), name="agency_due_work_ref")],
        },
    ),
    migrations.CreateModel(
        name="AddressBook",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("kind", models.CharField(max_length=40)),
            ("keyed_hash", models.BinaryField(max_length=32)),
            ("workspace_id", models.UUIDField()),
            ("ref", models.UUIDField()),
            ("is_live", models.BooleanField(default=True, help_text="False while what it leads to has stopped working.")),
            ("created_at", models.DateTimeField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("kind", "keyed_hash", "workspace_id"), name="agency_address_book_entry")]},
    ),
    migrations.CreateModel(
        name="SignInLink",
        fields=[
            (
                "person",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="+",
                    serialize=False,
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("keyed_hash", models.BinaryField(max_length=32, unique=True)),
            ("linked_at", models.DateTimeField()),
        ],
    ),
    migrations.CreateModel(
        name="Guess",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("keyed_hash", models.BinaryField(max_length=32)),
            ("at", models.DateTimeField()),
        ],
        options={"indexes": [models.Index(fields=["keyed_hash", "at"], name="agency_guess_account")]},
    ),
    migrations.CreateModel(
        name="Suppression",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("keyed_hash", models.BinaryField(max_length=32, unique=True)),
            (
                "cause",
                models.CharField(
                    choices=[("bounced", "Its mail server refused it for good"), ("complained", "Its reader called our mail unwanted")],
                    max_length=10,
                ),
            ),
            ("since", models.DateTimeField()),
        ],
    ),
    migrations.CreateModel(
        name="Restoration",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("taken_at", models.DateTimeField(help_text="When the backup was taken.")),
            ("restored_at", models.DateTimeField()),
            ("replayed_at", models.DateTimeField(null=True)),
        ],
    ),
)


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    replaces = [
        ("agency", "0003_due_work_again_at"),
        ("agency", "0004_due_work_served_at"),
        ("agency", "0006_access_ends"),
        ("agency", "0007_sessions"),
        ("agency", "0008_guesses"),
        ("agency", "0009_address_book_is_live"),
        ("agency", "0010_engagements"),
        ("agency", "0011_file_workspaces"),
        ("agency", "0012_sign_in_links"),
        ("agency", "0013_audit_subjects"),
        ("agency", "0014_restoration"),
        ("agency", "0015_suppression"),
        ("agency", "0016_erasure_began"),
    ]

    operations = [CreateModels(*_MODELS)]
