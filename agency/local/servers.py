"""The embedded servers as one thing: what a command or a test run starts, the environment that it yields, and the end of it.

Owns which server is needed at all: what the caller's environment names already is used instead.
"""

import atexit
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from agency.local.errors import CannotStart
from agency.local.home import Home
from agency.local.postgres import Postgres
from agency.local.seat import take_seat
from agency.local.server import Server
from agency.local.valkey import Valkey

# The first of each group decides; the others have to be there then too.
DATABASE = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_PRIVACY_URL", "KEYSTORE_URL")
DATABASE_OPTIONAL = ("DATABASE_BACKUP_URL", "DATABASE_ADMIN_URL")
REDIS = ("BROKER_URL", "CACHE_URL", "RATE_URL")


class Servers:
    """The running servers of one folder. `environment` holds the addresses; `stop()` ends them and gives the folder back."""

    def __init__(self, home: Home, *, durable: bool, given: Mapping[str, str]) -> None:
        self.home = home
        self.environment = _given(given, DATABASE, DATABASE_OPTIONAL) | _given(given, REDIS, ())
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None
        needs_postgres, needs_valkey = DATABASE[0] not in self.environment, REDIS[0] not in self.environment
        if needs_postgres or needs_valkey:
            seat = take_seat(home.folder, postgres=needs_postgres, valkey=needs_valkey)
            self.postgres = Postgres(home, seat, durable=durable) if needs_postgres else None
            self.valkey = Valkey(home, seat, durable=durable) if needs_valkey else None
        self._is_stopped = False

    @property
    def running(self) -> list[Server]:
        return [server for server in (self.postgres, self.valkey) if server is not None]

    def start(self) -> None:
        atexit.register(self.stop)
        try:
            for server in (self.postgres, self.valkey):
                if server is not None:
                    server.start()
                    self.environment |= server.environment
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        if self._is_stopped:
            return
        self._is_stopped = True
        atexit.unregister(self.stop)
        for server in reversed(self.running):
            server.stop()
        self.home.release()


def start_servers(folder: Path, *, durable: bool = True, given: Mapping[str, str] | None = None) -> Servers:
    """Start what `given` (by default the process's environment) does not name. The caller ends it with `.stop()`."""
    home = Home(folder)
    try:
        servers = Servers(home, durable=durable, given=os.environ if given is None else given)
    except BaseException:
        home.release()
        raise
    servers.start()
    return servers


@contextmanager
def embedded_servers(folder: Path, *, durable: bool = True, given: Mapping[str, str] | None = None) -> Iterator[Servers]:
    servers = start_servers(folder, durable=durable, given=given)
    try:
        yield servers
    finally:
        servers.stop()


def _given(environment: Mapping[str, str], needed: tuple[str, ...], optional: tuple[str, ...]) -> dict[str, str]:
    if not environment.get(needed[0]):
        return {}
    missing = [name for name in needed if not environment.get(name)]
    if missing:
        raise CannotStart(f"{needed[0]} is set, so no server of ours is started, but {', '.join(missing)} must be set as well.")
    return {name: environment[name] for name in (*needed, *optional) if environment.get(name)}
