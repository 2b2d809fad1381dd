"""The platform's state in fault runs: put back to the beginning before, counted by natural keys afterwards."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from agency.local.home import PROJECT
from agency.local.postgres import create_database
from tests.chaos.person import until
from tests.stack.ground import Ground

PARTS = ("postgres", "valkey", "mail", "sandbox", "web", "worker", "beat")
FRESH = "platform_fresh"


def starting(ground: Ground) -> None:
    """Keep a copy of the database as it is before anybody has done anything."""
    _copy(ground, "platform", FRESH)


def _copy(ground: Ground, source: str, target: str) -> None:
    """Copying a database needs it for itself, and its users come back at once."""
    with psycopg.connect(ground.environment["DATABASE_ADMIN_URL"], autocommit=True) as admin:
        names = {"source": sql.Identifier(source), "target": sql.Identifier(target)}
        admin.execute(sql.SQL("ALTER DATABASE {source} ALLOW_CONNECTIONS false").format(**names))
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {target} WITH (FORCE)").format(**names))
        try:

            def copied() -> bool:
                admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [source])
                try:
                    # Copied through the log, a sequence would come back from a crash with values it has given out already.
                    admin.execute(
                        sql.SQL("CREATE DATABASE {target} TEMPLATE {source} OWNER platform_owner STRATEGY file_copy").format(**names)
                    )
                except psycopg.errors.ObjectInUse:
                    return False
                return True

            until(copied, f"{source} is copied")
        finally:
            admin.execute(sql.SQL("ALTER DATABASE {source} ALLOW_CONNECTIONS true").format(**names))
    create_database(ground.environment["DATABASE_ADMIN_URL"], target, like="platform")  # the rights on a database are not copied


class World:
    """What is there, as its superuser sees it."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground

    def begin_anew(self) -> None:
        """Everything but the keystore: its keys have new names for new connections."""
        for name in PARTS:
            self.ensure(name)
        self.ground.control("reset")
        _copy(self.ground, FRESH, "platform")
        for name in ("CACHE_URL", "RATE_URL"):  # counts of sign-ins and of calls
            with self.ground.valkey(name) as client:
                client.flushdb()
        for letter in self.ground.stack.mail_folder.glob("*"):
            letter.unlink(missing_ok=True)  # a mail that is just coming changes its name
        # They say which rows the audit log had, and it has none now: the promises' check would be right to call that an alteration.
        for anchors in (self.ground.stack.folder / "journal").glob("audit-*.jsonl"):
            anchors.unlink()

    def ensure(self, name: str) -> None:
        """Start a part that an earlier test left dead."""
        stack = self.ground.stack
        if name in {"postgres", "valkey"}:
            server = stack.servers.postgres if name == "postgres" else stack.servers.valkey
            assert server is not None and server.process is not None
            if server.process.poll() is not None:
                stack.start(name)
        elif name not in stack.children.running:
            stack.start(name)

    def kill_and_start(self, *names: str) -> None:
        """Pull the plugs of parts and put them in again, servers first."""
        for name in names:
            self.ground.stack.kill(name)
        for name in sorted(names, key=PARTS.index):
            self.ground.stack.start(name)

    def shut_down_at_once(self) -> None:
        """PostgreSQL's immediate shutdown: every session ends where it is, and the next start recovers."""
        postgres = self.ground.stack.servers.postgres
        assert postgres is not None
        postgres.kill(signal.SIGQUIT)
        self.ground.stack.start("postgres")

    # what can be watched while it happens

    @contextmanager
    def holding(self, table: str) -> Iterator[None]:
        """Let nobody write into a table. Ends with the block, or with the server."""
        connection = psycopg.connect(self.ground.environment["DATABASE_ADMIN_URL"], dbname="platform")
        try:
            connection.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.Identifier(table)))
            yield
        finally:
            with suppress(psycopg.OperationalError):
                connection.rollback()
            connection.close()

    @contextmanager
    def silent_mail_server(self) -> Iterator[Callable[[], None]]:
        """The mail server takes connections and says nothing, until the block ends or the yielded function is called."""
        pid = self.ground.stack.children.running["mail"].process.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            yield lambda: os.kill(pid, signal.SIGCONT)
        finally:
            os.kill(pid, signal.SIGCONT)

    def somebody_waits_for(self, table: str) -> bool:
        """Whether a writer stands before a table that is held."""
        return self.count("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass", table) > 0

    def count(self, statement: str, *values: Any) -> int:
        """One number."""
        return int(self.ground.rows(statement, *values)[0][0])

    # many accounts

    def crowd(self, *sizes: int, posts: int = 15, is_read: bool = True) -> dict[str, list[str]]:
        """Connect so many accounts in so many workspaces, each with an account number of its own; the connections, by workspace's slug.

        `is_read`: false when the worker is not to begin with them yet.
        """
        stack = self.ground.stack
        self.ground.control("scale", accounts=sum(sizes), posts=posts)
        command = [sys.executable, "-m", "tests.chaos.crowd", stack.sandbox_url, "1", *map(str, sizes)]
        stack.children.stop("worker")  # else the first accounts' work takes the processors from connecting the others
        try:
            done = subprocess.run(
                command, env=os.environ | self.ground.environment, cwd=PROJECT, capture_output=True, text=True, timeout=600, check=False
            )
        finally:
            if is_read:
                stack.start("worker")
        assert done.returncode == 0, done.stderr[-3000:]
        places: dict[str, list[str]] = json.loads(done.stdout.strip().splitlines()[-1])
        return places

    # what must be so in the end

    def wait_until_quiet(self) -> None:
        """Nothing that is due is left, and nobody is at anything."""
        busy = "SELECT count(*) FROM agency_duework WHERE claim IS NOT NULL OR due_at <= now()"
        until(lambda: self.count(busy) == 0, "all due work is done")

    def letters(self) -> dict[str, Counter[str]]:
        """Per person, how often a mail of each Message-ID came.

        What the operator's privacy contact was told is shown beside a test that fails, and not counted: a pulled plug or a moved clock can
        break a promise for a moment, and the platform is right to say so.
        """
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for path in self.ground.stack.mail_folder.glob("*.eml"):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            if message["to"] == settings.PRIVACY_CONTACT:
                print(message["subject"], message.get_body(("plain",)).get_content())  # noqa: T201 - see above
            else:
                found[message["to"]][message["message-id"]] += 1
        return found

    def check(self, account: str, *, reports: int = 1) -> None:
        """Nothing lost, nothing doubled, whatever happened on the way."""
        rows, truth = self.ground.rows, self.ground.truth(account)
        assert rows("SELECT count(*), count(DISTINCT (workspace_id, kind, tiktok_open_id)) FROM integrations_connection") == [(1, 1)]
        # Who fell over its database is tried again after a pause, in which nothing is due.
        kinds = ("account_days", "audience", "mentions", "older_posts", "posts", "profile")
        figures = "SELECT kind, state FROM integrations_syncrun WHERE kind <> 'comments' ORDER BY kind"
        until(lambda: rows(figures) == [(kind, "done") for kind in kinds], "all figures are read")
        # Comments are many calls. What the limits leave for them is spread over minutes; meanwhile each that came is there once. A Valkey
        # that is killed forgets how many calls there were: then TikTok says so, and is obeyed for minutes.
        going = "SELECT count(*) FROM integrations_syncrun WHERE kind = 'comments' AND (state IN ('done', 'running') OR due_at > now())"
        until(lambda: self.count(going) == 1, "comments are read, or will be")
        assert self.count("SELECT count(*) FROM integrations_syncrun") == len(kinds) + 1
        until(lambda: self.count("SELECT count(*) FROM community_comment") > 0, "the first comments are there")
        assert rows("SELECT count(*) - count(DISTINCT tiktok_comment_id) FROM community_comment") == [(0,)]
        assert self.count("SELECT count(*) FROM metrics_account") == 1
        kept = rows("SELECT tiktok_item_id, created_at, caption FROM metrics_post ORDER BY tiktok_item_id")
        true = sorted((p["item_id"], int(p["create_time"]), p["caption"]) for p in truth["posts"])
        assert [(item, int(at.timestamp()), caption) for item, at, caption in kept] == true
        assert self.count("SELECT count(DISTINCT post_id) FROM metrics_postsnapshot") == len(true)
        assert rows("SELECT count(*) - count(DISTINCT (post_id, hour)) FROM metrics_postsnapshot") == [(0,)]
        assert rows("SELECT count(*) - count(DISTINCT date) FROM metrics_accountday") == [(0,)]
        days = {d["date"]: d["video_views"] for d in truth["days"] if d["final"]}
        for date, views in rows("SELECT date::text, video_views FROM metrics_accountday WHERE video_views IS NOT NULL"):
            assert views == days.get(date, views), date
        assert self.count("SELECT count(*) FROM reports_weeklyreport") == reports
        deliveries = rows("SELECT p.email, d.message_id FROM reports_delivery d JOIN agency_person p ON p.id = d.person_id")
        assert len(deliveries) == len({email for email, _ in deliveries}) >= reports
        # Who fell over its database is tried again after a pause, in which nothing is due.
        until(lambda: self.count("SELECT count(*) FROM reports_delivery WHERE state <> 'sent'") == 0, "every delivery is sent")
        letters = self.letters()
        assert {email: {message_id} for email, message_id in deliveries} == {to: set(ids) for to, ids in letters.items()}
        assert max((most for ids in letters.values() for most in ids.values()), default=0) <= 2, letters
        noted = dict(rows("SELECT verb, count(*) FROM agency_auditrow GROUP BY verb"))
        assert noted["connection.made"] == 1
        assert noted.get("report.composed", 0) == reports
        assert noted.get("report.delivered", 0) == len(deliveries)
