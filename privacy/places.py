"""Places outside the database where an account might have left something: caches, the queue, journals, caught mails, keys.

Each place takes away what it can and counts what is left. A place that cannot be looked at fails the run: a skipped step is a failure.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Protocol

import redis
from django.conf import settings

from agency.keyring import key_refs, keyring
from privacy.subjects import Subject


class Place(Protocol):
    """`erase` returns how many things it took away, `left` how many still name the account."""

    name: str

    def erase(self, subject: Subject) -> int: ...

    def left(self, subject: Subject) -> int: ...


class Keys:
    """The keystore: destroying keys makes what was sealed under them unreadable, in backups too."""

    name = "keystore"

    def erase(self, subject: Subject) -> int:
        return sum(keyring().destroy(ref) for ref in self._refs(subject))

    def left(self, subject: Subject) -> int:
        return len(self._refs(subject))

    def _refs(self, subject: Subject) -> list[str]:
        if subject.ad_account_id:
            return []
        return [*key_refs(f"connection:{subject.connection_id}:"), *(ref for name in subject.keys for ref in key_refs(name))]


class RedisPlace:
    """One database of Redis: names of keys and everything in them. The queue is only looked at; its messages are gone within minutes."""

    def __init__(self, name: str, url: str, *, may_delete: bool = True) -> None:
        self.name, self._url, self._may_delete = name, url, may_delete

    def erase(self, subject: Subject) -> int:
        if not self._may_delete:
            return 0
        client = redis.Redis.from_url(self._url)
        found = list(self._naming(client, subject))
        return sum(client.delete(key) for key in found)

    def left(self, subject: Subject) -> int:
        return sum(1 for _ in self._naming(redis.Redis.from_url(self._url), subject))

    def _naming(self, client: redis.Redis, subject: Subject) -> Iterator[bytes]:
        looks = _looker(subject)
        for key in client.scan_iter(count=1000):
            if looks.search(key) or any(looks.search(part) for part in _parts(client, key)):
                yield key


def _parts(client: redis.Redis, key: bytes) -> Iterator[bytes]:
    kind = client.type(key)
    if kind == b"string":
        yield client.get(key) or b""
    elif kind == b"list":
        yield from client.lrange(key, 0, -1)
    elif kind == b"hash":
        for name, value in client.hscan_iter(key):
            yield name
            yield value
    elif kind == b"set":
        yield from client.sscan_iter(key)
    elif kind == b"zset":
        yield from (member for member, _ in client.zscan_iter(key))


class Journal:
    """Answers to token renewals that wait to be saved, a file per connection."""

    name = "token journal"

    def erase(self, subject: Subject) -> int:
        found = list(self._files(subject))
        for path in found:
            path.unlink(missing_ok=True)
        return len(found)

    def left(self, subject: Subject) -> int:
        return sum(1 for _ in self._files(subject))

    def _files(self, subject: Subject) -> Iterator[Path]:
        looks = _looker(subject)
        for path in sorted(Path(settings.TOKEN_JOURNAL).glob("*")):
            is_journal = path.is_file() and not path.name.startswith(("audit-", "deletions"))
            if is_journal and (looks.search(path.name.encode()) or looks.search(path.read_bytes())):
                yield path


class CaughtMails:
    """Mails that the demo's catcher keeps. In production there is no such folder: a mail that left is with whoever got it."""

    name = "caught mails"

    def erase(self, subject: Subject) -> int:
        found = list(self._files(subject))
        for path in found:
            path.unlink(missing_ok=True)
        return len(found)

    def left(self, subject: Subject) -> int:
        return sum(1 for _ in self._files(subject))

    def _files(self, subject: Subject) -> Iterator[Path]:
        looks = _looker(subject)
        for path in sorted(Path(settings.MAIL_FOLDER).glob("*.eml")):
            if any(looks.search(text) for text in _read(path)):
                yield path


def _read(path: Path) -> Iterator[bytes]:
    """Everything a mail says, decoded."""
    raw = path.read_bytes()
    yield raw
    letter = message_from_bytes(raw, policy=policy.default)
    yield "\n".join(map(str, letter.values())).encode()
    for part in letter.walk():
        if not part.is_multipart():
            yield part.get_payload(decode=True) or b""


def places(subject: Subject) -> list[Place]:
    """Every place outside the database where it may have left something. Of a workspace those that hold content: messages in the queue
    name it by the id that its audit rows keep, and lead to nothing any more."""
    if subject.is_workspace:
        return [Keys(), RedisPlace("cache", settings.CACHES["default"]["LOCATION"])]
    found: list[Place] = [
        Keys(),
        RedisPlace("cache", settings.CACHES["default"]["LOCATION"]),
        RedisPlace("rate budget", settings.RATE_URL),
        RedisPlace("queue", settings.CELERY_BROKER_URL, may_delete=False),
        Journal(),
    ]
    return [*found, CaughtMails()] if settings.MAIL_FOLDER else found


def _looker(subject: Subject) -> re.Pattern[bytes]:
    return re.compile(subject.pattern.encode(), re.IGNORECASE)
