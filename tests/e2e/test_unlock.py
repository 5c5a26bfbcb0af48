"""Locks that outlive their runs: told who holds them, broken by hand, and nothing lost by it."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections import Counter
from contextlib import suppress

import pytest

from tests.cli.test_state_s3 import configured
from tests.conformance.s3_doors import CREDENTIALS, Away
from tests.e2e.scene import SETUP, Scene, objects_in
from tests.e2e.test_interrupt import interrupt
from tests.e2e.test_two_at_once import Gatekeeper

APPLY = ("apply", "--auto-approve")
HELD = r"Workspace quickstart is locked by (.*) \(chanplan apply\) since (.*Z); its last sign of life was \d+ s ago"


@pytest.fixture
def gatekeeper():
    """Holds up the making of the domain identity."""
    return Gatekeeper("sesv2:CreateEmailIdentity")


@pytest.fixture
def away():
    """A bucket."""
    return Away()


@pytest.fixture
def store(away, monkeypatch):
    """The state in it, opened as another program would."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    opened = away.open()
    yield opened
    opened.close()


@pytest.fixture
def scene(tmp_path, commands, gatekeeper, away):
    """The email workspace with its state in a bucket, on a sandbox with a gatekeeper."""
    with Scene(tmp_path / "scene", commands, hooks=gatekeeper) as made:
        made.write(configured(away))
        yield made
        gatekeeper.release.set()


def made(scene):
    """Returns how many tenants, domains and pools the services hold."""
    kinds = Counter(kind for _, _, kind, _ in objects_in(scene.directory, {}))
    return kinds["ses.tenant"], kinds["ses.identity"], kinds["ses.pool"]


MADE = (1, 1, 2)


def at_a_terminal(scene, answer, *arguments):
    """Runs a command at a terminal, where somebody gives an answer; returns its code and what was to be seen."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "chanplan.cli.main", *arguments],
        cwd=scene.folder,
        env={**os.environ, **scene.environment, "TERM": "dumb"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, f"{answer}\n".encode())
    said = b""
    # Linux ends a terminal that nobody holds any more with an error.
    with suppress(OSError):
        while read := os.read(ours, 65536):
            said += read
    os.close(ours)
    return process.wait(), said.decode()


def test_a_lock_that_a_killed_run_left(scene, gatekeeper, store):
    """The next run is told that its holder has ended and how to go on; `unlock` without an id only looks, with
    another one it says which it is now. Broken, the next run ends what was begun, and makes nothing twice."""
    first = scene.start(*APPLY)
    assert gatekeeper.reached.wait(20)
    first.kill()
    first.wait()
    gatekeeper.release.set()

    refused = scene.run(*APPLY)
    found = scene.run("doctor", "--format", "json")
    looked = scene.expect(0, "unlock")
    wrong = scene.run("unlock", "--auto-approve", "0000000000000000")
    unasked = scene.run("unlock", "0000000000000000")
    still = store.held()

    shown = re.fullmatch(
        HELD + ", and the process has ended.\n"
        "If that run doesn't go on any more: chanplan unlock ([0-9a-f]{16})\n",
        looked,
    )
    assert shown is not None, looked
    assert f"process {first.pid}" in shown[1]
    assert refused.code == 5
    assert (
        f"It ran on this machine, was killed, and won't write again: `chanplan unlock {shown[3]}`."
        in refused.err
    )
    assert (wrong.code, wrong.out) == (1, "")
    assert "isn't held under the id 0000000000000000" in wrong.err
    assert f"chanplan unlock {shown[3]}" in wrong.err
    assert (unasked.code, "Add `--auto-approve`" in unasked.err) == (1, True)
    assert still.id == shown[3]
    findings = {each["code"]: each for each in json.loads(found.out)["findings"]}
    assert found.code == 1
    assert findings["lock_left"]["remedy"].endswith(f"chanplan unlock {shown[3]}")
    assert findings.keys() >= {"run_unfinished", "intent_open"}

    declined, agreed = (at_a_terminal(scene, answer, "unlock", shown[3]) for answer in ("n", "y"))
    again = scene.expect(0, "unlock", "--auto-approve", shown[3])
    scene.expect(3, *APPLY)

    assert (declined[0], agreed[0]) == (1, 0), declined[1] + agreed[1]
    assert "Break this lock? That run will write nothing more." in declined[1]
    assert "Nothing was done." in declined[1]
    assert "Broke the lock of " in agreed[1]
    told = [run.command for run in store.runs(9)]
    assert [command.partition(",")[0] for command in told] == ["apply", f"unlock {shown[3]}", "apply"]
    assert again == "Nobody holds the lock of workspace quickstart.\n"
    assert store.load().intents == ()
    assert sorted(map(str, store.load().resources)) == [
        "sending_pool.marketing",
        "sending_pool.transactional",
        SETUP,
    ]
    assert made(scene) == MADE


def test_a_run_whose_lock_is_broken_while_it_works(scene, gatekeeper, store):
    """It says so and stops; the run that took over meanwhile has recorded everything, and nothing is made twice."""
    first = scene.start(*APPLY)
    assert gatekeeper.reached.wait(20)
    scene.expect(0, "unlock", "--auto-approve", store.held().id)
    gatekeeper.release.set()

    ended = first.wait()
    after = scene.run(*APPLY)

    assert (ended.code, after.code) == (1, 3), ended.err + after.err
    assert "the lock of this run was broken" in ended.err
    assert "Traceback" not in ended.err
    assert store.load().intents == ()
    assert made(scene) == MADE


def test_a_wait_is_told_once_and_ends_with_a_signal(scene, gatekeeper, store):
    """Whoever waits hears for whom and how long, and Ctrl-C ends it with 130; the holder isn't disturbed."""
    with store.lock("ci@build-7", "chanplan apply", 0):
        waiting = scene.start(*APPLY, "--lock-timeout", "2m")
        while "Waiting up to 2 min for the workspace's lock, held by ci@build-7" not in waiting.said():
            assert not waiting.ended, waiting.said()
        interrupt(waiting, signal.SIGINT)
        ended = waiting.wait()
        moved = scene.run("state", "rm", "--auto-approve", SETUP, "--lock-timeout", "1s")

        assert store.held().holder == "ci@build-7"
    assert (ended.code, ended.out, ended.err.count("Waiting")) == (130, "", 1)
    assert moved.code == 1
