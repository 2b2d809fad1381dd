"""The one door for PDFs. Owns turning `templates/pdf/<name>.typ` and data into a tagged file; never decides what it says.

Data goes in as JSON and is only ever text to Typst: nothing that a person or TikTok wrote is read as markup. Typst reads files below
`templates/pdf/` alone; those templates name no packages, so that nothing is fetched. The same data gives the same bytes.
"""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

import typst
from django.conf import settings

from agency.outlets import design

# PDF/UA: tagged, with title, language and a text for each picture, so that it can be listened to.
_STANDARD: Final = "ua-1"
# What reorders the words beside it could turn a figure round.
_REORDERING: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NO_GLYPH: Final = re.compile(r'the text `"(.*?)"` could not be displayed')
_ESCAPED: Final = re.compile(r"\\u\{([0-9a-f]+)\}")
# Joiners and variants show nothing by themselves: without their neighbours they may go.
_UNSEEN: Final = frozenset({"Cf", "Mn", "Me"})
_NOT_SHOWN: Final = "\u25a1"
_TRIES: Final = 4  # what a box takes away may leave a mark alone; all of one round come in one answer


def render(name: str, given: Mapping[str, Any], *, made_at: datetime, accent: str = design.DEFAULT_ACCENT) -> bytes:
    """A PDF from `templates/pdf/<name>.typ`. The template finds `given` as JSON (strings, numbers, lists, maps), see house.typ.

    A character that no font here has (an emoji, a script that is not installed) becomes a box; the file is made all the same.
    Raises typst.TypstError when the template itself is wrong, which a test would have shown.
    """
    source = json.dumps(
        {
            "given": _plain(given),
            "look": {key: shade.light for key, shade in design.TOKENS.items()} | {"accent": design.accent(accent).light},
            "operator": {
                "name": settings.OPERATOR_NAME,
                "place": settings.OPERATOR_PLACE,
                "product": settings.PRODUCT_NAME,
            },
        },
        ensure_ascii=False,
    )
    for _ in range(_TRIES):
        try:
            return _compile(name, source, made_at)
        except typst.TypstError as error:
            fault, absent = error, {_ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) for text in _NO_GLYPH.findall(error.diagnostic)}
            if not absent:
                raise
        for text in sorted(absent, key=len, reverse=True):
            source = source.replace(text, "" if unicodedata.category(text[0]) in _UNSEEN else _NOT_SHOWN)
    raise fault


def _compile(name: str, source: str, made_at: datetime) -> bytes:
    root = settings.BASE_DIR / "templates" / "pdf"
    made = typst.compile(
        str(root / f"{name}.typ"),
        root=str(root),
        font_paths=_fonts(),
        sys_inputs={"source": source},
        pdf_standards=_STANDARD,
        timestamp=int(made_at.timestamp()),
    )
    return bytes(made)


@cache
def _fonts() -> typst.Fonts:
    """Our typeface, and after it what the host has for other scripts. Read once: reading takes longer than a page."""
    return typst.Fonts(include_system_fonts=True, font_paths=[str(files("font_source_sans_pro") / "files")])


def _plain(value: Any) -> Any:
    """The same data without characters that a page cannot show or that would reorder it."""
    if isinstance(value, str):
        return "".join(c for c in value if c == "\n" or (c not in _REORDERING and unicodedata.category(c) not in {"Cc", "Cs", "Co", "Cn"}))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    return value
