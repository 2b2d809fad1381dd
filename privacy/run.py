"""A deletion run: look again whether it is still wanted, leave TikTok, erase, sweep, prove.

Every step is kept before the next one begins, so that a run goes on wherever it was stopped, and each step done twice changes nothing.
Rows go in small batches, each its own short transaction of the privacy role: nobody else waits for them. A run ends with a certificate, or
it fails and says where something is left; it never ends in between.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connections, transaction
from django.db.models import F, QuerySet

import community.erasure
from agency import address_book, audit, clock, jobs, ledger, scope
from agency.keyring import keyring
from agency.sealing import KeyDestroyed
from privacy import actions, beginning, certificates, closing, departing, holdings, subjects, sweep
from privacy.beginning import NotYet
from privacy.models import Certificate, DeletionRequest, DeletionRun, RunFinding
from privacy.places import places
from privacy.references import BOOK
from privacy.subjects import Subject

logger = logging.getLogger(__name__)
BATCH = 5_000
_LOOK_AHEAD = 50_000
_DB = "privacy"
QUEUE_PAUSE = timedelta(seconds=20)
_QUEUE_TRIES = 30
State = DeletionRun.State


@dataclass(frozen=True)
class Result:
    """How a run ended for now, and what it left behind where."""

    state: str
    left: tuple[str, ...] = ()


def carry_out(run_id: UUID, *, workspace_id: UUID, renew: Callable[[], None]) -> Result:
    """Do a run, or what is left of it. Runs in the bound workspace, outside transactions; `renew` says that the work goes on."""
    with scope.inside(workspace_id):
        run = DeletionRun.objects.filter(pk=run_id).first()
    if run is None or run.state in (State.DONE, State.DROPPED):
        return Result(run.state if run else State.DROPPED)
    if run.state == State.WAITING:
        if not beginning.is_wanted(run):
            return Result(State.DROPPED)
        beginning.leave(run)
        run = beginning.begin(run)
        if run.state != State.RUNNING:
            return Result(run.state)
    subject = _subject(run)
    if subject is not None:
        _erase(run, subject, renew)
        left = _sweep(run, subject, renew)
        if left:
            return _fail(run, left)
    _finish(run, subject)
    return Result(State.DONE)


def _subject(run: DeletionRun) -> Subject | None:
    """Whom it is about. None when there was nothing when it began."""
    if run.subject_sealed is None:
        return None
    try:
        return subjects.opened(run)
    except KeyDestroyed:  # the row came back with a backup, its key did not: look anew
        with scope.inside(run.workspace_id):
            return subjects.of_run(run)


# --- erase ----------------------------------------------------------------------------------------------------------------


def _erase(run: DeletionRun, subject: Subject, renew: Callable[[], None]) -> None:
    if run.of == DeletionRun.Of.COMMENTER:
        _leave_no_thread(run, subject, renew)
    elif subject.is_workspace:
        if changed := closing.redact(run.workspace_id):
            _note(run, "privacy: rows that stay", redacted=changed)
    elif subject.is_person:
        _redact(run, departing.redactors(subject), renew)
        departing.destroy_keys(subject)
    elif subject.ad_account_id is None:
        connection = subject.as_connection()
        of_apps = ((app, lambda limit, redact=redact: redact(connection, limit=limit)) for app, redact in holdings.redactors())
        _redact(run, of_apps, renew)
    for rows in _rows_of(run, subject):
        erase_rows(run, rows.using(_DB), renew)
    for place in places(subject):
        if count := place.erase(subject):
            _note(run, place.name, erased=count)
        renew()


def _redact(run: DeletionRun, redactors: Iterable[tuple[str, Callable[[int], int]]], renew: Callable[[], None]) -> None:
    """Each again and again, until it finds nothing more."""
    for place, redact in redactors:
        while changed := redact(BATCH):
            _note(run, f"{place}: rows that stay", redacted=changed)
            renew()


def _rows_of(run: DeletionRun, subject: Subject) -> Iterable[QuerySet]:
    if run.of == DeletionRun.Of.COMMENTER:
        return holdings.rows_of_commenter(subject.as_commenter())
    if subject.is_workspace:
        return closing.rows_of(run.workspace_id, run_id=run.pk)
    if subject.is_person:
        return departing.rows_of(subject)
    if subject.ad_account_id is None:
        return holdings.rows_of(subject.as_connection())
    return holdings.rows_of_ad_account(subject.as_connection(), UUID(subject.ad_account_id))


def _leave_no_thread(run: DeletionRun, subject: Subject, renew: Callable[[], None]) -> None:
    """Sync brings back nothing that a commenter said; what others said in their threads stays, on its own."""
    somebody = subject.as_commenter()
    with scope.inside(run.workspace_id):
        community.erasure.begin_forgetting(somebody)
    moved = BATCH
    while moved:
        with scope.inside(run.workspace_id):
            moved = community.erasure.pull_apart(somebody, limit=BATCH)
        renew()


def erase_rows(run: DeletionRun, rows: QuerySet, renew: Callable[[], None]) -> None:
    """Delete them in batches. Keys are read ahead, so that no batch walks over what the batches before it deleted."""
    table, pk = rows.model._meta.db_table, rows.model._meta.pk.column
    while keys := list(rows.order_by().values_list("pk", flat=True)[:_LOOK_AHEAD]):
        for batch in (keys[start : start + BATCH] for start in range(0, len(keys), BATCH)):
            with transaction.atomic(using=_DB), connections[_DB].cursor() as cursor:
                community.erasure.hold(rows, batch, run.workspace_id)
                cursor.execute(f'DELETE FROM "{table}" WHERE "{pk}" = ANY(%s)', [batch])  # noqa: S608  # nosec B608
                _note(run, table, erased=cursor.rowcount)
            renew()


def _note(run: DeletionRun, place: str, *, erased: int = 0, redacted: int = 0) -> None:
    """Count what went, in the same transaction in which it goes."""
    findings = RunFinding.objects.using(_DB)
    finding, _ = findings.get_or_create(workspace_id=run.workspace_id, run_id=run.pk, place=place)
    findings.filter(pk=finding.pk).update(erased_count=F("erased_count") + erased, redacted_count=F("redacted_count") + redacted)


# --- sweep ----------------------------------------------------------------------------------------------------------------


def _sweep(run: DeletionRun, subject: Subject, renew: Callable[[], None]) -> list[str]:
    """Look everywhere. Returns the places where something is left."""
    found: dict[str, int] = {}
    for table, count in _look(run, subject):
        found[table] = count
        renew()
    for place in places(subject):
        found[place.name] = place.left(subject)
        renew()
    if found.get("queue") and run.attempt_count < _QUEUE_TRIES:
        # A message that was on its way when the account ended is taken and dropped by a worker in its own time.
        with scope.inside(run.workspace_id):
            DeletionRun.objects.filter(pk=run.pk).update(attempt_count=F("attempt_count") + 1)
        raise NotYet(clock.now() + QUEUE_PAUSE)
    with scope.inside(run.workspace_id):
        RunFinding.objects.filter(run=run).update(left_count=0)
        for place, count in found.items():
            if count:
                RunFinding.objects.update_or_create(workspace_id=run.workspace_id, run=run, place=place, defaults={"left_count": count})
        DeletionRun.objects.filter(pk=run.pk).update(places_count=len(found), swept_at=clock.now())
    return sorted(place for place, count in found.items() if count)


def _look(run: DeletionRun, subject: Subject) -> Iterator[tuple[str, int]]:
    if subject.is_workspace:
        return closing.leftovers(run.workspace_id, run_id=run.pk)
    return sweep.person_leftovers(subject) if subject.is_person else sweep.leftovers(subject)


def _fail(run: DeletionRun, left: list[str]) -> Result:
    """Something is left. Nothing is signed; the privacy team is told, and the next night tries again."""
    sentence = f"Something is left in {', '.join(left)}."[:300]
    with scope.inside(run.workspace_id):
        DeletionRun.objects.filter(pk=run.pk).update(state=State.FAILED, sentence=sentence)
        audit.record("deletion.failed", run, by=None, count=len(left))
    logger.error("a deletion run left something behind", extra={"facts": {"run": str(run.pk), "places": left}})
    return Result(State.FAILED, tuple(left))


# --- prove ----------------------------------------------------------------------------------------------------------------


def _finish(run: DeletionRun, subject: Subject | None) -> None:
    """Sign, write into the ledger, and forget whom it was about; in this order, so that nothing is forgotten before it is kept."""
    with scope.inside(run.workspace_id):
        run.refresh_from_db()
        request = run.request
        findings = list(RunFinding.objects.filter(run=run))
        reference = request.reference if request else run.reference
    asked_at = request.created_at.replace(microsecond=0).isoformat() if request else None
    text = certificates.document(run, findings, reference=reference, asked_at=asked_at)
    signature, key_id = certificates.signature(text), certificates.key_id()
    if run.subject_id is not None:
        ledger.ledger().add(ledger.Entry(ledger.subject_hash(run.subject_id), reference, clock.now().isoformat(timespec="seconds")))
    with scope.inside(run.workspace_id):
        row = DeletionRun.objects.select_for_update().get(pk=run.pk)
        if row.state == State.DONE:
            return
        Certificate.objects.get_or_create(
            workspace_id=run.workspace_id,
            run=row,
            defaults={"document": text, "signature": signature, "key_id": key_id, "issued_at": clock.now()},
        )
        _forget(row)
        row.state, row.finished_at, row.sentence = State.DONE, clock.now(), ""
        row.subject_id = row.subject_sealed = None
        row.save(update_fields=("state", "finished_at", "sentence", "subject_id", "subject_sealed"))
        address_book.enter(BOOK, row.reference, workspace_id=row.workspace_id, ref=row.pk)
        audit.record("deletion.done", row, by=None, count=sum(f.erased_count + f.redacted_count for f in findings))
        jobs.put("deletion_mail", row.request_id or row.pk, workspace_id=row.workspace_id, at=clock.now())
    keyring().destroy(run.key_ref)


def _forget(run: DeletionRun) -> None:
    """Requests about the account keep their references and dates."""
    if run.of == DeletionRun.Of.PERSON and run.subject_id:
        departing.forget(run.subject_id)
    about = DeletionRequest.objects.filter(account_id=run.subject_id) if run.subject_id else DeletionRequest.objects.none()
    # Whoever asked was told the first time: after a restore nobody is again, and no mail would empty the address.
    emptied = {"identity_note": ""} | ({"contact": ""} if run.cause == DeletionRun.Cause.RESTORE else {})
    for request in [*about.open()]:
        DeletionRequest.objects.filter(pk=request.pk).update(account_id=None, account_name="", done_at=clock.now(), **emptied)
        actions.note_step(request, DeletionRequest.State.DONE, note="Everything is gone; the certificate is signed")
    about.update(account_id=None, account_name="", **emptied)
