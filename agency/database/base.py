"""Django's PostgreSQL backend plus one guard and one kind of cursor. Django finds it by this file's name."""

from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base as postgresql

from agency import scope


class PreparedCursor(psycopg.Cursor):
    """Sends values beside the statement, which a connection plans a few times and then keeps."""


class DatabaseWrapper(postgresql.DatabaseWrapper):
    """Outside production, a query on a workspace's table without a scope raises. In production it shows nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if settings.SCOPE_GUARD and self.alias == "default":
            self.execute_wrappers.append(scope.guard)

    def get_connection_params(self) -> dict[str, Any]:
        """Django's own cursors put values into their statements and never prepare; `prepared_cursor` does at once."""
        return super().get_connection_params() | {"prepare_threshold": 0}

    def prepared_cursor(self) -> Any:
        """For the few statements of which planning costs as much as answering: large, always the same text, asked with every page."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            return self._prepare_cursor(PreparedCursor(self.connection))

    def plan_anew(self) -> None:
        """Forget how statements, those that check foreign keys included, were planned on this connection so far.

        While a table was next to empty any index seemed as good as another, and what was chosen then is kept although it goes through the
        whole table for each row of it now. PostgreSQL plans anew by itself only once it has looked at the table, a minute later at most.
        """
        with self.cursor() as cursor:
            cursor.execute("DISCARD PLANS")
