"""
Checks a request against the service's own model, as the service does behind every SDK.

botocore's validator knows types, required members and lower bounds; upper bounds, patterns and enumerations are added.
"""

import re
from collections.abc import Iterator

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape
from botocore.validate import ParamValidator

from chanplan.sandbox.documents import Document
from chanplan.sandbox.wire.model import Operation


def problems(operation: Operation, values: Document) -> str | None:
    """Returns what is wrong with the parameters, in the words of the service's generic validation; None when nothing is."""
    shape = operation.input_shape
    if shape is None:
        return None
    report = ParamValidator().validate(values, shape)
    if report.has_errors():
        return str(report.generate_report())
    found = list(_violations(shape, values, ""))
    if not found:
        return None
    plural = "" if len(found) == 1 else "s"
    return f"{len(found)} validation error{plural} detected: " + "; ".join(found)


def _violations(shape: Shape, value: object, where: str) -> Iterator[str]:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name, item in value.items():
            yield from _violations(shape.members[name], item, _inside(where, name[:1].lower() + name[1:]))
    elif isinstance(shape, ListShape) and isinstance(value, list):
        if (most := shape.metadata.get("max")) is not None and len(value) > most:
            yield _violated(where, value, f"have length less than or equal to {most}")
        for number, item in enumerate(value, 1):
            yield from _violations(shape.member, item, _inside(where, f"{number}.member"))
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for key, item in value.items():
            yield from _violations(shape.key, key, where)
            yield from _violations(shape.value, item, _inside(where, f"{key}.value"))
    elif isinstance(shape, StringShape) and isinstance(value, str):
        yield from _text_violations(shape, value, where)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        most = shape.metadata.get("max", value)
        if value > most:
            yield _violated(where, value, f"have value less than or equal to {most}")


def _text_violations(shape: StringShape, value: str, where: str) -> Iterator[str]:
    if (most := shape.metadata.get("max")) is not None and len(value) > most:
        yield _violated(where, value, f"have length less than or equal to {most}")
    pattern = shape.metadata.get("pattern")
    if pattern is not None and not re.search(pattern, value):
        yield _violated(where, value, f"satisfy regular expression pattern: {pattern}")
    if shape.enum and value not in shape.enum:
        yield _violated(where, value, f"satisfy enum value set: [{', '.join(shape.enum)}]")


def _violated(where: str, value: object, constraint: str) -> str:
    # Long and sensitive values aren't repeated.
    shown = f" '{value}'" if isinstance(value, str | int | float) and len(str(value)) <= 100 else ""
    return f"Value{shown} at '{where}' failed to satisfy constraint: Member must {constraint}"


def _inside(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
