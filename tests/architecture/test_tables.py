"""What PostgreSQL itself says about the tables: row-level security, references, indexes, and the rights of our roles.

Asked of the catalogue, so that a table that no model knows is seen too.
"""

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.apps import apps

from agency import scope

# Tables with a workspace_id that stand outside row-level security on purpose. They hold ids, keyed hashes and MACs, no content.
OUTSIDE = {"agency_duework", "agency_addressbook", "agency_audittail", "agency_auditseal"}
APP = "platform_app"
_TABLES = "pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"


@pytest.fixture(scope="module")
def owner() -> Iterator[psycopg.Connection]:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
        yield connection


def ask(connection: psycopg.Connection, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    return connection.execute(sql, values).fetchall()


@pytest.fixture(scope="module")
def workspace_tables(owner: psycopg.Connection) -> list[str]:
    """Every table with a workspace_id, and the workspaces themselves."""
    found = ask(
        owner,
        """SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'workspace_id' AND NOT a.attisdropped
           ORDER BY 1""",
    )
    return sorted({name for (name,) in found} - OUTSIDE | {"agency_workspace"})


def test_the_catalogue_and_the_models_name_the_same_tables(workspace_tables: list[str]) -> None:
    """The guard of tests and development knows tables from models; row-level security protects tables."""
    assert set(workspace_tables) == set(scope.workspace_tables())
    assert len(workspace_tables) > 15


def test_every_table_of_a_workspace_is_under_row_level_security_and_forced(owner: psycopg.Connection, workspace_tables: list[str]) -> None:
    loose = ask(
        owner,
        "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND NOT (relrowsecurity AND relforcerowsecurity)",
        workspace_tables,
    )
    assert loose == []


def test_every_table_of_a_workspace_has_the_four_policies(owner: psycopg.Connection, workspace_tables: list[str]) -> None:
    policies: dict[str, dict[str, tuple[Any, ...]]] = {}
    for table, name, *rest in ask(owner, "SELECT tablename, policyname, roles, cmd, permissive, qual, with_check FROM pg_policies"):
        policies.setdefault(table, {})[name] = tuple(rest)
    assert set(policies) == set(workspace_tables)
    for table, of_table in policies.items():
        assert set(of_table) - {"see"} == {"workspace", "owner", "privacy", "backup"}, table
        column = "id" if table == "agency_workspace" else "workspace_id"
        for name, role in (("workspace", APP), ("owner", "platform_owner")):
            roles, command, permissive, using, check = of_table[name]
            assert (roles, command, permissive) == ([role], "ALL", "PERMISSIVE"), table
            for rule in (using, check):
                # Compared as it is: casting the column would cost the index, and an OR would let others' rows be written or deleted.
                assert f"({column} = ( SELECT (NULLIF(current_setting('app.workspace'::text, true), ''::text))::uuid" in rule, table
                assert " OR " not in rule, table
        assert of_table["privacy"][0] == ["platform_privacy"], table
        assert of_table["backup"][:2] == (["platform_backup"], "SELECT"), table


def test_only_the_way_to_ones_own_workspaces_is_wider_than_a_workspace_and_only_for_reading(owner: psycopg.Connection) -> None:
    others = "('workspace', 'owner', 'privacy', 'backup')"
    wider = ask(owner, f"SELECT tablename, policyname, cmd, roles FROM pg_policies WHERE policyname NOT IN {others} ORDER BY 1")
    assert wider == [("agency_membership", "see", "SELECT", [APP]), ("agency_workspace", "see", "SELECT", [APP])]


def test_no_policy_knows_an_administrator(owner: psycopg.Connection) -> None:
    for table, qual, check in ask(
        owner, "SELECT tablename, coalesce(qual, ''), coalesce(with_check, '') FROM pg_policies WHERE 'platform_app' = ANY(roles)"
    ):
        assert "admin" not in (qual + check).lower(), table
        assert "true" not in (qual + check).replace("'::text, true)", "").lower(), table


def test_references_between_tables_of_workspaces_carry_the_workspace(owner: psycopg.Connection, workspace_tables: list[str]) -> None:
    """PostgreSQL does not apply row-level security to references: a plain one could point into another workspace."""
    keys = ask(
        owner,
        """SELECT c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text,
                  (SELECT array_agg(a.attname ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k(num, n)
                   JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num),
                  (SELECT array_agg(a.attname ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY k(num, n)
                   JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num),
                  c.convalidated
           FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace""",
    )
    between = [k for k in keys if k[1] in workspace_tables and k[2] in workspace_tables and k[2] != "agency_workspace"]
    assert len(between) > 10
    for name, table, _target, here, there, valid in between:
        assert there == ["workspace_id", "id"], (table, name)
        assert here[0] == "workspace_id", (table, name)
        assert len(here) == 2, (table, name)
        assert valid, (table, name)
    to_workspace = {table: here for _, table, target, here, _, _ in keys if target == "agency_workspace"}
    assert to_workspace == {table: ["workspace_id"] for table in workspace_tables if table != "agency_workspace"}


def test_every_reference_of_a_model_inside_a_workspace_is_a_constraint(owner: psycopg.Connection, workspace_tables: list[str]) -> None:
    """Django makes none for these; a migration that forgets one leaves a column that points anywhere."""
    held = {
        (table, column)
        for table, column in ask(
            owner,
            """SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c
               JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey) WHERE c.contype = 'f'""",
        )
    }
    for model in apps.get_models():
        if model._meta.db_table in workspace_tables:
            for field in model._meta.concrete_fields:
                if field.is_relation:
                    assert (model._meta.db_table, field.column) in held, f"{model._meta.label}.{field.name}"


def test_every_index_of_a_workspace_begins_with_the_workspace(owner: psycopg.Connection, workspace_tables: list[str]) -> None:
    """Uniqueness over workspaces would tell one that another has the value; an index without it reads everybody's rows."""
    found = ask(
        owner,
        """SELECT t.relname, i.relname, x.indisunique,
                  (SELECT attname FROM pg_attribute WHERE attrelid = t.oid AND attnum = x.indkey[0])
           FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
           WHERE t.relname = ANY(%s) AND NOT x.indisprimary""",
        workspace_tables,
    )
    wrong = [(table, index) for table, index, _unique, first in found if first != "workspace_id"]
    # Django indexes plain foreign keys to people; they are looked up from the person's side, by deletion for one.
    about_people = {(t, i) for t, i in wrong if "_by_id_" in i or "_person_id_" in i}
    unique = {(t, i) for t, i, is_unique, _ in found if is_unique}
    assert not about_people & unique
    assert set(wrong) - about_people == {(t, i) for t, i in wrong if t == "agency_workspace"}
    assert {i.split("_")[2] for t, i in wrong if t == "agency_workspace"} == {"slug"}


ROLES = ("platform_owner", APP, "platform_privacy", "platform_backup", "platform_keys")


def test_no_role_of_ours_steps_around_row_level_security(owner: psycopg.Connection) -> None:
    found = ask(
        owner,
        "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = ANY(%s)",
        list(ROLES),
    )
    assert {r[0] for r in found} == set(ROLES)
    assert [r[0] for r in found if any(r[1:])] == []


def test_no_role_of_ours_is_a_member_of_another(owner: psycopg.Connection) -> None:
    """SET ROLE to the owner would be a way around."""
    assert (
        ask(
            owner,
            "SELECT member::regrole::text, roleid::regrole::text FROM pg_auth_members WHERE member::regrole::text = ANY(%s)",
            list(ROLES),
        )
        == []
    )


def test_the_application_owns_nothing(owner: psycopg.Connection) -> None:
    assert ask(owner, "SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = %s", APP) == []
    assert ask(owner, "SELECT proname FROM pg_proc WHERE pg_get_userbyid(proowner) = %s", APP) == []
    assert ask(owner, "SELECT nspname FROM pg_namespace WHERE pg_get_userbyid(nspowner) = %s", APP) == []
    assert ask(owner, "SELECT has_schema_privilege(%s, 'public', 'CREATE')", APP) == [(False,)]


def test_the_application_neither_empties_nor_alters_a_table(owner: psycopg.Connection) -> None:
    for right in ("TRUNCATE", "TRIGGER", "REFERENCES"):
        holders = ask(
            owner,
            f"SELECT relname FROM {_TABLES} AND has_table_privilege(%s, oid, %s)",
            APP,
            right,
        )
        assert holders == [], right


@pytest.mark.parametrize("right, has", [("SELECT", True), ("INSERT", True), ("UPDATE", False), ("DELETE", False), ("TRUNCATE", False)])
def test_the_application_adds_to_the_audit_log_and_changes_nothing_in_it(owner: psycopg.Connection, right: str, has: bool) -> None:
    assert ask(owner, "SELECT has_table_privilege(%s, 'agency_auditrow', %s)", APP, right) == [(has,)]
    any_column = ask(owner, "SELECT has_any_column_privilege(%s, 'agency_auditrow', 'UPDATE')", APP)
    assert any_column == [(False,)]


@pytest.mark.parametrize("verb", ["UPDATE agency_auditrow SET verb = 'x'", "DELETE FROM agency_auditrow", "TRUNCATE agency_auditrow"])
def test_changing_the_audit_log_is_refused(verb: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(verb)


def test_nobody_may_do_anything_by_default(owner: psycopg.Connection) -> None:
    """PUBLIC holds no right on a table and cannot create one."""
    granted = ask(
        owner,
        """SELECT table_name, privilege_type FROM information_schema.role_table_grants
           WHERE table_schema = 'public' AND grantee = 'PUBLIC'""",
    )
    assert granted == []
    assert ask(owner, "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace") == []


def test_the_backup_role_only_reads(owner: psycopg.Connection) -> None:
    for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
        assert ask(owner, f"SELECT relname FROM {_TABLES} AND has_table_privilege('platform_backup', oid, %s)", right) == []


@pytest.mark.parametrize("role", [APP, "platform_privacy", "platform_backup", "platform_owner"])
def test_nobody_of_the_platform_reaches_the_keystore(role: str) -> None:
    """Copies for tests are made anew, so this asks the original database's rights through its own name."""
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"]) as admin:
        reach = ask(admin, "SELECT has_database_privilege(%s, 'keystore', 'CONNECT')", role)
    assert reach == [(False,)]
