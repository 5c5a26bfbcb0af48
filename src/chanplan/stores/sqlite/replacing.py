"""Putting a whole state in place of another, within the caller's transaction."""

import sqlite3
from collections.abc import Sequence

from chanplan.model.encoding import encode_moment, encode_run
from chanplan.model.narrowing import to_text
from chanplan.model.snapshots import Run, Snapshot
from chanplan.stores.sqlite import rows

# Those that others refer to come last.
_TABLES = ("mention", "resource", "intent", "observation", "fingerprint", "approval", "acknowledgement")


def replace_all(connection: sqlite3.Connection, snapshot: Snapshot) -> None:
    """Make everything but the runs what a snapshot says; the sequence goes beyond both."""
    for table in _TABLES:
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the line above
    connection.execute(
        "UPDATE state SET workspace = ?, lineage = coalesce(?, lineage), serial = ?, sequence = max(sequence, ? + 1)",
        (snapshot.workspace, snapshot.lineage, snapshot.serial, snapshot.sequence),
    )
    for resource in snapshot.resources.values():
        rows.put_resource(connection, resource)
    for intent in snapshot.intents:
        rows.open_intent(connection, intent)
    for observation in snapshot.observations.values():
        rows.put_observation(connection, observation)
    for approval in snapshot.approvals:
        added = connection.execute(
            "INSERT INTO approval (digest, approved_at) VALUES (?, ?)",
            (approval.digest, encode_moment(approval.approved_at)),
        )
        rows.put_fingerprints(connection, added.lastrowid, approval)
    for spent in snapshot.acknowledgements:
        rows.put_acknowledgement(connection, spent)


def add_history(connection: sqlite3.Connection, runs: Sequence[Run]) -> None:
    """Add runs, given newest first, as older than those that are known."""
    known = {row[0] for row in connection.execute("SELECT id FROM run")}
    (first,) = connection.execute("SELECT coalesce(min(position), 1) FROM run").fetchone()
    connection.executemany(
        "INSERT INTO run (position, id, document) VALUES (?, ?, ?)",
        (
            (first - 1 - index, run.id, to_text(encode_run(run)))
            for index, run in enumerate(run for run in runs if run.id not in known)
        ),
    )
