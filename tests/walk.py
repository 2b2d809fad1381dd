"""The walkthrough: the whole way that a person goes, over real HTTP, step by step with its figures.

Everything is read from pages and mails as a person reads them, then held against local TikTok's truth and the published
sample. The sample's figures stand in tests and in local TikTok only; the platform has to arrive at them.
"""

import html
import json
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, TypeVar

import httpx
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from agency.local.browser import Browser, Unexpected
from agency.local.connect_demo import wait_for_first_report

T = TypeVar("T")
WHO, ACCOUNT, WORKSPACE = "maya@brassstudio.example", "brassorbit3", "brass-studio"
FIRST_FIGURES_WITHIN_SECONDS = 15

SAMPLE = {
    "Posts published": "11",
    "Total views": "1,420,180",
    "Avg. engagement rate": "5.7%",
    "New followers": "+612",
}
SAMPLE_CHANGES = {"Total views": "+18.7%", "Avg. engagement rate": "+0.4 pp"}
SAMPLE_FOLLOWERS = "48,210"
# Spark Ads of the same week, in days of the ad account.
SAMPLE_PAID = {"Spend": "$1,827.13", "Impressions": "284,600", "Clicks": "5,237", "CTR": "1.84%", "CPM": "$6.42"}
SAMPLE_BOOSTED = 3
AD_ACCOUNT = "Brass Studio"
SAMPLE_POSTS = (
    ("Quick-cut color grading reel", "412,800", "6.9%", "68%", 4),
    ("Hook test · split-screen tutorial", "208,100", "5.1%", "61%", 3),
    ("BTS · slow-mo product loop", "186,400", "4.4%", "57%", 1),
)


class Walk:
    """One person's walk; prints each step."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.browser = Browser(environment["APP_URL"])
        self.sandbox = httpx.Client(base_url=environment["TIKTOK_BUSINESS_BASE"], timeout=30, trust_env=False)
        self.mails = Path(environment["MAIL_FOLDER"])
        self.people = {p["email"]: p for p in json.loads(Path(environment["PEOPLE_FILE"]).read_text())}
        self.number = 0

    def step(self, name: str, *facts: str) -> None:
        """One line of what was seen."""
        self.number += 1
        print(f"{self.number:2}. {name}")
        for fact in facts:
            print(f"      {fact}")

    def go(self) -> None:
        """The whole way."""
        self.sign_in()
        self.connect()
        self.first_figures()
        week = self.report()
        self.truth(week)
        self.paid(week)
        self.mail(week)
        self.disconnect()
        reference = self.ask_for_deletion()
        self.deletion(reference, week)

    def sign_in(self) -> None:
        page = self.browser.sign_in(self.people[WHO])
        expect("Performance" in page.text, "after signing in the dashboard is shown")
        self.step("Signed in", f"{WHO}, lands on {page.url.path}")

    def connect(self) -> None:
        card = self.browser.get("/settings/integrations")
        expect("Connect the platforms you want to pull performance data from." in card.text, "the Integrations page says what it is for")
        scopes = len(re.findall(r"<dt>[a-z.]+</dt>", card.text))
        self.connected_at = time.monotonic()
        page = self.browser.connect(ACCOUNT)
        expect(
            page.url.path == "/performance" and page.url.params.get("connected") == ACCOUNT,
            f"the callback lands on the dashboard, not {page.url}",
        )
        expect(f"Connected. @{ACCOUNT} is now syncing." in text_of(page.text), "the dashboard says that the account is syncing")
        self.step(
            "Connected through TikTok's consent page", f"{scopes} scopes asked", f"landed on {page.url.path}?{page.url.query.decode()}"
        )

    def first_figures(self) -> None:
        def seen() -> str | None:
            found = re.search(r"Followers\s+([\d,]+)", text_of(self.browser.get("/performance").text))
            return found[1] if found else None

        followers = wait(seen, "the first figures on the dashboard", FIRST_FIGURES_WITHIN_SECONDS)
        took = time.monotonic() - self.connected_at
        expect(followers == SAMPLE_FOLLOWERS, f"followers are {SAMPLE_FOLLOWERS}, not {followers}")
        self.step("First figures on the dashboard", f"after {took:.1f} s", f"Followers {followers}")

    def report(self) -> str:
        address = wait_for_first_report(self.browser)
        page = self.browser.get(address)
        words = text_of(page.text)
        for label, value in SAMPLE.items():
            expect(figure_after(words, label) == value, f"{label} is {value}, not {figure_after(words, label)}")
        for label, change in SAMPLE_CHANGES.items():
            expect(re.search(rf"{re.escape(label)}\s+\S+\s+{re.escape(change)}", words) is not None, f"{label} changed by {change}")
        for title, views, engagement, watched, _weekday in SAMPLE_POSTS:
            row = re.search(rf"{re.escape(title)}.{{0,160}}?{views}\s+{engagement}\s+{watched}", words)
            expect(row is not None, f"{title}: {views} views, {engagement} engagement, {watched} watch-through")
        self.words = words
        self.step(
            f"Weekly report {address}",
            title_of(page.text),
            *(f"{label} {value} {SAMPLE_CHANGES.get(label, '')}".rstrip() for label, value in SAMPLE.items()),
            *(f"{title}: {views} views, {engagement}, {watched}" for title, views, engagement, watched, _ in SAMPLE_POSTS),
        )
        return address.rsplit("/", 1)[1]

    def truth(self, week: str) -> None:
        """The same figures, computed from what local TikTok knows to be true."""
        account = self._world()["accounts"][0]
        year, number = week.split("-W")
        monday = date.fromisocalendar(int(year), int(number), 1)
        days = {d["date"]: d for d in account["days"]}
        this = [days[(monday + timedelta(days=i)).isoformat()] for i in range(7)]
        before = [days[(monday + timedelta(days=i)).isoformat()] for i in range(-7, 0)]
        views, views_before = (sum(d["video_views"] for d in w) for w in (this, before))
        rate, rate_before = (
            sum(d["likes"] + d["comments"] + d["shares"] for d in w) / sum(d["video_views"] for d in w) for w in (this, before)
        )
        grown = this[-1]["followers_count"] - before[-1]["followers_count"]
        start = datetime(monday.year, monday.month, monday.day, tzinfo=UTC).timestamp()
        posts = [p for p in account["posts"] if start <= float(p["create_time"]) < start + 7 * 86400]
        true = {
            "Posts published": f"{len(posts):,}",
            "Total views": f"{views:,}",
            "Avg. engagement rate": f"{rate:.1%}",
            "New followers": f"{grown:+,}",
        }
        expect(true == {k: figure_after(self.words, k) for k in true}, f"the report equals local TikTok's truth: {true}")
        expect(f"{views / views_before - 1:+.1%}" == SAMPLE_CHANGES["Total views"], "the change of views equals the truth's")
        expect(
            f"{(rate - rate_before) * 100:+.1f} pp" == SAMPLE_CHANGES["Avg. engagement rate"], "the change of engagement equals the truth's"
        )
        best = sorted(posts, key=lambda p: -p["views"])[:3]
        for post, (title, shown, _engagement, _watched, weekday) in zip(best, SAMPLE_POSTS, strict=True):
            expect(f"{post['views']:,}" == shown and title in post["caption"], f"{title} is among the three best of the truth")
            expect(
                datetime.fromtimestamp(float(post["create_time"]), UTC).weekday() == weekday, f"{title} was posted on the sample's weekday"
            )
        self.step(
            "The report equals local TikTok's truth", *(f"{k} {v}" for k, v in true.items()), f"followers {this[-1]['followers_count']:,}"
        )

    def paid(self, week: str) -> None:
        """Spark Ads of the sample's week on the Campaigns page, and the whole week against local TikTok's truth."""
        card = self.browser.get("/settings/integrations").text
        if "/unlink" not in card:
            self.browser.link_ad_accounts(ACCOUNT, AD_ACCOUNT)
            wait(lambda: "Figures from" in self.browser.get("/settings/integrations").text, "the paid history is there", 90)
            card = self.browser.get("/settings/integrations").text
        advertiser = re.search(r"(\d{10,}) · USD", text_of(card))
        expect(advertiser is not None, "the card names the ad account's number and money")
        year, number = week.split("-W")
        first = date.fromisocalendar(int(year), int(number), 1)
        period = f"from={first}&to={first + timedelta(days=6)}"
        shown, note = self._paid_totals(f"/campaigns?level=ads&kind=spark&{period}")
        expect({k: shown.get(k) for k in SAMPLE_PAID} == SAMPLE_PAID, f"Spark Ads are {SAMPLE_PAID}, not {shown}")
        expect(f"{SAMPLE_BOOSTED} posts shown as Spark Ads" in note, f"{SAMPLE_BOOSTED} posts are boosted: {note}")
        true = self._paid_truth(advertiser[1], first, first + timedelta(days=6))
        for level in ("campaigns", "groups", "ads"):
            shown, _ = self._paid_totals(f"/campaigns?level={level}&{period}")
            expect({k: shown.get(k) for k in true} == true, f"{level} add up to local TikTok's truth: {true}, not {shown}")
        self.step(
            "Paid figures equal local TikTok's truth", *(f"{k} {v}" for k, v in SAMPLE_PAID.items()), f"{SAMPLE_BOOSTED} posts boosted"
        )

    def _paid_totals(self, address: str) -> tuple[dict[str, str], str]:
        """What the line of totals says, and the note beside it."""
        page = self.browser.get(address)
        foot = re.search(r"<tfoot>(.*?)</tfoot>", page.text, re.S)
        expect(page.status_code == 200 and foot is not None, f"{address} has a line of totals")
        return dict(re.findall(r'<td data-l="([^"]+)">([^<]*)</td>', html.unescape(foot[1]))), text_of(foot[1])

    def _paid_truth(self, advertiser_id: str, first: date, last: date) -> dict[str, str]:
        rows: list[dict[str, Any]] = []
        while True:
            query = {"advertiser_id": advertiser_id, "offset": len(rows), "limit": 5000}
            (told,) = self.sandbox.get("/__control__/world", params=query).json()["advertisers"]
            rows += told["ad_days"]
            if len(rows) >= told["ad_days_total"]:
                break
        days = [row for row in rows if first.isoformat() <= row["date"] <= last.isoformat()]
        spend = sum((Decimal(row["spend"]) for row in days), Decimal(0))
        return {"Spend": f"${spend:,.2f}"} | {
            label: f"{sum(row[name] for row in days):,}"
            for label, name in (("Impressions", "impressions"), ("Clicks", "clicks"), ("Conversions", "conversion"))
        }

    def mail(self, week: str) -> None:
        # Each person's mail leaves by itself, in any order.
        to_me = wait(lambda: [m for m in self._letters(week) if WHO in m["to"]], f"the report's mail to {WHO}")
        expect(len({m["message-id"] for m in to_me}) == 1, f"exactly one mail to {WHO}, not {len(to_me)}")
        letter = to_me[0]
        plain, markup = (letter.get_body(preferencelist=(kind,)).get_content() for kind in ("plain", "html"))
        pictures = [p for p in letter.walk() if p.get_content_type() == "image/png"]
        for value in (*SAMPLE.values(), *(p[1] for p in SAMPLE_POSTS)):
            expect(value in plain and value in html.unescape(markup), f"{value} stands in both parts of the mail")
        expect(len(pictures) == 1 and "cid:" in markup, "the chart is embedded")
        expect("http" not in re.sub(r'href="[^"]*"|xmlns[^ >]*', "", markup), "the mail fetches nothing")
        expect("List-Unsubscribe=One-Click" in letter["List-Unsubscribe-Post"], "the mail can be stopped with one click")
        self.step(
            "The mail came",
            str(letter["subject"]),
            f"to {WHO}, chart of {len(pictures[0].get_payload(decode=True)):,} bytes",
        )

    def disconnect(self) -> None:
        page = self.browser.submit(self.browser.get("/settings/integrations"), to="/disconnect")
        words = text_of(page.text)
        expect(f"Disconnected @{ACCOUNT}." in words, "the result page says what happened")
        # It waits two seconds for TikTok; an answer that comes later is on the page when it is opened again.
        wait(
            lambda: "Tokens were revoked at" in text_of(self.browser.get(str(page.url)).text),
            "the result page says that TikTok revoked the tokens",
        )
        until = re.search(r"will be deleted by ([A-Z][a-z]+ \d+, \d{4})", words)
        expect(until is not None, "the result page says until when the data goes")
        calls = self.sandbox.get("/__control__/log").json()
        revoked = [c for c in _rows(calls) if c["endpoint"].rstrip("/").endswith("/tt_user/oauth2/revoke")]
        expect(bool(revoked), "local TikTok was asked to revoke")
        self.step("Disconnected", f"tokens revoked at TikTok, data deleted by {until[1]}")

    def ask_for_deletion(self) -> str:
        page = self.browser.submit(self.browser.get("/settings/integrations"), to="/deletion")
        words = text_of(page.text)
        said = re.search(
            rf"Deletion of all data for @{ACCOUNT} is scheduled for the run of (.+?, 02:00 UTC)\. Reference ([A-Z]+-\w{{4}}-\w\w)\.", words
        )
        expect(said is not None, "one click schedules the deletion, with a night and a reference")
        expect("Cancel this request" in words, "it can be taken back until then")
        self.step("Asked for deletion", f"scheduled for {said[1]}, reference {said[2]}")
        return said[2]

    def deletion(self, reference: str, week: str) -> None:
        """The night comes early: local TikTok's clock is what the platform goes by."""
        self.sandbox.post("/__control__/clock", json={"advance": 24 * 3600}).raise_for_status()
        status = f"/data-deletion/{reference}"
        page = wait(
            lambda: page if "Certificate (PDF)" in (page := self.browser.get(status)).text else None, "the deletion to be done", 120
        )
        expect(ACCOUNT not in page.text, "the status page names no account")
        files = {kind: self.browser.get(f"{status}/certificate.{kind}").content for kind in ("json", "sig", "pdf")}
        key = self.browser.get("/.well-known/deletion-certificate-key.pem").content
        load_pem_public_key(key).verify(files["sig"], files["json"])
        said = json.loads(files["json"])
        expect(files["pdf"].startswith(b"%PDF"), "the certificate can be printed")
        expect(all(place["left"] == 0 for place in said["places"]), "the sweep found nothing left")
        expect(ACCOUNT not in files["json"].decode(), "the certificate names no account")
        for where in ("/performance", "/reports", f"/reports/{week}", "/settings/integrations"):
            expect(ACCOUNT not in self.browser.get(where).text, f"{where} no longer names the account")
        expect("This report was sent." in self.browser.get(f"/reports/{week}").text, "the report says that it was sent, and nothing else")
        letters = wait(
            lambda: [m for m in self._all_letters() if f"Deletion {reference} is done" in m["subject"]], "the mail that it is done"
        )
        expect(not any(ACCOUNT in path.read_text() for path in self.mails.glob("*.eml")), "no caught mail names the account")
        self.step(
            "Deleted, and proven",
            f"{sum(p['erased'] + p['redacted'] for p in said['places']):,} rows and files in {said['places_swept']} places, nothing left",
            f"certificate of {reference} verified with the published key; {len(letters)} people told",
        )

    def _with_certificate(self, status: str) -> httpx.Response | None:
        page = self.browser.get(status)
        return page if "Certificate (PDF)" in page.text else None

    def _all_letters(self) -> list[Any]:
        return [message_from_bytes(p.read_bytes(), policy=policy.default) for p in sorted(self.mails.glob("*.eml"))]

    def _world(self) -> dict[str, Any]:
        return self.sandbox.get("/__control__/world", params={"account": ACCOUNT, "limit": 1000}).json()

    def _letters(self, week: str) -> list[Any]:
        found = [message_from_bytes(p.read_bytes(), policy=policy.default) for p in sorted(self.mails.glob("*.eml"))]
        return [m for m in found if f"/reports/{week}?workspace={WORKSPACE}" in m.get_body(preferencelist=("plain",)).get_content()]


def _rows(answer: Any) -> list[dict[str, Any]]:
    return answer if isinstance(answer, list) else next(v for v in answer.values() if isinstance(v, list))


def expect(true: bool, sentence: str) -> None:
    """The walk ends at the first thing that is not as a person would expect."""
    if not true:
        raise Unexpected(f"Not so: {sentence}.")


def wait(look: Callable[[], T | None], what: str, seconds: float = 60) -> T:
    """Look again until it is there."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise Unexpected(f"Not within {seconds:.0f} s: {what}.")


def text_of(page: str) -> str:
    """What a person reads: no tags, no drawings, no scripts, one space at a time."""
    page = re.sub(r"<(svg|script|style)\b.*?</\1>", " ", page, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def title_of(page: str) -> str:
    """The page's title."""
    found = re.search(r"<title>(.*?)</title>", page, re.S)
    return html.unescape(found[1]).strip() if found else ""


def figure_after(words: str, label: str) -> str:
    """The figure that stands behind its label."""
    found = re.search(rf"{re.escape(label)}\s+(\S+)", words)
    return found[1] if found else "nothing"


def main() -> int:
    """0 when every step was as expected."""
    started = time.monotonic()
    walk = Walk(os.environ)
    try:
        walk.go()
    except (Unexpected, httpx.HTTPError) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    print(f"\nThe whole way, as expected, in {time.monotonic() - started:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
