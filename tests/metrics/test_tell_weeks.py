"""Weeks and days: ISO weeks of UTC days, and which of them are final."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.periods import Week, day_final_at, days_between, last_final_day, last_final_week, start_of

DAYS = st.dates(date(2000, 1, 10), date(2099, 12, 20))
MOMENTS = st.integers(0, 16 * 366 * 86400 * 10**6).map(lambda n: datetime(2019, 1, 1, tzinfo=UTC) + timedelta(microseconds=n))


@given(DAYS)
def test_every_day_is_in_exactly_one_week(day: date) -> None:
    week = Week.of(day)
    assert day in week.days
    assert day not in week.before.days
    assert day not in week.after.days
    assert [d.isoweekday() for d in week.days] == [1, 2, 3, 4, 5, 6, 7]


@given(DAYS)
def test_weeks_follow_one_another_without_gap_or_overlap(day: date) -> None:
    week = Week.of(day)
    assert week.after.monday - week.sunday == timedelta(days=1)
    assert week.after.before == week.before.after == week
    assert week.before < week < week.after


@given(DAYS)
def test_a_week_is_read_back_from_what_it_prints(day: date) -> None:
    week = Week.of(day)
    assert Week.parse(str(week)) == week
    assert len(str(week)) == 8


def test_weeks_at_the_turn_of_the_year_belong_to_the_year_of_their_thursday() -> None:
    assert str(Week.of(date(2027, 1, 1))) == "2026-W53"
    assert str(Week.of(date(2027, 1, 3))) == "2026-W53"
    assert str(Week.of(date(2027, 1, 4))) == "2027-W01"
    assert str(Week.of(date(2025, 12, 29))) == "2026-W01"
    assert str(Week.parse("2025-W52").after) == "2026-W01"
    assert str(Week.parse("2027-W01").before) == "2026-W53"


NO_WEEKS = (
    "2026-W60", "2026-W00", "2025-W53", "2026-W1", "2026W46", "2026-w46", " 2026-W46", "2026-W46\n", "x", "", "0000-W01", "２０２６-W46",
    "2026-W46' OR 1=1", "2026-W46\x00",
)  # fmt: skip


@pytest.mark.parametrize("text", NO_WEEKS)
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Week.parse(text)


@given(MOMENTS)
def test_the_last_final_day_is_final_and_the_next_is_not(now: datetime) -> None:
    last = last_final_day(now)
    assert day_final_at(last) <= now < day_final_at(last + timedelta(days=1))


@given(MOMENTS)
def test_the_last_final_week_is_final_to_its_sunday_and_the_next_is_not(now: datetime) -> None:
    week = last_final_week(now)
    assert week.final_at <= now < week.after.final_at


def test_the_last_final_week_changes_exactly_two_days_after_its_sunday_has_ended() -> None:
    for monday in (date(2026, 1, 5) + timedelta(weeks=n) for n in range(5 * 52)):
        border = start_of(monday) + timedelta(hours=48)
        assert last_final_week(border) == Week.of(monday).before
        assert last_final_week(border - timedelta(microseconds=1)) == Week.of(monday).before.before


@given(DAYS, st.integers(0, 60))
def test_days_between_counts_both_ends(first: date, more: int) -> None:
    days = days_between(first, first + timedelta(days=more))
    assert (days[0], days[-1], len(days)) == (first, first + timedelta(days=more), more + 1)
