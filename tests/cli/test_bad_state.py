"""States that can't be used: told with the file and what to do, and never overwritten."""

import shutil
import sqlite3

import pytest

from tests.cli.desk import EMAIL, SandboxedDesk

COMMANDS = [("plan",), ("apply", "--auto-approve"), ("state", "list"), ("dns", "records"), ("wait",)]


def newer(path):
    """Gives the state a format of the future."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


def garbage(path):
    """Puts something else in its place."""
    path.write_bytes(b"not a database\n" * 500)


def truncated(path):
    """Cuts it, as a full disk or a broken copy does."""
    path.write_bytes(path.read_bytes()[:5000])


def scratched(path):
    """Spoils its middle."""
    content = path.read_bytes()
    path.write_bytes(content[:200] + b"\xff" * 2000 + content[2200:])


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    "spoil, message",
    [
        (newer, "has format 99; this chanplan reads up to 2."),
        (garbage, "is damaged or not a chanplan state"),
        (truncated, "is damaged or not a chanplan state"),
        (scratched, "is damaged or not a chanplan state"),
    ],
)
def test_a_state_that_cant_be_read(begun: SandboxedDesk, spoil, message, command):
    """Every command names it, says what to do, and leaves it and the services as they are."""
    path = begun.folder / "state/chanplan.db"
    spoil(path)
    before = (path.read_bytes(), begun.controls.status().holdings)

    ended = begun.run(*command)
    told, remedy = (line for line in ended.err.splitlines() if not line.startswith("Reading"))

    assert (ended.code, ended.out, (path.read_bytes(), begun.controls.status().holdings)) == (1, "", before)
    assert told.startswith(f"Error: The state {path} {message}")
    assert remedy.startswith(("  Use the version of chanplan that wrote it", "  Restore it from a backup"))


def test_a_damaged_state_is_restored(finished: SandboxedDesk):
    """As the message says: the file is moved away, and a document of the state pushed."""
    assert finished.run("state", "pull", "--out", "state.json").code == 0
    path = finished.folder / "state/chanplan.db"
    garbage(path)

    refused = finished.run("state", "push", "state.json")
    path.rename(path.with_suffix(".broken"))
    pushed = finished.run("state", "push", "state.json")

    assert (refused.code, pushed.code) == (1, 0)
    assert "move it away and give `chanplan state push` a document" in refused.said
    assert finished.run("plan", "--detailed-exitcode").code == 0


def test_a_folder_in_place_of_the_state(sandboxed: SandboxedDesk):
    """It isn't taken for an empty state either."""
    (sandboxed.folder / "state/chanplan.db").mkdir(parents=True)

    ended = sandboxed.apply()

    assert (ended.code, ended.out, sandboxed.controls.status().holdings) == (1, "", ())
    assert f"Error: The state {sandboxed.folder / 'state/chanplan.db'} " in ended.err


@pytest.mark.parametrize("command", COMMANDS[:4], ids=" ".join)
def test_the_state_of_another_workspace(begun: SandboxedDesk, command):
    """A configuration that was copied can't take over the state beside it."""
    begun.write(EMAIL.replace("workspace: quickstart", "workspace: other"))

    ended = begun.run(*command)

    assert (ended.code, ended.out) == (1, "")
    assert (
        "Error: The state belongs to workspace quickstart, and the configuration is other.\n  Correct"
        in ended.err
    )


def test_a_lost_state_refuses_to_make_everything_again(finished: SandboxedDesk):
    """The workspace's objects are at the services, and the state knows of none: exit code 4, before the first change."""
    shutil.rmtree(finished.folder / "state")
    before = finished.controls.status().holdings

    planned, applied = finished.run("plan", "--format", "json"), finished.apply()

    assert planned.code == 0
    assert [refusal["code"] for refusal in planned.document["refusals"]] == ["state_lost"]
    assert (applied.code, applied.out, finished.controls.status().holdings) == (4, "", before)
    assert "What to do: Bring the state back" in applied.said
    assert applied.err.endswith("Refused: nothing was done.\n")
