"""Records that belong to the workspace and to no resource. Every function runs inside the caller's transaction."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime

from chanplan.model.kept import Kept, by_key, kept_of_text, kept_text, microseconds, name_of

_SINCE = 2
"""The first format that has a table for them."""

_INSERT = "INSERT INTO kept (kind, name, written, document) VALUES (?, ?, ?, ?) ON CONFLICT (kind, name)"
_ONLY_NEW = _INSERT + " DO NOTHING"
_IN_PLACE = _INSERT + " DO UPDATE SET written = excluded.written, document = excluded.document"


def put_kept(connection: sqlite3.Connection, record: Kept, *, only_new: bool) -> bool:
    """Store a record in place of the earlier one, or only where there is none; tell whether it was stored."""
    written = connection.execute(
        _ONLY_NEW if only_new else _IN_PLACE,
        (record.kind, record.name, record.microseconds, kept_text(record)),
    )
    return bool(written.rowcount)


def drop_kept(connection: sqlite3.Connection, kind: str, key: str) -> None:
    """Forget a record."""
    connection.execute("DELETE FROM kept WHERE kind = ? AND name = ?", (kind, name_of(key)))


def drop_older(connection: sqlite3.Connection, kind: str, before: datetime) -> None:
    """Forget what was kept before a moment."""
    connection.execute("DELETE FROM kept WHERE kind = ? AND written < ?", (kind, microseconds(before)))


def read_kept(connection: sqlite3.Connection, kind: str) -> Mapping[str, Kept]:
    """Read all records of a kind. A state that an older chanplan wrote has none."""
    if not _is_there(connection):
        return {}
    rows = connection.execute("SELECT name, document FROM kept WHERE kind = ?", (kind,)).fetchall()
    return by_key([kept_of_text(document, kind, str(name)) for name, document in rows])


def read_one(connection: sqlite3.Connection, kind: str, key: str) -> Kept | None:
    """Read a record, or None."""
    if not _is_there(connection):
        return None
    name = name_of(key)
    row = connection.execute("SELECT document FROM kept WHERE kind = ? AND name = ?", (kind, name)).fetchone()
    return None if row is None else kept_of_text(row[0], kind, name)


def _is_there(connection: sqlite3.Connection) -> bool:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return bool(version >= _SINCE)
