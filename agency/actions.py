"""Writes about people and workspaces. One function, one short transaction, one audit row; no network."""

import secrets
from datetime import date, datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import F

from agency import address_book, audit, clock, scope, sessions
from agency.models import Invitation, Membership, Person, Workspace
from agency.roles import INVITES, Role


class NotAllowed(Exception):
    """The rule that forbids it, as a sentence for the person who asked."""


def invite(*, email: str, role: Role, by: Membership, purpose: str = "", access_ends_at: datetime | None = None) -> tuple[Invitation, str]:
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
            access_ends_at=access_ends_at,
            invited_by_id=by.person_id,
            created_at=now,
            expires_at=now + settings.INVITATION_LIFETIME,
        )
        address_book.enter("invitation", token, workspace_id=by.workspace_id, ref=invitation.pk)
        audit.record("invitation.made", invitation, by=by, role=role.value)
    return invitation, token


def resend_invitation(invitation: Invitation, *, by: Membership) -> str:
    """A fresh link for seven more days; the one from before stops working. Returns the token, which is not kept."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        still_open = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
        if Role(invitation.role) not in INVITES.get(by.as_role, ()):
            raise NotAllowed(f"As {by.as_role.label} you cannot invite a {Role(invitation.role).label}.")
        if not still_open.update(expires_at=clock.now() + settings.INVITATION_LIFETIME):
            raise NotAllowed("This invitation was answered or withdrawn meanwhile.")
        address_book.strike("invitation", ref=invitation.pk)
        address_book.enter("invitation", token, workspace_id=by.workspace_id, ref=invitation.pk)
        audit.record("invitation.resent", invitation, by=by, role=invitation.role)
    return token


def withdraw_invitation(invitation: Invitation, *, by: Membership) -> None:
    """Take an offer back. Doing it again changes nothing."""
    with transaction.atomic():
        if Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None).update(withdrawn_at=clock.now()):
            address_book.strike("invitation", ref=invitation.pk)
            audit.record("invitation.withdrawn", invitation, by=by)


def accept_invitation(invitation: Invitation, *, name: str = "", password: str | None = None, person: Person | None = None) -> Person:
    """Turn an open invitation into a membership, once. Runs in the invitation's workspace.

    A known address must be signed in as itself; an unknown one becomes a person, without a password if it signs in by a link.
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
        Membership.all_time.filter(person=person, ended_at=None, ends_at__lte=now).update(ended_at=F("ends_at"))
        membership = Membership.objects.create(
            workspace_id=invitation.workspace_id,
            person=person,
            role=invitation.role,
            purpose=invitation.purpose,
            ends_at=invitation.access_ends_at,
            created_at=now,
        )
        address_book.strike("invitation", ref=invitation.pk)
        audit.record("membership.began", membership, by=membership, role=invitation.role)
    return person


def change_access(membership: Membership, *, role: Role, by: Membership, purpose: str = "", ends_at: datetime | None = None) -> None:
    """Another role, or a grant's other purpose or end. Nobody changes their own, and nobody hands out more than they hold."""
    with transaction.atomic():
        held = _may_change(membership, by)
        if role not in INVITES.get(by.as_role, ()):
            raise NotAllowed(f"As {by.as_role.label} you cannot make somebody a {role.label}.")
        if role.is_staff and not purpose.strip():
            raise NotAllowed("Say what this member of staff needs access for.")
        if role.is_staff and (ends_at is None or ends_at <= clock.now()):
            raise NotAllowed("Say until when this member of staff has access.")
        held.role, held.purpose, held.ends_at = role.value, purpose if role.is_staff else "", ends_at if role.is_staff else None
        held.save(update_fields=("role", "purpose", "ends_at"))
        audit.record("membership.changed", held, by=by, role=role.value)


def end_access(membership: Membership, *, by: Membership) -> None:
    """The person is out at once: the membership ends, and every browser of theirs is signed out."""
    with transaction.atomic():
        held = _may_change(membership, by)
        Membership.objects.filter(pk=held.pk).update(ended_at=clock.now())
        sessions.end_all(held.person)
        audit.record("membership.ended", held, by=by, role=held.role)


def close_account(membership: Membership, *, by: Membership) -> None:
    """The person cannot sign in any more, anywhere, and is signed out everywhere now. Their memberships stay as they are."""
    with transaction.atomic():
        held = _may_change(membership, by)
        Person.objects.filter(pk=held.person_id).update(is_active=False)
        sessions.end_all(held.person)
        audit.record("person.closed", held.person, by=by)


def open_account(membership: Membership, *, by: Membership) -> None:
    """The person can sign in again."""
    with transaction.atomic():
        held = _may_change(membership, by)
        if not Person.objects.filter(pk=held.person_id, erasure_began_at=None).update(is_active=True):
            raise NotAllowed("This person asked to be deleted, and is being deleted now. Invite them anew if they want to come back.")
        audit.record("person.opened", held.person, by=by)


def _may_change(membership: Membership, by: Membership) -> Membership:
    """The membership as it is now, locked together with the one of who asks: of two who end each other, one comes too late."""
    if membership.pk == by.pk:
        raise NotAllowed("You cannot change your own access. Ask somebody else who manages people.")
    rows = {m.pk: m for m in Membership.objects.select_for_update().filter(pk__in=[membership.pk, by.pk]).order_by("pk")}
    if by.pk not in rows or membership.pk not in rows:
        raise NotAllowed("This access has ended meanwhile.")
    if rows[membership.pk].as_role not in INVITES.get(rows[by.pk].as_role, ()):
        raise NotAllowed(f"As {by.as_role.label} you cannot change the access of a {rows[membership.pk].as_role.label}.")
    return rows[membership.pk]


def create_workspace(
    *,
    slug: str,
    name: str,
    accent: str,
    time_zone: str,
    posts_per_week: int,
    engagement_starts_on: date | None = None,
    engagement_ends_on: date | None = None,
    by: Membership | None = None,
) -> Workspace:
    """A new tenant, filed in the address book so that the platform admin finds it. Only the platform's operator makes one."""
    workspace = Workspace(
        slug=slug,
        name=name,
        accent=accent,
        time_zone=time_zone,
        posts_per_week=posts_per_week,
        engagement_starts_on=engagement_starts_on,
        engagement_ends_on=engagement_ends_on,
        created_at=clock.now(),
    )
    with scope.inside(workspace.pk):
        workspace.save(force_insert=True)
        address_book.enter("workspace", slug, workspace_id=workspace.pk, ref=workspace.pk)
        audit.record("workspace.created", workspace, by=by)
    return workspace
