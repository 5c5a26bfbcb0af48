"""Reading rows into a snapshot, within the caller's read transaction."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from chanplan.model.encoding import (
    decode_acknowledgement,
    decode_approval,
    decode_intent,
    decode_observation,
    decode_resource,
    decode_run,
)
from chanplan.model.narrowing import from_text, shape_of
from chanplan.model.snapshots import Acknowledgement, Approval, Intent, Moment, Run, Snapshot
from chanplan.ports.memo import Memo


def read_moment(connection: sqlite3.Connection) -> Moment:
    """Read which state it is, and how many writes it has seen."""
    row = connection.execute("SELECT lineage, sequence FROM state").fetchone()
    if row is None:
        return Snapshot().moment
    state = shape_of(dict(zip(("lineage", "sequence"), row, strict=True)), "state")
    return Moment(state.optional_text("lineage"), state.whole("sequence"))


def read_snapshot(connection: sqlite3.Connection, memo: Memo | None = None) -> Snapshot:
    """Read everything; what is as the memo knows it isn't decoded again."""
    memo = memo or Memo()
    row = connection.execute("SELECT workspace, lineage, serial, sequence FROM state").fetchone()
    if row is None:
        return Snapshot()
    state = shape_of(dict(zip(("workspace", "lineage", "serial", "sequence"), row, strict=True)), "state")
    resources = memo.decoded(
        "resource", _documents(connection, "SELECT address, document FROM resource"), decode_resource
    )
    observations = memo.decoded(
        "observation of",
        _documents(connection, "SELECT address, document FROM observation"),
        decode_observation,
    )
    return Snapshot(
        workspace=state.optional_text("workspace"),
        lineage=state.optional_text("lineage"),
        serial=state.whole("serial"),
        resources={resource.address: resource for resource in resources},
        intents=_intents(connection),
        observations={observation.address: observation for observation in observations},
        approvals=_approvals(connection),
        acknowledgements=_acknowledgements(connection),
        sequence=state.whole("sequence"),
    )


def read_runs(connection: sqlite3.Connection, limit: int) -> Sequence[Run]:
    """Read the latest runs, newest first."""
    rows = connection.execute("SELECT id, document FROM run ORDER BY position DESC LIMIT ?", (limit,))
    return [decode_run(from_text(document, f"run {key}"), f"run {key}") for key, document in rows]


def _documents(connection: sqlite3.Connection, query: str) -> list[tuple[str, object]]:
    return connection.execute(query + " ORDER BY address").fetchall()


def _intents(connection: sqlite3.Connection) -> tuple[Intent, ...]:
    intents = []
    for key, document, facts in connection.execute(
        "SELECT id, document, facts FROM intent ORDER BY position"
    ):
        where = f"intent {key}"
        intent = decode_intent(from_text(document, where), where)
        intents.append(replace(intent, facts=shape_of(from_text(facts, where), f"facts of {where}").fields))
    return tuple(intents)


def _approvals(connection: sqlite3.Connection) -> tuple[Approval, ...]:
    stored = connection.execute(
        "SELECT position, digest, approved_at FROM approval ORDER BY position"
    ).fetchall()
    approvals = []
    for position, digest, approved_at in stored:
        rows = connection.execute(
            "SELECT fingerprint, spent FROM fingerprint WHERE approval = ?", (position,)
        ).fetchall()
        approvals.append(
            decode_approval(
                {
                    "digest": digest,
                    "fingerprints": [fingerprint for fingerprint, _ in rows],
                    "spent": [fingerprint for fingerprint, spent in rows if spent],
                    "approved_at": approved_at,
                },
                f"approval {digest}",
            )
        )
    return tuple(approvals)


def _acknowledgements(connection: sqlite3.Connection) -> tuple[Acknowledgement, ...]:
    rows = connection.execute(
        "SELECT address, action, reason, spent_at FROM acknowledgement ORDER BY position"
    )
    return tuple(
        decode_acknowledgement(dict(zip(("address", "action", "reason", "spent_at"), row, strict=True)))
        for row in rows
    )
