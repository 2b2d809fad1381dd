"""Which apps hold data about an account. Each hands it over and erases it through its `erasure` module.

`rows_of(connection)` are the rows that are the account's, children before parents; `redact(connection, limit=)` takes the account out of
rows that stay. From the top floor down, so that nothing refers to what is already gone.
"""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from django.db.models import QuerySet

import agency.erasure
import community.erasure
import integrations.erasure
import metrics.erasure
import privacy.erasure
import reports.erasure
from community.erasure import Commenter
from integrations.models import AdAccount, Connection

HOLDERS: tuple[ModuleType, ...] = (
    privacy.erasure,
    reports.erasure,
    community.erasure,
    metrics.erasure,
    integrations.erasure,
    agency.erasure,
)


def rows_of(connection: Connection) -> Iterator[QuerySet]:
    """Everything that all apps hold about an account, in the order in which it can be erased."""
    for holder in HOLDERS:
        if hasattr(holder, "rows_of"):
            yield from holder.rows_of(connection)


def rows_of_ad_account(connection: Connection, ad_account_id: Any) -> Iterator[QuerySet]:
    """The part of it that is one ad account's."""
    for rows in rows_of(connection):
        if rows.model is AdAccount:
            yield rows.filter(pk=ad_account_id)
        elif any(field.name == "ad_account" for field in rows.model._meta.get_fields()):
            yield rows.filter(ad_account_id=ad_account_id)


def rows_of_commenter(somebody: Commenter) -> Iterator[QuerySet]:
    """Everything that all apps hold about somebody who commented, likewise."""
    for holder in HOLDERS:
        if hasattr(holder, "rows_of_commenter"):
            yield from holder.rows_of_commenter(somebody)


def redactors() -> Iterator[tuple[str, Any]]:
    """By app, what takes an account out of rows that stay."""
    for holder in HOLDERS:
        if hasattr(holder, "redact"):
            yield holder.__name__.split(".", maxsplit=1)[0], holder.redact
