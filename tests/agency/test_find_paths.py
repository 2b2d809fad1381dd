"""Addresses that take nothing are what Django says they are, below any prefix and for any table of addresses."""

from collections.abc import Iterator

import pytest
from django.urls import NoReverseMatch, get_script_prefix, reverse, set_script_prefix

from agency.paths import path_of


@pytest.fixture
def below_another_prefix() -> Iterator[None]:
    usual = get_script_prefix()
    yield set_script_prefix("/below/")
    set_script_prefix(usual)


def test_a_path_is_what_reverse_says() -> None:
    for name in ("performance", "campaigns", "integrations", "account_logout"):
        assert path_of(name) == reverse(name)
        assert path_of(name) == reverse(name), "when it is known too"


def test_a_path_knows_its_prefix(below_another_prefix: None) -> None:
    assert path_of("performance") == "/below/performance"


def test_an_unknown_name_has_no_path() -> None:
    with pytest.raises(NoReverseMatch):
        path_of("nowhere")
