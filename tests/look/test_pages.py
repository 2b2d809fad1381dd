"""Sample pages as people get them: promised words, the five states, forms that work without script."""

import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.urls import reverse

from agency.outlets import parts
from tests.look import pages, samples
from tests.look.conftest import render
from tests.look.pages import PAGES

Page = Callable[[str], str]
VOID = {"meta", "link", "input", "img", "br", "hr", "path", "rect", "circle", "polyline", "line", "ellipse", "polygon"}


class Outline(HTMLParser):
    """Checks that tags close, and collects ids, labels and forms."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.points: list[str] = []
        self.inputs: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids += [values["id"] or ""] if "id" in values else []
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            self.points += (values.get(name) or "").split()
        if tag == "input":
            self.inputs.append(values)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


def words(html: str) -> str:
    """What a page says, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", re.sub(r"<head>.*?</head>", "", html, flags=re.S))).split())


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_whole_and_its_references_lead_somewhere(page: Page, name: str) -> None:
    html = page(name)
    outline = Outline()
    outline.feed(html)
    outline.close()
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.points) <= set(outline.ids)
    assert html.count("<h1") == 1
    assert name in {"error-500", "error-503"} or len(re.findall(r'<meta name="description" content="[^"]{20,160}">', html)) == 1
    assert len(html.encode()) <= 60_000
    assert "style=" not in html
    assert not re.search(r"\son[a-z]+=", html)
    assert html.count('<svg class="i"') <= 40


@pytest.mark.parametrize("name", [n for n in PAGES if n not in ("confirm-recipient", "stop-mail", "mail-stopped", "mail-resumed")])
def test_every_form_that_posts_carries_a_token(page: Page, name: str) -> None:
    html = page(name)
    forms = re.findall(r'<form[^>]*method="post".*?</form>', html, flags=re.S)
    assert all(re.search(r'name="csrfmiddlewaretoken" value="\w{20,}"', form) for form in forms)


def test_the_integrations_page_says_what_was_promised(page: Page) -> None:
    text = words(page("integrations"))
    assert "Connect the platforms you want to pull performance data from." in text
    assert "TikTok for Business" in text
    assert "Connected May 25, 2026 · Token refreshed 2h ago · Scopes: 9" in text
    assert "Disconnect @brassorbit3" in text
    assert "Revokes tokens immediately. Data deleted within 90 days." in text
    assert "Disconnect →" in text
    assert "Refresh now" in text
    assert "2 of 9 scopes not granted" in text


def test_a_workspace_without_accounts_is_told_what_connecting_means(page: Page) -> None:
    text = words(page("integrations-empty"))
    assert "Marketing API · Login Kit · Not connected" in text
    assert "Connect TikTok" in text
    assert "Danger zone" not in text
    assert "deleted within 90 days" in text


def test_a_viewer_sees_accounts_and_no_buttons() -> None:
    card = {"connected_count": 1, "scopes": samples.SCOPES, "can_connect": False}
    ads = pages.ads_of(can_manage=False, accounts=(pages.ad_account("Brass Studio"),))
    html = render("integrations", card=card, paces=(), can_manage=False, former=(), pending_hint=False, ads=ads)
    main = html[html.index("<main") : html.index("</main>")]
    assert "@brassorbit3" in main
    assert "<form" not in main


def test_an_account_that_waits_for_an_answer_leads_to_the_question() -> None:
    html = render("integrations", accounts=(samples.account("velvetfoxlab", "VF", state="asked", state_text="Waiting for your yes"),))
    assert reverse("choose", args=[samples.PUBLIC_ID]) in html
    assert ">Reconnect<" not in html[html.index("Connected accounts") : html.index('id="ads-h"')]


def test_the_notice_after_connecting_says_what_was_promised_and_polls(page: Page) -> None:
    html = page("performance")
    assert "Connected. @brassorbit3 is now syncing. First report appears within ~15 minutes." in words(html)
    assert 'hx-trigger="every 3s"' in html
    assert "?connected=brassorbit3" in html
    assert 'data-poll-for="120"' in html


def test_the_key_figures_have_the_promised_labels_and_the_full_figure(page: Page) -> None:
    text = words(page("performance"))
    for label in ("Followers", "Views (7d)", "Engagement", "Posts (7d)", "on cadence", "Post", "Posted", "Views", "Watch-through"):
        assert label in text
    assert "1.42M, in full 1,420,180" in text
    assert "+18.7% from 1,196,445" in text


@pytest.mark.parametrize(
    ("state", "minutes", "sentence", "line", "look"),
    [
        ("fresh", 4, "", "Synced 4 min ago TikTok figures final through May 18", "dot"),
        ("not_final", 4, "TikTok still counts May 24", "TikTok still counts May 24 Synced 4 min ago", "dot soon"),
        ("late", 181, "Next try 14:20 UTC.", "Last synced 3 h ago. Next try 14:20 UTC.", "dot late"),
        ("broken", 1500, "@a needs to be reconnected.", "Last synced 1 day ago", "dot bad"),
        ("never", 0, "", "Not synced yet", "dot off"),
    ],
)
def test_each_state_of_freshness_has_its_look_and_its_words(state: Any, minutes: int, sentence: str, line: str, look: str) -> None:
    freshness = parts.Freshness(state, samples.recently(minutes), samples.MONDAY, sentence)
    found = re.search(r'<p class="fresh">.*?</p>', render("performance-month", freshness=freshness), flags=re.S)
    assert found is not None
    assert words(found[0].replace("</span>", " </span>")) == line
    assert re.findall(r'<i class="(dot[^"]*)">', found[0]) == [look]


def test_a_broken_connection_has_one_red_notice_with_one_button(page: Page) -> None:
    html = page("performance-broken")
    notice = re.findall(r'<div class="note bad">.*?</div>', html, flags=re.S)
    assert len(notice) == 1
    assert words(notice[0]) == "@brassorbit3 needs to be reconnected. Figures stop at May 22. Reconnect"


def test_a_figure_that_was_not_granted_is_a_dash_with_its_reason(page: Page) -> None:
    text = words(page("performance-broken"))
    assert "Followers –Not granted. Ask @moontideco2 to allow user.info.stats." in text
    assert "Engagement –No data from TikTok" in text


def test_the_table_beside_the_chart_tells_missing_from_zero(page: Page) -> None:
    html = page("performance-broken")
    assert "Wed 20– no data178,450–" in words(html)
    assert "Sun 24 may still rise154,400147,265+4.8%" in words(html)


def test_nothing_connected_shows_the_checklist_and_no_figures(page: Page) -> None:
    html = page("performance-empty")
    assert "Connect a TikTok account" in html
    assert "kpis" not in html
    assert words(html).count(", done") == 1


def test_a_failed_callback_says_that_nothing_was_stored_and_how_to_go_on(page: Page) -> None:
    text = words(page("callback-problem"))
    assert "Nothing was stored." in text
    assert "Try again" in text
    assert "Try again" not in words(render("callback-problem", retry_href="", do=""))


def test_the_page_after_disconnecting_says_what_happened_and_until_when(page: Page) -> None:
    said = "Disconnected @brassorbit3. Tokens were revoked at 14:02 UTC. Its data will be deleted by August 23, 2026."
    assert said in words(page("disconnected"))
    silent = words(page("disconnected-unanswered"))
    assert "Our copy of the tokens is destroyed. TikTok did not answer; we keep asking it to revoke until it does." in silent
    assert "Tokens were revoked at" not in silent


def test_a_report_names_what_is_missing_at_the_top(page: Page) -> None:
    text = words(page("week-awkward"))
    assert text.index("@moontideco2 is not in the figures") < text.index("Organic performance")
    assert "No advertiser account is linked." in text
    assert "Reports contain only aggregated metrics." in words(page("week"))


def test_a_report_says_what_was_promised(page: Page) -> None:
    text = words(page("week"))
    promised = (
        *("Week 21 · Brass Studio · May 18 – May 24", "Source: TikTok Marketing API · Generated 2026-05-25 09:00 UTC"),
        *("Organic performance", "Posts published", "Total views", "Avg. engagement rate", "New followers"),
        *("Paid (Spark Ads)", "Boosted posts", "Impressions", "CTR", "CPM (USD)", "Top-performing creative"),
    )
    assert [phrase for phrase in promised if phrase not in text] == []


def test_no_page_offers_registration(page: Page) -> None:
    assert "sign up" not in " ".join(words(page(name)).lower() for name in PAGES)


def test_a_refused_field_points_to_its_error_and_the_summary_takes_the_focus(page: Page) -> None:
    html = page("people")
    field = re.search(r'<input[^>]*name="email"[^>]*>', html)
    assert field is not None
    assert 'aria-invalid="true"' in field[0]
    assert 'aria-describedby="id_email_error"' in field[0]
    assert 'role="alert" tabindex="-1" data-focus' in html


def test_hostile_names_stay_text() -> None:
    evil = '<script>alert("x")</script>'
    row = samples.account(evil, "X")
    post = parts.PostRow(1, evil, "", "May 22", "1", "1", 1.0, "–", "–")
    html = render("performance", connections=(row,), posts=(post,), connected_notice={"name": evil, "handle": '"><x y="'})
    assert "<script>alert" not in html
    assert '"><x' not in html


def test_one_workspace_alone_draws_no_switcher() -> None:
    assert "switch workspace" in render("performance")
    assert "switch workspace" not in render("performance", chrome=samples.chrome("Performance", spaces=()))


@pytest.mark.parametrize(("theme", "attribute"), [("system", False), ("dark", True), ("light", True)])
def test_the_theme_of_the_person_is_rendered_by_the_server(theme: str, attribute: bool) -> None:
    html = render("performance", chrome=samples.chrome("Performance", theme=theme, accent="moss"))
    assert (f'data-theme="{theme}"' in html) is attribute
    assert 'data-accent="moss"' in html


def test_the_two_factor_drawing_is_inline_and_has_no_colours_of_its_own(page: Page) -> None:
    drawing = re.search(r'<svg class="qr".*?</svg>', page("two-factor-start"), flags=re.S)
    assert drawing is not None
    assert drawing[0].count("<path") == 1
    assert len(drawing[0]) > 1_000
    assert "fill" not in drawing[0]
