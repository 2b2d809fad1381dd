"""Figures read the same everywhere."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agency.outlets import figures

NOW = datetime(2026, 5, 25, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (48_210, "48,210"),
        (999_999, "999,999"),
        (1_000_000, "1.00M"),
        (1_420_180, "1.42M"),
        (14_201_800, "14.2M"),
        (9_999_999, "10.0M"),
        (142_018_000, "142M"),
        (999_499_999, "999M"),
        (999_600_000, "1.00B"),
        (-1_420_180, "−1.42M"),
        (None, "–"),
    ],
)
def test_a_key_figure_is_full_below_a_million_and_has_three_digits_beyond(value: int | None, text: str) -> None:
    assert figures.compact(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(999, "999"), (1_000, "1.00K"), (168_400, "168K"), (999_499, "999K"), (999_600, "1.00M"), (-12_345, "−12.3K"), (None, "–")],
)
def test_a_short_figure_has_three_digits(value: int | None, text: str) -> None:
    assert figures.short(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (80_000, "80K"), (1_500, "1.5K"), (2_500_000, "2.5M"), (300_000, "300K"), (3e9, "3B")]
)
def test_a_gridline_has_no_decimal_that_says_nothing(value: float, text: str) -> None:
    assert figures.axis(value) == text


def test_counts_are_grouped_and_carry_a_true_minus() -> None:
    assert figures.count(1_420_180) == "1,420,180"
    assert figures.count(-1_204) == "−1,204"
    assert figures.signed_count(612) == "+612"
    assert figures.signed_count(0) == "0"


def test_rates_have_the_decimals_of_their_kind() -> None:
    assert figures.rate(0.0565) == "5.7%"
    assert figures.ctr(Decimal("0.0184")) == "1.84%"
    assert figures.watch(0.675) == "68%"
    assert figures.points(0.004) == "+0.4 pp"
    assert figures.points(-0.0012) == "−0.1 pp"
    assert figures.points(0.0) == "0.0 pp"
    assert figures.points(-0.0001) == "0.0 pp"


@pytest.mark.parametrize(
    "write", [figures.count, figures.signed_count, figures.compact, figures.short, figures.rate, figures.ctr, figures.watch]
)
def test_absent_is_a_dash_and_never_a_zero(write) -> None:
    assert write(None) == "–"
    assert write(0) != "–"


def test_a_change_needs_a_base() -> None:
    assert figures.change(1_420_180, 1_196_445) == "+18.7%"
    assert figures.change(90, 100) == "−10.0%"
    assert figures.change(5, 0) == "new"
    assert figures.change(0, 0) == "0%"
    assert figures.change(5, None) == "–"
    assert figures.change(None, 5) == "–"


@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12).filter(bool))
@example(1, 2_000)
@example(201, 200)
@example(199, 200)
def test_a_change_of_whole_numbers_is_rounded_as_one_of_decimals(now: int, before: int) -> None:
    assert figures.change(now, before) == figures.change(Decimal(now), Decimal(before))


def test_money_shows_the_sign_that_readers_know_and_the_code_otherwise() -> None:
    assert figures.money(Decimal("6.42"), "USD") == "$6.42"
    assert figures.money(Decimal("1827.125"), "USD") == "$1,827.13"
    assert figures.money(Decimal("642"), "JPY") == "¥642"
    assert figures.money(Decimal("-6.4"), "CHF") == "−CHF 6.40"
    assert figures.money(None, "USD") == "–"


def test_a_range_names_the_years_only_where_they_differ() -> None:
    assert figures.day_range(date(2026, 5, 18), date(2026, 5, 24)) == "May 18 – May 24"
    assert figures.day_range(date(2025, 12, 29), date(2026, 1, 4)) == "Dec 29, 2025 – Jan 4, 2026"
    assert figures.day_range(date(2026, 5, 18), date(2026, 5, 24), year=True) == "May 18 – May 24, 2026"
    assert figures.day_range(date(2026, 5, 18), date(2026, 5, 18)) == "May 18"
    assert figures.short_range(date(2026, 5, 18), date(2026, 5, 24)) == "May 18 – 24"
    assert figures.short_range(date(2026, 4, 27), date(2026, 5, 24)) == "Apr 27 – May 24"
    assert figures.long_day(date(2026, 8, 23)) == "August 23, 2026"


def test_a_moment_names_its_zone() -> None:
    assert figures.moment_text(NOW) == "2026-05-25 09:15 UTC"
    assert figures.moment_text(NOW, ZoneInfo("America/Los_Angeles")) == "2026-05-25 02:15 PDT"
    assert figures.time_text(NOW) == "09:15 UTC"


@pytest.mark.parametrize(
    ("age", "text", "short"),
    [
        (timedelta(seconds=59), "just now", "just now"),
        (timedelta(minutes=4, seconds=59), "4 min ago", "4m ago"),
        (timedelta(minutes=60), "1 h ago", "1h ago"),
        (timedelta(hours=23, minutes=59), "23 h ago", "23h ago"),
        (timedelta(hours=24), "1 day ago", "1d ago"),
        (timedelta(days=30, hours=23), "30 days ago", "30d ago"),
        (timedelta(days=31), "on Apr 24, 2026", "on Apr 24, 2026"),
        (timedelta(minutes=-5), "just now", "just now"),
    ],
)
def test_an_age_is_rounded_down_and_becomes_a_date_after_a_month(age: timedelta, text: str, short: str) -> None:
    assert figures.ago(NOW - age, NOW) == text
    assert figures.ago(NOW - age, NOW, short=True) == short


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_a_shortened_figure_stays_within_half_a_percent_of_the_full_one(value: int) -> None:
    for text in (figures.compact(value), figures.short(value)):
        scale = {"K": 10**3, "M": 10**6, "B": 10**9}.get(text[-1], 1)
        back = float(text.rstrip("KMB").replace(",", "").replace("−", "-")) * scale
        assert abs(back - value) <= abs(value) * 0.005


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (3, "3"),
        (2.5, "2.5"),
        (7.5, "7.5"),
        (0.03, "0.03"),
        (0.1 + 0.2, "0.3"),
        (0.004, "0.004"),
        (500.0, "500"),
        (1500.0, "1.5K"),
    ],
)
def test_a_gridline_says_where_it_is(value: float, text: str) -> None:
    assert figures.axis(value) == text
