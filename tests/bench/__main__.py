"""`python -m tests.bench`: every measurement, as a table and as .local/bench/*.json. Names of topics choose some of them."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.bench import auditing, campaigns, erasing, inbox, monday, newest, pages, paid, requests, sandbox, sealing, starting, syncing
from tests.bench.figures import FOLDER, Figure, keep, table
from tests.stack.ground import Ground, opened

Told = Callable[[str, list[Figure]], None]


@contextmanager
def compared(folder: Path) -> Iterator[Ground]:
    """A running stack whose web server has a view that does nothing."""
    with opened(folder) as ground:
        web = ground.stack.programs["web"]
        command = [word.replace("agency.wsgi:", "tests.bench.wsgi:") for word in web.command]
        ground.stack.children.stop("web")
        ground.stack.programs["web"] = replace(web, command=command)
        ground.stack.start("web")
        yield ground


def main(chosen: list[str]) -> int:
    """Everything, one after the other: nothing is measured beside something else."""

    def tell(topic: str, figures: list[Figure]) -> None:
        keep(topic, figures)
        print(table(topic, figures), flush=True)  # noqa: T201 - what the command is for

    if os.getloadavg()[0] > 0.5 * (os.cpu_count() or 1):
        print(f"This machine is busy (load {os.getloadavg()[0]:.1f}); the figures will say so.", flush=True)  # noqa: T201
    with tempfile.TemporaryDirectory(prefix="platform-bench-") as name:
        folder = Path(name)
        if not chosen or "sealing" in chosen:
            tell("sealing", sealing.measure())
        if not chosen or "sandbox" in chosen:
            tell("sandbox", sandbox.measure())
        if not chosen or "starting" in chosen:
            tell("starting", starting.measure(folder / "demo"))
        if not chosen or {"auditing", "campaigns", "requests", "syncing"} & set(chosen):
            with compared(folder / "stack") as ground:
                _running(ground, chosen, tell)
        if not chosen or "pages" in chosen:
            with compared(folder / "pages") as ground:
                syncing.first_figures(ground)
                tell("pages", pages.measure(ground))
        if not chosen or "erasing" in chosen:
            with opened(folder / "erasing") as ground:
                syncing.first_figures(ground)
                tell("erasing", erasing.measure(ground))
        if not chosen or "inbox" in chosen:
            with compared(folder / "inbox") as ground:
                tell("inbox", inbox.measure(ground))
        if not chosen or "paid" in chosen:
            _paid(folder / "paid", tell)
        if not chosen or "monday" in chosen:
            _monday(folder / "monday", tell)
        if not chosen or "newest" in chosen:
            _newest(folder / "newest", tell)
    print(f"Kept in {FOLDER}.")  # noqa: T201
    return 0


def _paid(folder: Path, tell: Told) -> None:
    with opened(folder) as ground:
        tell("paid", paid.measure(ground))


def _monday(folder: Path, tell: Told) -> None:
    with opened(folder) as ground:
        tell("monday", monday.measure(ground))


def _newest(folder: Path, tell: Told) -> None:
    with opened(folder) as ground:
        tell("newest", newest.measure(ground))


def _running(ground: Ground, chosen: list[str], tell: Told) -> None:
    figures, report = syncing.first_figures(ground)
    if not chosen or "requests" in chosen:
        tell("requests", requests.measure(ground, report))
    if not chosen or "auditing" in chosen:
        tell("auditing", auditing.measure(ground))
    if not chosen or "campaigns" in chosen:
        tell("campaigns", campaigns.measure(ground))
    if not chosen or "syncing" in chosen:
        tell("syncing", [*figures, *syncing.backfill(ground), *syncing.sandbox_alone(ground)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
