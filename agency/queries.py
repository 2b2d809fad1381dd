"""Reads about people and workspaces."""

from uuid import UUID

from django.db.models import QuerySet

from agency import address_book, clock, scope
from agency.models import Invitation, Membership, Person
from agency.roles import Can, Role


def open_invitation(token: str) -> Invitation | None:
    """The invitation behind a link, while it can be accepted."""
    if len(token) > 100:
        return None
    for entry in address_book.find("invitation", token):
        with scope.inside(entry.workspace_id):
            return (
                Invitation.objects.select_related("workspace", "invited_by")
                .filter(pk=entry.ref, accepted_at=None, withdrawn_at=None, expires_at__gt=clock.now())
                .first()
            )
    return None


def is_person(email: str) -> bool:
    """Whether somebody signs in with this address."""
    return Person.objects.filter(email=email).exists()


def members() -> QuerySet[Membership]:
    """Members of the open workspace, with their people."""
    return Membership.objects.filter(workspace_id=_here()).select_related("person").order_by("person__name")


def open_invitations() -> QuerySet[Invitation]:
    """Offers that can still be accepted."""
    return Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=clock.now()).order_by("email")


def roles_that(capability: Can) -> list[str]:
    """Values of the roles that hold a capability."""
    return [role.value for role in Role if role.can(capability)]


def _here() -> UUID | None:
    open_scope = scope.current()
    return open_scope.workspace_id if open_scope else None
