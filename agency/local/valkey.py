"""The embedded Valkey (Redis protocol): broker, cache and rate budget in three databases of one server.

Never evicts: the broker's queues live in it. Never listens beyond 127.0.0.1, never without a password.
"""

from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from agency.local import processes
from agency.local.home import Home, write_private
from agency.local.seat import Seat
from agency.local.server import Server

CONFIGURATION = "valkey.conf"
DATABASES = {"BROKER_URL": 0, "CACHE_URL": 1, "RATE_URL": 2}


class Valkey(Server):
    name = "valkey"

    def __init__(self, home: Home, seat: Seat, *, durable: bool) -> None:
        super().__init__(home, seat, durable=durable)
        assert seat.valkey is not None
        self.program = seat.valkey

    @property
    def environment(self) -> dict[str, str]:
        password = self.home.secret("valkey")
        return {name: f"redis://:{password}@127.0.0.1:{self.port}/{number}" for name, number in DATABASES.items()}

    def prepare(self) -> None:
        if not self.data.exists():
            self.data.mkdir(mode=0o700)
            self.account.give(self.data)
        self._end_unrecorded()

    def command(self) -> list[str]:
        # In a file, because everybody on the machine can read the arguments of a process.
        path = self.data / CONFIGURATION
        write_private(path, self._configuration())
        self.account.give(path)
        return [str(self.program), str(path)]

    def answers(self) -> bool:
        once = Retry(NoBackoff(), 0)
        with redis.Redis(port=self.port, password=self.home.secret("valkey"), socket_timeout=5, retry=once) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:  # not there yet, still loading its file, or another server took the port
                return False

    def failed_for(self, log: str) -> str:
        return "port" if "Address already in use" in log else "other"

    def _configuration(self) -> str:
        lines = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": self.home.secret("valkey"),
            "dir": _quoted(self.data),
            "pidfile": _quoted(self.data / "valkey.pid"),
            "databases": str(len(DATABASES)),
            "daemonize": "no",
            "maxmemory-policy": "noeviction",
            "save": '""',
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "set-proc-title": "no",  # the command line stays what identifies it
        }
        return "".join(f"{name} {value}\n" for name, value in lines.items())

    def _end_unrecorded(self) -> None:
        """Two servers on one append-only file would ruin it, so one that escaped the record ends first."""
        try:
            pid = int((self.data / "valkey.pid").read_text())
        except (FileNotFoundError, ValueError):
            return
        found = processes.mark(self.name, pid, self.stop_signal)
        if found is not None and str(self.data) in processes.command_line(pid):
            processes.end([found], grace_seconds=10)


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
