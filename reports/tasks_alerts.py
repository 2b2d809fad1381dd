"""Jobs of alerts: looking at days that have become final, and sending letters that wait."""

from contextlib import suppress

from celery import shared_task

from agency import jobs, scope
from agency.jobs import WorkspaceTask
from agency.outlets import mail
from integrations import letters
from reports import alerts


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
        outcome = "sent"
        try:
            mail.send(message, message_id=mail.message_id_of(str(letter.pk)))
        except mail.TryAgain:
            with scope.begin():
                if letters.put_off(letter, claim):
                    return
            outcome = "given_up"
        except mail.Refused:
            outcome = "refused"
        with scope.begin():
            letters.end(letter, claim, outcome=outcome)
