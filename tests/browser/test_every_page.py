"""Every page in Chromium: no accessibility violation, nothing on the console, nothing fetched from elsewhere, no sideways scroll."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import sign_in
from tests.browser.looking import WIDTHS_AND_SCHEMES, Watched

MAYA, ALEX = "maya@brassstudio.example", "alex@logictarget.example"
PUBLIC_PAGES = ("/tiktok-api", "/walkthrough", "/privacy-policy", "/terms", "/glossary", "/security")
SIGNED_OUT = (*PUBLIC_PAGES, "/sign-in", "/password/reset", "/password/reset/sent", "/nothing-here", "/invitations/nothing", "/dev/mail/")
MAYAS = (
    "/performance",
    "/performance?connected=brassorbit3",
    "/performance?days=28&metric=followers",
    "/performance?metric=engagement",
    "/reports",
    "REPORT",
    "/settings/integrations",
    "/settings/people",
    "/settings/account",
    "/two-factor",
    "/two-factor/app",
    "/password",
    "/sign-out",
    "/tiktok/auth/callback?state=forged&code=x",
)


def first_report(page: Page, base: str) -> str:
    page.goto(base + "/reports")
    found = re.search(r'href="(/reports/\d{4}-W\d\d)"', page.content())
    assert found, "the demo has a report"
    return found[1]


@pytest.mark.parametrize(("width", "scheme"), WIDTHS_AND_SCHEMES)
def test_signed_in_pages_are_clean(demo: dict[str, Any], chromium: Browser, width: int, scheme: Any) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 860}, color_scheme=scheme)
    watched = Watched.in_context(context, demo)
    sign_in(watched.page, demo, MAYA)
    report = first_report(watched.page, demo["base_url"])
    problems = [p for path in MAYAS for p in watched.open(path.replace("REPORT", report))]
    context.close()
    assert problems == []


@pytest.mark.parametrize(("width", "scheme"), WIDTHS_AND_SCHEMES)
def test_signed_out_pages_are_clean(demo: dict[str, Any], chromium: Browser, width: int, scheme: Any) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 860}, color_scheme=scheme)
    watched = Watched.in_context(context, demo)
    problems = [p for path in SIGNED_OUT for p in watched.open(path)]
    context.close()
    assert problems == []


def test_pages_fit_the_narrowest_phone(demo: dict[str, Any], chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    watched = Watched.in_context(context, demo)
    sign_in(watched.page, demo, MAYA)
    problems = [p for path in MAYAS if path != "REPORT" for p in watched.open(path)]
    context.close()
    assert problems == []


def test_everything_works_without_script(demo: dict[str, Any], chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, demo, MAYA)
    page.goto(demo["base_url"] + "/performance")
    page.click("summary:has-text('Show as table')")
    assert page.is_visible("table:has-text('Views')")
    page.goto(demo["base_url"] + "/settings/integrations")
    page.click("button:has-text('Refresh now')")
    assert page.is_visible("text=Refreshing @brassorbit3")
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
