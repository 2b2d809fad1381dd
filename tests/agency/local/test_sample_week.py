"""A demo that was kept says so once a newer week is final, and not before."""

import pytest

from agency.local.supervisor import clock_of, note_on_age
from tests.local_tiktok import LocalTikTok


@pytest.mark.parametrize(
    ("now", "age"),
    [
        ("2026-11-28T08:50:57.591Z", None),
        ("2026-12-01T23:59:59Z", None),
        ("2026-12-02T00:00:00Z", "a week before"),
        ("2026-12-09T00:00:00Z", "2 weeks before"),
        ("2027-11-24T00:00:00Z", "52 weeks before"),
    ],
)
def test_a_newer_week_is_final_two_days_after_its_sunday(now: str, age: str | None) -> None:
    said = " ".join(note_on_age({"now": now, "sample_week": {"first": "2026-11-16", "last": "2026-11-22"}}))
    if age is None:
        assert said == ""
    else:
        assert f"ends on 2026-11-22, {age} the latest one: `make demo-reset`" in said


def test_local_tiktok_tells_what_is_needed(tiktok: LocalTikTok) -> None:
    base = str(tiktok.http.base_url).rstrip("/")
    assert note_on_age(clock_of(base)) == []
    tiktok.advance(14 * 86_400)
    assert "2 weeks before" in " ".join(note_on_age(clock_of(base)))


def test_where_nobody_tells_nothing_is_said() -> None:
    assert clock_of("http://127.0.0.1:1") == {}
    assert note_on_age({}) == []
