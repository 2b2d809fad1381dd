"""Jobs of the inbox."""

from contextlib import suppress
from functools import partial

from celery import shared_task

from agency import clock, jobs, scope
from agency.jobs import WorkspaceTask
from community import actions, ad_sync, sending, sync
from integrations import gateway


@shared_task
def comments_due() -> int:
    """Give connections whose comments are due their turns, as far as TikTok's limits and health go."""
    return jobs.work_through("comments", sync.run, may_go_on=partial(gateway.pause, "/business/comment/list/"))


@shared_task
def ad_comments_due() -> int:
    """Likewise for ad accounts whose comments under ads are due."""
    return jobs.work_through("ad_comments", ad_sync.run, may_go_on=partial(gateway.pause, "/comment/list/"))


@shared_task
def back_due() -> int:
    """Bring back what was put off."""
    return jobs.send(back_one, jobs.claim_due("comments_back"))


@shared_task(base=WorkspaceTask)
def back_one(*, workspace_id: str, ref: str, key: str) -> None:
    """One workspace's, and when the next one comes back."""
    claim = jobs.take("comments_back", ref=ref, key=key)
    if claim is None:
        return
    with suppress(jobs.ClaimLost), scope.begin():
        jobs.finish(claim, again_at=actions.bring_back(now=clock.now()))


@shared_task
def sendings_due() -> int:
    """Do on TikTok what nobody has stopped."""
    return jobs.send(send_one, jobs.claim_due("comment_sending"))


@shared_task(base=WorkspaceTask)
def send_one(*, workspace_id: str, ref: str, key: str) -> None:
    """One reply, like or the like."""
    claim = jobs.take("comment_sending", ref=ref, key=key)
    if claim is not None:
        sending.send(claim)
