"""The store in PostgreSQL among lost answers, lost locks, other workspaces, other versions of chanplan, and small rights."""

import subprocess
import sys
import threading
import uuid
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from chanplan.model.addresses import Address
from chanplan.model.errors import Locked, Misused, StateUnreadable, StateUnwritable
from chanplan.model.snapshots import DropResource, MoveResource, Observation, PutResource, Snapshot
from chanplan.stores.postgres import schema, writing
from chanplan.stores.postgres.connecting import Connector
from chanplan.stores.postgres.faults import Place as Where
from chanplan.stores.postgres.schema import STEPS, Step, Version, prepare
from tests.conformance.postgres_doors import Door, Outcome, Pool
from tests.conformance.postgres_kills import client_kills, server_kills
from tests.conformance.postgres_server import Place, Server, server
from tests.conformance.store_samples import (
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
from tests.unit.execution.scene import WORKSPACE, Scene, declare, pool

INSIDE = {"options": "-c search_path=chanplan"}
AT_ONCE = (0.0,) * 6
BREAKS = (Outcome.CUT, Outcome.LOST, Outcome.RACED)


@pytest.fixture
def opened():
    """Opens states, and closes them in the end."""
    stores = []

    def remembered(place, *arguments, **others):
        stores.append(place.open(*arguments, **others))
        return stores[-1]

    yield remembered
    for store in stores:
        store.close()


@pytest.fixture
def door():
    """A door to be told what to do."""
    made = Door(server())
    yield made
    made.close()


def through(door, place):
    """The same workspace, by way of a door."""
    return Place(dsn=door.dsn, workspace=place.workspace)


def work(store):
    """One change."""
    store.begin(intent())
    store.checkpoint("intent-1", {"step": 1})
    store.settle("intent-1", [PutResource(RECEIPTS_STATE)], spend="sha256:one")


def stage(snapshot):
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


class TestBrokenConnections:
    def _approved(self, opened):
        place = Place()
        opened(place).approve(approval("sha256:plan", "sha256:one"))
        return place

    @pytest.mark.parametrize("outcome", BREAKS, ids=lambda each: each.name)
    def test_without_a_lock_every_change_is_done_once(self, opened, door, outcome):
        """Whichever exchange breaks off, a new connection tells whether the change was done; if not, it's done then."""
        place = self._approved(opened)
        store = opened(through(door, place))
        store.load()
        door.bursts.clear()
        work(store)
        many = len(door.bursts)

        for broken in range(many):
            place = self._approved(opened)
            store = opened(through(door, place), AT_ONCE)
            door.decide = lambda _number, _burst: Outcome.PASS
            store.load()
            door.bursts.clear()
            door.decide = lambda number, _burst, broken=broken: outcome if number == broken else Outcome.PASS
            work(store)

            after = opened(place).load()
            assert (stage(after), after.sequence) == (3, 4), broken

        assert many >= 6

    @pytest.mark.parametrize("outcome", BREAKS, ids=lambda each: each.name)
    def test_under_the_lock_the_run_ends_and_nothing_is_in_doubt(self, opened, door, outcome):
        """The connection that breaks takes the lock with it: what returned is there, what failed isn't, and the rest is
        refused. Others get the lock at once."""
        codes = set()
        for broken in range(6):
            place = self._approved(opened)
            store = opened(through(door, place), AT_ONCE)
            returned = 0
            door.decide = lambda _number, _burst: Outcome.PASS
            with store.lock("ci", "apply", 0):
                door.bursts.clear()
                door.decide = lambda number, _burst, broken=broken: (
                    outcome if number == broken else Outcome.PASS
                )
                try:
                    store.begin(intent())
                    returned += 1
                    store.checkpoint("intent-1", {"step": 1})
                    returned += 1
                    store.settle("intent-1", [PutResource(RECEIPTS_STATE)], spend="sha256:one")
                    returned += 1
                except StateUnwritable as error:
                    codes.add(error.code)
                with pytest.raises(StateUnwritable) as caught:
                    store.edit([PutResource(SETUP_STATE)])
                with opened(place).lock("next", "apply", 5):
                    found = stage(opened(place).load())
            assert (caught.value.code, found) == ("lock_lost", returned), broken

        assert codes == {"lock_lost"}

    def test_what_cannot_be_told_any_more_is_an_error(self, opened, door, monkeypatch):
        """Others wrote so much since that the token is gone: nobody guesses."""
        monkeypatch.setattr(writing, "TOKENS", 1)
        place = self._approved(opened)
        store, other = opened(through(door, place)), opened(place)
        store.load()
        looked = store._writer._is_done

        def late(attempt):
            other.observe([OBSERVATION])
            return looked(attempt)

        store._writer._is_done = late
        losses = iter([Outcome.LOST])
        door.decide = lambda _number, burst: (
            next(losses, Outcome.PASS) if b"COMMIT\0" in burst else Outcome.PASS
        )
        with pytest.raises(StateUnwritable) as caught:
            store.begin(intent())

        assert (caught.value.code, stage(replace(other.load(), observations={}))) == ("outcome_unknown", 1)

    def test_a_deadlock_is_tried_again(self, opened):
        """Somebody else's transaction that takes rows in another order costs a moment, and no change."""
        place = Place()
        store = opened(place, options="-c deadlock_timeout=50ms")
        store.edit([PutResource(SETUP_STATE)])
        with psycopg.connect(place.dsn) as other:
            other.execute("SELECT FROM chanplan_resource WHERE state = %s FOR UPDATE", (place.workspace,))
            writes = threading.Thread(target=store.edit, args=([PutResource(resource(SETUP, n=2))],))
            writes.start()
            while not other.execute("SELECT FROM pg_locks WHERE NOT granted").fetchall():
                pass
            other.execute("SELECT FROM chanplan_state WHERE name = %s FOR UPDATE", (place.workspace,))
        writes.join()

        assert (store.load().resources[SETUP].attributes, store.load().serial) == ({"n": 2}, 2)

    def test_a_statement_that_fails_takes_the_transaction_with_it(self, opened):
        """Here a trigger of the database's owner objects to one of the changes: it's quoted, and the next write goes on."""
        place = Place(database=server().create_database())
        store = opened(place)
        store.edit([PutResource(SETUP_STATE)])
        server().run(
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not on Fridays'; END $$;"
            " CREATE TRIGGER no BEFORE INSERT ON chanplan_resource FOR EACH ROW"
            " WHEN (new.address = 'use_case.receipts') EXECUTE FUNCTION no()",
            database=place.database,
        )
        with pytest.raises(StateUnwritable) as caught:
            store.edit([DropResource(SETUP), PutResource(RECEIPTS_STATE)])
        store.observe([OBSERVATION])
        between = store.load()

        # Nor does it hurt what shares its transaction.
        refused, addresses = [], [Address("use_case", f"case-{number}") for number in range(8)]

        def put(address):
            try:
                store.edit([PutResource(resource(address))])
            except StateUnwritable as error:
                refused.append((address, error.code))

        with store._writer._turns.turn():
            threads = [threading.Thread(target=put, args=(each,)) for each in (*addresses, RECEIPTS)]
            for thread in threads:
                thread.start()
            while len(store._writer._turns._queue) < len(threads):
                pass
        for thread in threads:
            thread.join()

        assert (caught.value.code, "not on Fridays" in caught.value.message) == ("database_error", True)
        assert (dict(between.resources), between.serial) == ({SETUP: SETUP_STATE}, 1)
        assert refused == [(RECEIPTS, "database_error")]
        assert (set(store.load().resources), store.load().serial) == ({SETUP, *addresses}, 9)

    def test_a_connection_that_an_administrator_ends_is_made_anew(self, opened):
        """Without the lock nothing depends on it."""
        place = Place()
        store = opened(place)
        for state in (SETUP_STATE, RECEIPTS_STATE):
            store.edit([PutResource(state)])
            server().run(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE application_name LIKE 'chanplan%%' AND pid <> pg_backend_pid()"
            )

        assert store.load().serial == 2


class TestLocks:
    def test_a_session_that_is_ended_writes_no_more(self, opened):
        """However it's ended, and although nobody took over; the rest of the process isn't told, and finds out."""
        place = Place()
        zombie = opened(place)
        with zombie.lock("ci@build-7", "apply", 0):
            zombie.begin(intent())
            server().run(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND pid <> pg_backend_pid()"
            )
            free = opened(place).held()
            with pytest.raises(StateUnwritable) as caught:
                zombie.checkpoint("intent-1", {"step": 1})
            still_readable = zombie.load().intents

        assert (free, caught.value.code, still_readable) == (None, "lock_lost", (intent(),))

    def test_a_lock_of_another_role_is_not_broken(self, opened):
        """Who may not end the session is told which it is, and whom to ask; the holder goes on."""
        place, name = Place(), f"role_{uuid.uuid4().hex[:8]}"
        store = opened(place)
        store.edit([PutResource(SETUP_STATE)])
        server().run(f"CREATE ROLE {name} LOGIN")
        server().run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
        stranger = opened(place, user=name)
        with store.lock("ci@build-7", "apply", 0):
            with pytest.raises(Misused) as caught:
                stranger.break_lock(stranger.held().id)
            store.edit([PutResource(RECEIPTS_STATE)])

        assert caught.value.code == "lock_unbreakable"
        assert "ci@build-7 (apply) since 20" in caught.value.message
        assert "SELECT pg_terminate_backend(" in caught.value.remedy

    def test_a_holder_without_a_note_is_waited_for(self, opened):
        """A session that holds the lock and says nothing is told as what it is."""
        place = Place()
        store = opened(place)
        with store.lock("ci", "apply", 0):
            server().run("UPDATE chanplan_state SET lock_note = NULL WHERE name = %s", place.workspace)
            with pytest.raises(Locked) as caught:
                opened(place).lock("me", "apply", 0).__enter__()

        assert caught.value.message.startswith("The workspace is locked by session ")

    def test_asking_again_takes_no_new_connection(self, opened, door):
        """Whoever waits for minutes asks twice a second; a connection that broke meanwhile is made anew."""
        place = Place()
        waiting = opened(Place(dsn=door.dsn, workspace=place.workspace))

        def ask():
            with pytest.raises(Locked):
                waiting.lock("me", "apply", 0).__enter__()
            return len(door._open)

        with opened(place).lock("ci", "apply", 0):
            counts = [ask(), ask()]
            server().run(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE client_addr IS NOT NULL"
            )
            counts.append(ask())

        # Two ends for each.
        assert counts == [2, 2, 4]

    def test_a_pool_of_transactions_is_found_out(self, opened):
        """A lock that was taken through it would be nobody's: none is, and a plan reads on."""
        place, pool = Place(), Pool(server())
        opened(place).edit([PutResource(SETUP_STATE)])
        pooled = opened(Place(dsn=pool.dsn, workspace=place.workspace))
        read = pooled.load()
        with pytest.raises(StateUnwritable) as caught:
            pooled.lock("ci", "apply", 0).__enter__()
        pooled.close()
        pool.close()

        assert (dict(read.resources), caught.value.code) == ({SETUP: SETUP_STATE}, "transaction_pooling")
        assert opened(place).held() is None

    def test_a_lock_s_session_is_looked_at_by_each_write(self, opened):
        """A pool may give the same one for a while."""
        place = Place()
        store = opened(place)
        with store.lock("ci", "apply", 0):
            store._writer._sessions.held.session += 1
            with pytest.raises(StateUnwritable) as caught:
                store.edit([PutResource(SETUP_STATE)])

        assert (caught.value.code, store.load()) == ("transaction_pooling", Snapshot())

    def test_processes_take_turns(self, opened):
        """Under the lock nobody writes in between; tables that all make at the same moment are made once."""
        database = server().create_database()
        place = Place(database=database)
        command = [sys.executable, "-m", "tests.conformance.postgres_victims", place.dsn, place.workspace]
        programs = [
            subprocess.Popen([*command, name, "5"], cwd=Path(__file__).parents[2])
            for name in ("one", "two", "three")
        ]
        codes = [program.wait(60) for program in programs]

        snapshot = opened(place).load()
        totals = sorted(each.attributes["total"] for each in snapshot.resources.values())
        assert (codes, totals, snapshot.serial) == ([0, 0, 0], list(range(15)), 15)


class TestWorkspaces:
    def test_they_do_not_see_each_other(self, opened):
        """The same addresses, intents and digests in two workspaces are two of each, and each has its own history; a rename,
        a drop or a restore in one leaves the other alone."""
        one, other = opened(Place()), opened(Place())
        for store, name in ((one, "acme"), (other, "globex")):
            store.start_run(name, run())
            store.approve(approval("sha256:plan", "sha256:one"))
            store.begin(intent())
            store.edit([PutResource(SETUP_STATE), PutResource(RECEIPTS_STATE)])
            store.observe([OBSERVATION])
        before = other.load()

        one.settle("intent-1", [MoveResource(SETUP, Address("ses_setup", "moved"))], spend="sha256:one")
        one.edit([DropResource(RECEIPTS)])
        one.approve(approval("sha256:later", "sha256:two"))
        one.restore(Snapshot(workspace="acme"))

        assert (other.load(), list(other.runs(9))) == (before, [run()])
        assert (before.workspace, one.load().resources) == ("globex", {})

    def test_they_do_not_lock_each_other(self, opened):
        """Nor do workspaces of one name in two schemas."""
        place = Place()
        server().run("CREATE SCHEMA IF NOT EXISTS second")
        elsewhere = opened(place, options="-c search_path=second")
        with (
            opened(place).lock("ci", "apply", 0),
            opened(Place()).lock("ci", "apply", 0),
            elsewhere.lock("me", "apply", 0),
        ):
            elsewhere.edit([PutResource(SETUP_STATE)])

        assert (opened(place).load(), dict(elsewhere.load().resources)) == (Snapshot(), {SETUP: SETUP_STATE})


class TestText:
    @pytest.mark.parametrize("options", [("ENCODING 'LATIN1'",), ("ENCODING 'SQL_ASCII'",)])
    def test_a_database_of_any_encoding_will_do(self, opened, options):
        """Everything is kept in ASCII."""
        place = Place(database=server().create_database(*options, "LOCALE 'C'", "TEMPLATE template0"))
        store = opened(place)
        odd = resource(SETUP, text="\x00\ud800 \U0001f4e8 grøwth")
        with store.lock("grøwth \U0001f4e8", "apply \x00", 0):
            store.edit([PutResource(odd)])
            store.begin(replace(intent(), id="\x00\ud800"))
            store.approve(approval("sha256:\x00", "\udfff"))
            store.edit([], spend=["\udfff"])
            holder = store.held().holder

        after = store.load()
        assert (holder, after.resources, after.intents[0].id) == (
            "grøwth \U0001f4e8",
            {SETUP: odd},
            "\x00\ud800",
        )
        assert [each.remaining for each in after.approvals] == [frozenset()]


class TestCost:
    def test_a_write_does_not_grow_with_the_state(self, opened, door):
        """The same change is as many bytes and exchanges in a state of three resources and of three hundred."""
        costs = []
        for many in (3, 300):
            place = Place(dsn=door.dsn, workspace=f"w-{uuid.uuid4().hex[:12]}")
            store = opened(place)
            store.edit(
                [PutResource(resource(Address("use_case", f"case-{number:03}"))) for number in range(many)]
            )
            with store.lock("ci", "apply", 0):
                before = door.exchanges, door.received
                store.begin(intent())
                store.settle("intent-1", [PutResource(RECEIPTS_STATE)])
                costs.append((door.exchanges - before[0], door.received - before[1]))

        # Numbers may be a digit longer.
        assert costs[0][0] == costs[1][0] == 4
        assert abs(costs[0][1] - costs[1][1]) <= 16

    def test_threads_share_transactions(self, opened, door):
        """What sixteen threads write at once takes far fewer exchanges than one after the other."""
        store = opened(Place(dsn=door.dsn))
        with store.lock("ci", "apply", 0):
            store.edit([PutResource(SETUP_STATE)])
            before = door.exchanges

            def observe(number):
                for index in range(20):
                    store.observe([Observation(Address("use_case", f"case-{number}-{index}"), T0)])

            threads = [threading.Thread(target=observe, args=(number,)) for number in range(16)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            exchanges = door.exchanges - before

        assert (len(store.load().observations), exchanges < 320) == (320, True), exchanges


class TestMigrations:
    NEXT = Step(
        Version(1, 2), "ALTER TABLE chanplan_run ADD COLUMN note text; UPDATE chanplan_schema SET minor = 2"
    )
    BREAKING = Step(Version(2, 0), "UPDATE chanplan_schema SET major = 2, minor = 0")

    def _connected(self, place):
        store = place.open()
        connector: Connector = store._lock._connector
        return connector.connect(), Where(connector._settings, place.workspace)

    def test_an_older_chanplan_goes_on_after_a_minor_step(self, opened):
        """It reads and writes what it knows; the newer one meets its own work unharmed."""
        place = Place(database=server().create_database())
        older = opened(place)
        older.edit([PutResource(SETUP_STATE)])
        connection, where = self._connected(place)
        with connection:
            steps = (*STEPS, self.NEXT)
            assert prepare(connection, where, steps) == prepare(connection, where, steps) == Version(1, 2)
        older.edit([PutResource(RECEIPTS_STATE)])
        later = opened(place)
        later.finish_run(run())

        assert (later.load().serial, list(older.runs(9)), older.examine().details["format"]) == (
            2,
            [run()],
            "1.2",
        )

    def test_it_is_told_of_a_major_step(self, opened):
        """Neither reads nor writes anything then, and says why."""
        place = Place(database=server().create_database())
        opened(place).edit([PutResource(SETUP_STATE)])
        connection, where = self._connected(place)
        with connection:
            prepare(connection, where, (*STEPS, self.NEXT, self.BREAKING))
        codes = set()
        for act in (lambda store: store.load(), lambda store: store.edit([PutResource(RECEIPTS_STATE)])):
            with pytest.raises(StateUnreadable) as caught:
                act(opened(place))
            codes.add(caught.value.code)
        with pytest.raises(StateUnreadable), opened(place).lock("ci", "apply", 0):
            pass

        assert codes == {"state_version"}
        assert "format 2.0; this chanplan reads up to 1.x" in caught.value.message

    def test_several_programs_make_the_tables_at_once(self, opened):
        """Each step is taken once."""
        place = Place(database=server().create_database())
        connections = [self._connected(place) for _ in range(6)]
        versions = []

        def make(connection, where):
            versions.append(prepare(connection, where, (*STEPS, self.NEXT)))

        threads = [threading.Thread(target=make, args=each) for each in connections]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for connection, _ in connections:
            connection.close()

        assert versions == [Version(1, 2)] * 6

    def test_a_step_that_fails_leaves_nothing(self, opened):
        """All of it or nothing."""
        place = Place(database=server().create_database())
        connection, where = self._connected(place)
        broken = Step(Version(1, 2), "ALTER TABLE chanplan_run ADD COLUMN note text; SELECT 1 / 0")
        with connection:
            with pytest.raises(psycopg.errors.DivisionByZero):
                prepare(connection, where, (*STEPS, broken))

            assert schema.find(connection, where) is None

    def test_tables_lie_where_the_search_path_begins(self, opened):
        """And are found there by whoever names the schema; without it nothing is there."""
        place = Place(database=server().create_database())
        server().run("CREATE SCHEMA teams", database=place.database)
        inside = opened(place, options="-c search_path=teams")
        inside.edit([PutResource(SETUP_STATE)])
        found = server().run(
            "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename LIKE 'chanplan%%'",
            database=place.database,
        )

        assert (found, opened(place).load()) == ([("teams",)], Snapshot())
        assert dict(opened(place, options="-c search_path=other,teams").load().resources) == {
            SETUP: SETUP_STATE
        }


class TestRights:
    """What docs/state.md says that a role needs, and nothing else."""

    @pytest.fixture
    def prepared(self, opened):
        """A database that its owner has prepared, and a role with nothing but what the manual grants."""
        place, name = Place(database=server().create_database()), f"role_{uuid.uuid4().hex[:8]}"
        manual = (Path(__file__).parents[2] / "docs" / "state.md").read_text()
        grants = manual.partition("<!-- grants -->\n```sql\n")[2].partition("```")[0]
        server().run(f"CREATE ROLE {name} LOGIN")
        server().run(f"REVOKE ALL ON DATABASE {place.database} FROM PUBLIC")
        script = " ".join(step.sql for step in STEPS)
        server().run(
            f"REVOKE ALL ON SCHEMA public FROM PUBLIC; CREATE SCHEMA chanplan; SET search_path = chanplan; {script}",
            database=place.database,
        )
        for statement in filter(
            str.strip,
            grants.replace("DATABASE state", f"DATABASE {place.database}")
            .replace("chanplan_runner", name)
            .split(";"),
        ):
            server().run(statement, database=place.database)
        return place, name

    def test_the_granted_rights_are_enough(self, prepared, opened):
        """For everything that the port has."""
        place, name = prepared
        store = opened(place, user=name, **INSIDE)
        with store.lock("ci", "apply", 0):
            store.start_run("acme", run())
            store.approve(approval("sha256:plan", "sha256:one"))
            work(store)
            store.edit([MoveResource(RECEIPTS, Address("use_case", "moved"))])
            store.restore(store.load(), [run("older")])
            store.keep("note", "one", {}, at=T0)
            store.keep("note", "two", {}, at=T0, only_new=True)
            store.prune("note", T0)
            store.drop("note", "two")
            held = store.held()
        with store.lock("ci", "apply", 0):
            other = opened(place, user=name, **INSIDE)
            other.break_lock(other.held().id)

        assert (held.holder, len(store.runs(9)), store.held()) == ("ci", 2, None)
        assert list(store.kept("note")) == ["one"]
        assert store.examine().remarks == ()

    def test_a_reader_may_plan_and_no_more(self, prepared, opened):
        """SELECT alone is enough to read; what it may not write it's told."""
        place, name = prepared
        server().run(
            f"REVOKE INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA chanplan FROM {name}",
            database=place.database,
        )
        store = opened(place, user=name, **INSIDE)
        before, held = store.load(), store.held()
        codes = set()
        for act in (
            lambda: store.edit([PutResource(SETUP_STATE)]),
            lambda: store.lock("ci", "apply", 0).__enter__(),
        ):
            with pytest.raises(StateUnwritable) as caught:
                act()
            codes.add(caught.value.code)

        assert (before, held, codes) == (Snapshot(), None, {"access_denied"})
        assert [remark.concern for remark in store.examine().remarks] == ["state_not_writable"]

    def test_a_schema_that_may_not_be_used_is_not_an_empty_state(self, prepared, opened):
        """PostgreSQL itself passes over it in silence."""
        place, name = prepared
        server().run(f"REVOKE USAGE ON SCHEMA chanplan FROM {name}", database=place.database)
        store = opened(place, user=name, **INSIDE)
        with pytest.raises(StateUnreadable) as caught:
            store.load()

        assert (caught.value.code, "the schema chanplan" in caught.value.message) == ("access_denied", True)

    def test_tables_that_may_not_be_made(self, opened):
        """A role without CREATE, where nobody has prepared anything."""
        place, name = Place(database=server().create_database()), f"role_{uuid.uuid4().hex[:8]}"
        server().run(f"CREATE ROLE {name} LOGIN")
        store = opened(place, user=name)
        empty = store.load()
        with pytest.raises(StateUnwritable) as caught:
            store.edit([PutResource(SETUP_STATE)])

        assert (empty, caught.value.code) == (Snapshot(), "access_denied")


class TestKilled:
    """A few of the rounds that `script/postgres-kills` plays."""

    def test_the_program(self):
        """Killed in the middle of an exchange, each time at another: the next run finds everything."""
        report = client_kills(5, seed=3)

        assert (report.wrong, report.rounds, report.struck) == ([], 5, 5)

    def test_the_server(self):
        """Killed with all its processes during an apply, and started again: nothing that had returned is lost, and what
        couldn't be written comes back."""
        report = server_kills(4, seed=3)

        assert (report.wrong, report.rounds, report.struck) == ([], 4, 4)

    @pytest.mark.parametrize("back", [True, False], ids=["restarted at once", "down until the run is over"])
    def test_what_was_done_while_the_server_died_comes_back(self, tmp_path, back):
        """It dies during a call to the service: the outcome goes to the recovery file, and the next run writes it down."""
        own = Server()
        place = Place(own, workspace=WORKSPACE)
        scene = Scene(place.open(()), folder=tmp_path, parallelism=1)
        call = scene.world.call

        def struck(operation, name, act):
            answer = call(operation, name, act)
            if operation.startswith("create"):
                scene.world.call = call
                own.kill()
                if back:
                    own.start()
            return answer

        scene.world.call = struck
        with pytest.raises(StateUnwritable):
            scene.apply(declare(pool()))
        written = [path.name for path in tmp_path.iterdir()]
        if not back:
            own.start()
        left = [each.address for each in scene.store.load().intents]
        result = scene.apply(declare(pool()))
        ids = {each.id for each in scene.resources.values()}
        scene.store.close()
        own.remove()

        assert (len(written), left, result.word) == (1, [pool().address], "done")
        assert (set(scene.marked().values()), len(ids)) == (ids, 1)
        assert [path.suffix for path in tmp_path.iterdir()] == [".applied"]
