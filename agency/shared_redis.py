"""The Redis in which all processes meet: counts of calls, breakers, telemetry. Not the cache, for nothing in it may be evicted."""

from functools import cache
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry


@cache
def shared_redis() -> redis.Redis:
    """Asked once, and not for long. One pool per process."""
    options: dict[str, Any] = {"socket_timeout": 2, "socket_connect_timeout": 2, "retry": Retry(NoBackoff(), 0)}
    return redis.Redis.from_url(settings.RATE_URL, **options)
