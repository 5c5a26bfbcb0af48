"""Two runs on one workspace: one works, the other says who does, and exits with 5."""

import json
import re
import subprocess
import sys

import pytest

from tests.cli.desk import SandboxedDesk
from tests.cli.test_output import CONTROLS
from tests.cli.test_state_changes import store_of

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


def test_a_lock_that_cannot_be_broken(held: SandboxedDesk):
    """The lock of a file is told as any other, and is as long as its holder's process: it's said which has to end."""
    looked = held.run("unlock")
    name = looked.out.split()[-1]

    ended = held.run("unlock", "--auto-approve", name)

    assert (looked.code, looked.err) == (0, "")
    assert "is locked by ada@build-7, process 4711 (chanplan apply) since 20" in looked.out
    assert (ended.code, ended.out) == (1, "")
    assert re.fullmatch(
        r"Error: The lock of ada@build-7, process 4711 \(chanplan apply\) since .*Z lives exactly as long as that process\."
        r"\n  Wait until the process ends, or end it on its host: SIGTERM lets it finish and record what it has begun\.\n",
        ended.err,
    )
    assert held.apply().code == 5


def test_waiting_in_a_stream_for_programs(held: SandboxedDesk):
    """The wait is an event with who is waited for; it comes once."""
    ended = held.apply("--lock-timeout", "1s", "--format", "jsonl")

    awaited = [event for event in map(json.loads, ended.out.splitlines()) if event["type"] == "lock_awaited"]
    assert (ended.code, [event["seconds"] for event in awaited]) == (5, [1.0])
    assert awaited[0]["lock"]["holder"] == "ada@build-7, process 4711"


@pytest.mark.parametrize(
    "command",
    [
        ("unlock",),
        ("doctor", "--offline"),
        ("doctor", "--offline", "--format", "json"),
        ("history",),
        ("apply", "--auto-approve"),
        ("apply", "--auto-approve", "--lock-timeout", "0.1s"),
        ("apply", "--auto-approve", "--lock-timeout", "0.1s", "--format", "jsonl"),
    ],
    ids=" ".join,
)
def test_what_a_lock_says_plays_no_tricks(begun: SandboxedDesk, command):
    """Whoever can write where a lock is may put anything into it: it's shown as escapes."""
    hostile = "ada\x1b[2J\n::error::no \u202egnp.exe\a"
    with store_of(begun).lock(hostile, hostile, 0):
        ended = begun.run(*command)

    said = ended.out + ended.err
    assert CONTROLS.findall(said) == []
    assert not re.search(r"(?m)^::", said)
