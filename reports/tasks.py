"""Jobs of the weekly report: composing what is due, delivering what waits; and of long exports."""

from datetime import timedelta

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from agency import clock, jobs, scope
from agency.jobs import WorkspaceTask
from agency.outlets import mail
from reports import actions, content, emails, export_files
from reports.models import Delivery

GIVE_UP_AFTER = timedelta(hours=48)


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


@shared_task
def deliver_due() -> int:
    """Claim deliveries that wait."""
    return jobs.send(deliver_one, jobs.claim_due("delivery", limit=50))


@shared_task(base=WorkspaceTask)
def deliver_one(*, workspace_id: str, ref: str, key: str) -> None:
    """Send one report to one person. A 4xx is tried again for two days, always under the same Message-ID."""
    claim = jobs.take("delivery", ref=ref, key=key)
    if claim is None:
        return
    with scope.begin():
        claimed = actions.claim_delivery(claim)
        if claimed is None:
            return
        delivery, membership = claimed
        letter = emails.weekly_report(content.from_json(delivery.report.content), membership)
    try:
        mail.send(letter, message_id=delivery.message_id)
    except mail.Refused as error:
        state, detail = Delivery.State.REFUSED, str(error)
    except mail.TryAgain as error:
        if clock.now() - delivery.created_at < GIVE_UP_AFTER:
            with scope.begin():
                actions.put_off_delivery(delivery, claim, until=clock.now() + jobs.backoff(claim.attempt), detail=str(error))
            return
        state, detail = Delivery.State.GIVEN_UP, str(error)
    else:
        state, detail = Delivery.State.SENT, ""
    with scope.begin():
        actions.end_delivery(delivery, claim, state=state, detail=detail)


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
