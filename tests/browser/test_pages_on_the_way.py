"""The pages that one only comes to by doing something: what TikTok's answers lead to, invitations, mails, codes."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.conftest import confirm, follow, sign_in
from tests.browser.looking import Watched, leads_to
from tests.browser.pages import ALEX, BEA, IRIS, MAYA, PRI

PATIENCE_SECONDS = 120


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context()
    yield context
    context.close()


def answer_tiktok(watched: Watched, *, account: str | None, untick: bool = False) -> str:
    """Press Connect, and on TikTok's page what a person presses there: Deny where no account is named. Returns the callback's path."""
    page = watched.page
    page.goto(watched.base + "/settings/integrations")
    page.click("button:has-text('Connect'):not(:has-text('Reconnect')) >> nth=0")
    page.wait_for_url(watched.beside + "/**")
    if account is not None:
        page.check(f"input[value={account}]", force=True)
    for box in page.locator("input[name=scope]:not([disabled])").all() if untick else ():
        box.uncheck()
    with page.expect_request("**/tiktok/auth/callback?*") as returning:
        page.click("button[value=deny]" if account is None else "button[value=allow]")
    page.wait_for_url(watched.base + "/**")
    watched.wrong.clear()
    return returning.value.url.removeprefix(watched.base)


def latest_mail(watched: Watched, to: str, about: str, link: str) -> str:
    """The address behind the link in the newest mail about something, as its reader finds it. `link` is a part of the address."""
    page = watched.page
    page.goto(f"{watched.base}/dev/mail/")
    follow(page, f"main a:has-text('{to}'):has-text('{about}') >> nth=0")
    found = page.frame_locator("iframe").locator(f"a[href*='{link}']").first.get_attribute("href")
    assert found
    return found.removeprefix(watched.base)


@leads_to("callback", "choose", "performance", "disconnect")
def test_what_tiktok_may_answer_is_shown_cleanly(demo: dict[str, Any], context: BrowserContext) -> None:
    watched = Watched.in_context(context, demo)
    sign_in(watched.page, demo, IRIS)
    answer_tiktok(watched, account=None)
    problems = watched.here("callback denied")
    watched.page.click("button:has-text('Try again')")
    watched.page.wait_for_url(watched.beside + "/**")
    path = answer_tiktok(watched, account="velvetfoxlab", untick=True)
    problems += watched.here("connected with nothing granted")
    context.clear_cookies(name="session")  # whoever comes with a link that was used already, from another browser
    problems += watched.open(path, refuses=True)
    sign_in(watched.page, demo, IRIS)
    answer_tiktok(watched, account="brassorbit3")  # another workspace holds it
    problems += watched.here("choose")
    follow(watched.page, "button:has-text('Not this account')")
    problems += watched.here("not this account")
    answer_tiktok(watched, account="velvetfoxlab")
    problems += watched.here("connected")
    watched.page.goto(watched.base + "/settings/integrations")
    follow(watched.page, "button:has-text('Disconnect @velvetfoxlab'), form[action*=disconnect] button >> nth=0")
    problems += watched.here("disconnected")
    assert problems == []


@leads_to("deletion_status", "deletion_proof")
def test_showing_at_tiktok_whose_account_it_is_is_shown_cleanly(demo: dict[str, Any], context: BrowserContext) -> None:
    watched = Watched.in_context(context, demo)
    page = watched.page
    page.goto(watched.base + "/data-deletion")
    page.fill("[name=handle]", "@brassorbit3")
    page.check("input[name=way][value=tiktok]")
    page.click("button:has-text('Send request')")
    page.wait_for_url(watched.base + "/data-deletion/**")
    problems = watched.here("one step is left")
    for account, button in (("velvetfoxlab", "Sign in to TikTok"), ("brassorbit3", "Sign in with another account")):
        page.click(f"button:has-text('{button}')")
        page.wait_for_url(watched.beside + "/**")
        page.check(f"input[value={account}]", force=True)
        page.click("button[value=allow]")
        page.wait_for_url(watched.base + "/data-deletion/proofs/**")
        problems += watched.here(f"signed in as {account}")
    assert page.locator("button:has-text('Have its data deleted')").is_visible()
    assert problems == []


@leads_to("choose_ad_accounts", "integrations", "disconnect_ads")
def test_linking_ad_accounts_is_shown_cleanly(demo: dict[str, Any], context: BrowserContext) -> None:
    watched = Watched.in_context(context, demo)
    page = watched.page
    sign_in(page, demo, IRIS)
    page.goto(watched.base + "/settings/integrations")
    page.click("button:has-text('Connect ad accounts')")
    page.wait_for_url(watched.beside + "/**")
    page.check("input[value=moontideco2]", force=True)
    page.click("button[value=allow]")
    page.wait_for_url(watched.base + "/**")
    problems = watched.here("which ad accounts")
    for box in page.locator("input[name=ad_account]").all():
        box.check()
    follow(page, "main button[type=submit]")
    problems += watched.here("linked")
    follow(page, "button[aria-label^='Unlink'] >> nth=0")
    problems += watched.here("unlinked")
    follow(page, "button[aria-label^='Unlink'] >> nth=0")
    ends = time.monotonic() + PATIENCE_SECONDS
    # The page waits two seconds for TikTok; an answer that comes later is on it when it is opened again.
    while "Tokens were revoked at" not in page.content():
        assert time.monotonic() < ends, page.inner_text("main")
        page.reload()
    problems += watched.here("the last one unlinked")
    assert problems == []


@leads_to(
    "people", "dev_mail", "dev_mail_message", "invitation", "stop_mail", "account_reset_password_done", "account_reset_password_from_key"
)
@leads_to("mfa_authenticate")
def test_invitation_and_mail_pages_are_clean(demo: dict[str, Any], context: BrowserContext) -> None:
    watched = Watched.in_context(context, demo)
    page = watched.page
    sign_in(page, demo, IRIS)
    guest = f"guest-{id(context)}@elsewhere.example"
    page.goto(watched.base + "/settings/people")
    page.fill("[name=email]", guest)
    follow(page, "main button[type=submit]:has-text('Send invitation')")
    problems = watched.here("people with an invitation")
    page.goto(f"{watched.base}/dev/mail/")
    problems += watched.here("mails")
    invitation = latest_mail(watched, guest, "invite", "/invitations/")
    problems += watched.here("mail")
    context.clear_cookies()
    problems += watched.open(invitation)
    stop = latest_mail(watched, MAYA, "Week", "/email/stop/")
    problems += watched.open(stop)
    page.goto(watched.base + "/password/reset")
    page.fill("[name=email]", IRIS)
    follow(page, "main button[type=submit]")
    problems += watched.here("password reset sent")
    problems += watched.open(latest_mail(watched, IRIS, "password", "/password/reset/"))
    page.goto(watched.base + "/sign-in")
    page.fill("[name=login]", ALEX)
    page.fill("[name=password]", next(p["password"] for p in demo["people"] if p["email"] == ALEX))
    follow(page, "main button[type=submit]")
    problems += watched.here("two factor code")
    assert problems == []


@leads_to("mfa_view_recovery_codes")
def test_recovery_codes_are_shown_cleanly(demo: dict[str, Any], context: BrowserContext) -> None:
    watched = Watched.in_context(context, demo)
    page = watched.page
    sign_in(page, demo, BEA)
    page.goto(watched.base + "/two-factor/codes/new")
    confirm(page, demo, BEA)
    follow(page, "main button[type=submit]")
    assert watched.here("recovery codes") == []


@leads_to("deletion", "archive", "privacy_request", "privacy_run", "privacy_correction")
def test_asking_for_a_copy_and_for_deletion_is_shown_cleanly(demo: dict[str, Any], context: BrowserContext) -> None:
    watched = Watched.in_context(context, demo)
    page = watched.page
    sign_in(page, demo, IRIS)
    answer_tiktok(watched, account="velvetfoxlab")
    problems = []
    for what in ("archive", "deletion"):
        page.goto(watched.base + "/settings/integrations")
        follow(page, f"li:has-text('@velvetfoxlab') form[action$='/{what}'] button")
        confirm(page, demo, IRIS)
        if what == "archive" and "/archives/" not in page.url:  # asked for the password, and back where the button is
            follow(page, f"li:has-text('@velvetfoxlab') form[action$='/{what}'] button")
        problems += watched.here(f"asked for {what}")
    asked = watched.path
    context.clear_cookies()
    sign_in(page, demo, PRI)
    page.goto(watched.base + "/privacy/requests")
    follow(page, "main a[href^='/privacy/requests/'] >> nth=0")
    problems += watched.here("one request")
    follow(page, "main a[href^='/privacy/runs/']")
    problems += watched.here("its run")
    page.goto(watched.base + "/privacy/corrections")
    page.fill("[name=contact]", "somebody@people.example")
    page.fill("[name=said]", "The handle of the account is written with a y.")
    follow(page, "main form button[type=submit]")
    problems += watched.here("a correction")
    context.clear_cookies()
    sign_in(page, demo, IRIS)
    page.goto(watched.base + asked)
    follow(page, "button:has-text('Cancel this request')")
    problems += watched.here("withdrawn")
    assert problems == []
