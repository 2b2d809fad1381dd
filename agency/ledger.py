"""What was erased, written down where neither the database nor its backups reach: a folder, or a bucket. Adds; never changes.

After a restore it says what must be erased again. It names nobody: an account stands in it as a keyed hash, and the key lies in the
keystore.
"""

import hashlib
import hmac
import json
import os
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import boto3
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from agency.keyring import data_key

_NAME = "deletions.jsonl"
_KEY = "ledger"


@dataclass(frozen=True)
class Entry:
    """One deletion that was carried out. `subject` is a keyed hash in hex, `at` ISO 8601."""

    subject: str
    reference: str
    at: str

    def as_line(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)


class Ledger(Protocol):
    """`add` has not returned before the entry survives a power cut."""

    def add(self, entry: Entry) -> None: ...

    def entries(self) -> list[Entry]: ...


class FolderLedger:
    """One file, a line per entry: appended, fsynced. The folder belongs on a disk that backups of the database do not hold."""

    def __init__(self, folder: str) -> None:
        self._path = Path(folder) / _NAME

    def add(self, entry: Entry) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, f"\n{entry.as_line()}\n".encode())  # after a power cut the line before may have no end
            os.fsync(handle)
        finally:
            os.close(handle)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def entries(self) -> list[Entry]:
        text = self._path.read_text() if self._path.exists() else ""
        return [Entry(**json.loads(line)) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]


class BucketLedger:
    """An object per entry, never written twice. With Object Lock on the bucket not even its owner can take one back."""

    def __init__(self, bucket: str, prefix: str, client: Any = None) -> None:
        self._bucket, self._prefix = bucket, f"{prefix.strip('/')}/deletions/".lstrip("/")
        self._client = client or boto3.session.Session().client("s3")

    def add(self, entry: Entry) -> None:
        name = f"{self._prefix}{entry.at}_{uuid4()}"
        self._client.put_object(Bucket=self._bucket, Key=name, Body=entry.as_line().encode(), IfNoneMatch="*")

    def entries(self) -> list[Entry]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        names = [held["Key"] for page in pages for held in page.get("Contents", [])]
        bodies = (self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read() for name in names)
        return [Entry(**json.loads(body)) for body in bodies]


def subject_hash(subject_id: UUID) -> str:
    """The name under which an account, or ad account, stands in the ledger. Talks to the key service: call it outside a transaction."""
    return hmac.digest(data_key(_KEY, create=True), str(subject_id).encode(), hashlib.sha256).hex()


def ledger_from(place: str) -> Ledger:
    """`s3://bucket/prefix`, or a folder."""
    parts = urlsplit(place)
    if parts.scheme == "s3" and parts.netloc:
        return BucketLedger(parts.netloc, parts.path)
    if parts.scheme:
        raise ImproperlyConfigured("AUDIT_ANCHORS must be a folder, or s3://bucket/prefix.")
    return FolderLedger(place)


@cache
def ledger() -> Ledger:
    """Beside the audit log's anchors."""
    return ledger_from(settings.AUDIT_ANCHORS)
