"""The sweep: whether anything in the database still names an erased account. It asks the catalogue, not our models, so that a table that
no model knows is looked at too.

Every column that can hold words is read: text, JSON, binary and lists, identifiers as text and in hex. In the account's own workspace
everything is looked through; other workspaces may hold the same account by a consent of their own, and their rows are theirs. Rows that
belong to other accounts may name this one, as posts name people: in their tables only identifiers count that nothing else has. Of a person
every workspace is looked through, for addresses, the name, and ids wherever privacy/departing.py does not let the pseudonym stay.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connections

from integrations.models import Connection
from privacy import departing, wording
from privacy.subjects import Subject, address_pattern

_DB = "privacy"
# The run's own bookkeeping, which is emptied when it ends and then holds nothing by a constraint of the database.
OWN = frozenset({"privacy_deletionrun", "privacy_deletionrequest"})
# People who sign in are not the account, even when their address is like its handle.
PEOPLE = frozenset({"agency_person", "agency_invitation", "account_emailaddress"})
_NOT_OURS = frozenset({"django_migrations"})
_WORDS = ("text", "varchar", "bpchar", "json", "jsonb", "citext", "_text", "_varchar", "_uuid", "inet", "name")


@dataclass(frozen=True)
class Column:
    """One column that can name somebody."""

    name: str
    type: str


@dataclass(frozen=True)
class Table:
    """One table, and how its columns are looked through."""

    name: str
    columns: tuple[Column, ...]
    has_workspace: bool


def tables() -> list[Table]:
    """Every table of the database that can hold words or identifiers."""
    with connections[_DB].cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum), array_agg(t.typname::text ORDER BY a.attnum)
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_type t ON t.oid = a.atttypid
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'm') GROUP BY c.relname ORDER BY c.relname
            """
        )
        found = []
        for name, columns, types in cursor.fetchall():
            if name not in OWN | _NOT_OURS:
                kept = tuple(Column(c, t) for c, t in zip(columns, types, strict=True) if t in {*_WORDS, "bytea", "uuid"})
                found.append(Table(name, kept, "workspace_id" in columns))
        return found


def leftovers(subject: Subject) -> Iterator[tuple[str, int]]:
    """By table, how many rows still name the account; tables without a hit are told too, with 0."""
    of_accounts = tables_of_accounts()
    for table in tables():
        pattern = subject.strong_pattern if table.name in of_accounts | PEOPLE else subject.pattern
        yield table.name, _count(table, subject, pattern)


def person_leftovers(subject: Subject) -> Iterator[tuple[str, int]]:
    """By table, over all workspaces, how many rows still name a person, or hold an id of theirs where it is not to stay."""
    models = {model._meta.db_table: model for model in apps.get_models()}
    for table in tables():
        model = models.get(table.name)
        yield table.name, _count_person(table, model._meta.label if model else "", subject)


def _count_person(table: Table, label: str, subject: Subject) -> int:
    tests, values = [], []
    is_published = bool(label) and wording.is_published(label)
    for column in table.columns:
        name, stays = f'"{column.name}"', column.name in departing.STAYS.get(label, ())
        if column.type == "uuid":
            tests.append(f"{name} = ANY(%s)")
            values.append([UUID(i) for i in (subject.ids[1:] if stays else subject.ids)])
        elif not is_published:
            said = filter(None, (subject.spoken_pattern, "" if stays else subject.strong_pattern))
            pattern = "|".join(said)
            tests.append(f"encode({name}, 'escape') ~* %s" if column.type == "bytea" else f"{name}::text ~* %s")
            values.append(pattern or "$^")
        elif label == "agency.AuditRow" and subject.addresses:
            tests.append(f"{name}::text ~* %s" if column.type != "bytea" else "encode(" + name + ", 'escape') ~* %s")
            values.append("|".join(map(address_pattern, subject.addresses)))
    if label == "reports.WeeklyReport":
        named = "jsonb_path_exists(content, '$.creators[*] ? (@.creator == $name)', jsonb_build_object('name', %s::text))"
        tests.append(f"workspace_id = ANY(%s) AND {named}")
        values += [[UUID(i) for i in subject.creator_in], subject.display_name]
    return _rows(table.name, " OR ".join(f"({test})" for test in tests), values) if tests else 0


def tables_of_accounts() -> frozenset[str]:
    """Tables whose rows belong to some account: those from which references lead to a connection."""
    found = {Connection._meta.db_table}
    models = list(apps.get_models())
    while True:
        more = {
            model._meta.db_table
            for model in models
            for field in model._meta.concrete_fields
            if field.is_relation and field.related_model and field.related_model._meta.db_table in found
        } - found
        if not more:
            return frozenset(found)
        found |= more


def _count(table: Table, subject: Subject, pattern: str) -> int:
    tests, values = [], []
    for column in table.columns:
        name = f'"{column.name}"'
        if column.type == "uuid":
            tests.append(f"{name} = ANY(%s)")
            values.append([UUID(i) for i in subject.ids])
        elif column.type == "bytea":
            tests.append(f"encode({name}, 'escape') ~* %s OR encode({name}, 'hex') ~* %s")
            values += [pattern, subject.strong_pattern]
        else:
            tests.append(f"{name}::text ~* %s")
            values.append(pattern)
    if not tests:
        return 0
    where = f"({' OR '.join(tests)})"
    column = "id" if table.name == "agency_workspace" else "workspace_id" if table.has_workspace else ""
    if column:
        where = f"{column} = %s AND {where}"
        values.insert(0, UUID(subject.workspace_id))
    return _rows(table.name, where, values)


def _rows(table: str, where: str, values: list[Any]) -> int:
    with connections[_DB].cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}" WHERE {where}', values)  # noqa: S608  # nosec B608 - names of the catalogue
        return int(cursor.fetchone()[0])
