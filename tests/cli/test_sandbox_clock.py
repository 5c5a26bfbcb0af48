"""A clock that is moved moves chanplan's time too, with `--sandbox` and there alone."""

import re
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chanplan.cli import invocation
from chanplan.cli.sandboxing import SandboxTime
from chanplan.sandbox.controls import Controls
from chanplan.sandbox.state.storage import Storage
from tests.cli.desk import Desk

PATIENCE = timedelta(minutes=5)
"""How far two readings of one clock may lie apart on a busy machine."""


@pytest.fixture
def steered(sandboxed):
    """The email workspace, applied until its records are missing, on the sandbox that commands steer."""
    assert sandboxed.run("--sandbox", "apply", "--auto-approve").code == 3
    return sandboxed


def read_at(desk: Desk, *options):
    """Gives the time at which a plan says that it read."""
    said = desk.run(*options, "plan").said
    found = re.search(r"Read ([0-9-]{10} [0-9:]{5}) UTC", said)
    assert found is not None, said
    return datetime.strptime(found[1], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def about(moment, expected):
    """Whether a moment is what is expected, within a few minutes."""
    return abs(moment - expected) < PATIENCE


def test_plans_read_at_the_sandbox_s_time(steered):
    """What ages by the time of day ages with the services."""
    assert steered.run("sandbox", "clock", "60d").code == 0

    assert about(read_at(steered, "--sandbox"), datetime.now(UTC) + timedelta(60))


def test_without_the_option_the_clock_is_the_machine_s(steered):
    """A moved sandbox, also one whose environment somebody exported, moves nothing else."""
    assert steered.run("sandbox", "clock", "60d").code == 0

    assert about(read_at(steered), datetime.now(UTC))


def test_history_has_the_times_of_its_runs(steered):
    """The newest first, each with the time that it was at the services."""
    steered.run("sandbox", "clock", "60d")
    steered.run("--sandbox", "apply", "--auto-approve")

    runs = steered.run("--sandbox", "history", "--format", "json").document["runs"]
    starts = [datetime.fromisoformat(run["started_at"]) for run in runs]

    assert [
        about(start, datetime.now(UTC) + timedelta(ahead))
        for start, ahead in zip(starts, (60, 0), strict=True)
    ] == [
        True,
        True,
    ]


def test_a_gate_s_deadline_passes_with_the_sandbox_s_time(steered):
    """SES looks for 72 hours of its own time: an hour before it is pending, an hour after it is expired."""
    gate = []
    for by in ("71h", "2h"):
        steered.run("sandbox", "clock", by)
        waited = steered.run("--sandbox", "wait", "--timeout", "0")
        gate.append((waited.code, "expired" in waited.said))

    assert gate == [(3, False), (3, True)]


def test_doctor_finds_nothing_wrong_with_a_moved_clock(steered):
    """A sandbox that is months ahead is no skewed machine."""
    steered.run("sandbox", "clock", "90d")

    examined = steered.run("--sandbox", "doctor", "--format", "json").document

    assert [found["code"] for found in examined["findings"] if "clock" in found["code"]] == ["clock_agrees"]


def test_a_clock_that_is_moved_meanwhile_is_followed(tmp_path):
    """A command that waits sees it within a moment; it may stand, run fast or go back."""
    with Controls(tmp_path) as controls, closing(Storage(tmp_path)) as storage:
        ahead = SandboxTime(storage)
        assert ahead() == timedelta()

        def soon(condition):
            end = time.monotonic() + 20
            while not condition(ahead()) and time.monotonic() < end:
                time.sleep(0.02)
            return condition(ahead())

        controls.advance(3600)
        assert soon(lambda found: about_hours(found, 1))
        controls.run_clock_at(3600.0)
        assert soon(lambda found: found > timedelta(hours=2))
        controls.run_clock_at(0.0)
        controls.advance(-48 * 3600)
        assert soon(lambda found: found < timedelta())
        controls.reset()
        assert soon(lambda found: found == timedelta())


def about_hours(found, hours):
    """Whether a time is so many hours, within a few seconds."""
    return abs(found - timedelta(hours=hours)) < timedelta(seconds=30)


def test_every_command_opens_its_workspace_by_the_invocation():
    """A command that opened it by itself would live in the machine's time while the sandbox's passes."""
    folder = Path(invocation.__file__).parent
    texts = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.py")}

    assert [name for name, text in texts.items() if "open_workspace" in text] == ["invocation.py"]
