"""Running syncs: the frame in which the apps above fetch and keep. Owns tokens, fences, errors and what people see; never what is fetched.

A run holds no transaction while it calls TikTok. Every write goes through `writing()`, which checks in the same transaction
that the connection is still the one the run began with and that the work is still this worker's.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from agency import clock, jobs, scope
from agency.jobs import Claim
from agency.key_service import KeyServiceError
from integrations import actions, refresh, vault
from integrations.gateway import note_throttling, transport_for
from integrations.models import ApiCall, Connection, ConnectionQuerySet, SyncRun
from integrations.tiktok.errors import Call, LimitReached, NotGranted, ReconnectNeeded, Throttled, TikTokError, TokenExpired, TryLater
from integrations.tiktok.transport import Answer

logger = logging.getLogger(__name__)
T = TypeVar("T")
_AFTER_OUR_MISTAKE = timedelta(hours=1)
_SOON = timedelta(minutes=5)  # a token with less life than this is renewed before a run
_LONGEST_PAUSE = timedelta(days=1)  # whatever a Retry-After says


class Superseded(Exception):
    """The connection was disconnected or reconnected meanwhile. Drop everything."""


@dataclass
class Run:
    """One worker's sync of one connection."""

    connection: Connection
    claim: Claim
    calls: list[Call] = field(default_factory=list)
    _usable: vault.Usable | None = None
    generation: int = field(init=False)

    def __post_init__(self) -> None:
        self.generation = self.connection.generation  # the one the run began with, whatever is read later

    def ask(self, endpoint: Callable[..., Answer[T]], **parameters: Any) -> T:
        """Call one endpoint with the connection's token. A token that ran out is renewed once."""
        if self._usable is None or self._usable.expires_at - clock.now() < _SOON:
            self._renew_token()
        try:
            answer = self._call(endpoint, parameters)
        except TokenExpired:
            self._renew_token(force=True)
            answer = self._call(endpoint, parameters)
        return answer

    def _call(self, endpoint: Callable[..., Answer[T]], parameters: dict[str, Any]) -> T:
        usable = self._usable
        try:
            answer = endpoint(transport_for(usable.open_id), access_token=usable.access_token, business_id=usable.open_id, **parameters)
        except Throttled as error:
            note_throttling(usable.open_id, error)
            raise
        self.calls.append(answer.call)
        return answer.value

    def _renew_token(self, *, force: bool = False) -> None:
        if force or self.connection.access_expires_at - clock.now() < _SOON:
            refresh.refresh(self.connection.pk)
            with scope.begin():
                self.connection = self._alive().first()
            if self.connection is None:
                raise Superseded
        self._usable = vault.access_token(self.connection)

    def _alive(self) -> ConnectionQuerySet:
        return Connection.objects.live().filter(pk=self.claim.ref, generation=self.generation)

    @contextmanager
    def writing(self) -> Iterator[int | None]:
        """One short transaction for what was fetched, its cursor and its origin. Yields the id of the last call."""
        with scope.begin():
            if self._alive().select_for_update(of=("self",), no_key=True).values_list("pk", flat=True).first() is None:
                raise Superseded
            jobs.renew(self.claim)
            yield self._note_calls()

    def _note_calls(self) -> int | None:
        rows = ApiCall.objects.bulk_create(
            ApiCall(
                workspace_id=self.connection.workspace_id,
                connection=self.connection,
                endpoint=call.endpoint,
                tiktok_request_id=call.request_id[:64],
                code=call.code,
                http_status=call.http_status,
                called_at=call.started_at,
                duration_ms=call.duration_ms,
            )
            for call in self.calls
        )
        self.calls.clear()
        return rows[-1].pk if rows else None

    def progress(self, kind: SyncRun.Kind, **values: Any) -> None:
        """Change what people see of one step. Call inside `writing()`."""
        SyncRun.objects.filter(connection=self.connection, kind=kind).update(**values)


Step = Callable[[Run], None]


def run(claim: Claim, steps: dict[SyncRun.Kind, Step], *, again_after: timedelta, then: Callable[[Run], None]) -> None:
    """Work through the steps of one claimed connection.

    `then` runs in the last transaction, after every step has had its turn. What failed is said on its SyncRun and tried again; what was
    asked for anew while the run was under way is due at once.
    """
    with scope.begin():
        connection = Connection.objects.live().filter(pk=claim.ref).first()
        if connection is None:
            jobs.finish(claim)
            return
    work = Run(connection, claim)
    retry_at: datetime | None = None
    try:
        for kind, step in steps.items():
            again = _one(work, kind, step)
            retry_at = min(filter(None, (retry_at, again)), default=None)
        with work.writing():
            then(work)
            if SyncRun.objects.filter(connection=connection, kind__in=list(steps), state=SyncRun.State.WAITING).exists():
                jobs.finish(claim, again_at=clock.now(), priority=jobs.Priority.INTERACTIVE)
            elif retry_at is not None:
                jobs.postpone(claim, until=retry_at)  # keeps count of the attempts, so that the pauses grow
            else:
                jobs.finish(claim, again_at=clock.now() + again_after)
    except (Superseded, jobs.ClaimLost):
        logger.info("sync dropped: superseded")
        _give_back(claim)
    except ReconnectNeeded as error:
        with scope.begin():
            actions.mark_broken(connection, reason=error.sentence)
        _give_back(claim)


def _give_back(claim: Claim) -> None:
    """A connection that was made anew meanwhile begins at once; of one that ended, the work is gone already."""
    with suppress(jobs.ClaimLost), scope.begin():
        jobs.postpone(claim, until=clock.now())


def _one(work: Run, kind: SyncRun.Kind, step: Step) -> datetime | None:
    """One step. Returns when to try again, None when it went well or will never."""
    with work.writing():
        row = SyncRun.objects.filter(connection=work.connection, kind=kind).first()
        if row is None or row.state == SyncRun.State.SKIPPED:
            return None
        if row.state == SyncRun.State.DONE and work.claim.attempt > 1:
            return None  # done before the pause that this run goes on after
        work.progress(kind, state=SyncRun.State.RUNNING, started_at=clock.now(), sentence="")
    try:
        step(work)
    except (ReconnectNeeded, Superseded, jobs.ClaimLost):
        raise
    except LimitReached as error:
        at = clock.now() + _pause(error, work.claim.attempt)
        _say(work, kind, SyncRun.State.RUNNING, error.sentence, at)
        return at
    except NotGranted as error:
        _say(work, kind, SyncRun.State.SKIPPED, error.sentence, None)
        return None
    except (TikTokError, KeyServiceError) as error:
        at = clock.now() + _pause(error, work.claim.attempt)
        _say(
            work, kind, SyncRun.State.FAILED, getattr(error, "sentence", "The key service does not answer. We try again by ourselves."), at
        )
        logger.warning("sync step failed: %s", error, extra={"facts": {"kind": kind, "connection": str(work.connection.pk)}})
        return at
    except Exception:
        # A mistake of ours must neither stop the other steps nor come round again with every lease.
        at = clock.now() + _AFTER_OUR_MISTAKE
        logger.exception("sync step broke", extra={"facts": {"kind": kind, "connection": str(work.connection.pk)}})
        _say(work, kind, SyncRun.State.FAILED, "Something went wrong on our side. It was noted, and we try again by ourselves.", at)
        return at
    with work.writing():
        now = clock.now()
        work.progress(kind, state=SyncRun.State.DONE, finished_at=now, last_success_at=now, cursor=None, sentence="", next_try_at=None)
    return None


def _say(work: Run, kind: SyncRun.Kind, state: str, sentence: str, next_try_at: datetime | None) -> None:
    with work.writing():
        work.progress(kind, state=state, sentence=sentence[:300], finished_at=clock.now(), next_try_at=next_try_at)


def _pause(error: Exception, attempt: int) -> timedelta:
    if isinstance(error, TryLater) and error.retry_after_seconds:
        return min(timedelta(seconds=error.retry_after_seconds), _LONGEST_PAUSE)
    if isinstance(error, Throttled):
        return timedelta(minutes=5)
    if isinstance(error, (TryLater, TokenExpired, KeyServiceError)):  # expired: another worker is just renewing the token
        return jobs.backoff(attempt)
    return _AFTER_OUR_MISTAKE  # or an answer we do not understand: repeating at once changes nothing
