"""Pages that ask again and again whether something has come."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Route

from tests.browser.conftest import sign_in
from tests.browser.pages import IRIS

ASKS = """() => {
  const asks = document.createElement("div");
  asks.setAttribute("hx-get", "/performance/steps?connected=lumenandoak");
  asks.setAttribute("hx-trigger", "every 200ms");
  document.getElementById("main").append(asks);
  htmx.process(asks);
}"""


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context()
    yield context
    context.close()


def test_who_is_on_the_way_to_another_page_is_not_called_back(demo: dict[str, Any], context: BrowserContext) -> None:
    base = demo["base_url"]
    page = context.new_page()
    sign_in(page, demo, IRIS)
    page.goto(f"{base}/settings/people")
    held: dict[str, Route] = {}
    called_back: list[str] = []

    def hold(route: Route) -> None:
        held[urlsplit(route.request.url).path] = route

    page.route("**/performance/steps*", hold)
    page.route("**/settings/integrations", hold)
    page.on("request", lambda request: called_back.append(request.url) if request.url == f"{base}/performance" else None)
    with page.expect_request("**/performance/steps*"):
        page.evaluate(ASKS)
    with page.expect_request("**/settings/integrations"):
        page.evaluate("() => { setTimeout(() => { location.href = '/settings/integrations' }) }")
    with page.expect_event("requestfinished", lambda request: "/performance/steps" in request.url):
        held["/performance/steps"].fulfill(status=200, body="All read.", headers={"HX-Redirect": "/performance"})
    held["/settings/integrations"].continue_()
    page.wait_for_url(f"{base}/settings/integrations")
    assert called_back == []


def test_who_stays_sees_what_has_come(demo: dict[str, Any], context: BrowserContext) -> None:
    page = context.new_page()
    sign_in(page, demo, IRIS)
    page.goto(f"{demo['base_url']}/settings/people")
    page.route("**/performance/steps*", lambda route: route.fulfill(status=200, body="", headers={"HX-Redirect": "/performance"}))
    page.evaluate(ASKS)
    page.wait_for_url(f"{demo['base_url']}/performance")
