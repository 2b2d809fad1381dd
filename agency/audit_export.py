"""The audit log as plain rows, for the verifier and for whoever keeps a copy. Reads everything and writes nothing.

It connects as the backup role, which sees all workspaces and may change none; the application's role sees one at a time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import dict_row

_ROWS = """
    SELECT id, ref::text, workspace_id::text, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') AS at, verb,
           subject_kind, subject_id, person_id::text, role, purpose, facts, encode(mac, 'hex') AS mac
    FROM agency_auditrow ORDER BY id
"""
_SEALS = "SELECT position, row_id, workspace_id::text, encode(mac, 'hex') AS mac FROM agency_auditseal ORDER BY position"
_AT_ONCE = 5000


@contextmanager
def snapshot(url: str) -> Iterator[psycopg.Connection]:
    """One moment of the whole log, whatever is written meanwhile. Read the anchors before: a newer one would look like a cut."""
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield connection


def rows(connection: psycopg.Connection) -> Iterator[dict[str, Any]]:
    """Every row as the verifier takes it."""
    return _each(connection, _ROWS)


def seals(connection: psycopg.Connection) -> Iterator[dict[str, Any]]:
    """Every step of the chain, in order."""
    return _each(connection, _SEALS)


def _each(connection: psycopg.Connection, sql: str) -> Iterator[dict[str, Any]]:
    with connection.cursor("audit_export", row_factory=dict_row) as cursor:
        cursor.itersize = _AT_ONCE
        yield from cursor.execute(sql)
