"""All workspaces and all people, for the platform admin. The one place where pages read across workspaces; nothing below it does.

The address book knows which workspaces exist; each is then entered by itself, so that row-level security shows one at a time. Shown are the
workspace and its people, never what it holds of TikTok. What was shown leaves a row in the workspace it was shown of.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Q, QuerySet

from agency import audit, scope, sessions
from agency.models import AddressBook, Invitation, Membership, Person, Workspace

KIND = "workspace"


@dataclass(frozen=True)
class Entry:
    """A workspace as the list shows it."""

    workspace: Workspace
    people_count: int
    staff_count: int


@dataclass(frozen=True)
class Inside:
    """One workspace as its page shows it."""

    workspace: Workspace
    members: list[Membership]
    open_invitation_count: int


@dataclass(frozen=True)
class Account:
    """One person as their page shows them."""

    person: Person
    memberships: list[Membership]
    session_count: int
    has_second_factor: bool


def workspace_ids() -> list[UUID]:
    """Every workspace there is, oldest first."""
    return list(AddressBook.objects.filter(kind=KIND).order_by("id").values_list("ref", flat=True))


def entries(wanted: str = "") -> list[Entry]:
    """All workspaces whose name or address contains `wanted`, by name. Reads each in its own scope."""
    found = [entry for entry in map(_entry, workspace_ids()) if entry is not None]
    fitting = (entry for entry in found if wanted.lower() in f"{entry.workspace.name} {entry.workspace.slug}".lower())
    return sorted(fitting, key=lambda entry: (entry.workspace.name.lower(), entry.workspace.slug))


def _entry(workspace_id: UUID) -> Entry | None:
    with scope.inside(workspace_id):
        workspace = Workspace.objects.filter(pk=workspace_id).first()
        if workspace is None:
            return None
        roles = list(Membership.objects.of(workspace).values_list("role", flat=True))
    staff_count = sum(1 for role in roles if Membership(role=role).as_role.is_staff)
    return Entry(workspace, people_count=len(roles) - staff_count, staff_count=staff_count)


def note_looks(page: str, workspaces: Iterable[UUID], *, by: Membership) -> None:
    """Record in each of these workspaces that it was shown. The reader's own is recorded at the door."""
    for workspace_id in workspaces:
        if workspace_id != by.workspace_id:
            with scope.inside(workspace_id):
                audit.record_read(page, by=by, of="workspace", ref=str(workspace_id))


def inside(workspace_id: UUID) -> Inside | None:
    """One workspace and who is in it. None when there is no such workspace."""
    if not AddressBook.objects.filter(kind=KIND, ref=workspace_id).exists():
        return None
    with scope.inside(workspace_id):
        workspace = Workspace.objects.filter(pk=workspace_id).first()
        if workspace is None:
            return None
        members = list(Membership.objects.of(workspace).select_related("person").order_by("person__name", "person__email"))
        waiting = Invitation.objects.of(workspace).filter(accepted_at=None, withdrawn_at=None).count()
    return Inside(workspace, members, waiting)


def people(wanted: str = "", *, after: str = "") -> QuerySet[Person]:
    """People whose name or address contains `wanted`, by address. People stand outside workspaces."""
    fits = Q(name__icontains=wanted) | Q(email__icontains=wanted) if wanted else Q()
    return Person.objects.filter(fits, email__gt=after, erasure_began_at=None).order_by("email")


def account(person_id: UUID) -> Account | None:
    """One person and where they have access: read as themselves, who may see their own memberships and no other row."""
    person = Person.objects.filter(pk=person_id, erasure_began_at=None).first()
    if person is None:
        return None
    return Account(
        person=person,
        memberships=memberships_of(person),
        session_count=len(sessions.of(person)),
        has_second_factor=Authenticator.objects.filter(user=person).exclude(type=Authenticator.Type.RECOVERY_CODES).exists(),
    )


def memberships_of(person: Person) -> list[Membership]:
    """Where somebody has access now."""
    with scope.inside(None, person_id=person.pk):
        return Membership.objects.of_person(person.pk)
