"""The whole platform on one machine as one thing: servers, mail catcher, TikTok sandbox, web, worker and beat.

Owns what runs, in which order, with which environment, and what need not be done twice. `make demo`, `make walkthrough` and the tests
that pull plugs all use it. Never decides what is printed or how a command ends.
"""

import base64
import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from agency.local import programs
from agency.local.children import Children, Program, Show
from agency.local.errors import CannotStart
from agency.local.home import PROJECT, Home, is_port_free, read_json, write_private
from agency.local.server import Server
from agency.local.servers import Servers

APP_ID = "7600593971684835329"
STAMP = "prepared.json"


class Stack:
    """Ports of 0 mean free ones. `connected` has the demo's accounts connected at the start.

    `given` is the environment of the caller: what it names is used instead of a server of ours.
    """

    def __init__(
        self,
        folder: Path,
        *,
        show: Show,
        port: int = 0,
        sandbox_port: int = 0,
        durable: bool = True,
        connected: bool = True,
        facts_file: Path | None = None,
        given: Mapping[str, str] | None = None,
    ) -> None:
        self.connected = connected
        self.facts_file = facts_file or folder.resolve() / "demo.json"
        self.given = dict(os.environ if given is None else given)
        home = Home(folder)
        try:
            _refuse_taken(port, "PORT")
            _refuse_taken(sandbox_port, "SANDBOX_PORT")
            home.promised |= {port, sandbox_port}
            self.servers = Servers(home, durable=durable, given=self.given)
            self.port = port or home.port("web")
            self.sandbox_port = sandbox_port or home.port("sandbox")
            self.mail_port = home.port("mail")
            self.environment = {**self.given, **self._environment(home)}
        except BaseException:
            home.release()
            raise
        self.home = home
        self.folder = home.folder
        self.children = Children(home, self.environment, show)
        self.programs: dict[str, Program] = {
            program.name: program
            for program in (
                programs.mailbox(self.mail_port, self.mail_folder),
                programs.sandbox(self.sandbox_port, self.folder, self.environment),
                programs.web(self.port),
                programs.worker(),
                programs.beat(),
            )
        }

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def mail_folder(self) -> Path:
        return Path(self.environment["MAIL_FOLDER"])

    def open(self) -> None:
        """Start everything and come back when it works. On an error the caller still has to `close()`."""
        self.open_servers()
        for name in ("mail", "sandbox"):
            self.children.start(self.programs[name])
        self._prepare()
        self.children.wait_ready("mail", "sandbox")
        for name in ("web", "worker"):
            self.children.start(self.programs[name])
        self.children.wait_ready("web")
        self.children.start(self.programs["beat"])  # last: what is due waits in rows, and two processors are busy before
        if self.connected:
            self.children.run(programs.module("connect", "agency.local.connect_demo"))
        write_private(self.facts_file, json.dumps(self.facts(), indent=2))

    def open_servers(self) -> None:
        """Only the servers; the environment is complete afterwards."""
        self.servers.start()
        self.environment |= self.servers.environment
        self.children.environment |= self.servers.environment
        for server in self.servers.running:
            self._watch(server)
        write_private(self.folder / "environment.json", json.dumps(self.own_environment(), indent=1))

    def close(self) -> None:
        """Stop everything in the order in which the parts need each other, and give the folder back."""
        self.facts_file.unlink(missing_ok=True)
        (self.folder / "environment.json").unlink(missing_ok=True)
        self.children.stop("beat", "web", "worker")
        self.children.stop(*list(self.children.running))
        self.servers.stop()

    def kill(self, name: str) -> None:
        """Pull the plug of one part: `postgres`, `valkey`, `mail`, `sandbox`, `web`, `worker` or `beat`."""
        server = self._server(name)
        if server is None:
            self.children.kill(name)
        else:
            server.kill()

    def start(self, name: str) -> None:
        """Start one part again, at the address it had, and wait until it works."""
        server = self._server(name)
        if server is None:
            self.children.start(self.programs[name])
            self.children.wait_ready(name)
        else:
            server.start()
            self._watch(server)

    def facts(self) -> dict[str, Any]:
        """What a script needs to use the running platform."""
        people = json.loads(Path(self.environment["PEOPLE_FILE"]).read_text())
        return {"base_url": self.base_url, "sandbox_url": self.sandbox_url, "mail_dir": str(self.mail_folder), "people": people}

    def own_environment(self) -> dict[str, str]:
        """What the platform's programs are told beyond the caller's own environment."""
        return {name: value for name, value in self.environment.items() if self.given.get(name) != value}

    def _environment(self, home: Home) -> dict[str, str]:
        sandbox = f"http://127.0.0.1:{self.sandbox_port}"
        app = f"http://127.0.0.1:{self.port}"
        return {
            "ENVIRONMENT": "demo",
            "DJANGO_SETTINGS_MODULE": "agency.settings",
            "PYTHONUNBUFFERED": "1",
            "SECRET_KEY": home.secret("secret-key"),
            "APP_URL": app,
            "TIKTOK_AUTH_BASE": sandbox,
            "TIKTOK_BUSINESS_BASE": sandbox,
            "TIKTOK_DEVELOPERS_BASE": sandbox,
            "TIKTOK_APP_ID": APP_ID,
            "TIKTOK_APP_SECRET": home.secret("tiktok-app-secret"),
            "TIKTOK_REDIRECT_URI": f"{app}/tiktok/auth/callback",
            "TIKTOK_LOGIN_KEY": "demo-login",
            "TIKTOK_LOGIN_SECRET": home.secret("tiktok-login-secret"),
            "TOKEN_JOURNAL": str(home.folder / "journal"),
            "KEY_SERVICE": f"file:{_master_key(home)}",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mail_port}",
            "MAIL_FOLDER": str(home.folder / "mail"),
            "CLOCK_FILE": str(home.folder / "clock.json"),
            "PEOPLE_FILE": str(home.folder / "people.json"),
            "DEMO_FILE": str(self.facts_file),
            "LOCAL_FOLDER": str(home.folder),
        }

    def _prepare(self) -> None:
        """Tables, static files and the demo's people, unless the same code has prepared the same database before."""
        done = read_json(self.folder / STAMP)
        wanted = {"code": _fingerprint(_code()), "database": _identity(self.environment["DATABASE_OWNER_URL"])}
        people = Path(self.environment["PEOPLE_FILE"])
        if done != wanted or not people.exists():
            self.children.run(programs.manage("migrate", "migrate", "--no-input"))
            self.children.run(programs.manage("migrate", "migrate_keystore", "--no-input"))
            self.children.run(programs.manage("world", "demo_world", "--people-file", str(people)))
            write_private(self.folder / STAMP, json.dumps(wanted))
        self._collect()

    def _collect(self) -> None:
        """Static files belong to the project, not to this folder, and collecting deletes before it writes: one start after another."""
        static = PROJECT / ".local" / "static"
        stamp = static.with_suffix(".stamp")
        collected = _fingerprint([*_code(), *(path for path in (PROJECT / "static").rglob("*") if path.is_file())])
        static.parent.mkdir(exist_ok=True)
        with static.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not static.is_dir() or not stamp.exists() or stamp.read_text() != collected:
                self.children.run(programs.manage("static", "collectstatic", "--no-input", "--verbosity", "0"))
                stamp.write_text(collected)

    def _server(self, name: str) -> Server | None:
        return next((server for server in self.servers.running if server.name == name), None)

    def _watch(self, server: Server) -> None:
        assert server.process is not None
        self.children.watch(server.name, server.process, partial(server.is_meant_to_end, server.process))


def _master_key(home: Home) -> Path:
    path = home.folder / "master.key"
    if not path.exists():
        write_private(path, base64.b64encode(secrets.token_bytes(32)))
    return path


def _identity(url: str) -> str:
    """Which database this is, even if another one has its address now."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT system_identifier, oid FROM pg_control_system(), pg_database WHERE datname = current_database()"
        ).fetchone()
    return str(row)


def _refuse_taken(port: int, name: str) -> None:
    if port and not is_port_free(port):
        raise CannotStart(f"Port {port} of this machine is taken: choose another one with {name}=, for example {name}={port + 1}.")


def _code() -> Iterable[Path]:
    """What decides how a prepared database looks: the project's own Python and the locked versions of everybody else's."""
    own = (path for package in PROJECT.glob("*/__init__.py") for path in package.parent.rglob("*.py"))
    return sorted([*own, *(PROJECT / "requirements").glob("*.txt")])


def _fingerprint(paths: Iterable[Path]) -> str:
    summary = hashlib.sha256()
    for path in paths:
        summary.update(str(path.relative_to(PROJECT)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return summary.hexdigest()
