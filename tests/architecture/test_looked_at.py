"""No page is forgotten: the list of what is looked at is held against the addresses themselves."""

from typing import Any

from django.views.decorators.http import require_POST, require_safe

from agency import checks
from tests.browser import test_pages_on_the_way, test_passkeys
from tests.browser.looking import ON_THE_WAY
from tests.browser.pages import NOT_PAGES, OPENED


def only_takes_a_form(view: Any) -> bool:
    """Whether a view says of itself that it answers POST and nothing else: such an address shows no page."""
    while view is not None:
        said = dict(zip(view.__code__.co_freevars, view.__closure__ or (), strict=True)) if hasattr(view, "__code__") else {}
        if "request_method_list" in said:
            return list(said["request_method_list"].cell_contents) == ["POST"]
        view = getattr(view, "__wrapped__", None)
    return False


def test_a_form_is_told_from_a_page() -> None:
    assert only_takes_a_form(require_POST(lambda request: None))
    assert not only_takes_a_form(require_safe(lambda request: None))
    assert not only_takes_a_form(lambda request: None)


def test_every_address_is_looked_at_or_is_no_page() -> None:
    assert test_pages_on_the_way, test_passkeys  # importing them fills the list of what tests come to on their way
    looked_at = {visit.name for visit in OPENED} | set(ON_THE_WAY)
    no_pages = [name for names in NOT_PAGES.values() for name in names]
    addresses = {pattern.name: pattern.callback for _, pattern in checks.every_pattern()}
    forms = {name for name, view in addresses.items() if only_takes_a_form(view)}
    forgotten = addresses.keys() - looked_at - set(no_pages) - forms
    assert forgotten == set(), f"add a line to tests/browser/pages.py for {sorted(forgotten)}"
    assert (looked_at | set(no_pages)) - addresses.keys() == set(), "these addresses are gone"
    assert [name for name in no_pages if name in looked_at or name in forms or no_pages.count(name) > 1] == []
