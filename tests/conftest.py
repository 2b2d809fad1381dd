"""Fixtures of all tests that use Django. Servers and databases stand already (tests/environment.py)."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, settings

from agency.keyring import keyring
from agency.local.home import PROJECT
from integrations import limits
from tests import environment
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, make_cast

# Nothing is timed, and `make test` takes the same examples every time; CHAOS=long takes new ones.
settings.register_profile("short", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("long" if os.environ.get("CHAOS") == "long" else "short")


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The database stands: a copy of a migrated one, owned by the owner, used as the application's role."""


@pytest.fixture
def cast(db: None) -> Cast:
    """Two workspaces with their people.

    A fresh keyring: the one before remembers, for five minutes, keys that went with the transaction of another test. An empty cache: it
    counts how often this address signed in, for all tests together.
    """
    cache.clear()
    keyring.cache_clear()
    return make_cast()


@pytest.fixture
def client() -> Client:
    """A browser that shows exceptions as pages, as production does."""
    return Client(raise_request_exception=False)


@pytest.fixture(scope="session")
def running_tiktok() -> Iterator[LocalTikTok]:
    """Local TikTok as its own process, on this worker's port, with its clock written where the platform looks."""
    command = [
        sys.executable, "-m", "tiktok_sandbox", "--port", os.environ["SANDBOX_PORT"], "--secret", os.environ["TIKTOK_APP_SECRET"],
        "--login-client-key", os.environ["TIKTOK_LOGIN_KEY"], "--login-secret", os.environ["TIKTOK_LOGIN_SECRET"],
        "--login-redirect-uri", f"{os.environ['APP_URL']}/tiktok/sign-in/callback",
        "--redirect-uri", os.environ["TIKTOK_REDIRECT_URI"], "--clock-file", os.environ["CLOCK_FILE"],
    ]  # fmt: skip
    log = Path(os.environ["TESTS_FOLDER"]) / f"sandbox-{os.environ['SANDBOX_PORT']}.log"
    environment.tiktoks_place.close()
    with log.open("w") as output, subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=output, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("ready "), f"local TikTok did not start: {line} {log.read_text()}"
        with httpx.Client(base_url=line.split()[1], timeout=30, trust_env=False) as http:
            yield LocalTikTok(http)
        process.terminate()


@pytest.fixture
def tiktok(running_tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalTikTok]:
    """Local TikTok with a fresh world, the real time, no faults. Calls may follow one another as fast as the machine is: only the
    windows limit them, and a page that ends a connection waits for its call, so that no test depends on how long its calls take."""
    for name in ("ACCOUNTS_PACE", "GENERAL_PACE"):
        monkeypatch.setattr(limits, name, replace(getattr(limits, name), per_second=10_000, burst=10_000))
    monkeypatch.setattr("integrations.views.DISCONNECT_PATIENCE_SECONDS", 60)
    running_tiktok.reset()
    running_tiktok.pass_the_half_hour()
    yield running_tiktok
    running_tiktok.reset()
