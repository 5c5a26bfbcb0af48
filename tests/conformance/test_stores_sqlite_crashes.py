"""The SQLite store among processes: killed anywhere, and several at once."""

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from chanplan.model.errors import Locked
from chanplan.model.snapshots import PutResource
from chanplan.stores.sqlite.store import SqliteStore
from tests.conformance.store_samples import RECEIPTS, RECEIPTS_STATE, SETUP_STATE, intent

ROOT = Path(__file__).parents[2]


def start(*arguments):
    """Start a program of `store_victims`."""
    command = [sys.executable, "-m", "tests.conformance.store_victims", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@contextmanager
def holding(path, holder):
    """A process that holds the lock and has an intent open."""
    with start("hold", path, holder) as victim:
        try:
            assert victim.stdout.readline() == "ready\n"
            yield victim
        finally:
            victim.kill()


def test_a_kill_at_any_statement_leaves_what_had_returned(tmp_path):
    """Walks all statements of begin, checkpoint and settle: whatever returned is there, the call that was under way
    is there wholly or not at all, and the next run goes on without any repair."""
    program = start("statements", tmp_path)
    output, _ = program.communicate(timeout=60)
    assert program.returncode == 0

    stages = [(), ("begin",), ("begin", "checkpoint"), ("begin", "checkpoint", "settle")]
    seen = set()
    for number, returned in json.loads(output).items():
        store = SqliteStore(tmp_path / number / "chanplan.db")
        found = _stage(store.load())
        assert found in {len(returned), len(returned) + 1}, number
        seen.add((stages[len(returned)], found))
        with store.lock("next", "apply", 0):
            store.edit([PutResource(SETUP_STATE)])
        store.close()

    # Each call was killed before its commit at least once, and the last one was let through.
    assert seen >= {((), 0), (("begin",), 1), (("begin", "checkpoint"), 2), (stages[3], 3)}


def _stage(snapshot):
    """Tell how many of begin, checkpoint and settle a state has seen; fails on any state between two of them."""
    open_intents = [each.facts for each in snapshot.intents]
    remaining = [each.remaining for each in snapshot.approvals]
    approved = [frozenset({"sha256:one"})]
    known = [
        ([], {}, approved, 0),
        ([{}], {}, approved, 1),
        ([{"step": 1}], {}, approved, 1),
        ([], {RECEIPTS: RECEIPTS_STATE}, [frozenset()], 2),
    ]
    return known.index((open_intents, dict(snapshot.resources), remaining, snapshot.serial))


def test_a_killed_holder_leaves_no_lock_and_its_intent(tmp_path):
    """A run dies of kill -9 between two checkpoints: the lock is free at once, the intent is open with its facts."""
    path = tmp_path / "chanplan.db"
    with holding(path, "ci@build-7") as victim:
        with pytest.raises(Locked) as caught:
            SqliteStore(path).lock("me", "apply", 0).__enter__()
        victim.kill()
        victim.wait()

        store = SqliteStore(path)
        assert store.held() is None
        with store.lock("me", "apply", 0):
            assert store.load().intents == (intent(facts={"step": 1}),)

    assert caught.value.message.startswith("The workspace is locked by ci@build-7 (apply) since 20")


def test_a_process_that_reads_needs_no_lock(tmp_path):
    """While another process holds the lock and writes, its state can be read."""
    path = tmp_path / "chanplan.db"
    with holding(path, "ci"):
        assert SqliteStore(path).load().intents == (intent(facts={"step": 1}),)


def test_two_processes_take_turns(tmp_path):
    """Under the lock nobody writes in between; a state that both create at the same moment is one state."""
    path = tmp_path / "state" / "chanplan.db"
    programs = [start("contend", path, name, 15) for name in ("one", "two", "three")]
    codes = [program.wait(60) for program in programs]
    for program in programs:
        program.stdout.close()

    snapshot = SqliteStore(path).load()
    totals = sorted(each.attributes["total"] for each in snapshot.resources.values())
    assert (codes, totals, snapshot.serial) == ([0, 0, 0], list(range(45)), 45)


def test_processes_create_a_state_at_the_same_moment(tmp_path):
    """Without any lock (observations need none) the first writes of several processes are all kept."""
    path = tmp_path / "state" / "chanplan.db"
    programs = [start("observe", path, name, 10) for name in ("one", "two", "three")]
    codes = [program.wait(60) for program in programs]
    for program in programs:
        program.stdout.close()

    snapshot = SqliteStore(path).load()
    assert (codes, len(snapshot.observations), snapshot.sequence) == ([0, 0, 0], 30, 30)
