"""What every store does with records that belong to a workspace and to no resource: a test for each sentence of the port."""

import threading
from datetime import UTC, datetime, timedelta

from chanplan.model.kept import Kept
from chanplan.model.snapshots import PutResource, Snapshot
from tests.conformance.store_samples import SETUP, SETUP_STATE, resource, run
from tests.conformance.test_store_contract import credentials, open_store, store

__all__ = ["credentials", "open_store", "store"]

KIND = "api-key"
LATER = datetime(2100, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC)
"""Beyond what any clock says, so that no store's own time stands in the way of pruning."""
VALUE = {"scopes": ["view", "create"], "expires_at": None, "n": 1.5, "inner": {"grøwth": True}}
ODD = [
    "",
    "../../etc/passwd",
    "a/b//c?x=1#y&z=%2e%2e",
    "\x00\ud800 \U0001f4e8 \u2028 'quoted' \"; DROP TABLE kept; --",
    "x" * 5_000,
    "A",
    "a",
]


class TestKeeping:
    def test_what_is_kept_comes_back(self, store, open_store):
        """Through another opening, every field of it."""
        written = store.keep(KIND, "ci", VALUE, at=LATER)
        store.close()

        other = open_store()
        assert written is True
        assert other.kept_one(KIND, "ci") == Kept(KIND, "ci", VALUE, LATER)
        assert other.kept(KIND) == {"ci": Kept(KIND, "ci", VALUE, LATER)}

    def test_a_state_without_any_has_none(self, store):
        """Neither before the first write nor after others."""
        before = (store.kept(KIND), store.kept_one(KIND, "ci"))
        store.edit([PutResource(SETUP_STATE)])

        assert before == (store.kept(KIND), store.kept_one(KIND, "ci")) == ({}, None)

    def test_the_later_one_stands(self, store):
        """In place of the earlier one of its kind and key, whole."""
        store.keep(KIND, "ci", VALUE, at=LATER)
        again = store.keep(KIND, "ci", {"revoked": True}, at=LATER + timedelta(seconds=1))

        assert again is True
        assert store.kept(KIND) == {"ci": Kept(KIND, "ci", {"revoked": True}, LATER + timedelta(seconds=1))}

    def test_only_new_never_overwrites(self, store, open_store):
        """Whoever comes second is told so, through whichever opening; the first record stands."""
        first = store.keep(KIND, "ci", {"n": 1}, at=LATER, only_new=True)
        seconds = [each.keep(KIND, "ci", {"n": 2}, at=LATER, only_new=True) for each in (store, open_store())]
        elsewhere = store.keep("answer", "ci", {"n": 3}, at=LATER, only_new=True)

        assert (first, seconds, elsewhere) == (True, [False, False], True)
        assert store.kept_one(KIND, "ci").value == {"n": 1}

    def test_among_many_at_once_one_is_the_first(self, store, open_store):
        """Whose record stands is who was told that it was written."""
        openings, results = [store, *(open_store() for _ in range(3))], {}
        begin = threading.Barrier(8)

        def race(number):
            begin.wait(10)
            results[number] = openings[number % 4].keep(KIND, "ci", {"by": number}, at=LATER, only_new=True)

        threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(60)

        winners = [number for number, won in results.items() if won]
        assert (len(results), len(winners)) == (8, 1)
        assert store.kept_one(KIND, "ci").value == {"by": winners[0]}

    def test_after_dropping_it_is_new_again(self, store):
        """Dropping what isn't there is no mistake, before any write neither."""
        store.drop(KIND, "ci")
        store.keep(KIND, "ci", VALUE, at=LATER)
        store.drop(KIND, "ci")
        store.drop(KIND, "ci")

        assert (store.kept(KIND), store.kept_one(KIND, "ci")) == ({}, None)
        assert store.keep(KIND, "ci", VALUE, at=LATER, only_new=True) is True

    def test_kinds_do_not_meet(self, store):
        """The same key under two kinds is two records."""
        store.keep(KIND, "one", {"n": 1}, at=LATER)
        store.keep("answer", "one", {"n": 2}, at=LATER)
        store.drop(KIND, "one")

        assert (store.kept(KIND), store.kept_one("answer", "one").value) == ({}, {"n": 2})

    def test_any_text_is_a_key(self, store):
        """Paths, quotes, control characters, unpaired surrogates, long ones: each is its own, in order."""
        for number, key in enumerate(ODD):
            store.keep(KIND, key, {"n": number}, at=LATER)

        assert list(store.kept(KIND)) == sorted(ODD)
        assert [store.kept_one(KIND, key).value["n"] for key in ODD] == list(range(len(ODD)))

    def test_what_a_caller_does_to_its_value_afterwards_changes_nothing(self, store):
        """The store keeps its own copy."""
        value = {"scopes": ["view"]}
        store.keep(KIND, "ci", value, at=LATER)

        value["scopes"].append("delete")

        assert store.kept_one(KIND, "ci").value == {"scopes": ["view"]}


class TestPruning:
    def test_older_ones_go(self, store):
        """Those kept before the moment, of that kind; the moment itself isn't before."""
        for seconds in (-1, 0, 1):
            store.keep(KIND, f"at {seconds}", {}, at=LATER + timedelta(seconds=seconds))
        store.keep(KIND, "just before", {}, at=LATER - timedelta(microseconds=1))
        store.keep("answer", "other", {}, at=LATER - timedelta(days=1))

        store.prune(KIND, LATER)

        assert list(store.kept(KIND)) == ["at 0", "at 1"]
        assert list(store.kept("answer")) == ["other"]

    def test_pruning_nothing_is_no_mistake(self, store):
        """Before any write neither."""
        store.prune(KIND, LATER)

        assert store.kept(KIND) == {}


class TestApartFromTheState:
    def test_records_are_no_part_of_the_snapshot(self, store):
        """They give no lineage and move neither serial nor sequence, so that a state may still be pushed there."""
        store.keep(KIND, "ci", VALUE, at=LATER)
        store.drop(KIND, "other")
        store.prune(KIND, LATER)
        empty = store.load()
        store.edit([PutResource(SETUP_STATE)])
        before = store.load()
        store.keep(KIND, "ci", {}, at=LATER)
        store.keep(KIND, "new", {}, at=LATER, only_new=True)

        assert (empty, store.load()) == (Snapshot(), before)

    def test_restoring_leaves_them(self, store):
        """What is put in place of the state is the state."""
        store.keep(KIND, "ci", VALUE, at=LATER)
        store.edit([PutResource(SETUP_STATE)])
        store.restore(Snapshot(workspace="acme", lineage="other"), [run()])

        assert (store.load().lineage, list(store.kept(KIND))) == ("other", ["ci"])

    def test_nobody_needs_the_lock(self, store, open_store):
        """Neither others nor the holder itself wait for it, and the holder goes on."""
        other = open_store()
        with store.lock("ci", "apply", 0):
            mine = store.keep(KIND, "mine", {}, at=LATER, only_new=True)
            theirs = other.keep(KIND, "theirs", {}, at=LATER, only_new=True)
            seen = (list(store.kept(KIND)), list(other.kept(KIND)))
            other.drop(KIND, "mine")
            store.edit([PutResource(SETUP_STATE)])

        assert (mine, theirs, seen) == (True, True, (["mine", "theirs"],) * 2)
        assert (list(store.kept(KIND)), store.load().serial) == (["theirs"], 1)

    def test_many_at_once_beside_a_run(self, store, open_store):
        """Everything that returned is there, of the run and of the others."""
        other = open_store()

        def keep(number):
            for index in range(5):
                other.keep(KIND, f"{number}-{index}", {}, at=LATER)

        with store.lock("ci", "apply", 0):
            threads = [threading.Thread(target=keep, args=(number,)) for number in range(4)]
            for each in threads:
                each.start()
            for index in range(10):
                store.edit([PutResource(resource(SETUP, n=index))])
            for each in threads:
                each.join(60)

        assert (len(store.kept(KIND)), store.load().resources[SETUP].attributes["n"]) == (20, 9)
