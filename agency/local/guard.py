"""Waits for the command that holds a folder to end, in whatever way, and ends what that command left running.

Its standard input is a pipe which nobody writes to: it closes when the other side is gone. It shares the lock on the folder, so a new
command starts only when this one has finished.
"""

import signal
import sys
from pathlib import Path

from agency.local.home import sweep


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    sweep(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
