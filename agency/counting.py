"""How often something was done lately, for what is merely a nuisance in bulk. Tries at signing in are counted by `agency/guessing.py`."""

from datetime import timedelta

from django.core.cache import cache
from redis.exceptions import RedisError


def is_too_often(key: str, *, times: int, within: timedelta) -> bool:
    """Count once more under this key, and say whether that makes more than `times`.

    The span begins with the first and not with the clock's minute or hour: across a stroke of the clock twice as many would pass. So
    whoever waits `within` is let through again. Without the cache nobody is held up.
    """
    seconds = int(within.total_seconds())
    try:
        cache.add(key, 0, timeout=seconds)
        count = cache.incr(key)
        if count == 1:  # a key whose span ended between the two lines is a new one now, and would count forever
            cache.touch(key, seconds)
    except (RedisError, ValueError):
        return False
    return count > times
