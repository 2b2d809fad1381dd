"""Sample pages in a real browser: accessible, no sideways scroll, nothing blocked by the policy, keyboard and no script alike.

Pages come from memory and files from the disk: no server, no database, no network.
"""

import mimetypes
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from tests.look.conftest import render
from tests.look.pages import PAGES

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: pip install -r requirements/dev.txt")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed: pip install -r requirements/dev.txt")
CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome") if Path(path).exists()), "")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed: apt-get install chromium")]

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
}
POLICY = "; ".join(
    [
        "default-src 'none'",
        "base-uri 'none'",
        *(f"{kind} 'self'" for kind in ("script-src", "style-src", "img-src", "connect-src", "form-action")),
    ]
)
HOST = "http://look.test"
FRAMED = {"dev-mail-message"}  # its frame asks for an address that exists only behind the view
# Each page in one of eight looks; those that differ most from each other in all widths.
LOOKS = [(width, scheme) for scheme in ("light", "dark") for width in (1360, 320, 768, 375)]
ONCE = [(name, *LOOKS[i % len(LOOKS)]) for i, name in enumerate(PAGES)]
EVERYWHERE = [(name, width, "light") for name in ("performance", "integrations", "week-awkward") for width in (1360, 768, 375, 320)]


@pytest.fixture(scope="module")
def browser() -> Iterator["sync_api.Browser"]:
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Visit:
    """One tab on one sample page."""

    def __init__(self, browser: "sync_api.Browser", name: str, *, width: int = 1360, scheme: str = "light", script: bool = True) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 860}, color_scheme=scheme, java_script_enabled=script, reduced_motion="reduce"
        )
        self.name = name
        self.said: list[str] = []
        self.tab = self.context.new_page()
        self.tab.on("console", lambda message: self.said.append(message.text))
        self.tab.on("pageerror", lambda error: self.said.append(str(error)))
        self.tab.route("**/*", self._answer)

    def __enter__(self) -> "Visit":
        self.tab.goto(f"{HOST}/page")
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def _answer(self, route: "sync_api.Route") -> None:
        path = urlsplit(route.request.url).path
        prefix = "/" + settings.STATIC_URL.strip("/") + "/"
        if path == "/page":
            route.fulfill(body=render(self.name), content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": POLICY})
        elif path.startswith(prefix) and (found := finders.find(path.removeprefix(prefix))):
            route.fulfill(body=Path(found).read_bytes(), content_type=mimetypes.guess_type(found)[0] or "application/octet-stream")
        else:
            route.fulfill(status=404, body="")

    def sideways(self) -> int:
        return int(self.tab.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def violations(self) -> list[str]:
        result = axe.Axe().run(self.tab, options=RULES).response
        return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in result["violations"]]


@pytest.mark.parametrize(("name", "width", "scheme"), sorted({*ONCE, *EVERYWHERE}))
def test_a_page_is_accessible_and_fits(browser: "sync_api.Browser", name: str, width: int, scheme: str) -> None:
    with Visit(browser, name, width=width, scheme=scheme) as visit:
        assert visit.violations() == []
        assert visit.sideways() <= 0
        assert name in FRAMED or visit.said == []


def test_the_chart_is_a_slider_that_reads_its_table(browser: "sync_api.Browser") -> None:
    with Visit(browser, "performance") as visit:
        plot = visit.tab.get_by_role("slider")
        plot.focus()
        visit.tab.keyboard.press("Home")
        assert plot.get_attribute("aria-valuenow") == "1"
        assert plot.get_attribute("aria-valuetext") == "Mon 18 · +10.9% vs 151,900: 168,400 views"
        visit.tab.keyboard.press("ArrowRight")
        assert visit.tab.locator(".tip").inner_text() == "195,300 views\nTue 19 · +21.9% vs 160,200"
        visit.tab.keyboard.press("End")
        assert visit.tab.locator(".tip").inner_text() == "154,400 views\nSun 24 may still rise · +4.8% vs 147,265"
        visit.tab.keyboard.press("Escape")
        assert visit.tab.locator(".tip").is_hidden()


def test_the_chart_says_which_figure_it_is_and_why_there_is_none(browser: "sync_api.Browser") -> None:
    with Visit(browser, "performance-money") as visit:
        visit.tab.get_by_role("slider").focus()
        heads = []
        for key in ("Home", "ArrowRight", "ArrowRight"):
            visit.tab.keyboard.press(key)
            heads.append(visit.tab.locator(".tip b").inner_text())
        assert heads == ["$6.50 CPM", "No ads shown", "No data from TikTok"]


@pytest.mark.parametrize("name", ["performance-broken", "performance-month"])
def test_the_chart_says_no_data_and_keeps_its_tip_inside(browser: "sync_api.Browser", name: str) -> None:
    with Visit(browser, name, width=375) as visit:
        visit.tab.get_by_role("slider").focus()
        heads = []
        for key in ("Home", *["ArrowRight"] * 12):
            visit.tab.keyboard.press(key)
            box, frame = visit.tab.locator(".tip").bounding_box(), visit.tab.locator(".plot").bounding_box()
            assert box is not None
            assert frame is not None
            assert frame["x"] - 1 <= box["x"]
            assert box["x"] + box["width"] <= frame["x"] + frame["width"] + 1
            heads.append(visit.tab.locator(".tip b").inner_text())
        assert "No data from TikTok" in heads


def test_menus_open_by_keyboard_close_by_escape_and_give_the_focus_back(browser: "sync_api.Browser") -> None:
    with Visit(browser, "integrations") as visit:
        summary = visit.tab.locator(".side details.menu > summary").first
        summary.focus()
        visit.tab.keyboard.press("Enter")
        inside = visit.tab.get_by_role("button", name="Logic Target in-house")
        assert inside.is_visible()
        inside.focus()
        visit.tab.keyboard.press("Escape")
        assert inside.is_hidden()
        assert summary.evaluate("element => element === document.activeElement")


def test_a_dismissed_notice_leaves_the_focus_on_the_page(browser: "sync_api.Browser") -> None:
    with Visit(browser, "performance") as visit:
        visit.tab.get_by_role("button", name="Dismiss").click()
        assert visit.tab.get_by_text("is now syncing").count() == 0
        assert visit.tab.evaluate("document.activeElement.id") == "main"


def test_the_summary_of_a_refused_form_has_the_focus(browser: "sync_api.Browser") -> None:
    with Visit(browser, "people") as visit:
        assert visit.tab.evaluate("document.activeElement.getAttribute('role')") == "alert"


def test_ages_follow_the_clock_of_the_server(browser: "sync_api.Browser") -> None:
    with Visit(browser, "performance") as visit:
        visit.tab.clock.install()
        visit.tab.goto(f"{HOST}/page")
        assert visit.tab.locator(".fresh time").inner_text() == "4 min ago"
        visit.tab.clock.run_for("02:00")
        assert visit.tab.locator(".fresh time").inner_text() in {"5 min ago", "6 min ago"}
        visit.tab.clock.run_for("02:00:00")
        assert visit.tab.locator(".fresh time").inner_text() == "2 h ago"


def test_the_first_sync_is_watched_for_two_minutes_and_no_longer(browser: "sync_api.Browser") -> None:
    with Visit(browser, "performance") as visit:
        visit.tab.clock.install()
        visit.tab.goto(f"{HOST}/page")
        # Counted in the page, where sending is part of the tick; answers arrive in a time of their own.
        visit.tab.evaluate("window.sent = 0; document.addEventListener('htmx:beforeSend', () => { window.sent += 1 })")
        visit.tab.clock.run_for("01:00")
        assert visit.tab.evaluate("window.sent") >= 1
        visit.tab.clock.run_for("01:30")
        sent = visit.tab.evaluate("window.sent")
        visit.tab.clock.run_for("05:00")
        assert visit.tab.evaluate("window.sent") == sent


@pytest.mark.parametrize("name", ["performance", "integrations", "week"])
def test_pages_work_without_script(browser: "sync_api.Browser", name: str) -> None:
    with Visit(browser, name, script=False) as visit:
        assert visit.tab.get_by_role("button", name="Dismiss").count() == 0
        visit.tab.locator(".side details.menu > summary").first.click()
        assert visit.tab.get_by_role("button", name="Logic Target in-house").is_visible()
        if name != "integrations":
            visit.tab.get_by_text("Show as table").click()
            assert visit.tab.get_by_role("rowheader", name="Thu 21").is_visible()


@pytest.mark.parametrize("name", ["performance", "integrations", "week", "people"])
def test_targets_of_a_phone_are_large_enough(browser: "sync_api.Browser", name: str) -> None:
    with Visit(browser, name, width=375) as visit:
        small = visit.tab.evaluate(
            """[...document.querySelectorAll("main :is(a, button, summary), .tabs :is(a, summary)")].filter((e) => {
                const box = e.getBoundingClientRect();
                const least = e.closest(".tabs") && !e.closest(".pop") ? 44 : 24;
                return e.checkVisibility() && (box.height < least || box.width < 24) && !e.closest("p, small, .note li");
            }).map((e) => e.outerHTML.slice(0, 90))"""
        )
        assert small == []
