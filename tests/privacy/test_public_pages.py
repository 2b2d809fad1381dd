"""What everybody may read: true to the registries and settings, whole, without script or cookie."""

import re
from html import unescape

import pytest
from django.conf import settings
from django.test import Client

from agency.local.home import PROJECT
from integrations.features import SCOPES
from integrations.limits import ACCOUNTS_APP
from metrics.dictionary import METRICS
from privacy import publication
from privacy.register import REGISTER

PAGES = ("/tiktok-api", "/walkthrough", "/privacy-policy", "/terms", "/glossary", "/security")


def read(path: str) -> str:
    answer = Client().get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_reads_it_without_script_or_cookie(path: str) -> None:
    answer = Client().get(path)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert not answer.cookies
    assert answer["Cache-Control"] == "public, max-age=300"
    assert "<script" not in html
    assert "<form" not in html
    assert not re.search(r"\s(style|on[a-z]+)=", html)
    assert html.count("<h1") == 1
    assert len(html.encode()) <= 60_000


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_its_list_of_contents_leads_to_sections_and_ids_are_unique(path: str) -> None:
    html = read(path)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


@pytest.mark.django_db
def test_the_scope_table_is_the_registry() -> None:
    text = words(read("/tiktok-api"))
    for scope in SCOPES.values():
        assert scope.name in text
        assert scope.reason in text
        assert scope.without_it in text
    assert all(row.features for row in publication.scope_rows()), "a scope without a feature would be asked for by nobody"


@pytest.mark.django_db
def test_addresses_and_limits_are_those_that_the_code_uses() -> None:
    text = words(read("/tiktok-api"))
    assert settings.TIKTOK_REDIRECT_URI in text
    assert settings.TIKTOK_BUSINESS_BASE.split("//")[1] in text
    assert f"At most {ACCOUNTS_APP.limit} calls a minute" in text
    assert "open-api.tiktok.com" not in text


@pytest.mark.django_db
def test_another_operator_appears_under_its_own_name(settings: object) -> None:
    settings.OPERATOR_NAME, settings.OPERATOR_PLACE, settings.PRIVACY_CONTACT = (
        "Other Agency GmbH",
        "Vienna, Austria",
        "privacy@other.example",
    )
    settings.SUBPROCESSORS = ["Other Hosting | Everything | Austria"]
    text = words(read("/privacy-policy"))
    assert "Other Agency GmbH, Vienna, Austria" in text
    assert "privacy@other.example" in text
    assert "Other Hosting Everything Austria" in text
    assert "Logic Target LLC" not in text
    assert "Amazon" not in text.split("Who else handles it")[2]


@pytest.mark.django_db
def test_the_policy_shows_the_whole_register() -> None:
    text = words(read("/privacy-policy"))
    assert all(entry.purpose in text and entry.kept in text and entry.goes in text for entry in REGISTER.values())


@pytest.mark.django_db
def test_the_glossary_explains_every_metric() -> None:
    text = words(read("/glossary"))
    assert all(m.name in text and m.formula in text and m.final in text and m.missing in text for m in METRICS.values())


@pytest.mark.django_db
def test_the_walkthrough_shows_the_real_pages_as_pictures() -> None:
    html = read("/walkthrough")
    screens = re.findall(r'<div class="view" inert>(.*?)</div>\s*(?=<div class="view"|<figcaption)', html, flags=re.DOTALL)
    assert len(screens) == 6
    for promised in (
        "Connect the platforms you want to pull performance data from.",
        "is now syncing. First report appears within ~15 minutes.",
        "Source: TikTok Marketing API · Generated 2026-05-26 09:00 UTC",
        "Revokes tokens immediately. Data deleted within 90 days.",
        "Tokens were revoked at 14:02 UTC.",
    ):
        assert promised in words(html)
    for screen in screens:
        assert not re.search(r"<(?:a|button|form|main)\b|\shref=|\sid=|hx-", screen), "a picture leads nowhere"


def test_the_walkthrough_holds_no_published_sample() -> None:
    text = (PROJECT / "privacy" / "screens.py").read_text()
    assert not re.search(r"1[,_]?420[,_]?180|412[,_]?800|48[,_]?210", text)
