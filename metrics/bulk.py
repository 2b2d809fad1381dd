"""Many rows in one statement, by their natural key. Knows columns and types; never what they mean."""

from collections.abc import Iterable, Sequence
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
    stored = sql.Identifier(table)

    def new(name: str) -> sql.Composed:
        return sql.SQL("EXCLUDED.{}").format(sql.Identifier(name))

    def old(name: str) -> sql.Composed:
        return sql.SQL("{}.{}").format(stored, sql.Identifier(name))

    def assign(name: str) -> sql.Composed:
        value = sql.SQL("COALESCE({}, {})").format(new(name), old(name)) if name in keep_when_absent else new(name)
        return sql.SQL("{} = {}").format(sql.Identifier(name), value)

    def names(of: Iterable[str]) -> sql.Composed:
        return sql.SQL(", ").join(map(sql.Identifier, of))

    changed = sql.SQL("")
    if only_if_changed:
        before, after = (sql.SQL(", ").join(map(side, only_if_changed)) for side in (old, new))
        changed = sql.SQL("WHERE ({}) IS DISTINCT FROM ({})").format(before, after)
    statement = sql.SQL(
        "INSERT INTO {table} ({names}) SELECT {columns}, {fixed} FROM unnest({arrays}) AS t({columns}) "
        "ON CONFLICT ({key}) DO UPDATE SET {sets} {changed}"
    ).format(
        table=stored,
        names=names((*columns, *fixed)),
        columns=names(columns),
        fixed=sql.SQL(", ").join([sql.Placeholder()] * len(fixed)),
        arrays=sql.SQL(", ").join(sql.SQL("{}::{}[]").format(sql.Placeholder(), sql.SQL(kind)) for kind in types),
        key=names(key),
        sets=sql.SQL(", ").join([*map(assign, overwrite), *([sql.SQL(also)] if also else [])]),
        changed=changed,
    )
    by_column = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(), [*fixed.values(), *by_column])
        return cursor.rowcount


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
    stored = sql.Identifier(table)
    statement = sql.SQL(
        "INSERT INTO {table} ({names}) SELECT {columns}, {fixed} FROM unnest({arrays}) AS t({columns}) "
        "ON CONFLICT ({key}) DO UPDATE SET {sets}"
    ).format(
        table=stored,
        names=sql.SQL(", ").join(map(sql.Identifier, (*columns, *fixed))),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        fixed=sql.SQL(", ").join([sql.Placeholder()] * len(fixed)),
        arrays=sql.SQL(", ").join(sql.SQL("{}::{}[]").format(sql.Placeholder(), sql.SQL(kind)) for kind in types),
        key=sql.SQL(", ").join(map(sql.Identifier, key)),
        sets=sql.SQL(", ").join(sql.SQL("{0} = {1}.{0} + EXCLUDED.{0}").format(sql.Identifier(name), stored) for name in added),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(), [*fixed.values(), *(list(column) for column in zip(*rows, strict=True))])
        return cursor.rowcount
