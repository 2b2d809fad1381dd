"""Fixtures of the report tests: a moment to stand still at."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agency import clock

At = Callable[[datetime], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Put the platform's clock to a moment, where it stays until it is put to another."""

    def stand(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment.astimezone(UTC))

    return stand


@pytest.fixture(autouse=True)
def no_limit_on_sign_ins(settings: Any) -> None:
    """These tests sign in more often in a minute than one address may."""
    settings.ACCOUNT_RATE_LIMITS = False
