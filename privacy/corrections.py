"""Requests to have something corrected: asked by whoever it is about, answered by the privacy team within its term. Changes no data itself:
whoever answers has corrected it, or says why it stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from agency import address_book, audit, clock, jobs, scope
from agency.models import Membership, Workspace
from agency.roles import Can
from integrations.models import Connection
from privacy import timing
from privacy.models import Correction
from privacy.queries import workspaces_of_team
from privacy.references import new_reference

BOOK = "correction"
State = Correction.State
OPEN_AT_ONCE = 20  # by one person in one workspace


def accounts_for(membership: Membership) -> list[Connection]:
    """Accounts that somebody may ask about: those that they see. Staff ask for themselves; what they see of accounts is on record."""
    if membership.as_role.is_staff or not membership.as_role.can(Can.VIEW_INTEGRATIONS):
        return []
    rows = Connection.objects.visible_to(membership).of_accounts().exclude(state=Connection.State.ASKED)
    return list(rows.order_by("handle", "display_name"))


def asked_by(membership: Membership) -> list[Correction]:
    """One's own, newest first."""
    return list(Correction.objects.visible_to(membership).select_related("account").order_by("-asked_at")[:100])


def ask(*, by: Membership, said: str, account: Connection | None) -> Correction | None:
    """By somebody who is signed in. The same words, sent twice, are one request. None when too many of theirs are open."""
    with transaction.atomic():
        # One at a time for one person, so that a double click finds the first.
        Membership.objects.select_for_update(of=("self",)).get(pk=by.pk)
        mine = Correction.objects.filter(asked_by_id=by.person_id, state=State.OPEN)
        known = mine.filter(said=said, account=account).first()
        if known is not None:
            return known
        if mine.count() >= OPEN_AT_ONCE:
            return None
        return _open(by, said=said, account=account, asked_by_id=by.person_id)


def enter(*, by: Membership, contact: str, said: str, account: Connection | None) -> Correction:
    """One that reached the privacy contact by mail."""
    with transaction.atomic():
        return _open(by, said=said, account=account, contact=contact)


def answer(correction: Correction, state: str, *, by: Membership, text: str) -> bool:
    """Corrected, or refused with the reason. False when it was answered or taken back meanwhile."""
    with transaction.atomic():
        open_one = Correction.objects.filter(pk=correction.pk, state=State.OPEN)
        if not open_one.update(state=state, answer=text, answered_at=clock.now(), answered_by_id=by.person_id):
            return False
        audit.record(f"correction.{state}", correction, by=by)
        _tell(correction)
    return True


def withdraw(correction: Correction, *, by: Membership) -> bool:
    """Taken back by whoever asked. False when it was answered meanwhile."""
    with transaction.atomic():
        if not Correction.objects.filter(pk=correction.pk, state=State.OPEN).update(state=State.WITHDRAWN, answered_at=clock.now()):
            return False
        audit.record("correction.withdrawn", correction, by=by)
    return True


def _open(by: Membership, **values: object) -> Correction:
    now = clock.now()
    made = Correction.objects.create(
        workspace_id=by.workspace_id, reference=new_reference(), asked_at=now, due_at=now + timing.CORRECTION_WITHIN, **values
    )
    address_book.enter(BOOK, made.reference, workspace_id=made.workspace_id, ref=made.pk)
    audit.record("correction.asked", made, by=by)
    _tell(made)
    return made


def _tell(correction: Correction) -> None:
    jobs.put("correction_mail", correction.pk, workspace_id=correction.workspace_id, at=clock.now(), priority=jobs.Priority.INTERACTIVE)


@dataclass(frozen=True)
class Standing:
    """How a correction stands, as anybody who knows its reference may read it. Names nobody and says nothing of what it is about."""

    reference: str
    words: str
    asked_at: datetime
    due_at: datetime
    answered_at: datetime | None


def standing(reference: str) -> Standing | None:
    """By reference, from wherever it belongs."""
    for entry in address_book.find(BOOK, reference):
        with scope.inside(entry.workspace_id):
            row = Correction.objects.filter(pk=entry.ref).first()
        if row is not None:
            return Standing(row.reference, row.get_state_display(), row.asked_at, row.due_at, row.answered_at)
    return None


@dataclass(frozen=True)
class Listed:
    """One of the privacy team's."""

    correction: Correction
    workspace: Workspace

    @property
    def days_left(self) -> int:
        """Until it must be answered; 0 once that is past."""
        return max(0, (self.correction.due_at - clock.now()).days)


def of_team(memberships: Iterable[Membership], *, open_only: bool) -> list[Listed]:
    """Over all workspaces of whoever looks: open ones by due date, others newest first."""
    found = []
    for membership in workspaces_of_team(memberships):
        with scope.inside(membership.workspace_id):
            rows = Correction.objects.of(membership.workspace_id).select_related("asked_by", "account")
            rows = rows.filter(state=State.OPEN) if open_only else rows.exclude(state=State.OPEN).order_by("-asked_at")[:100]
            found += [Listed(row, membership.workspace) for row in rows]
    return sorted(found, key=lambda x: x.correction.due_at.timestamp() if open_only else -x.correction.asked_at.timestamp())
