"""The command lines of the platform's programs on one machine. Owns their options; starts nothing."""

import os
import sys
from collections import deque
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from agency.local.children import Program

QUEUES = "interactive,sync,reports,upkeep"

# Where Linux keeps files in memory: a heartbeat on a busy disk makes gunicorn kill healthy workers. It makes a private file there.
MEMORY = "/dev/shm"  # noqa: S108  # nosec B108

# No query string and no referrer: an OAuth callback carries its code there.
ACCESS_LOG = "%(m)s %(U)s %(s)s %(B)s bytes %(M)s ms"


def mailbox(port: int, folder: Path) -> Program:
    command = [sys.executable, "-m", "agency.local.mailbox", "--port", str(port), "--folder", str(folder)]
    return Program("mail", command, is_ready=_says_ready)


def sandbox(port: int, folder: Path, environment: dict[str, str]) -> Program:
    command = [sys.executable, "-m", "tiktok_sandbox", "--port", str(port), "--clock-file", environment["CLOCK_FILE"]]
    # Joined by "=", for a random secret may begin with a dash.
    command += [f"--app-id={environment['TIKTOK_APP_ID']}", f"--secret={environment['TIKTOK_APP_SECRET']}"]
    command += ["--webhook-url", f"{environment['APP_URL']}/tiktok/webhooks"]
    command += [f"--login-client-key={environment['TIKTOK_LOGIN_KEY']}", f"--login-secret={environment['TIKTOK_LOGIN_SECRET']}"]
    command += ["--login-redirect-uri", f"{environment['APP_URL']}/tiktok/sign-in/callback"]
    # Consents outlive a restart as they do at TikTok; the platform still holds their tokens.
    command += ["--redirect-uri", environment["TIKTOK_REDIRECT_URI"], "--state-file", str(folder / "sandbox-state.json")]
    return Program("sandbox", command, is_ready=_says_ready)


def web(port: int) -> Program:
    command = [sys.executable, "-m", "gunicorn", "agency.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--graceful-timeout", "4", "--no-control-socket"]
    # Longer than browsers, clients and load balancers keep an idle connection: whoever hangs up first must not be the one who is asked.
    command += ["--keep-alive", "75"]
    # Read once for both workers: that takes two seconds of a processor.
    command += ["--preload", "--access-logfile", "-", "--access-logformat", ACCESS_LOG, "--log-level", "warning"]
    if os.access(MEMORY, os.W_OK):
        command += ["--worker-tmp-dir", MEMORY]
    return Program("web", command, is_ready=lambda lines: _is_healthy(port))


def worker() -> Program:
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "agency.celery", "worker", "-Q", QUEUES, "--concurrency", "2"]
    return Program("worker", [*command, "--without-mingle", "--without-gossip", "--loglevel", "INFO"])


def beat() -> Program:
    # What is due stands in rows; beat has nothing to remember over a restart, and so keeps no file that a kill could spoil.
    return Program(
        "beat", [sys.executable, "-m", "celery", "--quiet", "-A", "agency.celery", "beat", "--scheduler", "celery.beat:Scheduler"]
    )


def manage(name: str, *arguments: str) -> Program:
    return Program(name, [sys.executable, "manage.py", *arguments])


def module(name: str, module_name: str) -> Program:
    return Program(name, [sys.executable, "-m", module_name])


def _says_ready(lines: deque[str]) -> bool:
    return any("ready" in line.split() for line in list(lines))


def _is_healthy(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (HTTPException, OSError):
        return False
    finally:
        connection.close()
