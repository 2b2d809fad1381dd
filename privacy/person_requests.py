"""Requests of people to be deleted themselves: who may go, and who has to see to something first. Of a person there is one open request,
wherever it was filed; the address book leads to it by a keyed hash.
"""

from uuid import UUID

from django.db import connection

from agency import address_book, directory, scope
from agency.models import Membership, Person, Workspace
from agency.roles import Role
from integrations.models import Connection
from privacy import actions
from privacy.models import DeletionRequest
from privacy.references import BOOK_OF_PEOPLE

Source = DeletionRequest.Source
_LOCK = 7_600_593_971  # one at a time, so that of the last two admins one finds the other's request


class CannotLeave(Exception):
    """Somebody has to see to something first; the sentences say to what."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(" ".join(reasons))


def open_of(person: Person) -> DeletionRequest | None:
    """The person's request that is not carried out yet."""
    for entry in address_book.find(BOOK_OF_PEOPLE, str(person.pk)):
        with scope.inside(entry.workspace_id):
            found = DeletionRequest.objects.open().filter(pk=entry.ref).first()
        if found is not None:
            return found
    return None


def why_not(person: Person) -> list[str]:
    """What has to be done before they can go, as sentences for whoever reads them; empty when nothing has."""
    found = []
    memberships = directory.memberships_of(person)
    for membership in memberships:
        with scope.inside(membership.workspace_id):
            workspace = membership.workspace.name
            is_last = membership.as_role is Role.CLIENT_ADMIN and not _somebody_else(person, Role.CLIENT_ADMIN)
            if is_last and membership.workspace.closed_at is None:
                found.append(f"{workspace} has no other admin. Make somebody else an admin there first, or have the workspace closed.")
            if membership.as_role is Role.CREATOR:
                held = Connection.objects.filter(connected_by_id=person.pk).of_accounts()
                held = held.exclude(state__in=(Connection.State.ASKED, Connection.State.DISCONNECTED))
                found += [
                    f"{account.shown_name} is still connected in {workspace}. Disconnect it first, or ask for its deletion."
                    for account in held
                ]
    if any(m.as_role is Role.PLATFORM_ADMIN for m in memberships) and not _another_platform_admin(person):
        found.append("There is no other platform admin. Invite one first, and let them sign in once.")
    return found


def _somebody_else(person: Person, role: Role) -> bool:
    """Whether somebody of that role stays. Inside the workspace."""
    others = Membership.objects.filter(role=role.value, person__is_active=True).exclude(person_id=person.pk).select_related("person")
    return any(open_of(other.person) is None for other in others)


def _another_platform_admin(person: Person) -> bool:
    for workspace_id in directory.workspace_ids():
        with scope.inside(workspace_id):
            if _somebody_else(person, Role.PLATFORM_ADMIN):
                return True
    return False


def ask(person: Person, *, at: UUID | None) -> DeletionRequest:
    """From their own page. `at` is the workspace where they stand. Asked again, it is the same request. Raises CannotLeave.

    The audit rows about it name nobody: by the reference, which they keep, they would lead to the pseudonym that is left of them.
    """
    workspace_id = at or _home_of(person)
    return _file(person, workspace_id, by=None, source=Source.OWN, asked_by=person, contact=person.email)


def enter(person: Person, *, by: Membership, contact: str, identity_note: str) -> DeletionRequest:
    """A request that reached the privacy contact by mail, entered by staff who made sure who wrote. Raises CannotLeave."""
    return _file(person, by.workspace_id, by=by, source=Source.MAIL, contact=contact, identity_note=identity_note)


def _file(person: Person, workspace_id: UUID, *, by: Membership | None, source: str, **values: object) -> DeletionRequest:
    with scope.inside(workspace_id):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        known = open_of(person)
        if known is not None:
            return known
        if reasons := why_not(person):
            raise CannotLeave(reasons)
        return actions.file_person(person, workspace_id=workspace_id, by=by, source=source, **values)


def cancel(request: DeletionRequest) -> bool:
    """Taken back on their own page. False once its run has begun."""
    with scope.inside(request.workspace_id):
        return actions.cancel(request, by=None, note="Taken back on their own page")


def _home_of(person: Person) -> UUID:
    """Where the request of somebody is filed who has no access any more: where they had it last, else the oldest workspace."""
    with scope.inside(None, person_id=person.pk):
        held = Membership.all_time.filter(person=person).order_by("-created_at").values_list("workspace_id", flat=True).first()
    return held or next(pk for pk in directory.workspace_ids() if _is_there(pk))


def _is_there(workspace_id: UUID) -> bool:
    with scope.inside(workspace_id):
        return Workspace.objects.filter(pk=workspace_id, erasure_began_at=None).exists()


def person_known_to(memberships: list[Membership], address: str) -> Person | None:
    """Whoever signs in with that address, if they have, or had, access in one of these workspaces."""
    person = Person.objects.filter(email=address.strip().lower(), erasure_began_at=None).first()
    if person is None:
        return None
    for membership in memberships:
        with scope.inside(membership.workspace_id):
            if Membership.all_time.filter(person=person).exists():
                return person
    return None
