"""Writes around a mail: claiming it before it leaves, and what came of it. No network. All inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from agency import address_book, audit, clock, jobs, scope
from agency.jobs import Claim
from agency.outlets import suppression
from agency.outlets.mail_events import Event
from reports import queries
from reports.models import Delivery
from reports.queries import Addressee

State = Delivery.State
_REF = "mail-ref"
# What is noted of a mail that may not be tried again.
OUTCOMES: dict[str, str] = {"sent": State.SENT.value, "later": State.GIVEN_UP.value, "refused": State.REFUSED.value}
_OPEN = (State.WAITING, State.SENDING)
# What a mail may still become after the mail server took it.
_AFTERWARDS = {State.SENT, State.BOUNCED}


@dataclass(frozen=True)
class Outcome:
    """What became of a mail."""

    state: str
    detail: str = ""


@dataclass(frozen=True)
class Waiting:
    """A mail that waited, and what is to become of it."""

    claim: Claim
    delivery: Delivery | None  # with its report, without what that says; None when it was erased
    to: Addressee | None = None  # whom it goes to; None when it is not to leave
    instead: Outcome | None = None  # what is noted of it then; None when that was noted before


def look_at(claims: Sequence[Claim]) -> list[Waiting]:
    """What is to become of these mails of one workspace, in their order. Writes nothing."""
    rows = Delivery.objects.select_related("report").defer("report__content").in_bulk([claim.ref for claim in claims])
    recipients = queries.recipients_of(rows.values())
    stopped = queries.stopped_among(recipients.values())
    causes = suppression.causes_of(addressee.email for addressee in recipients.values())
    found = []
    for claim in claims:
        delivery, addressee = rows.get(claim.ref), recipients.get(claim.ref)
        if delivery is None or delivery.state not in _OPEN:
            found.append(Waiting(claim, delivery))
        elif delivery.report.erased_at is not None:
            found.append(Waiting(claim, delivery, instead=Outcome(State.GIVEN_UP, "What it reported was erased.")))
        elif addressee is None:
            found.append(Waiting(claim, delivery, instead=Outcome(State.GIVEN_UP, "No longer somebody who gets it.")))
        elif addressee.ref in stopped:
            found.append(Waiting(claim, delivery, instead=Outcome(State.STOPPED)))
        elif addressee.email in causes:
            found.append(Waiting(claim, delivery, instead=Outcome(State.SUPPRESSED, causes[addressee.email])))
        else:
            found.append(Waiting(claim, delivery, to=addressee))
    return found


def end_instead(waiting: Waiting) -> None:
    """One that is not to leave is over. Each in a transaction of its own: whoever stops mail locks several, in an order of their own."""
    if waiting.delivery is None or waiting.instead is None:
        jobs.finish(waiting.claim)
    else:
        end_delivery(waiting.delivery, waiting.claim, waiting.instead)


def claim_delivery(delivery: Delivery, claim: Claim) -> bool:
    """Claim before the mail leaves. False when its recipient stopped it since it was looked at.

    Raises ClaimLost to whoever was frozen until here: somebody else has it now, and may have sent it.
    """
    if Delivery.objects.filter(pk=delivery.pk, state__in=_OPEN).update(state=State.SENDING):
        jobs.renew(claim)
        return True
    jobs.finish(claim)
    return False


def put_off_delivery(delivery: Delivery, claim: Claim, *, until: datetime, detail: str) -> None:
    """The mail server was busy. The same message, with the same Message-ID, is tried again later."""
    Delivery.objects.filter(pk=delivery.pk).update(state=State.WAITING, detail=detail[:200])
    jobs.postpone(claim, until=until)


def end_delivery(delivery: Delivery, claim: Claim, outcome: Outcome) -> None:
    """Sent, refused or given up."""
    now = clock.now()
    Delivery.objects.filter(pk=delivery.pk).update(
        state=outcome.state, detail=outcome.detail[:200], sent_at=now if outcome.state == State.SENT else None
    )
    jobs.finish(claim)
    audit.record("report.delivered" if outcome.state == State.SENT else "report.not_delivered", delivery, by=None, outcome=outcome.state)


def note_afterwards(delivery: Delivery, outcome: Outcome) -> None:
    """A mail that had been accepted came back, or its reader called it unwanted. Told again changes nothing."""
    if (
        Delivery.objects.filter(pk=delivery.pk, state__in=_AFTERWARDS)
        .exclude(state=outcome.state)
        .update(state=outcome.state, detail=outcome.detail[:200])
    ):
        audit.record("report.not_delivered", delivery, by=None, outcome=outcome.state)


_EVENTS = {"gone": State.BOUNCED, "came_back": State.BOUNCED, "complained": State.COMPLAINED}
_CAUSES = {"gone": suppression.Cause.BOUNCED, "complained": suppression.Cause.COMPLAINED}


def note_event(event: Event) -> None:
    """What the provider told afterwards: end mail to an address that is gone or complained, and show it beside the recipient."""
    if event.kind in _CAUSES:
        suppression.suppress(event.address, _CAUSES[event.kind])
    found = behind_ref(event.ref)
    if found is None:
        return  # a mail of another kind
    with scope.inside(found[0]):
        delivery = Delivery.objects.filter(pk=found[1]).first()
        if delivery is not None:
            note_afterwards(delivery, Outcome(_EVENTS[event.kind], event.detail))


def ref_of(delivery: Delivery) -> str:
    """What a mail carries in `X-Message-Ref`: providers put a Message-ID of their own in the place of ours, and what they tell us later
    names the headers. Signed, and without the recipient."""
    named = f"{delivery.workspace_id.hex}{delivery.pk.hex}"
    return named + address_book.hash_of(_REF, named).hex()[:32]


def behind_ref(ref: str) -> tuple[UUID, UUID] | None:
    """Workspace and delivery of such a reference, if it is genuine."""
    try:
        found = UUID(ref[:32]), UUID(ref[32:64])
    except ValueError:
        return None
    return found if address_book.same(ref[64:], address_book.hash_of(_REF, ref[:64]).hex()[:32]) else None
