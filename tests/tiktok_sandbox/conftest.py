"""One sandbox process for the whole run, as new for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local_tiktok import seconds_past_the_half_hour
from tests.tiktok_sandbox.driver import Driver, client_of, start_process, stop_process
from tests.tiktok_sandbox.receiver import Receiver


@pytest.fixture(scope="session")
def clock_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sandbox") / "clock.json"


@pytest.fixture(scope="session")
def sandbox_address(clock_file: Path) -> Iterator[str]:
    process, base = start_process("--clock-file", str(clock_file))
    yield base
    assert stop_process(process) == 0


@pytest.fixture
def sandbox(sandbox_address: str) -> Iterator[Driver]:
    with client_of(sandbox_address) as http:
        driver = Driver(http)
        driver.control("reset", {})
        if seconds := seconds_past_the_half_hour():
            driver.control("clock", {"seconds": seconds})
        yield driver


@pytest.fixture
def receiver(sandbox: Driver) -> Iterator[Receiver]:
    made = Receiver()
    made.thread.start()
    sandbox.control("webhooks", {"url": made.url})
    yield made
    sandbox.control("webhooks", {"url": None})
    made.server.shutdown()
    made.server.server_close()
