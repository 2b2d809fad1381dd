"""Mails of reports on their way: claims are looked at, drawn, handed over, noted. Uses the network, and never inside a transaction."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded

from agency import clock, jobs, scope
from agency.jobs import Claim
from agency.outlets import mail, suppression
from reports import content, delivering, emails, queries
from reports.delivering import OUTCOMES, Outcome
from reports.models import Delivery, ReportSchedule, WeeklyReport
from reports.queries import Addressee

logger = logging.getLogger(__name__)
LOOKED_AT_SECONDS = 2.0  # how long it holds what was read of somebody who gets a mail
State = Delivery.State


def deliver(messages: Iterable[dict[str, str]]) -> None:
    """Take the claims of each workspace, send, note what came of each mail."""
    with mail.line() as line:
        for workspace_id, some in groupby(messages, key=itemgetter("workspace_id")):
            with scope.bound_to(workspace_id):
                _deliver(jobs.take_all("delivery", list(some)), line)


def _deliver(claims: list[Claim], line: mail.Line) -> None:
    """Mails of one workspace, looked at together and anew after a moment: a slow mail server lets nobody stop in vain. One that goes
    wrong in an unforeseen way is put off and holds no other up."""
    editions: dict[UUID, emails.Edition] = {}
    while claims:
        try:
            with scope.begin():
                looked_at = delivering.look_at(claims)
                for report_id in {one.delivery.report_id for one in looked_at if one.delivery and one.to} - editions.keys():
                    editions[report_id] = _edition(report_id)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            _look_again(claims, line, error)
            return
        claims, good_until = [], clock.monotonic() + LOOKED_AT_SECONDS
        for one in looked_at:
            if clock.monotonic() > good_until:
                claims.append(one.claim)
                continue
            try:
                if one.delivery is None or one.to is None:
                    with scope.begin():
                        delivering.end_instead(one)
                else:
                    _send(one.claim, one.delivery, one.to, line, editions[one.delivery.report_id])
            except SoftTimeLimitExceeded:
                raise  # what is left waits for the end of its lease
            except Exception as error:
                _put_off(one.claim, error)


def _look_again(claims: list[Claim], line: mail.Line, error: Exception) -> None:
    """One of several cannot be looked at, and the others went with it: each by itself."""
    if len(claims) == 1:
        _put_off(claims[0], error)
        return
    for claim in claims:
        _deliver([claim], line)


def _put_off(claim: Claim, error: Exception) -> None:
    if isinstance(error, jobs.ClaimLost):
        return  # thought dead, and somebody else has it now
    logger.error("a report could not be sent", exc_info=error, extra={"facts": {"delivery": str(claim.ref)}})
    with suppress(jobs.ClaimLost):
        jobs.postpone(claim, until=clock.now() + jobs.backoff(claim.attempt))


def _edition(report_id: UUID) -> emails.Edition:
    """A report on its way, read once for all of its readers."""
    schedule = ReportSchedule.objects.only("reply_to").first()
    what = WeeklyReport.objects.values_list("content", flat=True).get(pk=report_id)
    return emails.Edition(content.from_json(what), reply_to=schedule.reply_to if schedule else "")


def _send(claim: Claim, delivery: Delivery, to: Addressee, line: mail.Line, edition: emails.Edition) -> None:
    """One mail. A 4xx is tried again for two days, always under the same Message-ID; a 5xx about the address ends mail to it."""
    letter = edition.to(to, delivery)
    with scope.begin():
        if not delivering.claim_delivery(delivery, claim):
            return
    ending = line.try_to_send(letter, message_id=delivery.message_id)
    if ending.may_come_later and clock.now() - delivery.created_at < queries.GIVE_UP_AFTER:
        with scope.begin():
            delivering.put_off_delivery(delivery, claim, until=clock.now() + jobs.backoff(claim.attempt), detail=ending.said)
        return
    outcome = Outcome(OUTCOMES[ending.outcome], ending.said)
    with scope.begin():
        if outcome.state == State.REFUSED:
            suppression.suppress(to.email, suppression.Cause.BOUNCED)
        delivering.end_delivery(delivery, claim, outcome)
