"""Running syncs: the frame in which the apps above fetch and keep. Owns tokens, fences, turns, errors and what people see; never what is
fetched. What is synced is an account, or one ad account of an advertiser's consent; the rest is the same for both.

A run holds no transaction while it calls TikTok. Every write goes through `writing()`, which checks in the same transaction
that the connection is still the one the run began with and that the work is still this worker's. A run makes a handful of calls and then
gives its turn to others; each step must be able to go on from its cursor.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.db import connection as database
from django.db.models import QuerySet

from agency import clock, jobs, scope, telemetry
from agency.jobs import Claim, Priority
from agency.key_service import KeyServiceError
from integrations import actions, pace, refresh, vault
from integrations.gateway import transport_for
from integrations.models import AdAccount, Connection, ConnectionQuerySet, SyncRun
from integrations.tiktok.errors import Call, LimitReached, NotGranted, ReconnectNeeded, Throttled, TikTokError, TokenExpired, TryLater
from integrations.tiktok.transport import Answer

logger = logging.getLogger(__name__)
T = TypeVar("T")
CALLS_PER_TURN = 8
PLANNED_ANEW_EVERY = 64  # writes of a turn: by then a table that was next to empty is not any more
_AFTER_OUR_MISTAKE = timedelta(hours=1)
_SOON = timedelta(minutes=5)  # a token with less life than this is renewed before a run
_LONGEST_PAUSE = timedelta(days=1)  # whatever a Retry-After says
_OUR_MISTAKE = "Something went wrong on our side. It was noted, and we try again by ourselves."
_KEYS_SILENT = "The key service does not answer. We try again by ourselves."


class Superseded(Exception):
    """The connection was disconnected or reconnected meanwhile. Drop everything."""


class TurnOver(Exception):
    """This connection has had its turn; there is more to fetch. The step goes on from its cursor when the turn comes round."""


@dataclass(frozen=True)
class Found:
    """What a step came back with."""

    is_news: bool = True
    due_at: datetime | None = None  # when the step itself knows when it is to be looked at again


@dataclass(frozen=True)
class Plan:
    """One kind of sync: what to do, and how often. While nothing new is found, the pauses grow to `slowest`."""

    step: "Callable[[Run], Found]"
    every: timedelta
    slowest: timedelta

    def pause(self, quiet_count: int, stretch: float = 1.0) -> timedelta:
        """Until the next look. Never exactly alike, so that accounts which were connected together drift apart."""
        return jobs.spread(min(self.every * (1 + quiet_count / 2), self.slowest) * stretch)


# The connection first, as everywhere: without it neither is the claim renewed nor anything noted.
_GO_ON = f"""
    WITH held AS MATERIALIZED (
        SELECT id FROM integrations_connection
        WHERE workspace_id = %(workspace)s AND id = %(connection)s AND generation = %(generation)s AND state = '{Connection.State.LIVE}'
        FOR NO KEY UPDATE
    ), renewed AS (
        {jobs.RENEW} AND EXISTS (SELECT FROM held) RETURNING id
    ), noted AS (
        INSERT INTO integrations_apicall (workspace_id, connection_id, endpoint, tiktok_request_id, code, http_status, called_at,
            duration_ms)
        SELECT %(workspace)s, %(connection)s, endpoint, tiktok_request_id, code, http_status, called_at, duration_ms
        FROM json_to_recordset(%(calls)s::json) AS t(endpoint text, tiktok_request_id text, code integer, http_status integer,
            called_at timestamptz, duration_ms integer)
        WHERE EXISTS (SELECT FROM renewed) RETURNING id
    )
    SELECT EXISTS (SELECT FROM held), EXISTS (SELECT FROM renewed), (SELECT max(id) FROM noted)
"""  # noqa: S608 # nosec B608 - built from a statement and a word of our own


def _noted(call: Call) -> dict[str, Any]:
    return {
        "endpoint": call.endpoint,
        "tiktok_request_id": call.request_id[:64],
        "code": call.code,
        "http_status": call.http_status,
        "called_at": call.started_at.isoformat(),
        "duration_ms": call.duration_ms,
    }


@dataclass
class Run:
    """One worker's sync of one account, or of one ad account of a consent."""

    connection: Connection
    claim: Claim
    ad_account: AdAccount | None = None
    calls: list[Call] = field(default_factory=list)
    calls_left: int = CALLS_PER_TURN
    alone_until: float = 0.0  # by the machine's clock: until then a turn goes on while nobody else of the kind waits
    has_gone_on: bool = False
    has_asked: bool = False
    written_count: int = 0
    stretch: float = 1.0  # of the pauses between two looks: the workspace's pace
    _usable: vault.Usable | None = None
    connection_id: UUID = field(init=False)
    generation: int = field(init=False)

    def __post_init__(self) -> None:
        self.connection_id = self.connection.pk
        self.generation = self.connection.generation  # the one the run began with, whatever is read later

    def ask(self, endpoint: Callable[..., Answer[T]], **parameters: Any) -> T:
        """Call one endpoint with the connection's token, for what is synced. A token that ran out is renewed once."""
        if self._usable is None or _is_short(self._usable.expires_at):
            self._renew_token()
        try:
            answer = self._call(endpoint, parameters)
        except TokenExpired:
            self._renew_token(force=True)
            answer = self._call(endpoint, parameters)
        return answer

    def _call(self, endpoint: Callable[..., Answer[T]], parameters: dict[str, Any]) -> T:
        if self.calls_left == 0:
            if clock.monotonic() >= self.alone_until or jobs.is_awaited(self.claim.kind):
                raise TurnOver
            self.calls_left, self.has_gone_on = CALLS_PER_TURN, True
        usable = self._usable
        wire = transport_for(usable.open_id, for_person=self.claim.is_interactive and not self.has_gone_on)
        named = {"advertiser_id": self.ad_account.advertiser_id} if self.ad_account else {"business_id": usable.open_id}
        answer = endpoint(wire, access_token=usable.access_token, **named, **parameters)
        self.calls_left, self.has_asked = self.calls_left - 1, True
        self.calls.append(answer.call)
        return answer.value

    def _renew_token(self, *, force: bool = False) -> None:
        if force and self.connection.access_expires_at is None:
            raise ReconnectNeeded  # nothing to renew it with
        if force or _is_short(self.connection.access_expires_at):
            refresh.refresh(self.connection.pk, knowing=self.connection.token_refreshed_at)
            with scope.begin():
                self.connection = self._alive().first()
            if self.connection is None:
                raise Superseded
        self._usable = vault.access_token(self.connection)

    def _alive(self) -> ConnectionQuerySet:
        return Connection.objects.live().filter(pk=self.connection_id, generation=self.generation)

    @property
    def runs(self) -> QuerySet[SyncRun]:
        """How each kind of what is synced stands."""
        return SyncRun.objects.filter(connection_id=self.connection_id, ad_account=self.ad_account)

    @contextmanager
    def writing(self) -> Iterator[int | None]:
        """One short transaction for what was fetched, its cursor and its origin. Yields the id of the last call."""
        with scope.begin():
            call_id = self._go_on()
            self.written_count += 1
            if self.written_count % PLANNED_ANEW_EVERY == 0:
                database.plan_anew()
            # Read after the lock was won: whoever unlinks an ad account holds that lock.
            if self.ad_account and not AdAccount.objects.linked().filter(pk=self.ad_account.pk).exists():
                raise Superseded
            yield call_id

    def _go_on(self) -> int | None:
        """Hold the connection, which has to be the one that the run began with, until the transaction ends; renew the claim; note the
        calls. One statement, for it goes with every page of every sync."""
        values = jobs.renewal(self.claim) | {
            "workspace": self.connection.workspace_id,
            "connection": self.connection_id,
            "generation": self.generation,
            "calls": json.dumps([_noted(call) for call in self.calls]),
        }
        with database.prepared_cursor() as cursor:
            cursor.execute(_GO_ON, values)
            is_held, is_renewed, call_id = cursor.fetchone()
        if not is_held:
            raise Superseded
        if not is_renewed:
            raise jobs.ClaimLost(self.claim.kind)
        self.calls.clear()
        return call_id

    def progress(self, kind: SyncRun.Kind, **values: Any) -> None:
        """Change what people see of one step. Call inside `writing()`."""
        self.runs.filter(kind=kind).update(**values)


def _is_short(expires_at: datetime | None) -> bool:
    return expires_at is not None and expires_at - clock.now() < _SOON


def account_of(claim: Claim) -> Run | None:
    """The run for a claim that names a connection; None when it is not live any more."""
    connection = Connection.objects.live().of_accounts().filter(pk=claim.ref).first()
    if connection is None:
        return None
    actions.begin_new_kinds(connection)
    return Run(connection, claim)


def ad_account_of(claim: Claim) -> Run | None:
    """The run for a claim that names an ad account; None when it is not linked, or its consent not live, any more."""
    rows = AdAccount.objects.linked().filter(pk=claim.ref, connection__state=Connection.State.LIVE)
    ad_account = rows.select_related("connection").first()
    return Run(ad_account.connection, claim, ad_account) if ad_account else None


def run(
    claim: Claim,
    plans: Mapping[SyncRun.Kind, Plan],
    *,
    then: Callable[[Run], None],
    subject: Callable[[Claim], Run | None] = account_of,
    alone_seconds: float = 0.0,
) -> None:
    """Work through what is due of one claimed account or ad account, for one turn.

    A turn is a handful of calls; so many seconds from its beginning it goes on while nobody else waits for one. `then` runs in the last
    transaction. What failed is said on its SyncRun and tried again; what was asked for anew while the run was under way is due at once.
    """
    with scope.begin():
        work = subject(claim)
        if work is None:
            jobs.finish(claim)
            return
        work.stretch, work.alone_until = pace.stretch_of_workspace(), clock.monotonic() + alone_seconds
    try:
        is_turn_over = _steps(work, plans)
        with work.writing():
            then(work)
            runs = [run for run in work.runs.filter(kind__in=list(plans)) if run.due_at is not None]
            is_begun = any(run.state in {SyncRun.State.WAITING, SyncRun.State.RUNNING} for run in runs)
            is_backfill = is_turn_over or (is_begun and work.has_gone_on)
            priority = Priority.BACKFILL if is_backfill else claim.priority if is_begun else Priority.ROUTINE
            again_at = min((run.due_at for run in runs), default=None)
            jobs.finish(claim, again_at=again_at, priority=priority, was_served=work.has_asked)
    except (Superseded, jobs.ClaimLost):
        logger.info("sync dropped: superseded")
        _give_back(claim)
    except (OperationalError, InterfaceError) as error:
        logger.warning("sync stopped: the database went away: %s", type(error).__name__)
        with suppress(OperationalError, InterfaceError):  # if it is away still, the lease will run out
            _give_back(claim, after=jobs.backoff(1))
    except ReconnectNeeded as error:
        with scope.begin():
            actions.mark_broken(work.connection, reason=error.sentence)
        _give_back(claim)


def _steps(work: Run, plans: Mapping[SyncRun.Kind, Plan]) -> bool:
    """One step after the other, as far as turn and limits go. Whether the turn is over before everything is done."""
    for kind, plan in plans.items():
        try:
            _one(work, kind, plan)
        except TurnOver:
            _say(work, kind, SyncRun.State.RUNNING, "", clock.now())
            return True
        except LimitReached as error:
            _say(work, kind, SyncRun.State.RUNNING, error.sentence, clock.now() + _pause(error, 1))
    return False


def _give_back(claim: Claim, *, after: timedelta = timedelta()) -> None:
    """A connection that was made anew meanwhile begins at once; of one that ended, the work is gone already."""
    with suppress(jobs.ClaimLost), scope.begin():
        jobs.postpone(claim, until=clock.now() + after)


def _one(work: Run, kind: SyncRun.Kind, plan: Plan) -> None:
    """One kind, if it is due."""
    with work.writing():
        row = work.runs.filter(kind=kind).first()
        if row is None or row.due_at is None or row.due_at > clock.now():
            return
        work.progress(kind, state=SyncRun.State.RUNNING, started_at=clock.now(), sentence="")
    failures = row.failure_count + 1
    try:
        found = plan.step(work)
    except (ReconnectNeeded, Superseded, jobs.ClaimLost, TurnOver, LimitReached, OperationalError, InterfaceError):
        raise
    except NotGranted as error:
        _say(work, kind, SyncRun.State.SKIPPED, error.sentence, None)
    except (TikTokError, KeyServiceError) as error:
        logger.warning("sync step failed: %s", error, extra={"facts": {"kind": kind, "connection": str(work.connection.pk)}})
        sentence = getattr(error, "sentence", _KEYS_SILENT)
        _say(work, kind, SyncRun.State.FAILED, sentence, clock.now() + _pause(error, failures), failure_count=failures)
    except Exception:
        # A mistake of ours must neither stop the other steps nor come round again with every lease.
        logger.exception("sync step broke", extra={"facts": {"kind": kind, "connection": str(work.connection.pk)}})
        _say(work, kind, SyncRun.State.FAILED, _OUR_MISTAKE, clock.now() + _AFTER_OUR_MISTAKE, failure_count=failures)
    else:
        with work.writing():
            now, quiet = clock.now(), 0 if found.is_news else row.quiet_count + 1
            work.progress(
                kind,
                state=SyncRun.State.DONE,
                finished_at=now,
                last_success_at=now,
                cursor=None,
                sentence="",
                failure_count=0,
                quiet_count=min(quiet, 1000),
                due_at=found.due_at or now + plan.pause(quiet, work.stretch),
            )
        telemetry.count("sync_step", kind, SyncRun.State.DONE)


def _say(work: Run, kind: SyncRun.Kind, state: str, sentence: str, due_at: datetime | None, **more: Any) -> None:
    with work.writing():
        work.progress(kind, state=state, sentence=sentence[:300], finished_at=clock.now(), due_at=due_at, **more)
    telemetry.count("sync_step", kind, state)


def _pause(error: Exception, failures: int) -> timedelta:
    if isinstance(error, TryLater) and error.retry_after_seconds:
        return min(timedelta(seconds=error.retry_after_seconds), _LONGEST_PAUSE)
    if isinstance(error, Throttled):
        return timedelta(minutes=5)
    if isinstance(error, (TryLater, TokenExpired, KeyServiceError)):  # expired: another worker is just renewing the token
        return jobs.backoff(failures)
    return _AFTER_OUR_MISTAKE  # or an answer we do not understand: repeating at once changes nothing
