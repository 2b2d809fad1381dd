"""Jobs of reports: composing, releasing and delivering what is due; of calls to reviewers, of alerts, and of long exports."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from agency import clock, jobs, scope
from agency.jobs import Claim, WorkspaceTask
from agency.outlets import mail, suppression
from integrations import letters
from reports import actions, alerts, content, delivering, emails, export_files, queries, reviewing
from reports.delivering import Outcome
from reports.models import Delivery, ExtraRecipient, ReportSchedule, WeeklyReport

logger = logging.getLogger(__name__)
CLAIMED_AT_ONCE, MAILS_A_MESSAGE = 200, 25
LOOKED_AT_SECONDS = 2.0  # how long it holds what was read of somebody who gets a mail
State = Delivery.State
# What is noted of a mail that may not be tried again.
_OUTCOMES: dict[str, str] = {"sent": State.SENT.value, "later": State.GIVEN_UP.value, "refused": State.REFUSED.value}


@shared_task
def compose_due() -> int:
    """Claim workspaces whose report is due."""
    return jobs.send(compose_one, jobs.claim_due("report"))


@shared_task(base=WorkspaceTask)
def compose_one(*, workspace_id: str, ref: str, key: str) -> None:
    """Compose one workspace's report, once."""
    claim = jobs.take("report", ref=ref, key=key)
    if claim is not None:
        with scope.begin():
            actions.compose_due_report(claim)
        jobs.nudge("delivery")
        jobs.nudge("review_mail")


@shared_task
def release_due() -> int:
    """Claim reports whose hour has come after a review."""
    return jobs.send(release_one, jobs.claim_due("report_release"))


@shared_task(base=WorkspaceTask)
def release_one(*, workspace_id: str, ref: str, key: str) -> None:
    """Release one report, once."""
    claim = jobs.take("report_release", ref=ref, key=key)
    if claim is not None:
        with scope.begin():
            released = actions.release_due_report(claim)
        if released:
            jobs.nudge("delivery")


@shared_task
def deliver_due() -> int:
    """Claim deliveries that wait, and hand them out in handfuls: one line to the mail server carries many mails."""
    claims = jobs.claim_due("delivery", limit=CLAIMED_AT_ONCE, a_turn=MAILS_A_MESSAGE)
    claims.sort(key=lambda claim: claim.workspace_id)  # the readers of a report share what is rendered for them
    for i in range(0, len(claims), MAILS_A_MESSAGE):
        deliver_some.delay(claims=[claim.message() for claim in claims[i : i + MAILS_A_MESSAGE]])
    if len(claims) == CLAIMED_AT_ONCE:
        jobs.nudge("delivery")
    return len(claims)


@shared_task
def deliver_some(*, claims: list[dict[str, str]]) -> None:
    """Send some mails over one line, each in the scope of its own workspace."""
    deliver(claims)


@shared_task(base=WorkspaceTask)
def deliver_one(*, workspace_id: str, ref: str, key: str) -> None:
    """Send one report to one recipient."""
    deliver([{"workspace_id": workspace_id, "ref": ref, "key": key}])


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
                opened = delivering.open_deliveries(claims)
                for report_id in {one.delivery.report_id for one in opened} - editions.keys():
                    editions[report_id] = _edition(report_id)
        except Exception as error:
            _look_again(claims, line, error)
            return
        claims, good_until = [], clock.monotonic() + LOOKED_AT_SECONDS
        for one in opened:
            if clock.monotonic() > good_until:
                claims.append(one.claim)
                continue
            try:
                _send(one, line, editions[one.delivery.report_id])
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


def _send(one: delivering.Waiting, line: mail.Line, edition: emails.Edition) -> None:
    """One mail. A 4xx is tried again for two days, always under the same Message-ID; a 5xx about the address ends mail to it."""
    delivery, claim = one.delivery, one.claim
    letter = edition.to(one.to, delivery)
    with scope.begin():
        if not delivering.claim_delivery(one):
            return
    ending = line.try_to_send(letter, message_id=delivery.message_id)
    if ending.may_come_later and clock.now() - delivery.created_at < queries.GIVE_UP_AFTER:
        with scope.begin():
            delivering.put_off_delivery(delivery, claim, until=clock.now() + jobs.backoff(claim.attempt), detail=ending.said)
        return
    outcome = Outcome(_OUTCOMES[ending.outcome], ending.said)
    with scope.begin():
        if outcome.state == State.REFUSED:
            suppression.suppress(one.to.email, suppression.Cause.BOUNCED)
        delivering.end_delivery(delivery, claim, outcome)


@shared_task
def confirm_due() -> int:
    """Claim extra addresses that are to be asked."""
    return jobs.send(confirm_one, jobs.claim_due("confirm_mail"))


@shared_task(base=WorkspaceTask)
def confirm_one(*, workspace_id: str, ref: str, key: str) -> None:
    """Ask one extra address, under a Message-ID that belongs to this asking."""
    claim = jobs.take("confirm_mail", ref=ref, key=key)
    if claim is None:
        return
    with scope.begin():
        extra = ExtraRecipient.objects.select_related("added_by", "workspace").filter(pk=ref, removed_at=None, confirmed_at=None).first()
        cause = suppression.cause_of(extra.email) if extra else ""
        if extra is None or cause:
            ExtraRecipient.objects.filter(pk=ref).update(refused=cause)
            jobs.finish(claim)
            return
        letter = emails.confirm_recipient(extra, extra.workspace, asked_by=extra.added_by.name)
    ending = mail.try_to_send(letter, message_id=mail.message_id_of(f"{extra.pk}.{int(extra.asked_at.timestamp())}"))
    if ending.may_come_later and clock.now() - extra.asked_at < queries.GIVE_UP_AFTER:
        with scope.begin():
            jobs.postpone(claim, until=clock.now() + jobs.backoff(claim.attempt))
        return
    refused = ending.said
    with scope.begin():
        if refused:
            ExtraRecipient.objects.filter(pk=extra.pk).update(refused=refused[:200])
        jobs.finish(claim)


@shared_task
def review_mails_due() -> int:
    """Claim mails to reviewers."""
    return jobs.send(call_reviewer, jobs.claim_due("review_mail"))


@shared_task(base=WorkspaceTask)
def call_reviewer(*, workspace_id: str, ref: str, key: str) -> None:
    """Tell one reviewer, once, that a report waits for them. Tried again under the same Message-ID for as long as it helps."""
    claim = jobs.take("review_mail", ref=ref, key=key)
    if claim is None:
        return
    with suppress(jobs.ClaimLost):
        with scope.begin():
            call = reviewing.claim_call(claim)
            if call is None:
                return
            letter = emails.report_waits(call.report, call.to)
        ending = mail.try_to_send(letter, message_id=mail.message_id_of(str(call.row.pk)))
        if ending.may_come_later and not reviewing.is_too_late(call):
            with scope.begin():
                jobs.postpone(claim, until=clock.now() + jobs.backoff(claim.attempt))
            return
        with scope.begin():
            reviewing.end_call(call, claim, outcome=_OUTCOMES[ending.outcome])


@shared_task
def unusual_days_due() -> int:
    """Claim accounts with days that nobody has looked at."""
    return jobs.send(look_at_one, jobs.claim_due("unusual_day"))


@shared_task(base=WorkspaceTask)
def look_at_one(*, workspace_id: str, ref: str, key: str) -> None:
    """Look at one account's new final days, once."""
    claim = jobs.take("unusual_day", ref=ref, key=key)
    if claim is not None:
        with suppress(jobs.ClaimLost), scope.begin():
            alerts.look_for_unusual_days(claim)


@shared_task
def notices_due() -> int:
    """Claim members who are to get a letter."""
    return jobs.send(write_one, jobs.claim_due("notice", limit=50))


@shared_task(base=WorkspaceTask)
def write_one(*, workspace_id: str, ref: str, key: str) -> None:
    """One letter. A mail server that does not answer is tried again for two days, always under the same Message-ID."""
    claim = jobs.take("notice", ref=ref, key=key)
    if claim is None:
        return
    with suppress(jobs.ClaimLost):
        with scope.begin():
            written = alerts.write(claim)
        if written is None:
            return
        letter, message = written
        ending = mail.try_to_send(message, message_id=mail.message_id_of(str(letter.pk)))
        with scope.begin():
            if not ending.may_come_later or not letters.put_off(letter, claim):
                letters.end(letter, claim, outcome=_OUTCOMES[ending.outcome])


@shared_task
def exports_due() -> int:
    """Claim files that are to be made, and those whose day is over."""
    return jobs.send(export_one, jobs.claim_due("export"))


@shared_task(base=WorkspaceTask)
def export_one(*, workspace_id: str, ref: str, key: str) -> None:
    """Make one file, or forget it."""
    claim = jobs.take("export", ref=ref, key=key)
    if claim is None:
        return
    try:
        export_files.work(claim)
    except SoftTimeLimitExceeded:
        export_files.fail(claim, "This is more than can be written at once. Ask for fewer days, or for CSV.")
