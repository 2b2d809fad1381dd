"""The embedded PostgreSQL: its cluster, its settings, the roles and the two databases of the platform.

Calls the programs directly. Never listens beyond 127.0.0.1, never runs as root, never writes a statement or its values to its log.
"""

import os
import signal
import subprocess
from functools import cached_property
from urllib.parse import quote

import psycopg
from psycopg import sql

from agency.local import processes
from agency.local.errors import CannotStart
from agency.local.home import PROJECT, Home, write_private
from agency.local.seat import Seat
from agency.local.server import Server

ADMIN = "postgres"
DATABASES = {"platform": "platform_owner", "keystore": "platform_keys"}
ROLES = ("platform_owner", "platform_app", "platform_privacy", "platform_backup", "platform_keys")
DEPLOY = PROJECT / "deploy"

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Nothing that a statement carries may reach the log. `terse` matters: the DETAIL of a unique violation quotes the row's values.
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_duration_statement": "-1",
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    # Tuned for a laptop: a few busy connections, no replication, little memory, short plans.
    "max_connections": "120",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "max_wal_size": "512MB",
    "jit": "off",
}
# May be lost with the machine, never with the process: commits still reach the system before they are answered.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


class Postgres(Server):
    name = "postgres"
    stop_signal = signal.SIGINT  # "fast shutdown": ends sessions and writes everything down; SIGTERM would wait for clients

    def __init__(self, home: Home, seat: Seat, *, durable: bool) -> None:
        super().__init__(home, seat, durable=durable)
        assert seat.postgres is not None
        self.programs = seat.postgres

    def start(self) -> None:
        super().start()
        self._provision()

    def url(self, role: str, database: str) -> str:
        password = quote(self.home.secret(f"postgres/{role}"), safe="")
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{database}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.url("platform_app", "platform"),
            "DATABASE_OWNER_URL": self.url("platform_owner", "platform"),
            "DATABASE_PRIVACY_URL": self.url("platform_privacy", "platform"),
            "DATABASE_BACKUP_URL": self.url("platform_backup", "platform"),
            "DATABASE_ADMIN_URL": self.url(ADMIN, "postgres"),
            "KEYSTORE_URL": self.url("platform_keys", "keystore"),
        }

    @cached_property
    def major_version(self) -> int:
        answer = subprocess.run(
            [self.programs / "postgres", "--version"], capture_output=True, text=True, check=True, **self.account.options()
        )
        return int(answer.stdout.split()[2].split(".")[0])

    def prepare(self) -> None:
        version = self.data / "PG_VERSION"
        if not version.exists():
            self._create_cluster()
        elif int(version.read_text()) != self.major_version:
            raise CannotStart(
                f"The data in {self.data} was written by PostgreSQL {version.read_text().strip()}, this machine has {self.major_version}: "
                "`make demo-reset` starts over."
            )
        self._clear_stale_lock()

    def command(self) -> list[str]:
        settings = SETTINGS | {"port": str(self.port)} | ({} if self.durable else NOT_DURABLE)
        if self.major_version >= 18:
            settings["io_method"] = "sync"  # spares three worker processes
        return [str(self.programs / "postgres"), "-D", str(self.data), *(f"--{name}={value}" for name, value in settings.items())]

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url(ADMIN, "postgres"), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error) and "database system" not in str(error):
                raise CannotStart(f"The passwords in {self.home.folder} do not fit its database: `make demo-reset` starts over.") from error
            return False
        return True

    def failed_for(self, log: str) -> str:
        if "could not bind" in log or "could not create any TCP/IP sockets" in log:
            return "port"
        return "busy" if "pre-existing shared memory block" in log or "lock file" in log else "other"

    def _create_cluster(self) -> None:
        """initdb into a draft that is renamed when whole, so that an interrupted first start leaves nothing half made."""
        draft = self.data.with_name("postgres.new")
        subprocess.run(["/bin/rm", "-rf", draft], check=True)
        password = draft.with_name("password")
        write_private(password, self.home.secret(f"postgres/{ADMIN}"))
        self.account.give(password)
        command = [self.programs / "initdb", "-D", draft, "-U", ADMIN, "-A", "scram-sha-256", f"--pwfile={password}", "-E", "UTF8"]
        command += ["--locale=C", "--no-instructions"]
        if self.major_version >= 17:
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not self.durable:
            command.append("--no-sync")
        environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        answer = subprocess.run(
            [*map(str, command)], capture_output=True, text=True, check=False, env=environment, **self.account.options()
        )
        password.unlink()
        if answer.returncode != 0:
            raise CannotStart(f"PostgreSQL could not create its data in {draft}:\n{answer.stdout}{answer.stderr}")
        draft.rename(self.data)

    def _clear_stale_lock(self) -> None:
        """PostgreSQL trusts the process id in its own lock file. After a restart of the machine somebody else may have that id."""
        path = self.data / "postmaster.pid"
        try:
            pid = int(path.read_text().splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return
        found = processes.mark(self.name, pid, self.stop_signal)
        if found is None:
            return
        if str(self.data) in processes.command_line(pid):
            processes.end([found], grace_seconds=10)
        else:
            path.unlink()

    def _provision(self) -> None:
        """Roles, their passwords and both databases. Runs at every start and changes nothing the second time."""
        with psycopg.connect(self.url(ADMIN, "postgres"), autocommit=True) as admin:
            admin.execute((DEPLOY / "roles.sql").read_text())
            for role in ROLES:
                password = sql.Literal(self.home.secret(f"postgres/{role}"))
                admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), password))
        for database in DATABASES:
            create_database(self.url(ADMIN, "postgres"), database, like=database)


def create_database(admin_url: str, name: str, *, like: str = "platform") -> None:
    """Create a database with the owner and the rights of `platform` or `keystore`, if it is not there. Tests make theirs with it."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            owner = sql.Identifier(DATABASES[like])
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(sql.Identifier(name), owner))
    with psycopg.connect(admin_url, dbname=name, autocommit=True) as inside:
        inside.execute((DEPLOY / f"{like}.sql").read_text())
