"""The platform's Celery application with a backlog that never ends: every kind of sync is due again as soon as it is done.

`celery -A tests.chaos.restless worker`.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from celery.signals import worker_process_init

from agency.celery import app

WATCHER = "watcher@crowd.example"
PASSWORD = "only in fault runs"


@worker_process_init.connect
def _never_rest(**about: Any) -> None:
    from metrics import sync  # its models exist only once Django is set up

    for kind, plan in sync.PLANS.items():
        sync.PLANS[kind] = replace(plan, every=timedelta(), slowest=timedelta())


__all__ = ["app"]
