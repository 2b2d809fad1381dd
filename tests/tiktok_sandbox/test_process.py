"""The program: start, stop, a taken port, and what a state file keeps."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.tiktok_sandbox.driver import Driver, running, start_process


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "tiktok_sandbox", *arguments], capture_output=True, text=True, timeout=20, check=False)


def test_a_taken_port_is_named_with_the_way_out(sandbox: Driver) -> None:
    port = str(urlsplit(sandbox.base).port)
    ended = run("--port", port)
    assert ended.returncode == 2 and ended.stdout == ""
    assert f"Port {port} on 127.0.0.1 is taken" in ended.stderr and "--port" in ended.stderr


@pytest.mark.parametrize("arguments", [(), ("--port", "x"), ("--port", "70000"), ("--port", "0", "--webhook-url", "nowhere")])
def test_wrong_options_are_refused(arguments: tuple[str, ...]) -> None:
    ended = run(*arguments)
    assert ended.returncode == 2 and "usage:" in ended.stderr


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_even_with_open_connections(sign: signal.Signals) -> None:
    process, base = start_process()
    with httpx.Client(base_url=base) as http:
        assert http.get("/__control__/clock").status_code == 200
        process.send_signal(sign)
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 0 and errors == ""


def test_it_starts_without_the_platforms_packages() -> None:
    code = (
        "import sys; import tiktok_sandbox.server; "
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'django', 'agency', 'integrations', 'httpx'}))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True)
    assert ended.stdout.strip() == "[]"


def test_the_clock_file_is_written_at_start(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    with running("--clock-file", str(file)):
        assert json.loads(file.read_text()) == {"offset_seconds": 0.0}
    assert os.listdir(tmp_path) == ["clock.json"]


def test_a_state_file_keeps_consents_clock_and_world_over_a_restart(tmp_path: Path) -> None:
    arguments = ("--state-file", str(tmp_path / "state.json"))
    with running(*arguments) as before:
        before.control("reset", {"now": "2026-02-11T12:00:00Z", "seed": 4})
        before.control("scale", {"accounts": 2})
        kept, ended = before.grant(), before.grant("nd_filter")
        before.control("revoke", {"account": "nd_filter"})
        before.control("clock", {"seconds": 9 * 86_400})
        renewed = before.refresh(kept.refresh)["data"]
        week = before.control("clock")["sample_week"]
        days = before.world("brassorbit3")["days"]
    assert (tmp_path / "state.json").stat().st_mode & 0o077 == 0
    with running(*arguments) as after:
        after.token = kept
        assert after.control("clock")["sample_week"] == week
        assert after.control("clock")["now"].startswith("2026-02-20T12:")
        assert after.world("brassorbit3")["days"] == days
        assert after.control("scale")["accounts"] == 2
        assert after.get("/business/get/", access=renewed["access_token"])["code"] == 0
        assert after.get("/business/get/", access=kept.access)["code"] == 40102
        assert after.get("/business/get/", access=ended.access)["code"] == 40105
        assert after.refresh(kept.refresh)["code"] == 40107
        assert after.refresh(renewed["refresh_token"])["code"] == 0


def test_a_state_file_without_scale_is_read(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with running("--state-file", str(file)) as before:
        token = before.grant()
    kept = json.loads(file.read_text())
    del kept["scaled_accounts"], kept["scaled_posts"]
    file.write_text(json.dumps(kept))
    with running("--state-file", str(file)) as after:
        after.token = token
        assert after.get("/business/get/")["code"] == 0 and after.control("scale")["accounts"] == 0


def test_a_state_file_that_is_none_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text('{"format": 0}')
    ended = run("--port", "0", "--state-file", str(file))
    assert ended.returncode == 2 and str(file) in ended.stderr and "Traceback" not in ended.stderr
    assert file.read_text() == '{"format": 0}'
