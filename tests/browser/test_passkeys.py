"""A passkey in a real browser: Chromium with a virtual device adds one, signs in with it, and confirms with it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.cache import cache
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.db import connections
from playwright.sync_api import Page, sync_playwright

from agency.local.home import free_port
from tests.browser.conftest import ARGS, CHROMIUM, follow
from tests.browser.looking import Watched, leads_to
from tests.integrations.conftest import empty_databases
from tests.people import PASSWORD, Cast, make_cast


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal."""


class Server(ThreadedWSGIServer):
    """A thread for each connection: a browser opens some ahead, and says nothing on them for a while."""

    daemon_threads = False  # the end waits for them


@contextmanager
def serving(port: int) -> Iterator[None]:
    """The platform in a thread; passkeys need a name for a host, which 127.0.0.1 is not."""
    server = make_server("127.0.0.1", port, StaticFilesHandler(get_wsgi_application()), server_class=Server, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def people(django_db_setup: None, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Cast, str]]:
    """The cast in committed rows, and the address where the platform answers."""
    address = f"http://localhost:{(port := free_port())}"
    for name, value in {"APP_URL": address, "APP_HOST": f"localhost:{port}", "ALLOWED_HOSTS": ["localhost"]}.items():
        monkeypatch.setattr(settings, name, value)
    cache.clear()
    with django_db_blocker.unblock():
        try:
            cast = make_cast()
            connections.close_all()
            with serving(port):
                yield cast, address
        finally:
            connections.close_all()
            empty_databases()


@pytest.fixture
def page(people: tuple[Cast, str]) -> Iterator[Page]:
    """A browser with a device that verifies its owner."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        tab = browser.new_context().new_page()
        tools = tab.context.new_cdp_session(tab)
        tools.send("WebAuthn.enable")
        device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
        tools.send("WebAuthn.addVirtualAuthenticator", {"options": device | {"automaticPresenceSimulation": True}})
        yield tab
        browser.close()


def with_password(page: Page, address: str, email: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    follow(page, "role=button[name='Sign in's]")


def add_passkey(page: Page, address: str) -> None:
    page.goto(f"{address}/two-factor/passkeys/add")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url("**/two-factor/codes")


@leads_to("mfa_list_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn", "mfa_reauthenticate_webauthn")
def test_pages_about_passkeys_are_clean(people: tuple[Cast, str], page: Page) -> None:
    _, address = people
    watched = Watched(page, address, address)
    with_password(page, address, "viewer@brass.example")
    problems = watched.open("/two-factor/passkeys")
    add_passkey(page, address)
    problems += watched.open("/two-factor/passkeys")
    key = page.locator("a[href$='/name']").first.get_attribute("href")
    for path in (str(key), str(key).removesuffix("name") + "remove", "/two-factor/passkey/again"):
        problems += watched.open(path)
    assert problems == []


def test_a_passkey_is_added_and_signs_in_by_itself(people: tuple[Cast, str], page: Page) -> None:
    _, address = people
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    with_password(page, address, "viewer@brass.example")
    add_passkey(page, address)
    page.goto(f"{address}/two-factor/passkeys")
    assert page.locator("strong", has_text="Chrome on Linux").count() == 1
    page.context.clear_cookies()
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/performance")
    assert said == []


def test_after_the_password_and_when_asked_again_the_passkey_is_enough(people: tuple[Cast, str], page: Page) -> None:
    _, address = people
    with_password(page, address, "viewer@brass.example")
    add_passkey(page, address)
    page.context.clear_cookies()
    with_password(page, address, "viewer@brass.example")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/performance")
    page.goto(f"{address}/two-factor/passkey/again?next=/reports")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/reports")


def test_a_device_without_a_passkey_says_so_and_the_page_goes_on(people: tuple[Cast, str], page: Page) -> None:
    _, address = people
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("alert").get_by_text("The browser did not hand over a passkey.").wait_for()
    with_password(page, address, "viewer@brass.example")
    page.wait_for_url("**/performance")
