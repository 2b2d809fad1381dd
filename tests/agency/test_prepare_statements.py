"""Statements that are sent together are answered as if each had waited for the one before; one that fails leaves the connection usable."""

import os

import psycopg
import pytest
from django.db import DatabaseError, DataError, ProgrammingError, connection, transaction

from agency import scope
from agency.database import prepared
from agency.database.prepared import ask, known, rows
from agency.models import Membership, Person
from tests.people import Cast

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
NUMBER = "SELECT %s::int"


def number(value: int) -> prepared.Later[int]:
    return ask(NUMBER, [value], lambda rows: rows[0][0])


def test_answers_are_read_in_any_order_and_as_often_as_one_likes() -> None:
    with connection.pipelined():
        one, two, three = number(1), number(2), number(3)
        assert (three(), one(), two(), one()) == (3, 1, 2, 1)
        four = number(4)
    assert (four(), known(5)()) == (4, 5), "what nobody read inside is still there"


def test_an_answer_is_there_before_those_to_what_was_asked_after_it() -> None:
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as holder, transaction.atomic():
        holder.execute("SELECT pg_advisory_lock(7)")
        rows("SELECT set_config('lock_timeout', %s, true)", ["10s"])  # whoever waits for all of them fails and does not hang
        with connection.pipelined():
            one, waiting, three = number(1), ask("SELECT pg_advisory_xact_lock(%s)", [7], list), number(3)
            assert one() == 1
            holder.execute("SELECT pg_advisory_unlock(7)")
            assert (three(), len(waiting())) == (3, 1)


def test_what_is_asked_outside_is_answered_at_once() -> None:
    assert number(7)() == 7
    assert rows("SELECT n FROM generate_series(1, %s) AS n", [3]) == [(1,), (2,), (3,)]


def test_queries_of_the_orm_and_writes_go_their_way_in_between(cast: Cast) -> None:
    with scope.inside(cast.brass.pk), connection.pipelined():
        before = ask('SELECT count(*) FROM "agency_membership"', [], lambda rows: rows[0][0])
        Membership.objects.filter(pk=cast.viewer.pk).delete()
        after = ask('SELECT count(*) FROM "agency_membership"', [], lambda rows: rows[0][0])
        assert Membership.objects.count() == after() == before() - 1


def test_one_that_fails_says_so_and_what_was_asked_before_it_is_answered() -> None:
    for _ in range(3):
        with pytest.raises(DataError), transaction.atomic(), connection.pipelined():
            good, bad = number(1), ask("SELECT 1 / %s::int", [0], list)
            assert good() == 1
            bad()
        assert number(3)() == 3


def test_after_one_that_failed_nothing_is_answered() -> None:
    for _ in range(3):
        with pytest.raises(LookupError), transaction.atomic(), connection.pipelined():
            with pytest.raises(DataError):  # where the next is asked, or where one is read
                ask("SELECT 1 / %s::int", [0], list)
                number(1)()
            with pytest.raises(DatabaseError):
                number(2)()
            raise LookupError("as the page would say something")
        assert number(3)() == 3


def test_one_that_nobody_reads_fails_at_the_end() -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.pipelined():
        ask("SELECT nothing_like_it", [], list)
    assert number(3)() == 3


def test_an_error_of_ours_in_between_comes_through_as_it_is() -> None:
    with pytest.raises(LookupError), transaction.atomic(), connection.pipelined():
        number(1)
        raise LookupError
    assert number(3)() == 3


def test_rows_of_a_model_are_what_the_orm_reads(cast: Cast) -> None:
    mine = cast.admin.person
    (found,) = prepared.objects(Person, "id = %s", [mine.pk])
    assert vars(found).keys() == vars(Person.objects.get(pk=mine.pk)).keys()
    assert all(getattr(found, name) == getattr(mine, name) for name in prepared.names_of(Person))


def test_a_workspaces_table_is_closed_to_what_is_prepared_too(cast: Cast) -> None:
    with pytest.raises(scope.UnscopedQuery):
        prepared.objects(Membership, "person_id = %s", [cast.admin.person.pk])


def test_a_statement_is_prepared_once_and_no_other_is_kept_with_its_values(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        for value in (1, 2, 3):
            assert number(value)() == value
        for number_of_pages in range(3):
            Membership.objects.filter(pk=cast.viewer.pk).update(purpose=f"canary {number_of_pages}")
        kept = rows(
            "SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE %s", ["SELECT $1::int"]
        )
        assert kept == [("SELECT $1::int", 3)]
        assert "canary" not in str(vars(connection.connection._prepared))
