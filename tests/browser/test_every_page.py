"""Every page in Chromium: no accessibility violation, nothing on the console, nothing fetched from elsewhere, no sideways scroll."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import sign_in

MAYA, ALEX = "maya@brassstudio.example", "alex@logictarget.example"
SIGNED_OUT = ("/sign-in", "/password/reset", "/password/reset/sent", "/nothing-here", "/invitations/nothing", "/dev/mail/")
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
# axe's groups: WCAG 2.0, 2.1 and 2.2 at A and AA, and its best practices
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
LOOKS = [(1360, "light"), (1360, "dark"), (375, "light"), (375, "dark")]


def watched(context: BrowserContext, base: str) -> tuple[Page, list[str]]:
    """A page, and everything that should not happen in it."""
    page, wrong = context.new_page(), []
    page.on("console", lambda m: wrong.append(f"console {m.type}: {m.text}") if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda e: wrong.append(f"script: {e}"))
    page.on("request", lambda r: wrong.append(f"fetched {r.url}") if not r.url.startswith((base, "data:")) else None)
    return page, wrong


def look_at(page: Page, wrong: list[str], base: str, path: str, width: int) -> list[str]:
    """Open one page and report what is not right."""
    wrong.clear()
    answer = page.goto(base + path)
    assert answer is not None
    problems = [f"{v['id']}: {n['target']}" for v in Axe().run(page, options=RULES).response["violations"] for n in v["nodes"]]
    # A page that answers 4xx is itself reported as an error by the browser's console; everything else on the console is ours.
    problems += [w for w in wrong if not (answer.status >= 400 and "Failed to load resource" in w)]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        problems.append(f"scrolls sideways at {width}")
    assert answer.status < 500
    return [f"{path} at {width}: {p}" for p in problems]


def first_report(page: Page, base: str) -> str:
    page.goto(base + "/reports")
    found = re.search(r'href="(/reports/\d{4}-W\d\d)"', page.content())
    assert found, "the demo has a report"
    return found[1]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_signed_in_pages_are_clean(demo: dict[str, Any], chromium: Browser, width: int, scheme: Any) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 860}, color_scheme=scheme)
    page, wrong = watched(context, demo["base_url"])
    sign_in(page, demo, MAYA)
    report = first_report(page, demo["base_url"])
    problems = [p for path in MAYAS for p in look_at(page, wrong, demo["base_url"], path.replace("REPORT", report), width)]
    context.close()
    assert problems == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_signed_out_pages_are_clean(demo: dict[str, Any], chromium: Browser, width: int, scheme: Any) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 860}, color_scheme=scheme)
    page, wrong = watched(context, demo["base_url"])
    problems = [p for path in SIGNED_OUT for p in look_at(page, wrong, demo["base_url"], path, width)]
    context.close()
    assert problems == []


def test_pages_fit_the_narrowest_phone(demo: dict[str, Any], chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    page, wrong = watched(context, demo["base_url"])
    sign_in(page, demo, MAYA)
    problems = [p for path in MAYAS if path != "REPORT" for p in look_at(page, wrong, demo["base_url"], path, 320)]
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
