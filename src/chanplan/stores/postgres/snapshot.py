"""Reading rows into a snapshot, within the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import LiteralString

from psycopg.rows import TupleRow

from chanplan.model.encoding import (
    decode_acknowledgement,
    decode_approval,
    decode_intent,
    decode_observation,
    decode_resource,
    decode_run,
)
from chanplan.model.narrowing import from_text, from_texts, shape_of
from chanplan.model.snapshots import Approval, Intent, Moment, Run, Snapshot
from chanplan.ports.memo import Memo
from chanplan.stores.postgres.connecting import Connection
from chanplan.stores.postgres.texts import optional_original, original

_STATE: LiteralString = "SELECT owner, lineage, serial, sequence FROM chanplan_state WHERE name = %(state)s"
_QUERIES: tuple[LiteralString, ...] = (
    _STATE,
    "SELECT address, document FROM chanplan_resource WHERE state = %(state)s ORDER BY address",
    "SELECT address, document FROM chanplan_observation WHERE state = %(state)s ORDER BY address",
    "SELECT id, document, facts FROM chanplan_intent WHERE state = %(state)s ORDER BY position",
    "SELECT digest, approved_at FROM chanplan_approval WHERE state = %(state)s ORDER BY position",
    "SELECT digest, fingerprint, spent FROM chanplan_fingerprint WHERE state = %(state)s",
    "SELECT key, document FROM chanplan_acknowledgement WHERE state = %(state)s ORDER BY position",
)


def read_moment(connection: Connection, name: str) -> Moment:
    """Read which state it is, and how many writes it has seen."""
    row = connection.execute(_STATE, {"state": name}).fetchone()
    if row is None or row[1] is None:
        return Snapshot().moment
    _, lineage, _, sequence = row
    counted = shape_of({"sequence": sequence}, "state")
    return Moment(optional_original(lineage, "state"), counted.whole("sequence"))


def read_snapshot(connection: Connection, name: str, memo: Memo | None = None) -> Snapshot:
    """Read everything of a workspace; what is as the memo knows it isn't decoded again. A row without a lineage is of one that was locked and never written."""
    with connection.pipeline():
        cursors = [connection.execute(query, {"state": name}) for query in _QUERIES]
    states, resources, observations, intents, approvals, fingerprints, spent = (
        cursor.fetchall() for cursor in cursors
    )
    if not states or states[0][1] is None:
        return Snapshot()
    owner, lineage, serial, sequence = states[0]
    counted = shape_of({"serial": serial, "sequence": sequence}, "state")
    memo = memo or Memo()
    known = memo.decoded("resource", _documents(resources), decode_resource)
    seen = memo.decoded("observation of", _documents(observations), decode_observation)
    return Snapshot(
        workspace=optional_original(owner, "state"),
        lineage=optional_original(lineage, "state"),
        serial=counted.whole("serial"),
        resources={resource.address: resource for resource in known},
        intents=tuple(map(_intent, intents)),
        observations={observation.address: observation for observation in seen},
        approvals=_approvals(approvals, fingerprints),
        acknowledgements=tuple(
            decode_acknowledgement(document, where)
            for where, document in from_texts(_documents(spent), "acknowledgement")
        ),
        sequence=counted.whole("sequence"),
    )


def read_runs(connection: Connection, name: str, limit: int) -> Sequence[Run]:
    """Read the latest runs of a workspace, newest first."""
    rows = connection.execute(
        "SELECT id, document FROM chanplan_run WHERE state = %s ORDER BY position DESC LIMIT %s",
        (name, limit),
    ).fetchall()
    return [decode_run(document, where) for where, document in from_texts(_documents(rows), "run")]


def _documents(rows: Iterable[TupleRow]) -> list[tuple[str, object]]:
    return [(str(key), document) for key, document in rows]


def _intent(row: TupleRow) -> Intent:
    key, document, facts = row
    where = f"intent {key}"
    intent = decode_intent(from_text(document, where), where)
    return replace(intent, facts=shape_of(from_text(facts, where), f"facts of {where}").fields)


def _approvals(rows: Sequence[TupleRow], fingerprints: Sequence[TupleRow]) -> tuple[Approval, ...]:
    covered: dict[object, list[str]] = {digest: [] for digest, _ in rows}
    spent: dict[object, list[str]] = {digest: [] for digest, _ in rows}
    for digest, fingerprint, is_spent in fingerprints:
        text = original(fingerprint, "fingerprint")
        covered[digest].append(text)
        if is_spent:
            spent[digest].append(text)
    return tuple(
        decode_approval(
            {
                "digest": original(digest, "approval"),
                "fingerprints": covered[digest],
                "spent": spent[digest],
                "approved_at": str(approved_at),
            },
            f"approval {digest}",
        )
        for digest, approved_at in rows
    )
