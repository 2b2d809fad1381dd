"""Moments come out of the database in UTC to the microsecond, whatever cursor asks and whatever the session's zone is."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import DataError, connection, transaction

pytestmark = pytest.mark.django_db
MOMENTS = (
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    datetime(2026, 5, 24, 12, 0, 0, 120_000, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
)


@pytest.mark.parametrize("cursor_of", ["cursor", "prepared_cursor"])
def test_moments_come_as_they_went_in(cursor_of: str) -> None:
    with getattr(connection, cursor_of)() as cursor:
        cursor.execute("SELECT unnest(%s::timestamptz[])", [list(MOMENTS)])
        found = [row[0] for row in cursor.fetchall()]
        assert found == list(MOMENTS)
        assert {moment.tzinfo for moment in found} == {UTC}
        cursor.execute("SELECT NULL::timestamptz, ARRAY['2026-05-24 12:00:00+02']::timestamptz[]")
        assert cursor.fetchone() == (None, [datetime(2026, 5, 24, 10, tzinfo=UTC)])


def test_a_session_in_another_zone_tells_the_same_moments() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Asia/Kolkata'")
        cursor.execute("SELECT unnest(%s::timestamptz[])", [list(MOMENTS[1:4])])
        assert [row[0] for row in cursor.fetchall()] == list(MOMENTS[1:4])


@pytest.mark.parametrize("text", ["infinity", "0044-03-15 12:00:00+00 BC"])
def test_what_no_datetime_can_hold_is_refused_as_by_psycopg(text: str) -> None:
    with transaction.atomic(), pytest.raises((DataError, psycopg.DataError)), connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [text])
        cursor.fetchone()
