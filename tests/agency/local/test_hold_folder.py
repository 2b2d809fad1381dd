"""A folder has one holder, and what was started for it does not outlive that one, however it ends."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agency.local import processes
from agency.local.errors import CannotStart
from agency.local.home import PROJECT, RECORD, Home, free_port, is_port_free, leftovers, sweep

HOLDER = """
import sys
from pathlib import Path
from agency.local.servers import start_servers
servers = start_servers(Path(sys.argv[1]), durable=False, given={})
print(servers.home._guard.pid, flush=True)
sys.stdin.read()
"""


def hold(folder: Path) -> tuple[subprocess.Popen[str], int]:
    """Another process that holds the folder with both servers running, and the id of its guard."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    return holder, int(holder.stdout.readline())


def test_a_second_holder_is_told_who_the_first_one_is(folder: Path) -> None:
    home = Home(folder)
    try:
        with pytest.raises(CannotStart, match=f"in use by process {os.getpid()}"):
            Home(folder)
    finally:
        home.release()
    Home(folder).release()


@pytest.mark.parametrize("guard_dies_too", [False, True])
def test_servers_of_a_killed_holder_are_ended_before_the_next_one_starts(folder: Path, guard_dies_too: bool) -> None:
    holder, guard = hold(folder)
    marks = leftovers(folder)
    assert sorted(mark.name for mark in marks) == ["postgres", "valkey"]
    assert all(processes.is_alive(mark) for mark in marks)
    if guard_dies_too:
        os.kill(guard, signal.SIGKILL)
    holder.kill()
    holder.communicate()
    home = Home(folder)
    assert not any(processes.is_alive(mark) for mark in marks)
    home.release()


@pytest.mark.parametrize("forget", ["record", "record and boot"])
def test_a_server_that_escaped_the_record_is_found_by_its_own_lock_file(folder: Path, forget: str) -> None:
    holder, guard = hold(folder)
    marks = leftovers(folder)
    os.kill(guard, signal.SIGKILL)
    holder.kill()
    holder.communicate()
    if forget == "record":
        (folder / RECORD).unlink()
    else:
        (folder / RECORD).write_text(json.dumps({"processes": [{**mark.as_json(), "boot": "an earlier one"} for mark in marks]}))
    holder, guard = hold(folder)
    assert not any(processes.is_alive(mark) for mark in marks)
    holder.communicate()


def test_a_process_that_only_has_the_id_of_an_old_one_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    stranger = subprocess.Popen(["sleep", "600"], start_new_session=True)
    found = processes.mark("stranger", stranger.pid, signal.SIGTERM)
    assert found is not None
    (folder / RECORD).write_text(json.dumps({"processes": [{**found.as_json(), "started": "1"}]}))
    sweep(folder)
    assert stranger.poll() is None
    (folder / RECORD).write_text(json.dumps({"processes": [found.as_json()]}))
    sweep(folder)
    assert stranger.wait() == -signal.SIGTERM


def test_what_a_dead_leader_left_in_its_group_is_ended_too(folder: Path) -> None:
    home = Home(folder)
    leader = home.spawn("leader", ["/bin/sh", "-c", "sleep 600 & echo $!; exec sleep 600"], output=subprocess.PIPE)
    assert leader.stdout is not None
    follower = processes.mark("follower", int(leader.stdout.readline()), signal.SIGTERM)
    assert follower is not None
    leader.kill()
    leader.wait()
    assert processes.is_alive(follower)
    home.end("leader", grace_seconds=5)
    assert not processes.is_alive(follower)
    home.release()


def test_a_process_that_ignores_the_question_is_ended_all_the_same(folder: Path) -> None:
    home = Home(folder)
    stubborn = home.spawn("stubborn", ["/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 600; done"], output=subprocess.PIPE)
    assert stubborn.stdout is not None
    stubborn.stdout.readline()
    home.end("stubborn", grace_seconds=0.2)
    assert stubborn.wait() == -signal.SIGKILL
    home.release()


def test_a_port_is_kept_while_it_is_free(folder: Path) -> None:
    home = Home(folder)
    port = home.port("web")
    assert is_port_free(port)
    assert home.port("web") == port
    assert home.port("sandbox") != port
    assert home.port("web", other=True) != port
    home.release()


def test_a_port_is_kept_for_one_name_even_before_anybody_listens(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    promised, web, mail = (free_port() for _ in range(3))
    drawn = iter([promised, web, web, promised, mail])
    monkeypatch.setattr("secrets.choice", lambda ports: next(drawn))
    home = Home(folder)
    home.promised.add(promised)
    assert (home.port("web"), home.port("mail")) == (web, mail)
    home.release()
