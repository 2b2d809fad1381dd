"""The platform's Celery application that counts how often a report's chart is drawn. `celery -A tests.bench.drawing worker`."""

import os
from typing import Any

import redis
from celery.signals import worker_process_init

from agency.celery import app

DRAWN = "bench:charts-drawn"


@worker_process_init.connect
def _count(**about: Any) -> None:
    from agency.outlets import charts  # needs settings, which exist only once Django is set up

    really, counter = charts.day_chart_png, redis.Redis.from_url(os.environ["BROKER_URL"])

    def counted(*args: Any, **kwargs: Any) -> bytes:
        counter.incr(DRAWN)
        return really(*args, **kwargs)

    charts.day_chart_png = counted


__all__ = ["DRAWN", "app"]
