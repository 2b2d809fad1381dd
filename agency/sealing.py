"""Sealing: the only place where values are encrypted and where data keys come from.

Owns the sealed format (AES-256-GCM with key commitment, bound to one cell of one row) and the ring of data keys, one per connection.
Never stores a data key unwrapped, never opens a value under a binding other than its own, never falls back to plaintext.
"""

import hmac
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from agency.key_service import (
    KEY_BYTES,
    AwsKmsService,
    DataKey,
    KeyFileService,
    KeyRefused,
    KeyService,
    KeyServiceError,
    KeyServiceMisconfigured,
    KeyServiceUnavailable,
    key_service_from,
    length_prefixed,
)

__all__ = [
    "OVERHEAD_BYTES",
    "AwsKmsService",
    "Binding",
    "CannotOpen",
    "KeyDestroyed",
    "KeyExists",
    "KeyFileService",
    "KeyRefused",
    "KeyService",
    "KeyServiceError",
    "KeyServiceMisconfigured",
    "KeyServiceUnavailable",
    "KeyStore",
    "Keyring",
    "key_service_from",
    "seal",
    "unseal",
]

_VERSION = b"\x01"
_LABEL = b"agency.sealing/1"
_SALT_BYTES = 32
_COMMITMENT_BYTES = 32
_TAG_BYTES = 16
_HEAD_BYTES = len(_VERSION) + _SALT_BYTES + _COMMITMENT_BYTES
_ZERO_NONCE = bytes(12)  # safe because every message has a key of its own, derived with a fresh salt

OVERHEAD_BYTES = _HEAD_BYTES + _TAG_BYTES
MAX_KEY_AGE_SECONDS = 300


@dataclass(frozen=True)
class Binding:
    """The one place where a sealed value may be opened. Moved to any other, it stays shut."""

    workspace: str
    subject: str
    table: str
    column: str
    row: str
    generation: int
    purpose: str

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is not field.type:
                raise TypeError(f"Binding.{field.name} is {field.type.__name__}, not {type(value).__name__}")

    def as_bytes(self) -> bytes:
        return length_prefixed(self.workspace, self.subject, self.table, self.column, self.row, str(self.generation), self.purpose)


class CannotOpen(Exception):
    """A sealed value did not open. Says where it lies and nothing of why, so that nobody can learn by trying."""

    def __init__(self, binding: Binding) -> None:
        self.table, self.column, self.row = binding.table, binding.column, binding.row
        super().__init__(f"cannot open {self.table}.{self.column} of row {self.row}")


def seal(data_key: bytes, plaintext: bytes, binding: Binding) -> bytes:
    """Version (1), salt (32), commitment (32), ciphertext, tag (16): 81 bytes more than the plaintext."""
    salt = os.urandom(_SALT_BYTES)
    key, commitment = _derive(data_key, salt)
    return _VERSION + salt + commitment + AESGCM(key).encrypt(_ZERO_NONCE, plaintext, binding.as_bytes())


def unseal(data_key: bytes, sealed: bytes, binding: Binding) -> bytes:
    """The plaintext, or CannotOpen. The data key must be of the right length; that mistake is ours and raises ValueError."""
    plaintext = _opened(data_key, bytes(sealed), binding.as_bytes())
    if plaintext is None:
        del data_key  # a traceback that prints locals must not print the key
        raise CannotOpen(binding)
    return plaintext


def _opened(data_key: bytes, sealed: bytes, associated: bytes) -> bytes | None:
    if len(sealed) < OVERHEAD_BYTES or sealed[:1] != _VERSION:
        return None
    salt = sealed[1 : 1 + _SALT_BYTES]
    key, commitment = _derive(data_key, salt)
    # Before decrypting: GCM alone lets one ciphertext open under two keys, the commitment does not.
    if not hmac.compare_digest(commitment, sealed[1 + _SALT_BYTES : _HEAD_BYTES]):
        return None
    try:
        return AESGCM(key).decrypt(_ZERO_NONCE, sealed[_HEAD_BYTES:], associated)
    except InvalidTag:
        return None


def _derive(data_key: bytes, salt: bytes) -> tuple[bytes, bytes]:
    if len(data_key) != KEY_BYTES:
        raise ValueError("a data key is 32 bytes long")
    material = HKDF(algorithm=SHA512(), length=KEY_BYTES + _COMMITMENT_BYTES, salt=salt, info=_LABEL).derive(data_key)
    return material[:KEY_BYTES], material[KEY_BYTES:]


class KeyExists(Exception):
    """A data key of this name exists already; overwriting it would make everything sealed under it unreadable."""


class KeyDestroyed(Exception):
    """There is no data key of this name: destroyed, or never made. What was sealed under it cannot be read again by anybody."""


class KeyStore(Protocol):
    """Where wrapped data keys lie, apart from the data they protect and with backups of its own.

    `put` adds and never overwrites: it raises KeyExists, decided by the store itself (a unique key), so that of two at once one fails.
    `destroy` answers whether there was one.
    """

    def put(self, ref: str, wrapped: bytes) -> None: ...

    def get(self, ref: str) -> bytes | None: ...

    def destroy(self, ref: str) -> bool: ...


class Keyring:
    """Data keys by name. Unwrapped keys stay in memory only, for at most five minutes from unwrapping, and only so many of them.

    Another process may hold a destroyed key for the rest of its five minutes; what must stop at once is stopped by the generation.
    """

    def __init__(self, service: KeyService, store: KeyStore, *, max_cached: int = 512, clock: Callable[[], float] = time.monotonic) -> None:
        self._service = service
        self._store = store
        self._max_cached = max_cached
        self._clock = clock
        self._lock = threading.Lock()  # around the cache only, never across a call to the service or the store
        self._cache: OrderedDict[str, tuple[float, DataKey]] = OrderedDict()  # oldest first, hence first to expire
        self._forgotten_count = 0

    def __repr__(self) -> str:
        return f"Keyring({self._service!r})"

    def create(self, ref: str) -> None:
        """Make the data key of a new subject. KeyExists when there is one."""
        if self._store.get(ref) is not None:
            raise KeyExists(ref)
        self._store.put(ref, self._service.wrap(DataKey(os.urandom(KEY_BYTES)), {"ref": ref}))

    def data_key(self, ref: str) -> bytes:
        """The data key to seal and unseal with. Do not keep it: ask again."""
        with self._lock:
            self._drop_expired()
            if ref in self._cache:
                return self._cache[ref][1]
            forgotten_count = self._forgotten_count
        key, unwrapped_at = self._unwrapped(ref), self._clock()
        with self._lock:
            # Somebody may have destroyed the key while it was being unwrapped: then it must not enter the cache.
            if self._forgotten_count == forgotten_count:
                self._cache.pop(ref, None)
                self._cache[ref] = (unwrapped_at, key)
                while len(self._cache) > self._max_cached:
                    self._cache.popitem(last=False)
        return key

    def destroy(self, ref: str) -> bool:
        """Make everything sealed under this key unreadable. True when there was a key."""
        try:
            return self._store.destroy(ref)
        finally:
            self.forget(ref)  # after the store, or a reader in between would put it back

    def forget(self, ref: str) -> None:
        """Drop the unwrapped key from this process; the wrapped one stays."""
        with self._lock:
            self._drop_expired()
            self._forgotten_count += 1
            self._cache.pop(ref, None)

    def _unwrapped(self, ref: str) -> DataKey:
        wrapped = self._store.get(ref)
        if wrapped is None:
            raise KeyDestroyed(ref)
        key = DataKey(self._service.unwrap(bytes(wrapped), {"ref": ref}))
        if len(key) != KEY_BYTES:
            raise KeyRefused("the key service gave back something that is not a data key")
        return key

    def _drop_expired(self) -> None:
        oldest_allowed = self._clock() - MAX_KEY_AGE_SECONDS
        while self._cache:
            ref, (unwrapped_at, _) = next(iter(self._cache.items()))
            if unwrapped_at > oldest_allowed:
                return
            del self._cache[ref]
