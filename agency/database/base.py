"""Django's PostgreSQL backend plus one guard, one kind of cursor, and quicker moments. Django finds it by this file's name."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base as postgresql
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg import pq
from psycopg.abc import PQGen
from psycopg.adapt import AdaptersMap
from psycopg.generators import fetch_many, send
from psycopg.types.datetime import TimestamptzLoader

from agency import scope


class PreparedCursor(psycopg.Cursor):
    """Sends values beside the statement, which a connection plans a few times and then keeps. What comes back is not written as text:
    hundreds of moments and keys are read in half the time.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.format = pq.Format.BINARY

    def execute(self, *args: Any, **kwargs: Any) -> "PreparedCursor":
        # For this statement alone: of a connection that prepares psycopg keeps the last hundred, and Django's have their values in them, be
        # it a token or a megabyte of a file.
        self.connection.prepare_threshold = 0
        try:
            super().execute(*args, **kwargs)
        finally:
            self.connection.prepare_threshold = None
        if self.connection.pgconn.pipeline_status:
            self.connection.pgconn.send_flush_request()  # or the answer would wait in PostgreSQL for those after it
            self.connection.pgconn.flush()
        return self

    def _fetch_pipeline(self) -> None:
        """Wait for this answer. psycopg's own waits for all that were asked, those after it included."""
        pipeline = self._conn._pipeline
        if pipeline is not None and self.pgresult is None:
            with self._conn.lock:
                self._conn.wait(self._answered(pipeline))

    def _answered(self, pipeline: Any) -> PQGen[None]:
        yield from send(self.connection.pgconn)
        while self.pgresult is None and pipeline.result_queue:
            results = yield from fetch_many(self.connection.pgconn)
            if not results:  # nothing that was sent is outstanding
                break
            pipeline._process_results(pipeline.result_queue.popleft(), results)


class MomentLoader(TimestamptzLoader):
    """What PostgreSQL tells of a moment in a session in UTC, as every one of Django's is. Django's own loader takes the text apart by a
    pattern, ten times as slow, and a page of figures reads hundreds.
    """

    timezone = UTC  # where Django looks for what a loader returns

    def load(self, data: Any) -> datetime:
        try:
            return datetime.fromisoformat(str(data, "ascii"))
        except ValueError:  # before our era or infinite: psycopg says which
            return super().load(data)


@cache
def _with_moments(adapters: AdaptersMap) -> AdaptersMap:
    own = AdaptersMap(adapters)
    own.register_loader("timestamptz", MomentLoader)
    return own


class Operations(DatabaseOperations):
    """As Django's, but that a prepared statement can be seen among those that were asked: without its values, which never were in it."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        return super().last_executed_query(cursor, sql, params) or str(sql)


class DatabaseWrapper(postgresql.DatabaseWrapper):
    """Outside production, a query on a workspace's table without a scope raises. In production it shows nothing."""

    ops_class = Operations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if settings.SCOPE_GUARD and self.alias == "default":
            self.execute_wrappers.append(scope.guard)

    def get_connection_params(self) -> dict[str, Any]:
        """Django's own cursors put values into their statements and never prepare; `prepared_cursor` does at once."""
        params = super().get_connection_params()
        return params | {"context": _with_moments(params["context"])}

    def prepared_cursor(self) -> Any:
        """For the few statements of which planning costs as much as answering: large, always the same text, asked with every page."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            return self._prepare_cursor(PreparedCursor(self.connection))

    @contextmanager
    def pipelined(self) -> Iterator[None]:
        """Statements inside are sent without waiting for the answers to those before (agency/database/prepared.py). For reads:
        how many rows a write touched nobody knows in here. One that fails fails all that come after it, and says so where the next is
        asked or an answer is read; a savepoint helps only once this has ended.
        """
        self.ensure_connection()
        with self.wrap_database_errors, self.connection.pipeline():
            yield

    def plan_anew(self) -> None:
        """Forget how statements, those that check foreign keys included, were planned on this connection so far.

        While a table was next to empty any index seemed as good as another, and what was chosen then is kept although it goes through the
        whole table for each row of it now. PostgreSQL plans anew by itself only once it has looked at the table, a minute later at most.
        """
        with self.cursor() as cursor:
            cursor.execute("DISCARD PLANS")
