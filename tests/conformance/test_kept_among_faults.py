"""Records of a workspace among lost answers, states of an older chanplan, small rights and large numbers."""

import sqlite3
import uuid
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chanplan.model.errors import StateUnreadable, StateUnwritable
from chanplan.model.snapshots import PutResource, Snapshot
from chanplan.stores.postgres.schema import STEPS
from chanplan.stores.sqlite.store import SqliteStore
from tests.conformance.postgres_doors import Door as PostgresDoor
from tests.conformance.postgres_doors import Outcome
from tests.conformance.postgres_server import Place, server
from tests.conformance.s3_doors import CREDENTIALS, LOST, PASS, Away, door
from tests.conformance.store_samples import (
    ACKNOWLEDGEMENT,
    OBSERVATION,
    RECEIPTS,
    RECEIPTS_STATE,
    SETUP,
    SETUP_STATE,
    approval,
    intent,
    run,
)

KIND = "api-key"
LATER = datetime(2100, 1, 1, tzinfo=UTC)
OLD = Path(__file__).parent / "states" / "sqlite-format-1.sql"
FIRST_STEP = f"CREATE SCHEMA chanplan; SET search_path = chanplan; {STEPS[0].sql}"
INSIDE = {"options": "-c search_path=chanplan"}


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    """What a bucket asks for."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


class TestSqlite:
    @pytest.fixture
    def old(self, tmp_path):
        """A state that a chanplan wrote which knew nothing of records."""
        path = tmp_path / "chanplan.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(OLD.read_text())
        return path

    def test_an_older_state_is_read_as_it_is(self, old):
        """It has no records, and looking for them changes nothing in it."""
        store = SqliteStore(old)
        before = old.read_bytes()

        assert (store.kept(KIND), store.kept_one(KIND, "ci"), store.examine().details["format"]) == (
            {},
            None,
            "1",
        )
        assert old.read_bytes() == before

    def test_an_older_state_is_brought_forward_by_the_first_record(self, old):
        """Everything that it held is there afterwards."""
        store = SqliteStore(old)
        before = store.load()
        store.keep(KIND, "ci", {"n": 1}, at=LATER)
        store.close()

        assert (store.load(), list(store.runs(9)), list(store.kept(KIND))) == (before, [run()], ["ci"])
        assert before == Snapshot(
            workspace="acme",
            lineage=before.lineage,
            serial=3,
            resources={SETUP: SETUP_STATE, RECEIPTS: RECEIPTS_STATE},
            # What later versions note of an intent, that one didn't.
            intents=(replace(intent(facts={"arn": "a"}), tier_move=None, switch=None),),
            observations={RECEIPTS: OBSERVATION},
            approvals=(approval("sha256:plan", "sha256:one", "sha256:two"),),
            acknowledgements=(ACKNOWLEDGEMENT,),
            sequence=6,
        )
        assert store.examine().details["format"] == "2"

    def test_a_record_that_was_damaged_is_told_of(self, tmp_path):
        """And not taken for none: a key that can't be read is no key that nobody made."""
        path = tmp_path / "chanplan.db"
        store = SqliteStore(path)
        store.keep(KIND, "ci", {"n": 1}, at=LATER)
        store.close()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE kept SET document = '{'")
            connection.commit()

        for read in (lambda: store.kept(KIND), lambda: store.kept_one(KIND, "ci")):
            with pytest.raises(StateUnreadable, match=KIND):
                read()

    def test_a_record_costs_the_same_among_many(self, tmp_path):
        """Pages written for one record don't grow with the records or the state."""
        written = {}
        for many in (10, 3_000):
            path = tmp_path / f"{many}.db"
            store = SqliteStore(path)
            with closing(sqlite3.connect(path)) as connection:
                store.keep(KIND, "first", {}, at=LATER)
                connection.executemany(
                    "INSERT INTO kept SELECT kind, ?, written, document FROM kept LIMIT 1",
                    ((f"{number:064}",) for number in range(many)),
                )
                connection.commit()
            store.close()
            store.keep(KIND, "one", {"text": "x" * 500}, at=LATER, only_new=True)
            written[many] = path.with_name(path.name + "-wal").stat().st_size
            store.close()

        assert written[3_000] <= 2 * written[10]


class TestPostgres:
    @pytest.fixture
    def opened(self):
        """Opens states, and closes them in the end."""
        stores = []

        def remembered(place, *arguments, **others):
            stores.append(place.open(*arguments, **others))
            return stores[-1]

        yield remembered
        for store in stores:
            store.close()

    @pytest.fixture
    def old(self):
        """A database with the tables of a chanplan that knew nothing of records, and a role that may use them."""
        place, name = Place(database=server().create_database()), f"role_{uuid.uuid4().hex[:8]}"
        server().run(FIRST_STEP, database=place.database)
        server().run(
            f"CREATE ROLE {name} LOGIN; GRANT USAGE ON SCHEMA chanplan TO {name};"
            f" GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA chanplan TO {name};"
            f" REVOKE INSERT, UPDATE, DELETE ON chanplan.chanplan_schema FROM {name}",
            database=place.database,
        )
        return place, name

    def test_older_tables_are_brought_forward(self, old, opened):
        """By whoever may; everything that they held is there afterwards, and reading alone changes nothing."""
        place, name = old
        opened(place, user=name, **INSIDE).edit([PutResource(SETUP_STATE)])
        store = opened(place, **INSIDE)
        before = (
            store.load(),
            store.kept(KIND),
            store.kept_one(KIND, "ci"),
            store.examine().details["format"],
        )
        store.keep(KIND, "ci", {"n": 1}, at=LATER)

        assert before == (store.load(), {}, None, "1.0")
        assert (list(store.kept(KIND)), store.examine().details["format"]) == (["ci"], "1.1")

    def test_a_role_that_may_not_change_tables_goes_on_without_records(self, old, opened):
        """It reads, writes and locks what it knows, and is told what records need."""
        place, name = old
        store = opened(place, user=name, **INSIDE)
        with store.lock("ci", "apply", 0):
            store.edit([PutResource(SETUP_STATE)])
        store.edit([PutResource(RECEIPTS_STATE)])
        codes = set()
        for write in (
            lambda: store.keep(KIND, "ci", {}, at=LATER),
            lambda: store.drop(KIND, "ci"),
            lambda: store.prune(KIND, LATER),
        ):
            with pytest.raises(StateUnwritable) as caught:
                write()
            codes.add(caught.value.code)

        assert (codes, store.kept(KIND), store.load().serial) == ({"step_missing"}, {}, 2)
        assert "format 1.0, this needs 1.1" in caught.value.message

    @pytest.mark.parametrize("outcome", [Outcome.CUT, Outcome.LOST, Outcome.RACED])
    @pytest.mark.parametrize("only_new", [True, False])
    def test_whatever_answer_is_lost_it_is_written_once(self, opened, outcome, only_new):
        """The connection breaks at the statement: it is told that it was written, and it was; whoever comes then isn't new."""
        gate, place = PostgresDoor(server()), Place()
        try:
            store = opened(Place(dsn=gate.dsn, workspace=place.workspace))
            store.keep(KIND, "other", {}, at=LATER)
            broken = []

            def decide(number, burst):
                if not broken and b"INSERT INTO chanplan_kept" in burst:
                    broken.append(number)
                    return outcome
                return Outcome.PASS

            gate.decide = decide
            written = store.keep(KIND, "ci", {"n": 1}, at=LATER, only_new=only_new)
            again = store.keep(KIND, "ci", {"n": 2}, at=LATER, only_new=True)
        finally:
            gate.close()

        assert (len(broken), written, again) == (1, True, False)
        assert opened(place).kept_one(KIND, "ci").value == {"n": 1}

    def test_workspaces_do_not_see_each_others(self, opened):
        """Each row stands under its workspace, and goes with it."""
        place = Place()
        one, other = opened(place), opened(Place(database=place.database))
        one.keep(KIND, "ci", {"n": 1}, at=LATER)
        other.keep(KIND, "ci", {"n": 2}, at=LATER, only_new=True)
        other.prune(KIND, LATER + timedelta(days=1))
        seen = (one.kept_one(KIND, "ci").value, other.kept(KIND))
        server().run(f"DELETE FROM chanplan_state WHERE name = '{place.workspace}'", database=place.database)

        assert (seen, one.kept(KIND)) == (({"n": 1}, {}), {})


class TestS3:
    @pytest.fixture
    def gate(self):
        """A door to be told what to do."""
        with door() as made:
            yield made

    @pytest.mark.parametrize("only_new", [True, False])
    def test_whatever_answer_is_lost_it_is_written_once(self, gate, only_new):
        """Asked again, and known again by what was drawn for it."""
        store = Away(gate).open()
        store.keep(KIND, "other", {}, at=LATER)
        lost = [len(gate.seen)]
        gate.decide = lambda request: LOST if request.number in lost else PASS
        written = store.keep(KIND, "ci", {"n": 1}, at=LATER, only_new=only_new)

        assert (written, store.keep(KIND, "ci", {"n": 2}, at=LATER, only_new=True)) == (True, False)
        assert store.kept_one(KIND, "ci").value == {"n": 1}

    def test_looking_again_reads_what_changed(self, gate):
        """A list, and each object that is new or another: a server that looks every few seconds costs little."""
        away = Away(gate)
        store, other = away.open(), away.open()
        for number in range(5):
            other.keep(KIND, f"key-{number}", {"n": number}, at=LATER)
        store.kept(KIND)
        other.keep(KIND, "key-3", {"n": 33}, at=LATER)
        other.drop(KIND, "key-4")
        before = len(gate.seen)
        now = store.kept(KIND)

        assert [each.method for each in gate.seen[before:]] == ["GET", "GET"]
        assert [each.value["n"] for each in now.values()] == [0, 1, 2, 33]

    def test_pruning_reads_nothing_that_is_new(self, gate):
        """By the bucket's own clock: what was written since can't have been kept before."""
        store = Away(gate).open()
        for number in range(5):
            store.keep(KIND, f"key-{number}", {}, at=datetime.now(UTC))
        before = len(gate.seen)
        store.prune(KIND, datetime.now(UTC) - timedelta(days=1))

        assert len(gate.seen) - before == 1

    def test_names_of_objects_are_hashes(self, gate):
        """No text from outside gets into one."""
        store = Away(gate).open()
        store.keep(KIND, "../../evil?acl", {}, at=LATER)

        assert all("evil" not in each.path and ".." not in each.path for each in gate.seen)

    def test_an_object_that_was_copied_is_no_record(self, gate):
        """What stands under another name isn't ours."""
        away = Away(gate)
        store = away.open()
        store.keep(KIND, "ci", {}, at=LATER)
        stored = store._bucket.get(store._bucket.keys(store._place.kept(KIND), "")[0])
        store._bucket.put(store._place.kept(KIND) + "0" * 64, stored.body)

        with pytest.raises(StateUnreadable) as caught:
            store.kept(KIND)
        assert caught.value.code == "state_edited"

    @pytest.mark.parametrize(
        "body, code",
        [(b"\xff", "state_unreadable"), (b"{}", "state_unreadable"), (b'{"format": 2}', "state_version")],
    )
    def test_what_is_no_record_is_told_of(self, gate, body, code):
        """Other bytes, other documents, those of a later chanplan."""
        store = Away(gate).open()
        store._bucket.put(store._place.kept(KIND) + "0" * 64, body)

        with pytest.raises(StateUnreadable) as caught:
            store.kept(KIND)
        assert caught.value.code == code
