"""The JSON Schema of the state document, for people and programs that read one without chanplan.

It describes what `state_document` writes. Unknown keys are allowed everywhere, since minor versions add some.
"""

from collections.abc import Iterable
from enum import StrEnum

from chanplan.model.addresses import KIND_NAMES, NAME_PATTERN
from chanplan.model.encoding import Document
from chanplan.model.gates import GateKind, GateState
from chanplan.model.records import Outcome, Purpose, RecordType
from chanplan.model.resources import Origin
from chanplan.model.snapshots import IntentKind
from chanplan.model.values import Value

_TEXT: Document = {"type": "string"}
_OPTIONAL_TEXT: Document = {"type": ["string", "null"]}
_COUNT: Document = {"type": "integer", "minimum": 0}
_FLAG: Document = {"type": "boolean"}
_ANYTHING: Document = {"type": "object"}
_MOMENT: Document = {"type": "string", "format": "date-time"}
_OPTIONAL_MOMENT: Document = {"type": ["string", "null"], "format": "date-time"}


def state_schema() -> Document:
    """Give the JSON Schema (draft 2020-12) of the state document, format version 1."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "State of a chanplan workspace",
        **_object(
            {
                "format_version": {"type": "string", "pattern": r"^1\.(0|[1-9][0-9]*)$"},
                "workspace": _OPTIONAL_TEXT,
                "lineage": _OPTIONAL_TEXT
                | {"description": "Random, made by the first write; null before it."},
                "serial": _COUNT
                | {"description": "Grows by one with every write but observations and runs."},
                "sequence": _COUNT | {"description": "Grows by one with every write."},
                "resources": _list(_reference("resource")),
                "intents": _list(_reference("intent")),
                "observations": _list(_reference("observation")),
                "approvals": _list(_reference("approval")),
                "acknowledgements": _list(_reference("acknowledgement")),
                "runs": _list(_reference("run")) | {"description": "The history, newest first."},
            },
            required=("format_version", "serial"),
        ),
        "$defs": _definitions(),
    }


def _definitions() -> Document:
    return {
        "address": {"type": "string", "pattern": f"^({'|'.join(KIND_NAMES)})\\.{NAME_PATTERN}$"},
        "scope": _object(
            {"provider": _TEXT, "account": _OPTIONAL_TEXT, "region": _OPTIONAL_TEXT, "alias": _OPTIONAL_TEXT},
            required=("provider",),
        ),
        "source": _object({"file": _TEXT, "line": _COUNT, "column": _COUNT}, required=("file", "line")),
        "resource": _object(
            {
                "address": _reference("address"),
                "id": _TEXT | {"description": "Its mark of ownership at the service."},
                "scope": _reference("scope"),
                "attributes": _ANYTHING,
                "facts": _ANYTHING,
                "context": _ANYTHING,
                "references": _list(_reference("address")),
                "complete": _FLAG,
                "origin": _one_of(Origin),
                "created_at": _OPTIONAL_MOMENT,
                "updated_at": _OPTIONAL_MOMENT,
            },
            required=("address", "id", "scope"),
        ),
        "desired": _object(
            {
                "address": _reference("address"),
                "attributes": _ANYTHING,
                "scope": _reference("scope"),
                "references": _list(_reference("address")),
                "source": _or_null("source"),
                "context": _ANYTHING,
                "origin": _one_of(Origin),
                "id": _OPTIONAL_TEXT,
            },
            required=("address", "scope"),
        ),
        "intent": _object(
            {
                "id": _TEXT,
                "kind": _one_of(IntentKind),
                "address": _reference("address"),
                "resource_id": _TEXT,
                "started_at": _MOMENT,
                "run_id": _TEXT,
                "desired": _or_null("desired"),
                "prior": _or_null("resource"),
                "changed": _list(_TEXT),
                "facts": _ANYTHING,
                "fingerprint": _OPTIONAL_TEXT,
                "importing": _or_null("importing"),
                "tier_move": _or_null("tier_move"),
                "switch": _or_null("switch"),
            },
            required=("id", "kind", "address", "resource_id", "started_at", "run_id"),
        ),
        "tier_move": _object(
            {
                "before": _TEXT,
                "after": _TEXT,
                "code": _TEXT,
                "sentence": _TEXT,
                "policy_version": _TEXT,
                "source": _OPTIONAL_TEXT,
                "windows": _ANYTHING
                | {"description": "By what they were looked at for: days, counts, and rates as two counts."},
                "decided_at": _MOMENT,
                "by": _TEXT | {"description": "Who asked for it; empty where the evidence did."},
                "since": _OPTIONAL_MOMENT | {"description": "When the tier before began."},
            },
            required=("before", "after", "code", "sentence", "policy_version", "decided_at"),
        ),
        "switch": _object(
            {
                "stops": _FLAG,
                "reason": _TEXT,
                "by": _TEXT,
                "at": _MOMENT,
                "since": _OPTIONAL_MOMENT | {"description": "When the tenant was last stopped or let go on."},
            },
            required=("at",),
        ),
        "importing": _object(
            {"id": _TEXT, "taken_from": _list(_TEXT), "owner": _OPTIONAL_TEXT, "missing": _list(_TEXT)},
            required=("id",),
        ),
        "gate": _object(
            {
                "kind": _one_of(GateKind),
                "on": _reference("address"),
                "state": _one_of(GateState),
                "since": _OPTIONAL_MOMENT,
                "deadline": _OPTIONAL_MOMENT,
                "detail": _OPTIONAL_TEXT,
                "todo": _list(_TEXT),
            },
            required=("kind", "on", "state"),
        ),
        "verdict": _object(
            {
                "purpose": _one_of(Purpose),
                "type": _one_of(RecordType),
                "name": _TEXT,
                "value": _TEXT,
                "outcome": _one_of(Outcome),
                "detail": _OPTIONAL_TEXT,
                "found": _list(_TEXT),
                "warnings": _list(_TEXT),
                "checked_at": _OPTIONAL_MOMENT,
            },
            required=("purpose", "type", "name", "value", "outcome"),
        ),
        "observation": _object(
            {
                "address": _reference("address"),
                "read_at": _MOMENT,
                "facts": _ANYTHING,
                "verdicts": _list(_reference("verdict")),
                "dns_checked_at": _OPTIONAL_MOMENT,
                "gate": _or_null("gate"),
                "deep_at": _OPTIONAL_MOMENT,
                "differs": _list(_TEXT),
            },
            required=("address", "read_at"),
        ),
        "approval": _object(
            {"digest": _TEXT, "fingerprints": _list(_TEXT), "spent": _list(_TEXT), "approved_at": _MOMENT},
            required=("digest", "approved_at"),
        ),
        "acknowledgement": _object(
            {"address": _reference("address"), "action": _TEXT, "reason": _TEXT, "spent_at": _MOMENT},
            required=("address", "action", "reason", "spent_at"),
        ),
        "run": _object(
            {
                "id": _TEXT,
                "command": _TEXT,
                "holder": _TEXT,
                "started_at": _MOMENT,
                "finished_at": _OPTIONAL_MOMENT,
                "digest": _OPTIONAL_TEXT,
                "result": _OPTIONAL_TEXT,
                "done": _COUNT,
                "failed": _COUNT,
                "waiting": _COUNT,
                "version": _OPTIONAL_TEXT,
                "waits": _list(_TEXT),
            },
            required=("id", "command", "holder", "started_at"),
        ),
    }


def _object(properties: Document, required: tuple[str, ...]) -> Document:
    return {"type": "object", "properties": properties, "required": list(required)}


def _list(items: Document) -> Document:
    return {"type": "array", "items": items}


def _reference(name: str) -> Document:
    return {"$ref": f"#/$defs/{name}"}


def _or_null(name: str) -> Document:
    return {"anyOf": [_reference(name), {"type": "null"}]}


def _one_of(members: Iterable[StrEnum]) -> Document:
    values: list[Value] = [member.value for member in members]
    return {"enum": values}
