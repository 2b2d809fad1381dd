"""Writes around one mail: claiming it before it leaves, and what came of it. No network."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from agency import audit, clock, jobs
from agency.jobs import Claim
from agency.outlets import suppression
from reports import queries
from reports.models import Delivery
from reports.queries import Addressee

State = Delivery.State
# What a mail may still become after the mail server took it.
_AFTERWARDS = {State.SENT, State.BOUNCED}


@dataclass(frozen=True)
class Outcome:
    """What became of a mail."""

    state: str
    detail: str = ""


def claim_delivery(claim: Claim) -> tuple[Delivery, Addressee] | None:
    """Claim before the mail leaves. None when it was sent or given up already, or when the recipient stopped it or left meanwhile."""
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update(of=("self",)).select_related("report").filter(pk=claim.ref).first()
        if delivery is None or delivery.state not in {State.WAITING, State.SENDING}:
            jobs.finish(claim)
            return None
        addressee = queries.recipient(delivery)
        if addressee is None:
            end_delivery(delivery, claim, Outcome(State.GIVEN_UP, "No longer somebody who gets it."))
            return None
        if queries.has_stopped(addressee):
            end_delivery(delivery, claim, Outcome(State.STOPPED))
            return None
        cause = suppression.cause_of(addressee.email)
        if cause:
            end_delivery(delivery, claim, Outcome(State.SUPPRESSED, cause))
            return None
        delivery.state = State.SENDING
        delivery.save(update_fields=("state",))
        jobs.renew(claim)
    return delivery, addressee


def put_off_delivery(delivery: Delivery, claim: Claim, *, until: datetime, detail: str) -> None:
    """The mail server was busy. The same message, with the same Message-ID, is tried again later."""
    with transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(state=State.WAITING, detail=detail[:200])
        jobs.postpone(claim, until=until)


def end_delivery(delivery: Delivery, claim: Claim, outcome: Outcome) -> None:
    """Sent, refused or given up."""
    with transaction.atomic():
        now = clock.now()
        Delivery.objects.filter(pk=delivery.pk).update(
            state=outcome.state, detail=outcome.detail[:200], sent_at=now if outcome.state == State.SENT else None
        )
        jobs.finish(claim)
        audit.record(
            "report.delivered" if outcome.state == State.SENT else "report.not_delivered", delivery, by=None, outcome=outcome.state
        )


def note_afterwards(delivery: Delivery, outcome: Outcome) -> None:
    """A mail that had been accepted came back, or its reader called it unwanted. Told again changes nothing."""
    with transaction.atomic():
        if (
            Delivery.objects.filter(pk=delivery.pk, state__in=_AFTERWARDS)
            .exclude(state=outcome.state)
            .update(state=outcome.state, detail=outcome.detail[:200])
        ):
            audit.record("report.not_delivered", delivery, by=None, outcome=outcome.state)
