"""A circuit breaker for each family of endpoints, shared by all workers: when TikTok does not answer, one of them looks from time to time.

Closed, calls go out. After a row of failures without any success in between it opens: calls are refused here, but for one probe in each
interval over all processes; the first success closes it. Owns this state in Redis and nothing else; without Redis every call goes out,
and the budget alone slows them down.
"""

import logging
from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings

from integrations.budget import shared_redis
from integrations.limits import Family

logger = logging.getLogger(__name__)

FAILURES_TO_OPEN = 8
FIRST_INTERVAL_SECONDS = 4.0
LONGEST_INTERVAL_SECONDS = 15.0
FORGOTTEN_AFTER_SECONDS = 60  # failures that long ago are no row
_KEPT_SECONDS = 3600

_CLOCK = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""
# Answers how long to wait, and whether this call is the probe. The next probe is not before this one's own end.
_ASK = (
    _CLOCK
    + """
local next_probe = redis.call('HGET', KEYS[1], 'next_probe')
if not next_probe then return {0, 0} end
if now < tonumber(next_probe) then return {tonumber(next_probe) - now, 0} end
if ARGV[1] == '1' then return {0, 1} end
redis.call('HSET', KEYS[1], 'next_probe', now + ARGV[2])
return {0, 1}
"""
)
_FAILED = (
    _CLOCK
    + """
local interval = tonumber(redis.call('HGET', KEYS[1], 'interval') or 0)
if interval > 0 then
  if ARGV[1] == '0' then return 0 end
  interval = math.min(interval * 2, tonumber(ARGV[4]))
else
  if redis.call('HINCRBY', KEYS[1], 'failures', 1) < tonumber(ARGV[2]) then
    redis.call('EXPIRE', KEYS[1], ARGV[5])
    return 0
  end
  interval = tonumber(ARGV[3])
  redis.call('HSET', KEYS[1], 'since', now)
end
redis.call('HSET', KEYS[1], 'interval', interval, 'next_probe', now + interval)
redis.call('EXPIRE', KEYS[1], ARGV[6])
return 1
"""
)


@dataclass(frozen=True)
class Admission:
    """That a call may go out. Its outcome is reported with it."""

    family: Family
    is_probe: bool = False


@dataclass(frozen=True)
class State:
    """One breaker as the health page shows it."""

    family: Family
    is_open: bool
    failures: int
    open_since_ms: int | None


class Breaker:
    """All families' breakers."""

    def __init__(self, client: redis.Redis, *, probe_lasts_seconds: float) -> None:
        self._client = client
        self._ask = client.register_script(_ASK)
        self._failed = client.register_script(_FAILED)
        self._probe_lasts_ms = round(probe_lasts_seconds * 1000)

    def admit(self, family: Family) -> Admission | float:
        """The permission to call, or the seconds to wait."""
        wait, is_probe = self._asked(family, look=False)
        return wait if wait > 0 else Admission(family, is_probe)

    def wait(self, family: Family) -> float:
        """How long calls are refused from now on; 0.0 also when the next one would be the probe."""
        return self._asked(family, look=True)[0]

    def _asked(self, family: Family, *, look: bool) -> tuple[float, bool]:
        try:
            wait_ms, is_probe = self._ask(keys=[_key(family)], args=[int(look), self._probe_lasts_ms])
        except redis.RedisError:
            return 0.0, False
        return int(wait_ms) / 1000, bool(is_probe)

    def failed(self, admission: Admission) -> None:
        """TikTok did not answer, or said that it cannot. Calls that were under way when it opened say nothing new."""
        numbers = (
            FAILURES_TO_OPEN,
            FIRST_INTERVAL_SECONDS * 1000,
            LONGEST_INTERVAL_SECONDS * 1000,
            FORGOTTEN_AFTER_SECONDS,
            _KEPT_SECONDS,
        )
        try:
            has_opened = self._failed(keys=[_key(admission.family)], args=[int(admission.is_probe), *map(round, numbers)])
        except redis.RedisError:
            return
        if has_opened and not admission.is_probe:
            logger.warning("TikTok does not answer: calls are held back", extra={"facts": {"family": admission.family}})

    def succeeded(self, admission: Admission) -> None:
        """TikTok answered, be it with an error of ours."""
        try:
            self._client.delete(_key(admission.family))
        except redis.RedisError:
            return
        if admission.is_probe:
            logger.info("TikTok answers again", extra={"facts": {"family": admission.family}})

    def states(self) -> list[State]:
        """Every family's state; nothing without Redis."""
        try:
            found = [(family, self._client.hgetall(_key(family))) for family in Family]
        except redis.RedisError:
            return []
        return [
            State(family, b"interval" in h, int(h.get(b"failures", 0)), int(h[b"since"]) if b"since" in h else None) for family, h in found
        ]


def _key(family: Family) -> str:
    return f"breaker:{family}"


@cache
def breaker() -> Breaker:
    """One per process."""
    return Breaker(shared_redis(), probe_lasts_seconds=settings.TIKTOK_CALL_DEADLINE_SECONDS + 2)
