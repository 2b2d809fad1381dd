"""Fixtures of tests about comments."""

from dataclasses import replace

import pytest
from django.core.cache import cache

from integrations import limits
from integrations.models import Connection
from tests.integrations.connecting import connect, only_connection
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in


@pytest.fixture(autouse=True)
def fresh_limits(request: pytest.FixtureRequest) -> None:
    """Sign-ins are limited per minute and address; a test's own do not count for the next one."""
    if "cast" in request.fixturenames:
        cache.clear()


@pytest.fixture
def unlimited(tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch) -> LocalTikTok:
    """Local TikTok without limits, and we without ours: hundreds of pages in a test."""
    monkeypatch.setattr(limits, "PER_ACCOUNT_AND_ENDPOINT", 100_000)
    monkeypatch.setattr(limits, "ACCOUNTS_APP", replace(limits.ACCOUNTS_APP, limit=100_000))
    tiktok.control("limits", enabled=False)
    return tiktok


@pytest.fixture
def velvet(cast: Cast, unlimited: LocalTikTok) -> Connection:
    """A small account, connected a moment ago, with replies granted."""
    connect(sign_in(cast.admin), unlimited, "velvetfoxlab")
    return only_connection(cast.admin)
