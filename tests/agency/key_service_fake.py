"""A key service in memory that fails on demand. It keeps the contract of the real ones, so it may stand in for them in any test."""

import os
from collections.abc import Mapping

from agency.key_service import KeyRefused, KeyServiceError


class FakeKeyService:
    """`fail_with(error)` makes every call fail until `recover()`; `calls` lists what was asked, without keys."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, str]]] = []
        self._wrapped: dict[bytes, tuple[bytes, dict[str, str]]] = {}
        self._failure: KeyServiceError | None = None

    def fail_with(self, error: KeyServiceError) -> None:
        self._failure = error

    def recover(self) -> None:
        self._failure = None

    def wrap(self, data_key: bytes, context: Mapping[str, str]) -> bytes:
        self._called("wrap", context)
        wrapped = os.urandom(48)
        self._wrapped[wrapped] = (bytes(data_key), dict(context))
        return wrapped

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        self._called("unwrap", context)
        data_key, wrapped_under = self._wrapped.get(bytes(wrapped), (b"", None))
        if wrapped_under != dict(context):
            raise KeyRefused("the fake does not know this wrapping under this context")
        return data_key

    def _called(self, operation: str, context: Mapping[str, str]) -> None:
        self.calls.append((operation, dict(context)))
        if self._failure is not None:
            raise self._failure
