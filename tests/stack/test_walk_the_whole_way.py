"""The whole platform as processes: a person's whole way, and what it leaves behind."""

import base64
import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psycopg
import pytest
import redis

from agency.local import processes, supervisor
from agency.local.browser import Browser
from agency.local.home import PROJECT, leftovers, read_json
from tests.stack import search
from tests.stack.ground import Ground, prepare
from tests.stack.pages import Seen, inline_of, policy_of
from tests.walk import SAMPLE, SAMPLE_FOLLOWERS, Walk, text_of, wait

pytestmark = pytest.mark.stack
STAFF = "alex@logictarget.example"
MORE_PAGES = (
    "/", "/settings/integrations", "/settings/people", "/settings/account", "/reports", "/two-factor", "/password", "/dev/mail/",
    "/no/such/page", "/tiktok/auth/callback?state=forged&code=forged", "/invitations/no-such-invitation", "/password/reset",
)  # fmt: skip
# Where a secret of the configuration belongs; a token, a code, a verifier or a state belongs nowhere.
CONFIGURATION = {
    "app secret": {"secrets.json", "environment.json"},
    "password": {"people.json", "demo.json"},
    "second factor": {"people.json", "demo.json"},
}
LOCAL_TIKTOKS_OWN = {"sandbox-state.json", "revealed.jsonl"}
CONNECTIONS = """SELECT kind, state, access_token_sealed IS NOT NULL, refresh_token_sealed IS NOT NULL
    FROM integrations_connection ORDER BY kind"""
AD_ACCOUNTS = ("advertiser", "live", True, False)  # nobody disconnects them, and they have no refresh token


class Watched(Walk):
    """A walk that keeps what its last step, the deletion, takes away."""

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground.environment)
        self.ground = ground

    def deletion(self, reference: str, week: str) -> None:
        self.connections_before = self.ground.rows(CONNECTIONS)
        self.mails_before = search.mails(self.mails)
        super().deletion(reference, week)


@dataclass
class Walked:
    """A stack in which somebody has gone the whole way."""

    ground: Ground
    seen: Seen
    valkey_commands: list[bytes]
    walk: Watched

    def secrets(self) -> list[tuple[str, bytes]]:
        """Name and value of everything that must stay nowhere."""
        revealed = [json.loads(line) for line in self.ground.secrets_file.read_text().splitlines()]
        found = {(item["name"], item["value"].encode()) for item in revealed}
        # One of ours on the way: the forged callback shows that a state which was never issued is treated no worse.
        found = {(name, value) for name, value in found if value != b"forged"}
        # Requests call the app's secret by more than one name.
        app_secret = self.ground.environment["TIKTOK_APP_SECRET"].encode()
        found = {(name, value) for name, value in found if value != app_secret} | {("app secret", app_secret)}
        for person in self.ground.people.values():
            found.add(("password", person["password"].encode()))
            if person["totp_secret"]:
                found |= {("second factor", person["totp_secret"].encode()), ("second factor", base64.b32decode(person["totp_secret"]))}
        return sorted(found)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    folder = tmp_path_factory.mktemp("walk") / "stack"
    ground = prepare(folder)
    try:
        ground.stack.open()
        seen = Seen(ground.stack.base_url)
        commands: list[bytes] = []
        with listening(ground, commands):
            walk = Watched(ground)
            walk.browser.http.event_hooks["response"].append(seen.note)
            walk.go()
            staff = Browser(ground.stack.base_url)
            staff.http.event_hooks["response"].append(seen.note)
            staff.sign_in(ground.people[STAFF])
            for browser in (walk.browser, staff):
                for path in MORE_PAGES:
                    browser.get(path)
                browser.close()
        yield Walked(ground, seen, commands, walk)
    finally:
        ground.stack.close()
        supervisor.remove(folder)


class listening:
    """Everything that anybody says to Valkey, written down while the block runs."""

    def __init__(self, ground: Ground, into: list[bytes]) -> None:
        self.client = ground.valkey()
        self.into = into

    def __enter__(self) -> None:
        self.monitor = self.client.monitor().__enter__()
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        try:
            while True:
                # Raw lines: they escape what is not printable, which no secret of ours contains.
                self.into.append(self.monitor.connection.read_response())
        except (redis.RedisError, OSError, ValueError, AttributeError):
            return

    def __exit__(self, *problem: object) -> None:
        self.client.close()
        self.monitor.connection.disconnect()
        self.thread.join(timeout=5)


def test_the_walk_ends_as_expected(walked: Walked) -> None:
    assert walked.walk.connections_before == [("account", "disconnected", False, False), AD_ACCOUNTS]
    assert walked.ground.rows(CONNECTIONS) == [AD_ACCOUNTS], "the account's own is erased"
    assert walked.ground.rows("SELECT count(*) FROM integrations_pendingrevocation") == [(0,)]
    assert not [path for path in walked.seen.answers if path.status_code >= 500]


def test_the_search_finds_what_is_planted(walked: Walked) -> None:
    planted = b"planted-canary.act!5000*7 secret"
    looking = search.Search([("canary", planted)])
    for form in search.forms(planted):
        assert looking.hits(b"before " + form + b" after"), form
    inside = base64.b64encode(b'{"a": 1, "token": "' + planted + b'"}')
    assert looking.hits(inside)
    assert not looking.hits(inside[: len(inside) // 2])
    with psycopg.connect(walked.ground.environment["DATABASE_ADMIN_URL"], dbname="platform", autocommit=True) as connection:
        connection.execute("CREATE TABLE canary (sealed bytea)")
        try:
            connection.execute("INSERT INTO canary VALUES (%s)", [b"\x01\x02" + planted])
            dumped = search.dump(walked.ground, "platform", "DATABASE_ADMIN_URL")
        finally:
            connection.execute("DROP TABLE canary")
    assert looking.hits(dumped) and looking.hits(search.unpacked(dumped))
    with walked.ground.valkey("CACHE_URL") as client:
        client.hset("canary", "field", planted)
        try:
            assert looking.hits(search.valkey_content(walked.ground))
        finally:
            client.delete("canary")
    path = walked.ground.stack.mail_folder / "canary.eml"
    path.write_bytes(b"Subject: hello\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(b"a" + planted))
    try:
        assert looking.hits(search.mails(walked.ground.stack.mail_folder))
    finally:
        path.unlink()


def test_every_kind_of_secret_was_seen(walked: Walked) -> None:
    kinds = {name for name, _ in walked.secrets()}
    assert kinds == {"access_token", "refresh_token", "auth_code", "code_verifier", "state", "app secret", "password", "second factor"}


@contextmanager
def one_moment(ground: Ground) -> Iterator[tuple[str, dict[str, int]]]:
    """The platform runs on meanwhile: the name of a snapshot, and how many rows each table has in it."""
    with psycopg.connect(ground.environment["DATABASE_ADMIN_URL"], dbname="platform") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        ((name,),) = connection.execute("SELECT pg_export_snapshot()").fetchall()
        tables = connection.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace").fetchall()
        yield name, {table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchall()[0][0] for (table,) in tables}


@pytest.mark.parametrize("role", ["DATABASE_BACKUP_URL", "DATABASE_ADMIN_URL"])
def test_a_dump_of_the_platform_holds_no_secret(walked: Walked, role: str) -> None:
    options = ("--enable-row-security",) if role == "DATABASE_BACKUP_URL" else ()
    with one_moment(walked.ground) as (snapshot, counts):
        dumped = search.dump(walked.ground, "platform", role, f"--snapshot={snapshot}", *options)
    # Row-level security would make a backup without rights of its own succeed and be empty.
    for table, count in counts.items():
        assert dumped.count(f"INSERT INTO public.{table} ".encode()) == count, table
    sessions = walked.ground.rows("SELECT count(*) FROM agency_session")[0][0]
    assert sessions and search.unpacked(dumped).count(b"_auth_user_id") >= 1
    looking = search.Search(walked.secrets())
    assert looking.hits(dumped) == set()
    assert looking.hits(search.unpacked(dumped)) == set()


def test_a_dump_of_the_keystore_holds_no_secret(walked: Walked) -> None:
    dumped = search.dump(walked.ground, "keystore", "DATABASE_ADMIN_URL")
    assert dumped.count(b"INSERT INTO ") > 0
    looking = search.Search(walked.secrets())
    assert looking.hits(dumped) | looking.hits(search.unpacked(dumped)) == set()


def test_valkey_never_saw_a_secret(walked: Walked) -> None:
    heard = b"\n".join(walked.valkey_commands)
    assert b"metrics.tasks.sync_due" in heard and b"reports.tasks.deliver_some" in heard
    looking = search.Search(walked.secrets())
    assert looking.hits(heard) == set()
    assert looking.hits(search.valkey_content(walked.ground)) == set()


def test_no_log_line_holds_a_secret(walked: Walked) -> None:
    said = walked.ground.said().encode()
    assert b"GET /tiktok/auth/callback 302" in said
    assert search.Search(walked.secrets()).hits(said) == set()


def test_no_mail_holds_a_secret(walked: Walked) -> None:
    before, after = walked.walk.mails_before, search.mails(walked.ground.stack.mail_folder)
    assert SAMPLE["Total views"].encode() in before, "the report's mail, which the deletion takes away, was looked into"
    assert b" is done" in after, "and the mail that tells of the deletion"
    assert search.Search(walked.secrets()).hits(before + b"\n" + after) == set()


def test_no_file_holds_a_secret(walked: Walked) -> None:
    postgres = walked.ground.stack.servers.postgres
    assert postgres is not None
    with psycopg.connect(walked.ground.environment["DATABASE_ADMIN_URL"], autocommit=True) as connection:
        connection.execute("CHECKPOINT")  # what is still in memory only goes to its files
    looking, found = search.Search(walked.secrets()), []
    for path, content in search.files(walked.ground.stack.folder, postgres.data.parent):
        if path.name not in LOCAL_TIKTOKS_OWN:
            found += [(name, path.name) for name in looking.hits(content) if path.name not in CONFIGURATION.get(name, ())]
    assert found == []


def test_no_page_shows_what_belongs_to_the_server(walked: Walked) -> None:
    server_only = [(n, v) for n, v in walked.secrets() if n in {"access_token", "refresh_token", "code_verifier", "app secret"}]
    looking = search.Search(server_only)
    for answer in walked.seen.answers:
        whole = str(answer.headers.multi_items()).encode() + answer.content
        assert looking.hits(whole) == set(), answer.url.path


def test_every_page_carries_the_policy(walked: Walked) -> None:
    expected = {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'", walked.ground.stack.sandbox_url],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "frame-src": ["'self'"],
    }
    paths = {page.url.path for page in walked.seen.pages}
    assert {"/sign-in", "/performance", "/settings/integrations", "/reports", "/two-factor/code", "/no/such/page"} <= paths
    for page in walked.seen.pages:
        assert policy_of(page.headers["content-security-policy"]) == expected, page.url.path
        assert inline_of(page.text) == [], page.url.path


def test_a_refused_page_is_recognised() -> None:
    assert inline_of('<p style="color:red">') and inline_of("<style>p{}</style>") and inline_of("<script>x()</script>")
    assert inline_of('<a href="javascript:x()">') and inline_of("<b onclick='x()'>") and inline_of('<script src="/a.js">x()</script>')
    assert inline_of('<script src="/a.js"></script><p class="a">on style</p>') == []


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[None]:
    """Nobody waits for ever for a process that a failed test has left running."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.communicate()


def test_a_second_start_finds_everything_and_ctrl_c_ends_all_of_it(walked: Walked) -> None:
    """Last in this file: it takes the folder over."""
    stack = walked.ground.stack
    first = leftovers(stack.folder)
    stack.close()
    assert first and not [mark.name for mark in first if processes.is_alive(mark)]
    program = "import sys; from pathlib import Path; from agency.local import supervisor as s; s.DEMO = Path(sys.argv[1]);"
    program += "s.FACTS = s.DEMO / 'demo.json'; s.LOCAL = s.DEMO; sys.exit(s.demo(0, 0))"
    command = [sys.executable, "-c", program, str(stack.folder)]
    given = walked.ground.stack.given
    started = subprocess.Popen(command, cwd=PROJECT, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    with started as process, ended(process):
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if line == "ready\n":
                break
        assert said[-1:] == ["ready\n"], "".join(said)
        spoken = {line.split("|")[0].strip() for line in said if "|" in line}
        assert not spoken & {"migrate", "world", "static"}, "nothing is prepared twice"
        marks = leftovers(stack.folder)
        assert {mark.name for mark in marks} == {"postgres", "valkey", "mail", "sandbox", "web", "worker", "beat"}
        facts = read_json(stack.folder / "demo.json")
        browser = Browser(facts["base_url"])
        browser.sign_in({p["email"]: p for p in facts["people"]}["maya@brassstudio.example"])
        reports = browser.get("/reports").text
        # Of all of them: where the moved clock stands behind Monday's hour, the newest is one that is just being written.
        sent = [
            found
            for found in re.findall(r'href="(/reports/2[^"]+)"', reports)
            if "This report was sent." in text_of(browser.get(found).text)
        ]
        assert sent, "what was erased stays erased when its account comes back"
        # The start waits for a first report, and the erased one is there already.
        wait(lambda: SAMPLE_FOLLOWERS in text_of(browser.get("/performance").text), "the figures of the account that came back")
        browser.close()
        groups = {mark.pid for mark in marks}
        assert groups <= {running.group for running in processes.running().values()}
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait() == 0, rest
    assert "Traceback" not in rest
    assert not [r for r in processes.running().values() if r.group in groups]
    with pytest.raises(httpx.TransportError):
        httpx.get(facts["base_url"], trust_env=False)
