"""What survives a restart when a state file is asked for: consents, anchor week, clock. The log, faults and codes do not."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tiktok_sandbox.clock import write_atomically

FORMAT = 1


class BadState(Exception):
    """There is a state file, but nothing in it to go on from. Starting afresh would lose consents without a word."""


@dataclass(frozen=True, slots=True)
class State:
    seed: int
    anchor: int
    offset_seconds: float
    grants: list[dict[str, Any]]
    scaled_accounts: int = 0
    scaled_posts: int = 0
    scaled_ads: int = 0
    advertiser_grants: list[dict[str, Any]] = field(default_factory=list)
    writes: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)  # moment, path, body


def read_state(file: Path | None) -> State | None:
    """What was kept, or None when nothing was; raises BadState for a file that is none of ours."""
    if file is None or not file.exists():
        return None
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        if kept.pop("format") == FORMAT:
            return State(**kept)
    except (AttributeError, KeyError, TypeError, ValueError):
        pass
    raise BadState(f"{file} is not a state file of this version. Name another with --state-file, or remove it.")


def write_state(file: Path, state: State) -> None:
    write_atomically(file, json.dumps({"format": FORMAT, **asdict(state)}))
