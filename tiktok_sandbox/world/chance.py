"""Repeatable chance: the same words give the same number on every machine. Never `random`, whose state depends on order."""

from collections.abc import Sequence
from hashlib import blake2b


def draw(*parts: object) -> int:
    """A 64-bit number that depends on the parts and on nothing else."""
    return int.from_bytes(blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest(), "big")


def between(low: int, high: int, *parts: object) -> int:
    """A whole number from low to high, both included."""
    return low + draw(*parts) % (high - low + 1)


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Cut a whole number into parts in proportion to the weights; the parts add up to the total exactly."""
    whole = sum(weights)
    parts, cut, reached = [], 0, 0
    for weight in weights:
        reached += weight
        here = total * reached // whole
        parts.append(here - cut)
        cut = here
    return parts
