"""The command lines of the platform's programs on one machine. Owns their options; starts nothing."""

import os
import sys
import urllib.error
import urllib.request
from collections import deque
from pathlib import Path

from agency.local.children import Program

QUEUES = "interactive,sync,reports,upkeep"

# No query string and no referrer: an OAuth callback carries its code there.
ACCESS_LOG = "%(m)s %(U)s %(s)s %(B)s bytes %(M)s ms"


def mailbox(port: int, folder: Path) -> Program:
    command = [sys.executable, "-m", "agency.local.mailbox", "--port", str(port), "--folder", str(folder)]
    return Program("mail", command, is_ready=_says_ready)


def sandbox(port: int, environment: dict[str, str]) -> Program:
    command = [sys.executable, "-m", "tiktok_sandbox", "--port", str(port), "--clock-file", environment["CLOCK_FILE"]]
    command += ["--app-id", environment["TIKTOK_APP_ID"], "--secret", environment["TIKTOK_APP_SECRET"]]
    command += ["--redirect-uri", environment["TIKTOK_REDIRECT_URI"]]
    return Program("sandbox", command, is_ready=_says_ready)


def web(port: int) -> Program:
    command = [sys.executable, "-m", "gunicorn", "agency.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--graceful-timeout", "4", "--no-control-socket"]
    command += ["--access-logfile", "-", "--access-logformat", ACCESS_LOG, "--log-level", "warning"]
    if os.access("/dev/shm", os.W_OK):  # noqa: S108
        command += ["--worker-tmp-dir", "/dev/shm"]  # noqa: S108
    return Program("web", command, is_ready=lambda lines: _is_healthy(f"http://127.0.0.1:{port}/healthz"))


def worker() -> Program:
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "agency.celery", "worker", "-Q", QUEUES, "--concurrency", "2"]
    return Program("worker", [*command, "--without-mingle", "--without-gossip", "--loglevel", "INFO"])


def beat(folder: Path) -> Program:
    return Program("beat", [sys.executable, "-m", "celery", "--quiet", "-A", "agency.celery", "beat", "--schedule", str(folder / "beat-schedule")])


def manage(name: str, *arguments: str) -> Program:
    return Program(name, [sys.executable, "manage.py", *arguments])


def module(name: str, module_name: str) -> Program:
    return Program(name, [sys.executable, "-m", module_name])


def _says_ready(lines: deque[str]) -> bool:
    return any("ready" in line.split() for line in list(lines))


def _is_healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
