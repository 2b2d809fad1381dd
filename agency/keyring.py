"""The process's keyring: the key service named in the settings, and the keystore database. Owns the wiring; never seals."""

from functools import cache

from django.conf import settings
from django.db import IntegrityError

from agency import clock
from agency.keystore.models import WrappedKey
from agency.sealing import KeyDestroyed, KeyExists, Keyring, key_service_from


class DatabaseKeyStore:
    """Wrapped keys as rows of the keystore database, each write its own transaction."""

    def put(self, ref: str, wrapped: bytes) -> None:
        try:
            WrappedKey.objects.create(ref=ref, wrapped=wrapped, created_at=clock.now())
        except IntegrityError:
            raise KeyExists(ref) from None

    def get(self, ref: str) -> bytes | None:
        row = WrappedKey.objects.filter(ref=ref).values_list("wrapped", flat=True).first()
        return None if row is None else bytes(row)

    def destroy(self, ref: str) -> bool:
        return WrappedKey.objects.filter(ref=ref).delete()[0] > 0


def key_refs(prefix: str) -> list[str]:
    """Names of the keys that exist and begin so."""
    return list(WrappedKey.objects.filter(ref__startswith=prefix).values_list("ref", flat=True))


@cache
def keyring() -> Keyring:
    """One per process; data keys stay in memory for at most five minutes."""
    return Keyring(key_service_from(settings.KEY_SERVICE), DatabaseKeyStore())


def data_key(ref: str, *, create: bool = False) -> bytes:
    """The data key under `ref`. With `create`, a missing one is made; two at once end up with the same."""
    try:
        return keyring().data_key(ref)
    except KeyDestroyed:
        if not create:
            raise
    try:
        keyring().create(ref)
    except KeyExists:
        keyring().forget(ref)
    return keyring().data_key(ref)
