"""How the machinery stands, over all workspaces: counts and ages only, nothing that belongs to a workspace. Reads; changes nothing.

The health page, Prometheus and the alarms are three views of the same `Health`.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import redis
from django.conf import settings
from django.db import connection

from agency import clock, telemetry
from integrations.breaker import State, breaker
from integrations.budget import budget
from integrations.limits import COUNTED_BY_ENDPOINT, SHOWN, endpoint_of, limit_of

QUEUES = ("interactive", "sync", "reports", "upkeep")
LATE_AFTER = timedelta(minutes=15)  # due work this old says that workers are missing or stuck
OUTAGE_AFTER = timedelta(minutes=5)
KINDS = {
    "sync": "Sync of accounts",
    "ad_sync": "Sync of ad accounts",
    "comments": "Reading of comments",
    "ad_comments": "Reading of comments under ads",
    "comments_back": "Comments that were put off",
    "comment_sending": "Replies on their way to TikTok",
    "refresh": "Renewal of tokens",
    "advertiser_look": "Looks at consents for ad accounts",
    "connection_lost_mail": "Lost connections to tell of",
    "grant_end_mail": "Consents to tell of that will end",
    "revoke": "Revocation of tokens",
    "unanswered": "Accounts that wait for a yes",
    "event": "TikTok's events",
    "old_events": "Events to forget",
    "old_consents": "Consents to forget",
    "notice": "Mails about connections and unusual days",
    "unusual_day": "Looks for unusual days",
    "avatar": "Pictures of accounts",
    "report": "Weekly reports",
    "delivery": "Report mails",
    "report_release": "Reports that were reviewed",
    "confirm_mail": "Questions to extra addresses",
    "review_mail": "Mails to reviewers",
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
class EndpointUse:
    """Calls to one endpoint in the last minute. Where TikTok counts by account, `used` and `limit` are the busiest account's."""

    endpoint: str
    calls: int
    used: int
    limit: int
    is_by_account: bool
    account_count: int
    blocked_count: int  # windows in which TikTok asked for silence
    blocked_seconds: float  # the longest of these

    @property
    def left(self) -> int:
        """Calls that are still allowed, to the busiest account where TikTok counts by account."""
        return max(0, self.limit - self.used)


@dataclass(frozen=True)
class Health:
    """Everything at one moment. What could not be asked is None."""

    at: datetime
    work: tuple[Work, ...]
    queues: dict[str, int] | None
    limits: tuple[LimitUse, ...] | None
    endpoints: tuple[EndpointUse, ...] | None
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
        endpoints=_endpoints(),
        breakers=tuple(breaker().states()),
        today=telemetry.of_day(clock.today()),
        totals=telemetry.totals(),
    )


def _endpoints() -> tuple[EndpointUse, ...] | None:
    windows = budget().used_lately(COUNTED_BY_ENDPOINT, 60)
    if windows is None:
        return None
    by_endpoint: dict[tuple[str, bool], list[tuple[int, float]]] = defaultdict(list)
    for name, use in windows.items():
        counted = endpoint_of(name)
        if counted is not None and any(use):
            by_endpoint[counted].append(use)
    rows = [
        EndpointUse(
            endpoint,
            calls=sum(calls for calls, _ in uses),
            used=max(calls for calls, _ in uses),
            limit=limit_of(endpoint, is_of_account=is_by_account),
            is_by_account=is_by_account,
            account_count=len(uses) if is_by_account else 0,
            blocked_count=sum(blocked > 0 for _, blocked in uses),
            blocked_seconds=max(blocked for _, blocked in uses),
        )
        for (endpoint, is_by_account), uses in by_endpoint.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.calls, row.endpoint)))


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
