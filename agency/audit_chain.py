"""The audit log's chain: one step after another over every committed row of the installation, and its anchor outside the database.

Nothing is chained while a row is written: writers would queue on one another until they commit, or a link would point past a
row that commits later. Each insert announces its row beside itself (a trigger, `AuditTail`); one sealer at a time takes what
has committed, adds a step per row, and writes the head down where the database cannot reach. What waits to be sealed stays
visible in the tail.

A step is never changed. A row that was announced and is gone gets its step all the same, over its absence, so that the gap
stays on record. What does not add up is told by agency/audit_verifier.py, which shares no code with this module.
"""

import hashlib
import hmac
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.db import connection, transaction

from agency import clock, scope
from agency.anchors import Anchor, anchors
from agency.audit import keys
from agency.models import AuditRow, AuditSeal, AuditTail

logger = logging.getLogger(__name__)
START = bytes(32)
BATCH = 2000
LATE = timedelta(minutes=1)
_ONE_SEALER = 0x617564697431  # an advisory lock of this database
_GONE = b"gone"


@dataclass(frozen=True)
class Standing:
    """Where the chain stands: how far it goes, and what waits behind it."""

    sealed_count: int
    waiting_count: int
    oldest_waiting: timedelta | None

    @property
    def is_late(self) -> bool:
        """Nobody seals any more: the sealer comes every few seconds."""
        return self.oldest_waiting is not None and self.oldest_waiting > LATE

    @property
    def oldest_waiting_minutes(self) -> int:
        return int((self.oldest_waiting or timedelta()).total_seconds() // 60)


def seal_all() -> int:
    """Seal everything that has committed, batch by batch, and anchor the head. Returns how many rows were sealed."""
    sealed = 0
    while (count := _seal_batch()) > 0:
        sealed += count
        if count < BATCH:
            break
    anchor_head()
    return sealed


def standing() -> Standing:
    """For pages and commands. The tail is short while the sealer lives; an old entry says that it does not."""
    last, first = AuditSeal.objects.order_by("-position").first(), AuditTail.objects.order_by("announced_at").first()
    age = clock.now() - first.announced_at if first else None
    return Standing(last.position if last else 0, AuditTail.objects.count(), age)


def _seal_batch() -> int:
    with transaction.atomic():
        if not _alone():
            return 0
        waiting = list(AuditTail.objects.order_by("row_id")[:BATCH])
        if not waiting:
            return 0
        macs = _macs_of(waiting)
        head = AuditSeal.objects.order_by("-position").first()
        position, mac, now, steps = (head.position, bytes(head.mac), clock.now(), []) if head else (0, START, clock.now(), [])
        for entry in waiting:
            position += 1
            mac = step(keys().chain, mac, position, entry.row_id, entry.workspace_id, macs.get(entry.row_id, _GONE))
            steps.append(AuditSeal(position=position, row_id=entry.row_id, workspace_id=entry.workspace_id, mac=mac, sealed_at=now))
        AuditSeal.objects.bulk_create(steps)
        AuditTail.objects.filter(row_id__in=[entry.row_id for entry in waiting]).delete()
    if missing := len(waiting) - len(macs):
        logger.error("audit rows are gone that were announced", extra={"facts": {"count": missing}})
    return len(waiting)


def _alone() -> bool:
    """Two sealers would both start from the same head, and the slower one's work be thrown away."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ONE_SEALER])
        return bool(cursor.fetchone()[0])


def _macs_of(waiting: list[AuditTail]) -> dict[int, bytes]:
    """The rows' own MACs, read workspace by workspace: the sealer sees no more at once than any other job."""
    found: dict[int, bytes] = {}
    for workspace_id, entries in groupby(sorted(waiting, key=attrgetter("workspace_id")), key=attrgetter("workspace_id")):
        with scope.inside(workspace_id):
            rows = AuditRow.objects.filter(pk__in=[entry.row_id for entry in entries]).values_list("pk", "mac")
            found |= {pk: bytes(mac) for pk, mac in rows}
    return found


def step(key: bytes, before: bytes, position: int, row_id: int, workspace_id: UUID, mac: bytes) -> bytes:
    """One link: the link before, the place, and the row at it."""
    content = before + position.to_bytes(8, "big") + row_id.to_bytes(8, "big") + workspace_id.bytes + mac
    return hmac.digest(key, content, hashlib.sha256)


def anchor_head() -> None:
    """Write the head down outside the database, after it has committed. An anchor that is there already is not written again.

    Stamped with the machine's own time: an anchor is evidence in the world outside, whatever week the platform lives in.

    A chain that is shorter than its anchor, or other than it, was cut or restored. It is said loudly and anchored all the same:
    the verifier keeps seeing both.
    """
    head = AuditSeal.objects.order_by("-position").first()
    last = anchors().last()
    if last is not None:
        held = AuditSeal.objects.filter(position=last.position).first()
        if held is None or bytes(held.mac).hex() != last.mac:
            logger.error("the audit log is not the one that was anchored", extra={"facts": {"anchored": last.position}})
    if head is not None and (last is None or (last.position, last.mac) != (head.position, bytes(head.mac).hex())):
        anchors().add(Anchor(head.position, bytes(head.mac).hex(), datetime.fromtimestamp(clock.real_timestamp(), UTC)))
