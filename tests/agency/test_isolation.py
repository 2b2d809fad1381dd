"""Isolation of workspaces: what the database shows, takes and refuses, whatever the code above it does.

The first half asks as the application's role with plain SQL, for every table that holds a workspace's rows. The second half is about
the scope: what it sets, and that it leaves nothing behind.
"""

import os
import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.apps import apps
from django.db import connection, transaction
from psycopg import sql

from agency import audit, scope
from agency.models import Brand, Membership, Workspace
from tests.people import Cast

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
TABLES = sorted(scope.workspace_tables())
A, B = uuid4(), uuid4()
PERSON = uuid4()


def place(table: str) -> str:
    """The column that says whose a row is."""
    return "id" if table == "agency_workspace" else "workspace_id"


# --- two workspaces with a row in every table, made once by the owner, scope by scope ---------------------------------

_TEXT = {"uuid": str(uuid4()), "boolean": False, "jsonb": "{}", "date": "2026-05-18", "bytea": b"x", "ARRAY": []}


def _value(kind: str, n: int) -> Any:
    if kind in _TEXT:
        return _TEXT[kind]
    if kind.startswith("timestamp"):
        return "2026-05-18T09:00Z"
    return n if kind in {"integer", "bigint", "smallint", "double precision", "numeric"} else str(n)


def _columns(owner: psycopg.Connection, table: str) -> list[tuple[str, str]]:
    return owner.execute(
        """SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s AND is_identity = 'NO'
           AND (is_nullable = 'NO' OR column_name LIKE '%%\\_id')""",
        [table],
    ).fetchall()


def _references(owner: psycopg.Connection) -> dict[tuple[str, str], str]:
    """Column -> the table it points into."""
    found = owner.execute(
        """SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text FROM pg_constraint c
           JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[cardinality(c.conkey)] WHERE c.contype = 'f'"""
    ).fetchall()
    return {(table, column): target for table, column, target in found}


def _fill(owner: psycopg.Connection, workspace: UUID) -> dict[str, Any]:
    """One row in every table, each pointing at this workspace's rows. Returns table -> id."""
    references, ids = _references(owner), {"agency_person": str(PERSON)}
    owner.execute("SELECT set_config('app.workspace', %s, true)", [str(workspace)])
    waiting = list(TABLES)
    while waiting:
        table = waiting.pop(0)
        columns = _columns(owner, table)
        needed = {references.get((table, c)) for c, _ in columns} - {None, table, "agency_workspace"}
        if not needed <= ids.keys():
            waiting.append(table)
            continue
        row = {c: _value(kind, len(str(workspace)[:1])) for c, kind in columns}
        row |= {c: ids[references[table, c]] for c, _ in columns if references.get((table, c)) in ids}
        row[place(table)] = str(workspace)
        if table == "agency_workspace":
            row["slug"] = f"slug-{workspace}"
        elif "id" in row:
            row["id"] = str(uuid4())
            row |= {c: row["id"] for c, _ in columns if references.get((table, c)) == table}  # the first of a thread is its own
        if table == "integrations_connection":
            row["state"] = "live"
        if table == "reports_sharelink":
            row["expires_at"] = "2026-06-18T09:00Z"
        if table == "reports_delivery":
            row["person_id"] = None  # to a person or to an extra address, and this one is to the latter
        names = sql.SQL(", ").join(map(sql.Identifier, row))
        query = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
            sql.Identifier(table), names, sql.SQL(", ").join(sql.Placeholder() * len(row))
        )
        ids[table] = owner.execute(query, list(row.values())).fetchone()[0]
    return ids


@pytest.fixture(scope="module")
def rows() -> Iterator[dict[UUID, dict[str, Any]]]:
    """Committed, and taken away again."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute(
            "INSERT INTO agency_person (id, email, name, theme, is_active, password) VALUES (%s, %s, '', '', true, '')",
            [PERSON, f"{PERSON}@x.example"],
        )
        made = {workspace: _fill(owner, workspace) for workspace in (A, B)}
        owner.commit()
        yield made
        owner.execute("ALTER TABLE agency_auditrow DISABLE TRIGGER agency_auditrow_is_kept")
        owner.commit()
        for workspace in (A, B):
            owner.execute("SET CONSTRAINTS ALL DEFERRED")
            owner.execute("SELECT set_config('app.workspace', %s, true)", [str(workspace)])
            for table in TABLES:
                owner.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            owner.commit()
        owner.execute("ALTER TABLE agency_auditrow ENABLE TRIGGER agency_auditrow_is_kept")
        owner.execute("DELETE FROM agency_audittail")
        owner.execute("DELETE FROM agency_person WHERE id = %s", [PERSON])


@pytest.fixture
def app() -> Iterator[psycopg.Connection]:
    """The application's role, without Django and its guard."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as found:
        yield found
        found.rollback()


def enter(app: psycopg.Connection, workspace: UUID | None) -> None:
    if workspace:
        app.execute("SELECT set_config('app.workspace', %s, true)", [str(workspace)])


def run(app: psycopg.Connection, template: str, table: str, *values: Any) -> psycopg.Cursor:
    return app.execute(sql.SQL(template).format(t=sql.Identifier(table), w=sql.Identifier(place(table))), values)


@pytest.mark.parametrize("table", TABLES)
def test_without_a_scope_nothing_is_shown_or_changed(rows: dict, app: psycopg.Connection, table: str) -> None:
    assert run(app, "SELECT count(*) FROM {t}", table).fetchone() == (0,)
    if table != "agency_auditrow":
        assert run(app, "UPDATE {t} SET {w} = {w}", table).rowcount == 0
        assert run(app, "DELETE FROM {t}", table).rowcount == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(app, "INSERT INTO {t} SELECT (json_populate_record(null::{t}, %s)).*", table, f'{{"{place(table)}": "{A}"}}')


@pytest.mark.parametrize("setting", ["", "not a uuid", "00000000-0000-0000-0000-000000000000", "*", "' OR true --"])
def test_a_setting_that_is_no_workspace_shows_nothing(rows: dict, app: psycopg.Connection, setting: str) -> None:
    app.execute("SELECT set_config('app.workspace', %s, true)", [setting])
    try:
        assert run(app, "SELECT count(*) FROM {t}", "agency_brand").fetchone() == (0,)
    except psycopg.errors.InvalidTextRepresentation:
        app.rollback()


@pytest.mark.parametrize("table", TABLES)
def test_inside_one_workspace_the_other_does_not_exist(rows: dict, app: psycopg.Connection, table: str) -> None:
    enter(app, A)
    theirs = rows[B][table]
    assert run(app, "SELECT DISTINCT {w} FROM {t}", table).fetchall() == [(A,)]
    assert run(app, "SELECT count(*) FROM {t} WHERE id = %s", table, theirs).fetchone() == (0,)
    if table != "agency_auditrow":
        assert run(app, "UPDATE {t} SET {w} = {w} WHERE id = %s", table, theirs).rowcount == 0
        assert run(app, "UPDATE {t} SET {w} = {w}", table).rowcount == 1
        assert run(app, "DELETE FROM {t} WHERE id = %s OR {w} = %s", table, theirs, B).rowcount == 0


@pytest.mark.parametrize("table", TABLES)
def test_inside_one_workspace_no_row_is_written_into_the_other(rows: dict, app: psycopg.Connection, table: str) -> None:
    enter(app, A)
    with app.transaction(), pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
        run(app, "INSERT INTO {t} SELECT (json_populate_record(x, %s)).* FROM {t} x", table, f'{{"{place(table)}": "{B}"}}')
    if table != "agency_auditrow":
        with app.transaction(), pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
            run(app, "UPDATE {t} SET {w} = %s", table, B)


def _inside() -> list[tuple[str, str, str]]:
    """Every reference between rows of workspaces: table, column, target."""
    return [
        (model._meta.db_table, field.column, field.related_model._meta.db_table)
        for model in apps.get_models()
        if model._meta.db_table in TABLES
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model._meta.db_table in set(TABLES) - {"agency_workspace"}
    ]


def test_the_catalogue_knows_no_other_reference_between_rows_of_workspaces() -> None:
    """So that what follows is tried on every foreign key there is, whoever made it."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        found = {(table, column, target) for (table, column), target in _references(owner).items()}
    inside = set(TABLES) - {"agency_workspace"}
    assert {(t, c, target) for t, c, target in found if t in inside and target in inside} == set(_inside())


@pytest.mark.parametrize("table, column, target", _inside())
def test_no_row_points_at_a_row_of_the_other_workspace(rows: dict, app: psycopg.Connection, table: str, column: str, target: str) -> None:
    enter(app, A)
    app.execute("SET CONSTRAINTS ALL IMMEDIATE")
    change = sql.SQL("UPDATE {} SET {} = %s").format(sql.Identifier(table), sql.Identifier(column))
    app.execute(change, [rows[A][target]])
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        app.execute(change, [rows[B][target]])


def test_a_person_sees_their_own_memberships_and_changes_none(rows: dict, app: psycopg.Connection) -> None:
    """Wider to read, so that they find their workspaces; never wider to write."""
    app.execute("SELECT set_config('app.person', %s, true)", [str(PERSON)])
    assert {w for (w,) in app.execute("SELECT workspace_id FROM agency_membership")} == {A, B}
    assert {w for (w,) in app.execute("SELECT id FROM agency_workspace")} == {A, B}
    for table in set(TABLES) - {"agency_membership", "agency_workspace"}:
        assert run(app, "SELECT count(*) FROM {t}", table).fetchone() == (0,), table
    assert app.execute("UPDATE agency_membership SET role = 'platform_admin'").rowcount == 0


def test_a_person_changes_and_removes_nothing_of_their_other_workspace(rows: dict, app: psycopg.Connection) -> None:
    """DELETE looks at what a policy lets through, not at what it lets be written: reading needs a policy of its own."""
    app.execute("SELECT set_config('app.person', %s, true)", [str(PERSON)])
    enter(app, A)
    assert app.execute("UPDATE agency_membership SET role = 'client_admin' WHERE workspace_id = %s", [B]).rowcount == 0
    assert app.execute("SELECT id FROM agency_membership WHERE workspace_id = %s FOR UPDATE", [B]).rowcount == 0
    assert app.execute("DELETE FROM agency_membership WHERE workspace_id = %s", [B]).rowcount == 0
    assert app.execute("DELETE FROM agency_workspace WHERE id = %s", [B]).rowcount == 0


def test_somebody_else_sees_no_membership(rows: dict, app: psycopg.Connection) -> None:
    app.execute("SELECT set_config('app.person', %s, true)", [str(uuid4())])
    assert app.execute("SELECT count(*) FROM agency_membership").fetchone() == (0,)
    assert app.execute("SELECT count(*) FROM agency_workspace").fetchone() == (0,)


# --- the scope --------------------------------------------------------------------------------------------------------


def told() -> tuple[str, str]:
    """What the database was told, asked of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.workspace', true), ''), coalesce(current_setting('app.person', true), '')")
        return cursor.fetchone()


@pytest.mark.parametrize("model", [m for m in apps.get_models() if m._meta.db_table in TABLES], ids=lambda m: m._meta.label)
def test_outside_a_scope_the_guard_refuses_every_verb(cast: Cast, model: Any) -> None:
    rows = model._default_manager
    key = model._meta.pk.attname
    for act in (
        lambda: list(rows.all()),
        rows.count,
        rows.filter(**{f"{key}__in": rows.values(key)}).exists,
        lambda: rows.update(**{place(model._meta.db_table): A}),
        rows.all().delete,
        lambda: rows.bulk_create([model()]),
        lambda: rows.raw(f'SELECT * FROM {model._meta.db_table} x, "{model._meta.db_table}"')[0],
    ):
        with pytest.raises(scope.UnscopedQuery), transaction.atomic():
            act()


def test_a_scope_shows_its_workspace_only(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        assert {m.workspace_id for m in Membership.objects.all()} == {cast.brass.pk}
        assert list(Workspace.objects.all()) == [cast.brass]
    with scope.inside(cast.moon.pk):
        assert list(Workspace.objects.all()) == [cast.moon]
    with scope.inside(None):
        assert not Workspace.objects.exists()


def test_a_scope_inside_a_scope_gives_the_outer_one_back(cast: Cast) -> None:
    with scope.inside(cast.brass.pk, person_id=cast.admin.person_id):
        outer = told()
        with scope.inside(cast.moon.pk):
            assert told() == (str(cast.moon.pk), "")
            with scope.inside(None):
                assert told() == ("", "")
            assert told() == (str(cast.moon.pk), "")
        assert told() == outer == (str(cast.brass.pk), str(cast.admin.person_id))
        assert scope.current() == scope.Scope(cast.brass.pk, cast.admin.person_id)
    assert scope.current() is None


def test_an_exception_gives_the_outer_scope_back_and_undoes_what_was_written(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        with pytest.raises(ZeroDivisionError), scope.inside(cast.moon.pk):
            Brand.objects.create(workspace=cast.moon, name="never")
            raise ZeroDivisionError
        assert told() == (str(cast.brass.pk), "")
        assert scope.current().workspace_id == cast.brass.pk
    with scope.inside(cast.moon.pk):
        assert not Brand.objects.exists()


def test_an_error_of_the_database_gives_the_outer_scope_back(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        Brand.objects.create(workspace=cast.brass, name="same")
        with pytest.raises(Exception, match="agency_brand_name"), scope.inside(cast.brass.pk):
            Brand.objects.create(workspace=cast.brass, name="same")
        assert told() == (str(cast.brass.pk), "")
        assert Brand.objects.count() == 1


def test_a_transaction_that_moves_on_sees_the_next_workspace_alone_and_needs_to_be_open(cast: Cast) -> None:
    with pytest.raises(scope.UnscopedQuery), scope.moved(cast.brass.pk):
        pass
    with scope.inside(cast.moon.pk):
        with scope.moved(cast.brass.pk):
            assert list(Workspace.objects.all()) == [cast.brass]
        assert scope.current() == scope.Scope(cast.moon.pk)


def test_begin_needs_a_bound_workspace_and_binding_ends(cast: Cast) -> None:
    with pytest.raises(scope.UnscopedQuery), scope.begin():
        pass
    with scope.bound_to(cast.brass.pk):
        assert scope.current() is None
        with scope.bound_to(str(cast.moon.pk)), scope.begin():
            assert list(Workspace.objects.all()) == [cast.moon]
        with scope.begin():
            assert list(Workspace.objects.all()) == [cast.brass]
    with pytest.raises(scope.UnscopedQuery), scope.begin():
        pass


@pytest.mark.parametrize("bad", ["", "not a uuid", "*", b"x"])
def test_a_workspace_that_is_none_is_not_entered(bad: Any) -> None:
    with pytest.raises(ValueError), scope.bound_to(bad):
        pass


def test_an_audit_row_needs_the_scope_of_its_workspace(cast: Cast) -> None:
    with pytest.raises(scope.UnscopedQuery):
        audit.record("brand.made", cast.brass, by=None)
    with pytest.raises(scope.UnscopedQuery), scope.inside(None):
        audit.record("brand.made", cast.brass, by=None)


@pytest.mark.django_db(databases=("default",), transaction=False)
def test_nothing_outlives_the_transaction_on_a_connection_that_is_used_again(django_db_blocker: Any, rows: dict) -> None:
    """As with a pool: the same session, one transaction after the other, committed, failed, and without any."""
    seen: list[tuple[str, str]] = []

    def use() -> None:
        with django_db_blocker.unblock():
            with scope.inside(A, person_id=PERSON):
                assert Workspace.objects.count() == 2
            seen.append(told())
            with pytest.raises(ZeroDivisionError), scope.inside(B):
                raise ZeroDivisionError
            seen.append(told())
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM agency_brand")
                seen.append(cursor.fetchone())
            connection.close()

    thread = threading.Thread(target=use)
    thread.start()
    thread.join(30)
    assert seen == [("", ""), ("", ""), (0,)]


def test_two_threads_have_a_scope_each(django_db_blocker: Any, rows: dict) -> None:
    """Interleaved step by step: each sees its own workspace throughout."""
    step, seen = threading.Barrier(2, timeout=20), {}

    def look(workspace: UUID) -> None:
        with django_db_blocker.unblock():
            try:
                step.wait()
                with scope.inside(workspace):
                    step.wait()
                    first = set(Brand.objects.values_list("workspace_id", flat=True))
                    step.wait()
                    seen[workspace] = (first, set(Brand.objects.values_list("workspace_id", flat=True)), scope.current().workspace_id)
                step.wait()
                assert scope.current() is None
            finally:
                connection.close()

    threads = [threading.Thread(target=look, args=(w,)) for w in (A, B)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert seen == {A: ({A}, {A}, A), B: ({B}, {B}, B)}
