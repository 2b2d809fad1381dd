"""Connects the demo's accounts and ad accounts as people would: sign in, Connect, Allow on TikTok's page. Skips what is there already."""

import json
import os
import sys
import time
from pathlib import Path

from agency.local.browser import Browser, Unexpected

# who connects what, where; an ad account is opened by the same person at TikTok
OWNERS = (
    ("maya@brassstudio.example", "brass-studio", "brassorbit3", "Brass Studio"),
    ("iris@logictarget.example", "logic-target", "moontideco2", None),
)
PATIENCE_SECONDS = 90


def main() -> int:
    """Connect, then wait until the figures and the first report are there. Everybody signs in once: it costs each start half a second."""
    people = {p["email"]: p for p in json.loads(Path(os.environ["PEOPLE_FILE"]).read_text())}
    for email, workspace, account, ad_account in OWNERS:
        browser = Browser(os.environ["APP_URL"])
        try:
            browser.sign_in(people[email])
            browser.act_in(workspace)
            there = browser.get("/settings/integrations").text
            if f"@{account}" not in there:
                connect_account(browser, account)
            if ad_account and "/unlink" not in there:
                link_ad_account(browser, account, ad_account)
        finally:
            browser.close()
    return 0


def connect_account(browser: Browser, account: str) -> None:
    """With replies where the workspace can have them, so that the team can answer comments."""
    inbox = browser.get("/community")
    if "/community/replies" in inbox.text:
        browser.submit(inbox, to="/community/replies")
    page = browser.connect(account)
    # Named by its handle, or, where TikTok has not told that in time, by its number here.
    if "connected" not in page.url.params:
        raise Unexpected(f"Connecting @{account} ended on {page.url.path} with {page.status_code}.")
    wait_for_first_report(browser)
    print(f"@{account} is connected, with history and its first report")


def link_ad_account(browser: Browser, person: str, ad_account: str) -> None:
    browser.link_ad_accounts(person, ad_account)
    wait_for_paid_history(browser)
    print(f"The ad account {ad_account} is linked, with its paid history")


def wait_for_paid_history(browser: Browser) -> None:
    """Until the card says how far back the paid figures go."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while "Figures from" not in browser.get("/settings/integrations").text:
        if time.monotonic() > deadline:
            raise Unexpected(f"No paid history within {PATIENCE_SECONDS} seconds.")
        time.sleep(0.3)


def wait_for_first_report(browser: Browser) -> str:
    """The address of the first weekly report, once it is there."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        page = browser.get("/reports")
        start = page.text.find('href="/reports/2')
        if start > 0:
            return page.text[start + 6 :].split('"', 1)[0]
        time.sleep(0.3)
    raise Unexpected(f"No report within {PATIENCE_SECONDS} seconds.")


if __name__ == "__main__":
    sys.exit(main())
