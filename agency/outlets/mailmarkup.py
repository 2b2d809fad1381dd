"""Owns turning a mail's template into what mail programs accept: styles on every element. Never fetches anything."""

from typing import Final

import css_inline

# The block marked data-css-inline="keep" stays: it holds the dark look and the narrow one, which cannot be inlined.
_INLINER: Final = css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)


def inline(html: str) -> str:
    """The same mail with its style sheet written onto the elements."""
    return _INLINER.inline(html)
