"""Every page in Chromium: no accessibility violation, nothing on the console, nothing fetched from elsewhere, no sideways scroll.

CHAOS=long looks at both schemes in each width.
"""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import confirm, sign_in
from tests.browser.looking import Watched, address_name
from tests.browser.pages import ALEX, MAYA, NOBODY, OPENED

PATIENCE_SECONDS = 120


def leading_from(watched: Watched, on: str, pattern: str) -> str:
    """The address behind a page's first link of this form. What the demo still fetches is waited for, load by load."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        watched.page.goto(watched.base + on)
        found = re.search(f'href="({pattern})["?]', watched.page.content().replace("&amp;", "&"))
        if found:
            return found[1]
    raise AssertionError(f"{on} leads to {pattern}")


@pytest.mark.parametrize("who", dict.fromkeys(visit.who for visit in OPENED), ids=lambda who: who.split("@")[0] or "nobody")
def test_pages_are_clean(demo: dict[str, Any], chromium: Browser, who: str) -> None:
    context = chromium.new_context()
    watched = Watched.in_context(context, demo)
    if who != NOBODY:
        sign_in(watched.page, demo, who)
    problems = []
    for visit in (v for v in OPENED if v.who == who):
        path = visit.path
        if visit.on:
            path = leading_from(watched, visit.on, visit.path)
        if visit.asks_again:
            watched.page.goto(watched.base + path)
            confirm(watched.page, demo, who)
        problems += watched.open(path, refuses=visit.refuses)
        assert address_name(watched.path) == visit.name, f"{path} leads to {watched.path}"
    context.close()
    assert problems == []


def test_what_does_not_exist_is_said_cleanly(demo: dict[str, Any], chromium: Browser) -> None:
    context = chromium.new_context()
    assert Watched.in_context(context, demo).open("/nothing-here", refuses=True) == []
    context.close()


def test_everything_works_without_script(demo: dict[str, Any], chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, demo, MAYA)
    page.goto(demo["base_url"] + "/performance")
    page.click("summary:has-text('Show as table')")
    assert page.is_visible("table:has-text('Views')")
    page.goto(demo["base_url"] + "/settings/integrations")
    page.click("button:has-text('Refresh now')")
    page.wait_for_selector("text=Refreshing @brassorbit3")
    context.close()


def test_staff_switch_workspaces_from_the_keyboard(demo: dict[str, Any], chromium: Browser) -> None:
    context = chromium.new_context()
    page = context.new_page()
    sign_in(page, demo, ALEX)
    page.goto(demo["base_url"] + "/performance?workspace=brass-studio")
    page.focus("summary:has-text('Brass Studio')")
    page.keyboard.press("Enter")
    page.focus("button:has-text('Logic Target in-house')")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=@moontideco2")
    context.close()
