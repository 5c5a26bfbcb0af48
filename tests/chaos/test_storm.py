"""Voice lines under throttles, errors and answers that are lost after the fact."""

import pytest

from tests.chaos.storm import weathered
from tests.e2e.commands import Commands


@pytest.fixture
def commands(tmp_path):
    """Runs commands."""
    running = Commands(tmp_path)
    yield running
    running.close()


def test_exactly_what_is_declared_is_there(commands, tmp_path):
    """Each Application once, each number bound and assigned to where it belongs, nothing left to do, and away again.

    `python -m tests.chaos.storm` plays the same at full size: 50 setups of 4 lines.
    """
    found = weathered(tmp_path / "scene", commands, setups=8, lines=4, workers=16)

    assert (found.lines, found.bound, found.assigned) == (
        found.wanted_lines,
        found.wanted_bound,
        found.wanted_assigned,
    )
    assert found.codes[-2:] == (0, 0)
    assert (found.destroyed[-1], found.left) == (0, (0, 0, 0))
