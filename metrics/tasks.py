"""Jobs of the figures."""

from functools import partial

from celery import shared_task

from agency import jobs
from integrations import gateway
from metrics import ad_sync, sync


@shared_task
def sync_due() -> int:
    """Give connections that are due their turns, one after another, as far as TikTok's limits and health go."""
    done = jobs.work_through("sync", sync.run, may_go_on=partial(gateway.pause, "/business/video/list/"))
    if done:
        jobs.nudge("report")
    return done


@shared_task
def ad_sync_due() -> int:
    """The same for ad accounts, which have limits of their own."""
    return jobs.work_through("ad_sync", ad_sync.run, may_go_on=partial(gateway.pause, "/report/integrated/get/"))
