"""Deltas: colour says better or worse, the arrow says up or down."""

from datetime import date

from agency.outlets import parts


def test_more_views_are_better_and_up() -> None:
    chip = parts.count_delta(1_420_180, 1_196_445)
    assert chip == parts.Delta("+18.7%", "from 1,196,445", "better", "up")


def test_a_lower_price_is_better_and_down() -> None:
    assert parts.delta("−4.3%", "from $6.71", -0.29, more_is="worse") == parts.Delta("−4.3%", "from $6.71", "better", "down")


def test_without_a_base_there_is_no_chip_and_from_zero_it_is_new() -> None:
    assert parts.count_delta(5, None) is None
    assert parts.rate_delta(None, 0.05) is None
    chip = parts.count_delta(5, 0)
    assert chip is not None
    assert chip.text == "new"


def test_a_change_too_small_to_show_has_no_arrow() -> None:
    chip = parts.rate_delta(0.05701, 0.05699)
    assert chip == parts.Delta("0.0 pp", "from 5.7%", "flat", "none")


def test_an_account_without_a_handle_is_known_by_its_name() -> None:
    row = parts.AccountRow("0f8fad5b-d9cb", "", "B", "", "live", "Live", date(2026, 5, 25), None, 1, 9, display_name="Brass")
    assert (row.shown, row.beside) == ("Brass", "")


def test_more_is_offered_only_where_the_tabs_leave_something_out() -> None:
    def chrome(*tabs: parts.NavItem) -> parts.Chrome:
        return parts.Chrome("W", "W", "", "teal", "system", (), (one,), (two,), tabs, "P", "P", "", "/", "/", "/")

    one, two = parts.NavItem("chart", "One", "/one"), parts.NavItem("plug", "Two", "/two")
    assert chrome(one).has_more
    assert not chrome(one, two).has_more
