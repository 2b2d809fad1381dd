"""What the audit row of a look by staff costs: the same page by the same person, with and without it, in turns."""

from agency.local.browser import Browser
from tests.bench.figures import Figure
from tests.bench.requests import Client
from tests.stack.ground import Ground

WHO = "alex@logictarget.example"
TURNS = 4
EACH = 150


def measure(ground: Ground) -> list[Figure]:
    """Worker and beat rest; the best turn of each counts."""
    browser = Browser(ground.stack.base_url)
    browser.sign_in(ground.people[WHO])
    cookies = "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items())
    client = Client(ground.stack.base_url, cookies)
    ground.stack.children.stop("beat", "worker")
    figures = []
    try:
        for path in ("/performance", "/reports"):
            audited = unaudited = 0.0
            for _ in range(TURNS):
                unaudited = max(unaudited, client.per_second(path, count=EACH, **{"X-Bench-Unaudited": "1"}))
                audited = max(audited, client.per_second(path, count=EACH))
            figures += [
                Figure(f"{path} by staff, without its audit row", unaudited, "requests/s"),
                Figure(f"{path} by staff, with its audit row", audited, "requests/s", f"{audited / unaudited:.3f} of the line above"),
            ]
    finally:
        browser.close()
        ground.stack.start("worker")
        ground.stack.start("beat")
    return figures
