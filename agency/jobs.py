"""Due work: rows first, messages second. Owns claiming, renewing and finishing; never knows what the work is.

Each kind has a sweep, a task that is called when something of the kind is due. Short work is swept: the sweep claims due rows and
sends a message per claim. The message carries the claim; whoever takes it first changes it, so a message delivered twice finds
nothing to do. Long work is worked through: a worker claims one row after another as long as it may go on, so that no claim waits in
a queue. Either way a worker that dies stops renewing its lease, and the row is claimed again.
"""

import logging
import math
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from celery import Task
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from agency import clock, restored, scope
from agency.celery import app
from agency.models import DueWork
from agency.shared_redis import shared_redis

logger = logging.getLogger(__name__)
LEASE = timedelta(seconds=settings.LEASE_SECONDS)
Priority = DueWork.Priority
WAITS_NO_LONGER = timedelta(minutes=15)
WORK_THROUGH_SECONDS = 1.5  # less than what TikTok's limits let gather: while all workers are at another kind, no slot is lost
_SHORTEST_PAUSE = 0.25  # seconds; what waits gathers meanwhile, and each message costs as much as a short piece of work


class ClaimLost(Exception):
    """Somebody else holds this work now. Stop without writing anything."""


@dataclass(frozen=True)
class Claim:
    """The right to do one piece of due work until its lease ends."""

    kind: str
    ref: UUID
    workspace_id: UUID
    key: UUID
    attempt: int
    priority: int

    @property
    def is_interactive(self) -> bool:
        """Somebody waits for it."""
        return self.priority == Priority.INTERACTIVE

    def message(self) -> dict[str, str]:
        """The keyword arguments of the task that will do it."""
        return {"workspace_id": str(self.workspace_id), "ref": str(self.ref), "key": str(self.key)}


@dataclass(frozen=True)
class Pause:
    """Why not to claim more work now: how many seconds nobody may go on, and how many all may not for whom nobody waits."""

    everybody: float = 0.0
    background: float = 0.0


class WorkspaceTask(Task):
    """A task that names its workspace. It runs bound to it; transactions are opened with `scope.begin()`."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not kwargs.get("workspace_id"):
            raise TypeError(f"{self.name} needs workspace_id=")
        with scope.bound_to(kwargs["workspace_id"]):
            return super().__call__(*args, **kwargs)


def put(kind: str, ref: UUID, *, workspace_id: UUID, at: datetime, priority: int = Priority.ROUTINE) -> None:
    """Note that something must happen. Noted twice, the earlier time and the higher priority win.

    Noted while somebody is at it, it is kept beside the claim: what was read before this moment may miss what it is about.
    """
    put_all(kind, (ref,), workspace_id=workspace_id, at=at, priority=priority)


def put_all(kind: str, refs: Sequence[UUID], *, workspace_id: UUID, at: datetime, priority: int = Priority.ROUTINE) -> None:
    """The same for several pieces of work, which differ."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO agency_duework (workspace_id, kind, ref, due_at, priority, attempt_count)
                SELECT %s, %s, ref, %s, %s, 0 FROM unnest(%s::uuid[]) AS ref
            ON CONFLICT (kind, ref) DO UPDATE SET
                due_at = LEAST(agency_duework.due_at, EXCLUDED.due_at),
                priority = LEAST(agency_duework.priority, EXCLUDED.priority),
                again_at = CASE WHEN agency_duework.claim IS NOT NULL THEN LEAST(agency_duework.again_at, EXCLUDED.due_at) END
            """,
            [workspace_id, kind, at, priority, list(refs)],
        )


def nudge(kind: str, *, after: float = 0.0) -> None:
    """After the commit, have this kind swept now, or in so many seconds, and not at the next beat. Losing it costs seconds."""
    transaction.on_commit(lambda: _sweep_now(kind, after=after))


def _sweep_now(kind: str, *, after: float = 0.0, expires: float = 60.0) -> None:
    try:
        app.send_task(settings.SWEEPS[kind], countdown=after or None, expires=after + expires, retry=False)
    except OperationalError:
        logger.warning("the broker does not answer; the next sweep will find the work", extra={"facts": {"kind": kind}})


def due_kinds() -> list[str]:
    """The kinds of which something is due and free, in the order of the settings."""
    statement = """
        SELECT kind FROM unnest(%(kinds)s::text[]) WITH ORDINALITY AS every(kind, place) WHERE EXISTS (
            SELECT FROM agency_duework AS work
            WHERE work.kind = every.kind AND due_at <= %(now)s AND (claimed_until IS NULL OR claimed_until < %(now)s)
        ) ORDER BY place
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, {"kinds": list(settings.SWEEPS), "now": clock.now()})
        return [kind for (kind,) in cursor.fetchall()]


def is_awaited(kind: str) -> bool:
    """Whether anything of the kind is due and free: somebody waits for a turn."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (SELECT FROM agency_duework
                WHERE kind = %(kind)s AND due_at <= %(now)s AND (claimed_until IS NULL OR claimed_until < %(now)s))
            """,
            {"kind": kind, "now": clock.now()},
        )
        return cursor.fetchone()[0]


def sweep() -> list[str]:
    """Call the sweeps of all kinds that are due; which. One look for all of them: where nothing is due, next to nothing is done."""
    due = due_kinds()
    for kind in due:
        _sweep_now(kind, expires=2 * settings.SWEEP_SECONDS)
    return due


def drop(kind: str, *, ref: UUID) -> None:
    """Forget work that is no longer wanted. Whoever holds it loses the claim."""
    DueWork.objects.filter(kind=kind, ref=ref).delete()


def claim_due(kind: str, *, limit: int = 20, least_urgent: int = Priority.ROUTINE, a_turn: int = 1) -> list[Claim]:
    """Claim what is due and free: most urgent first, then the workspaces in turn, then the oldest. A workspace gets `a_turn` rows a turn.

    Two sweeps at once never claim the same row. Routine work that has waited for long counts as much as a backfill: whoever brings a
    hundred accounts holds nobody up for hours. The rows are picked in a step of their own: as a subquery of the update, the planner
    may run it again and again and pass the limit.
    """
    if not restored.is_replayed():
        return []
    now = clock.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH turns AS (
                SELECT workspace_id, max(served_at) AS last_turn, count(*) FILTER (WHERE claimed_until >= %(now)s) AS at_work
                FROM agency_duework WHERE kind = %(kind)s GROUP BY workspace_id
            ), waiting AS (
                SELECT id, workspace_id, due_at,
                    CASE WHEN priority = %(routine)s AND due_at < %(long_ago)s THEN %(backfill)s ELSE priority END AS urgency
                FROM agency_duework
                WHERE kind = %(kind)s AND due_at <= %(now)s AND priority <= %(least_urgent)s
                    AND (claimed_until IS NULL OR claimed_until < %(now)s)
            ), ranked AS (
                SELECT id, urgency, last_turn, at_work + row_number() OVER (PARTITION BY urgency, workspace_id ORDER BY due_at) AS place
                FROM waiting JOIN turns USING (workspace_id)
            ), due AS MATERIALIZED (
                SELECT work.id FROM agency_duework AS work JOIN ranked USING (id)
                WHERE work.claimed_until IS NULL OR work.claimed_until < %(now)s
                ORDER BY urgency, (place - 1) / %(a_turn)s, last_turn NULLS FIRST,
                    CASE WHEN %(a_turn)s > 1 THEN work.workspace_id END, work.due_at
                LIMIT %(limit)s FOR UPDATE OF work SKIP LOCKED
            )
            UPDATE agency_duework AS work SET claim = gen_random_uuid(), claimed_until = %(until)s,
                attempt_count = attempt_count + 1, again_at = CASE WHEN again_at > %(now)s THEN again_at END
            FROM due WHERE work.id = due.id
            RETURNING kind, ref, workspace_id, claim, attempt_count, priority
            """,
            {
                "kind": kind,
                "now": now,
                "until": now + LEASE,
                "limit": limit,
                "least_urgent": least_urgent,
                "routine": Priority.ROUTINE,
                "backfill": Priority.BACKFILL,
                "long_ago": now - WAITS_NO_LONGER,
                "a_turn": a_turn,
            },
        )
        return [Claim(*row) for row in cursor.fetchall()]


def work_through(kind: str, do: Callable[[Claim], None], *, may_go_on: Callable[[], Pause]) -> int:
    """Do one due piece after another, each bound to its workspace, until nothing is due or there is a reason to pause.

    Stops after a while all the same, so that a worker serves other queues too, and has the rest done in a new message. Whoever finds
    something calls the next worker to help. Returns how many pieces were done.
    """
    done, ends = 0, clock.monotonic() + WORK_THROUGH_SECONDS
    while True:
        pause = may_go_on()
        if pause.everybody > 0:
            _wake(kind, after=pause.everybody)
            return done
        claims = claim_due(kind, limit=1, least_urgent=Priority.INTERACTIVE if pause.background > 0 else Priority.ROUTINE)
        if not claims:
            if pause.background > 0:
                _wake(kind, after=pause.background)
            return done
        if done == 0:
            _sweep_now(kind)
        with scope.bound_to(claims[0].workspace_id):
            do(claims[0])
        done += 1
        if clock.monotonic() > ends:
            _sweep_now(kind)
            return done


def _wake(kind: str, *, after: float) -> None:
    """Have a kind swept again once the pause is over. However many workers pause, one message is on its way, the soonest that was asked
    for: whoever it wakes too soon pauses again. One that has come stands for no later pause, or everybody would wait for the next beat.
    """
    after, now = max(after, _SHORTEST_PAUSE), clock.now().timestamp()
    try:
        comes = float(shared_redis().get(f"wake:{kind}") or 0)
        if now < comes <= now + after:
            return
        shared_redis().set(f"wake:{kind}", now + after, ex=math.ceil(after) + 60)
    except RedisError:
        return  # the next sweep will find the work
    _sweep_now(kind, after=after)


def take(kind: str, *, ref: UUID | str, key: UUID | str) -> Claim | None:
    """Begin claimed work. None if the message is a duplicate or late: somebody else has taken it."""
    return next(iter(take_all(kind, [{"ref": str(ref), "key": str(key)}])), None)


def take_all(kind: str, messages: Sequence[dict[str, str]]) -> list[Claim]:
    """Begin the work of several messages, in their order. Without those that are duplicates or late."""
    now, places = clock.now(), {UUID(message["ref"]): place for place, message in enumerate(messages)}
    # A wish from before this moment is met by the work that begins now.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE agency_duework AS work SET claim = gen_random_uuid(), claimed_until = %(until)s,
                again_at = CASE WHEN again_at > %(now)s THEN again_at END
            FROM unnest(%(refs)s::uuid[], %(keys)s::uuid[]) AS message (ref, key)
            WHERE work.kind = %(kind)s AND work.ref = message.ref AND work.claim = message.key
            RETURNING work.kind, work.ref, workspace_id, claim, attempt_count, priority
            """,
            {
                "until": now + LEASE,
                "now": now,
                "kind": kind,
                "refs": [message["ref"] for message in messages],
                "keys": [message["key"] for message in messages],
            },
        )
        return sorted((Claim(*row) for row in cursor.fetchall()), key=lambda claim: places[claim.ref])


# For who says more in the same statement, as every page of every sync does. It must change a row, or the claim is lost.
RENEW = "UPDATE agency_duework SET claimed_until = %(claimed_until)s WHERE kind = %(kind)s AND ref = %(ref)s AND claim = %(key)s"


def renewal(claim: Claim) -> dict[str, Any]:
    """The values of `RENEW`."""
    return {"claimed_until": clock.now() + LEASE, "kind": claim.kind, "ref": claim.ref, "key": claim.key}


def renew(claim: Claim) -> None:
    """Say that the work goes on. Called inside each step's transaction, it also fences off a worker that was thought dead."""
    with connection.cursor() as cursor:
        cursor.execute(RENEW, renewal(claim))
        if not cursor.rowcount:
            raise ClaimLost(claim.kind)


def finish(claim: Claim, *, again_at: datetime | None = None, priority: int = Priority.ROUTINE, was_served: bool = True) -> None:
    """End the work, inside the transaction that saves its result. What was put meanwhile is due at its own time if that is earlier.

    `was_served`: false when nothing could be done for it, so that its workspace keeps its turn.
    """
    if again_at is None and _is_over(claim):
        return
    with transaction.atomic():
        row = _locked(claim)
        if row.again_at is not None and (again_at is None or row.again_at <= again_at):
            again_at, priority = row.again_at, row.priority
        if again_at is None:
            row.delete()
        else:
            served = {"served_at": clock.now()} if was_served else {}
            _give_back(claim, due_at=again_at, priority=priority, attempt_count=0, **served)


def _is_over(claim: Claim) -> bool:
    """Take the row away, if nobody put it again: one statement for what nearly always is so."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM agency_duework WHERE kind = %s AND ref = %s AND claim = %s AND again_at IS NULL",
            [claim.kind, claim.ref, claim.key],
        )
        return bool(cursor.rowcount)


def postpone(claim: Claim, *, until: datetime) -> None:
    """Give the work back for later, or for when it was put meanwhile, and keep count of the attempts."""
    with transaction.atomic():
        row = _locked(claim)
        _give_back(claim, due_at=min(until, row.again_at or until))


def _locked(claim: Claim) -> DueWork:
    """The row behind a claim that still holds. Locked, so that a wish put at this moment comes before or after, never in between."""
    row = _held(claim).select_for_update().first()
    if row is None:
        raise ClaimLost(claim.kind)
    return row


def _give_back(claim: Claim, **values: Any) -> None:
    _held(claim).update(claim=None, claimed_until=None, again_at=None, **values)


def send(task: Task, claims: Iterable[Claim], **options: Any) -> int:
    """One message per claim."""
    count = 0
    for claim in claims:
        task.apply_async(kwargs=claim.message(), **options)
        count += 1
    return count


def backoff(attempt: int, *, first: int = 15, most: int = 3600) -> timedelta:
    """Exponential, with jitter that depends on nothing but chance: 50 to 100 percent of the step."""
    step = min(most, first * 2 ** min(attempt - 1, 16))
    return timedelta(seconds=step * (0.5 + uuid.uuid4().int % 1000 / 2000))


def spread(pause: timedelta) -> timedelta:
    """90 to 110 percent of a pause, by chance: what began together does not stay together."""
    return pause * (0.9 + uuid.uuid4().int % 1000 / 5000)


def _held(claim: Claim) -> QuerySet[DueWork]:
    return DueWork.objects.filter(kind=claim.kind, ref=claim.ref, claim=claim.key)
