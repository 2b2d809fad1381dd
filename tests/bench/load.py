"""A load generator that costs next to nothing: many requests at a time on raw sockets, answers counted and not read.

`python -m tests.bench.load PORT CONNECTIONS DEPTH SECONDS [CORE …]` takes requests, separated by NUL, from standard input and prints how
many good answers came in how many seconds. It measures a server of the tests on this machine, and nothing else.
"""

import os
import socket
import sys
import time

GOOD = b'{"code":0,"message":"OK"'
PATIENCE_SECONDS = 30


class Line:
    """One connection with so many requests under way."""

    def __init__(self, port: int, requests: list[bytes], depth: int, place: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.requests, self.depth, self.place, self.rest = requests, depth, place, b""

    def ask(self) -> None:
        """Send as many as may be under way."""
        self.socket.sendall(b"".join(self.requests[(self.place + number) % len(self.requests)] for number in range(self.depth)))
        self.place += self.depth

    def hear(self) -> int:
        """Wait until all of them are answered. A bad answer is none, and the wait for it ends the run."""
        found = 0
        while found < self.depth:
            text = self.rest + self.socket.recv(1 << 20)
            if len(text) == len(self.rest):
                raise SystemExit("the server hung up")
            found += text.count(GOOD)
            # The end may hold the beginning of a mark, and must not hold a whole one, which would count twice.
            self.rest = text[1 - len(GOOD) :]
        return found


def main(port: int, connections: int, depth: int, seconds: float, cores: set[int]) -> None:
    if cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)
    requests = sys.stdin.buffer.read().split(b"\0")
    lines = [Line(port, requests, depth, number * len(requests) // connections) for number in range(connections)]
    for line in lines:
        line.ask()
    answered, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        for line in lines:
            answered += line.hear()
            line.ask()
    print(answered, spent)  # noqa: T201 - what the command is for


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), {int(core) for core in sys.argv[5:]})
