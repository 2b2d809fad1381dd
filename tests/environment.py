"""What a test run stands on, made before Django reads its settings: real servers, a database per worker, and ports.

A pytest plugin (`-p tests.environment`), because conftest files are read too late. The first process starts embedded servers,
unless DATABASE_ADMIN_URL names some, and migrates one database; every worker gets a copy of it. Tests connect as the
application's role, never as the owner.
"""

import base64
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from xdist.scheduler import LoadFileScheduling

from agency.local.home import PROJECT, free_port
from agency.local.servers import Servers, start_servers
from agency.local.supervisor import remove

URLS = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_PRIVACY_URL", "DATABASE_BACKUP_URL", "KEYSTORE_URL", "DATABASE_ADMIN_URL")
# Both databases in one process: starting Django costs as much as making the tables.
MIGRATE = """
import os, django
from django.core.management import call_command
os.environ["DJANGO_SETTINGS_MODULE"] = "agency.settings"
django.setup()
for command in ("migrate", "migrate_keystore"):
    call_command(command, interactive=False, verbosity=0)
"""
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
_servers: Servers | None = None
tiktoks_place = socket.socket()  # keeps the port of local TikTok, which may begin minutes later, from everybody else


def _database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _redis(url: str, first: int) -> str:
    return url.rsplit("/", 1)[0] + f"/{first + int(WORKER.removeprefix('gw') or 0)}"


def _first_process() -> None:
    """Servers and the database that all copies come from."""
    global _servers  # noqa: PLW0603 - one per process
    os.environ["ENVIRONMENT"] = "test"
    if "DATABASE_ADMIN_URL" not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="platform-tests-"))
        _servers = start_servers(folder, durable=False)
        os.environ.update(_servers.environment)
        os.environ["TESTS_FOLDER"] = str(folder)
    folder = Path(os.environ.setdefault("TESTS_FOLDER", tempfile.mkdtemp(prefix="platform-tests-")))
    key = folder / "master.key"
    key.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    key.chmod(0o600)
    os.environ["KEY_SERVICE"] = f"file:{key}"
    subprocess.run([sys.executable, "-c", MIGRATE], cwd=PROJECT, check=True)


def _every_process() -> None:
    """A copy of the databases, and addresses, of this process's own."""
    mine = WORKER or "main"
    admin = os.environ["DATABASE_ADMIN_URL"]
    with psycopg.connect(admin, autocommit=True) as connection:
        for name in ("platform", "keystore"):
            owner = connection.execute("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", [name]).fetchone()[0]
            copy = f"{name}_{mine}"
            connection.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}" OWNER "{owner}"')
    for variable in URLS:
        if variable in os.environ:
            name = "keystore" if variable == "KEYSTORE_URL" else "platform"
            os.environ[variable] = _database(os.environ[variable], f"{name}_{mine}")
    folder = Path(os.environ["TESTS_FOLDER"]) / mine
    folder.mkdir(exist_ok=True)
    clock = folder / "clock.json"
    clock.write_text(json.dumps({"offset_seconds": 0.0}))
    port = free_port()
    tiktoks_place.bind(("127.0.0.1", port))
    sandbox = f"http://127.0.0.1:{port}"
    os.environ.update(
        SANDBOX_PORT=str(port),
        TIKTOK_AUTH_BASE=sandbox,
        TIKTOK_BUSINESS_BASE=sandbox,
        TIKTOK_DEVELOPERS_BASE=sandbox,
        TIKTOK_APP_SECRET="sandbox secret of the tests",
        TIKTOK_LOGIN_KEY="login-kit-of-the-tests",
        TIKTOK_LOGIN_SECRET="login secret of the tests",
        TIKTOK_REDIRECT_URI="http://testserver/tiktok/auth/callback",
        APP_URL="http://testserver",
        CLOCK_FILE=str(clock),
        TOKEN_JOURNAL=str(folder / "journal"),
        # Valkey's databases of this process: tests empty them.
        CACHE_URL=_redis(os.environ["CACHE_URL"], 8),
        RATE_URL=_redis(os.environ["RATE_URL"], 3),
    )


def _has_workers(arguments: list[str]) -> bool:
    """Whether xdist will start workers: `-n 0` starts none."""
    text = " ".join(arguments)
    asked = re.search(r"(?:^| )(?:-n|--numprocesses)[ =]?(\S+)", text)
    return asked is not None and asked.group(1) != "0"


if not WORKER:
    _first_process()
    if not _has_workers(sys.argv):
        _every_process()
else:
    _every_process()


LONG_FIRST = ("browser", "chaos", "stack", "agency")
ONE_GROUND = {"browser", "chaos"}  # folders whose files share a running platform


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that run for minutes go first, so that no process has nothing to do while another is at the last of them."""
    order = {name: number for number, name in enumerate(LONG_FIRST)}
    items.sort(key=lambda item: order.get(item.path.relative_to(item.config.rootpath).parts[1], len(order)))


class ByGround(LoadFileScheduling):
    """A file to a process; files on one ground to the same one, so that their platform is started once."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        folder = file.split("/")[1]
        return folder if folder in ONE_GROUND else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Files in the order in which they were collected: xdist's own would begin with those of many tests."""
    config.option.loadscopereorder = False
    return ByGround(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """The first process takes the servers down again."""
    if _servers is not None:
        _servers.stop()
        remove(Path(os.environ["TESTS_FOLDER"]))
