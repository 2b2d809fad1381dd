"""How often something may be done: counted from the first, whatever the clock strikes meanwhile."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from agency.counting import is_too_often

KEY, MINUTE = "report-link:test", timedelta(minutes=1)


def seconds_left() -> int:
    """Until the key ends; -1 where it would never."""
    return cache._cache.get_client().ttl(cache.make_key(KEY))


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    cache.delete(KEY)


def test_the_span_begins_with_the_first_and_is_not_made_longer() -> None:
    assert [is_too_often(KEY, times=3, within=MINUTE) for _ in range(5)] == [False, False, False, True, True]
    assert 0 < seconds_left() <= 60
    cache.touch(KEY, 7)
    assert is_too_often(KEY, times=3, within=MINUTE)
    assert 0 < seconds_left() <= 7


def test_a_key_that_ended_while_it_was_counted_does_not_count_forever() -> None:
    cache.set(KEY, 0, None)
    assert not is_too_often(KEY, times=3, within=MINUTE)
    assert 0 < seconds_left() <= 60
