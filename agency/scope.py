"""Which workspace the database shows. Owns the scope of a transaction; never decides who may enter one (agency/access.py does).

Row-level security reads two settings, `app.workspace` and `app.person`. They are always local to a transaction: a
setting of the session would still be there for the next user of the pooled connection.

    with scope.inside(workspace_id):          # one short transaction that sees this workspace and no other
        ...

    with scope.bound_to(workspace_id):        # a job: remember the workspace, open short transactions as needed
        with scope.begin(): ...               # read
        call_tiktok()                         # no transaction is open here
        with scope.begin(): ...               # write
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, transaction


@dataclass(frozen=True)
class Scope:
    """What a transaction may see: one workspace's rows, and the rows a person needs to find their workspaces."""

    workspace_id: UUID | None = None
    person_id: UUID | None = None


class UnscopedQuery(RuntimeError):
    """A workspace's table was asked for outside any scope. In production the same query finds nothing."""


_bound: ContextVar[Scope | None] = ContextVar("bound_scope", default=None)
_open: ContextVar[Scope | None] = ContextVar("open_scope", default=None)


def current() -> Scope | None:
    """The scope of the open transaction, if there is one."""
    return _open.get()


@contextmanager
def bound_to(workspace_id: UUID | str) -> Iterator[None]:
    """Remember the workspace for `begin()`. Opens nothing."""
    token = _bound.set(Scope(workspace_id=UUID(str(workspace_id))))
    try:
        yield
    finally:
        _bound.reset(token)


@contextmanager
def begin() -> Iterator[None]:
    """Open one short transaction in the bound workspace."""
    scope = _bound.get()
    if scope is None:
        raise UnscopedQuery("begin() needs a bound workspace: wrap the job in scope.bound_to(workspace_id).")
    with inside(scope.workspace_id):
        yield


@contextmanager
def inside(workspace_id: UUID | str | None, *, person_id: UUID | str | None = None) -> Iterator[None]:
    """Open a transaction (or a savepoint) that sees one workspace, and leave the outer scope as it was."""
    scope, outer = _scope(workspace_id, person_id), _open.get()
    with transaction.atomic(), _showing(scope):
        yield
    # Reached on success only: rolling a savepoint back restores the outer settings by itself, releasing one does not.
    if outer is not None:
        _tell_database(outer)


@contextmanager
def moved(workspace_id: UUID | str | None, *, person_id: UUID | str | None = None) -> Iterator[None]:
    """Go on in the open transaction and see one workspace from here on. Nothing may be asked after it in the scope that was left: the end
    of the transaction takes both away.
    """
    if _open.get() is None:
        raise UnscopedQuery("moved() goes on in a transaction that scope.inside() opened.")
    with _showing(_scope(workspace_id, person_id)):
        yield


@contextmanager
def _showing(scope: Scope) -> Iterator[None]:
    _tell_database(scope)
    token = _open.set(scope)
    try:
        yield
    finally:
        _open.reset(token)


def _scope(workspace_id: UUID | str | None, person_id: UUID | str | None) -> Scope:
    return Scope(UUID(str(workspace_id)) if workspace_id else None, UUID(str(person_id)) if person_id else None)


def _tell_database(scope: Scope) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.workspace', %s, true), set_config('app.person', %s, true)",
            [str(scope.workspace_id or ""), str(scope.person_id or "")],
        )


@cache
def workspace_tables() -> frozenset[str]:
    """Names of all tables that hold a workspace's rows."""
    return frozenset(m._meta.db_table for m in apps.get_models() if getattr(m, "is_workspace_table", False))


@cache
def _mentions_workspace_table() -> re.Pattern[str]:
    return re.compile("|".join(rf'"{re.escape(name)}"' for name in sorted(workspace_tables())) or r"(?!)")


def guard(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Execute wrapper of the default connection outside production."""
    if _open.get() is None and isinstance(sql, str):
        found = _mentions_workspace_table().search(sql)
        if found:
            raise UnscopedQuery(f"{found.group(0)} was queried outside any workspace scope.")
    return execute(sql, params, many, context)
