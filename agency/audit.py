"""The audit log's one entrance. A row is written in the transaction of the act or look it tells of; if it fails, that fails.

Every row carries a MAC over its content under a key that the database does not hold, so a row that was written or changed behind
the platform's back is known by itself. Order and completeness are sealed a moment later by agency/audit_chain.py.
"""

import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.db import models

from agency import clock, scope
from agency.keyring import data_key
from agency.models import AuditRow, AuditSubject, Membership, Person
from agency.secret import DOTS

# What a row may say beside who, what and when. Never content, names, tokens or addresses.
FACTS = frozenset({"scopes_granted", "generation", "outcome", "role", "count", "week", "kind", "reason", "tiktok_answered"})
READ = "page.read"
# Subjects that can be erased while the rows about them stay: they are named by a hash under a salt that is destroyed with them.
UNLINKABLE = frozenset({"connection"})
_SALT_BYTES = 32
_KEY = "audit"


@dataclass(frozen=True, repr=False)
class Keys:
    """One key for what a row says, another for where it stands; both from the installation's audit key."""

    row: bytes
    chain: bytes

    def __repr__(self) -> str:
        return f"Keys({DOTS})"


@cache
def keys() -> Keys:
    """Kept for the life of the process, unlike keys that open something: forgetting it would put the key service into every act."""
    root = root_key()
    return Keys(row=hmac.digest(root, b"audit row", hashlib.sha256), chain=hmac.digest(root, b"audit chain", hashlib.sha256))


def root_key() -> bytes:
    """The installation's audit key, from which the verifier derives the others by itself."""
    return data_key(_KEY, create=True)


def record(verb: str, subject: models.Model, *, by: Person | Membership | None, **facts: Any) -> None:
    """Write one row in the open scope. `by=None` is the platform itself."""
    _write(verb, subject._meta.model_name or "", str(subject.pk), by, facts)


def record_read(page: str, *, by: Membership, of: str = "", ref: str = "", week: str = "") -> None:
    """Write that a member was shown something: a page, or a mail; about the workspace, or about one object, named by kind and id."""
    facts = {"kind": page} | ({"week": week} if week else {})
    _write(READ, of or "workspace", ref or str(by.workspace_id), by, facts)


def _write(verb: str, kind: str, ref: str, by: Person | Membership | None, facts: dict[str, Any]) -> None:
    strange = facts.keys() - FACTS
    if strange:
        raise ValueError(f"Not on the audit log's list of facts: {', '.join(sorted(strange))}.")
    here = scope.current()
    if here is None or here.workspace_id is None:
        raise scope.UnscopedQuery("An audit row needs the scope of the workspace it belongs to.")
    member = by if isinstance(by, Membership) else None
    if kind in UNLINKABLE:
        ref = _salted(here.workspace_id, ref)
    row = AuditRow(
        workspace_id=here.workspace_id,
        ref=uuid4(),
        at=clock.now(),
        verb=verb,
        subject_kind=kind,
        subject_id=ref,
        person_id=member.person_id if member else getattr(by, "pk", None),
        role=member.role if member else "",
        purpose=member.purpose if member else "",
        facts=facts,
    )
    row.mac = mac_of(row)
    row.save(force_insert=True)


def _salted(workspace_id: UUID, ref: str) -> str:
    subject, _ = AuditSubject.objects.get_or_create(id=ref, workspace_id=workspace_id, defaults={"salt": os.urandom(_SALT_BYTES)})
    return _hash(subject)


def _hash(subject: AuditSubject) -> str:
    return hmac.digest(bytes(subject.salt), str(subject.pk).encode(), hashlib.sha256).hex()


def names_of(ref: str) -> tuple[str, ...]:
    """Everything under which one thing of the open workspace stands in the log: its id, and its hash while its salt exists."""
    try:
        subject = AuditSubject.objects.filter(pk=UUID(ref)).first()
    except ValueError:
        subject = None
    return (ref, _hash(subject)) if subject else (ref,)


def mac_of(row: AuditRow) -> bytes:
    """The MAC over everything a row says; its number is the database's and is sealed with its place in the chain."""
    said = [str(row.ref), str(row.workspace_id), row.at.isoformat(timespec="microseconds"), row.verb, row.subject_kind, row.subject_id]
    said += [_id(row.person_id), row.role, row.purpose, row.facts]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hmac.digest(keys().row, text.encode(), hashlib.sha256)


def _id(value: UUID | None) -> str:
    return "" if value is None else str(value)
