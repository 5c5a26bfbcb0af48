"""The ways to PostgreSQL that lead nowhere: each with its code, what to do, and without a word of the secret."""

import socket
import sys
import traceback
import uuid
from contextlib import closing

import psycopg
import pytest

from chanplan.app.wiring import open_store
from chanplan.model.configuration import Configuration, PostgresSettings
from chanplan.model.errors import Misused, StateError, StateUnreadable, StateUnwritable
from chanplan.model.snapshots import PutResource
from chanplan.model.values import Secret
from chanplan.stores.postgres import connecting
from tests.conformance.postgres_server import OWNER, VARIABLE, Place, Server, server
from tests.conformance.store_samples import RECEIPTS_STATE, SETUP_STATE

PASSWORD = "hunter2-hunter2"
WAYS = (
    ("reading", StateUnreadable, lambda store: store.load()),
    ("writing", StateUnwritable, lambda store: store.edit([PutResource(SETUP_STATE)])),
    ("locking", StateUnwritable, lambda store: store.lock("ci", "apply", 0).__enter__()),
)


def refused(dsn):
    """Try everything over a connection string; give the one error that comes of all, which tells no secret."""
    seen = {}
    for _, kind, act in WAYS:
        store = Place(dsn=dsn).open()
        with pytest.raises(StateError) as caught:
            act(store)
        store.close()
        error = caught.value
        told = "".join(traceback.format_exception(error)) + error.remedy + repr(error)
        assert PASSWORD not in told
        assert isinstance(error, kind) or error.code in {"wrong_dsn", "state_version", "not_a_state"}
        seen[error.code] = error
    assert len(seen) == 1, seen
    return next(iter(seen.values()))


def over_tcp(**others):
    """The shared server by its port."""
    return server().dsn(**{"host": "127.0.0.1", "password": PASSWORD, **others})


def unused_port():
    """Where nobody listens."""
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def asked():
    """A role that needs a password, and the shared server lets nobody else in as."""
    server().run(f"CREATE ROLE asked LOGIN PASSWORD '{PASSWORD}' CONNECTION LIMIT 2")


class TestConnectionStrings:
    @pytest.mark.parametrize(
        "dsn",
        [
            f"host=localhost {PASSWORD}",
            f"host=localhost passwort={PASSWORD}",
            f"host=localhost password='{PASSWORD}",
            f"postgresql://me:{PASSWORD} x@localhost/state",
            f"mysql://me:{PASSWORD}@localhost/state",
            f"host=localhost password={PASSWORD} sslmode=sometimes",
            f"host=localhost password={PASSWORD} connect_timeout=soon",
        ],
    )
    def test_one_that_is_none(self, dsn):
        """What libpq complains of may be a piece of the password, so that only the form is told."""
        error = refused(dsn)

        assert error.code == "wrong_dsn"
        assert error.remedy.startswith(
            "Set CHANPLAN_DSN to what libpq takes: `postgresql://USER:PASSWORD@HOST:PORT/"
        )

    @pytest.mark.parametrize(
        "secret", [f"x@{PASSWORD}", f"x/{PASSWORD}", f"x@{PASSWORD}/y", f"7/{PASSWORD}@z"]
    )
    def test_a_password_that_is_not_escaped(self, secret):
        """A part of it is taken for the host or the database; neither is repeated."""
        error = refused(f"postgresql://me:{secret}@127.0.0.1:{unused_port()}/state")

        assert (error.code, "are written as %40 and so on" in error.remedy) == ("wrong_dsn", True)

    def test_without_one_the_variables_count(self, monkeypatch):
        """All is left to libpq."""
        for name, value in {"PGHOST": server().folder, "PGPORT": server().port, "PGUSER": OWNER}.items():
            monkeypatch.setenv(name, str(value))
        store = open_store(
            Configuration(f"w-{uuid.uuid4().hex[:8]}", "chanplan.yaml", {}, state=PostgresSettings()), {}
        )
        store.edit([PutResource(SETUP_STATE)])
        store.close()

        assert store.load().serial == 1
        store.close()
        assert str(PostgresSettings()) == "PostgreSQL (as the PG* variables say)"

    def test_what_it_says_itself_holds(self):
        """Also of what chanplan sets otherwise."""
        store = Place().open(
            application_name="ours", connect_timeout=7, keepalives_idle=99, fallback_application_name="x"
        )
        with closing(store._lock._connector.connect()) as connection:
            told = connection.info.get_parameters()

        assert {name: told[name] for name in ("application_name", "connect_timeout", "keepalives_idle")} == {
            "application_name": "ours",
            "connect_timeout": "7",
            "keepalives_idle": "99",
        }

    def test_settings_show_the_name_of_the_variable(self):
        """Neither as text nor as they are printed is there more to see."""
        settings = PostgresSettings(Secret(VARIABLE))

        assert str(settings) == "PostgreSQL (${env:CHANPLAN_DSN})"
        assert repr(settings) == "PostgresSettings(dsn=Secret(variable='CHANPLAN_DSN'))"


class TestOutOfReach:
    def test_a_host_that_nobody_knows(self):
        """It's named."""
        error = refused(over_tcp(host="nowhere.invalid"))

        assert (error.code, "the host 'nowhere.invalid' isn't known" in error.message) == (
            "unknown_host",
            True,
        )

    def test_a_port_where_nobody_listens(self):
        """Also a socket that isn't there."""
        codes = [
            refused(over_tcp(port=unused_port())).code,
            refused(f"host=/nowhere password={PASSWORD}").code,
        ]

        assert codes == ["endpoint_unreachable"] * 2

    @pytest.mark.parametrize(
        "user, password", [("asked", "wrong"), ("asked", ""), ("nobody_of_that_name", PASSWORD)]
    )
    def test_a_login_that_is_refused(self, asked, user, password):
        """The user is named."""
        error = refused(over_tcp(user=user, password=password, sslmode="disable"))

        # The server trusts roles that need no password, and knows of none with the last name.
        assert (error.code, f"refuses the login as '{user}'" in error.message) == (
            "invalid_credentials",
            True,
        )

    def test_a_database_that_is_not_there(self):
        """It's named; chanplan makes none."""
        error = refused(over_tcp(database="nowhere"))

        assert (error.code, "there is no database 'nowhere'" in error.message) == ("no_database", True)

    def test_a_database_that_may_not_be_entered(self, asked):
        """The role lacks CONNECT."""
        name = server().create_database()
        server().run(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")

        assert refused(over_tcp(database=name, user="asked")).code == "access_denied"

    def test_no_connection_left(self, asked):
        """The role is at its limit."""
        dsn = over_tcp(user="asked")
        with closing(psycopg.connect(dsn)), closing(psycopg.connect(dsn)):
            error = refused(dsn)

        assert (error.code, "at its connection limit" in error.message) == ("too_many_connections", True)

    @pytest.mark.parametrize(
        "others",
        [{"sslmode": "require"}, {"database": "tls_only", "sslmode": "disable"}],
        ids=["client", "server"],
    )
    def test_one_side_wants_tls(self, others):
        """Whichever it is: both are told."""
        error = refused(over_tcp(**others))

        assert error.code == "tls_mismatch"
        assert "sslmode=verify-full" in error.remedy

    def test_a_server_that_is_too_old(self, monkeypatch):
        """It lacks settings that keep a lock from outliving its holder."""
        monkeypatch.setattr(connecting, "OLDEST", 990000)
        with pytest.raises(StateUnreadable) as caught:
            Place().open().load()

        assert caught.value.code == "server_too_old"


class TestReadOnly:
    def test_a_role_that_only_reads(self):
        """Reading goes on; what would be written isn't."""
        name, place = f"role_{uuid.uuid4().hex[:8]}", Place()
        store = place.open()
        store.edit([PutResource(SETUP_STATE)])
        server().run(f"CREATE ROLE {name} LOGIN; ALTER ROLE {name} SET default_transaction_read_only = on")
        server().run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
        reader = place.open(user=name)
        with pytest.raises(StateUnwritable) as caught:
            reader.edit([PutResource(RECEIPTS_STATE)])

        assert (caught.value.code, reader.load()) == ("read_only", store.load())
        assert [remark.concern for remark in reader.examine().remarks] == ["state_not_writable"]
        reader.close()
        store.close()

    def test_a_standby(self):
        """A plan reads from it; a run is told to go to the primary."""
        standby = Server()
        place = Place(standby)
        store = place.open()
        store.edit([PutResource(SETUP_STATE)])
        store.close()
        standby.stop()
        (standby.folder / "data" / "standby.signal").touch()
        standby.start()
        with pytest.raises(StateUnwritable) as caught:
            store.edit([PutResource(RECEIPTS_STATE)])

        assert (caught.value.code, store.load().serial) == ("read_only", 1)
        store.close()
        standby.remove()


class TestTables:
    @pytest.mark.parametrize(
        "damage",
        [
            "DROP TABLE chanplan_resource",
            "ALTER TABLE chanplan_state DROP COLUMN serial",
            "DELETE FROM chanplan_schema",
            "ALTER TABLE chanplan_resource RENAME COLUMN document TO other",
            "DROP TABLE chanplan_schema; CREATE TABLE chanplan_schema (whatever text)",
            "DROP TABLE chanplan_schema; CREATE TABLE chanplan_schema (major text, minor text);"
            " INSERT INTO chanplan_schema VALUES ('1', '0')",
        ],
    )
    def test_tables_that_are_not_as_we_make_them(self, damage):
        """Damaged, or of another program: what is wrong is told, and nothing is changed."""
        place = Place(database=server().create_database())
        store = place.open()
        store.edit([PutResource(SETUP_STATE)])
        store.close()
        server().run(damage, database=place.database)
        with pytest.raises(StateUnreadable) as caught:
            store.load()
        store.close()

        assert caught.value.code == "not_a_state"

    @pytest.mark.parametrize("document", ["not JSON", "[]", "{}", '{"address": "use_case.x"}'])
    def test_a_row_that_is_not_as_we_write_it(self, document):
        """It's named."""
        place = Place()
        store = place.open()
        store.edit([PutResource(SETUP_STATE), PutResource(RECEIPTS_STATE)])
        server().run(
            "UPDATE chanplan_resource SET document = %s WHERE state = %s AND address = 'use_case.receipts'",
            document,
            place.workspace,
        )
        with pytest.raises(StateUnreadable) as caught:
            store.load()
        store.close()

        assert "resource use_case.receipts" in caught.value.message

    def test_a_search_path_without_a_schema(self):
        """There's nothing to read, and no place to write to."""
        store = Place().open(options="-c search_path=nowhere")
        empty = store.load()
        with pytest.raises(StateUnwritable) as caught:
            store.edit([PutResource(SETUP_STATE)])
        store.close()

        assert (empty.lineage, caught.value.code) == (None, "no_schema")


def test_without_the_package_it_is_told_how_to_get_it(monkeypatch):
    """The rest of chanplan works without psycopg."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for name in [name for name in sys.modules if name.startswith("chanplan.stores.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(Misused) as caught:
        open_store(Configuration("acme", "chanplan.yaml", {}, state=PostgresSettings(Secret(VARIABLE))), {})

    assert (caught.value.code, caught.value.remedy) == (
        "package_missing",
        "Run `pip install 'chanplan[postgres]'`.",
    )


def test_a_connection_is_set_so_that_neither_end_waits_for_ever():
    """Durable, and with both ends looking after each other."""
    name, place = f"role_{uuid.uuid4().hex[:8]}", Place()
    server().run(f"CREATE ROLE {name} LOGIN; ALTER ROLE {name} SET synchronous_commit = off")
    store = place.open(host="127.0.0.1", user=name)
    with closing(store._lock._connector.connect()) as connection:
        told = dict(
            connection.execute(
                "SELECT name, setting FROM pg_settings WHERE name IN ('synchronous_commit', 'idle_session_timeout',"
                " 'lock_timeout', 'tcp_keepalives_idle')"
            ).fetchall()
        )

    assert told == {
        "synchronous_commit": "on",
        "idle_session_timeout": "0",
        "lock_timeout": "30000",
        "tcp_keepalives_idle": "30",
    }
