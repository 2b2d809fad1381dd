"""What a measurement is, how it is shown, and where it is kept."""

import json
import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from agency.local.home import PROJECT

FOLDER = PROJECT / ".local" / "bench"


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    name: str
    value: float
    unit: str
    note: str = ""


def keep(topic: str, figures: list[Figure]) -> None:
    """Write one topic's figures with what they were measured on."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    content = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "system": platform.platform(),
            "processors": os.cpu_count(),
            "python": platform.python_version(),
            "load_before": os.getloadavg()[0],
        },
        "figures": [asdict(figure) for figure in figures],
    }
    (FOLDER / f"{topic}.json").write_text(json.dumps(content, indent=1) + "\n")


def table(topic: str, figures: list[Figure]) -> str:
    """For people."""
    lines = [topic]
    for figure in figures:
        number = f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:,.2f}"
        lines.append(f"  {figure.name:<46} {number:>10} {figure.unit:<14} {figure.note}".rstrip())
    return "\n".join(lines)
