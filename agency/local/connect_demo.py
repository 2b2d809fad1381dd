"""Connects the demo's accounts as people would: sign in, Connect, Allow on TikTok's page. Skips what is connected already."""

import json
import os
import sys
import time
from pathlib import Path

from agency.local.browser import Browser, Unexpected

# who connects what, where
ACCOUNTS = (("maya@brassstudio.example", "brass-studio", "brassorbit3"), ("iris@logictarget.example", "logic-target", "moontideco2"))
PATIENCE_SECONDS = 90


def main() -> int:
    """Connect, then wait until the figures and the first report are there."""
    people = {p["email"]: p for p in json.loads(Path(os.environ["PEOPLE_FILE"]).read_text())}
    for email, workspace, account in ACCOUNTS:
        browser = Browser(os.environ["APP_URL"])
        try:
            browser.sign_in(people[email])
            browser.act_in(workspace)
            if f"@{account}" in browser.get("/settings/integrations").text:
                continue
            page = browser.connect(account)
            if f"connected={account}" not in str(page.url):
                raise Unexpected(f"Connecting @{account} ended on {page.url.path} with {page.status_code}.")
            wait_for_first_report(browser)
            print(f"@{account} is connected, with history and its first report")
        finally:
            browser.close()
    return 0


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
