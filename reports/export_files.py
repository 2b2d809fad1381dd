"""Long exports as files: asked for, made in the background, fetched, forgotten within a day.

A file is one row and sealed parts under a data key of its own. It is made in one transaction: a worker that dies leaves nothing, and what
is read is one moment's state. Destroying the key makes the parts unreadable in backups too, so it goes before the rows.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from django.core.cache import cache
from django.db import transaction
from django.http import Http404
from redis.exceptions import RedisError

from agency import audit, clock, exports, jobs, scope
from agency.exports import Asked, Form, Table
from agency.jobs import Claim
from agency.keyring import data_key, keyring
from agency.models import Membership
from agency.outlets.sheets import Cell
from agency.roles import Can
from agency.sealing import Binding, seal, unseal
from reports.exports import EXPORTS, MOST
from reports.models import ExportFile, ExportPart, export_key_ref

KEPT_FOR = timedelta(hours=24)
MOST_AT_ONCE = 5  # files that are being made for one person
MOST_TRIES = 3
_PART = 1_000_000
_TELL_EVERY = 2_000
_State = ExportFile.State


def ask(name: str, form: Form, asked: Asked, table: Table, *, by: Membership) -> ExportFile:
    """Have a file made. Asked twice, it is made once. Raises `NotPossible`."""
    if table.count > MOST[form]:
        other = " as CSV" if form == "xlsx" else ""
        raise exports.NotPossible(f"{table.what} are more than a file may hold ({MOST[form]:,}). Ask for fewer days{other}.")
    wanted = {key: value for key, value in asked.items() if key not in {"as", "workspace"}}
    digest = hashlib.sha256(json.dumps([name, form, wanted], sort_keys=True).encode()).hexdigest()
    with transaction.atomic():
        Membership.objects.select_for_update().get(pk=by.pk)  # two clicks at once come one after the other
        waiting = ExportFile.objects.visible_to(by).filter(state=_State.WAITING)
        same = waiting.filter(asked_hash=digest).first()
        if same is not None:
            return same
        if waiting.count() >= MOST_AT_ONCE:
            raise exports.NotPossible(f"{MOST_AT_ONCE} files are being made for you. Ask again when one of them is ready.")
        now = clock.now()
        file = ExportFile.objects.create(
            workspace_id=by.workspace_id,
            membership=by,
            name=name,
            form=form,
            asked=wanted,
            asked_hash=digest,
            title=table.title[:300],
            file_name=exports.file_name(table, form),
            row_count=table.count,
            asked_at=now,
            expires_at=now + KEPT_FOR,
        )
        jobs.put("export", file.pk, workspace_id=by.workspace_id, at=now, priority=jobs.Priority.INTERACTIVE)
        audit.record("export.asked", file, by=by, kind=name, count=table.count)
    return file


def work(claim: Claim) -> None:
    """Make the file, or forget it when its day is over. Called bound to the workspace, with no transaction open."""
    with scope.begin():
        file = ExportFile.objects.filter(pk=claim.ref).first()
        by = file and Membership.objects.select_related("workspace", "person").filter(pk=file.membership_id).first()
    if file is None:  # gone with its workspace's data; nothing may be left that opens it
        keyring().destroy(export_key_ref(claim.ref))
        with scope.begin():
            jobs.finish(claim)
    elif file.state != _State.WAITING or file.expires_at <= clock.now():
        forget(file, claim=claim)
    elif by is None or not all(by.as_role.can(right) for right in (Can.EXPORT, EXPORTS[file.name].needs)):
        fail(claim, "The access of whoever asked has ended.")
    elif claim.attempt > MOST_TRIES:
        fail(claim, "This file could not be made. Ask for fewer days, or tell us when it goes on.")
    else:
        try:
            _make(file, claim, by)
        except exports.NotPossible as error:
            fail(claim, str(error))
        except Http404:
            fail(claim, "What this was about is not here any more.")


def _make(file: ExportFile, claim: Claim, by: Membership) -> None:
    """In one transaction. The claim's row stays locked in it, and sweeps skip locked rows: nobody else begins while this goes on."""
    key = data_key(export_key_ref(file.pk), create=True)
    written = [0, 0]
    with scope.begin():
        jobs.renew(claim)
        table = EXPORTS[file.name].table(by, file.asked)
        counted = replace(table, rows=lambda: _counted(table.rows(), lambda n: _tell(file, n), written))
        number = 0
        for number, part in enumerate(_parts(exports.pieces(counted, file.form)), 1):
            written[1] += len(part)
            sealed = seal(key, _packed(part, file.form), _binding(file, number))
            ExportPart.objects.create(workspace_id=file.workspace_id, file=file, place=number, sealed=sealed)
        ExportFile.objects.filter(pk=file.pk).update(
            state=_State.DONE, made_at=clock.now(), row_count=written[0], byte_count=written[1], part_count=number
        )
        audit.record("export.made", file, by=None, kind=file.name, count=written[0])
        jobs.finish(claim, again_at=file.expires_at)


def fail(claim: Claim, sentence: str) -> None:
    """Say why there is no file. The row stays for its day, so that whoever asked can read it."""
    with scope.begin():
        file = ExportFile.objects.get(pk=claim.ref)
        ExportFile.objects.filter(pk=file.pk).update(state=_State.FAILED, sentence=sentence[:300])
        jobs.finish(claim, again_at=file.expires_at)


def _counted(rows: Iterable[Sequence[Cell]], tell: Callable[[int], None], written: list[int]) -> Iterator[Sequence[Cell]]:
    for row in rows:
        written[0] += 1
        if written[0] % _TELL_EVERY == 0:
            tell(written[0])
        yield row


def _tell(file: ExportFile, number: int) -> None:
    """How far it is, for whoever waits. Not in the database: there it could not be seen before the end."""
    try:
        cache.set(_progress_key(file), number, timeout=600)
    except RedisError:
        return  # the bar stands still; the file is made


def progress(file: ExportFile) -> int:
    """How many rows are written so far."""
    if file.state != _State.WAITING:
        return file.row_count
    try:
        return int(cache.get(_progress_key(file)) or 0)
    except RedisError:
        return 0


def _progress_key(file: ExportFile) -> str:
    return f"export:{file.workspace_id}:{file.pk}"


def _parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= _PART:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _packed(part: bytes, form: str) -> bytes:
    """CSV shrinks to a tenth; a workbook is packed already."""
    return zlib.compress(part, 1) if form == "csv" else part


def content(file: ExportFile, *, to: Membership) -> Iterator[bytes]:
    """The file's bytes. Each part is read in a transaction of its own: the answer is on its way when this runs."""
    for place in range(1, file.part_count + 1):
        key = data_key(export_key_ref(file.pk))
        with scope.inside(to.workspace_id, person_id=to.person_id):
            sealed = bytes(ExportPart.objects.values_list("sealed", flat=True).get(file_id=file.pk, place=place))
        part = unseal(key, sealed, _binding(file, place))
        yield zlib.decompress(part) if file.form == "csv" else part


def forget(file: ExportFile, *, claim: Claim | None = None, by: Membership | None = None) -> None:
    """The key first, then the rows: a process that dies in between leaves nothing that could be read."""
    keyring().destroy(export_key_ref(file.pk))
    with scope.inside(file.workspace_id):
        ExportFile.objects.filter(pk=file.pk).delete()
        if claim is not None:
            jobs.finish(claim)
        else:
            jobs.drop("export", ref=file.pk)
        if by is not None:
            audit.record("export.deleted", file, by=by, kind=file.name)


def _binding(file: ExportFile, place: int) -> Binding:
    return Binding(
        workspace=str(file.workspace_id), subject=str(file.pk), table="reports_exportpart", column="sealed", row=str(place), generation=0,
        purpose="export",
    )  # fmt: skip
