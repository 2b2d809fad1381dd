"""Verifies the audit log from a plain export. Stands alone: it needs Python and nothing of the platform, and shares no code with it.

    python -m agency.audit_verifier <folder> <key file>

The folder holds `rows.jsonl`, `seals.jsonl` and `anchors.jsonl`, one JSON object a line; `manage.py export_audit` writes them.
The key file holds the installation's audit key in hex. What the log promises is checked here from its definition:

- every row's MAC fits what the row says, and no two rows share a reference;
- the seals are the steps 1, 2, 3, … of one chain, each over the step before, its place, and the row at it;
- every row has one step, or is younger than the tail may be; every step has its row;
- every anchor is the step it names, and the chain is not shorter than its last anchor.
"""

import hashlib
import hmac
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

TAIL = timedelta(minutes=5)  # how long a row may wait for its step; the sealer comes every few seconds
_START, _GONE = bytes(32), b"gone"
_SAID = ("ref", "workspace_id", "at", "verb", "subject_kind", "subject_id", "person_id", "role", "purpose", "facts")


@dataclass
class Report:
    """What was looked at, and what does not add up."""

    row_count: int = 0
    seal_count: int = 0
    anchor_count: int = 0
    waiting_count: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.findings


@dataclass(frozen=True)
class _Row:
    workspace: UUID
    mac: bytes
    at: datetime


def verify(
    rows: Iterable[Mapping[str, Any]],
    seals: Iterable[Mapping[str, Any]],
    anchors: Iterable[Mapping[str, Any]],
    *,
    key: bytes,
    now: datetime,
) -> Report:
    """Everything against everything. Rows in any order, seals by position."""
    report = Report()
    known = _check_rows(rows, hmac.digest(key, b"audit row", hashlib.sha256), report)
    chain, stepped = _check_seals(seals, known, hmac.digest(key, b"audit chain", hashlib.sha256), report)
    for number, row in known.items():
        if number not in stepped:
            report.waiting_count += 1
            if now - row.at > TAIL:
                report.findings.append(f"row {number} has no step in the chain and is older than rows wait")
    _check_anchors(anchors, chain, report)
    return report


def _check_rows(rows: Iterable[Mapping[str, Any]], key: bytes, report: Report) -> dict[int, _Row]:
    known: dict[int, _Row] = {}
    seen: dict[str, int] = {}
    for row in rows:
        number, mac = int(row["id"]), bytes.fromhex(row["mac"])
        report.row_count += 1
        text = json.dumps([row[name] or ({} if name == "facts" else "") for name in _SAID], sort_keys=True, separators=(",", ":"))
        if not hmac.compare_digest(mac, hmac.digest(key, text.encode(), hashlib.sha256)):
            report.findings.append(f"row {number} does not say what was written, or was not written by the platform")
        if (other := seen.setdefault(row["ref"], number)) != number:
            report.findings.append(f"row {number} is a copy of row {other}")
        if number in known:
            report.findings.append(f"row {number} is there twice")
        known[number] = _Row(UUID(row["workspace_id"]), mac, datetime.fromisoformat(row["at"]))
    return known


def _check_seals(
    seals: Iterable[Mapping[str, Any]], known: Mapping[int, _Row], key: bytes, report: Report
) -> tuple[dict[int, str], set[int]]:
    """Also after a break each step is checked against the one that stands before it, so that one edit is one finding."""
    before, place, chain, stepped = _START, 0, {}, set()
    for seal in seals:
        report.seal_count += 1
        position, number, workspace, mac = (
            int(seal["position"]),
            int(seal["row_id"]),
            UUID(seal["workspace_id"]),
            bytes.fromhex(seal["mac"]),
        )
        if position != place + 1:
            report.findings.append(f"after step {place} comes step {position}")
        row = known.get(number)
        if row is None:
            report.findings.append(f"row {number} of step {position} is gone")
        elif row.workspace != workspace:
            report.findings.append(f"row {number} of step {position} belonged to another workspace")
        if number in stepped:
            report.findings.append(f"row {number} has a second step, {position}")
        sealed = row.mac if row else _GONE
        if not hmac.compare_digest(mac, _step(key, before, position, number, workspace, sealed)) and row is not None:
            report.findings.append(f"step {position} does not fit the step before it and row {number}")
        stepped.add(number)
        chain[position] = mac.hex()
        before, place = mac, position
    return chain, stepped


def _step(key: bytes, before: bytes, position: int, row: int, workspace: UUID, mac: bytes) -> bytes:
    return hmac.digest(key, before + position.to_bytes(8, "big") + row.to_bytes(8, "big") + workspace.bytes + mac, hashlib.sha256)


def _check_anchors(anchors: Iterable[Mapping[str, Any]], chain: Mapping[int, str], report: Report) -> None:
    last = max(chain, default=0)
    for anchor in anchors:
        report.anchor_count += 1
        position = int(anchor["position"])
        if position > last:
            report.findings.append(f"the chain ends at step {last}; step {position} was anchored at {anchor['at']}")
        elif chain.get(position) != anchor["mac"]:
            report.findings.append(f"step {position} is not the one that was anchored at {anchor['at']}")
    if chain and not report.anchor_count:
        report.findings.append("there is no anchor: whether the chain was cut cannot be known")


def _lines(path: Path) -> Iterable[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def main(arguments: list[str]) -> int:
    """0 when everything adds up, 1 when not, 2 when it could not be looked at."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m agency.audit_verifier <folder of the export> <file with the audit key in hex>\n")
        return 2
    folder, key_file = map(Path, arguments)
    try:
        key = bytes.fromhex(key_file.read_text().strip())
        parts = [_lines(folder / f"{name}.jsonl") for name in ("rows", "seals", "anchors")]
        report = verify(*parts, key=key, now=datetime.now(UTC))
    except (OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"the export cannot be read: {error!r}\n")
        return 2
    sys.stdout.write(summary(report) + "\n")
    return 0 if report.is_whole else 1


def summary(report: Report) -> str:
    """For people: one line of counts, then what was found."""
    verdict = "everything adds up." if report.is_whole else f"{len(report.findings):,} findings."
    numbers = {"rows": report.row_count, "steps": report.seal_count, "anchors": report.anchor_count, "waiting": report.waiting_count}
    head = f"{', '.join(f'{count:,} {name}' for name, count in numbers.items())}: {verdict}"
    return "\n".join([head, *(f"- {finding}" for finding in report.findings[:50])])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
