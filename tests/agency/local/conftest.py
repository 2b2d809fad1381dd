"""Folders for local stacks. Names with spaces on purpose, and nothing left in the system's temporary directory afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agency.local.servers import Servers, start_servers
from agency.local.supervisor import remove


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "a folder with spaces"
    yield path
    remove(path)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    path = tmp_path_factory.mktemp("shared") / "a folder with spaces"
    started = start_servers(path, durable=False, given={})
    yield started
    started.stop()
    remove(path)
