"""Jobs of the weekly report: composing what is due, delivering what waits."""

from celery import shared_task

from agency import clock, jobs, scope
from agency.jobs import WorkspaceTask
from agency.models import Membership
from agency.outlets import mail
from reports import actions, content, emails
from reports.models import Delivery

GIVE_UP_AFTER_HOURS = 48


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
        delivery = actions.claim_delivery(claim)
        if delivery is None:
            return
        membership = Membership.objects.filter(person_id=delivery.person_id).select_related("person", "workspace").first()
        letter = emails.weekly_report(content.from_json(delivery.report.content), membership) if membership else None
    if letter is None:
        with scope.begin():
            actions.end_delivery(delivery, claim, state=Delivery.State.GIVEN_UP, detail="No longer a member.")
        return
    try:
        mail.send(letter, message_id=delivery.message_id)
    except mail.Refused as error:
        state, detail = Delivery.State.REFUSED, str(error)
    except mail.TryAgain as error:
        if (clock.now() - delivery.created_at).total_seconds() < GIVE_UP_AFTER_HOURS * 3600:
            with scope.begin():
                jobs.postpone(claim, until=clock.now() + jobs.backoff(claim.attempt))
            return
        state, detail = Delivery.State.GIVEN_UP, str(error)
    else:
        state, detail = Delivery.State.SENT, ""
    with scope.begin():
        actions.end_delivery(delivery, claim, state=state, detail=detail)
