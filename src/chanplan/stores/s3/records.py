"""Single changes as a journal holds them, and what each does to what is remembered.

A record is written once it was applied without an error to exactly what stands before it in the journal; so applying
it again, by whoever reads, gives the same.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from chanplan.model.conflicts import intent_closed, intent_open, other_workspace
from chanplan.model.edits import edited
from chanplan.model.encoding import (
    Document,
    decode_acknowledgement,
    decode_approval,
    decode_intent,
    decode_observation,
    decode_resource,
    decode_run,
    encode_acknowledgement,
    encode_approval,
    encode_intent,
    encode_observation,
    encode_resource,
    encode_run,
)
from chanplan.model.errors import StateUnreadable
from chanplan.model.narrowing import Shape, shape_of
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
    Snapshot,
)
from chanplan.model.state_document import decode_snapshot, encode_snapshot
from chanplan.model.values import Facts, Value


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything that is remembered, at one position of the journal."""

    snapshot: Snapshot = field(default_factory=Snapshot)
    runs: Mapping[str, Run] = field(default_factory=dict)
    """By id, oldest first."""
    fence: str | None = None
    """The lock whose holder alone may write."""
    next: str | None = None
    """The generation that follows this journal, once it is closed."""


def begin(intent: Intent) -> Document:
    """Write an intent down."""
    return {"do": "begin", "intent": encode_intent(intent)}


def checkpoint(intent_id: str, facts: Facts) -> Document:
    """Merge facts into an open intent."""
    return {"do": "checkpoint", "intent": intent_id, "facts": facts}


def settle(intent_id: str, edits: Sequence[Edit], spend: Sequence[str]) -> Document:
    """Close an intent and change what is remembered."""
    return {
        "do": "settle",
        "intent": intent_id,
        "edits": [_encode_edit(each) for each in edits],
        "spend": list(spend),
    }


def edit(edits: Sequence[Edit], spend: Sequence[str]) -> Document:
    """Change what is remembered."""
    return {"do": "edit", "edits": [_encode_edit(each) for each in edits], "spend": list(spend)}


def observe(observations: Sequence[Observation]) -> Document:
    """Store what was seen."""
    return {"do": "observe", "observations": [encode_observation(each) for each in observations]}


def approve(approval: Approval) -> Document:
    """Store an approval."""
    return {"do": "approve", "approval": encode_approval(approval)}


def acknowledge(acknowledgement: Acknowledgement) -> Document:
    """Record that an acknowledgement is spent."""
    return {"do": "acknowledge", "acknowledgement": encode_acknowledgement(acknowledgement)}


def restore(snapshot: Snapshot, runs: Sequence[Run]) -> Document:
    """Put a whole state in place of what is there; runs come newest first."""
    return {"do": "restore", "state": encode_snapshot(snapshot), "runs": [encode_run(run) for run in runs]}


def start_run(workspace: str, run: Run) -> Document:
    """Note that a run begins."""
    return {"do": "start_run", "workspace": workspace, "run": encode_run(run)}


def finish_run(run: Run) -> Document:
    """Note how a run ended."""
    return {"do": "finish_run", "run": encode_run(run)}


def fence(token: str) -> Document:
    """Let the holder of a lock alone write from here on."""
    return {"do": "fence", "token": token}


def close(following: str) -> Document:
    """Close the journal: what comes after stands in the next generation."""
    return {"do": "close", "next": following}


def applied(memory: Memory, record: Value, lineage: str, where: str) -> Memory:
    """Give what is remembered after a record; the first write gives the lineage.

    Raises `StateUnwritable` when it can't be done there, and `StateUnreadable` for what is no record.
    """
    shape = shape_of(record, where)
    what = shape.text("do")
    if what == "fence":
        return replace(memory, fence=shape.text("token"))
    if what == "close":
        return replace(memory, next=shape.text("next"))
    change, serial = _CHANGES.get(what, (None, 0))
    if change is None:
        raise StateUnreadable(
            f"{where} tells of a change '{what}' that this chanplan doesn't know.",
            remedy="Use the version of chanplan that wrote it, or a newer one.",
            code="state_version",
        )
    changed = change(memory, shape)
    snapshot = changed.snapshot
    counted = replace(
        snapshot,
        lineage=snapshot.lineage or lineage,
        serial=snapshot.serial + serial,
        sequence=snapshot.sequence + 1,
    )
    return replace(changed, snapshot=counted)


def new_lineage() -> str:
    """Draw a lineage."""
    return str(uuid.uuid4())


def _begun(memory: Memory, shape: Shape) -> Memory:
    intent = decode_intent(shape.fields.get("intent"), f"{shape.where}.intent")
    intents = memory.snapshot.intents
    if any(other.id == intent.id for other in intents):
        raise intent_open(intent.id)
    return _with(memory, replace(memory.snapshot, intents=(*intents, intent)))


def _checkpointed(memory: Memory, shape: Shape) -> Memory:
    old = _open(memory, shape.text("intent"))
    merged = replace(old, facts={**old.facts, **shape.mapping("facts")})
    intents = tuple(merged if each is old else each for each in memory.snapshot.intents)
    return _with(memory, replace(memory.snapshot, intents=intents))


def _settled(memory: Memory, shape: Shape) -> Memory:
    closed = _open(memory, shape.text("intent"))
    intents = tuple(each for each in memory.snapshot.intents if each is not closed)
    return _edited(_with(memory, replace(memory.snapshot, intents=intents)), shape)


def _edited(memory: Memory, shape: Shape) -> Memory:
    edits = [_decode_edit(inner) for inner in shape.inners("edits")]
    snapshot = edited(memory.snapshot, edits) if edits else memory.snapshot
    return _with(memory, replace(snapshot, approvals=_spent(snapshot.approvals, shape.texts("spend"))))


def _observed(memory: Memory, shape: Shape) -> Memory:
    seen = [decode_observation(inner.fields, inner.where) for inner in shape.inners("observations")]
    merged = {**memory.snapshot.observations, **{each.address: each for each in seen}}
    return _with(memory, replace(memory.snapshot, observations=merged))


def _approved(memory: Memory, shape: Shape) -> Memory:
    approval = decode_approval(shape.fields.get("approval"), f"{shape.where}.approval")
    stored = memory.snapshot.approvals
    if any(each.digest == approval.digest for each in stored):
        return memory
    kept = tuple(each for each in stored if each.remaining)
    return _with(memory, replace(memory.snapshot, approvals=(*kept, approval)))


def _acknowledged(memory: Memory, shape: Shape) -> Memory:
    new = decode_acknowledgement(shape.fields.get("acknowledgement"), f"{shape.where}.acknowledgement")
    spent = memory.snapshot.acknowledgements
    if any(
        (each.address, each.action, each.reason) == (new.address, new.action, new.reason) for each in spent
    ):
        return memory
    return _with(memory, replace(memory.snapshot, acknowledgements=(*spent, new)))


def _restored(memory: Memory, shape: Shape) -> Memory:
    stored = decode_snapshot(shape.fields.get("state"), f"{shape.where}.state")
    present = memory.snapshot
    runs = [decode_run(inner.fields, inner.where) for inner in shape.inners("runs")]
    older = {run.id: run for run in reversed(runs) if run.id not in memory.runs}
    lineage, sequence = stored.lineage or present.lineage, max(stored.sequence, present.sequence)
    restored = replace(stored, lineage=lineage, sequence=sequence)
    return replace(memory, snapshot=restored, runs={**older, **memory.runs})


def _run_started(memory: Memory, shape: Shape) -> Memory:
    workspace, owner = shape.text("workspace"), memory.snapshot.workspace
    if owner is not None and owner != workspace:
        raise other_workspace(
            owner, workspace, "Name another `key:` under `state:`, or correct `workspace:`."
        )
    noted = _run_noted(_with(memory, replace(memory.snapshot, workspace=workspace)), shape)
    kept = list(noted.runs.items())[-RUNS_KEPT:]
    return replace(noted, runs=dict(kept))


def _run_noted(memory: Memory, shape: Shape) -> Memory:
    run = decode_run(shape.fields.get("run"), f"{shape.where}.run")
    return replace(memory, runs={**memory.runs, run.id: run})


_CHANGES: Mapping[str, tuple[Callable[[Memory, Shape], Memory], int]] = {
    "begin": (_begun, 1),
    "checkpoint": (_checkpointed, 0),
    "settle": (_settled, 1),
    "edit": (_edited, 1),
    "observe": (_observed, 0),
    "approve": (_approved, 0),
    "acknowledge": (_acknowledged, 1),
    "restore": (_restored, 0),
    "start_run": (_run_started, 0),
    "finish_run": (_run_noted, 0),
}
"""What each sort of record does, and by how much it moves the serial."""


def _with(memory: Memory, snapshot: Snapshot) -> Memory:
    return replace(memory, snapshot=snapshot)


def _open(memory: Memory, intent_id: str) -> Intent:
    for intent in memory.snapshot.intents:
        if intent.id == intent_id:
            return intent
    raise intent_closed(intent_id)


def _spent(approvals: tuple[Approval, ...], fingerprints: Iterable[str]) -> tuple[Approval, ...]:
    used = frozenset(fingerprints)
    if not used:
        return approvals
    return tuple(
        replace(each, spent=each.spent | (each.fingerprints & used)) if each.fingerprints & used else each
        for each in approvals
    )


def _encode_edit(edit: Edit) -> Document:
    match edit:
        case PutResource(resource):
            return {"put": encode_resource(resource)}
        case DropResource(address):
            return {"drop": str(address)}
        case MoveResource(origin, target):
            return {"move": str(origin), "to": str(target)}
        case _:
            assert_never(edit)


def _decode_edit(shape: Shape) -> Edit:
    if "put" in shape.fields:
        return PutResource(decode_resource(shape.fields["put"], f"{shape.where}.put"))
    if "drop" in shape.fields:
        return DropResource(shape.address("drop"))
    return MoveResource(shape.address("move"), shape.address("to"))
