"""What an address of a page of figures asks for: whatever stands in it, some days are shown; what could not be followed is said; and the
page's own links lead to the same wish."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.asked_days import AGAINST, EARLIEST, LENGTHS, MOST_DAYS
from metrics.periods import day_final_at, last_final_day
from reports.asking import METRICS, Asked, asked

NOW = datetime(2026, 5, 27, 12, tzinfo=UTC)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
some_days = st.dates(date(2017, 1, 1), date(2041, 1, 1)).map(date.isoformat)
texts = st.one_of(st.text(max_size=30), some_days, st.sampled_from([*map(str, LENGTHS), *AGAINST, *METRICS, ""]))
queries = st.dictionaries(st.sampled_from(["days", "from", "to", "of", "against", "metric"]), texts)


def read(href: str, now: datetime) -> Asked:
    return asked(dict(parse_qsl(urlsplit(href).query)), now=now)


@given(queries, moments)
def test_whatever_is_asked_some_days_are_shown_none_of_them_to_come(query: dict[str, str], now: datetime) -> None:
    wish = asked(query, now=now)
    assert EARLIEST <= wish.first <= wish.last <= now.date()
    assert 1 <= wish.length <= MOST_DAYS
    if wish.before is not None:
        assert (wish.before[1] - wish.before[0]).days + 1 == wish.length
        assert wish.before[1] < wish.last
        if wish.against == "before":
            assert wish.before[1] + timedelta(days=1) == wish.first
        else:
            assert wish.before[0].weekday() == wish.first.weekday()
    if wish.days is not None:
        assert wish.last == last_final_day(now)
        assert day_final_at(wish.last) <= now < day_final_at(wish.last + timedelta(days=1))


@given(queries, moments)
def test_a_link_of_the_page_leads_to_the_same_wish(query: dict[str, str], now: datetime) -> None:
    wish = asked(query, now=now)
    again = read(wish.href(), now)
    assert (again.range, again.days, again.of, again.against, again.metric) == (wish.range, wish.days, wish.of, wish.against, wish.metric)
    assert again.problems == ()


@given(some_days, some_days, moments)
def test_two_days_are_what_is_shown_where_they_can_be(one: str, other: str, now: datetime) -> None:
    wish = asked({"from": one, "to": other}, now=now)
    first, last = sorted(map(date.fromisoformat, (one, other)))
    if first >= EARLIEST and last <= now.date() and (last - first).days < MOST_DAYS:
        assert wish.range == (first, last)
        assert bool(wish.problems) == (one > other)
    else:
        assert wish.problems


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"days": "13"}, "choose 7, 28 or 90 days"),
        ({"days": "٧"}, "choose 7, 28 or 90 days"),
        ({"from": "2026-05-01"}, "needs two dates"),
        ({"from": "yesterday", "to": "2026-05-20"}, "needs two dates"),
        ({"from": "2026-05-20", "to": "2026-05-01"}, "turned around"),
        ({"from": "2026-05-20", "to": "2026-07-01"}, "ends today"),
        ({"from": "2026-06-20", "to": "2026-07-01"}, "no day left"),
        ({"from": "2020-01-01", "to": "2026-05-20"}, "at most 366 days"),
        ({"from": "0001-01-01", "to": "0001-01-02"}, "no TikTok before"),
        ({"against": "everybody"}, "the days before"),
        ({"metric": "revenue"}, "shows views"),
    ],
)
def test_what_cannot_be_followed_is_said(query: dict[str, Any], said: str) -> None:
    assert any(said in problem for problem in asked(query, now=NOW).problems)


def test_an_own_period_may_hold_days_that_are_not_final() -> None:
    wish = asked({"from": "2026-05-20", "to": "2026-05-27"}, now=NOW)
    assert (wish.problems, wish.length, wish.final) == ((), 8, date(2026, 5, 24))
