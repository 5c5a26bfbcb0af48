"""The two documents that hold a state: the snapshot, and the entries of its journal."""

from collections.abc import Sequence
from dataclasses import dataclass

from chanplan.model.encoding import Document, decode_run, encode_run
from chanplan.model.errors import StateUnreadable
from chanplan.model.narrowing import Shape, from_text, shape_of, to_text
from chanplan.model.state_document import decode_snapshot, encode_snapshot
from chanplan.model.values import Value
from chanplan.stores.s3.records import Memory

FORMAT = 1
"""Of both documents. What the state in a snapshot holds has a version of its own."""
RUNS_KEPT = 1_000
"""Runs in a snapshot; older ones are in the bucket's versions."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One object of a journal: what was written at once."""

    generation: str
    position: int
    token: str
    """Drawn by its writer, who knows it again by that."""
    lineage: str
    """The state's, or what it becomes by this entry."""
    records: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Base:
    """A snapshot: where a journal begins."""

    generation: str
    memory: Memory
    folded: frozenset[str]
    """The tokens of the entries that it replaced."""


def encode_entry(entry: Entry) -> bytes:
    """Write an entry."""
    document: Document = {
        "format": FORMAT,
        "generation": entry.generation,
        "position": entry.position,
        "token": entry.token,
        "lineage": entry.lineage,
        "records": list(entry.records),
    }
    return to_text(document).encode()


def decode_entry(body: bytes, where: str) -> Entry:
    """Read an entry. Raises `StateUnreadable`."""
    shape = _shape(body, where)
    records = shape.inners("records")
    return Entry(
        shape.text("generation"),
        shape.whole("position"),
        shape.text("token"),
        shape.text("lineage"),
        tuple(dict(each.fields) for each in records),
    )


def encode_base(generation: str, memory: Memory, folded: Sequence[str]) -> bytes:
    """Write a snapshot."""
    runs = list(memory.runs.values())[-RUNS_KEPT:]
    document: Document = {
        "format": FORMAT,
        "generation": generation,
        "fence": memory.fence,
        "folded": sorted(folded),
        "runs": [encode_run(run) for run in runs],
        "state": encode_snapshot(memory.snapshot),
    }
    return to_text(document).encode()


def decode_base(body: bytes, where: str) -> Base:
    """Read a snapshot. Raises `StateUnreadable`."""
    shape = _shape(body, where)
    runs = [decode_run(inner.fields, inner.where) for inner in shape.inners("runs")]
    memory = Memory(
        decode_snapshot(shape.fields.get("state"), f"{where}: state"),
        {run.id: run for run in runs},
        shape.optional_text("fence"),
    )
    return Base(shape.text("generation"), memory, frozenset(shape.texts("folded")))


def _shape(body: bytes, where: str) -> Shape:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise StateUnreadable(
            f"{where} is no chanplan state.", remedy="Name another `key:` under `state:`."
        ) from error
    shape = shape_of(from_text(text, where), where)
    if "format" not in shape.fields or "generation" not in shape.fields:
        raise StateUnreadable(
            f"{where} is no chanplan state in S3.",
            remedy="Name another `key:` under `state:`. A document of `state pull` is brought in with `state push`.",
            code="not_a_state",
        )
    if shape.whole("format") > FORMAT:
        raise StateUnreadable(
            f"{where} has format {shape.whole('format')}; this chanplan reads up to {FORMAT}.",
            remedy="Use the version of chanplan that wrote it, or a newer one.",
            code="state_version",
        )
    return shape
