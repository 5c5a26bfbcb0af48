"""kill -9 at every call: run again, and everything is as if nothing had happened."""

import multiprocessing
import shutil
from pathlib import Path

import pytest

from chanplan.providers.memory.faults import Moment
from tests.unit.execution import crash_run
from tests.unit.execution.crash_run import AFTERWARDS

KILLED = -9


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a verified setup, a pool and a use case."""
    folder = tmp_path_factory.mktemp("prepared")
    crash_run.prepare(folder)
    return folder


def _run(folder: Path, scenario: str, call: int, moment: Moment) -> int | None:
    context = multiprocessing.get_context("forkserver")
    # A child imports the main module again, which is pytest.
    context.set_forkserver_preload(["pytest", crash_run.__name__])
    process = context.Process(target=crash_run.run, args=(folder, scenario, call, moment))
    process.start()
    process.join()
    exit_code = process.exitcode
    process.close()
    return exit_code


@pytest.mark.parametrize("scenario", AFTERWARDS)
def test_a_run_that_is_killed_at_any_call_ends_as_an_undisturbed_one(
    scenario: str, prepared: Path, tmp_path: Path
) -> None:
    """Before and after each call: the same objects and state, no orphan, no duplicate, nothing to unlock."""
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(prepared, undisturbed)
    operations = crash_run.calls(undisturbed, scenario)
    expected = crash_run.outcome(undisturbed, scenario)

    codes, ended = set(), {}
    for call, operation in enumerate(operations, start=1):
        # A call that only reads leaves the same world before and after.
        reads = operation.startswith(("get_", "list_"))
        for moment in [Moment.BEFORE] if reads else Moment:
            folder = tmp_path / "disturbed"
            shutil.copytree(prepared, folder)
            codes.add(_run(folder, scenario, call, moment))
            ended[call, operation, moment] = crash_run.outcome(folder, scenario)
            shutil.rmtree(folder)

    assert codes == {KILLED}
    assert {at: end for at, end in ended.items() if end != expected} == {}
