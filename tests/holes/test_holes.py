"""The list of holes stays true: each stands where it says, once, and its tests exist. Whether they are found is `make holes`."""

import pytest

from agency.local.home import PROJECT
from tests.holes.listed import HOLES, Hole


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.name)
def test_a_hole_can_be_planted_and_has_tests_to_find_it(hole: Hole) -> None:
    source = (PROJECT / hole.file).read_text()
    for old, new in hole.edits:
        assert source.count(old) == 1, old
        assert old != new
    for test in hole.tests:
        path, _, name = test.partition("::")
        assert f"def {name}(" in (PROJECT / path).read_text() if name else (PROJECT / path).is_file(), test


def test_there_are_thirty_and_no_two_are_alike() -> None:
    assert len(HOLES) >= 30
    assert len({hole.name for hole in HOLES}) == len(HOLES)


def test_each_is_told_in_the_page_about_security() -> None:
    told = (PROJECT / "docs" / "security.md").read_text()
    assert [hole.name for hole in HOLES if hole.name not in told] == []
