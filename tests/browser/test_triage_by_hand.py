"""Fifty comments triaged by the keyboard alone, a few without script, a few on a phone; and what a screen reader is told."""

import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.looking import Watched
from tests.browser.pages import MO

FIFTY = 50
PATIENCE_SECONDS = 120
FILMS = os.environ.get("FILMS", "")  # a folder: the triage by keyboard is kept there as a film


def the_inbox(page: Page, demo: dict[str, Any]) -> int:
    """Brass Studio's, as soon as enough comments have come in. How many wait."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while True:
        page.goto(demo["base_url"] + "/community?workspace=brass-studio")
        number = waiting(page)
        if number > FIFTY + 10:
            return number
        assert time.monotonic() < ends, f"{number} comments wait"
        page.wait_for_load_state("networkidle")


def waiting(page: Page) -> int:
    """What stands beside "Waiting"."""
    found = re.search(r"([\d,]+)\+? waiting", page.locator(".fresh").inner_text())
    return int(found[1].replace(",", "")) if found else 0


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1360, "height": 900}, **({"record_video_dir": FILMS} if FILMS else {}))
    yield context
    context.close()


def press(page: Page, key: str, path: str) -> None:
    """One key, and the answer that it brings."""
    with page.expect_response(lambda answer: path in answer.url) as told:
        page.keyboard.press(key)
    assert told.value.status == 200, told.value.url


def narrow(page: Page) -> None:
    """Down to one language; what the list is narrowed by stays to be seen above it."""
    page.get_by_label("Language").select_option("English")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("Filtered and settings")).to_be_visible()
    expect(page.get_by_label("Language")).to_have_value("en")
    assert "language=en" in page.url


def focused(page: Page) -> str:
    """The comment that the keyboard is at."""
    return str(page.evaluate("document.activeElement?.closest('#rows > li')?.dataset.id ?? ''"))


def test_fifty_comments_by_the_keyboard_alone(demo: dict[str, Any], context: BrowserContext) -> None:
    watched = Watched.in_context(context, demo)
    page = watched.page
    sign_in(page, demo, MO)
    before = the_inbox(page, demo)
    done = mine = later = 0
    while done + later < FIFTY:
        for _ in range(200):  # Tab until the list is reached, as hands do
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement?.matches('#rows > li > a') ?? false"):
                break
        rows = page.locator("#rows > li.cmt:not(.gone)").count()
        assert rows >= 20
        for number in range(min(rows - 1, FIFTY - done - later)):
            at = focused(page)
            assert at, "the focus never leaves the list"
            if number % 10 == 4:
                press(page, "a", "/assignment")
                mine += 1
                assert focused(page) == at
            if number % 10 == 7:
                press(page, "l", "/later")
                later += 1
            else:
                press(page, "e", "/done")
                done += 1
            expect(page.locator(f"#row-{at}.gone")).to_be_visible()
            page.wait_for_function("at => document.activeElement?.closest('#rows > li')?.dataset.id !== at", arg=at)
        if done + later < FIFTY:
            page.reload()
    at = focused(page)
    press(page, "z", "/undo")
    assert page.locator("#rows > li.gone").count() > 0
    page.keyboard.press("Escape")
    page.reload()
    assert before - FIFTY < waiting(page) + 20, "what came in meanwhile is more than was done"
    assert page.locator("#views").inner_text().count("Done today") == 1
    page.goto(demo["base_url"] + "/community?view=done")
    assert page.locator("#rows > li").count() == 30
    assert (done + later, mine >= 4, bool(at)) == (FIFTY, True, True)
    assert watched.wrong == []


def test_keys_are_not_lost_however_quick_the_fingers(demo: dict[str, Any], context: BrowserContext) -> None:
    watched = Watched.in_context(context, demo)
    page = watched.page
    sign_in(page, demo, MO)
    the_inbox(page, demo)
    page.locator("#rows > li > a").first.focus()
    first, *_ = (row.get_attribute("data-id") for row in page.locator("#rows > li").all())
    acts: list[str] = []
    page.on("request", lambda request: acts.append(request.url.rsplit("/", 1)[-1]) if request.method == "POST" else None)
    for key in "aeeelee":  # the first one is taken and done, all without a look at what comes of it
        page.keyboard.press(key)
    expect(page.locator("#rows > li.gone")).to_have_count(6)
    assert Counter(acts) == {"assignment": 1, "done": 5, "later": 1}
    expect(page.locator(f"#row-{first}.gone")).to_be_visible()
    page.goto(demo["base_url"] + "/community?view=done")
    assert "Mo" in page.locator(f"#row-{first}").inner_text()
    assert watched.wrong == []


def test_keys_can_be_switched_off_and_do_nothing_in_a_field(demo: dict[str, Any], context: BrowserContext) -> None:
    page = context.new_page()
    sign_in(page, demo, MO)
    the_inbox(page, demo)
    page.locator("#rows > li > a").first.focus()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.locator("[data-keys-switch]").click()
    page.locator("#rows > li > a").first.focus()
    page.keyboard.press("e")
    page.locator("#q").fill("e")
    assert page.locator("#rows > li.gone").count() == 0
    page.evaluate("localStorage.clear()")


def test_the_same_without_script(demo: dict[str, Any], chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, demo, MO)
    the_inbox(page, demo)
    for _ in range(3):
        page.locator("#rows > li > a").first.click()
        author = page.locator(".say .by strong").first.inner_text()
        page.get_by_role("button", name="Done").first.click()
        expect(page.get_by_text(f"{author} is done.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    page.locator("#rows > li > a").first.click()
    page.get_by_label("Note").fill("Looks like a question for the shop")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("Looks like a question for the shop")).to_be_visible()
    page.get_by_label("Tag", exact=True).fill("shop")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("button", name="shop: take this tag off")).to_be_visible()
    if page.get_by_label("Reply as").count():
        page.get_by_label("Reply as").fill("Thank you")
        page.get_by_role("button", name="Reply").click()
        expect(page.get_by_text(re.compile(r"Sends at \d\d:\d\d:\d\d UTC"))).to_be_visible()
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_label("Reply as")).to_have_value("Thank you")
    page.goto(demo["base_url"] + "/community")
    page.get_by_text("Filter and settings").click()
    page.get_by_role("link", name="Choose what to show").click()
    narrow(page)
    context.close()


def test_on_a_phone_one_at_a_time_and_what_a_screen_reader_is_told(demo: dict[str, Any], chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 375, "height": 800})
    watched = Watched.in_context(context, demo)
    page = watched.page
    sign_in(page, demo, MO)
    the_inbox(page, demo)
    told = page.locator("main").aria_snapshot()
    for part in ('heading "Community"', 'navigation "Views"', 'heading "Waiting"', 'searchbox "Search comments"', "checkbox", "listitem"):
        assert part in told, part
    page.locator("#rows > li > a").first.click()
    expect(page.locator("#thread")).to_be_visible()
    expect(page.locator("#rows")).to_be_hidden()
    beside = page.locator("#thread").aria_snapshot()
    for part in ('heading "Comment by', 'button "Done"', 'combobox "Assigned to"', 'complementary "The post"'):
        assert part in beside, part
    assert watched.here("thread on a phone") == []
    page.get_by_role("link", name="All comments").click()
    expect(page.locator("#rows")).to_be_visible()
    page.get_by_text("Filter and settings").click()
    expect(page.get_by_role("link", name="Choose what to show")).to_have_count(0)
    assert watched.here("filter on a phone") == []
    narrow(page)
    if FILMS:
        assert Path(FILMS).is_dir()
    context.close()
