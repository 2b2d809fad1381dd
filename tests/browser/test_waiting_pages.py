"""Pages that ask again and again whether something has come."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Route

from tests.browser.conftest import sign_in
from tests.browser.pages import MAYA


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context()
    yield context
    context.close()


def test_who_stays_sees_what_has_come(demo: dict[str, Any], context: BrowserContext) -> None:
    base = demo["base_url"]
    page = context.new_page()
    sign_in(page, demo, MAYA)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/performance/steps*", hold, times=1)
    with page.expect_request("**/performance/steps*"):
        page.goto(f"{base}/performance?connected=brassorbit3")
    page.evaluate("() => { window.here = 'still' }")
    assert page.locator("section[aria-label=Connected]").count() == 1
    held[0].continue_()
    page.wait_for_url(f"{base}/performance")
    page.locator("section[aria-label=Connected]").wait_for(state="detached")
    assert page.evaluate("() => window.here") == "still", "the page went somewhere by itself"
    assert page.locator("h1").all_inner_texts() == ["Performance"]
    assert page.locator("main").count() == 1
    assert page.locator("[role=slider]").first.get_attribute("aria-valuetext"), "the chart is not enlivened"


def test_who_is_on_the_way_to_another_page_is_not_called_back(demo: dict[str, Any], context: BrowserContext) -> None:
    base = demo["base_url"]
    page = context.new_page()
    sign_in(page, demo, MAYA)
    held: dict[str, Route] = {}
    went: list[str] = []

    def hold(route: Route) -> None:
        held[urlsplit(route.request.url).path] = route

    page.route("**/performance/steps*", hold)
    page.route("**/settings/integrations", hold)
    with page.expect_request("**/performance/steps*"):
        page.goto(f"{base}/performance?connected=brassorbit3")
    page.on("framenavigated", lambda frame: went.append(frame.url))
    with page.expect_request("**/settings/integrations"):
        page.evaluate("() => { setTimeout(() => { location.href = '/settings/integrations' }) }")
    with page.expect_event("requestfinished", lambda request: "/performance/steps" in request.url):
        held["/performance/steps"].continue_()
    held["/settings/integrations"].continue_()
    page.wait_for_url(f"{base}/settings/integrations")
    assert went == [f"{base}/settings/integrations"]
