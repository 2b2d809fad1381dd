"""TikTok's rate limits, kept by all workers together: one script in Redis decides over every bucket that applies to a call.

A call takes a slot in all of its buckets or in none. Each bucket remembers the instants of its last calls, so the whole limit may
be used at once and yet no sliding window holds more. The clock is Redis's own: hosts with different clocks agree.
Owns counting and penalties; never calls TikTok and never sleeps.
"""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from agency import clock

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bucket:
    """At most `limit` calls in any window of `seconds`."""

    name: str
    limit: int
    seconds: int

    @property
    def window_us(self) -> int:
        """The window with a margin: calls reach TikTok a little later than they are counted here, and not all by the same delay."""
        return self.seconds * 1_000_000 + max(80_000, self.seconds * 20_000)

    @property
    def keys(self) -> tuple[str, str]:
        """Where its calls and its penalty are kept."""
        return (f"budget:{self.name}", f"budget:{self.name}:blocked")


# Two keys and two numbers (limit, window) for each bucket.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local wait = 0
for i = 1, #KEYS, 2 do
  local limit, window = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  local first = redis.call('LINDEX', KEYS[i], 0)
  while first and tonumber(first) <= now - window do
    redis.call('LPOP', KEYS[i])
    first = redis.call('LINDEX', KEYS[i], 0)
  end
  local ready = tonumber(redis.call('GET', KEYS[i + 1]) or 0)
  if redis.call('LLEN', KEYS[i]) >= limit then ready = math.max(ready, tonumber(first) + window) end
  wait = math.max(wait, ready - now)
end
if wait > 0 then return wait end
for i = 1, #KEYS, 2 do
  redis.call('RPUSH', KEYS[i], string.format('%.0f', now))
  redis.call('PEXPIRE', KEYS[i], math.ceil(ARGV[i + 1] / 1000) + 60000)
end
return 0
"""
_BLOCK = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local ends = now + tonumber(ARGV[1])
if ends > tonumber(redis.call('GET', KEYS[1]) or 0) then
  redis.call('SET', KEYS[1], string.format('%.0f', ends), 'PX', math.ceil(ARGV[1] / 1000) + 60000)
end
return 0
"""


class Budget:
    """Slots out of shared buckets."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._take = client.register_script(_TAKE)
        self._block = client.register_script(_BLOCK)
        self._alone = _Alone()

    def take(self, buckets: Sequence[Bucket]) -> float:
        """0.0 when a slot was taken in every bucket, else the seconds to wait before asking again; then nothing was taken.

        Without Redis the process limits itself to one call in two seconds: slower, never unlimited.
        """
        keys = [key for b in buckets for key in b.keys]
        numbers = [number for b in buckets for number in (b.limit, b.window_us)]
        try:
            return int(self._take(keys=keys, args=numbers)) / 1_000_000
        except redis.RedisError as error:
            logger.warning("the rate budget's Redis does not answer: %s", type(error).__name__)
            return self._alone.take()

    def block(self, bucket: Bucket, seconds: float) -> None:
        """TikTok said no: nothing more from this bucket until then. A longer block that stands already stays."""
        try:
            self._block(keys=[bucket.keys[1]], args=[int(seconds * 1_000_000)])
        except redis.RedisError as error:
            logger.warning("a penalty could not be noted: %s", type(error).__name__)

    def refusals(self, bucket: Bucket) -> int:
        """Count one refusal by TikTok; how many there were in this minute."""
        key = f"{bucket.keys[0]}:refused"
        try:
            with self._client.pipeline() as pipe:
                count, _ = pipe.incr(key).expire(key, 60, nx=True).execute()
        except redis.RedisError as error:
            logger.warning("a refusal could not be counted: %s", type(error).__name__)
            return 0
        return int(count)


class _Alone:
    """The limiter of a process that cannot reach Redis."""

    SECONDS_BETWEEN = 2.0

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 0.0

    def take(self) -> float:
        with self._lock:
            now = clock.monotonic()
            if now < self._next:
                return self._next - now
            self._next = now + self.SECONDS_BETWEEN
            return 0.0


ACCOUNTS_APP = Bucket("accounts:app", limit=600, seconds=60)
# Business API's general limits per app, for endpoints without a rule of their own.
GENERAL_SECOND = Bucket("general:second", limit=10, seconds=1)
GENERAL_MINUTE = Bucket("general:minute", limit=600, seconds=60)
REFUSALS_THAT_MEAN_THE_APP = 3
PENALTY_SECONDS = 300.0  # after a breach of a limit per minute TikTok wants five minutes of silence


def buckets_for(endpoint: str, holder: str) -> tuple[Bucket, ...]:
    """The buckets of one call. `holder` names the account whose token is used, without saying who it is."""
    if endpoint.startswith("/business/"):
        return (ACCOUNTS_APP, Bucket(f"accounts:{endpoint}:{holder}", limit=40, seconds=60))
    return (GENERAL_SECOND, GENERAL_MINUTE)


@cache
def budget() -> Budget:
    """One per process."""
    options: dict[str, Any] = {"socket_timeout": 2, "socket_connect_timeout": 2, "retry": Retry(NoBackoff(), 0)}
    return Budget(redis.Redis.from_url(settings.RATE_URL, **options))
