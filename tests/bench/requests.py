"""Requests per second of one client that keeps its connection, each kind beside a view that does nothing on the same server."""

import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

from agency.local.browser import Browser
from tests.bench.figures import Figure
from tests.stack.ground import Ground
from tests.walk import ACCOUNT, WHO

COUNT = 400
CALLBACKS = 100


class Client:
    """One connection, kept. Cookies are those that it is given."""

    def __init__(self, url: str, cookies: str = "") -> None:
        parts = urlsplit(url)
        assert parts.hostname and parts.port
        self.connection = HTTPConnection(parts.hostname, parts.port, timeout=60)
        self.headers = {"Cookie": cookies} if cookies else {}

    def reconnect(self) -> None:
        """A fresh connection: the last one may have been idle for longer than the server keeps it."""
        self.connection.close()
        self.connection.connect()

    def get(self, path: str, expected: int = 200, **headers: str) -> int:
        """One request and its whole answer; how many bytes that had."""
        self.connection.request("GET", path, headers=self.headers | headers)
        answer = self.connection.getresponse()
        size = len(answer.read())
        assert answer.status == expected, f"{path}: {answer.status}"
        return size

    def per_second(self, path: str, expected: int = 200, *, count: int = COUNT, **headers: str) -> float:
        """The better of two rounds."""
        best = 0.0
        self.reconnect()
        for _ in range(2):
            for _ in range(20):
                self.get(path, expected, **headers)
            start = time.perf_counter()
            for _ in range(count):
                self.get(path, expected, **headers)
            best = max(best, count / (time.perf_counter() - start))
        return best


def measure(ground: Ground, report: str) -> list[Figure]:
    """Worker and beat rest meanwhile, so that only requests are measured."""
    browser = Browser(ground.stack.base_url)
    browser.sign_in(ground.people[WHO])
    ground.stack.children.stop("beat", "worker")
    try:
        cookies = "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items())
        stranger, member = Client(ground.stack.base_url), Client(ground.stack.base_url, cookies)
        empty = stranger.per_second("/empty")
        figures = [
            Figure("empty view, nobody signed in", empty, "requests/s"),
            _beside(empty, "empty view, signed in", member.per_second("/empty")),
            _beside(empty, "health", stranger.per_second("/healthz")),
            _beside(empty, "dashboard", member.per_second("/performance")),
            _beside(empty, "weekly report", member.per_second(report)),
            _beside(empty, "callback, forged", member.per_second("/tiktok/auth/callback?state=forged&code=forged", 400)),
            _beside(empty, "callback, whole", _callbacks(ground, browser, member), "exchange and profile at local TikTok included"),
        ]
    finally:
        browser.close()
        ground.stack.start("worker")
        ground.stack.start("beat")
    return figures


def _beside(empty: float, name: str, value: float, note: str = "") -> Figure:
    return Figure(name, value, "requests/s", f"{value / empty:.2f} of the empty view" + (f"; {note}" if note else ""))


def _callbacks(ground: Ground, browser: Browser, member: Client) -> float:
    """Only the callback's own time counts; the way to the consent page and through it does not."""
    ground.control("limits", enabled=False)
    ground.control("consent", account=ACCOUNT, auto=True)
    spent = 0.0
    for _ in range(CALLBACKS):
        address = _consented(browser)
        member.reconnect()
        start = time.perf_counter()
        member.get(address, 302)
        spent += time.perf_counter() - start
    ground.control("consent", auto=False)
    return CALLBACKS / spent


def _consented(browser: Browser) -> str:
    """Press Connect, consent, and stop before the callback."""
    page = browser.get("/settings/integrations")
    browser.http.follow_redirects = False
    try:
        consent = browser.submit(page, to="/settings/integrations/connect").headers["Location"]
        back = browser.get(consent).headers["Location"]
    finally:
        browser.http.follow_redirects = True
    parts = urlsplit(back)
    return f"{parts.path}?{parts.query}"
