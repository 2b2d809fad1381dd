"""One stack for all fault runs of a test process, and for each test a platform as new."""

from collections.abc import Generator, Iterator

import pytest

from tests.chaos.world import World, starting
from tests.integrations.conftest import committed_cast
from tests.stack.ground import Ground, opened

__all__ = ["committed_cast"]  # a fixture of the tests in which workers are forks of the test itself

# A shorter deadline of calls means a shorter lease of due work, so that what a killed worker held is free again sooner.
FASTER = {"TIKTOK_CALL_DEADLINE_SECONDS": "3", "SWEEP_SECONDS": "1"}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The last that the platform's parts said before a test failed."""
    report = yield
    if call.when == "call" and report.failed and "world" in item.fixturenames:  # type: ignore[attr-defined]
        lines = item.funcargs["world"].ground.lines  # type: ignore[attr-defined]
        report.sections.append(("what the platform said last", "\n".join(f"{name}: {line}" for name, line in lines[-60:])))
    return report


@pytest.fixture(scope="package")  # closed with its tests: an idle platform still takes some of the processors
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with opened(tmp_path_factory.mktemp("chaos") / "stack", extra=FASTER) as running:
        starting(running)
        yield running


@pytest.fixture
def world(ground: Ground) -> World:
    """Nobody has connected anything yet, no mail was sent, local TikTok is at its beginning, and every part runs."""
    world = World(ground)
    world.begin_anew()
    return world
