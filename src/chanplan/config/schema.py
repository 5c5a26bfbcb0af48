"""The JSON Schema of configuration files, for editors: it says what `validate` says, as far as one file can tell.

One schema serves the root and the files that it includes: version and workspace are asked for where any key
stands that only the root may hold. Wherever the loader resolves `${env:NAME}`, the schema takes it too.
"""

import json
from typing import TypeAlias, cast

from chanplan.config.document import ROOT_ONLY, RootFile
from chanplan.config.environment import VARIABLE_PATTERN

Schema: TypeAlias = dict[str, object]

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_REQUIRED = ("version", "workspace")
_REFERENCE = rf"\$\{{env:{VARIABLE_PATTERN}\}}"
_BESIDES = ("default", "description", "title")
"""Keywords that stay on the outside when a type is wrapped."""


def config_schema() -> Schema:
    """Give the schema, draft 2020-12."""
    schema = cast("Schema", RootFile.model_json_schema())
    definitions = cast("dict[str, Schema]", schema.pop("$defs"))
    properties = cast("dict[str, Schema]", schema["properties"])
    return {
        "$schema": DRAFT,
        "title": "chanplan configuration",
        "description": "A workspace's root file, or a file that it includes. Text that looks like a number, "
        "such as a phone number or an account id, needs quotes.",
        "type": "object",
        "properties": {
            name: _or_nothing(_adapted(value), required=name in _REQUIRED)
            for name, value in sorted(properties.items(), key=lambda item: item[0] not in _REQUIRED)
        },
        "additionalProperties": False,
        "dependentRequired": {key: [name for name in _REQUIRED if name != key] for key in ROOT_ONLY},
        "$defs": {name: _adapted(value) for name, value in sorted(definitions.items())},
    }


def config_schema_text() -> str:
    """Give the schema as the text of its file."""
    return json.dumps(config_schema(), indent=2, ensure_ascii=False) + "\n"


def _adapted(schema: Schema) -> Schema:
    """Adapt a schema of pydantic, and all in it, to what the loader takes and editors understand."""
    adapted = {key: _adapted_value(key, value) for key, value in schema.items() if key != "title"}
    if "patternProperties" in adapted:
        # Names that don't fit the pattern must not pass unseen.
        adapted["additionalProperties"] = False
    if adapted.get("writeOnly") is True:
        return adapted
    if "const" in adapted:
        # The version, and the tag of a union: a reference would fit every member and say nothing.
        return adapted
    return _with_references(adapted)


def _adapted_value(key: str, value: object) -> object:
    if key in {"properties", "patternProperties", "$defs"}:
        return {name: _adapted(cast("Schema", inner)) for name, inner in cast("Schema", value).items()}
    if key in {"items", "additionalProperties", "propertyNames"} and isinstance(value, dict):
        return value if key == "propertyNames" else _adapted(value)
    if key in {"anyOf", "oneOf"}:
        return [_adapted(inner) for inner in cast("list[Schema]", value)]
    return value


def _with_references(schema: Schema) -> Schema:
    """Let `${env:NAME}` stand for a number, a boolean, one of a few words, or inside a text with a pattern."""
    declared = schema.get("type")
    if declared == "string" and "pattern" in schema and "enum" not in schema:
        return schema | {"pattern": f"({schema['pattern']})|{_REFERENCE}"}
    if declared == "string" and "format" in schema:
        # A format, other than a pattern, has no way to name an exception.
        return _alternative(schema, {"type": "string", "pattern": _REFERENCE})
    if declared in {"integer", "number", "boolean"} or "enum" in schema:
        return _alternative(schema, {"type": "string", "pattern": f"^{_REFERENCE}$"})
    return schema


def _alternative(schema: Schema, other: Schema) -> Schema:
    outside = {key: schema[key] for key in _BESIDES if key in schema}
    inside = {key: value for key, value in schema.items() if key not in _BESIDES}
    return outside | {"anyOf": [inside, other]}


def _or_nothing(schema: Schema, *, required: bool) -> Schema:
    """Let an optional key of the file stand empty, as a section does whose last resource was commented out."""
    return schema if required else _alternative(schema, {"type": "null"})
