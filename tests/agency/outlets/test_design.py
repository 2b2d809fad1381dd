"""The palette is written twice, for pages and for mail and pictures: both say the same, and people can read it."""

import re
from itertools import product
from pathlib import Path

import pytest

from agency.outlets import design
from agency.outlets.design import ACCENTS, TOKENS, contrast

SHEET = (Path(design.__file__).parents[2] / "static" / "css" / "tokens.css").read_text()
PAIR = r"light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)"
GROUNDS = ("bg", "surface", "sunk")


def test_the_style_sheet_and_the_table_say_the_same() -> None:
    written = {name: design.Shade(*pair) for name, *pair in re.findall(rf"--([\w-]+): {PAIR};", SHEET)}
    accents = {name: design.Shade(*pair) for name, *pair in re.findall(rf'\[data-accent="(\w+)"\] {{ --accent: {PAIR} }}', SHEET)}
    assert written == TOKENS | {"accent": ACCENTS[design.DEFAULT_ACCENT]}
    assert accents | {design.DEFAULT_ACCENT: ACCENTS[design.DEFAULT_ACCENT]} == ACCENTS


@pytest.mark.parametrize(("ink", "ground"), list(product(("ink", "ink-2", "ink-3", "good", "bad", "warn", "info"), GROUNDS)))
def test_text_is_readable_on_every_ground(ink: str, ground: str) -> None:
    assert contrast(TOKENS[ink].light, TOKENS[ground].light) >= 4.5
    assert contrast(TOKENS[ink].dark, TOKENS[ground].dark) >= 4.5


@pytest.mark.parametrize(("name", "ground"), list(product(ACCENTS, GROUNDS)))
def test_accents_are_readable_as_text_and_below_text(name: str, ground: str) -> None:
    accent, on = ACCENTS[name], TOKENS["on-accent"]
    assert contrast(accent.light, TOKENS[ground].light) >= 5
    assert contrast(accent.dark, TOKENS[ground].dark) >= 5
    assert contrast(accent.light, on.light) >= 4.5
    assert contrast(accent.dark, on.dark) >= 4.5


@pytest.mark.parametrize("ground", GROUNDS)
def test_outlines_that_mean_something_are_seen(ground: str) -> None:
    assert contrast(TOKENS["control"].light, TOKENS[ground].light) >= 3
    assert contrast(TOKENS["control"].dark, TOKENS[ground].dark) >= 3


@pytest.mark.parametrize("colour", [design.PICTURE_ACCENT, design.PICTURE_QUIET])
def test_pictures_are_seen_on_light_and_on_dark_mail(colour: str) -> None:
    assert contrast(colour, TOKENS["surface"].light) >= 3
    assert contrast(colour, TOKENS["surface"].dark) >= 3


def test_an_unknown_accent_reads_as_the_default() -> None:
    assert design.accent("no such") == ACCENTS[design.DEFAULT_ACCENT]
