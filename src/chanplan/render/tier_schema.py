"""The JSON Schema of what a plan document says of tiers."""

from chanplan.model.values import Value

Schema = dict[str, Value]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_PERCENT: Schema = {"type": "number", "minimum": 0}
_DAY: Schema = {"type": "string", "format": "date"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_TIME_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}


def tier_definitions() -> Schema:
    """Give the definitions that changes refer to."""
    rate: Schema = {"count": _COUNT, "of": _COUNT, "percent": _PERCENT, "low": _PERCENT, "high": _PERCENT}
    return {
        "tier_move": _object(
            {
                "action": _says("promote, demote, suspend or reinstate.", _TEXT),
                "before": _TEXT,
                "after": _TEXT,
                "code": _says("The reason, for programs (docs/tiers.md).", _TEXT),
                "sentence": _says("The reason, for people.", _TEXT),
                "decided_at": _TIME,
                "by": _says("Who asked for it; null where the evidence did.", {"type": ["string", "null"]}),
                "since": _says("When the tier before began.", _TIME_OR_NULL),
                "evidence": _object(
                    {
                        "policy_version": _TEXT,
                        "source": _says(
                            "Who told of the mail; null for nobody.", {"type": ["string", "null"]}
                        ),
                        "windows": _says(
                            "By what they were looked at for.",
                            {"type": "object", "additionalProperties": {"$ref": "#/$defs/tier_window"}},
                        ),
                    }
                ),
            }
        ),
        "tier_window": _object(
            {
                "first": _says("The first day (UTC).", _DAY),
                "last": _says("The last day.", _DAY),
                "sends": _COUNT,
                "sending_days": _COUNT,
                "bounces": _says("Hard bounces of sends.", {"$ref": "#/$defs/tier_rate"}),
                "complaints": _says("Complaints of deliveries.", {"$ref": "#/$defs/tier_rate"}),
            }
        ),
        "tier_rate": _says("A rate in percent, with the bounds of its 95 % interval.", _object(rate)),
        "switch": _object(
            {
                "stops": _says("Whether the tenant's mail is stopped, or goes on.", {"type": "boolean"}),
                "reason": _TEXT,
                "by": _TEXT,
                "at": _TIME,
                "since": _says("When it was last stopped or let go on.", _TIME_OR_NULL),
            }
        ),
    }


def _object(properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


def _says(description: str, schema: Schema) -> Schema:
    return {"description": description, **schema}
