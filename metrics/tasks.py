"""Jobs of the figures."""

from celery import shared_task

from agency import jobs
from agency.jobs import WorkspaceTask
from metrics import sync


@shared_task
def sync_due() -> int:
    """Claim connections that are due and send one message for each."""
    return jobs.send(sync_connection, jobs.claim_due("sync"))


@shared_task(base=WorkspaceTask)
def sync_connection(*, workspace_id: str, ref: str, key: str) -> None:
    """Sync one connection. A message that comes twice, or late, finds the claim taken and does nothing."""
    claim = jobs.take("sync", ref=ref, key=key)
    if claim is not None:
        sync.run(claim)
        jobs.nudge("report")
