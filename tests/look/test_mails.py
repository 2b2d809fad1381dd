"""Mails: three parts each, dark and narrow looks kept, nothing fetched, hostile names stay text."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.template.loader import render_to_string

from agency.outlets.mailmarkup import inline
from tests.look import samples
from tests.look.mails import MAILS, OPERATOR, weekly_report


class Tags(HTMLParser):
    """The elements of a mail with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.seen: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.seen.append((tag, {name: value or "" for name, value in attrs}))


def part(name: str, kind: str, **changes: Any) -> str:
    text = render_to_string(f"emails/{name}/{kind}", MAILS[name]() | OPERATOR | changes)
    return inline(text) if kind.endswith("html") else text


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_fetches_nothing_and_keeps_its_dark_look(name: str) -> None:
    html = part(name, "body.html")
    assert re.findall(r'src="(?!cid:)', html) == []
    assert "@import" not in html
    assert "url(" not in html
    assert "prefers-color-scheme: dark" in html
    assert "[data-ogsc]" in html
    assert len(html.encode()) <= 60_000


# What a mail may use, as Gmail, Outlook and Apple Mail support it. Where one of them knows a property not at all, or not on every
# element, it stands here what is seen there instead; what is not listed is not used.
ELEMENTS = {"html", "head", "meta", "title", "style", "body", "div", "table", "tbody", "tr", "td", "th"} | {
    "p", "h1", "h2", "a", "b", "br", "span", "img",
}  # fmt: skip
PROPERTIES = {
    "margin": "Outlook on Windows: zero anyway, distances are paddings of cells",
    "padding": "Outlook on Windows: on cells and paragraphs, which is where it stands",
    "padding-top": "",
    "padding-bottom": "",
    "width": "",
    "max-width": "Outlook on Windows: a table of 600 around it, in a comment that only Word reads",
    "height": "",
    "max-height": "Outlook: the preheader is kept away by mso-hide",
    "background-color": "",
    "color": "",
    "border": "",
    "border-bottom": "",
    "border-radius": "Outlook on Windows: corners are square",
    "border-spacing": "Outlook: cellspacing says the same",
    "border-collapse": "",
    "font-family": "",
    "font-size": "",
    "font-weight": "Outlook on Windows: bold or not",
    "line-height": "",
    "letter-spacing": "",
    "text-align": "",
    "text-decoration": "",
    "white-space": "Outlook on Windows: a long figure may break",
    "table-layout": "Outlook on Windows: days are as wide as what stands in them",
    "display": "none or block only; Outlook: the preheader is kept away by mso-hide",
    "opacity": "of what is not displayed anyway",
    "overflow": "of what is not displayed anyway",
    "mso-hide": "Outlook on Windows only",
    "color-scheme": "Apple Mail: the mail has a dark look of its own; the others darken as they like",
    "supported-color-schemes": "an older name of the same",
}


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_uses_what_the_clients_of_its_readers_know(name: str) -> None:
    mail = Tags()
    mail.feed(part(name, "body.html"))
    assert mail.names <= ELEMENTS
    for tag, attributes in mail.seen:
        styles = dict(re.findall(r"([\w-]+)\s*:\s*([^;]+)", attributes.get("style", "")))
        assert set(styles) <= set(PROPERTIES), (tag, attributes)
        assert styles.get("display", "none") in {"none", "block"}, (tag, attributes)
        assert styles.get("margin", "0").strip(" 0") == "", (tag, attributes)
        if tag == "table":
            assert (attributes.get("cellspacing"), attributes.get("cellpadding")) == ("0", "0"), "Word leaves gaps otherwise"
        if tag == "img":
            assert {"width", "height", "alt"} <= set(attributes)
        if tag in {"td", "th", "p", "h1", "h2"}:
            assert {"color", "font-family"} <= set(styles), "Gmail drops the sheet of a mail that is forwarded"


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_has_one_heading_tables_for_looks_only_and_the_operators_address(name: str) -> None:
    html = part(name, "body.html")
    assert html.count("<h1") == 1
    for table in re.findall(r"<table[^>]*>", html):
        assert 'role="presentation"' in table or "aria-label" in table
    for text in (html, part(name, "body.txt")):
        assert "Logic Target LLC, Walnut, CA, USA" in text


@pytest.mark.parametrize("name", MAILS)
def test_the_text_part_is_text(name: str) -> None:
    text = part(name, "body.txt", workspace_name="Brass & Sons")
    assert not re.search(r"&\w+;|<\w", text)
    assert "\n\n\n\n" not in text
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("name", MAILS)
def test_both_parts_carry_the_same_links(name: str) -> None:
    links = set(map(unescape, re.findall(r'href="(https:[^"]+)"', part(name, "body.html"))))
    text = part(name, "body.txt")
    assert {link for link in links if link not in text} <= {"https://app.example/reports/2026-W21"}  # the linked word in the news


@pytest.mark.parametrize("name", MAILS)
def test_a_subject_is_one_line_of_plain_text(name: str) -> None:
    subject = part(name, "subject.txt", workspace_name="Brass & Sons").strip()
    assert subject
    assert "\n" not in subject
    assert "&amp;" not in subject


def test_the_weekly_subject_is_the_promised_one() -> None:
    assert part("weekly_report", "subject.txt").strip() == "Week 21 · Brass Studio: 1.42M views (+18.7%)"


def test_the_columns_of_the_text_part_are_aligned() -> None:
    text = part("weekly_report", "body.txt")
    figures = ["168,400", "1,420,180", "5.7%", "+612", "284,600", "$6.42"]
    ends = {
        line.index(figure) + len(figure)
        for figure in figures
        for line in text.splitlines()[8:]
        if f" {figure}" in line and "." not in line[:3]
    }
    assert ends == {36}


def test_a_mail_without_figures_still_says_why() -> None:
    points = samples.points(missing=frozenset(range(7)))
    changes = weekly_report(chart=samples.chart(points), paid=(), creative=()) | {"chart_cid": ""}
    html, text = part("weekly_report", "body.html", **changes), part("weekly_report", "body.txt", **changes)
    assert "cid:" not in html
    assert "No advertiser account is linked." in html
    assert "No advertiser account is linked." in text
    assert text.count("no data from TikTok") == 7
    assert "No post was published" in html


def test_hostile_names_stay_text() -> None:
    evil = "<img src=x onerror=alert(1)>"
    html = part("invitation", "body.html", inviter=evil, workspace_name=evil)
    seen = Tags()
    seen.feed(html)
    assert "img" not in seen.names
    assert evil in part("invitation", "body.txt", inviter=evil)


def test_the_mail_wears_the_accent_of_the_workspace() -> None:
    html = part("weekly_report", "body.html", workspace_accent="violet")
    assert "#6f42cb" in html
    assert "#b89ffe" in html
    assert "#077367" not in html
