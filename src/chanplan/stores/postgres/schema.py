"""The tables, by steps forward. A step that was released is never edited; a new one is added.

A step raises the minor version when a chanplan that doesn't know it can go on reading and writing, and else the major one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chanplan.stores.postgres.connecting import Connection
from chanplan.stores.postgres.faults import Place, newer_format, no_rights, no_schema, not_ours

_MIGRATING = 0x63686E7000000000
"""`chnp`: the advisory lock under which tables are made and changed."""


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """What the tables are like."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


@dataclass(frozen=True, slots=True)
class Step:
    """A step forward: SQL that ends with writing its version down."""

    version: Version
    sql: str


def _step(major: int, minor: int, name: str) -> Step:
    return Step(
        Version(major, minor), (Path(__file__).parent / "migrations" / name).read_text(encoding="utf-8")
    )


STEPS = (_step(1, 0, "0001_begin.sql"), _step(1, 1, "0002_keep.sql"))


def find(connection: Connection, place: Place, steps: Sequence[Step] = STEPS) -> Version | None:
    """Look for the tables along the search path, and keep the session to the schema that has them.

    Gives None where there are none yet. Raises `StateUnreadable` for those of a newer chanplan or of somebody else.
    """
    row = connection.execute(
        "SELECT nspname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
        " WHERE pg_class.oid = to_regclass('chanplan_schema')"
    ).fetchone()
    if row is None:
        _check_not_hidden(connection, place)
        return None
    # Temporary tables last, or else they would come first.
    connection.execute("SELECT set_config('search_path', quote_ident(%s) || ', pg_temp', false)", row)
    rows = connection.execute("SELECT major, minor FROM chanplan_schema").fetchall()
    if len(rows) != 1 or not all(isinstance(number, int) for number in rows[0]):
        raise not_ours(place, "the table chanplan_schema doesn't hold one version")
    found, latest = Version(*rows[0]), steps[-1].version
    if found.major > latest.major:
        raise newer_format(place, str(found), f"{latest.major}.x")
    return found


def prepare(connection: Connection, place: Place, steps: Sequence[Step] = STEPS) -> Version:
    """Make or change the tables where they aren't up to date, and give what they are like then. Several programs may do so
    at once. A role that may not change tables leaves them as they are, if they lack only minor steps.

    Raises `StateUnreadable`, `StateUnwritable` where there is no schema for them, and psycopg's errors.
    """
    found = find(connection, place, steps)
    if found is not None and found >= steps[-1].version:
        return found
    if found is not None and found.major == steps[-1].version.major and not _may_change(connection):
        return found
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATING,))
        found = find(connection, place, steps)
        if found is None and connection.execute("SELECT current_schema()").fetchone() == (None,):
            raise no_schema(place)
        for step in steps:
            if found is None or found < step.version:
                connection.execute(step.sql.encode())
    found = find(connection, place, steps)
    assert found is not None, "the first step makes the tables"
    return found


def _may_change(connection: Connection) -> bool:
    """Tell whether this role may make a step: all of them write their version down."""
    return connection.execute(
        "SELECT has_table_privilege('chanplan_schema', 'UPDATE') AND has_schema_privilege(current_schema(), 'CREATE')"
    ).fetchone() == (True,)


def _check_not_hidden(connection: Connection, place: Place) -> None:
    """Tell tables that this role may not see from tables that aren't there: the state would look empty."""
    rows = connection.execute(
        "SELECT nspname, session_user, current_setting('search_path') FROM pg_class JOIN pg_namespace"
        " ON pg_namespace.oid = relnamespace WHERE relname = 'chanplan_schema'"
        " AND NOT has_schema_privilege(pg_namespace.oid, 'USAGE')"
    ).fetchall()
    for schema, role, path in rows:
        named = [each.strip().strip('"') for each in path.split(",")]
        if schema in [role if each == "$user" else each for each in named]:
            raise no_rights(place, f"the schema {schema}")
