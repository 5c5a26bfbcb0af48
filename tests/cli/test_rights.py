"""Files that may not be read or written: a sentence with the path, and nothing half done."""

import pytest

from tests.cli.desk import EMAIL, Desk, SandboxedDesk
from tests.conformance.privileges import file_modes_count


@pytest.fixture(autouse=True)
def ordinary_user():
    """Root may run these tests too, and reads everything."""
    with file_modes_count():
        yield


def test_an_unreadable_configuration(desk: Desk):
    """The problem names the file and what to change."""
    desk.write(EMAIL).chmod(0)

    ended = desk.run("validate")

    assert (ended.code, ended.err) == (1, "")
    assert ended.out.startswith("chanplan.yaml:1:1: error[file_unreadable]: ")


def test_an_unreadable_include(desk: Desk):
    """The problem is the included file's own."""
    desk.write('version: 1\nworkspace: acme\ninclude: ["more.yaml"]\n')
    desk.write("", "more.yaml").chmod(0)

    ended = desk.run("validate")

    assert ended.out.startswith("more.yaml:1:1: error[file_unreadable]: ")


def test_an_unreadable_state(begun: SandboxedDesk):
    """It isn't taken for an empty one."""
    path = begun.folder / "state/chanplan.db"
    path.chmod(0)

    ended = begun.run("plan")

    assert (ended.code, ended.out) == (1, "")
    assert f"Error: The state {path} can't be read" in ended.err


def test_a_read_only_state_can_be_planned_with(begun: SandboxedDesk):
    """Reading needs no right to write."""
    for path in (begun.folder / "state").iterdir():
        path.chmod(0o400)
    (begun.folder / "state").chmod(0o500)

    ended = begun.run("plan", "--detailed-exitcode")

    assert ended.code == 2


def test_a_read_only_state_stops_an_apply_before_its_first_call(begun: SandboxedDesk):
    """Nothing is made that couldn't be remembered."""
    begun.publish()
    for path in (begun.folder / "state").iterdir():
        path.chmod(0o400)
    (begun.folder / "state").chmod(0o500)
    before = begun.controls.status().holdings

    ended = begun.apply()

    assert (ended.code, begun.controls.status().holdings) == (1, before)
    assert f"{begun.folder / 'state'}" in ended.err


def test_a_first_state_in_a_folder_that_takes_nothing(sandboxed: SandboxedDesk):
    """The same before there is any state."""
    sandboxed.folder.chmod(0o500)

    ended = sandboxed.apply()

    assert (ended.code, sandboxed.controls.status().holdings) == (1, ())
    assert f"{sandboxed.folder / 'state'}" in ended.err


def test_a_plan_file_where_nothing_may_be_written(sandboxed: SandboxedDesk):
    """The plan itself isn't printed as if it were saved."""
    (sandboxed.folder / "plans").mkdir(mode=0o500)

    ended = sandboxed.run("plan", "--out", "plans/reviewed.json")

    assert (ended.code, ended.out) == (1, "")
    assert "Error: plans/reviewed.json can't be written: Permission denied." in ended.err


def test_init_where_nothing_may_be_written(desk: Desk):
    """One sentence, and no files."""
    desk.folder.chmod(0o500)

    ended = desk.run("init")

    assert (ended.code, ended.out, desk.files()) == (1, "", {})
    assert ended.err.startswith("Error: chanplan.yaml can't be written: Permission denied.\n  ")


def test_the_sandbox_where_nothing_may_be_written(desk: Desk):
    """It says which folder it needs."""
    desk.folder.chmod(0o500)

    ended = desk.run("sandbox", "status")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("Error: .chanplan/sandbox can't be used: Permission denied.\n  ")
