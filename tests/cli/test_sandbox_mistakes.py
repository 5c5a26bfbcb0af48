"""A sandbox beside a command that does something wrong itself says so, whatever the command makes of its answers."""

import sqlite3
from contextlib import closing

from tests.cli.desk import EMAIL


def test_what_the_sandbox_did_wrong_is_said(desk):
    """A state that somebody broke makes it fail; standard error and a file beside the state tell."""
    desk.write(EMAIL)
    assert desk.run("--sandbox", "apply", "--auto-approve").code == 3
    directory = desk.folder / ".chanplan" / "sandbox"
    with closing(sqlite3.connect(directory / "sandbox.db")) as state, state:
        state.execute("UPDATE objects SET value = '{}' WHERE kind = 'ses.tenant'")

    ended = desk.run("--sandbox", "plan")
    noted = (directory / "mistakes.jsonl").read_text()
    (directory / "mistakes.jsonl").unlink()

    assert ended.code == 1
    assert "mistakes of its own, also noted in .chanplan/sandbox/mistakes.jsonl:" in ended.said
    assert "KeyError" in noted
