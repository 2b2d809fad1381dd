"""Reads about people and workspaces."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import QuerySet

from agency import address_book, audit, clock, scope
from agency.audit_words import PAGES_WITHOUT_CREATORS
from agency.models import AuditRow, Invitation, Membership, Person
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
    return Membership.objects.filter(workspace_id=_here()).select_related("person").order_by("person__name", "person__email")


def open_invitations() -> QuerySet[Invitation]:
    """Offers that can still be accepted."""
    return Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=clock.now()).order_by("email")


def people_by_id(people: Iterable[UUID]) -> dict[UUID, Person]:
    """People by id, also those whose access has ended: an audit row still names them."""
    return Person.objects.in_bulk({p for p in people if p})


def looks_of_staff(membership: Membership) -> QuerySet[AuditRow]:
    """When staff looked at what a member's workspace holds, newest first; for creators from the day they joined."""
    rows = AuditRow.objects.of(membership.workspace_id).filter(verb=audit.READ, role__in=[r.value for r in Role if r.is_staff])
    if membership.as_role is Role.CREATOR:
        rows = rows.filter(at__gte=membership.created_at).exclude(facts__kind__in=PAGES_WITHOUT_CREATORS)
    return rows.order_by("-id")


@dataclass(frozen=True)
class AuditFilter:
    """What the privacy team looks for. Empty means everything."""

    since: date | None = None
    until: date | None = None
    person: UUID | None = None
    verb: str = ""
    subject: str = ""


def audit_rows(membership: Membership, wanted: AuditFilter) -> QuerySet[AuditRow]:
    """The workspace's audit rows that fit, newest first. Days are UTC."""
    rows = AuditRow.objects.visible_to(membership)
    if wanted.since:
        rows = rows.filter(at__gte=datetime.combine(wanted.since, time.min, UTC))
    if wanted.until:
        rows = rows.filter(at__lt=datetime.combine(wanted.until + timedelta(days=1), time.min, UTC))
    if wanted.person:
        rows = rows.filter(person_id=wanted.person)
    if wanted.verb:
        rows = rows.filter(verb=wanted.verb)
    if wanted.subject:
        rows = rows.filter(subject_id__in=audit.names_of(wanted.subject))
    return rows.order_by("-id")


def actors(membership: Membership) -> QuerySet[Person]:
    """Everybody who is or was a member here, by name."""
    return Person.objects.filter(pk__in=Membership.all_time.visible_to(membership).values("person_id")).order_by("name", "email")


def roles_that(capability: Can) -> list[str]:
    """Values of the roles that hold a capability."""
    return [role.value for role in Role if role.can(capability)]


def _here() -> UUID | None:
    open_scope = scope.current()
    return open_scope.workspace_id if open_scope else None
