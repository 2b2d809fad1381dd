"""Plants each hole in a copy of the project and runs the tests that have to notice. Ends with 1 when fewer are found than must be.

python -m tests.holes              all of them
python -m tests.holes door seed    those with one of these words in their name
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from agency.local.servers import embedded_servers
from tests.holes.listed import HOLES, Hole

PROJECT = Path(__file__).resolve().parents[2]
MAY_ESCAPE = 1
FAILED = 1  # what pytest says when tests ran and one of them failed


def copy_of_project(place: Path) -> Path:
    """Every file that belongs to it, without history, environment and caches."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=PROJECT, capture_output=True, check=True
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (PROJECT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, place / name)
    return place


def run(place: Path, tests: list[str], servers: dict[str, str]) -> tuple[int, str]:
    """What pytest ends with there, and its last line. Without servers it starts its own and migrates from nothing."""
    command = [sys.executable, "-m", "pytest", "-x", "-n", "0", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, cwd=place, env=os.environ | servers, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    return done.returncode, lines[-1] if lines else done.stderr.strip()[-200:]


def is_found(place: Path, hole: Hole, servers: dict[str, str]) -> tuple[bool, str]:
    """Break it, look, and mend it again. What migrations make is made anew, everything else meets a database that stands."""
    if "/migrations/" in hole.file or hole.file == "agency/database/policies.py":
        servers = {}
    path = place / hole.file
    whole = path.read_text()
    broken = whole
    for old, new in hole.edits:
        broken = broken.replace(old, new)
    path.write_text(broken)
    try:
        code, said = run(place, list(hole.tests), servers)
    finally:
        path.write_text(whole)
    return code == FAILED, said


def main() -> int:
    """All, or those named."""
    wanted = [hole for hole in HOLES if not sys.argv[1:] or any(word in hole.name for word in sys.argv[1:])]
    with tempfile.TemporaryDirectory(prefix="holes-") as folder, embedded_servers(Path(folder) / "servers", durable=False) as servers:
        place = copy_of_project(Path(folder) / "project")
        code, said = run(place, sorted({test for hole in wanted for test in hole.tests}), servers.environment)
        print(f"whole       {said}", flush=True)
        if code != 0:
            print("The tests do not pass as they are: nothing can be said about holes.")
            return 1
        found = 0
        for hole in wanted:
            began = time.monotonic()
            is_caught, said = is_found(place, hole, servers.environment)
            found += is_caught
            print(f"{'found   ' if is_caught else 'ESCAPED '} {time.monotonic() - began:5.0f} s  {hole.name}: {said}", flush=True)
    print(f"{found} of {len(wanted)} found.")
    return 0 if found >= len(wanted) - MAY_ESCAPE else 1


if __name__ == "__main__":
    sys.exit(main())
