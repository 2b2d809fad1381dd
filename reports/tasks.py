"""Jobs of reports: composing, releasing and delivering what is due; of calls to reviewers, of alerts, and of long exports."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from agency import clock, jobs, scope
from agency.jobs import Claim, WorkspaceTask
from agency.outlets import mail, suppression
from integrations import letters
from reports import actions, alerts, content, delivering, emails, export_files, queries, reviewing
from reports.delivering import Outcome
from reports.models import Delivery, ExtraRecipient, ReportSchedule

logger = logging.getLogger(__name__)
CLAIMED_AT_ONCE, MAILS_A_MESSAGE = 200, 25
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
    """Take each claim, send, note what came of it. One that goes wrong in an unforeseen way is put off and holds no other up."""
    editions: dict[UUID, emails.Edition] = {}
    with mail.line() as line:
        for message in messages:
            with scope.bound_to(message["workspace_id"]):
                claim = jobs.take("delivery", ref=message["ref"], key=message["key"])
                if claim is None:
                    continue
                try:
                    _deliver(claim, line, editions)
                except jobs.ClaimLost:
                    continue  # thought dead, and somebody else has it now
                except Exception:
                    logger.exception("a report could not be sent", extra={"facts": {"delivery": str(claim.ref)}})
                    with suppress(jobs.ClaimLost):
                        jobs.postpone(claim, until=clock.now() + jobs.backoff(claim.attempt))


def _deliver(claim: Claim, line: mail.Line, editions: dict[UUID, emails.Edition]) -> None:
    """One mail. A 4xx is tried again for two days, always under the same Message-ID; a 5xx about the address ends mail to it."""
    with scope.begin():
        claimed = delivering.claim_delivery(claim)
        if claimed is None:
            return
        delivery, to = claimed
        if delivery.report_id not in editions:
            schedule = ReportSchedule.objects.only("reply_to").first()
            reply_to = schedule.reply_to if schedule else ""
            editions[delivery.report_id] = emails.Edition(content.from_json(delivery.report.content), reply_to=reply_to)
        letter = editions[delivery.report_id].to(to, delivery)
    jobs.renew(claim)  # whoever was frozen until here learns that somebody else has sent it
    ending = line.try_to_send(letter, message_id=delivery.message_id)
    if ending.may_come_later and clock.now() - delivery.created_at < queries.GIVE_UP_AFTER:
        with scope.begin():
            delivering.put_off_delivery(delivery, claim, until=clock.now() + jobs.backoff(claim.attempt), detail=ending.said)
        return
    outcome = Outcome(_OUTCOMES[ending.outcome], ending.said)
    with scope.begin():
        if outcome.state == State.REFUSED:
            suppression.suppress(to.email, suppression.Cause.BOUNCED)
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
