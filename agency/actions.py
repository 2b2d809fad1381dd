"""Writes about people and workspaces. One function, one short transaction, one audit row; no network."""

import secrets

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction

from agency import address_book, audit, clock, scope
from agency.models import Invitation, Membership, Person, Workspace
from agency.roles import INVITES, Role


class NotAllowed(Exception):
    """The rule that forbids it, as a sentence for the person who asked."""


def invite(*, email: str, role: Role, by: Membership, purpose: str = "") -> tuple[Invitation, str]:
    """Offer a role to an address. An open invitation of that address is replaced. Returns the row and its token, which is not kept."""
    if role not in INVITES.get(by.as_role, ()):
        raise NotAllowed(f"As {by.as_role.label} you cannot invite a {role.label}.")
    if role.is_staff and not purpose.strip():
        raise NotAllowed("Say what this member of staff needs access for.")
    email, token = email.strip().lower(), secrets.token_urlsafe(32)
    with transaction.atomic():
        if Membership.objects.filter(person__email=email).exists():
            raise NotAllowed(f"{email} is already a member of this workspace.")
        now = clock.now()
        Invitation.objects.filter(email=email, accepted_at=None, withdrawn_at=None).update(withdrawn_at=now)
        invitation = Invitation.objects.create(
            workspace_id=by.workspace_id,
            email=email,
            role=role.value,
            purpose=purpose,
            invited_by_id=by.person_id,
            created_at=now,
            expires_at=now + settings.INVITATION_LIFETIME,
        )
        address_book.enter("invitation", token, workspace_id=by.workspace_id, ref=invitation.pk)
        audit.record("invitation.made", invitation, by=by, role=role.value)
    return invitation, token


def withdraw_invitation(invitation: Invitation, *, by: Membership) -> None:
    """Take an offer back. Doing it again changes nothing."""
    with transaction.atomic():
        if Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None).update(withdrawn_at=clock.now()):
            address_book.strike("invitation", ref=invitation.pk)
            audit.record("invitation.withdrawn", invitation, by=by)


def accept_invitation(invitation: Invitation, *, name: str = "", password: str = "", person: Person | None = None) -> Person:
    """Turn an open invitation into a membership, once. Runs in the invitation's workspace.

    A known address must be signed in as itself; an unknown one becomes a person.
    """
    now = clock.now()
    with scope.inside(invitation.workspace_id):
        if not Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None, expires_at__gt=now).update(accepted_at=now):
            raise NotAllowed("This invitation was already used, withdrawn, or has expired. Ask for a new one.")
        if person is None:
            person = Person.objects.create_person(email=invitation.email, name=name, password=password)
            person.joined_at = now
            person.save(update_fields=("joined_at",))
            EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
        elif person.email != invitation.email:
            raise NotAllowed(f"This invitation is for {invitation.email}. Sign in with that address.")
        elif Membership.objects.filter(person=person).exists():
            raise NotAllowed("You are already a member of this workspace.")
        Invitation.objects.filter(pk=invitation.pk).update(accepted_by=person)
        membership = Membership.objects.create(
            workspace_id=invitation.workspace_id, person=person, role=invitation.role, purpose=invitation.purpose, created_at=now
        )
        address_book.strike("invitation", ref=invitation.pk)
        audit.record("membership.began", membership, by=membership, role=invitation.role)
    return person


def create_workspace(*, slug: str, name: str, accent: str, time_zone: str, posts_per_week: int) -> Workspace:
    """A new tenant. Only the platform's operator makes one."""
    workspace = Workspace(slug=slug, name=name, accent=accent, time_zone=time_zone, posts_per_week=posts_per_week, created_at=clock.now())
    with scope.inside(workspace.pk):
        workspace.save(force_insert=True)
        audit.record("workspace.created", workspace, by=None)
    return workspace
