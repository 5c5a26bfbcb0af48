"""Changing rows. Every function runs inside the caller's transaction and touches only the rows it names."""

import sqlite3
import uuid
from collections.abc import Iterable, Sequence
from typing import assert_never

from chanplan.model.addresses import Address
from chanplan.model.conflicts import intent_closed, intent_open, other_workspace
from chanplan.model.edits import address_taken
from chanplan.model.encoding import (
    decode_intent,
    decode_observation,
    decode_resource,
    encode_intent,
    encode_moment,
    encode_observation,
    encode_resource,
    encode_run,
)
from chanplan.model.narrowing import from_text, shape_of, to_text
from chanplan.model.renames import Renames, mentioned
from chanplan.model.resources import ResourceState
from chanplan.model.snapshots import (
    RUNS_KEPT,
    Acknowledgement,
    Approval,
    DropResource,
    Edit,
    Intent,
    MoveResource,
    Observation,
    PutResource,
    Run,
)
from chanplan.model.values import Facts


def count(connection: sqlite3.Connection, *, serial: int) -> None:
    """Count a write, and move the serial by 0 or 1. The first write gives the lineage."""
    counted = connection.execute("UPDATE state SET serial = serial + ?, sequence = sequence + 1", (serial,))
    if not counted.rowcount:
        connection.execute(
            "INSERT INTO state (only, lineage, serial, sequence) VALUES (1, ?, ?, 1)",
            (str(uuid.uuid4()), serial),
        )


def claim(connection: sqlite3.Connection, workspace: str) -> None:
    """Give the state to a workspace. Raises `StateUnreadable` when it is another's."""
    (owner,) = connection.execute("SELECT workspace FROM state").fetchone()
    if owner is not None and owner != workspace:
        raise other_workspace(
            owner, workspace, "Name another file under `state: {path: …}`, or correct `workspace:`."
        )
    if owner is None:
        connection.execute("UPDATE state SET workspace = ?", (workspace,))


def open_intent(connection: sqlite3.Connection, intent: Intent) -> None:
    """Add an intent. Raises `StateUnwritable` when one of its id is open."""
    added = connection.execute(
        "INSERT INTO intent (id, document, facts) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
        (intent.id, to_text(encode_intent(intent)), to_text(intent.facts)),
    )
    if not added.rowcount:
        raise intent_open(intent.id)


def merge_facts(connection: sqlite3.Connection, intent_id: str, facts: Facts) -> None:
    """Merge facts into an open intent, later over earlier. Raises `StateUnwritable` when it isn't open."""
    row = connection.execute("SELECT facts FROM intent WHERE id = ?", (intent_id,)).fetchone()
    if row is None:
        raise intent_closed(intent_id)
    where = f"facts of intent {intent_id}"
    merged = {**shape_of(from_text(row[0], where), where).fields, **facts}
    connection.execute("UPDATE intent SET facts = ? WHERE id = ?", (to_text(merged), intent_id))


def close_intent(connection: sqlite3.Connection, intent_id: str) -> None:
    """Remove an open intent. Raises `StateUnwritable` when it isn't open."""
    if not connection.execute("DELETE FROM intent WHERE id = ?", (intent_id,)).rowcount:
        raise intent_closed(intent_id)


def apply_edits(connection: sqlite3.Connection, edits: Sequence[Edit]) -> None:
    """Change what is remembered, one edit after the other."""
    for edit in edits:
        match edit:
            case PutResource(resource):
                put_resource(connection, resource)
            case DropResource(address):
                connection.execute("DELETE FROM resource WHERE address = ?", (str(address),))
                connection.execute("DELETE FROM observation WHERE address = ?", (str(address),))
            case MoveResource(origin, target):
                if origin != target:
                    _move(connection, origin, target)
            case _:
                assert_never(edit)


def spend(connection: sqlite3.Connection, fingerprints: Iterable[str]) -> None:
    """Use fingerprints up, under every approval that covers them."""
    connection.executemany(
        "UPDATE fingerprint SET spent = 1 WHERE fingerprint = ? AND spent = 0",
        ((fingerprint,) for fingerprint in fingerprints),
    )


def put_observation(connection: sqlite3.Connection, observation: Observation) -> None:
    """Store an observation in place of the earlier one of its address."""
    gate = observation.gate
    connection.execute(
        "INSERT INTO observation (address, gate_on, document) VALUES (?, ?, ?)"
        " ON CONFLICT (address) DO UPDATE SET gate_on = excluded.gate_on, document = excluded.document",
        (
            str(observation.address),
            None if gate is None else str(gate.on),
            to_text(encode_observation(observation)),
        ),
    )


def put_approval(connection: sqlite3.Connection, approval: Approval) -> None:
    """Store an approval, unless there is one of the same digest; drop others under which nothing remains."""
    added = connection.execute(
        "INSERT INTO approval (digest, approved_at) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING",
        (approval.digest, encode_moment(approval.approved_at)),
    )
    if added.rowcount:
        position = added.lastrowid
        used_up = "SELECT position FROM approval WHERE position NOT IN (SELECT approval FROM fingerprint WHERE spent = 0)"
        dropped = [each for (each,) in connection.execute(used_up).fetchall() if each != position]
        connection.executemany("DELETE FROM fingerprint WHERE approval = ?", ((each,) for each in dropped))
        connection.executemany("DELETE FROM approval WHERE position = ?", ((each,) for each in dropped))
        put_fingerprints(connection, position, approval)


def put_fingerprints(connection: sqlite3.Connection, position: int | None, approval: Approval) -> None:
    """Store what an approval covers, under its row."""
    connection.executemany(
        "INSERT INTO fingerprint (approval, fingerprint, spent) VALUES (?, ?, ?)",
        ((position, each, each in approval.spent) for each in sorted(approval.fingerprints)),
    )


def put_acknowledgement(connection: sqlite3.Connection, spent: Acknowledgement) -> None:
    """Record a spent acknowledgement, unless it is recorded."""
    connection.execute(
        "INSERT INTO acknowledgement (address, action, reason, spent_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (address, action, reason) DO NOTHING",
        (str(spent.address), spent.action, spent.reason, encode_moment(spent.spent_at)),
    )


def put_run(connection: sqlite3.Connection, run: Run) -> None:
    """Store a run in place of what was known of it."""
    connection.execute(
        "INSERT INTO run (id, document) VALUES (?, ?)"
        " ON CONFLICT (id) DO UPDATE SET document = excluded.document",
        (run.id, to_text(encode_run(run))),
    )


def drop_old_runs(connection: sqlite3.Connection) -> None:
    """Forget all but the latest runs."""
    connection.execute(
        "DELETE FROM run WHERE position <= (SELECT position FROM run ORDER BY position DESC LIMIT 1 OFFSET ?)",
        (RUNS_KEPT,),
    )


def put_resource(connection: sqlite3.Connection, resource: ResourceState) -> None:
    """Store a resource in place of the earlier one of its address, and which addresses it mentions."""
    address = str(resource.address)
    connection.execute(
        "INSERT INTO resource (address, document) VALUES (?, ?)"
        " ON CONFLICT (address) DO UPDATE SET document = excluded.document",
        (address, to_text(encode_resource(resource))),
    )
    names = mentioned(resource)
    rows = connection.execute("SELECT address FROM mention WHERE resource = ?", (address,))
    known = {row[0] for row in rows}
    connection.executemany(
        "DELETE FROM mention WHERE address = ? AND resource = ?",
        ((each, address) for each in known - names),
    )
    connection.executemany(
        "INSERT INTO mention (address, resource) VALUES (?, ?)",
        ((each, address) for each in names - known),
    )


def _move(connection: sqlite3.Connection, origin: Address, target: Address) -> None:
    old, new = str(origin), str(target)
    if connection.execute("SELECT 1 FROM resource WHERE address = ?", (new,)).fetchone():
        raise address_taken(origin, target)
    touched = connection.execute(
        "SELECT document FROM resource WHERE address = :old"
        " OR address IN (SELECT resource FROM mention WHERE address = :old)",
        {"old": old},
    ).fetchall()
    connection.execute("UPDATE resource SET address = ? WHERE address = ?", (new, old))
    renames = Renames({origin: target})
    for (document,) in touched:
        put_resource(connection, renames.resource(decode_resource(from_text(document, "resource"))))

    connection.execute("DELETE FROM observation WHERE address = ?", (new,))
    seen = connection.execute(
        "SELECT document FROM observation WHERE address = :old OR gate_on = :old", {"old": old}
    ).fetchall()
    connection.execute("UPDATE observation SET address = ? WHERE address = ?", (new, old))
    for (document,) in seen:
        observation = decode_observation(from_text(document, "observation"))
        put_observation(connection, renames.observation(observation))

    # Open intents are as many as run at once: few.
    for position, document in connection.execute("SELECT position, document FROM intent").fetchall():
        intent = decode_intent(from_text(document, "intent"))
        renamed = renames.intent(intent)
        if renamed != intent:
            connection.execute(
                "UPDATE intent SET document = ? WHERE position = ?",
                (to_text(encode_intent(renamed)), position),
            )
