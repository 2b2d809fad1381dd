"""The platform's Celery application without the budget of calls to TikTok, for measuring and interrupting long backfills.

`celery -A tests.stack.unlimited worker`. Local TikTok has to be told not to limit either.
"""

from typing import Any

from celery.signals import worker_process_init

from agency.celery import app


@worker_process_init.connect
def _lift(**about: Any) -> None:
    from integrations import gateway  # its models exist only once Django is set up
    from integrations.limits import Rules

    gateway.rules_for = lambda endpoint, holder: Rules(())


__all__ = ["app"]
