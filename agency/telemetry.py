"""Counts of what happens, kept by all processes together: for the health page and for Prometheus. Names and words only, never content.

A count that cannot be kept is lost: nobody waits for it, nothing fails over it.
"""

import logging
from collections import Counter
from datetime import date, timedelta

from redis.exceptions import RedisError

from agency import clock
from agency.shared_redis import shared_redis

logger = logging.getLogger(__name__)
_TOTAL = "telemetry:total"
_DAYS_KEPT = timedelta(days=8)
Series = tuple[str, str, str]  # event, and two words that tell kinds of it apart


def count(event: str, kind: str = "", outcome: str = "") -> None:
    """One more of these. Words are from our own tables, so there are never many different ones."""
    member = "|".join((event, kind, outcome))
    try:
        with shared_redis().pipeline(transaction=False) as pipe:
            pipe.hincrby(_TOTAL, member, 1)
            pipe.hincrby(_of(clock.today()), member, 1)
            pipe.expire(_of(clock.today()), _DAYS_KEPT)
            pipe.execute()
    except RedisError as error:
        logger.debug("a count was lost: %s", type(error).__name__)


def totals() -> Counter[Series]:
    """Since the counting began; empty without Redis."""
    return _read(_TOTAL)


def of_day(day: date) -> Counter[Series]:
    """On one UTC day of the last week."""
    return _read(_of(day))


def _of(day: date) -> str:
    return f"telemetry:{day.isoformat()}"


def _read(key: str) -> Counter[Series]:
    try:
        found = shared_redis().hgetall(key)
    except RedisError:
        return Counter()
    counts: Counter[Series] = Counter()
    for member, value in found.items():
        event, kind, outcome = member.decode().split("|")
        counts[event, kind, outcome] = int(value)
    return counts
