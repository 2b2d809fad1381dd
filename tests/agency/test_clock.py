"""Time: the machine's own, or another clock's where a file says so."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import override_settings

from agency import clock

NOW = datetime(2026, 5, 18, 9, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A clock file of its own; nothing of it stays in the process."""
    monkeypatch.setattr(clock, "_seen", ((0, 0), 0.0))
    path = tmp_path / "clock.json"
    with override_settings(CLOCK_FILE=str(path)), time_machine.travel(NOW, tick=False):
        yield path


def tell(path: Path, text: str, *, at: float) -> None:
    """Replace the file as the sandbox does, with a modification time of its own."""
    spare = path.with_suffix(".new")
    spare.write_text(text)
    os.utime(spare, (at, at))
    spare.replace(path)


def test_time_is_in_utc_and_the_date_is_utcs() -> None:
    with override_settings(CLOCK_FILE=""), time_machine.travel(datetime(2026, 5, 17, 23, 30, tzinfo=UTC), tick=False):
        assert clock.now() == datetime(2026, 5, 17, 23, 30, tzinfo=UTC)
        assert clock.now().utcoffset() == timedelta(0)
        assert clock.today().isoformat() == "2026-05-17"


@pytest.mark.parametrize("offset", [0.0, 3600.0, 7 * 86400.0, -86400.5])
def test_the_clock_follows_the_file(file: Path, offset: float) -> None:
    tell(file, json.dumps({"offset_seconds": offset}), at=1.0)
    assert clock.now() == NOW + timedelta(seconds=offset)


def test_the_clock_follows_each_change(file: Path) -> None:
    for n, days in enumerate((1, 8, 0), start=1):
        tell(file, json.dumps({"offset_seconds": days * 86400}), at=float(n))
        assert clock.today() == (NOW + timedelta(days=days)).date()


def test_the_clock_follows_changes_within_one_tick_of_the_file_system(file: Path) -> None:
    for days in (1, 8, 0):
        tell(file, json.dumps({"offset_seconds": days * 86400}), at=1.0)
        assert clock.today() == (NOW + timedelta(days=days)).date()


@pytest.mark.parametrize(
    "broken", ["", "{", "[]", "null", "{}", '{"offset_seconds": null}', '{"offset_seconds": "soon"}', '{"offset_seconds": [1]}', "\x00"]
)
def test_a_file_that_cannot_be_read_leaves_the_last_known_time(file: Path, broken: str) -> None:
    tell(file, '{"offset_seconds": 60}', at=1.0)
    assert clock.now() == NOW + timedelta(seconds=60)
    tell(file, broken, at=2.0)
    assert clock.now() == NOW + timedelta(seconds=60)
    file.unlink()
    assert clock.now() == NOW + timedelta(seconds=60)


@pytest.mark.parametrize("absurd", ["1e400", "NaN", "Infinity", "1e18", "-1e18"])
def test_an_offset_that_no_calendar_holds_is_not_followed(file: Path, absurd: str) -> None:
    tell(file, '{"offset_seconds": 60}', at=1.0)
    clock.now()
    tell(file, f'{{"offset_seconds": {absurd}}}', at=2.0)
    assert clock.now() == NOW + timedelta(seconds=60)


def test_without_the_setting_the_file_is_not_asked(file: Path) -> None:
    tell(file, '{"offset_seconds": 60}', at=1.0)
    clock.now()
    with override_settings(CLOCK_FILE=""):
        assert clock.now() == NOW


def test_durations_do_not_follow_the_file(file: Path) -> None:
    before = clock.real_timestamp()
    tell(file, '{"offset_seconds": 86400}', at=1.0)
    assert clock.real_timestamp() - before < 60
