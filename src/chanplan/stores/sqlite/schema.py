"""The tables, by numbered steps forward. A step that was released is never edited; a new one is added."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from chanplan.model.errors import StateUnreadable

APPLICATION_ID = 0x63686E70
"""`chnp`: by it a state is told from other programs' databases."""

MIGRATIONS = ("0001_begin.sql", "0002_keep.sql")


def is_empty(connection: sqlite3.Connection) -> bool:
    """Tell whether a database holds nothing yet: its creator was killed before the first write was done."""
    return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None


def check_ours(connection: sqlite3.Connection, path: Path, latest: int = len(MIGRATIONS)) -> None:
    """Raise `StateUnreadable` when a database that isn't empty is no state, or one of a newer chanplan."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise StateUnreadable(
            f"{path} is a database of another program, not a chanplan state.",
            remedy="Name another file under `state: {path: …}`.",
        )
    version = _version(connection)
    if not 0 < version <= latest:
        raise StateUnreadable(
            f"The state {path} has format {version}; this chanplan reads up to {latest}.",
            remedy="Use the version of chanplan that wrote it, or a newer one.",
            code="state_version",
        )
    # A trigger would write what no chanplan asked for, each time that one writes; a view would be read as a table.
    if connection.execute("SELECT 1 FROM sqlite_master WHERE type IN ('trigger', 'view') LIMIT 1").fetchone():
        raise StateUnreadable(
            f"The state {path} holds a trigger or a view, which no chanplan makes.",
            remedy="Find out who put it there; restore the state from a backup.",
            code="state_edited",
        )


def migration(number: int) -> str:
    """Give the SQL that leads from format `number` - 1 to `number`."""
    return (Path(__file__).parent / "migrations" / MIGRATIONS[number - 1]).read_text(encoding="utf-8")


def migrate(
    connection: sqlite3.Connection,
    path: Path,
    latest: int = len(MIGRATIONS),
    step: Callable[[int], str] = migration,
) -> None:
    """Bring a database to the latest format, each step in one transaction with its number.

    Two processes may do so at once: each looks at the number once it alone may write.
    """
    done = False
    while not done:
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = 0
            if not is_empty(connection):
                check_ours(connection, path, latest)
                version = _version(connection)
            done = version == latest
            if not done:
                for statement in _statements(step(version + 1)):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    assert isinstance(version, int), "SQLite keeps it as an integer"
    return version


def _statements(text: str) -> list[str]:
    statements, rest = [], ""
    for line in text.splitlines(keepends=True):
        rest += line
        if sqlite3.complete_statement(rest):
            statements.append(rest)
            rest = ""
    return statements
