"""What survives a restart when a state file is asked for: consents, anchor week, clock. The log, faults and codes do not."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tiktok_sandbox.clock import write_atomically

FORMAT = 1


@dataclass(frozen=True, slots=True)
class State:
    seed: int
    anchor: int
    offset_seconds: float
    dump_grants: Callable[[], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class KeptState:
    seed: int
    anchor: int
    offset_seconds: float
    grants: list[dict[str, Any]]


def read_state(file: Path | None) -> KeptState | None:
    """None when there is nothing to go on from. A file that cannot be read is an error, not a fresh start."""
    if file is None or not file.exists():
        return None
    kept = json.loads(file.read_text(encoding="utf-8"))
    if kept.get("format") != FORMAT:
        raise ValueError(f"{file}: not a state file of this version")
    return KeptState(kept["seed"], kept["anchor"], kept["offset_seconds"], kept["grants"])


def write_state(file: Path | None, state: State) -> None:
    if file is not None:
        kept = {
            "format": FORMAT,
            "seed": state.seed,
            "anchor": state.anchor,
            "offset_seconds": state.offset_seconds,
            "grants": state.dump_grants(),
        }
        write_atomically(file, json.dumps(kept))
