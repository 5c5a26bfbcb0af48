"""
Holds requests, answers and refusals against the service's own model, both ways with the same rules.

botocore's validator serves clients: it knows types, required and unknown members and lower bounds, and tells what it
found as one text. Services also refuse by upper bounds, patterns and enumerations, and some answers break the model
where the real service does, so each violation must say where it stands.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from chanplan.sandbox.documents import Document
from chanplan.sandbox.services import quirks
from chanplan.sandbox.wire.aws.model import Operation

_LONGEST_SHOWN = 100
_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "character": (str,),
    "blob": (bytes,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step into a value: a member, the number of an item (from 1), or the key of a map."""

    shown: str
    """As the services spell it in their messages."""
    general: str
    """The same for all items of a list, `[]`, and for all keys of a map, `*`."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A value that the model doesn't allow."""

    steps: tuple[Step, ...]
    value: str
    """The value in quotes and with a space before it; empty when it is long, sensitive or has parts of its own."""
    constraint: str

    @property
    def path(self) -> str:
        """Returns where it is, for all items alike: `Tenants.[].Tags`."""
        return ".".join(step.general for step in self.steps)

    def __str__(self) -> str:
        place = ".".join(step.shown for step in self.steps)
        return f"Value{self.value} at '{place}' failed to satisfy constraint: Member must {self.constraint}"


def refused_as(operation: Operation, values: Document) -> str | None:
    """Returns what is wrong with the parameters, in the words of the services' generic validation; None when nothing is."""
    shape = operation.input_shape
    found = [] if shape is None else [str(each) for each in violations(shape, values)]
    if not found:
        return None
    plural = "" if len(found) == 1 else "s"
    return f"{len(found)} validation error{plural} detected: " + "; ".join(found)


def answer_violations(operation: Operation, result: Document) -> list[Violation]:
    """Returns what is wrong with an answer, but for what the real services are known to do."""
    shape = operation.output_shape
    if shape is None:
        return [Violation((Step(name, name),), "", "not be there") for name in result]
    known = quirks.BEYOND_THE_MODEL.value
    return [
        found
        for found in violations(shape, _without_nulls(result))
        if f"{operation.full_name} {found.path}" not in known
    ]


def violations(shape: Shape, value: object, steps: tuple[Step, ...] = ()) -> Iterator[Violation]:
    """Returns everything in a value that its shape doesn't allow."""
    types = _TYPES.get(shape.type_name)
    if types is None:
        raise TypeError(f"The sandbox can't judge values of the type {shape.type_name}.")
    if not isinstance(value, types) or (isinstance(value, bool) and shape.type_name != "boolean"):
        yield Violation(steps, _shown(shape, value), f"be of the type {shape.type_name}")
    elif isinstance(shape, StructureShape) and isinstance(value, dict):
        yield from _in_structure(shape, value, steps)
    elif isinstance(shape, ListShape) and isinstance(value, list):
        yield from _by_bounds(shape, value, len(value), "length", steps)
        for number, item in enumerate(value, 1):
            yield from violations(shape.member, item, (*steps, Step(f"{number}.member", "[]")))
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        yield from _by_bounds(shape, value, len(value), "length", steps)
        for key, item in value.items():
            yield from violations(shape.key, key, steps)
            yield from violations(shape.value, item, (*steps, Step(f"{key}.value", "*")))
    elif isinstance(shape, StringShape) and isinstance(value, str):
        yield from _in_text(shape, value, steps)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _by_bounds(shape, value, value, "value", steps)


def _in_structure(shape: StructureShape, value: Document, steps: tuple[Step, ...]) -> Iterator[Violation]:
    for name in shape.required_members:
        if name not in value:
            yield Violation((*steps, _member(name)), " null", "not be null")
    if shape.is_tagged_union and len(value) != 1:
        yield Violation(steps, "", "have exactly one of its members set")
    for name, item in value.items():
        inside = (*steps, _member(name))
        if name in shape.members:
            yield from violations(shape.members[name], item, inside)
        else:
            yield Violation(inside, "", f"be one of: {', '.join(shape.members)}")


def _in_text(shape: StringShape, value: str, steps: tuple[Step, ...]) -> Iterator[Violation]:
    yield from _by_bounds(shape, value, len(value), "length", steps)
    pattern = shape.metadata.get("pattern")
    if pattern is not None and not re.search(pattern, value):
        yield Violation(steps, _shown(shape, value), f"satisfy regular expression pattern: {pattern}")
    if shape.enum and value not in shape.enum:
        yield Violation(steps, _shown(shape, value), f"satisfy enum value set: [{', '.join(shape.enum)}]")


def _by_bounds(
    shape: Shape, value: object, size: float, measure: str, steps: tuple[Step, ...]
) -> Iterator[Violation]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield Violation(steps, _shown(shape, value), f"have {measure} greater than or equal to {least}")
    if most is not None and size > most:
        yield Violation(steps, _shown(shape, value), f"have {measure} less than or equal to {most}")


def _member(name: str) -> Step:
    return Step(name[:1].lower() + name[1:], name)


def _shown(shape: Shape, value: object) -> str:
    secret = shape.metadata.get("sensitive") or isinstance(value, dict | list | bytes)
    return "" if secret or len(str(value)) > _LONGEST_SHOWN else f" '{value}'"


def _without_nulls(value: object) -> object:
    """Leaves out what the formats leave out: members without a value."""
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
