"""Putting a whole state in place of another."""

from collections.abc import Sequence
from typing import LiteralString

from chanplan.model.encoding import encode_run
from chanplan.model.narrowing import to_text
from chanplan.model.snapshots import Run, Snapshot
from chanplan.stores.postgres.changes import (
    Change,
    Draft,
    put_acknowledgement,
    put_approval,
    put_intent,
    put_observation,
    put_resource,
)
from chanplan.stores.postgres.texts import plain

_CLEARED: tuple[LiteralString, ...] = (
    "DELETE FROM chanplan_resource WHERE state = %(state)s",
    "DELETE FROM chanplan_intent WHERE state = %(state)s",
    "DELETE FROM chanplan_observation WHERE state = %(state)s",
    "DELETE FROM chanplan_approval WHERE state = %(state)s",
    "DELETE FROM chanplan_acknowledgement WHERE state = %(state)s",
)


def restore(snapshot: Snapshot, runs: Sequence[Run]) -> Change:
    """Make everything but the known runs what a snapshot says; the sequence goes beyond both."""

    def make(draft: Draft) -> None:
        draft.owner = snapshot.workspace
        draft.lineage = snapshot.lineage or draft.lineage
        draft.serial = snapshot.serial
        draft.sequence = max(draft.sequence, snapshot.sequence + 1)
        for statement in _CLEARED:
            draft.add(statement)
        for resource in snapshot.resources.values():
            put_resource(draft, resource)
        for intent in snapshot.intents:
            put_intent(draft, intent)
        for observation in snapshot.observations.values():
            put_observation(draft, observation)
        for approval in snapshot.approvals:
            put_approval(draft, approval)
        for spent in snapshot.acknowledgements:
            put_acknowledgement(draft, spent)
        for run in runs:
            # Newest first, so that each is older than all that are there.
            draft.add(
                "INSERT INTO chanplan_run (state, id, position, document) VALUES (%(state)s, %(id)s, (SELECT"
                " coalesce(min(position), 1) - 1 FROM chanplan_run WHERE state = %(state)s), %(document)s)"
                " ON CONFLICT (state, id) DO NOTHING",
                id=plain(run.id),
                document=to_text(encode_run(run)),
            )

    return Change(make, alone=True)
