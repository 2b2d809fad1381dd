"""What every template keeps to: nothing inline, nothing fetched from elsewhere, icons that exist, promised words."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template

from agency.outlets import markup

FOLDER = Path(settings.TEMPLATES[0]["DIRS"][0])
ALL = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file())
PAGES = [name for name in ALL if name.endswith(".html") and not name.startswith("emails/")]
INLINE = {
    "a style attribute": re.compile(r"\sstyle\s*=", re.I),
    "a handler": re.compile(r"\son[a-z]+\s*=", re.I),
    "a style element": re.compile(r"<style", re.I),
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.I),
    "an address elsewhere": re.compile(r"(?:src|href|action)=[\"'](?:https?:)?//", re.I),
    "a data: picture": re.compile(r"[\"']data:", re.I),
}


@pytest.mark.parametrize("name", ALL)
def test_every_template_compiles(name: str) -> None:
    assert get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_template_needs_a_wider_content_security_policy(name: str) -> None:
    source = (FOLDER / name).read_text()
    assert [what for what, pattern in INLINE.items() if pattern.search(source)] == []


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith("components/") or "/_" in name])
def test_components_are_included_with_only_what_they_need(name: str) -> None:
    uses = [re.findall(r"{% include [^%]*" + re.escape(name) + r"[^%]*%}", (FOLDER / page).read_text()) for page in PAGES]
    assert [tag for found in uses for tag in found if " only %}" not in tag] == []


@pytest.mark.parametrize(
    ("names", "most", "most_packed"),
    [
        (("css/tokens.css", "css/app.css"), 30_000, 8_000),
        (("css/tokens.css", "css/app.css", "css/public.css"), 40_000, 10_000),
        (("js/app.js",), 6_000, 2_500),
    ],
)
def test_sheets_and_script_stay_light(names: tuple[str, ...], most: int, most_packed: int) -> None:
    bodies = [Path(str(finders.find(name))).read_bytes() for name in names]
    assert sum(map(len, bodies)) <= most
    assert sum(len(gzip.compress(body)) for body in bodies) <= most_packed


def test_every_icon_is_known_and_drawn() -> None:
    used = {meaning for name in PAGES for meaning in re.findall(r'{% icon "(\w+)" %}', (FOLDER / name).read_text())}
    assert used <= set(markup.ICONS)
    for meaning in markup.ICONS:
        drawing = markup.icon(meaning)
        assert drawing.startswith('<svg class="i"')
        assert "style=" not in drawing
        assert "<path" in drawing or "<circle" in drawing


@pytest.mark.parametrize("name", [name for name in ALL if name.endswith((".html", ".txt"))])
def test_templates_stay_short_and_calm(name: str) -> None:
    source = (FOLDER / name).read_text()
    assert source.count("\n") <= 120
    words = re.sub(r"<!doctype|<!--|<!\[endif|{%.*?%}|{{.*?}}|!important|!=", "", source)
    assert "!" not in words
    assert "oops" not in words.lower()
