"""Owns the palette as data, for outlets that cannot read a style sheet: mail and pictures. static/css/tokens.css is its twin."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Shade:
    """One meaning in both looks."""

    light: str
    dark: str


TOKENS: Final[dict[str, Shade]] = {
    "bg": Shade("#fbfaf8", "#110f0d"),
    "surface": Shade("#ffffff", "#191715"),
    "sunk": Shade("#f5f4f0", "#23211d"),
    "line": Shade("#e5e3df", "#312f2b"),
    "control": Shade("#848078", "#78746d"),
    "ink": Shade("#1c1914", "#f2f0ec"),
    "ink-2": Shade("#514c46", "#c0bdb8"),
    "ink-3": Shade("#69645d", "#a29e98"),
    "good": Shade("#037138", "#61da92"),
    "bad": Shade("#bc2826", "#fe827a"),
    "warn": Shade("#8f5803", "#f3b94c"),
    "info": Shade("#0465af", "#6ebcfc"),
    "on-accent": Shade("#ffffff", "#110f0d"),
}

DEFAULT_ACCENT: Final = "teal"
ACCENTS: Final[dict[str, Shade]] = {
    "teal": Shade("#077367", "#50d7c3"),
    "ocean": Shade("#0364b4", "#6fb6fe"),
    "violet": Shade("#6f42cb", "#b89ffe"),
    "rose": Shade("#c21955", "#fb89a0"),
    "brass": Shade("#905c01", "#f0ba59"),
    "moss": Shade("#377029", "#86da73"),
    "slate": Shade("#424e5e", "#b0c0d1"),
}

# A picture in a mail stands on a ground we do not know: both keep 3:1 on white and on the dark surface.
PICTURE_ACCENT: Final = "#1f8f80"
PICTURE_QUIET: Final = "#8a857d"


def accent(name: str) -> Shade:
    """The accent of a workspace; an unknown name reads as the default, so that an old row never breaks a mail."""
    return ACCENTS.get(name, ACCENTS[DEFAULT_ACCENT])


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two #rrggbb colours."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
