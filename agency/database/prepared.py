"""Statements that are written out and prepared, and answers that are read when they are needed.

    with connection.pipelined():          # nothing in here waits for an answer that nobody reads yet
        days = ask(_DAYS, values, make)
        posts = ask(_POSTS, values, make)
        words = wording()                 # meanwhile PostgreSQL works
        page(words, days(), posts())      # the days are read while it works on the posts

Outside a pipeline `ask` is asked and answered at once.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models

T = TypeVar("T")
M = TypeVar("M", bound=models.Model)
Row = tuple[Any, ...]
Later = Callable[[], T]  # reads the answer, the same one however often


def ask(statement: str, values: Sequence[Any] | dict[str, Any], make: Callable[[list[Row]], T]) -> Later[T]:
    """Send a statement. Calling what comes back reads its rows and says what `make` makes of them. One that failed says so once."""
    cursor = connection.prepared_cursor()
    cursor.execute(statement, values)

    def read() -> T:
        with cursor:
            rows = cursor.fetchall()
        return make(rows)

    return cache(read)


def known(value: T) -> Later[T]:
    """An answer for which nobody has to be asked."""
    return lambda: value


def rows(statement: str, values: Sequence[Any] | dict[str, Any]) -> list[Row]:
    """The rows of a statement, now."""
    return ask(statement, values, list)()


def objects(model: type[M], where: str, values: Sequence[Any]) -> list[M]:
    """Rows of a model that fit a condition, which may say an order too. No statement is built for it, which takes longer than asking it."""
    return objects_later(model, where, values)()


def objects_later(model: type[M], where: str, values: Sequence[Any]) -> Later[list[M]]:
    """The same, once they are needed."""
    names = names_of(model)
    return ask(_all_of(model) + where, values, lambda rows: [model.from_db(connection.alias, names, row) for row in rows])


@cache
def names_of(model: type[models.Model]) -> list[str]:
    """The attributes that a row of the model has, in the order of its columns."""
    return [field.attname for field in model._meta.concrete_fields]


@cache
def columns_of(model: type[models.Model], of: str = "") -> str:
    """Its columns in that order, of a table that a statement calls so."""
    return ", ".join(f"{of}.{field.column}" if of else field.column for field in model._meta.concrete_fields)


@cache
def _all_of(model: type[models.Model]) -> str:
    return f'SELECT {columns_of(model)} FROM "{model._meta.db_table}" WHERE '  # noqa: S608 # nosec B608 - names of columns
