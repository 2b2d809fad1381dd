"""A running demo and Chromium, for tests that look at pages as people do."""

import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from agency.local.browser import totp
from agency.local.stack import Stack

ARGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
expect.set_options(timeout=30_000)  # as long as everything else in Playwright waits: five seconds pass on a busy machine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without Chromium these tests cannot run; `make test` says in one line how to get it."""
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(
                    pytest.mark.skip(reason="no Chromium on this machine: apt-get install chromium, or brew install --cask chromium")
                )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What stood on the pages when a test failed."""
    report = yield
    context = item.funcargs.get("context") if call.when == "call" and report.failed else None  # type: ignore[attr-defined]
    for page in context.pages if context else ():
        with suppress(Error):
            report.sections.append((page.url, page.inner_text("body", timeout=1000)[:3000]))
    return report


@pytest.fixture(scope="package")  # closed with its tests: an idle platform still takes some of the processors
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The whole platform with its two connected accounts, and the facts a script needs."""
    folder: Path = tmp_path_factory.mktemp("demo")
    clean = {k: v for k, v in os.environ.items() if not k.endswith("_URL") and not k.startswith(("TIKTOK_", "KEY_", "CLOCK_", "TOKEN_"))}
    stack = Stack(folder, show=lambda name, line: None, durable=False, given=clean)
    try:
        stack.open()
        yield stack.facts()
    finally:
        stack.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's browser. Closed with its module: Playwright keeps an event loop running, in which Django refuses to use the database."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


_kept: dict[tuple[str, str], list[Any]] = {}  # cookies of who has signed in already, by demo and address
_used: dict[str, str] = {}  # the last code of each secret: none is taken twice


def follow(page: Page, what: str) -> None:
    """Press what leads to another page, and be there: the press alone comes back before the browser has left the old one, now and then."""
    with page.expect_navigation():
        page.click(what)


def sign_in(page: Page, demo: dict[str, Any], email: str) -> None:
    """As a person does; on a second time as one does whose browser still holds the session."""
    kept = demo["base_url"], email
    if cookies := _kept.get(kept):
        page.context.add_cookies(cookies)
        page.goto(demo["base_url"] + "/")
        if urlsplit(page.url).path not in {"/", "/sign-in"}:
            return
        page.context.clear_cookies()
    person = next(p for p in demo["people"] if p["email"] == email)
    page.goto(demo["base_url"] + "/sign-in")
    page.fill("[name=login]", email)
    page.fill("[name=password]", person["password"])
    follow(page, "main button[type=submit]")
    for _ in range(2):  # a second time where the half minute of the first code ended on the way
        if urlsplit(page.url).path == "/two-factor/code":
            page.fill("[name=code]", _fresh_code(page, person["totp_secret"]))
            follow(page, "main button[type=submit]")
    assert not {"sign-in", "two-factor"} & set(urlsplit(page.url).path.split("/")), page.url
    _kept[kept] = page.context.cookies()


def _fresh_code(page: Page, secret: str) -> str:
    """One that was not used yet, even if that is the next half minute's."""
    while (code := totp(secret)) == _used.get(secret):
        page.wait_for_timeout(200)
    _used[secret] = code
    return code


def confirm(page: Page, demo: dict[str, Any], email: str) -> None:
    """Where a page asks for the password again, unless it was given a moment ago."""
    if "/sign-in/again" in page.url:
        page.fill("[name=password]", next(p["password"] for p in demo["people"] if p["email"] == email))
        follow(page, "main button[type=submit]")
