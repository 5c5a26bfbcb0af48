"""When the state can't be written after a call, what was done goes to a recovery file, and comes back."""

import resource
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from chanplan.execution.clocks import ManualClock
from chanplan.execution.spill import APPLIED, Brought, Learned, RecoveryFile, bring_back
from chanplan.model.errors import StateUnreadable, StateUnwritable
from chanplan.model.snapshots import Edit, Intent, IntentKind, PutResource
from chanplan.model.values import Facts
from chanplan.stores.memory import MemoryStore
from tests.conformance.privileges import file_modes_count
from tests.unit.execution.scene import WORKSPACE, Scene, at, declare, pool, setup, steps


class FullStore(MemoryStore):
    """A store whose disk fills up at one of its writes."""

    full_at = ""

    def begin(self, intent: Intent) -> None:
        """Fail, or write."""
        self._check("begin")
        super().begin(intent)

    def checkpoint(self, intent_id: str, facts: Facts) -> None:
        """Fail, or write."""
        self._check("checkpoint")
        super().checkpoint(intent_id, facts)

    def settle(self, intent_id: str, edits: Sequence[Edit], *, spend: str | None = None) -> None:
        """Fail, or write."""
        self._check("settle")
        super().settle(intent_id, edits, spend=spend)

    def _check(self, write: str) -> None:
        if self.full_at == write:
            raise StateUnwritable("The disk is full.", remedy="Make room.")


def _scene(folder: Path, full_at: str) -> tuple[Scene, FullStore]:
    store = FullStore()
    scene = Scene(store, folder=folder, parallelism=1)
    store.full_at = full_at
    return scene, store


def test_an_outcome_that_cannot_be_recorded_is_kept_beside_the_state(tmp_path: Path) -> None:
    """The run stops, says where it kept what was done, and the file is for its owner alone."""
    scene, _ = _scene(tmp_path, "settle")
    plan = scene.plan(declare(pool(), setup()))

    result = scene.execute(plan)

    (path,) = tmp_path.glob("chanplan-recovery-*.jsonl")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [(problem.code, problem.message) for problem in result.problems] == [
        ("state_unwritable", "The state can't be written, so the run stops: The disk is full.")
    ]
    assert str(path) in result.problems[0].remedy
    assert (len(result.failed), len(result.skipped), result.word) == (1, 1, "failed")


@pytest.mark.parametrize("full_at", ["settle", "checkpoint"])
def test_the_next_run_brings_a_recovery_file_back(tmp_path: Path, full_at: str) -> None:
    """Before anything else it writes down what the file holds, and then goes on."""
    scene, store = _scene(tmp_path, full_at)
    configuration = declare(pool(), setup())
    scene.execute(scene.plan(configuration))
    store.full_at = ""

    result = scene.apply(configuration)

    assert result.word == "done"
    assert [path.suffix for path in tmp_path.iterdir()] == [APPLIED]
    assert set(scene.marked().values()) == {resource.id for resource in scene.resources.values()}
    assert scene.store.load().intents == ()


def test_nothing_is_kept_when_nothing_was_done(tmp_path: Path) -> None:
    """An intent that can't be written is no call, and so no file."""
    scene, _ = _scene(tmp_path, "begin")
    plan = scene.plan(declare(pool()))

    result = scene.execute(plan)

    assert (steps(result.failed), scene.existing(), list(tmp_path.iterdir())) == (
        ["create sending_pool.txn"],
        set(),
        [],
    )
    assert "Nothing was asked of a service" in result.problems[0].remedy


def test_a_file_whose_intent_was_settled_meanwhile_changes_nothing(tmp_path: Path) -> None:
    """Somebody looked at the service since: what they found counts."""
    scene, store = _scene(tmp_path, "settle")
    scene.execute(scene.plan(declare(pool())))
    store.full_at = ""
    (intent,) = store.load().intents
    store.settle(intent.id, ())

    (brought,) = bring_back(store, (tmp_path,), WORKSPACE)

    assert (at("sending_pool.txn") in store.load().resources, brought.used) == (False, 0)
    assert [path.suffix for path in tmp_path.iterdir()] == [APPLIED]


def test_another_workspaces_file_is_left_alone(tmp_path: Path) -> None:
    """Two workspaces may keep their states in one folder."""
    scene, store = _scene(tmp_path, "settle")
    scene.execute(scene.plan(declare(pool())))
    store.full_at = ""

    brought = bring_back(store, (tmp_path,), "other")

    assert (brought, len(store.load().intents)) == ((), 1)


def test_another_lineages_file_is_left_alone(tmp_path: Path) -> None:
    """It waits for the state that it is of: a wrong `state:` for a while costs nothing."""
    scene, store = _scene(tmp_path, "")
    marketing = pool("mkt", pool_name="mkt", family="marketing")
    scene.apply(declare(marketing))
    store.full_at = "settle"
    scene.execute(scene.plan(declare(pool(), marketing)))
    store.full_at = ""
    elsewhere = MemoryStore()
    elsewhere.edit([PutResource(scene.resources[at("sending_pool.mkt")])])

    there = bring_back(elsewhere, (tmp_path,), WORKSPACE)
    here = bring_back(store, (tmp_path,), WORKSPACE)

    assert (there, [brought.used for brought in here]) == ((), [1])
    assert at("sending_pool.txn") in store.load().resources


def test_files_of_two_runs(tmp_path: Path) -> None:
    """Each says how its own intents ended, whichever comes first."""
    scene, store = _scene(tmp_path, "")
    both = declare(pool(), pool("mkt", pool_name="mkt", family="marketing"))
    plan = scene.plan(both)
    store.full_at = "settle"
    for run, address in (("b", "sending_pool.txn"), ("a", "sending_pool.mkt")):
        (change,) = [each for each in plan.changes if each.address == at(address)]
        scene.execute(replace(plan, changes=(change,), edges=()), run)
    store.full_at = ""

    brought = bring_back(store, (tmp_path,), WORKSPACE)

    assert [(each.path.name, each.used) for each in brought] == [
        ("chanplan-recovery-a.jsonl", 1),
        ("chanplan-recovery-b.jsonl", 1),
    ]
    assert (set(store.load().resources), store.load().intents) == (set(both.resources), ())
    assert bring_back(store, (tmp_path,), WORKSPACE) == ()


def test_a_state_that_was_replaced_meanwhile(tmp_path: Path) -> None:
    """By a document from elsewhere that doesn't know what was begun: nothing of the file is put into it, and the file is
    kept under its other name."""
    scene, store = _scene(tmp_path, "")
    scene.apply(declare(setup()))
    before = store.load()
    store.full_at = "settle"
    scene.execute(scene.plan(declare(setup(), pool())))
    store.full_at = ""
    store.restore(replace(before, serial=before.serial + 9))

    (brought,) = bring_back(store, (tmp_path,), WORKSPACE)

    assert (brought.used, store.load().resources) == (0, before.resources)
    assert [path.suffix for path in tmp_path.iterdir()] == [APPLIED]
    # What was made is ours by its mark, and found before it is made twice.
    assert [refusal.code for refusal in scene.plan(declare(setup(), pool())).refusals] == ["orphan"]


def test_a_file_that_cannot_be_renamed_is_brought_back_once(tmp_path: Path) -> None:
    """Its folder can be read and not written: what the file says is in the state, and a second time nothing is."""
    scene, store = _scene(tmp_path, "settle")
    scene.execute(scene.plan(declare(pool())))
    store.full_at = ""
    tmp_path.chmod(0o500)
    try:
        with file_modes_count():
            first = bring_back(store, (tmp_path,), WORKSPACE)
            serial = store.load().serial
            second = bring_back(store, (tmp_path,), WORKSPACE)
    finally:
        tmp_path.chmod(0o700)

    assert [(each.used, each.is_done) for each in (*first, *second)] == [(1, False), (0, False)]
    assert (store.load().serial, at("sending_pool.txn") in store.load().resources) == (serial, True)


@pytest.mark.parametrize("content", [b"{\n", b"\xff\xfe", b'{"format": 99}\n', b"[]\n"])
def test_a_file_that_cannot_be_read_is_an_error_and_stays(tmp_path: Path, content: bytes) -> None:
    """Nobody's outcome is thrown away in silence."""
    path = tmp_path / "chanplan-recovery-x.jsonl"
    path.write_bytes(content)

    with pytest.raises(StateUnreadable) as raised:
        bring_back(MemoryStore(), (tmp_path,), WORKSPACE)

    assert str(path) in raised.value.message
    assert path.exists()


def test_without_any_folder_the_run_says_so(tmp_path: Path) -> None:
    """The next run then asks the services."""
    scene, store = _scene(tmp_path / "missing", "settle")
    configuration = declare(pool())

    result = scene.execute(scene.plan(configuration))
    store.full_at = ""
    again = scene.apply(configuration)

    assert "No recovery file could be written either" in result.problems[0].remedy
    assert again.word == "done"


def test_an_entry_that_was_cut_off_is_left_aside(tmp_path: Path) -> None:
    """A run that is killed while it writes an entry leaves the others to be brought back."""
    scene, store = _scene(tmp_path, "settle")
    scene.execute(scene.plan(declare(pool())))
    (path,) = tmp_path.glob("chanplan-recovery-*.jsonl")
    whole = path.read_text("utf-8")
    path.write_text(whole + whole[:40], "utf-8")
    store.full_at = ""

    brought = bring_back(store, (tmp_path,), WORKSPACE)

    assert (brought, list(scene.resources)) == (
        (Brought(path.resolve(), 1, is_done=True),),
        [at("sending_pool.txn")],
    )


def test_a_last_entry_without_a_line_break_counts(tmp_path: Path) -> None:
    """Whatever took the line break away, what the entry says is there to be brought back."""
    scene, store = _scene(tmp_path, "settle")
    scene.execute(scene.plan(declare(pool())))
    (path,) = tmp_path.glob("chanplan-recovery-*.jsonl")
    path.write_text(path.read_text("utf-8").rstrip("\n"), "utf-8")
    store.full_at = ""

    brought = bring_back(store, (tmp_path,), WORKSPACE)

    assert (brought, list(scene.resources)) == (
        (Brought(path.resolve(), 1, is_done=True),),
        [at("sending_pool.txn")],
    )


def test_an_entry_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """A disk that fills up in the middle of an entry leaves nothing of it behind, and it doesn't count as kept."""
    full, roomy = tmp_path / "full", tmp_path / "roomy"
    full.mkdir()
    roomy.mkdir()
    entry = Learned(Intent("i", IntentKind.CREATE, at("sending_pool.txn"), "id", ManualClock().now(), "run"))
    name = RecoveryFile([roomy], WORKSPACE, "run").add(entry)
    assert name is not None
    size = name.stat().st_size
    (full / name.name).write_bytes(b"x" * 10 + b"\n")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        written = RecoveryFile([full], WORKSPACE, "run").add(entry)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert (written, (full / name.name).read_bytes()) == (None, b"x" * 10 + b"\n")
