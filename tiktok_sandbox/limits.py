"""Sliding-window limits, and how wide a report may be. A breach of a minute closes the window for minutes.

Accounts API: per account and endpoint, and over the whole app. Advertiser side: over the whole app a second and a minute; two
endpoints have a rule of their own.
"""

from collections import deque
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

WINDOW = 60.0


class Limit(StrEnum):
    """Which rule an endpoint stands under."""

    ACCOUNTS = "accounts"
    MARKETING = "marketing"
    AD_CREATE = "ad_create"
    REPORT_TASKS = "report_tasks"


# Requests a second and a minute of the endpoints with a rule of their own, at the basic level.
OWN_LIMITS = {Limit.AD_CREATE: (5, 150), Limit.REPORT_TASKS: (2, 60)}


@dataclass(frozen=True, slots=True)
class LimitSettings:
    enabled: bool = True
    per_account_per_minute: int = 40
    per_app_per_minute: int = 600
    penalty_seconds: int = 300
    marketing_per_second: int = 10
    marketing_per_minute: int = 600
    report_rows_most: int = 0  # a report of more rows is too wide (40067); 0: no such bound


class _Window:
    __slots__ = ("closed_until", "moments")

    def __init__(self) -> None:
        self.moments: deque[float] = deque()
        self.closed_until = 0.0

    def has_room(self, now: float, most: int, penalty: float, span: float = WINDOW) -> bool:
        if now < self.closed_until <= now + penalty:
            return False
        # A clock that was set back leaves moments in the future; they do not count.
        while self.moments and (self.moments[0] <= now - span or self.moments[-1] > now):
            if self.moments[-1] > now:
                self.moments.pop()
            else:
                self.moments.popleft()
        if len(self.moments) < most:
            return True
        self.closed_until = now + penalty
        return False


class Limits:
    def __init__(self) -> None:
        self.settings = LimitSettings()
        self._windows: dict[tuple[str, ...], _Window] = {}

    def change(self, wanted: dict[str, Any]) -> None:
        """Take new settings; raises ValueError for what is not a setting. Every window starts empty afterwards."""
        for name, value in wanted.items():
            if (
                name not in asdict(self.settings)
                or isinstance(value, bool) != (name == "enabled")
                or not isinstance(value, int)
                or value < 0
            ):
                raise ValueError(name)
        self.settings = replace(self.settings, **wanted)
        self._windows.clear()

    def allow(self, limit: Limit, app: str, account: str, endpoint: str, now: float) -> bool:
        """Count one request, unless a window is full or closed. A refused request is not counted."""
        settings = self.settings
        if not settings.enabled:
            return True
        if limit is not Limit.ACCOUNTS:
            return self._allow_marketing(limit, app, endpoint, now)
        own = self._windows.setdefault((limit, app, account, endpoint), _Window())
        whole = self._windows.setdefault((limit, app), _Window())
        if not own.has_room(now, settings.per_account_per_minute, settings.penalty_seconds) or not whole.has_room(
            now, settings.per_app_per_minute, settings.penalty_seconds
        ):
            return False
        own.moments.append(now)
        whole.moments.append(now)
        return True

    def _allow_marketing(self, limit: Limit, app: str, endpoint: str, now: float) -> bool:
        settings = self.settings
        name = "" if limit is Limit.MARKETING else endpoint
        second, minute = OWN_LIMITS.get(limit, (settings.marketing_per_second, settings.marketing_per_minute))
        quick = self._windows.setdefault((limit, app, name, "second"), _Window())
        slow = self._windows.setdefault((limit, app, name, "minute"), _Window())
        if not slow.has_room(now, minute, settings.penalty_seconds) or not quick.has_room(now, second, 0.0, 1.0):
            return False
        quick.moments.append(now)
        slow.moments.append(now)
        return True
