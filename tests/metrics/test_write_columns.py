"""Columns travel to the database as it writes arrays itself: every value arrives as it was, whatever it looks like."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from metrics.bulk import array

pytestmark = pytest.mark.django_db
WORDS = [
    "",
    "NULL",
    "null",
    "{}",
    "{1,2}",
    'say "hi"',
    "back\\slash",
    '\\"',
    "a,b",
    " spaced ",
    "line\nend",
    "日本 🎞️",
    "%s",
    "'; --",
    "\\N",
]


def arrived(kind: str, values: list[Any]) -> list[Any]:
    with connection.prepared_cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [array(kind, values)])
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("text", [*WORDS, None]),
        ("bigint", [0, 1, None, 2**63 - 1, -(2**63)]),
        ("numeric", [Decimal("0.10"), Decimal("1E-6"), Decimal("99999999999999.999999"), Decimal("1E+3"), 7, None]),
        ("date", [date(2026, 2, 28), date.min, date.max, None]),
        ("boolean", [True, False, None]),
        ("text", []),
    ],
)
def test_every_value_arrives_as_it_was(kind: str, values: list[Any]) -> None:
    assert arrived(kind, values) == values


@given(st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])) | st.none()))
def test_whatever_people_write_arrives(values: list[str | None]) -> None:
    assert arrived("text", values) == values
