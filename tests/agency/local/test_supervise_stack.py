"""The foreground command: what starts, what is printed, and that nothing stays behind. The platform's programs are tiny stand-ins."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agency.local import processes
from agency.local.home import PROJECT, free_port, leftovers
from agency.local.supervisor import remove

STAND_INS = {
    "manage.py": """
import json, os, sys
print("did", *sys.argv[1:])
if os.path.exists("broken-" + sys.argv[1]):
    sys.exit("relation does not exist")
if sys.argv[1] == "demo_world":
    with open(sys.argv[3], "w") as file:
        json.dump([{"email": "ada@brass.example", "password": "pass-word", "totp_secret": "", "role": "viewer", "workspaces": []}], file)
if sys.argv[1] == "collectstatic":
    os.makedirs(".local/static", exist_ok=True)
""",
    "agency/wsgi.py": """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]
""",
    "agency/celery.py": "import os\nfrom celery import Celery\napp = Celery('agency', broker=os.environ['BROKER_URL'])\n",
    "agency/settings.py": "",
    "agency/local/connect_demo.py": "print('did connect')",
    "tiktok_sandbox/__init__.py": "",
    "tiktok_sandbox/__main__.py": """
import signal, socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[2])))
print("ready", flush=True)
signal.pause()
""",
    "use_stack.py": """
import os, sys, urllib.request
from pathlib import Path
from agency.local.stack import Stack
stack = Stack(Path(".local/stack"), show=lambda name, line: None, durable=False)
stack.open()
for name in ("web", "worker", "valkey", "postgres", "sandbox"):
    stack.kill(name)
    stack.start(name)
try:
    stack.start("worker")
except Exception as twice:
    print("refused" if "runs already" in str(twice) else twice)
with urllib.request.urlopen(stack.base_url + "/healthz") as answer:
    print(answer.status)
print(stack.children.events.empty())
stack.close()
""",
}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A copy of what runs on one machine, with stand-ins for what it runs."""
    root = tmp_path / "a project with spaces"
    shutil.copytree(PROJECT / "agency/local", root / "agency/local", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROJECT / "deploy", root / "deploy")
    (root / "agency/__init__.py").touch()
    for name, content in STAND_INS.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    yield root
    for name in ("demo", "walkthrough", "stack"):
        remove(root / ".local" / name)


class Demo:
    """A running `python -m agency.local demo`, read line by line."""

    def __init__(self, project: Path, *, port: int = 0, sandbox_port: int = 0) -> None:
        self.folder = project / ".local/demo"
        command = [sys.executable, "-m", "agency.local", "demo", "--port", str(port)]
        self.process = subprocess.Popen(
            [*command, "--sandbox-port", str(sandbox_port)],
            cwd=project,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=_environment(),
        )
        self.lines: list[str] = []

    def read_until(self, wanted: str) -> bool:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if self.lines[-1] == wanted:
                return True
        return False

    def read_to_end(self) -> int:
        assert not self.read_until("ready"), "it started although it should have ended"
        return self.process.wait()

    def __enter__(self) -> "Demo":
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.terminate()
        self.read_to_end()


def _environment() -> dict[str, str]:
    """The caller's, without addresses that would be used instead of embedded servers."""
    return {name: value for name, value in os.environ.items() if not name.endswith("_URL")}


def local(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agency.local", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, env=_environment())


SIGNALLED_ELSEWHERE = """
import signal, sys, threading
from agency.local.children import Children

children = Children(None, {}, print)
waits = threading.main_thread().ident
signal.signal(signal.SIGTERM, lambda *_: children.interrupt())

def tell() -> None:
    while sys._current_frames()[waits].f_code.co_name != "wait_for_end":
        pass
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

threading.Thread(target=tell).start()
print(children.wait_for_end())
"""


def test_a_signal_that_does_not_wake_the_wait_ends_it_all_the_same() -> None:
    told = subprocess.run([sys.executable, "-c", SIGNALLED_ELSEWHERE], cwd=PROJECT, capture_output=True, text=True, timeout=30, check=True)
    assert told.stdout.strip() == "None"


def test_the_demo_says_where_it_is_and_leaves_nothing_when_it_is_told_to_stop(project: Path) -> None:
    port = free_port()
    with Demo(project, port=port) as demo:
        assert demo.read_until("ready")
        facts = json.loads((project / ".local/demo.json").read_text())
        assert facts["base_url"] == f"http://127.0.0.1:{port}"
        assert [person["email"] for person in facts["people"]] == ["ada@brass.example"]
        marks = leftovers(demo.folder)
        assert {mark.name for mark in marks} == {"postgres", "valkey", "mail", "sandbox", "web", "worker", "beat"}
        assert all(processes.is_alive(mark) for mark in marks)
        demo.process.send_signal(signal.SIGTERM)
        assert demo.read_to_end() == 0
    assert not any(processes.is_alive(mark) for mark in marks)
    assert not (project / ".local/demo.json").exists()
    printed = "\n".join(demo.lines)
    assert "migrate  | did migrate --no-input" in printed
    assert "ada@brass.example" in printed


def test_a_second_start_does_not_prepare_again_unless_the_code_changed(project: Path) -> None:
    prepared = []
    for change in ("", "", "# changed\n"):
        (project / "agency/settings.py").write_text(change)
        with Demo(project) as demo:
            assert demo.read_until("ready")
        prepared.append(any("did migrate" in line for line in demo.lines))
    assert prepared == [True, False, True]


@pytest.mark.parametrize("part", ["sandbox", "web", "valkey"])
def test_when_one_part_dies_the_others_are_stopped_and_the_part_is_named(project: Path, part: str) -> None:
    with Demo(project) as demo:
        assert demo.read_until("ready")
        marks = leftovers(demo.folder)
        [victim] = [mark for mark in marks if mark.name == part]
        os.kill(victim.pid, signal.SIGKILL)
        assert demo.read_to_end() == 1
    assert any(line.startswith(f"{part} ended with signal SIGKILL.") for line in demo.lines)
    assert not any(processes.is_alive(mark) for mark in marks)


def test_a_killed_supervisor_takes_everything_with_it(project: Path) -> None:
    with Demo(project) as demo:
        assert demo.read_until("ready")
        marks = leftovers(demo.folder)
        demo.process.kill()
    assert local(project, "reset").returncode == 0
    assert not any(processes.is_alive(mark) for mark in marks)
    assert not demo.folder.exists()


def test_a_step_that_fails_is_shown_with_its_last_lines(project: Path) -> None:
    (project / "broken-migrate_keystore").touch()
    with Demo(project) as demo:
        assert demo.read_to_end() == 1
    assert "migrate ended with exit code 1. Its last lines:" in demo.lines
    assert demo.lines[-1].strip() == "relation does not exist"


def test_a_taken_port_is_named_with_the_way_to_choose_another(project: Path) -> None:
    with Demo(project) as first:
        assert first.read_until("ready")
        facts = json.loads((project / ".local/demo.json").read_text())
        second = local(project, "demo")
        assert second.returncode == 1
        assert f"in use by process {first.process.pid}" in second.stderr
        taken = int(facts["sandbox_url"].rpartition(":")[2])
        # Another folder's stack, so that only the port is in the way.
        shutil.copytree(project, project.with_name("other"), ignore=shutil.ignore_patterns(".local"))
        with Demo(project.with_name("other"), sandbox_port=taken) as other:
            assert other.read_to_end() == 1
    assert any(f"Port {taken}" in line and "SANDBOX_PORT=" in line for line in other.lines)


def test_the_walkthrough_ends_with_the_code_of_its_script_and_starts_from_nothing(project: Path) -> None:
    script = 'test -s "$DEMO_FILE" && test ! -e "$LOCAL_FOLDER/seen" && touch "$LOCAL_FOLDER/seen" && exit 3'
    assert [local(project, "walkthrough", "--", "sh", "-c", script).returncode for _ in range(2)] == [3, 3]


def test_a_command_gets_the_environment_of_the_running_demo_or_servers_of_its_own(project: Path) -> None:
    command = ("run", "--", sys.executable, "-c", "import os, sys; print(os.environ['APP_URL'], os.environ['DATABASE_URL']); sys.exit(5)")
    with Demo(project) as demo:
        assert demo.read_until("ready")
        facts = json.loads((project / ".local/demo.json").read_text())
        beside = local(project, *command)
        assert beside.returncode == 5
        assert beside.stdout.split()[0] == facts["base_url"]
    alone = local(project, *command)
    assert alone.returncode == 5
    assert alone.stdout.split()[1] == beside.stdout.split()[1]


def test_a_part_can_lose_its_plug_and_come_back_and_runs_once(project: Path) -> None:
    answer = subprocess.run([sys.executable, "use_stack.py"], cwd=project, capture_output=True, text=True, check=False, env=_environment())
    assert answer.stdout.split() == ["refused", "200", "True"], answer.stderr
