"""Sliding-window limits, what is counted by the day, and how wide a report may be. A breach of a minute closes the window for minutes.

Accounts API: per account and endpoint, and over the whole app. Advertiser side: over the whole app a second, a minute and a UTC day; two
endpoints have a rule of their own. What an account may have published in a day is counted where it is published.
"""

from collections import deque
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from math import ceil
from typing import Any

WINDOW = 60.0
DAY = 86_400


class Limit(StrEnum):
    """Which rule an endpoint stands under."""

    ACCOUNTS = "accounts"
    MARKETING = "marketing"
    AD_CREATE = "ad_create"
    REPORT_TASKS = "report_tasks"
    MENTIONS = "mentions"  # numbers are not published: as for accounts, counted apart
    RECOMMENDATIONS = "recommendations"
    CREATORS = "creators"
    PUBLISHING = "publishing"
    DISPLAY = "display"
    CREATOR_INFO = "creator_info"
    POST_INIT = "post_init"
    POST_STATUS = "post_status"


# Requests a second and a minute of the endpoints with a rule of their own, at the basic level, and the setting of those a day.
OWN_LIMITS: dict[Limit, tuple[int, int, str]] = {
    Limit.AD_CREATE: (5, 150, "ad_create_per_day"),
    Limit.REPORT_TASKS: (2, 60, "report_tasks_per_day"),
}
ADVERTISER_SIDE = frozenset({Limit.MARKETING, *OWN_LIMITS})

# Rules without a pause after a breach: the setting, and whether it holds for each account or for the whole app.
PLAIN: dict[Limit, tuple[str, bool]] = {
    Limit.PUBLISHING: ("publishing_per_minute", True),
    Limit.DISPLAY: ("display_per_minute", False),
    Limit.CREATOR_INFO: ("creator_info_per_minute", True),
    Limit.POST_INIT: ("post_init_per_minute", True),
    Limit.POST_STATUS: ("post_status_per_minute", True),
}


@dataclass(frozen=True, slots=True)
class LimitSettings:
    enabled: bool = True
    per_account_per_minute: int = 40
    per_app_per_minute: int = 600
    penalty_seconds: int = 300
    marketing_per_second: int = 10
    marketing_per_minute: int = 600
    marketing_per_day: int = 864_000
    ad_create_per_day: int = 86_400
    report_tasks_per_day: int = 4_500
    report_rows_most: int = 0  # a report of more rows is too wide (40067); 0: no such bound
    publishing_per_minute: int = 6
    publishing_per_day: int = 15
    display_per_minute: int = 600
    creator_info_per_minute: int = 20
    post_init_per_minute: int = 6
    post_status_per_minute: int = 30


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
        self._days: dict[tuple[str, ...], tuple[int, int]] = {}  # the UTC day, and how many requests it has had

    def change(self, wanted: dict[str, Any]) -> None:
        """Take new settings; raises ValueError for what is not a setting. Everything is counted anew afterwards."""
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
        self._days.clear()

    def allow(self, limit: Limit, app: str, account: str, endpoint: str, now: float) -> bool:
        """Count one request, unless a window is full or closed. A refused request is not counted."""
        settings = self.settings
        if not settings.enabled:
            return True
        if limit in PLAIN:
            setting, for_each = PLAIN[limit]
            window = self._windows.setdefault((limit, app, endpoint, account if for_each else ""), _Window())
            if not window.has_room(now, getattr(settings, setting), 0):
                return False
            window.moments.append(now)
            return True
        if limit in ADVERTISER_SIDE:
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

    def frees_in(self, limit: Limit, app: str, account: str, endpoint: str, now: float) -> int:
        """Seconds until a full window of the plain kind has room again."""
        window = self._windows.get((limit, app, endpoint, account if limit in PLAIN and PLAIN[limit][1] else ""))
        return max(1, ceil(window.moments[0] + WINDOW - now)) if window is not None and window.moments else 1

    def _allow_marketing(self, limit: Limit, app: str, endpoint: str, now: float) -> bool:
        settings = self.settings
        name = "" if limit is Limit.MARKETING else endpoint
        second, minute, day = OWN_LIMITS.get(limit, (settings.marketing_per_second, settings.marketing_per_minute, "marketing_per_day"))
        quick = self._windows.setdefault((limit, app, name, "second"), _Window())
        slow = self._windows.setdefault((limit, app, name, "minute"), _Window())
        today = int(now) // DAY
        counted_on, count = self._days.get((limit, app, name), (today, 0))
        count = count if counted_on == today else 0
        if (
            count >= getattr(settings, day)
            or not slow.has_room(now, minute, settings.penalty_seconds)
            or not quick.has_room(now, second, 0.0, 1.0)
        ):
            return False
        self._days[limit, app, name] = (today, count + 1)
        quick.moments.append(now)
        slow.moments.append(now)
        return True
