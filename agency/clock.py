"""The only source of time. Outside production it can follow another clock (the sandbox's), so that weeks pass in minutes.

The other clock is told in a small JSON file, `{"offset_seconds": 0.0}`, named by the setting CLOCK_FILE. A system check
forbids the setting in production.
"""

import json
import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.conf import settings

_MOST_SECONDS = 100 * 366 * 86_400.0
# Which file was read, and the offset it held. The time alone would not tell two files apart that were written within a tick of the system.
_seen: tuple[tuple[int, int], float] = ((0, 0), 0.0)


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC) + timedelta(seconds=_offset())


def today() -> date:
    """The present date in UTC."""
    return now().date()


def real_timestamp() -> float:
    """The machine's own clock as Unix seconds: only for comparing with what a library stamped with it."""
    return time.time()


def monotonic() -> float:
    """Seconds that never go back, for deadlines and durations. Has no relation to now()."""
    return time.monotonic()


def _offset() -> float:
    global _seen  # noqa: PLW0603 - one value for the process, replaced whole
    if not settings.CLOCK_FILE:
        return 0.0
    try:
        found = os.stat(settings.CLOCK_FILE)
        which = (found.st_mtime_ns, found.st_ino)
        if which != _seen[0]:
            offset = float(json.loads(Path(settings.CLOCK_FILE).read_text())["offset_seconds"])
            if not abs(offset) <= _MOST_SECONDS:  # so written, because no comparison holds for NaN
                raise ValueError("an offset that no calendar holds")
            _seen = (which, offset)
    except (OSError, ValueError, KeyError, TypeError):
        return _seen[1]  # the file is being replaced, or is not one of ours; the last known offset holds
    return _seen[1]
