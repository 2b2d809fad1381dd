"""Jobs of the ground floor."""

from contextlib import suppress
from uuid import UUID

from celery import shared_task

from agency import audit_chain, clock, guessing, jobs, operating, scope, sessions
from agency.jobs import WorkspaceTask


@shared_task
def sweep_due() -> int:
    """Look what is due, and call the sweeps of those kinds."""
    return len(jobs.sweep())


@shared_task
def seal_audit_due() -> int:
    """Seal what was written to the audit log since the last time."""
    return audit_chain.seal_all()


@shared_task
def clear_what_has_run_out() -> None:
    """Sessions and counted tries go once they mean nothing any more."""
    sessions.clear_expired()
    guessing.forget_old()


@shared_task
def engagements_due() -> int:
    """Close the workspaces whose engagement is over."""
    return jobs.send(close_one, jobs.claim_due(operating.CLOSING))


@shared_task(base=WorkspaceTask)
def close_one(*, workspace_id: str, ref: str, key: str) -> None:
    """One workspace, unless its engagement was made longer since this was planned."""
    claim = jobs.take(operating.CLOSING, ref=ref, key=key)
    if claim is None:
        return
    if operating.is_over(UUID(workspace_id), now=clock.now()):
        operating.close_workspace(UUID(workspace_id), by=None)
        jobs.nudge(operating.CLOSED)
    with suppress(jobs.ClaimLost), scope.begin():  # closing takes the row away
        jobs.finish(claim)
