"""The JSON Schema of the plan document."""

from collections.abc import Mapping

from chanplan.model.addresses import KIND_NAMES, NAME_PATTERN
from chanplan.model.gates import GateKind, GateState
from chanplan.model.plans import Action, Half, Reason, RefreshMode
from chanplan.model.problems import Severity
from chanplan.model.values import Value
from chanplan.render.tier_schema import tier_definitions

Schema = dict[str, Value]

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_FLAG: Schema = {"type": "boolean"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_PLACE: Schema = {"type": "integer", "minimum": 1}
_MAPPING: Schema = {"type": "object"}
_PATH: Schema = {"type": "array", "items": {"type": ["string", "integer"]}}
_COUNTED: Schema = dict.fromkeys(
    ("create", "update", "replace", "delete", "forget", "no_op", "waiting"), _COUNT
)
_TIME: Schema = {"type": "string", "format": "date-time"}


def plan_schema() -> Schema:
    """Give the schema (draft 2020-12). Unknown keys are allowed everywhere: minor versions add."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "chanplan plan",
        "description": "What an apply would do, as `chanplan plan --format json` and `--out` write it. A superset of "
        "the shape of `terraform show -json`. Minor versions add keys; refuse an unknown major version.",
        **_object(
            {
                "format_version": _says(
                    {"type": "string", "pattern": r"^1\.[0-9]{1,6}$"}, "Version of this format: MAJOR.MINOR."
                ),
                "chanplan_version": _says(_TEXT, "Version of the program that made the plan."),
                "workspace": _says(_TEXT, "The workspace that the plan is for."),
                "timestamp": _says(_TIME, "When the plan was made."),
                "applyable": _says(_FLAG, "Whether nothing refuses the plan."),
                "complete": _says(_FLAG, "Whether an apply now would do everything that is declared."),
                "errored": _says(_FLAG, "Whether a service couldn't be read, so that its part is missing."),
                "targeted": _says(_FLAG, "Whether only a part was planned (`--target`)."),
                "destroy": _says(_FLAG, "Whether everything is to go (`--destroy`)."),
                "refresh_only": _says(
                    _FLAG,
                    "Whether an apply takes the drift into the state and does nothing else (`--refresh-only`).",
                ),
                "state": _says(
                    _object({"lineage": _nullable(_TEXT), "serial": _COUNT}),
                    "The state that was planned upon.",
                ),
                "config_digest": _says(_TEXT, "Hash of what was declared."),
                "digest": _says(
                    _TEXT, "Hash of the fingerprints of changes and drift: what an approval names."
                ),
                "refresh": _says(
                    _object({"mode": _one_of(RefreshMode), "at": _nullable(_TIME)}),
                    "How and when the services were asked.",
                ),
                "resource_changes": _says(_list(_ref("change")), "One entry for each address, no-ops too."),
                "order": _says(
                    _list(_object({"first": _ref("step"), "then": _ref("step"), "why": _TEXT})),
                    "Which step is done before which.",
                ),
                "resource_drift": _says(_list(_ref("drift")), "What changed outside chanplan."),
                "unchecked": _says(
                    _list(
                        _object(
                            {"address": _ref("address"), "attributes": _TEXTS, "checked_at": _nullable(_TIME)}
                        )
                    ),
                    "Declared attributes that the refresh didn't compare, and when the resource was last read deeply.",
                ),
                "refusals": _says(_list(_ref("refusal")), "Why the plan may not be applied."),
                "diagnostics": _says(
                    _list(_ref("problem")), "Warnings, and errors of services that couldn't be read."
                ),
                "summary": _says(
                    _object(dict.fromkeys(_COUNTED, _COUNT), {"import": _COUNT}),
                    "Changes by action. `waiting` counts those before which a gate isn't open, again; `import` what is "
                    "brought under control, which is an update only where it is changed besides.",
                ),
                "estimate": _says(
                    _object(
                        {
                            "calls": {"type": "object", "additionalProperties": _COUNT},
                            "seconds": {"type": "number", "minimum": 0},
                        }
                    ),
                    "Calls by provider, and seconds at the known quotas.",
                ),
            },
            {
                "tiers": _says(
                    _FLAG,
                    "Whether it moves tiers or stops a tenant, and does nothing else (`tiers evaluate`).",
                ),
                "made_by_api": _says(
                    _list(_ref("address")),
                    "What the HTTP API made and the configuration doesn't declare: left alone.",
                ),
            },
        ),
        "$defs": _definitions(),
    }


def _definitions() -> Schema:
    kinds = "|".join(KIND_NAMES)
    action_lists: list[Value] = [list(action.words) for action in Action]
    sides: Schema = {
        "actions": _says({"enum": [*action_lists, ["read"]]}, "What happens."),
        "before": _says(
            _nullable(_MAPPING), "Declared attributes as the services have them now; null when new."
        ),
        "after": _says(_nullable(_MAPPING), "Declared attributes after the apply; null when it goes."),
        "before_sensitive": _says(_MAPPING, "True at each attribute of `before` that holds a password."),
        "after_sensitive": _says(_MAPPING, "True at each attribute of `after` that holds a password."),
    }
    scope = _object(
        {"provider": _TEXT, "account": _nullable(_TEXT), "region": _nullable(_TEXT), "alias": _TEXT}
    )
    losses = _list(_object({"code": _TEXT, "message": _TEXT}))
    return {
        "address": {"type": "string", "pattern": f"^({kinds})\\.{NAME_PATTERN}$"},
        "source": _object({"file": _TEXT, "line": _PLACE, "column": _PLACE}),
        "step": _object({"address": _ref("address"), "half": _one_of(Half)}),
        "change": _object(
            {
                "address": _ref("address"),
                "type": {"enum": list(KIND_NAMES)},
                "name": _TEXT,
                "provider_name": _TEXT,
                "previous_address": _says(
                    _nullable(_ref("address")), "What it was called before a `moved:` entry."
                ),
                "id": _says(_nullable(_TEXT), "The resource's UUID; null before it is chosen."),
                "scope": _says(scope, "The account and region that its provider alias resolves to."),
                "change": _object(
                    {
                        **sides,
                        "after_unknown": _says(
                            {"type": "object", "additionalProperties": {"const": True}},
                            "Attributes that only the apply will tell.",
                        ),
                        "replace_paths": _says(
                            _list(_PATH), "Paths of the attributes that force a replacement."
                        ),
                    },
                    {
                        "importing": _says(
                            _nullable(_ref("importing")),
                            "What an import brings under control; null otherwise.",
                        )
                    },
                ),
                "action_reason": _one_of(Reason),
                "changed": _says(_TEXTS, "Names of the declared attributes that differ."),
                "differences": _says(
                    _list(_object({"path": _PATH, "before": {}, "after": {}})), "Each place that differs."
                ),
                "calls_service": _says(_FLAG, "False for what is settled in the state alone."),
                "depends_on": _list(_ref("address")),
                "source": _says(_nullable(_ref("source")), "Where it is declared."),
                "gate": _says(_nullable(_ref("gate")), "What the change waits for."),
                "losses": _says(
                    losses, "What is given away; of an action without `delete`, what is lost already."
                ),
                "acknowledged_by": _says(_nullable(_TEXT), "Who agreed to the losses."),
                "fingerprints": _says(_TEXTS, "What an approval covers: one text for each half."),
            },
            {
                "tier_move": _says(
                    _nullable(_ref("tier_move")), "Which tier it leaves for which, and on what evidence."
                ),
                "switch": _says(
                    _nullable(_ref("switch")), "How the mail of its tenant is stopped or let go on."
                ),
            },
        ),
        **tier_definitions(),
        "importing": _object(
            {
                "id": _says(_TEXT, "The import id."),
                "taken_from": _says(_TEXTS, "Ids of other resources whose marks are overwritten."),
                "owner": _says(_nullable(_TEXT), "The workspace that they name."),
                "missing": _says(_TEXTS, "Parts that aren't there and are made."),
            }
        ),
        "gate": _object(
            {
                "kind": _one_of(GateKind),
                "on": _ref("address"),
                "state": _one_of(GateState),
                "since": _nullable(_TIME),
                "deadline": _says(_nullable(_TIME), "When the service stops looking."),
                "detail": _TEXT,
                "todo": _says(_TEXTS, "What a person must do, one step each."),
            }
        ),
        "drift": _object(
            {
                "address": _ref("address"),
                "type": {"enum": list(KIND_NAMES)},
                "name": _TEXT,
                "provider_name": _TEXT,
                "id": _says(_TEXT, "The resource's UUID."),
                "scope": _says(scope, "The account and region that it lives in."),
                "change": _says(
                    _object(sides), "`before` as the state remembers it, `after` as it was found."
                ),
                "changed": _says(_TEXTS, "Names of the declared attributes that differ."),
                "read_at": _says(_nullable(_TIME), "When it was read."),
                "missing": _says(_TEXTS, "Parts of it that aren't there any more."),
                "losses": _says(losses, "What went with it, or with its missing parts."),
                "alike_at": _says(
                    _nullable(_TIME), "When the last close look was, if it found nothing different."
                ),
                "differed_at": _says(
                    _nullable(_TIME), "When the last close look was, if it found something different already."
                ),
                "left": _says(
                    _TEXT, "With `refresh_only`: why the state keeps what it has; empty where it doesn't."
                ),
                "fingerprint": _says(
                    _TEXT,
                    "With `refresh_only`: what an approval covers; empty where nothing is taken into the state.",
                ),
            }
        ),
        "refusal": _object(
            {"code": _TEXT, "address": _nullable(_ref("address")), "reason": _TEXT, "remedy": _TEXT}
        ),
        "problem": _object(
            {
                "code": _TEXT,
                "severity": _one_of(Severity),
                "message": _TEXT,
                "remedy": _TEXT,
                "source": _nullable(_ref("source")),
                "address": _nullable(_ref("address")),
                "data": _MAPPING,
            }
        ),
    }


def _object(properties: Mapping[str, Value], added: Mapping[str, Value] | None = None) -> Schema:
    """Every key that version 1.0 writes is there; what later ones `added` may be, and others."""
    return {"type": "object", "required": list(properties), "properties": {**properties, **(added or {})}}


def _says(schema: Schema, description: str) -> Schema:
    return {"description": description, **schema}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _nullable(schema: Schema) -> Schema:
    kind = schema.get("type")
    if isinstance(kind, str):
        return {**schema, "type": [kind, "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _one_of(words: type[GateKind | GateState | Half | Reason | RefreshMode | Severity]) -> Schema:
    return {"enum": [word.value for word in words]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}
