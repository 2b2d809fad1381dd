"""The whole platform as processes, in a folder of its own, for tests: opened, listened to, looked into, closed.

Nothing of the test run's own environment reaches it, so its servers, databases and ports are its own too.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import redis

from agency.local import supervisor
from agency.local.stack import Stack
from agency.local.valkey import DATABASES

INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT")


@dataclass
class Ground:
    """A stack with everything its parts said."""

    stack: Stack
    lines: list[tuple[str, str]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What the stack's own programs are told; complete once the stack is open."""
        return self.stack.environment

    @property
    def people(self) -> dict[str, dict[str, Any]]:
        """The demo's people by address."""
        return {p["email"]: p for p in json.loads(Path(self.environment["PEOPLE_FILE"]).read_text())}

    @property
    def secrets_file(self) -> Path:
        """Where local TikTok writes down what must be found nowhere else."""
        return self.stack.folder / "revealed.jsonl"

    def rows(self, statement: str, *values: Any, database: str = "platform") -> list[tuple[Any, ...]]:
        """Ask the database as its superuser: past row-level security, past the application."""
        with psycopg.connect(self.environment["DATABASE_ADMIN_URL"], dbname=database, autocommit=True) as connection:
            return connection.execute(statement, values or None).fetchall()

    def valkey(self, name: str = "BROKER_URL") -> redis.Redis:
        """A client of one of Valkey's databases; names are those of the environment."""
        assert name in DATABASES
        return redis.Redis.from_url(self.environment[name])

    def control(self, name: str, **body: Any) -> Any:
        """Steer local TikTok."""
        answer = httpx.post(f"{self.stack.sandbox_url}/__control__/{name}", json=body, timeout=30, trust_env=False)
        assert answer.status_code < 300, f"{name}: {answer.status_code} {answer.text}"
        return answer.json()

    def asked(self, endpoint: str = "", fault: str | None = None) -> list[dict[str, Any]]:
        """The requests that local TikTok got, oldest first."""
        answer = httpx.get(f"{self.stack.sandbox_url}/__control__/log", timeout=30, trust_env=False).json()
        return [e for e in answer["entries"] if endpoint in e["endpoint"] and (fault is None or e["fault"] == fault)]

    def truth(self, account: str) -> dict[str, Any]:
        """What local TikTok knows about an account, whole."""
        found: dict[str, Any] | None = None
        while True:
            offset = len(found["posts"]) if found else 0
            query = {"account": account, "limit": 1000, "offset": offset}
            page = httpx.get(f"{self.stack.sandbox_url}/__control__/world", params=query, timeout=30, trust_env=False).json()["accounts"][0]
            if found is None:
                found = page
            else:
                found["posts"] += page["posts"]
            if len(page["posts"]) < 1000:
                return found

    @contextmanager
    def celery_of(self, module: str, *names: str) -> Iterator[None]:
        """Run the worker, or beat as well, with another module's Celery application while the block runs."""
        before = {name: self.stack.programs[name] for name in names}
        self.stack.children.stop(*names)
        for name, program in before.items():
            command = [word.replace("agency.celery", module) for word in program.command]
            self.stack.programs[name] = replace(program, command=command)
            self.stack.start(name)
        try:
            yield
        finally:
            self.stack.children.stop(*names)
            self.stack.programs |= before
            for name in names:
                self.stack.start(name)

    def said(self, *names: str) -> str:
        """What these parts have written so far; without names, all of them."""
        return "\n".join(line for name, line in list(self.lines) if not names or name in names)


def inherited() -> dict[str, str]:
    """The part of our own environment that a stack may know."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ}


def prepare(folder: Path, *, extra: Mapping[str, str] | None = None) -> Ground:
    """A stack that is not open yet. Its local TikTok writes down the secrets that pass."""
    lines: list[tuple[str, str]] = []
    given = inherited() | dict(extra or {})
    stack = Stack(folder, show=lambda name, line: lines.append((name, line)), durable=False, connected=False, given=given)
    ground = Ground(stack, lines)
    program = stack.programs["sandbox"]
    stack.programs["sandbox"] = replace(program, command=[*program.command, "--reveal-secrets-to", str(ground.secrets_file)])
    return ground


@contextmanager
def opened(folder: Path, *, extra: Mapping[str, str] | None = None) -> Iterator[Ground]:
    """A running stack; afterwards nothing of it is left, its data included."""
    ground = prepare(folder, extra=extra)
    try:
        ground.stack.open()
        yield ground
    finally:
        ground.stack.close()
        supervisor.remove(folder)
