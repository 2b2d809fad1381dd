"""No page is forgotten: the list of what is looked at is held against the addresses themselves."""

from agency import checks
from tests.browser import test_pages_on_the_way, test_passkeys
from tests.browser.looking import ON_THE_WAY
from tests.browser.pages import NOT_PAGES, OPENED


def test_every_address_is_looked_at_or_is_no_page() -> None:
    assert test_pages_on_the_way, test_passkeys  # importing them fills the list of what tests come to on their way
    looked_at = {visit.name for visit in OPENED} | set(ON_THE_WAY)
    no_pages = [name for names in NOT_PAGES.values() for name in names]
    addresses = {pattern.name for _, pattern in checks.every_pattern()}
    assert addresses - looked_at - set(no_pages) == set(), "add a line to tests/browser/pages.py"
    assert (looked_at | set(no_pages)) - addresses == set(), "these addresses are gone"
    assert [name for name in no_pages if name in looked_at or no_pages.count(name) > 1] == []
