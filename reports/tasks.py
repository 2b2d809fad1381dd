"""Jobs of reports: composing, releasing and delivering what is due; of calls to reviewers, of alerts, and of long exports."""

import logging
from contextlib import suppress

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from agency import clock, jobs, scope
from agency.jobs import WorkspaceTask
from agency.outlets import mail, suppression
from integrations import letters
from reports import actions, alerts, emails, export_files, queries, reviewing, sending
from reports.delivering import OUTCOMES
from reports.models import ExtraRecipient

logger = logging.getLogger(__name__)
REPORTS_AT_ONCE, REPORTS_A_MESSAGE = 20, 5
CLAIMED_AT_ONCE, MAILS_A_MESSAGE = 200, 25


@shared_task
def compose_due() -> int:
    """Claim workspaces whose report is due, and hand them out in handfuls. The next sweep waits behind what this one found."""
    claims = jobs.claim_due("report", limit=REPORTS_AT_ONCE)
    for i in range(0, len(claims), REPORTS_A_MESSAGE):
        compose_some.delay(claims=[claim.message() for claim in claims[i : i + REPORTS_A_MESSAGE]])
    if len(claims) == REPORTS_AT_ONCE:
        jobs.nudge("report")
    return len(claims)


@shared_task
def compose_some(*, claims: list[dict[str, str]]) -> None:
    """Compose some reports, each in the scope of its own workspace, and call for what follows once for all. One that goes wrong in an
    unforeseen way holds no other up: its claim runs out."""
    follows: set[str] = set()
    for message in claims:
        with scope.bound_to(message["workspace_id"]):
            try:
                follows |= _compose(message)
            except jobs.ClaimLost:
                continue  # somebody else has it now
            except SoftTimeLimitExceeded:
                raise  # what is left waits for the end of its lease
            except Exception:
                logger.exception("a report could not be composed", extra={"facts": {"workspace": message["workspace_id"]}})
    for kind in sorted(follows):
        jobs.nudge(kind)


def _compose(message: dict[str, str]) -> set[str]:
    """Take the claim and compose; the kinds of work that follow."""
    claim = jobs.take("report", ref=message["ref"], key=message["key"])
    if claim is None:
        return set()
    with scope.begin():
        report = actions.compose_due_report(claim)
    if report is None:
        return set()
    return {"delivery"} if report.released_at else {"review_mail"}


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
    sending.deliver(claims)


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
            reviewing.end_call(call, claim, outcome=OUTCOMES[ending.outcome])


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
                letters.end(letter, claim, outcome=OUTCOMES[ending.outcome])


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
