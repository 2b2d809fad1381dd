"""Everything we hold outside the database: prefixes in object stores, folders, names of keys in caches. What for, how long, how it goes.

A name that is not here fails the build: a test reads the code for them, and outside production the cache refuses a key of no declared
prefix. Nothing here asks the stores; privacy/places.py looks into them.
"""

import re
from dataclasses import dataclass
from typing import Literal

from django.conf import settings

Where = Literal["bucket", "folder", "cache", "shared", "queue"]
WHERE: dict[Where, str] = {
    "bucket": "Object store",
    "folder": "Folders",
    "cache": "Cache",
    "shared": "Shared counters",
    "queue": "Queue",
}


@dataclass(frozen=True)
class Store:
    """One prefix. `name` is how keys begin, `*` standing for an identifier; of a folder, the setting that names it."""

    where: Where
    name: str
    purpose: str
    kept: str
    goes: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """What keys of it look like."""
        return re.compile(re.escape(self.name).replace(r"\*", r"[^:]+"))


STORES: tuple[Store, ...] = (
    Store("bucket", "audit/", "Heads of the audit log's chain", "Kept; numbers and MACs", "Never; holds nothing about people"),
    Store("bucket", "deletions/", "What was erased, for replay after a restore", "Kept; keyed hashes", "Never; names nobody"),
    Store("folder", "AUDIT_ANCHORS", "The same two where there is no object store", "Kept", "Never; names nobody"),
    Store(
        "folder", "TOKEN_JOURNAL", "Sealed answers to token renewals, until they are saved", "Seconds", "When saved, or with the account"
    ),
    Store("folder", "BACKUP_FOLDER", "Encrypted backups", "35 days", "By age, their keys destroyed"),
    Store("folder", "MAIL_FOLDER", "Mails caught on a developer's machine; unset in production", "Until reset", "With the account"),
    Store("cache", "answering:", "Who is writing an answer in which thread", "A minute", "By expiry, or with the account"),
    Store("cache", "*:report-chart:", "A report's chart, drawn once for all its mails", "An hour", "By expiry, or with the account"),
    Store("cache", "*:report-tests:", "How many test mails somebody sent", "An hour", "By expiry"),
    Store("cache", "report-link:", "How often a shared link was opened; keyed hash", "A minute", "By expiry"),
    Store("cache", "export:", "How far a long export is", "10 minutes", "By expiry"),
    Store("cache", "allauth:rl:", "Tries at signing in, by network address or hash of an address", "An hour", "By expiry"),
    Store("cache", "allauth.mfa.totp.used?", "That a code of a second factor was used", "30 seconds", "By expiry"),
    Store("shared", "budget:", "TikTok's rate limits; keyed hashes of accounts", "A day", "By expiry, or with the account"),
    Store("shared", "breaker:", "Whether TikTok answers, by family of endpoints", "An hour", "By expiry"),
    Store("shared", "telemetry:", "Counts of what happened, by kind", "8 days", "By expiry; names nobody"),
    Store("shared", "wake:", "When a kind of work is looked at again", "Minutes", "By expiry; names nobody"),
    Store("shared", "alarms:", "Which alarms were told", "While they last", "When they are over; names nobody"),
    Store("queue", "interactive sync reports upkeep", "Messages: a workspace, a row, a key", "Seconds", "When a worker took them"),
)


def is_declared(where: Where, key: str) -> bool:
    """Whether a key begins as something on the list does."""
    return any(store.pattern.match(key) for store in STORES if store.where == where)


def cache_key(key: str, key_prefix: str, version: int) -> str:
    """What Django calls for every key of its cache. Raises LookupError outside production for one that nobody declared."""
    if not settings.PRODUCTION and not is_declared("cache", key):
        raise LookupError(f"{key!r} begins as no cache key in privacy/stores.py does. Declare its prefix there.")
    return f"{key_prefix}:{version}:{key}"
