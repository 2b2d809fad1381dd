"""Migration operations that put a table under row-level security. Every table that holds a workspace's data passes through here.

PostgreSQL does not check row-level security for foreign keys, so references between workspace tables are composite,
`(workspace_id, id)`: a row cannot point at another workspace's row.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db.migrations.operations import RunSQL

OWNER, APP, PRIVACY, BACKUP = "platform_owner", "platform_app", "platform_privacy", "platform_backup"
# nullif: after its first use in a session the setting is '' and not NULL, and casting '' raises.
WORKSPACE = "(SELECT nullif(current_setting('app.workspace', true), '')::uuid)"
PERSON = "(SELECT nullif(current_setting('app.person', true), '')::uuid)"


class WorkspaceTable(RunSQL):
    """Enables and forces row-level security on `table`, with policies for the application, privacy and backup roles.

    references: column -> target table; each becomes a composite foreign key with the workspace. `cascade` names the
    columns whose rows go with their target, `indexed` those that an index or a unique constraint of the model already
    leads with. `see` widens what can be read, never what can be written.
    """

    def __init__(
        self,
        table: str,
        *,
        references: Mapping[str, str] | None = None,
        cascade: tuple[str, ...] = (),
        indexed: tuple[str, ...] = (),
        column: str = "workspace_id",
        see: str = "",
        append_only: bool = False,
    ) -> None:
        own = f"{column} = {WORKSPACE}"
        sql = [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY workspace ON {table} TO {APP} USING ({own}) WITH CHECK ({own})",
            f"CREATE POLICY owner ON {table} TO {OWNER} USING ({own}) WITH CHECK ({own})",
            f"CREATE POLICY privacy ON {table} TO {PRIVACY} USING (true) WITH CHECK (true)",
            f"CREATE POLICY backup ON {table} FOR SELECT TO {BACKUP} USING (true)",
        ]
        if see:
            # A policy of its own, for reading alone: DELETE asks only what a policy lets through, not what it lets be written.
            sql.append(f"CREATE POLICY see ON {table} FOR SELECT TO {APP} USING ({see})")
        if column == "workspace_id":
            sql.append(f"ALTER TABLE {table} ADD CONSTRAINT {table}_place UNIQUE (workspace_id, id)")
        if append_only:
            sql.append(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {APP}")
        for name, target in (references or {}).items():
            action = "ON DELETE CASCADE" if name in cascade else "ON DELETE NO ACTION"
            sql.append(
                f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_in_workspace FOREIGN KEY (workspace_id, {name}) "
                f"REFERENCES {target} (workspace_id, id) {action} DEFERRABLE INITIALLY DEFERRED"
            )
            if name not in indexed:
                sql.append(f"CREATE INDEX {table}_{name} ON {table} (workspace_id, {name})")
        super().__init__(sql=";\n".join(sql), reverse_sql=f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def each_workspace(cursor: Any) -> Iterator[UUID]:
    """For migrations that change rows: one workspace after the other, as row-level security shows them to the owner of the tables too."""
    cursor.execute("SELECT ref FROM agency_addressbook WHERE kind = 'workspace'")
    for (workspace_id,) in cursor.fetchall():
        cursor.execute("SELECT set_config('app.workspace', %s, true)", [str(workspace_id)])
        yield workspace_id
    cursor.execute("SELECT set_config('app.workspace', '', true)")
