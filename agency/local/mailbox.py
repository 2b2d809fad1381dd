"""A mail server that delivers nothing: every accepted message becomes a file that a person or a test can read.

Answers 250 only when the file is safely on disk. Never passes a message on.
"""

import argparse
import os
import re
import secrets
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

SIZE_LIMIT = 30_000_000


@dataclass
class Handler:
    folder: Path
    refuse: Sequence[re.Pattern[str]] = field(default_factory=tuple)
    defer: Sequence[re.Pattern[str]] = field(default_factory=tuple)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if any(pattern.search(address) for pattern in self.refuse):
            return "550 5.1.1 No such mailbox"
        if any(pattern.search(address) for pattern in self.defer):
            return "451 4.2.1 Mailbox busy, try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        # As a real mailbox does it: who it was for stands in the envelope only, so it is written above the message.
        above = [f"Return-Path: <{envelope.mail_from or ''}>", *(f"Delivered-To: {address}" for address in envelope.rcpt_tos)]
        store(self.folder, "".join(f"{line}\r\n" for line in above).encode() + envelope.content)
        return "250 2.0.0 Stored"


def store(folder: Path, message: bytes) -> Path:
    """Write a message under its final name only when it is whole and on disk."""
    now = datetime.now(UTC)
    path = folder / f"{now:%Y%m%dT%H%M%S}.{now.microsecond:06d}Z-{secrets.token_hex(4)}.eml"
    draft = path.with_suffix(".part")
    with draft.open("xb") as file:
        file.write(message)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return path


def open_mailbox(folder: Path, port: int, *, host: str = "127.0.0.1", refuse: Sequence[str] = (), defer: Sequence[str] = ()) -> Controller:
    """A mail server in a thread of this process. The caller ends it with `.stop()`."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = Handler(folder, refuse=[re.compile(item) for item in refuse], defer=[re.compile(item) for item in defer])
    controller = Controller(handler, hostname=host, port=port, data_size_limit=SIZE_LIMIT, enable_SMTPUTF8=True, ident="local mail catcher")
    controller.start()
    return controller


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m agency.local.mailbox", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--refuse", action="append", default=[], metavar="PATTERN", help="answer 550 to addresses that match")
    parser.add_argument("--defer", action="append", default=[], metavar="PATTERN", help="answer 451 to addresses that match")
    chosen = parser.parse_args(arguments)
    # Blocked before any thread exists, so that they wait for sigwait below and nothing is lost half-way.
    endings = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, endings)
    controller = open_mailbox(chosen.folder, chosen.port, host=chosen.host, refuse=chosen.refuse, defer=chosen.defer)
    print(f"catching mail on {chosen.host}:{chosen.port} into {chosen.folder}", flush=True)
    print("ready", flush=True)
    signal.sigwait(endings)
    controller.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
