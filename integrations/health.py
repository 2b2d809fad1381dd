"""How the machinery stands, over all workspaces: counts and ages only, nothing that belongs to a workspace. Reads; changes nothing.

The health page, Prometheus and the alarms are three views of the same `Health`.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import redis
from django.conf import settings
from django.db import connection

from agency import clock, telemetry
from integrations.breaker import State, breaker
from integrations.budget import budget
from integrations.limits import SHOWN

QUEUES = ("interactive", "sync", "reports", "upkeep")
LATE_AFTER = timedelta(minutes=15)  # due work this old says that workers are missing or stuck
OUTAGE_AFTER = timedelta(minutes=5)
KINDS = {
    "sync": "Sync of accounts",
    "refresh": "Renewal of tokens",
    "revoke": "Revocation of tokens",
    "unanswered": "Accounts that wait for a yes",
    "event": "TikTok's events",
    "old_events": "Events to forget",
    "old_consents": "Consents to forget",
    "connection_lost_mail": "Lost connections to tell of",
    "notice": "Mails about lost connections",
    "avatar": "Pictures of accounts",
    "report": "Weekly reports",
    "delivery": "Report mails",
}


@dataclass(frozen=True)
class Work:
    """Due work of one kind."""

    kind: str
    due_count: int
    at_work_count: int
    planned_count: int
    oldest: timedelta | None
    tried_often_count: int

    @property
    def label(self) -> str:
        """For people."""
        return KINDS.get(self.kind, self.kind.replace("_", " ").capitalize())

    @property
    def oldest_words(self) -> str:
        """How long the oldest piece has been due."""
        seconds = int(self.oldest.total_seconds()) if self.oldest else 0
        return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"

    @property
    def is_late(self) -> bool:
        """Whether somebody should look."""
        return self.oldest is not None and self.oldest > LATE_AFTER


@dataclass(frozen=True)
class LimitUse:
    """One of TikTok's limits: calls in the window that ends now."""

    name: str
    label: str
    used: int
    limit: int
    blocked_seconds: float

    @property
    def left(self) -> int:
        """Calls that are still allowed."""
        return max(0, self.limit - self.used)

    @property
    def share(self) -> float:
        """Used, 0 to 1."""
        return min(1.0, self.used / self.limit)


@dataclass(frozen=True)
class Health:
    """Everything at one moment. What could not be asked is None."""

    at: datetime
    work: tuple[Work, ...]
    queues: dict[str, int] | None
    limits: tuple[LimitUse, ...] | None
    breakers: tuple[State, ...]
    today: Counter[telemetry.Series]
    totals: Counter[telemetry.Series]

    def outcomes(self, event: str) -> list[tuple[str, str, int]]:
        """Today's counts of one event: kind, outcome, how many; the frequent ones first."""
        found = [(kind, outcome, n) for (name, kind, outcome), n in self.today.items() if name == event]
        return sorted(found, key=lambda row: (-row[2], row[:2]))


@dataclass(frozen=True)
class Alarm:
    """Something for a person to look at. `key` stays the same as long as it is the same trouble."""

    key: str
    sentence: str


def health() -> Health:
    """Ask everybody. An answer that does not come is shown as missing; the page works without Redis."""
    used = [(label, window, budget().used(window)) for label, window in SHOWN]
    known = [LimitUse(w.name, label, u[0], w.limit, u[1]) for label, w, u in used if u is not None]
    return Health(
        at=clock.now(),
        work=_work(),
        queues=_queues(),
        limits=tuple(known) if len(known) == len(used) else None,
        breakers=tuple(breaker().states()),
        today=telemetry.of_day(clock.today()),
        totals=telemetry.totals(),
    )


def _work() -> tuple[Work, ...]:
    now = clock.now()
    statement = """
        SELECT kind, count(*) FILTER (WHERE is_due), count(*) FILTER (WHERE at_work), count(*) FILTER (WHERE NOT is_due AND NOT at_work),
            min(due_at) FILTER (WHERE is_due), count(*) FILTER (WHERE attempt_count > 5)
        FROM (
            SELECT *, COALESCE(claimed_until >= %(now)s, false) AS at_work,
                due_at <= %(now)s AND COALESCE(claimed_until < %(now)s, true) AS is_due
            FROM agency_duework
        ) AS work GROUP BY kind
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, {"now": now})
        rows: dict[str, Any] = {row[0]: row[1:] for row in cursor.fetchall()}
    return tuple(
        Work(kind, due, at_work, planned, now - oldest if oldest else None, often)
        for kind in settings.SWEEPS
        for due, at_work, planned, oldest, often in [rows.get(kind, (0, 0, 0, None, 0))]
    )


def _queues() -> dict[str, int] | None:
    client = redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=2, socket_connect_timeout=2)
    try:
        return {name: int(client.llen(name)) for name in QUEUES}
    except redis.RedisError:
        return None
    finally:
        client.close()


def alarms(now: Health) -> list[Alarm]:
    """What a person should look at now."""
    found = [
        Alarm(f"late:{work.kind}", f"{work.label}: the oldest piece has been due for {minutes_of(work.oldest)} minutes.")
        for work in now.work
        if work.is_late and work.oldest is not None
    ]
    for state in now.breakers:
        if state.open_for is not None and state.open_for > OUTAGE_AFTER:
            sentence = f"TikTok has not answered for {minutes_of(state.open_for)} minutes: {state.family.label}."
            found.append(Alarm(f"outage:{state.family}", sentence))
    if now.queues is None:
        found.append(Alarm("broker", "The broker of the jobs does not answer. Work waits in the database and goes on when it is back."))
    return found


def minutes_of(span: timedelta) -> int:
    """Whole minutes."""
    return int(span.total_seconds() // 60)
