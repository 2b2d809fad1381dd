"""What the audit row of a look by staff costs: the same page by the same person, with and without it, in turns.

Throughput is what a busy server answers, so several ask at once: while the disk writes the row of one look, the next is composed.
What one reader waits for stands beside it.
"""

import time
from concurrent.futures import ThreadPoolExecutor

from agency.local.browser import Browser
from tests.bench.figures import Figure
from tests.bench.requests import Client
from tests.stack.ground import Ground

WHO = "alex@logictarget.example"
TURNS = 5
EACH = 60
AT_ONCE = 4  # two for each of the web server's processes
UNAUDITED = {"X-Bench-Unaudited": "1"}


def measure(ground: Ground) -> list[Figure]:
    """Worker and beat rest; the best turn of each counts."""
    browser = Browser(ground.stack.base_url)
    browser.sign_in(ground.people[WHO])
    cookies = "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items())
    clients = [Client(ground.stack.base_url, cookies) for _ in range(AT_ONCE)]
    ground.stack.children.stop("beat", "worker")
    figures = []
    try:
        for path in ("/performance", "/reports"):
            figures += _beside(clients, path, f"{AT_ONCE} at once")
            figures += _beside(clients[:1], path, "one reader")
    finally:
        browser.close()
        ground.stack.start("worker")
        ground.stack.start("beat")
    return figures


def _beside(clients: list[Client], path: str, who: str) -> list[Figure]:
    audited = unaudited = 0.0
    for _ in range(TURNS):
        unaudited = max(unaudited, _per_second(clients, path, UNAUDITED))
        audited = max(audited, _per_second(clients, path, {}))
    return [
        Figure(f"{path} by staff, {who}, without its audit row", unaudited, "requests/s"),
        Figure(f"{path} by staff, {who}, with its audit row", audited, "requests/s", f"{audited / unaudited:.3f} of the line above"),
    ]


def _per_second(clients: list[Client], path: str, headers: dict[str, str]) -> float:
    """All of them together, after each has asked some times unmeasured."""

    def ask(client: Client, count: int) -> None:
        for _ in range(count):
            client.get(path, **headers)

    for client in clients:
        client.reconnect()
    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(lambda client: ask(client, 5), clients))
        start = time.perf_counter()
        list(pool.map(lambda client: ask(client, EACH), clients))
        return len(clients) * EACH / (time.perf_counter() - start)
