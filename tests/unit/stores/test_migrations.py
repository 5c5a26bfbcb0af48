"""Formats of the SQLite state lead forward, step by step."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chanplan.model.errors import StateUnreadable
from chanplan.stores.sqlite import schema

STEPS = {
    1: "CREATE TABLE one (a TEXT);\nINSERT INTO one\nVALUES ('a;b');\n",
    2: "-- a comment; with a semicolon\nALTER TABLE one ADD COLUMN b TEXT;\nUPDATE one SET b = 'new';\n",
}
PATH = Path("chanplan.db")


@pytest.fixture
def connection():
    """A database without any table."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        yield opened


def test_a_state_of_an_older_format_is_brought_forward(connection):
    """Each step runs once, in order, and keeps what was stored before."""
    schema.migrate(connection, PATH, 1, STEPS.__getitem__)
    first = connection.execute("SELECT * FROM one").fetchall()
    for _ in range(2):
        schema.migrate(connection, PATH, 2, STEPS.__getitem__)

    assert (first, connection.execute("SELECT * FROM one").fetchall()) == ([("a;b",)], [("a;b", "new")])
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)


def test_a_step_that_fails_leaves_the_format_before_it(connection):
    """Nothing of a broken step stays; the steps before it do."""
    steps = {1: STEPS[1], 2: "CREATE TABLE two (b TEXT);\nINSERT INTO missing VALUES (1);\n"}

    with pytest.raises(sqlite3.OperationalError):
        schema.migrate(connection, PATH, 2, steps.__getitem__)

    tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    assert (tables, connection.execute("PRAGMA user_version").fetchone()) == ([("one",)], (1,))


def test_a_newer_format_is_never_touched(connection):
    """There is no way back; the message says which version is needed."""
    schema.migrate(connection, PATH, 2, STEPS.__getitem__)

    with pytest.raises(StateUnreadable) as caught:
        schema.migrate(connection, PATH, 1, STEPS.__getitem__)

    assert caught.value.message == "The state chanplan.db has format 2; this chanplan reads up to 1."
    assert caught.value.code == "state_version"


def test_the_steps_are_the_files():
    """Every file of migrations is a step, numbered without a gap."""
    folder = Path(schema.__file__).parent / "migrations"

    assert tuple(sorted(each.name for each in folder.iterdir())) == schema.MIGRATIONS
    assert [int(name[:4]) for name in schema.MIGRATIONS] == [*range(1, len(schema.MIGRATIONS) + 1)]
