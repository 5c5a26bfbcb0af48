"""Records that belong to a workspace and to no resource: single statements that may be repeated, beside the lock.

They leave the state's row as it is: whoever holds the workspace goes on meanwhile.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import LiteralString

from chanplan.model.kept import Kept, by_key, kept_of_text, kept_text, microseconds, name_of
from chanplan.stores.postgres.connecting import Connection
from chanplan.stores.postgres.schema import Version

_INSERT: LiteralString = (
    "WITH workspace AS (INSERT INTO chanplan_state (name) VALUES (%(state)s) ON CONFLICT DO NOTHING)"
    " INSERT INTO chanplan_kept (state, kind, name, written, token, document)"
    " VALUES (%(state)s, %(kind)s, %(name)s, %(written)s, %(token)s, %(document)s) ON CONFLICT (state, kind, name)"
    " DO UPDATE SET written = excluded.written, token = excluded.token, document = excluded.document"
)
# What is there already is ours when the answer to an earlier try was lost.
_ONLY_NEW: LiteralString = _INSERT + " WHERE chanplan_kept.token = excluded.token"
_DROP: LiteralString = (
    "DELETE FROM chanplan_kept WHERE state = %(state)s AND kind = %(kind)s AND name = %(name)s"
)
_PRUNE: LiteralString = (
    "DELETE FROM chanplan_kept WHERE state = %(state)s AND kind = %(kind)s AND written < %(before)s"
)
_ALL: LiteralString = "SELECT name, document FROM chanplan_kept WHERE state = %(state)s AND kind = %(kind)s"
_ONE: LiteralString = _ALL + " AND name = %(name)s"
SINCE = Version(1, 1)
"""The first format that has a table for them."""
_IS_THERE: LiteralString = "SELECT to_regclass('chanplan_kept') IS NOT NULL"

Work = Callable[[Connection], bool]


def keep(state: str, record: Kept, *, only_new: bool) -> Work:
    """Store a record in place of the earlier one, or only where there is none; tells whether it was stored."""
    values = {
        "state": state,
        "kind": record.kind,
        "name": record.name,
        "written": record.microseconds,
        "token": secrets.token_hex(8),
        "document": kept_text(record),
    }
    return lambda connection: bool(connection.execute(_ONLY_NEW if only_new else _INSERT, values).rowcount)


def drop(state: str, kind: str, key: str) -> Work:
    """Forget a record."""
    values = {"state": state, "kind": kind, "name": name_of(key)}
    return lambda connection: bool(connection.execute(_DROP, values).rowcount)


def prune(state: str, kind: str, before: datetime) -> Work:
    """Forget what was kept before a moment."""
    values = {"state": state, "kind": kind, "before": microseconds(before)}
    return lambda connection: bool(connection.execute(_PRUNE, values).rowcount)


def read_kept(connection: Connection, state: str, kind: str) -> Mapping[str, Kept]:
    """Read all records of a kind. Tables that an older chanplan made have none."""
    if connection.execute(_IS_THERE).fetchone() != (True,):
        return {}
    rows = connection.execute(_ALL, {"state": state, "kind": kind}).fetchall()
    return by_key([kept_of_text(document, kind, name) for name, document in rows])


def read_one(connection: Connection, state: str, kind: str, key: str) -> Kept | None:
    """Read a record, or None."""
    if connection.execute(_IS_THERE).fetchone() != (True,):
        return None
    row = connection.execute(_ONE, {"state": state, "kind": kind, "name": name_of(key)}).fetchone()
    return None if row is None else kept_of_text(row[1], kind, row[0])
