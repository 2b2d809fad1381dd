"""Django's PostgreSQL backend plus one guard. Django finds it by this file's name."""

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base as postgresql

from agency import scope


class DatabaseWrapper(postgresql.DatabaseWrapper):
    """Outside production, a query on a workspace's table without a scope raises. In production it shows nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if settings.SCOPE_GUARD and self.alias == "default":
            self.execute_wrappers.append(scope.guard)
