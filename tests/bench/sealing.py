"""What sealing and opening a token costs, the key already in memory."""

import secrets
import time
from collections.abc import Callable

from agency.sealing import Binding, seal, unseal
from tests.bench.figures import Figure

ROUNDS = 5
EACH = 5000


def measure() -> list[Figure]:
    """The best of five rounds, so that a busy machine counts for less."""
    key, token = secrets.token_bytes(32), secrets.token_urlsafe(53).encode()
    binding = Binding(
        workspace="w", subject="connection:c", table="integrations_connection", column="access_token_sealed", row="c", generation=1,
        purpose="token",
    )  # fmt: skip
    sealed = seal(key, token, binding)
    assert unseal(key, sealed, binding) == token
    return [
        Figure("seal", _microseconds(lambda: seal(key, token, binding)), "µs", f"{len(token)} bytes"),
        Figure("unseal", _microseconds(lambda: unseal(key, sealed, binding)), "µs"),
        Figure("what sealing adds", len(sealed) - len(token), "bytes"),
    ]


def _microseconds(act: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(EACH):
            act()
        best = min(best, (time.perf_counter() - start) / EACH)
    return best * 1e6
