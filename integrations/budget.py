"""TikTok's rate limits, kept by all workers together: one script in Redis decides over every bucket that applies to a call.

A call takes a slot in all of its buckets or in none. The clock is Redis's own: hosts with different clocks agree.
Owns counting and penalties; never calls TikTok and never sleeps. Which calls count where is told in `limits`.
"""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import redis

from agency import clock
from agency.shared_redis import shared_redis

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Window:
    """At most `limit` calls in any window of `seconds`. It remembers the instants of its last calls, so nothing is lost to rounding."""

    name: str
    limit: int
    seconds: int

    @property
    def rule(self) -> tuple[str, int, int]:
        """For the script: kind, limit and window, the window with a margin: calls reach TikTok a little later than they are counted here,
        and not all by the same delay."""
        return "window", self.limit, self.seconds * 1_000_000 + max(80_000, self.seconds * 20_000)


@dataclass(frozen=True)
class Pace:
    """Calls spread in time: `per_second` in the long run, `burst` at once after a quiet moment (the generic cell rate algorithm).

    Without it the first second of a minute would use the minute up, and whoever presses a button would wait for the next one.
    """

    name: str
    per_second: float
    burst: int

    @property
    def rule(self) -> tuple[str, int, int]:
        """For the script: kind, time between calls, how far ahead of it calls may run."""
        between = round(1_000_000 / self.per_second)
        return "pace", between, between * (self.burst - 1)


Bucket = Window | Pace


def _keys(bucket: Bucket) -> tuple[str, str, str]:
    """Where its calls, its penalty and its waiting people are kept."""
    return f"budget:{bucket.name}", f"budget:{bucket.name}:blocked", f"budget:{bucket.name}:ahead"


# Three keys and three arguments (kind and its two numbers) for each bucket; then whether a person waits, and whether this is only a look.
# Somebody who waits holds everybody else back at a pace, until they were served or have given up.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local person, look = ARGV[#ARGV - 1] == '1', ARGV[#ARGV] == '1'
local wait = 0
for i = 1, #KEYS, 3 do
  local kind, one, two = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  local ready = tonumber(redis.call('GET', KEYS[i + 1]) or 0)
  if kind == 'window' then
    local first = redis.call('LINDEX', KEYS[i], 0)
    while first and tonumber(first) <= now - two do
      redis.call('LPOP', KEYS[i])
      first = redis.call('LINDEX', KEYS[i], 0)
    end
    if redis.call('LLEN', KEYS[i]) >= one then ready = math.max(ready, tonumber(first) + two) end
  else
    ready = math.max(ready, tonumber(redis.call('GET', KEYS[i]) or 0) - two)
    if not person then ready = math.max(ready, tonumber(redis.call('GET', KEYS[i + 2]) or 0)) end
  end
  wait = math.max(wait, ready - now)
end
if look then return math.max(wait, 0) end
if wait > 0 then
  if person then
    for i = 1, #KEYS, 3 do
      if ARGV[i] == 'pace' then
        redis.call('SET', KEYS[i + 2], string.format('%.0f', now + math.min(wait, 2000000) + 500000), 'PX', 3000)
      end
    end
  end
  return wait
end
for i = 1, #KEYS, 3 do
  local one, two = tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  if ARGV[i] == 'window' then
    redis.call('RPUSH', KEYS[i], string.format('%.0f', now))
    redis.call('PEXPIRE', KEYS[i], math.ceil(two / 1000) + 60000)
  else
    local stands = math.max(now, tonumber(redis.call('GET', KEYS[i]) or 0)) + one
    redis.call('SET', KEYS[i], string.format('%.0f', stands), 'PX', math.ceil((stands - now) / 1000) + 60000)
    if person then redis.call('DEL', KEYS[i + 2]) end
  end
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
_USED = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local count = 0
for _, at in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  if tonumber(at) > now - tonumber(ARGV[1]) then count = count + 1 end
end
return {count, math.max(0, tonumber(redis.call('GET', KEYS[2]) or 0) - now)}
"""


class Budget:
    """Slots out of shared buckets."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._take = client.register_script(_TAKE)
        self._block = client.register_script(_BLOCK)
        self._used = client.register_script(_USED)
        self._alone = _Alone()

    def take(self, buckets: Sequence[Bucket], *, for_person: bool = False) -> float:
        """0.0 when a slot was taken in every bucket, else the seconds to wait before asking again; then nothing was taken.

        `for_person`: somebody waits for it; until they are served, the paces among the buckets let nobody else go first. Without Redis
        the process limits itself to one call in two seconds: slower, never unlimited.
        """
        return self._ask(buckets, for_person=for_person, look=False)

    def wait(self, buckets: Sequence[Bucket], *, for_person: bool = False) -> float:
        """What `take` would answer now, with nothing taken."""
        return self._ask(buckets, for_person=for_person, look=True)

    def _ask(self, buckets: Sequence[Bucket], *, for_person: bool, look: bool) -> float:
        if not buckets:
            return 0.0
        keys = [key for b in buckets for key in _keys(b)]
        rules = [part for b in buckets for part in b.rule]
        try:
            return int(self._take(keys=keys, args=[*rules, int(for_person), int(look)])) / 1_000_000
        except redis.RedisError as error:
            logger.warning("the rate budget's Redis does not answer: %s", type(error).__name__)
            return self._alone.wait() if look else self._alone.take()

    def block(self, bucket: Bucket, seconds: float) -> None:
        """TikTok said no: nothing more from this bucket until then. A longer block that stands already stays."""
        try:
            self._block(keys=[_keys(bucket)[1]], args=[int(seconds * 1_000_000)])
        except redis.RedisError as error:
            logger.warning("a penalty could not be noted: %s", type(error).__name__)

    def refusals(self, bucket: Bucket) -> int:
        """Count one refusal by TikTok; how many there were in this minute."""
        key = f"{_keys(bucket)[0]}:refused"
        try:
            with self._client.pipeline() as pipe:
                count, _ = pipe.incr(key).expire(key, 60, nx=True).execute()
        except redis.RedisError as error:
            logger.warning("a refusal could not be counted: %s", type(error).__name__)
            return 0
        return int(count)

    def used(self, window: Window) -> tuple[int, float] | None:
        """Calls in the window that ends now, and for how many seconds it is blocked still. None without Redis."""
        try:
            count, blocked = self._used(keys=_keys(window)[:2], args=[window.seconds * 1_000_000])
        except redis.RedisError:
            return None
        return int(count), int(blocked) / 1_000_000

    def used_lately(self, prefixes: Sequence[str], seconds: int) -> dict[str, tuple[int, float]] | None:
        """Of every window whose name begins so: calls in the last `seconds`, and for how many seconds it is blocked still.

        Windows that are over vanish by themselves, so these are as many as were used in the last minutes. None without Redis.
        """
        try:
            found = {key for prefix in prefixes for key in self._client.scan_iter(f"budget:{prefix}*", count=1000)}
            names = sorted(
                {k.decode().removeprefix("budget:").removesuffix(":blocked") for k in found if not k.endswith((b":ahead", b":refused"))}
            )
            with self._client.pipeline(transaction=False) as pipe:
                for name in names:
                    self._used(keys=_keys(Window(name, 0, seconds))[:2], args=[seconds * 1_000_000], client=pipe)
                answers = pipe.execute()
        except redis.RedisError:
            return None
        return {name: (int(count), int(blocked) / 1_000_000) for name, (count, blocked) in zip(names, answers, strict=True)}


class _Alone:
    """The limiter of a process that cannot reach Redis."""

    SECONDS_BETWEEN = 2.0

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> float:
        return max(0.0, self._next - clock.monotonic())

    def take(self) -> float:
        with self._lock:
            wait = self.wait()
            if wait == 0:
                self._next = clock.monotonic() + self.SECONDS_BETWEEN
            return wait


@cache
def budget() -> Budget:
    """One per process."""
    return Budget(shared_redis())
