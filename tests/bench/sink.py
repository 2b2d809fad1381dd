"""A mail server that takes everything and keeps nothing but counts, and one message to see how large they are.

`python -m tests.bench.sink --port 2525 --counts file`. The counts are written when it is asked to end, and whenever a second has passed.
"""

import argparse
import json
import signal
import time
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """Counts what it took."""

    def __init__(self, counts: Path) -> None:
        self.counts, self.taken, self.written_at, self.last = counts, 0, 0.0, b""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """The end of a message."""
        self.taken, self.last = self.taken + 1, bytes(envelope.content or b"")
        if time.monotonic() - self.written_at > 1:
            self.write()
        return "250 OK"

    def write(self) -> None:
        """Tell whoever measures."""
        self.written_at = time.monotonic()
        self.counts.with_suffix(".eml").write_bytes(self.last)
        self.counts.write_text(json.dumps({"taken": self.taken, "bytes": len(self.last)}))


def main() -> None:
    """Until a signal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--counts", type=Path, required=True)
    chosen = parser.parse_args()
    endings = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, endings)
    sink = Sink(chosen.counts)
    controller = Controller(sink, hostname="127.0.0.1", port=chosen.port, data_size_limit=1_000_000, enable_SMTPUTF8=True)
    controller.start()
    print("ready", flush=True)  # noqa: T201 - what the stack waits for
    signal.sigwait(endings)
    controller.stop()
    sink.write()


if __name__ == "__main__":
    main()
