"""Where the audit log's head is written down, out of the database's reach: a folder, or a bucket. Adds; never changes what is there."""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import boto3
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_LAST_BYTES = 4096
_END_OF_TIME = 10**15 - 1


@dataclass(frozen=True)
class Anchor:
    """The chain's head at a moment: how many steps, and the last one's MAC in hex."""

    position: int
    mac: str
    at: datetime

    def as_line(self) -> str:
        return json.dumps({"position": self.position, "mac": self.mac, "at": self.at.isoformat(timespec="seconds")})

    @classmethod
    def of(cls, line: str) -> "Anchor":
        held = json.loads(line)
        return cls(held["position"], held["mac"], datetime.fromisoformat(held["at"]))


class Anchors(Protocol):
    """`add` has not returned before the anchor survives a power cut."""

    def add(self, anchor: Anchor) -> None: ...

    def last(self) -> Anchor | None: ...

    def lines(self) -> list[str]: ...


class FolderAnchors:
    """A line per anchor, a file per month: appended, fsynced. The folder belongs on a disk that the database's host does not write."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def add(self, anchor: Anchor) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"audit-{anchor.at:%Y-%m}.jsonl"
        is_new = not path.exists()
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, f"\n{anchor.as_line()}\n".encode())  # after a power cut the line before may have no end
            os.fsync(handle)
        finally:
            os.close(handle)
        if is_new:
            self._keep_name()

    def _keep_name(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def last(self) -> Anchor | None:
        for path in reversed(self._files()):
            with path.open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - _LAST_BYTES))
                if whole := _whole_lines(file.read().decode()):
                    return Anchor.of(whole[-1])
        return None

    def lines(self) -> list[str]:
        return [line for path in self._files() for line in _whole_lines(path.read_text())]

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("audit-*.jsonl"))


def _whole_lines(text: str) -> list[str]:
    """A power cut may leave half a line, and reading from the middle of a file begins with one."""
    return [line for line in text.splitlines() if line.startswith("{") and line.endswith("}")]


class BucketAnchors:
    """An object per anchor, never written twice. With Object Lock on the bucket not even its owner can take one back.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """

    def __init__(self, bucket: str, prefix: str, client: Any = None) -> None:
        self._bucket, self._prefix = bucket, f"{prefix.strip('/')}/audit/".lstrip("/")
        self._client = client or boto3.session.Session().client("s3")

    def add(self, anchor: Anchor) -> None:
        # The name says it all, so that a listing is enough to read; it begins so that the newest comes first.
        before_the_end = _END_OF_TIME - int(anchor.at.timestamp() * 1000)
        name = f"{self._prefix}{before_the_end:015}_{anchor.position}_{anchor.mac}_{anchor.at:%Y%m%dT%H%M%S%z}"
        self._client.put_object(Bucket=self._bucket, Key=name, Body=anchor.as_line().encode(), IfNoneMatch="*")

    def last(self) -> Anchor | None:
        found = self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1).get("Contents", [])
        return self._named(found[0]["Key"]) if found else None

    def lines(self) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        return [self._named(entry["Key"]).as_line() for page in pages for entry in page.get("Contents", [])][::-1]

    def _named(self, name: str) -> Anchor:
        _order, position, mac, at = name.removeprefix(self._prefix).split("_")
        return Anchor(int(position), mac, datetime.strptime(at, "%Y%m%dT%H%M%S%z"))


def anchors_from(place: str) -> Anchors:
    """`s3://bucket/prefix`, or a folder."""
    parts = urlsplit(place)
    if parts.scheme == "s3" and parts.netloc:
        return BucketAnchors(parts.netloc, parts.path)
    if parts.scheme:
        raise ImproperlyConfigured("AUDIT_ANCHORS must be a folder, or s3://bucket/prefix.")
    return FolderAnchors(place)


@cache
def anchors() -> Anchors:
    """Where the settings say."""
    return anchors_from(settings.AUDIT_ANCHORS)
