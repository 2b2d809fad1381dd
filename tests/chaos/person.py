"""A person whose platform breaks under their hands: reloads, presses again, and does not give up. Knows pages only.

Waits by looking again with a bound, never by sleeping for a guessed time.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx

from agency.local.browser import Browser, Unexpected
from tests.walk import WHO, Walk

T = TypeVar("T")
PATIENCE_SECONDS = 90
LOOK_EVERY_SECONDS = 0.05


def until(look: Callable[[], T | None], what: str, seconds: float = PATIENCE_SECONDS) -> T:
    """Look until there is something to see."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"Not within {seconds:.0f} s: {what}.")
        time.sleep(LOOK_EVERY_SECONDS)


class PatientBrowser(Browser):
    """Reloads a page that did not come or says that something went wrong. Never sends a form twice by itself."""

    def get(self, path: str, **kwargs: Any) -> httpx.Response:
        """Open an address, as often as it takes."""

        def look() -> httpx.Response | None:
            try:
                page = self.http.get(path, **kwargs)
            except httpx.TransportError:
                return None
            return page if page.status_code < 500 else None

        return until(look, f"{path} opens")


class Person(Walk):
    """The walk, by somebody patient. What the walk expects of figures and mails stays as strict."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(environment)
        self.browser.close()
        self.browser = PatientBrowser(environment["APP_URL"])

    def close(self) -> None:
        """End."""
        self.browser.close()
        self.sandbox.close()

    def sign_in(self) -> None:
        """Again, until it works."""
        until(lambda: self.try_once(lambda: self.browser.sign_in(self.people[WHO])), "signed in")

    def connect_account(self, account: str) -> None:
        """Press Connect, unless the page says by now that an account is connected."""

        def press() -> None:
            if not self.is_connected():
                self.browser.connect(account)

        until(lambda: self.try_once(press) and self.is_connected(), f"@{account} is connected")

    def disconnect_account(self, account: str) -> None:
        """Press Disconnect, unless the page says by now that it is done."""

        def press() -> None:
            if self.is_connected():
                self.browser.submit(self.browser.get("/settings/integrations"), to="/disconnect")

        until(lambda: self.try_once(press) and not self.is_connected(), f"@{account} is disconnected")

    def is_connected(self) -> bool:
        """Whether the page offers to disconnect. The account's name may still be missing there."""
        return "/disconnect" in self.browser.get("/settings/integrations").text

    @staticmethod
    def try_once(attempt: Callable[[], object]) -> bool:
        """Whether it worked as far as a person can tell."""
        try:
            attempt()
        except (Unexpected, httpx.TransportError):
            return False
        return True
