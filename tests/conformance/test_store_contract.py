"""What every store does: one test for each sentence of the `Store` port. A new store is one more line in `STORES`."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chanplan.app.channels.remembering import RememberingStore
from chanplan.model.addresses import Address
from chanplan.model.errors import Locked, Misused, StateUnreadable, StateUnwritable
from chanplan.model.snapshots import (
    RUNS_KEPT,
    Approval,
    DropResource,
    MoveResource,
    Observation,
    PutResource,
    Snapshot,
)
from chanplan.ports.memo import Memo
from chanplan.ports.store import Store
from chanplan.stores.memory import MemoryStore
from chanplan.stores.sqlite.store import SqliteStore
from tests.conformance.postgres_server import Place
from tests.conformance.s3_doors import CREDENTIALS, Away
from tests.conformance.store_samples import (
    ACKNOWLEDGEMENT,
    NEWSLETTER,
    OBSERVATION,
    RECEIPTS,
    RECEIPTS_STATE,
    SETUP,
    SETUP_STATE,
    T0,
    approval,
    intent,
    resource,
    run,
)

OpenStore = Callable[[], Store]
"""Opens the state of one test anew, as another run would."""


def _in_memory(_: Path) -> OpenStore:
    store = MemoryStore()
    return lambda: store


def _in_a_file(folder: Path) -> OpenStore:
    return lambda: SqliteStore(folder / "state" / "chanplan.db")


def _in_a_bucket(_: Path) -> OpenStore:
    return Away().open


def _in_a_database(_: Path) -> OpenStore:
    return Place().open


def _remembered(folder: Path) -> OpenStore:
    return lambda: RememberingStore(SqliteStore(folder / "state" / "chanplan.db"))


STORES = {
    "remembered": _remembered,
    "memory": _in_memory,
    "sqlite": _in_a_file,
    "s3": _in_a_bucket,
    "postgres": _in_a_database,
}


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    """What a bucket asks for."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=STORES.values(), ids=STORES.keys())
def open_store(request, tmp_path):
    """Open the same state, any number of times."""
    opened = []
    open_one = request.param(tmp_path)

    def remembered():
        opened.append(open_one())
        return opened[-1]

    yield remembered
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store):
    """One opening of it."""
    return open_store()


WRITES = {
    "begin": (lambda store: store.begin(intent("another")), 1),
    "checkpoint": (lambda store: store.checkpoint("intent-1", {"arn": "a"}), 0),
    "settle": (lambda store: store.settle("intent-1", []), 1),
    "edit": (lambda store: store.edit([PutResource(SETUP_STATE)]), 1),
    "observe": (lambda store: store.observe([OBSERVATION]), 0),
    "approve": (lambda store: store.approve(approval("sha256:plan", "sha256:one")), 0),
    "acknowledge": (lambda store: store.acknowledge(ACKNOWLEDGEMENT), 1),
    "start_run": (lambda store: store.start_run("acme", run()), 0),
    "finish_run": (lambda store: store.finish_run(run()), 0),
}


class TestReading:
    def test_a_state_that_does_not_exist_is_an_empty_snapshot(self, store):
        """Before the first write there is nothing, not even a lineage."""
        assert (store.load(), list(store.runs(10))) == (Snapshot(), [])

    def test_everything_comes_back_as_it_was_written(self, store, open_store):
        """What was written through one opening is read through another, every field of it."""
        with store.lock("ci", "apply", 0):
            store.start_run("acme", run())
            store.edit([PutResource(SETUP_STATE), PutResource(RECEIPTS_STATE)])
            store.begin(intent(facts={"arn": "a"}))
            store.observe([OBSERVATION])
            store.approve(approval("sha256:plan", "sha256:one", "sha256:two"))
            store.acknowledge(ACKNOWLEDGEMENT)
        lineage = store.load().lineage
        store.close()

        expected = Snapshot(
            workspace="acme",
            lineage=lineage,
            serial=3,
            resources={SETUP: SETUP_STATE, RECEIPTS: RECEIPTS_STATE},
            intents=(intent(facts={"arn": "a"}),),
            observations={RECEIPTS: OBSERVATION},
            approvals=(approval("sha256:plan", "sha256:one", "sha256:two"),),
            acknowledgements=(ACKNOWLEDGEMENT,),
            sequence=6,
        )
        assert open_store().load() == expected

    def test_a_snapshot_stays_as_it_was_read(self, store):
        """A later write doesn't change what was handed out."""
        store.edit([PutResource(SETUP_STATE)])
        before = store.load()

        store.edit([PutResource(RECEIPTS_STATE), DropResource(SETUP)])

        assert dict(before.resources) == {SETUP: SETUP_STATE}

    def test_reading_again_gives_what_a_first_reading_gives(self, store, open_store):
        """Whatever changed in between, by whomever; what didn't change is the same object."""
        memo, other = Memo(), open_store()
        assert store.reload(memo) == Snapshot()
        other.edit([PutResource(SETUP_STATE), PutResource(RECEIPTS_STATE)])
        other.observe([OBSERVATION])
        first = store.reload(memo)
        assert first == other.load()

        other.edit([PutResource(replace(RECEIPTS_STATE, complete=False))])
        second = store.reload(memo)
        other.edit([DropResource(RECEIPTS)])
        third = store.reload(memo)

        assert second.resources[SETUP] is first.resources[SETUP] is third.resources[SETUP]
        assert second.resources[RECEIPTS] == replace(RECEIPTS_STATE, complete=False)
        assert third == store.load()

    def test_what_a_caller_does_to_its_values_afterwards_changes_nothing(self, store):
        """The store keeps its own copy."""
        tags = {"team": "growth"}
        store.edit([PutResource(resource(SETUP, tags=tags))])

        tags["team"] = "other"

        assert store.load().resources[SETUP].attributes == {"tags": {"team": "growth"}}

    def test_text_of_any_kind_is_kept(self, store):
        """Control characters, unpaired surrogates and text beyond the basic plane come back."""
        odd = resource(SETUP, text="\x00\ud800 \U0001f4e8 \u2028 'quoted' \"", empty="")
        store.edit([PutResource(odd)])

        assert store.load().resources == {SETUP: odd}


class TestSerial:
    @pytest.mark.parametrize("name", WRITES)
    def test_what_moves_the_serial(self, store, name):
        """Every write but observations, runs, approvals and checkpoints moves the serial by one; all count in the
        sequence, and none changes the lineage."""
        write, moves = WRITES[name]
        store.begin(intent())
        before = store.load()

        write(store)

        after = store.load()
        expected = (before.lineage, before.serial + moves, before.sequence + 1)
        assert (after.lineage, after.serial, after.sequence) == expected

    @pytest.mark.parametrize("name", WRITES)
    def test_whether_anything_happened_is_told_without_reading_all(self, store, open_store, name):
        """The moment is that of what would be read, whoever wrote last."""
        assert (store.moment(), open_store().moment()) == (Snapshot().moment, Snapshot().moment)
        store.begin(intent())
        other = open_store()
        before = other.moment()
        assert before == store.load().moment

        WRITES[name][0](store)

        assert store.moment() == other.moment() == other.load().moment != before

    def test_a_restored_state_is_another_moment(self, store, open_store):
        """Even where it is what was read long ago."""
        store.edit([PutResource(SETUP_STATE)])
        then = store.load()
        store.edit([DropResource(SETUP)])

        store.restore(then)

        assert open_store().moment() not in (then.moment, replace(then, sequence=2).moment)

    @pytest.mark.parametrize("name", sorted(WRITES.keys() - {"checkpoint", "settle"}))
    def test_any_first_write_gives_the_lineage(self, store, name):
        """A state has its lineage from its first write on."""
        WRITES[name][0](store)

        assert store.load().lineage

    def test_nothing_to_change_is_no_write(self, store):
        """Empty lists of edits and observations leave no trace."""
        store.edit([])
        store.observe([])

        assert store.load() == Snapshot()

    def test_lineages_differ(self, tmp_path):
        """Two states made apart are never taken for one."""
        lineages = set()
        for number, make in enumerate([*STORES.values()] * 2):
            one = make(tmp_path / str(number))()
            one.edit([PutResource(SETUP_STATE)])
            lineages.add(one.load().lineage)
            one.close()

        assert len(lineages) == 2 * len(STORES)


class TestIntents:
    def test_open_intents_are_listed_oldest_first(self, store):
        """In the order in which they were begun, whatever their ids say."""
        for name in ("c", "a", "b"):
            store.begin(intent(name))
        store.settle("a", [])
        store.begin(intent("0"))

        assert [each.id for each in store.load().intents] == ["c", "b", "0"]

    def test_checkpoints_merge(self, store):
        """Later facts come on top of earlier ones, of the intent itself too; nothing is taken away."""
        store.begin(intent(facts={"before": [1]}))
        store.checkpoint("intent-1", {"tenant": "acme", "step": 1})
        store.checkpoint("intent-1", {"step": 2, "gone": None})

        merged = {"before": [1], "tenant": "acme", "step": 2, "gone": None}
        assert store.load().intents == (intent(facts=merged),)

    def test_settling_closes_and_changes_in_one(self, store):
        """The intent is gone and its resource is there."""
        store.begin(intent())
        store.settle("intent-1", [PutResource(RECEIPTS_STATE)])

        after = store.load()
        assert (after.intents, after.resources) == ((), {RECEIPTS: RECEIPTS_STATE})

    @pytest.mark.parametrize(
        "write",
        [
            lambda store: store.settle("intent-1", [PutResource(SETUP_STATE)], spend="sha256:one"),
            lambda store: store.checkpoint("intent-1", {"late": True}),
        ],
        ids=["settle", "checkpoint"],
    )
    @pytest.mark.parametrize("begun", [True, False])
    def test_a_closed_intent_stays_closed(self, store, write, begun):
        """Settling or continuing what was settled before, or never begun, is an error and does nothing."""
        store.approve(approval("sha256:plan", "sha256:one"))
        if begun:
            store.begin(intent())
            store.settle("intent-1", [])
        before = store.load()

        with pytest.raises(StateUnwritable) as caught:
            write(store)

        assert (caught.value.code, store.load()) == ("intent_closed", before)

    def test_an_intent_is_begun_once(self, store):
        """A second intent of the same id is an error and leaves the first as it is."""
        store.begin(intent(facts={"a": 1}))

        with pytest.raises(StateUnwritable) as caught:
            store.begin(intent(facts={"b": 2}))

        assert (caught.value.code, store.load().intents) == ("intent_open", (intent(facts={"a": 1}),))


class TestEdits:
    def test_several_edits_are_one_write(self, store):
        """They come one after the other, and move the serial once."""
        store.edit([PutResource(SETUP_STATE), PutResource(RECEIPTS_STATE), DropResource(RECEIPTS)])

        after = store.load()
        assert (after.resources, after.serial) == ({SETUP: SETUP_STATE}, 1)

    def test_a_put_replaces(self, store):
        """An address holds one resource: the latest."""
        store.edit([PutResource(SETUP_STATE)])
        later = replace(SETUP_STATE, complete=True, attributes={"tenant_name": "acme"})
        store.edit([PutResource(later)])

        assert store.load().resources == {SETUP: later}

    def test_a_drop_forgets_the_observation_too(self, store):
        """Nothing of the resource stays; that of others does. Dropping what isn't there is done already."""
        other = Observation(SETUP, T0)
        store.edit([PutResource(SETUP_STATE), PutResource(RECEIPTS_STATE)])
        store.observe([OBSERVATION, other])

        store.edit([DropResource(RECEIPTS), DropResource(NEWSLETTER)])

        after = store.load()
        assert (after.resources, after.observations) == ({SETUP: SETUP_STATE}, {SETUP: other})

    @pytest.mark.parametrize(
        "write",
        [
            lambda store, edits: store.settle("intent-1", edits, spend="sha256:one"),
            lambda store, edits: store.edit(edits, spend=["sha256:one"]),
        ],
        ids=["settle", "edit"],
    )
    def test_edits_are_done_all_or_none(self, store, write):
        """When one of several edits fails, nothing has happened: the intent is open, the fingerprint unspent."""
        store.approve(approval("sha256:plan", "sha256:one"))
        store.begin(intent())
        store.edit([PutResource(SETUP_STATE), PutResource(RECEIPTS_STATE)])
        before = store.load()
        edits = [DropResource(SETUP), PutResource(resource(NEWSLETTER)), MoveResource(NEWSLETTER, RECEIPTS)]

        with pytest.raises(StateUnwritable) as caught:
            write(store, edits)

        assert (caught.value.code, store.load()) == ("address_taken", before)


class TestMoves:
    TARGET = Address("ses_setup", "acme")

    def test_a_move_takes_everything_along(self, store):
        """The resource, its observation, its open intents, and what refers to it; text that merely reads like its
        address stays."""
        store.edit(
            [
                PutResource(SETUP_STATE),
                PutResource(resource(RECEIPTS, SETUP, NEWSLETTER, ses_setup=str(SETUP), name="Receipts")),
                PutResource(resource(NEWSLETTER, description=str(SETUP))),
            ]
        )
        store.observe([OBSERVATION, Observation(SETUP, T0, {"status": "ok"})])
        store.begin(intent("of-it", SETUP))
        store.begin(intent("of-another", RECEIPTS))

        store.edit([MoveResource(SETUP, self.TARGET)])

        after = store.load()
        new = str(self.TARGET)
        assert after.resources == {
            self.TARGET: replace(SETUP_STATE, address=self.TARGET),
            RECEIPTS: resource(RECEIPTS, self.TARGET, NEWSLETTER, ses_setup=new, name="Receipts"),
            NEWSLETTER: resource(NEWSLETTER, description=str(SETUP)),
        }
        gate = OBSERVATION.gate
        assert gate is not None
        assert after.observations == {
            self.TARGET: Observation(self.TARGET, T0, {"status": "ok"}),
            RECEIPTS: replace(OBSERVATION, gate=replace(gate, on=self.TARGET)),
        }
        assert [(each.id, each.address) for each in after.intents] == [
            ("of-it", self.TARGET),
            ("of-another", RECEIPTS),
        ]
        of_another = after.intents[1]
        assert of_another.desired is not None
        assert of_another.prior is not None
        assert (of_another.desired.references, of_another.desired.attributes["ses_setup"]) == (
            (self.TARGET,),
            new,
        )
        assert (of_another.prior.references, of_another.prior.attributes["ses_setup"]) == (
            (self.TARGET,),
            new,
        )

    def test_references_follow_through_several_moves(self, store):
        """A reference that was moved once is found again by the next move."""
        third = Address("ses_setup", "third")
        store.edit([PutResource(SETUP_STATE), PutResource(RECEIPTS_STATE), MoveResource(SETUP, self.TARGET)])
        store.edit([MoveResource(self.TARGET, third)])

        assert store.load().resources[RECEIPTS].references == (third,)

    def test_two_resources_change_places(self, store):
        """By way of a third address, in one transaction."""
        spare = Address("use_case", "spare")
        store.edit([PutResource(resource(RECEIPTS, n=1)), PutResource(resource(NEWSLETTER, n=2))])

        store.edit(
            [
                MoveResource(RECEIPTS, spare),
                MoveResource(NEWSLETTER, RECEIPTS),
                MoveResource(spare, NEWSLETTER),
            ]
        )

        places = {address: each.attributes["n"] for address, each in store.load().resources.items()}
        assert places == {RECEIPTS: 2, NEWSLETTER: 1}

    def test_a_move_brings_no_stale_observation_back(self, store):
        """What was seen of an earlier owner of the address isn't taken for the newcomer's."""
        store.edit([PutResource(SETUP_STATE)])
        store.observe([Observation(self.TARGET, T0, {"of": "somebody earlier"})])

        store.edit([MoveResource(SETUP, self.TARGET)])

        assert store.load().observations == {}

    def test_a_move_to_its_own_place_changes_nothing(self, store):
        """Neither the resource nor what was seen of it."""
        store.edit([PutResource(RECEIPTS_STATE)])
        store.observe([OBSERVATION])

        store.edit([MoveResource(RECEIPTS, RECEIPTS)])

        after = store.load()
        assert (after.resources, after.observations) == ({RECEIPTS: RECEIPTS_STATE}, {RECEIPTS: OBSERVATION})


class TestObservations:
    def test_the_latest_observation_replaces_the_earlier(self, store):
        """One of each address is kept, also of an address that has no resource yet."""
        store.observe([OBSERVATION, Observation(SETUP, T0, {"status": "old"})])
        store.observe([Observation(SETUP, T0, {"status": "new"})])

        expected = {RECEIPTS: OBSERVATION, SETUP: Observation(SETUP, T0, {"status": "new"})}
        assert store.load().observations == expected

    def test_anybody_may_observe_while_another_run_holds_the_lock(self, store, open_store):
        """Observations need no lock."""
        with store.lock("ci", "apply", 0):
            open_store().observe([OBSERVATION])

            assert store.load().observations == {RECEIPTS: OBSERVATION}


class TestApprovals:
    def test_settling_spends_what_was_approved(self, store):
        """The rest remains."""
        store.approve(approval("sha256:plan", "sha256:one", "sha256:two"))
        store.begin(intent())
        store.settle("intent-1", [], spend="sha256:one")

        spent = Approval(
            "sha256:plan", frozenset({"sha256:one", "sha256:two"}), frozenset({"sha256:one"}), T0
        )
        assert store.load().approvals == (spent,)

    def test_an_edit_spends_several(self, store):
        """An approval under which nothing remains stays, so that it isn't used again; unknown ones don't matter."""
        store.approve(approval("sha256:plan", "sha256:one", "sha256:two"))
        store.edit([PutResource(SETUP_STATE)], spend=["sha256:one", "sha256:two", "sha256:unknown"])

        (stored,) = store.load().approvals
        assert stored.remaining == frozenset()

    def test_a_used_up_approval_goes_when_another_digest_is_approved(self, store):
        """What was undone under a later approval may be approved anew under the earlier digest."""
        store.approve(approval("sha256:there", "sha256:one"))
        store.edit([], spend=["sha256:one"])
        store.approve(approval("sha256:back", "sha256:two"))

        assert store.load().approvals == (approval("sha256:back", "sha256:two"),)

    def test_a_fingerprint_is_spent_under_every_approval_that_covers_it(self, store):
        """What is done is done: no other approval lets it be done again."""
        store.approve(approval("sha256:first", "sha256:one"))
        store.approve(approval("sha256:second", "sha256:one", "sha256:two"))
        store.edit([], spend=["sha256:one"])

        assert [(each.digest, each.remaining) for each in store.load().approvals] == [
            ("sha256:first", frozenset()),
            ("sha256:second", frozenset({"sha256:two"})),
        ]

    def test_approving_again_gives_nothing_back(self, store):
        """The stored approval of a digest stays as it is, spent or not."""
        store.approve(approval("sha256:plan", "sha256:one"))
        store.edit([], spend=["sha256:one"])
        store.approve(approval("sha256:plan", "sha256:one", "sha256:more"))

        (stored,) = store.load().approvals
        assert (stored.fingerprints, stored.remaining) == (frozenset({"sha256:one"}), frozenset())

    def test_approvals_are_listed_oldest_first(self, store):
        """In the order in which they came."""
        digests = ["sha256:c", "sha256:a", "sha256:b"]
        for digest in digests:
            store.approve(approval(digest, "sha256:one"))

        assert [each.digest for each in store.load().approvals] == digests

    def test_an_acknowledgement_is_spent_once(self, store):
        """Recording it again keeps the first time."""
        store.acknowledge(ACKNOWLEDGEMENT)
        store.acknowledge(replace(ACKNOWLEDGEMENT, spent_at=T0.replace(year=2027)))
        other = replace(ACKNOWLEDGEMENT, reason="CH-119")
        store.acknowledge(other)

        assert store.load().acknowledgements == (ACKNOWLEDGEMENT, other)


class TestRuns:
    def test_runs_are_listed_newest_first(self, store):
        """Up to a limit; one that was killed has no result."""
        for name in ("run-1", "run-2", "run-3"):
            store.start_run("acme", run(name))
        finished = replace(run("run-3"), finished_at=T0, result="waiting", done=2, waiting=1)
        store.finish_run(finished)

        assert list(store.runs(2)) == [finished, run("run-2")]

    def test_a_state_belongs_to_one_workspace(self, store, open_store):
        """A run of another workspace is refused and leaves no trace."""
        store.start_run("acme", run())

        with pytest.raises(StateUnreadable) as caught:
            open_store().start_run("globex", run("run-2"))

        assert caught.value.code == "other_workspace"
        assert "'acme'" in caught.value.message
        assert (store.load().workspace, list(store.runs(10))) == ("acme", [run()])


class TestRestoring:
    WHOLE = Snapshot(
        workspace="acme",
        lineage="0a1b2c3d-0000-4000-8000-000000000001",
        serial=7,
        resources={SETUP: SETUP_STATE, RECEIPTS: RECEIPTS_STATE},
        intents=(intent("c", facts={"arn": "a"}), intent("a")),
        observations={RECEIPTS: OBSERVATION},
        approvals=(
            replace(approval("sha256:used", "sha256:one"), spent=frozenset({"sha256:one"})),
            approval("sha256:plan", "sha256:one", "sha256:two"),
        ),
        acknowledgements=(ACKNOWLEDGEMENT,),
        sequence=40,
    )

    def test_a_whole_state_comes_into_an_empty_store(self, store, open_store):
        """Every field of it, lineage and serial too; the sequence is one further."""
        store.restore(self.WHOLE)
        store.close()

        assert open_store().load() == replace(self.WHOLE, sequence=41)

    def test_nothing_of_what_was_there_stays(self, store):
        """What the new state doesn't have is gone; the sequence moves past the larger of both."""
        store.start_run("globex", run())
        store.edit([PutResource(resource(NEWSLETTER, SETUP)), PutResource(resource(RECEIPTS, n=1))])
        store.begin(intent("old"))
        store.observe([Observation(SETUP, T0), Observation(NEWSLETTER, T0)])
        store.approve(approval("sha256:plan", "sha256:three"))
        store.acknowledge(replace(ACKNOWLEDGEMENT, reason="earlier"))
        before = store.load()

        store.restore(replace(self.WHOLE, sequence=2))

        assert store.load() == replace(self.WHOLE, sequence=before.sequence + 1)

    def test_a_state_without_lineage_keeps_the_present_one(self, store):
        """Or is given one, like any first write."""
        store.restore(replace(self.WHOLE, lineage=None))
        given = store.load().lineage
        store.restore(replace(self.WHOLE, lineage=None))

        assert (bool(given), store.load().lineage) == (True, given)

    def test_work_goes_on_from_it(self, store):
        """Intents are settled, approvals spent, and what refers to a resource follows its rename."""
        moved = Address("ses_setup", "acme")
        store.restore(self.WHOLE)
        store.settle("a", [MoveResource(SETUP, moved)], spend="sha256:two")

        after = store.load()
        assert (after.serial, [each.id for each in after.intents]) == (8, ["c"])
        assert after.resources[RECEIPTS].references == (moved,)
        assert after.approvals[1].remaining == frozenset({"sha256:one"})

    def test_history_grows_at_its_older_end(self, store):
        """Runs of the state that comes are older than those of the store; one that both know stays as it is here."""
        for name in ("run-3", "run-4"):
            store.start_run("acme", run(name))
        other = replace(run("run-3"), result="done")

        store.restore(self.WHOLE, [other, run("run-2"), run("run-1")])
        store.start_run("acme", run("run-5"))

        assert [each.id for each in store.runs(9)] == ["run-5", "run-4", "run-3", "run-2", "run-1"]
        assert store.runs(9)[2] == run("run-3")

    def test_the_history_has_an_end(self, store):
        """The latest thousand runs are kept, so that a state doesn't grow with the years."""
        earlier = [run(f"run-{number}") for number in range(RUNS_KEPT, 0, -1)]
        store.restore(Snapshot(workspace="acme"), earlier)
        store.start_run("acme", run("newest"))

        kept = [each.id for each in store.runs(2 * RUNS_KEPT)]

        assert kept == ["newest", *(each.id for each in earlier[:-1])]


class TestLock:
    def test_a_second_holder_is_refused_and_told_who_holds(self, store, open_store):
        """The message names holder and reason; the remedy says that nothing needs unlocking by hand."""
        with store.lock("ci@build-7", "apply", 0), pytest.raises(Locked) as caught:
            open_store().lock("me", "destroy", 0).__enter__()

        assert caught.value.message.startswith("The workspace is locked by ci@build-7 (apply) since 20")
        assert caught.value.remedy.startswith("Wait until it ends")

    def test_the_same_store_is_no_exception(self, store):
        """A process can't hold its own lock twice."""
        with store.lock("ci", "apply", 0), pytest.raises(Locked):
            store.lock("ci", "apply", 0).__enter__()

    def test_a_lock_is_free_again_after_use(self, store, open_store):
        """Also when what it was held for failed."""
        with pytest.raises(ZeroDivisionError), store.lock("ci", "apply", 0):
            _ = 1 / 0

        with open_store().lock("me", "apply", 0):
            assert store.load() == Snapshot()

    def test_waiting_ends_when_the_lock_is_released(self, store, open_store):
        """A waiting run goes on as soon as the holder is done."""
        holds, asks = threading.Event(), threading.Event()

        def hold():
            with store.lock("ci", "apply", 0):
                holds.set()
                asks.wait(10)

        holder = threading.Thread(target=hold)
        holder.start()
        holds.wait(10)
        waiting = open_store().lock("me", "apply", 10)
        asks.set()
        with waiting:
            holder.join(10)

            assert not holder.is_alive()

    def test_waiting_ends_when_time_is_up(self, store, open_store):
        """After the timeout a waiting run is refused like any other."""
        with store.lock("ci", "apply", 0), pytest.raises(Locked):
            open_store().lock("me", "apply", 0.02).__enter__()

    def test_anybody_can_see_who_holds_it(self, store, open_store):
        """Who, why and since when, as the refusal tells it; where the lock needs signs of life, the last is recent.
        Before and after, nobody holds it."""
        looking = open_store()
        before = looking.held()
        earliest = datetime.now(UTC)
        with store.lock("ci@build-7", "apply", 0):
            seen = looking.held()
            with pytest.raises(Locked) as caught:
                open_store().lock("me", "destroy", 0).__enter__()
        after = looking.held()

        assert (before, seen.holder, seen.reason, after) == (None, "ci@build-7", "apply", None)
        assert earliest <= seen.started <= datetime.now(UTC)
        assert seen.silent is None or 0 <= seen.silent < 60
        assert replace(caught.value.holding, silent=None) == replace(seen, silent=None)

    def test_each_holding_has_an_id_of_its_own(self, store):
        """So that `unlock` can't take the lock of a run that came later."""
        seen = []
        for _ in range(2):
            with store.lock("ci", "apply", 0):
                seen.append(store.held().id)

        assert len({*seen, ""}) == 3

    def test_looking_keeps_nobody_from_taking_it(self, open_store):
        """A run that doesn't wait gets the lock while others look who holds it, as often as they can."""
        over = threading.Event()

        def look():
            looking = open_store()
            while not over.is_set():
                looking.held()

        lookers = [threading.Thread(target=look) for _ in range(2)]
        for looker in lookers:
            looker.start()
        taking = open_store()
        try:
            for _ in range(12):
                with taking.lock("me", "apply", 0):
                    pass
        finally:
            over.set()
            for looker in lookers:
                looker.join(10)

    def test_only_the_lock_of_the_given_id_is_broken(self, store, open_store):
        """It may be another run's by now, or nobody's; the refusal has a code of its own."""
        refused = []
        with pytest.raises(Misused) as caught:
            store.break_lock("0000000000000000")
        refused.append(caught.value.code)
        with store.lock("ci", "apply", 0):
            held = store.held()
            with pytest.raises(Misused) as caught:
                open_store().break_lock("0000000000000000")
            refused.append(caught.value.code)
            after = store.held()

        assert refused == ["lock_not_held", "lock_not_held"]
        assert (held.id, held.holder) == (after.id, after.holder)

    def test_a_lock_is_broken_or_lives_as_long_as_its_holder(self, store, open_store):
        """Broken, its holder writes no more and the next run goes on. A store that can't do that says so by its code,
        and says whose lock it is; the holder goes on."""
        successor = open_store()
        refusal = None
        with store.lock("ci@build-7", "apply", 0):
            store.begin(intent())
            try:
                successor.break_lock(successor.held().id)
            except Misused as error:
                refusal = error
                store.settle("intent-1", [])
            else:
                assert successor.held() is None
                with successor.lock("me", "apply", 0), pytest.raises(StateUnwritable) as caught:
                    store.settle("intent-1", [])
                assert (caught.value.code, successor.load().intents) == ("lock_lost", (intent(),))

        if refusal is not None:
            assert refusal.code == "lock_unbreakable"
            assert "ci@build-7 (apply) since 20" in refusal.message
            assert store.load().intents == ()


class TestExamination:
    def test_looking_at_the_place_changes_nothing(self, store, open_store):
        """Neither before there is a state, nor afterwards; it names the place, and finds nothing wrong with it."""
        first = open_store().examine()
        store.edit([PutResource(SETUP_STATE)])
        before = store.load()

        facts = open_store().examine()

        assert (facts.place, facts.remarks, first.remarks) == (first.place, (), ())
        assert store.load() == before


class TestManyThreads:
    THREADS = 16
    EACH = 8

    def test_writes_of_many_threads_are_all_kept(self, store):
        """Each thread begins, checkpoints and settles its own; no write is lost and each counts once."""

        def work(number):
            for index in range(self.EACH):
                name = f"{number}-{index}"
                address = Address("use_case", f"case-{name}")
                store.begin(intent(name, address))
                store.checkpoint(name, {"step": 1})
                store.settle(name, [PutResource(resource(address, SETUP))], spend=f"sha256:{name}")
                store.observe([Observation(address, T0)])

        names = [f"{number}-{index}" for number in range(self.THREADS) for index in range(self.EACH)]
        store.approve(approval("sha256:plan", *(f"sha256:{name}" for name in names)))
        _in_threads(work, self.THREADS)

        after = store.load()
        addresses = {Address("use_case", f"case-{name}") for name in names}
        assert (after.resources.keys(), after.observations.keys()) == (addresses, addresses)
        assert after.intents == ()
        assert [each.remaining for each in after.approvals] == [frozenset()]
        assert (after.serial, after.sequence) == (2 * len(names), 4 * len(names) + 1)

    def test_one_thread_s_error_is_its_own(self, store):
        """A write that fails leaves those that share its commit alone."""
        errors = []

        def work(number):
            if number % 2:
                store.edit([PutResource(resource(Address("use_case", f"case-{number}")))])
                return
            try:
                store.settle("never begun", [DropResource(SETUP)])
            except StateUnwritable as error:
                errors.append(error.code)

        store.edit([PutResource(SETUP_STATE)])
        _in_threads(work, self.THREADS)

        after = store.load()
        assert (len(after.resources), after.serial) == (1 + self.THREADS // 2, 1 + self.THREADS // 2)
        assert errors == ["intent_closed"] * (self.THREADS // 2)

    def test_a_reader_sees_whole_transactions(self, store, open_store):
        """Two resources that are written together are never seen apart."""
        seen = []
        finished = threading.Event()

        def read():
            reader = open_store()
            while not finished.is_set():
                now = reader.load().resources
                seen.append({now[each].attributes["n"] for each in (RECEIPTS, NEWSLETTER) if each in now})

        reader = threading.Thread(target=read)
        reader.start()
        for number in range(40):
            store.edit(
                [PutResource(resource(RECEIPTS, n=number)), PutResource(resource(NEWSLETTER, n=number))]
            )
        finished.set()
        reader.join()

        assert [each for each in seen if len(each) > 1] == []

    def test_one_thread_of_many_holds_the_lock(self, store, open_store):
        """At any time there is one holder."""
        inside, most = [], []

        def work(number):
            with open_store().lock(str(number), "apply", 60):
                inside.append(number)
                most.append(len(inside))
                inside.remove(number)

        _in_threads(work, 4)

        assert most == [1, 1, 1, 1]


def test_a_closed_store_can_be_used_again(store):
    """Closing lets go of files and connections, no more; closing twice is nothing."""
    store.edit([PutResource(SETUP_STATE)])
    store.close()
    store.close()
    store.edit([PutResource(RECEIPTS_STATE)])

    assert store.load().resources == {SETUP: SETUP_STATE, RECEIPTS: RECEIPTS_STATE}


def _in_threads(work, count):
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
