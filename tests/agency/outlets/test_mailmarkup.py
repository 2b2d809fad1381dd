"""Mail programs ignore style sheets: everything is written onto the elements, except what cannot be."""

from agency.outlets.mailmarkup import inline

PAGE = """<html><head><style>p { color: #111111; }</style>
<style data-css-inline="keep">@media (prefers-color-scheme: dark) { p { color: #eeeeee !important; } }</style>
</head><body><p>Hello</p></body></html>"""


def test_styles_are_written_onto_the_elements_and_the_sheet_goes() -> None:
    html = inline(PAGE)
    assert '<p style="color: #111111;">Hello</p>' in html
    assert "p { color: #111111; }" not in html


def test_the_dark_look_stays_a_sheet() -> None:
    assert "prefers-color-scheme: dark" in inline(PAGE)
