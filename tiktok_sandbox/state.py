"""What survives a restart when a state file is asked for: consents, anchor week, clock. The log, faults and codes do not."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tiktok_sandbox.clock import write_atomically

FORMAT = 1


@dataclass(frozen=True, slots=True)
class State:
    seed: int
    anchor: int
    scaled_accounts: int
    scaled_posts: int
    offset_seconds: float
    grants: list[dict[str, Any]]


def read_state(file: Path | None) -> State | None:
    """None when there is nothing to go on from. A file that cannot be read is an error, never a fresh start."""
    if file is None or not file.exists():
        return None
    kept = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(kept, dict) or kept.pop("format", None) != FORMAT:
        raise ValueError(f"{file}: not a state file of this version")
    return State(**kept)


def write_state(file: Path, state: State) -> None:
    write_atomically(file, json.dumps({"format": FORMAT, **asdict(state)}))
