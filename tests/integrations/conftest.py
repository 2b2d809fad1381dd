"""Fixtures of tests about connections."""

import os
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client
from psycopg import sql

from integrations import letters
from integrations.models import Connection
from tests.integrations.connecting import connect, only_connection
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, make_cast, sign_in


@pytest.fixture(autouse=True)
def fresh_limits(request: pytest.FixtureRequest) -> None:
    """Sign-ins are limited per minute and address; a test's own do not count for the next one."""
    if "cast" in request.fixturenames or "committed_cast" in request.fixturenames:
        cache.clear()


@pytest.fixture(autouse=True)
def letters_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters wait for nothing else that may come up; that they do is shown by tests/reports/test_tell_together.py."""
    monkeypatch.setattr(letters, "COLLECTS", timedelta())


@pytest.fixture
def admin(cast: Cast) -> Client:
    """The client admin's browser."""
    return sign_in(cast.admin)


@pytest.fixture
def connected(admin: Client, cast: Cast, tiktok: LocalTikTok) -> Connection:
    """Brass Studio's account, connected a moment ago and not yet synced."""
    assert connect(admin, tiktok, "brassorbit3").status_code == 302
    return only_connection(cast.admin)


_MADE_BY_MIGRATIONS = {"django_migrations", "django_content_type", "auth_permission"}


def empty_databases() -> None:
    """Take everything out again that was committed."""
    url = os.environ["DATABASE_ADMIN_URL"]
    for address in (url, url.replace("/platform_", "/keystore_")):
        with psycopg.connect(address, autocommit=True) as superuser:
            names = [row[0] for row in superuser.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
            tables = [sql.Identifier(name) for name in names if name not in _MADE_BY_MIGRATIONS]
            superuser.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(tables)))


@pytest.fixture
def committed_cast(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Cast]:
    """The cast in rows that are really committed, so that threads see them."""
    with django_db_blocker.unblock():
        try:
            yield make_cast()
        finally:
            connections.close_all()
            empty_databases()
