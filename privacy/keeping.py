"""Keeps the record of promises: looks at each in its turn, opens an incident for one that is not kept, and has the privacy team told."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import QuerySet
from redis.exceptions import RedisError

from agency import clock
from agency.key_service import KeyServiceError
from agency.models import Person
from privacy.models import Incident, PromiseCheck
from privacy.promises import PROMISES, Checked, Promise

logger = logging.getLogger(__name__)
DAYS = 30
STALE = timedelta(hours=2)
KEPT_FOR = timedelta(days=400)
Result = PromiseCheck.Result


def look_at_all(*, now_even_if_looked: bool = False) -> list[Incident]:
    """Look at every promise whose turn it is. Returns the incidents that nobody was told of yet."""
    now = clock.now()
    for promise in PROMISES.values():
        last = PromiseCheck.objects.filter(promise=promise.key).order_by("-at").first()
        if now_even_if_looked or last is None or now - last.at >= promise.every or last.at > now:
            _keep(promise, _look(promise), now)
    PromiseCheck.objects.filter(at__lt=now - KEPT_FOR).delete()
    return list(Incident.objects.filter(closed_at=None, told_at=None).exclude(promise=""))


def _look(promise: Promise) -> Checked:
    """A check that could not look has not found the promise kept."""
    try:
        return promise.look()
    except (DatabaseError, RedisError, KeyServiceError, OSError) as problem:
        logger.error("a promise could not be checked", extra={"facts": {"promise": promise.key, "error": type(problem).__name__}})
        return Checked(Result.UNKNOWN, f"Could not be looked at: {type(problem).__name__}")


def _keep(promise: Promise, found: Checked, now: datetime) -> None:
    # A day on which nothing changes is one row, looked at again and again.
    last = PromiseCheck.objects.filter(promise=promise.key).order_by("-at").first()
    evidence = found.evidence[:300]
    if last is not None and (last.result, last.evidence, last.at.date()) == (found.result, evidence, now.date()):
        PromiseCheck.objects.filter(pk=last.pk).update(at=now)
    else:
        PromiseCheck.objects.create(promise=promise.key, result=found.result, evidence=evidence, at=now)
    open_one = Incident.objects.filter(promise=promise.key, closed_at=None)
    if found.result == Result.BROKEN:
        open_one.exclude(mended_at=None).update(mended_at=None)
        if not open_one.exists():
            try:
                with transaction.atomic():
                    Incident.objects.create(title=f"Not kept: {promise.words}"[:200], promise=promise.key, opened_at=now)
            except IntegrityError:  # another look was quicker
                return
    elif found.result == Result.KEPT:
        open_one.filter(mended_at=None).update(mended_at=now)


def told(incidents: Iterable[Incident]) -> None:
    """The privacy team knows of these."""
    Incident.objects.filter(pk__in=[i.pk for i in incidents]).update(told_at=clock.now())


def close_incident(incident: Incident, *, by: Person, what: str) -> bool:
    """The privacy team says what it was. False when it was closed before."""
    return Incident.objects.filter(pk=incident.pk, closed_at=None).update(closed_at=clock.now(), closed_by=by, what=what) > 0


def open_incident(*, by: Person, title: str, what: str) -> Incident:
    """Something that no check found."""
    now = clock.now()
    return Incident.objects.create(title=title, what=what, opened_at=now, opened_by=by, told_at=now)


@dataclass(frozen=True)
class Mark:
    """One day of a promise."""

    day: date
    result: str


@dataclass(frozen=True)
class Standing:
    """A promise with its last look and its thirty days, oldest first."""

    promise: Promise
    result: str
    evidence: str
    at: datetime | None
    marks: tuple[Mark, ...]

    @property
    def said(self) -> str:
        """The thirty days in words."""
        kept = sum(m.result == Result.KEPT for m in self.marks)
        not_checked = sum(m.result == Result.UNKNOWN for m in self.marks)
        return f"Kept on {kept} of {DAYS} days" + (f", not checked on {not_checked}" if not_checked else "")


def standings() -> list[Standing]:
    """Every promise: what is not kept first, then what is not known. A look that is too old counts as none."""
    now = clock.now()
    days = [now.date() - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    found = []
    by_day: dict[tuple[str, date], str] = {}
    worse = {Result.KEPT.value: 1, Result.UNKNOWN.value: 0, Result.BROKEN.value: 2}
    rows = PromiseCheck.objects.filter(at__gte=now - timedelta(days=DAYS)).values_list("promise", "result", "at__date").distinct()
    for key, result, day in rows:
        held = by_day.get((key, day))
        if held is None or worse[result] > worse[held]:
            by_day[key, day] = result
    for promise in PROMISES.values():
        last = PromiseCheck.objects.filter(promise=promise.key).order_by("-at").first()
        is_fresh = last is not None and now - last.at < STALE
        found.append(
            Standing(
                promise=promise,
                result=last.result if last is not None and is_fresh else Result.UNKNOWN.value,
                evidence=last.evidence
                if last is not None and is_fresh
                else "Nobody has looked for two hours"
                if last
                else "Not looked at yet",
                at=last.at if last else None,
                marks=tuple(Mark(day, by_day.get((promise.key, day), Result.UNKNOWN.value)) for day in days),
            )
        )
    order = [Result.BROKEN.value, Result.UNKNOWN.value, Result.KEPT.value]
    return sorted(found, key=lambda s: order.index(s.result))


def evidence() -> QuerySet:
    """Every look that is kept: promise, result, evidence, time."""
    return PromiseCheck.objects.order_by("promise", "-at").values_list("promise", "result", "evidence", "at")


def incidents() -> QuerySet[Incident]:
    """All of them, newest first."""
    return Incident.objects.select_related("opened_by", "closed_by").order_by("-opened_at")
