"""The embedded servers: who may do what in them, what they remember, and what they keep to themselves."""

import os
import signal
import stat
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from agency.local.errors import CannotStart
from agency.local.postgres import DEPLOY, Postgres, create_database
from agency.local.servers import Servers, start_servers

ROLES = {
    "DATABASE_URL": ("platform_app", "platform"),
    "DATABASE_OWNER_URL": ("platform_owner", "platform"),
    "DATABASE_PRIVACY_URL": ("platform_privacy", "platform"),
    "DATABASE_BACKUP_URL": ("platform_backup", "platform"),
    "DATABASE_ADMIN_URL": ("postgres", "postgres"),
    "KEYSTORE_URL": ("platform_keys", "keystore"),
}


def connect(servers: Servers, name: str, **options: str) -> psycopg.Connection:
    return psycopg.connect(servers.environment[name], autocommit=True, **options)


@pytest.mark.parametrize(("name", "expected"), ROLES.items())
def test_every_address_leads_to_its_own_role_and_database(servers: Servers, name: str, expected: tuple[str, str]) -> None:
    with connect(servers, name) as connection:
        assert connection.execute("SELECT current_user, current_database()").fetchone() == expected


def test_no_role_of_the_platform_has_more_than_a_login(servers: Servers) -> None:
    with connect(servers, "DATABASE_ADMIN_URL") as admin:
        rows = admin.execute(
            "SELECT rolname, rolcanlogin, rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication FROM pg_roles "
            "WHERE rolname LIKE 'platform%'"
        ).fetchall()
    assert sorted(rows) == [(f"platform_{name}", True, False) for name in ("app", "backup", "keys", "owner", "privacy")]


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_PRIVACY_URL", "DATABASE_BACKUP_URL", "DATABASE_OWNER_URL"])
def test_row_level_security_holds_for_every_role_of_the_platform(servers: Servers, name: str) -> None:
    with connect(servers, "DATABASE_OWNER_URL") as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS hidden AS SELECT 1 AS number")
        owner.execute("ALTER TABLE hidden ENABLE ROW LEVEL SECURITY")
        owner.execute("ALTER TABLE hidden FORCE ROW LEVEL SECURITY")
        owner.execute("GRANT SELECT ON hidden TO platform_app, platform_privacy, platform_backup")
    with connect(servers, "DATABASE_ADMIN_URL", dbname="platform") as admin:
        assert admin.execute("SELECT count(*) FROM hidden").fetchone() == (1,)
    with connect(servers, name) as connection:
        assert connection.execute("SELECT count(*) FROM hidden").fetchone() == (0,)


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_PRIVACY_URL", "DATABASE_BACKUP_URL"])
def test_only_the_owner_makes_tables(servers: Servers, name: str) -> None:
    with connect(servers, name) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE mine (number int)")


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_PRIVACY_URL", "DATABASE_BACKUP_URL"])
def test_the_keystore_is_closed_to_the_roles_of_the_platform(servers: Servers, name: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        connect(servers, name, dbname="keystore")


def test_a_role_that_could_step_around_row_level_security_stops_the_start(servers: Servers) -> None:
    with connect(servers, "DATABASE_ADMIN_URL") as admin:
        admin.execute("ALTER ROLE platform_app BYPASSRLS")
        try:
            with pytest.raises(psycopg.errors.RaiseException, match="platform_app"):
                admin.execute((DEPLOY / "roles.sql").read_text())
        finally:
            admin.execute("ALTER ROLE platform_app NOBYPASSRLS")
        admin.execute((DEPLOY / "roles.sql").read_text())


def test_a_database_for_tests_has_the_rights_of_the_real_one(servers: Servers) -> None:
    create_database(servers.environment["DATABASE_ADMIN_URL"], "test_platform")
    with connect(servers, "DATABASE_OWNER_URL", dbname="test_platform") as owner:
        owner.execute("CREATE TABLE things (number int)")
    with connect(servers, "DATABASE_URL", dbname="test_platform") as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("SELECT * FROM things")


def test_failing_statements_leave_none_of_their_values_in_the_log(servers: Servers) -> None:
    with connect(servers, "DATABASE_OWNER_URL") as owner:
        owner.execute("CREATE TABLE unique_values (secret text UNIQUE)")
        owner.execute("INSERT INTO unique_values VALUES ('canary-literal')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            owner.execute("INSERT INTO unique_values VALUES ('canary-literal')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            owner.execute("INSERT INTO unique_values VALUES (%s)", ["canary-literal"])
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            owner.execute("SELECT 'canary-literal'::uuid")
    log = (servers.home.folder / "postgres.log").read_text()
    assert "ready to accept connections" in log
    assert "canary" not in log


def test_passwords_are_needed_and_kept_from_other_users(servers: Servers) -> None:
    port = urlsplit(servers.environment["DATABASE_URL"]).port
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://platform_app:wrong@127.0.0.1:{port}/platform")
    once = Retry(NoBackoff(), 0)
    with redis.Redis(port=urlsplit(servers.environment["BROKER_URL"]).port, retry=once) as client, pytest.raises(redis.AuthenticationError):
        client.ping()
    kept = servers.home.folder / "secrets.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_broker_cache_and_rate_budget_are_apart_and_never_evicted(servers: Servers) -> None:
    clients = [redis.Redis.from_url(servers.environment[name]) for name in ("BROKER_URL", "CACHE_URL", "RATE_URL")]
    for number, client in enumerate(clients):
        client.set("which", number)
    assert [client.get("which") for client in clients] == [b"0", b"1", b"2"]
    assert clients[0].config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    for client in clients:
        client.close()


def test_a_restart_finds_the_same_data_at_the_same_address(folder: Path) -> None:
    first = start_servers(folder, given={})
    with connect(first, "DATABASE_OWNER_URL") as owner:
        owner.execute("CREATE TABLE kept AS SELECT 42 AS number")
    with redis.Redis.from_url(first.environment["BROKER_URL"]) as client:
        client.set("kept", "42")
    first.stop()
    second = start_servers(folder, given={})
    try:
        assert second.environment == first.environment
        with connect(second, "DATABASE_OWNER_URL") as owner:
            assert owner.execute("SELECT number FROM kept").fetchone() == (42,)
        with redis.Redis.from_url(second.environment["BROKER_URL"]) as client:
            assert client.get("kept") == b"42"
    finally:
        second.stop()


def test_a_server_whose_plug_was_pulled_comes_back_where_it_was(folder: Path) -> None:
    started = start_servers(folder, given={})
    try:
        before = dict(started.environment)
        with connect(started, "DATABASE_OWNER_URL") as owner:
            owner.execute("CREATE TABLE kept AS SELECT 42 AS number")
            for server in started.running:
                server.kill()
            # A backend notices a moment later that its postmaster is gone; until then it may answer once more.
            with pytest.raises(psycopg.OperationalError):
                for _ in range(100_000):
                    owner.execute("SELECT 1")
        for server in started.running:
            server.start()
            assert server.environment.items() <= before.items()
        with connect(started, "DATABASE_OWNER_URL") as owner:
            assert owner.execute("SELECT number FROM kept").fetchone() == (42,)
    finally:
        started.stop()


def test_a_start_waits_for_what_is_still_going_away(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = start_servers(folder, durable=False, given={})
    postgres = started.postgres
    assert postgres is not None
    session = connect(started, "DATABASE_ADMIN_URL")
    backend = session.info.backend_pid
    os.kill(backend, signal.SIGSTOP)
    tries: list[str] = []

    def told(log: str) -> str:
        tries.append(Postgres.failed_for(postgres, log))
        if len(tries) == 7:
            os.kill(backend, signal.SIGCONT)
        return tries[-1]

    monkeypatch.setattr(postgres, "failed_for", told)
    try:
        postgres.kill()
        postgres.start()
        assert set(tries) == {"busy"}
        connect(started, "DATABASE_ADMIN_URL").close()
    finally:
        if len(tries) < 7:
            os.kill(backend, signal.SIGCONT)
        session.close()
        started.stop()


def test_what_the_environment_names_is_used_instead_of_our_own_servers(folder: Path) -> None:
    given = {name: f"given://{name}" for name in (*ROLES, "BROKER_URL", "CACHE_URL", "RATE_URL")}
    started = start_servers(folder, given=given)
    try:
        assert started.running == []
        assert started.environment == given
    finally:
        started.stop()


def test_half_of_an_outside_database_is_refused_in_a_sentence(folder: Path) -> None:
    with pytest.raises(CannotStart, match="DATABASE_OWNER_URL, DATABASE_PRIVACY_URL, KEYSTORE_URL must be set"):
        start_servers(folder, given={"DATABASE_URL": "postgresql://elsewhere/platform"})
    start_servers(folder, given=dict.fromkeys((*ROLES, "BROKER_URL", "CACHE_URL", "RATE_URL"), "given")).stop()
