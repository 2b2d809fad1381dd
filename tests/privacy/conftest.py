"""Fixtures of tests about leaving. Erasure is another role's work on rows that are committed, so these tests commit."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache

from agency import audit, ledger, restored
from agency.anchors import anchors
from agency.keyring import keyring
from agency.shared_redis import shared_redis
from tests.integrations.conftest import committed_cast as of_integrations
from tests.people import Cast

committed_cast = of_integrations


@pytest.fixture(autouse=True)
def stores_of_this_test(tmp_path: Path, settings: object) -> Iterator[None]:
    """Journal, anchors, ledger and caught mails in folders of the test's own; cache, budget and limits empty."""
    for name in ("TOKEN_JOURNAL", "AUDIT_ANCHORS", "MAIL_FOLDER"):
        folder = tmp_path / name.lower()
        folder.mkdir()
        setattr(settings, name, str(folder))
    for cached in (anchors, ledger.ledger, keyring, audit.keys):
        cached.cache_clear()
    cache.clear()
    restored.forget()
    shared_redis().flushdb()
    yield
    for cached in (anchors, ledger.ledger, audit.keys):
        cached.cache_clear()


@pytest.fixture
def committed(committed_cast: Cast) -> Cast:
    """The cast in committed rows."""
    return committed_cast
