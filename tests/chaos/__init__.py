"""Faults: parts that die, messages that come twice, limits that many share."""

import pytest

# Its assertions are about rows of the whole platform; a failed one has to say which.
pytest.register_assert_rewrite("tests.chaos.world")
