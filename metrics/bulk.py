"""Many rows in one statement, by their natural key. Knows columns and types; never what they mean."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

from django.db import connection
from psycopg import sql


def upsert(
    *,
    table: str,
    key: tuple[str, ...],
    columns: tuple[str, ...],
    types: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    fixed: dict[str, Any],
    overwrite: tuple[str, ...],
    only_if_changed: tuple[str, ...] = (),
    keep_when_absent: tuple[str, ...] = (),
    also: str = "",
) -> int:
    """INSERT … SELECT unnest(…) ON CONFLICT, in one statement. Returns how many rows are new or changed.

    A statement may touch a row only once: of rows with the same key, as a page read twice can bring them, the last one counts.
    """
    places = [columns.index(c) for c in key if c in columns]
    rows = list({tuple(row[place] for place in places): row for row in rows}.values())
    statement = _upserting(table, key, columns, types, tuple(fixed), overwrite, only_if_changed, keep_when_absent, also)
    return _written(statement, fixed, types, rows)


@cache
def _upserting(
    table: str,
    key: tuple[str, ...],
    columns: tuple[str, ...],
    types: tuple[str, ...],
    fixed: tuple[str, ...],
    overwrite: tuple[str, ...],
    only_if_changed: tuple[str, ...],
    keep_when_absent: tuple[str, ...],
    also: str,
) -> str:
    stored = sql.Identifier(table)

    def new(name: str) -> sql.Composed:
        return sql.SQL("EXCLUDED.{}").format(sql.Identifier(name))

    def old(name: str) -> sql.Composed:
        return sql.SQL("{}.{}").format(stored, sql.Identifier(name))

    def assign(name: str) -> sql.Composed:
        value = sql.SQL("COALESCE({}, {})").format(new(name), old(name)) if name in keep_when_absent else new(name)
        return sql.SQL("{} = {}").format(sql.Identifier(name), value)

    changed = sql.SQL("")
    if only_if_changed:
        before, after = (sql.SQL(", ").join(map(side, only_if_changed)) for side in (old, new))
        changed = sql.SQL("WHERE ({}) IS DISTINCT FROM ({})").format(before, after)
    sets = sql.SQL(", ").join([*map(assign, overwrite), *([sql.SQL(also)] if also else [])])
    return (_inserting(table, key, columns, types, fixed) + sql.SQL("{} {}").format(sets, changed)).as_string()


def add_up(
    *,
    table: str,
    key: tuple[str, ...],
    columns: tuple[str, ...],
    types: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    fixed: dict[str, Any],
    added: tuple[str, ...],
) -> int:
    """The same for sums: what is new is added to what is there. Returns how many rows are new or changed. No key twice among the rows."""
    return _written(_adding(table, key, columns, types, tuple(fixed), added), fixed, types, rows)


@cache
def _adding(
    table: str, key: tuple[str, ...], columns: tuple[str, ...], types: tuple[str, ...], fixed: tuple[str, ...], added: tuple[str, ...]
) -> str:
    sets = (sql.SQL("{0} = {1}.{0} + EXCLUDED.{0}").format(sql.Identifier(name), sql.Identifier(table)) for name in added)
    return (_inserting(table, key, columns, types, fixed) + sql.SQL(", ").join(sets)).as_string()


def _inserting(table: str, key: tuple[str, ...], columns: tuple[str, ...], types: tuple[str, ...], fixed: tuple[str, ...]) -> sql.Composed:
    """The statement up to what becomes of a row that is there already."""

    def names(of: Iterable[str]) -> sql.Composed:
        return sql.SQL(", ").join(map(sql.Identifier, of))

    return sql.SQL(
        "INSERT INTO {table} ({names}) SELECT {columns}, {fixed} FROM unnest({arrays}) AS t({columns}) ON CONFLICT ({key}) DO UPDATE SET "
    ).format(
        table=sql.Identifier(table),
        names=names((*columns, *fixed)),
        columns=names(columns),
        fixed=sql.SQL(", ").join([sql.Placeholder()] * len(fixed)),
        arrays=sql.SQL(", ").join(sql.SQL("{}::{}[]").format(sql.Placeholder(), sql.SQL(kind)) for kind in types),
        key=names(key),
    )


def _written(statement: str, fixed: dict[str, Any], types: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> int:
    arrays = [array(kind, column) for kind, column in zip(types, zip(*rows, strict=True), strict=True)]
    with connection.prepared_cursor() as cursor:
        cursor.execute(statement, [*fixed.values(), *arrays])
        return cursor.rowcount


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", r"\\").replace('"', r"\"") + '"'


_WRITTEN: dict[str, Callable[[Any], str]] = {"bigint": str, "numeric": str, "date": date.isoformat, "text": _quoted}


def array(kind: str, values: Iterable[Any]) -> str | list[Any]:
    """A column of values as PostgreSQL reads an array of this kind. The library asks each value anew what it is: three times as slow."""
    write = _WRITTEN.get(kind)
    return list(values) if write is None else "{" + ",".join(["NULL" if one is None else write(one) for one in values]) + "}"
