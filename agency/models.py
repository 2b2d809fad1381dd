"""Workspaces, brands, people, roles, audit rows, due work, and the address book. Knows nothing of TikTok."""

from __future__ import annotations

import uuid
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from agency import clock
from agency.database import prepared
from agency.roles import Role


class WorkspaceQuerySet(models.QuerySet):
    """What every workspace table offers."""

    def of(self, workspace: Workspace | UUID) -> WorkspaceQuerySet:
        """Rows of one workspace. The database hides all others anyway; this states it."""
        return self.filter(workspace_id=getattr(workspace, "pk", workspace))

    def visible_to(self, membership: Membership) -> WorkspaceQuerySet:
        """Rows a member may see. Models narrow this where a role sees less than its workspace."""
        return self.of(membership.workspace_id)


class WorkspaceTable(models.Model):
    """A row that belongs to one workspace. Its table is under row-level security (agency/database/policies.py)."""

    is_workspace_table = True

    workspace = models.ForeignKey("agency.Workspace", on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        abstract = True


class InWorkspaceKey(models.ForeignKey):
    """A foreign key to a row of the same workspace. The constraint is composite and made by the migration, not by Django."""

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs["db_index"] = False  # indexes begin with the workspace; the migration makes this one too
        super().__init__(to, on_delete, **kwargs)


class PersonManager(BaseUserManager):
    """People are found by their e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email__iexact=username)

    def of_session(self, person_id: UUID | str) -> Person | None:
        """Whom a session is of. Asked with every request."""
        found = prepared.objects(Person, "id = %s", [person_id])
        return found[0] if found else None

    def create_person(self, *, email: str, name: str, password: str | None = None) -> Person:
        """A new person. Only invitations and the demo's seed call this: nobody registers by themselves."""
        person = self.model(email=email.strip().lower(), name=name.strip())
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Somebody who signs in. What they may do stands in their memberships, not here."""

    class Theme(models.TextChoices):
        SYSTEM = "system", "As the device"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(null=True)
    erasure_began_at = models.DateTimeField(null=True, help_text="Since when a run empties this row; what stays is a pseudonym.")

    objects = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ("name",)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(email=models.functions.Lower("email")), name="agency_person_email_lower"),)

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """Name as shown."""
        return self.name


class Session(AbstractBaseSession):
    """Somebody signed in with a browser (agency/sessions.py). Knows whose it is, so that a person's sessions can be shown and ended."""

    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="sessions")
    device = models.CharField(max_length=60, blank=True)
    began_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    @classmethod
    def get_session_store_class(cls) -> type:
        """Django asks a session for its store."""
        from agency.sessions import SessionStore  # noqa: PLC0415 - the store imports this model

        return SessionStore


class Workspace(models.Model):
    """A tenant: a client of the agency, or the agency itself."""

    is_workspace_table = True

    class Accent(models.TextChoices):
        TEAL = "teal"
        OCEAN = "ocean"
        VIOLET = "violet"
        ROSE = "rose"
        BRASS = "brass"
        MOSS = "moss"
        SLATE = "slate"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    accent = models.CharField(max_length=8, choices=Accent, default=Accent.TEAL)
    time_zone = models.CharField(max_length=64, default="UTC", help_text="IANA name; decides when reports go, never what a day is.")
    posts_per_week = models.PositiveSmallIntegerField(default=5, help_text="Cadence: how many posts a week were agreed.")
    created_at = models.DateTimeField()
    engagement_starts_on = models.DateField(null=True, help_text="First day of the agreement with the client.")
    engagement_ends_on = models.DateField(null=True, help_text="Last day of it. What we hold is kept for 90 days more.")
    closed_at = models.DateTimeField(null=True, help_text="Since when nothing is collected any more and staff are out.")
    erasure_began_at = models.DateTimeField(null=True, help_text="Since when a run deletes what it held: there is no way back.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(engagement_ends_on=None)
                | models.Q(engagement_starts_on=None)
                | models.Q(engagement_ends_on__gte=models.F("engagement_starts_on")),
                name="agency_workspace_engagement",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Brand(WorkspaceTable):
    """Groups accounts inside a workspace."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "name"), name="agency_brand_name"),)

    def __str__(self) -> str:
        return self.name


class CurrentMemberships(models.Manager.from_queryset(WorkspaceQuerySet)):
    """Access that holds now. What has ended or run out is nobody's membership any more, for every query that does not ask for it."""

    def get_queryset(self) -> models.QuerySet:
        holds = models.Q(ends_at=None) | models.Q(ends_at__gt=clock.now())
        return super().get_queryset().filter(holds, ended_at=None)

    def of_person(self, person_id: uuid.UUID) -> list[Membership]:
        """A person's, with their workspaces, by the names of these. Written out: it is asked with every request."""
        ours, theirs = prepared.names_of(Membership), prepared.names_of(Workspace)
        memberships = []
        for row in prepared.rows(_of_person(), [person_id, clock.now()]):
            membership = Membership.from_db(self.db, ours, row[: len(ours)])
            membership.workspace = Workspace.from_db(self.db, theirs, row[len(ours) :])
            memberships.append(membership)
        return memberships


@cache
def _of_person() -> str:
    return f"""
        SELECT {prepared.columns_of(Membership, "m")}, {prepared.columns_of(Workspace, "w")}
        FROM "agency_membership" AS m JOIN "agency_workspace" AS w ON w.id = m.workspace_id
        WHERE m.person_id = %s AND m.ended_at IS NULL AND (m.ends_at IS NULL OR m.ends_at > %s) ORDER BY w.name
    """  # noqa: S608 # nosec B608 - names of columns


class Membership(WorkspaceTable):
    """What a person is in a workspace. In a staff role it is a grant: it says what it is for and when it ends."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=24, choices=[(r.value, r.label) for r in Role])
    purpose = models.CharField(max_length=200, blank=True, help_text="Why this member of staff has access.")
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True, help_text="When it runs out by itself.")
    ended_at = models.DateTimeField(null=True, help_text="When somebody ended it, or when it had run out.")

    objects = CurrentMemberships()
    all_time = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("workspace", "person"), condition=models.Q(ended_at=None), name="agency_membership_person"),
            models.CheckConstraint(
                condition=~models.Q(role__in=[r.value for r in Role if r.is_staff]) | ~models.Q(purpose=""),
                name="agency_membership_staff_purpose",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} as {self.role}"

    @property
    def as_role(self) -> Role:
        """The role's row in the literal table."""
        return Role(self.role)


class Invitation(WorkspaceTable):
    """A single-use, expiring offer of a role, bound to one address. Its token is kept as a hash only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField()
    role = models.CharField(max_length=24, choices=[(r.value, r.label) for r in Role])
    purpose = models.CharField(max_length=200, blank=True)
    access_ends_at = models.DateTimeField(null=True)
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("workspace", "email"), name="agency_invitation_email"),)

    def __str__(self) -> str:
        return f"{self.role} for {self.email}"


class AuditRow(WorkspaceTable):
    """Who did or read what, when, as what and what for. Written by agency/audit.py; nobody may change it, the database sees to that."""

    id = models.BigAutoField(primary_key=True)
    ref = models.UUIDField(help_text="Drawn by the platform: the same row written twice is known by it.")
    at = models.DateTimeField()
    verb = models.CharField(max_length=60, help_text="noun.participle, such as connection.revoked")
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=64)
    person_id = models.UUIDField(null=True, help_text="The actor; empty for the platform itself.")
    role = models.CharField(max_length=24, blank=True)
    purpose = models.CharField(max_length=200, blank=True, help_text="What the actor's access was for, at that time.")
    facts = models.JSONField(default=dict)
    mac = models.BinaryField(max_length=32, help_text="Over all of the above, under a key that the database does not hold.")

    class Meta:
        indexes = (models.Index(fields=("workspace", "at"), name="agency_audit_at"),)

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_kind} {self.subject_id}"


class AuditSubject(WorkspaceTable):
    """The salt under which one account stands in the audit log. When it is destroyed, nobody can tell any more whom the rows are about."""

    id = models.UUIDField(primary_key=True, editable=False, help_text="The account's own id.")
    salt = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"salt of {self.pk}"


class AuditTail(models.Model):
    """Audit rows that wait to be sealed, announced by a trigger. Outside row-level security: one sealer serves all. No content."""

    row_id = models.BigIntegerField(primary_key=True)
    workspace_id = models.UUIDField()
    announced_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"row {self.row_id}"


class AuditSeal(models.Model):
    """One step of the chain over all audit rows (agency/audit_chain.py). Outside row-level security; holds numbers and MACs."""

    position = models.BigIntegerField(primary_key=True)
    row_id = models.BigIntegerField(db_index=True)
    workspace_id = models.UUIDField()
    mac = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"step {self.position}"


class DueWork(models.Model):
    """What must happen and when. Stands outside row-level security so that one sweep finds the work of all; holds no content."""

    class Priority(models.IntegerChoices):
        INTERACTIVE = 0
        BACKFILL = 5
        ROUTINE = 9

    id = models.BigAutoField(primary_key=True)
    workspace_id = models.UUIDField()
    kind = models.CharField(max_length=40)
    ref = models.UUIDField()
    due_at = models.DateTimeField()
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.ROUTINE)
    claim = models.UUIDField(null=True, help_text="Whoever holds this may do the work until claimed_until.")
    claimed_until = models.DateTimeField(null=True)
    served_at = models.DateTimeField(null=True, help_text="When something was last done for it; workspaces take turns by it.")
    again_at = models.DateTimeField(null=True, help_text="Put again while it was claimed: to be done once more at this time.")
    attempt_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "ref"), name="agency_due_work_ref"),)
        indexes = (models.Index(fields=("kind", "due_at"), name="agency_due_work_due"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class AddressBook(models.Model):
    """Leads what arrives without a workspace (an OAuth state, an invitation, an unsubscribe link) to its row. Holds keyed hashes only."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=40)
    keyed_hash = models.BinaryField(max_length=32)
    workspace_id = models.UUIDField()
    ref = models.UUIDField()
    is_live = models.BooleanField(default=True, help_text="False while what it leads to has stopped working.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "keyed_hash", "workspace_id"), name="agency_address_book_entry"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class SignInLink(models.Model):
    """An account elsewhere with which a person signs in (agency/sign_in_links.py). Outside workspaces, as people are."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="+")
    keyed_hash = models.BinaryField(max_length=32, unique=True)
    linked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"since {self.linked_at}"


class Guess(models.Model):
    """A try at a password or a code of an account, known or not. Holds a keyed hash and a time, for five minutes."""

    id = models.BigAutoField(primary_key=True)
    keyed_hash = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("keyed_hash", "at"), name="agency_guess_account"),)

    def __str__(self) -> str:
        return f"at {self.at}"


class Suppression(models.Model):
    """An address that gets no mail of ours that it can do without, and why. Outside row-level security; holds a keyed hash."""

    class Cause(models.TextChoices):
        BOUNCED = "bounced", "Its mail server refused it for good"
        COMPLAINED = "complained", "Its reader called our mail unwanted"

    keyed_hash = models.BinaryField(max_length=32, unique=True)
    cause = models.CharField(max_length=10, choices=Cause)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return self.cause


class Restoration(models.Model):
    """The database came out of a backup. Until what was erased since is erased again, nothing is served."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    taken_at = models.DateTimeField(help_text="When the backup was taken.")
    restored_at = models.DateTimeField()
    replayed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"backup of {self.taken_at}"
