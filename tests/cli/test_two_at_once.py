"""Two runs on one workspace: one works, the other says who does, and exits with 5."""

import subprocess
import sys

import pytest

from tests.cli.desk import SandboxedDesk

HOLDER = """
import sys
from pathlib import Path
from chanplan.stores.sqlite.store import SqliteStore
with SqliteStore(Path(sys.argv[1])).lock("ada@build-7, process 4711", "chanplan apply", 0):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def held(begun: SandboxedDesk):
    """A workspace that another process holds."""
    path = begun.folder / "state/chanplan.db"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield begun


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_the_second_is_told_who_holds_it(held: SandboxedDesk, command):
    """With name, reason and start; nothing is done."""
    before = held.controls.status().holdings

    ended = held.run(command, "--auto-approve")

    assert (ended.code, ended.out, held.controls.status().holdings) == (5, "", before)
    assert "ada@build-7, process 4711" in ended.err
    assert "chanplan apply" in ended.err
    assert "--lock-timeout" in ended.err


@pytest.mark.parametrize(
    "command",
    [("plan",), ("state", "list"), ("dns", "records"), ("dns", "check"), ("show", "ses_setup.acme-mail")],
)
def test_looking_takes_no_lock(held: SandboxedDesk, command):
    """Everybody may look meanwhile."""
    assert held.run(*command).code == 0


def test_the_second_waits_as_long_as_it_was_told(held: SandboxedDesk):
    """And then gives up with the same exit code."""
    assert held.apply("--lock-timeout", "0.2s").code == 5
