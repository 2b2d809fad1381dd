"""What the platform admin does: workspaces and their engagements, their own grants, and people's sign-ins. One short transaction each.

Acts on a workspace are recorded in it, acts on a person in every workspace where they have access, as the role that the actor has at home.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.text import slugify

from agency import actions, address_book, audit, clock, directory, jobs, scope, sessions
from agency.actions import NotAllowed
from agency.models import Invitation, Membership, Person, Workspace
from agency.roles import Can, Role

SET_UP = timedelta(days=30)
CLOSING, CLOSED = "engagement_end", "workspace_closed"
# Who stays in a closed workspace: its client and its creators, who read what is there until it is deleted, and who delete it.
_STAYING = frozenset({Role.CLIENT_ADMIN, Role.CLIENT_VIEWER, Role.CREATOR, Role.REVIEWER, Role.PRIVACY})


def make_workspace(*, by: Membership, values: dict[str, Any]) -> Workspace:
    """A new tenant. Who makes it has access for a month, to invite its first people."""
    _must(by, Can.MANAGE_WORKSPACES)
    slug = _free_slug(slugify(values["name"])[:50])
    with transaction.atomic():
        workspace = actions.create_workspace(slug=slug, **values, by=by)
        _join(workspace, by.person, purpose="Set up the workspace", ends_at=clock.now() + SET_UP)
        with scope.inside(workspace.pk):
            _plan_end(workspace)
    return workspace


def _free_slug(wanted: str) -> str:
    """The words of links that we send. Of two workspaces of one name the second gets a number."""
    base, n = wanted or "workspace", 2
    slug = base
    while address_book.find(directory.KIND, slug):
        slug, n = f"{base}-{n}", n + 1
    return slug


def change_workspace(workspace_id: UUID, *, by: Membership, values: dict[str, Any]) -> list[str]:
    """Name, look, hour, cadence, engagement. Returns what changed; nothing changed leaves no row."""
    _must(by, Can.MANAGE_WORKSPACES)
    with scope.inside(workspace_id):
        workspace = Workspace.objects.select_for_update().get(pk=workspace_id)
        _must_hold_something(workspace)
        changed = [name for name, value in values.items() if getattr(workspace, name) != value]
        for name in changed:
            setattr(workspace, name, values[name])
        if changed:
            workspace.save(update_fields=changed)
            _plan_end(workspace)
            audit.record("workspace.changed", workspace, by=by, kind=",".join(changed))
    return changed


def close_workspace(workspace_id: UUID, *, by: Membership | None) -> bool:
    """The engagement is over: staff are out, offers withdrawn, and a row says that its connections have to end. Twice changes nothing."""
    if by is not None:
        _must(by, Can.MANAGE_WORKSPACES)
    with scope.inside(workspace_id):
        workspace = Workspace.objects.select_for_update().get(pk=workspace_id)
        if workspace.closed_at is not None:
            return False
        now = clock.now()
        today = now.astimezone(ZoneInfo(workspace.time_zone)).date()
        workspace.closed_at = now
        # An engagement that had not begun ends on the day on which it would have.
        workspace.engagement_ends_on = max(min(workspace.engagement_ends_on or today, today), workspace.engagement_starts_on or date.min)
        workspace.save(update_fields=("closed_at", "engagement_ends_on"))
        leaving = Membership.objects.exclude(role__in=[role.value for role in _STAYING]).exclude(pk=by.pk if by else None)
        for membership in leaving.select_related("person"):
            Membership.objects.filter(pk=membership.pk).update(ended_at=now)
            audit.record("membership.ended", membership, by=by, role=membership.role)
        for invitation in Invitation.objects.filter(accepted_at=None, withdrawn_at=None):
            address_book.strike("invitation", ref=invitation.pk)
            audit.record("invitation.withdrawn", invitation, by=by)
        Invitation.objects.filter(accepted_at=None, withdrawn_at=None).update(withdrawn_at=now)
        jobs.drop(CLOSING, ref=workspace_id)
        jobs.put(CLOSED, workspace_id, workspace_id=workspace_id, at=now)
        audit.record("workspace.closed", workspace, by=by)
    return True


def open_workspace(workspace_id: UUID, *, by: Membership) -> bool:
    """The engagement goes on. Accounts were disconnected and are connected again by their owners; staff get new grants."""
    _must(by, Can.MANAGE_WORKSPACES)
    with scope.inside(workspace_id):
        workspace = Workspace.objects.select_for_update().get(pk=workspace_id)
        _must_hold_something(workspace)
        if workspace.closed_at is None:
            return False
        workspace.closed_at, workspace.engagement_ends_on = None, None
        workspace.save(update_fields=("closed_at", "engagement_ends_on"))
        jobs.drop(CLOSED, ref=workspace_id)
        audit.record("workspace.opened", workspace, by=by)
    return True


def _must_hold_something(workspace: Workspace) -> None:
    """Once a run has begun to delete what a workspace held, there is nothing to go on with. Its row is locked, or only read."""
    if workspace.erasure_began_at is not None:
        raise NotAllowed(
            "What this workspace held is deleted, 90 days after its engagement as was agreed. It cannot be used again: make a new one."
        )


def _plan_end(workspace: Workspace) -> None:
    """The day after the last one begins in the workspace's own zone."""
    jobs.drop(CLOSING, ref=workspace.pk)
    if workspace.engagement_ends_on is not None and workspace.closed_at is None:
        jobs.put(CLOSING, workspace.pk, workspace_id=workspace.pk, at=end_of(workspace))


def end_of(workspace: Workspace) -> datetime:
    """The instant at which the engagement is over. Only for workspaces that have a last day."""
    assert workspace.engagement_ends_on is not None
    return datetime.combine(workspace.engagement_ends_on + timedelta(days=1), time.min, ZoneInfo(workspace.time_zone)).astimezone(UTC)


def is_over(workspace_id: UUID, *, now: datetime) -> bool:
    """Whether a workspace has had its last day and is still open."""
    with scope.inside(workspace_id):
        workspace = Workspace.objects.get(pk=workspace_id)
        return workspace.closed_at is None and workspace.engagement_ends_on is not None and end_of(workspace) <= now


def join(workspace_id: UUID, *, by: Membership, purpose: str, ends_at: datetime) -> None:
    """A grant for oneself, to manage people there. It says what for and until when, and everybody there can see it."""
    _must(by, Can.MANAGE_WORKSPACES)
    with scope.inside(workspace_id):
        workspace = Workspace.objects.get(pk=workspace_id)
        _must_hold_something(workspace)
        if Membership.objects.filter(person_id=by.person_id).exists():
            raise NotAllowed("You have access there already.")
        _join(workspace, by.person, purpose=purpose, ends_at=ends_at)


def _join(workspace: Workspace, person: Person, *, purpose: str, ends_at: datetime) -> None:
    now = clock.now()
    with scope.inside(workspace.pk):
        Membership.all_time.filter(person=person, ended_at=None, ends_at__lte=now).update(ended_at=now)
        grant = Membership.objects.create(
            workspace=workspace, person=person, role=Role.PLATFORM_ADMIN.value, purpose=purpose, created_at=now, ends_at=ends_at
        )
        audit.record("membership.began", grant, by=grant, role=grant.role)


def end_grant(workspace_id: UUID, membership_id: UUID, *, by: Membership) -> None:
    """Out of that workspace, and signed out everywhere."""
    _must(by, Can.MANAGE_WORKSPACES)
    with scope.inside(workspace_id):
        held = Membership.objects.select_for_update().filter(pk=membership_id).first()
        if held is None or held.person_id == by.person_id:
            raise NotAllowed("This access has ended meanwhile." if held is None else "You cannot end your own access.")
        Membership.objects.filter(pk=held.pk).update(ended_at=clock.now())
        sessions.end_all(held.person)
        audit.record("membership.ended", held, by=by, role=held.role)


def close_person(person: Person, *, by: Membership) -> None:
    """No signing in any more, anywhere, and signed out everywhere now."""
    with transaction.atomic():
        _may_touch(person, by)
        Person.objects.filter(pk=person.pk).update(is_active=False)
        sessions.end_all(person)
        _record("person.closed", person, by)


def open_person(person: Person, *, by: Membership) -> None:
    """Signing in works again; roles are as they were."""
    with transaction.atomic():
        _may_touch(person, by)
        if not Person.objects.filter(pk=person.pk, erasure_began_at=None).update(is_active=True):
            raise NotAllowed("This person asked to be deleted, and is. Invite them anew if they want to come back.")
        _record("person.opened", person, by)


def sign_out_person(person: Person, *, by: Membership) -> int:
    """Every browser of theirs. Returns how many there were."""
    with transaction.atomic():
        _may_touch(person, by)
        count = sessions.end_all(person)
        _record("person.signed_out", person, by, count=count)
    return count


def reset_second_factor(person: Person, *, by: Membership, reason: str) -> None:
    """Devices and recovery codes are forgotten and every browser is signed out. Staff have to enrol a device at their next sign-in."""
    with transaction.atomic():
        _may_touch(person, by)
        Authenticator.objects.filter(user=person).delete()
        sessions.end_all(person)
        _record("person.second_factor_reset", person, by, reason=reason)


def _must(by: Membership, capability: Can) -> None:
    if not by.as_role.can(capability):
        raise NotAllowed(f"As {by.as_role.label} you cannot do this.")


def _may_touch(person: Person, by: Membership) -> None:
    _must(by, Can.CLOSE_ACCOUNTS)
    if person.pk == by.person_id:
        raise NotAllowed("You cannot do this to your own sign-in. Ask another platform admin.")


def _record(verb: str, person: Person, by: Membership, **facts: Any) -> None:
    """In every workspace where they have access; of somebody without any, at the actor's home."""
    for workspace_id in {m.workspace_id for m in directory.memberships_of(person)} or {by.workspace_id}:
        with scope.inside(workspace_id):
            audit.record(verb, person, by=by, **facts)
