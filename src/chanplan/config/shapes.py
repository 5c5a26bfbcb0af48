"""Declared types, as the decoder sees them: what a node must be for each to make a Python value of it.

Compiled once per schema from the JSON Schema that pydantic writes of a declared model, so that the schema which
editors check with, the decoder and the validation can't disagree. A shape never judges: it gives the best
reading of a node, and pydantic's strict validation says what is wrong with it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias, cast

from chanplan.config.nodes import ListNode, MapNode, Node, Scalar
from chanplan.model.values import Value

Schema: TypeAlias = Mapping[str, "Value"]

_INTEGER = re.compile(r"[-+]?[0-9]{1,300}")
_PREFIXED = re.compile(r"0o[0-7]{1,300}|0x[0-9a-fA-F]{1,300}")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


class Scalars(Protocol):
    """How scalars are read: with `${env:…}` resolved and secrets checked."""

    def text(self, node: Scalar) -> str:
        """Give a scalar's text, references resolved."""

    def bare(self, node: Scalar) -> str | None:
        """Give the text of a scalar that may be something else than text, or None when it is quoted."""

    def secret(self, node: Scalar) -> str | None:
        """Give a secret's reference, unresolved; None, and a report, when the secret itself stands there."""

    def unknown(self, key: str, node: Node) -> None:
        """Look at the value of a key that no shape knows."""

    def repeated(self, node: Scalar) -> None:
        """Report an item that stands in its list twice."""


class Shape:
    """Anything: read as YAML 1.2's core schema would."""

    expected = "a value"

    def __init__(self, schema: Schema) -> None:
        self.description = str(schema.get("description", ""))
        self.form = str(schema.get("patternErrorMessage", ""))
        """The form of a text in words, where a pattern says it in signs."""

    def decode(self, node: Node, scalars: Scalars) -> Value:
        """Give the best reading of a node."""
        if type(node) is MapNode:
            return {key: self.decode(value, scalars) for key, value in node.values.items()}
        if type(node) is ListNode:
            return [self.decode(item, scalars) for item in node.items]
        assert type(node) is Scalar
        bare = scalars.bare(node)
        if bare is None:
            return scalars.text(node)
        if node.is_null:
            return None
        return _BOOLEANS[bare] if bare in _BOOLEANS else _number(bare)

    def child(self, _part: str | int, /) -> "Shape":
        """Give the shape of an item or of a key's value."""
        return ANYTHING


class Text(Shape):
    """Text: the raw text, whatever else it looks like."""

    expected = "text"

    def decode(self, node: Node, scalars: Scalars) -> Value:
        """Give the text; nothing stays nothing."""
        if type(node) is not Scalar:
            return ANYTHING.decode(node, scalars)
        return None if node.is_null else scalars.text(node)


class Choice(Text):
    """One of a few words."""

    def __init__(self, schema: Schema, words: tuple[str, ...]) -> None:
        super().__init__(schema)
        self.words = words
        self.expected = f"one of {', '.join(words)}" if len(words) > 1 else words[0]


class SecretText(Shape):
    """A secret: `${env:NAME}` and nothing else."""

    expected = "${env:NAME}"

    def decode(self, node: Node, scalars: Scalars) -> Value:
        """Give the reference itself."""
        return scalars.secret(node) if type(node) is Scalar else ANYTHING.decode(node, scalars)


class Bare(Shape):
    """What only an unquoted scalar can be: `read` gives it, or its text when it isn't one."""

    def __init__(self, schema: Schema, expected: str, read: Callable[[str], Value]) -> None:
        super().__init__(schema)
        self.expected = expected
        self._read = read

    def decode(self, node: Node, scalars: Scalars) -> Value:
        """Give what is read, or the text that isn't one."""
        if type(node) is not Scalar or node.is_null:
            return ANYTHING.decode(node, scalars)
        bare = scalars.bare(node)
        return scalars.text(node) if bare is None else self._read(bare)


class Listed(Shape):
    """A list."""

    expected = "a list"

    def __init__(self, schema: Schema, item: Shape) -> None:
        super().__init__(schema)
        self.item = item
        self.unique = schema.get("uniqueItems") is True

    def decode(self, node: Node, scalars: Scalars) -> Value:
        """Decode each item."""
        if type(node) is not ListNode:
            return ANYTHING.decode(node, scalars)
        values = [self.item.decode(item, scalars) for item in node.items]
        if self.unique:
            seen: set[str] = set()
            for item, value in zip(node.items, values, strict=True):
                if type(item) is Scalar and isinstance(value, str):
                    if value in seen:
                        scalars.repeated(item)
                    seen.add(value)
        return values

    def child(self, _part: str | int, /) -> Shape:
        """Give the shape of every item."""
        return self.item


class Record(Shape):
    """A mapping with declared keys."""

    expected = "a mapping"

    def __init__(self, schema: Schema, fields: Mapping[str, Shape]) -> None:
        super().__init__(schema)
        self.fields = fields

    def decode(self, node: Node, scalars: Scalars) -> Value:
        """Decode each key by its own shape."""
        if type(node) is not MapNode:
            return ANYTHING.decode(node, scalars)
        fields = self.fields
        values: dict[str, Value] = {}
        for key, value in node.values.items():
            shape = fields.get(key)
            if shape is None:
                scalars.unknown(key, value)
                values[key] = None
            else:
                values[key] = shape.decode(value, scalars)
        return values

    def child(self, part: str | int, /) -> Shape:
        """Give the shape of a key's value."""
        return self.fields.get(str(part), ANYTHING)


class Named(Shape):
    """A mapping with free keys and one shape of value."""

    expected = "a mapping"

    def __init__(self, schema: Schema, value: Shape) -> None:
        super().__init__(schema)
        self.value = value
        names = schema.get("propertyNames")
        self.name_form = str(names.get("patternErrorMessage", "")) if isinstance(names, dict) else ""

    def decode(self, node: Node, scalars: Scalars) -> Value:
        """Decode each value."""
        if type(node) is not MapNode:
            return ANYTHING.decode(node, scalars)
        return {key: self.value.decode(value, scalars) for key, value in node.values.items()}

    def child(self, _part: str | int, /) -> Shape:
        """Give the shape of every value."""
        return self.value


class Tagged(Shape):
    """One of several records; the value of one key tells which."""

    expected = "a mapping"

    def __init__(self, schema: Schema, tag: str, records: Mapping[str, Shape]) -> None:
        super().__init__(schema)
        self.tag = tag
        self.records = records

    def record(self, node: Node, scalars: Scalars) -> Shape:
        """Give the record that a mapping's tag chooses, or anything."""
        chosen = node.values.get(self.tag) if type(node) is MapNode else None
        return self.records.get(scalars.text(chosen), ANYTHING) if type(chosen) is Scalar else ANYTHING

    def decode(self, node: Node, scalars: Scalars) -> Value:
        """Decode by the chosen record."""
        return self.record(node, scalars).decode(node, scalars)


ANYTHING = Shape({})


def _whole(text: str) -> int | str:
    if _INTEGER.fullmatch(text):
        return int(text)
    return int(text, 0) if _PREFIXED.fullmatch(text) else text


def _number(text: str) -> int | float | str:
    whole = _whole(text)
    if isinstance(whole, str) and _NUMBER.fullmatch(text):
        number = float(text)
        # Beyond a double's range there is no number to give, and JSON knows no infinity.
        return text if number in {float("inf"), float("-inf")} else number
    return whole


_SCALARS: Mapping[str, Callable[[Schema], Shape]] = {
    "string": Text,
    "integer": lambda schema: Bare(schema, "a whole number", _whole),
    "number": lambda schema: Bare(schema, "a number", _number),
    "boolean": lambda schema: Bare(schema, "true or false", lambda text: _BOOLEANS.get(text, text)),
}


def compile_shape(schema: Schema) -> Shape:
    """Compile a JSON Schema as pydantic writes it (draft 2020-12, definitions under `$defs`)."""
    definitions = cast("Mapping[str, Schema]", schema.get("$defs", {}))
    return _compile(schema, definitions)


def _compile(schema: Schema, definitions: Mapping[str, Schema]) -> Shape:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _compile(definitions[reference.removeprefix("#/$defs/")], definitions)
    if schema.get("writeOnly") is True:
        return SecretText(schema)
    if "discriminator" in schema:
        return _tagged(schema, definitions)
    if "anyOf" in schema:
        options = cast("list[Schema]", schema["anyOf"])
        # Optional fields are the only unions without a tag: the shape is that of what isn't null.
        something = next(option for option in options if option.get("type") != "null")
        outer = {key: value for key, value in schema.items() if key != "anyOf"}
        return _compile({**something, **outer}, definitions)
    words = cast("list[Value]", schema.get("enum", [schema["const"]] if "const" in schema else []))
    if words and all(isinstance(word, str) for word in words):
        return Choice(schema, tuple(str(word) for word in words))
    declared = schema.get("type")
    if declared == "array":
        return Listed(schema, _compile(cast("Schema", schema.get("items", {})), definitions))
    if declared == "object":
        return _mapping(schema, definitions)
    return _SCALARS.get(str(declared), Shape)(schema)


def _tagged(schema: Schema, definitions: Mapping[str, Schema]) -> Tagged:
    discriminator = cast("Mapping[str, Value]", schema["discriminator"])
    mapping = cast("Mapping[str, str]", discriminator["mapping"])
    records = {word: _compile({"$ref": reference}, definitions) for word, reference in mapping.items()}
    return Tagged(schema, str(discriminator["propertyName"]), records)


def _mapping(schema: Schema, definitions: Mapping[str, Schema]) -> Shape:
    properties = schema.get("properties")
    if isinstance(properties, dict):
        return Record(schema, {key: _compile(value, definitions) for key, value in properties.items()})
    patterns = cast("Mapping[str, Schema]", schema.get("patternProperties", {}))
    value = next(iter(patterns.values()), schema.get("additionalProperties", {}))
    if isinstance(value, dict):
        return Named(schema, _compile(value, definitions))
    return Record(schema, {})
