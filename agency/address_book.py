"""Finds the workspace of what arrives without one. Holds keyed hashes and ids; never content."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from agency import clock
from agency.models import AddressBook


@dataclass(frozen=True)
class Entry:
    """Where something belongs."""

    workspace_id: UUID
    ref: UUID
    is_live: bool


def hash_of(kind: str, value: str) -> bytes:
    """The keyed hash under which a value is filed. Without the application's secret it cannot be guessed or joined."""
    key = hmac.digest(settings.SECRET_KEY.encode(), b"address-book:" + kind.encode(), hashlib.sha256)
    return hmac.digest(key, value.encode(), hashlib.sha256)


def enter(kind: str, value: str, *, workspace_id: UUID, ref: UUID) -> None:
    """File a value. Filing it again for the same workspace points it to the new row, which is live."""
    values = {"ref": ref, "is_live": True, "created_at": clock.now()}
    AddressBook.objects.update_or_create(kind=kind, keyed_hash=hash_of(kind, value), workspace_id=workspace_id, defaults=values)


def find(kind: str, value: str) -> list[Entry]:
    """All entries for a value, oldest first."""
    found = AddressBook.objects.filter(kind=kind, keyed_hash=hash_of(kind, value)).order_by("id")
    return [Entry(row.workspace_id, row.ref, row.is_live) for row in found]


def mark(kind: str, *, ref: UUID, is_live: bool) -> None:
    """Note that a row stopped working, or works again. It is found either way."""
    AddressBook.objects.filter(kind=kind, ref=ref).update(is_live=is_live)


def strike(kind: str, *, ref: UUID) -> None:
    """Take a row's entries out."""
    AddressBook.objects.filter(kind=kind, ref=ref).delete()


def strike_older(kind: str, *, workspace_id: UUID, than: datetime) -> None:
    """Take a workspace's entries out that are older than that, whether or not what they led to is still there."""
    AddressBook.objects.filter(kind=kind, workspace_id=workspace_id, created_at__lte=than).delete()


def oldest(kind: str, *, workspace_id: UUID) -> datetime | None:
    """When the oldest of a workspace's entries was made."""
    found = AddressBook.objects.filter(kind=kind, workspace_id=workspace_id).order_by("created_at")
    return found.values_list("created_at", flat=True).first()


def same(given: str, expected: str) -> bool:
    """Compare two secrets in constant time, whatever was given."""
    return hmac.compare_digest(given.encode(), expected.encode())
