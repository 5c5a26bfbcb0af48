"""A whole state as one JSON document: what `state pull` prints, `state push` takes and a recovery file holds.

Minor versions add keys; an unknown major version is refused.
"""

import re
from dataclasses import dataclass

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
from chanplan.model.narrowing import Shape, from_text, shape_of
from chanplan.model.snapshots import Run, Snapshot
from chanplan.model.values import Value

FORMAT_VERSION = "1.0"

_MAJOR = FORMAT_VERSION.partition(".")[0]
_VERSION = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})", re.ASCII)


def encode_snapshot(snapshot: Snapshot) -> Document:
    """Write a state, sorted by address, so that equal states give equal documents."""
    return {
        "format_version": FORMAT_VERSION,
        "workspace": snapshot.workspace,
        "lineage": snapshot.lineage,
        "serial": snapshot.serial,
        "sequence": snapshot.sequence,
        "resources": [encode_resource(snapshot.resources[key]) for key in sorted(snapshot.resources)],
        "intents": [encode_intent(intent) for intent in snapshot.intents],
        "observations": [
            encode_observation(snapshot.observations[key]) for key in sorted(snapshot.observations)
        ],
        "approvals": [encode_approval(approval) for approval in snapshot.approvals],
        "acknowledgements": [encode_acknowledgement(spent) for spent in snapshot.acknowledgements],
    }


@dataclass(frozen=True, slots=True)
class WholeState:
    """A state with its history: what moves from one store to another."""

    snapshot: Snapshot
    runs: tuple[Run, ...] = ()
    """Newest first."""


def encode_whole(state: WholeState) -> Document:
    """Write a state with its history."""
    return {**encode_snapshot(state.snapshot), "runs": [encode_run(run) for run in state.runs]}


def read_whole(text: str, where: str = "state") -> WholeState:
    """Read a state with its history from JSON text, to be stored: what a newer minor version added would be lost.

    Raises `StateUnreadable` for any other text, and for a newer version.
    """
    document = from_text(text, where)
    shape = shape_of(document, where)
    _check_version(shape)
    version = shape.text("format_version")
    if int(version.partition(".")[2]) > int(FORMAT_VERSION.partition(".")[2]):
        raise StateUnreadable(
            f"{where} has format version {version}; this chanplan would lose what is newer than {FORMAT_VERSION}.",
            remedy="Use the version of chanplan that wrote it, or a newer one.",
            code="state_version",
        )
    snapshot = decode_snapshot(document, where)
    return WholeState(
        snapshot, tuple(decode_run(inner.fields, inner.where) for inner in shape.inners("runs"))
    )


def decode_snapshot(document: Value, where: str = "state") -> Snapshot:
    """Read a state. Raises `StateUnreadable` for any other JSON, and for a version that isn't known."""
    shape = shape_of(document, where)
    _check_version(shape)
    resources = tuple(decode_resource(inner.fields, inner.where) for inner in shape.inners("resources"))
    observations = tuple(
        decode_observation(inner.fields, inner.where) for inner in shape.inners("observations")
    )
    snapshot = Snapshot(
        workspace=shape.optional_text("workspace"),
        lineage=shape.optional_text("lineage"),
        serial=shape.whole("serial"),
        resources={resource.address: resource for resource in resources},
        intents=tuple(decode_intent(inner.fields, inner.where) for inner in shape.inners("intents")),
        observations={observation.address: observation for observation in observations},
        approvals=tuple(decode_approval(inner.fields, inner.where) for inner in shape.inners("approvals")),
        acknowledgements=tuple(
            decode_acknowledgement(inner.fields, inner.where) for inner in shape.inners("acknowledgements")
        ),
        sequence=shape.whole("sequence", 0),
    )
    if len(snapshot.resources) != len(resources):
        raise shape.unfit("resources", "one resource for each address")
    if len(snapshot.observations) != len(observations):
        raise shape.unfit("observations", "one observation for each address")
    return snapshot


def read_state(text: str, where: str = "state") -> Snapshot:
    """Read a state from JSON text. Raises `StateUnreadable` for any other text."""
    return decode_snapshot(from_text(text, where), where)


def _check_version(shape: Shape) -> None:
    version = shape.text("format_version")
    if not _VERSION.fullmatch(version):
        raise shape.unfit("format_version", f"a version such as {FORMAT_VERSION}")
    if version.partition(".")[0] != _MAJOR:
        raise StateUnreadable(
            f"{shape.where} has format version {version}; this chanplan reads {_MAJOR}.x.",
            remedy="Use the version of chanplan that wrote it, or a newer one.",
            code="state_version",
        )
