"""The plan reader: a plan that can be told and written again, or an error."""

import json
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator

from chanplan.model.plans import Plan
from chanplan.render.plan_document import plan_document
from chanplan.render.plan_markdown import plan_markdown
from chanplan.render.plan_reading import Seal, plan_from_bytes
from chanplan.render.plan_schema import plan_schema
from chanplan.render.plan_text import plan_text
from tests.fuzz.answers import TAKEN, answer
from tests.unit.render import plans, tier_plans

FORGED = Seal(
    lambda change: change.fingerprints,
    lambda drift: drift.fingerprint,
    lambda _: "sha256:forged",
    lambda change: change.differences,
)
"""A seal that fits whatever is in the file, as that of somebody who can compute digests does."""


def plan_files() -> list[bytes]:
    """Give plans as chanplan writes them."""
    made = (
        plans.first_plan(),
        plans.full_plan(),
        plans.destroy_plan(),
        plans.hostile_plan(),
        plans.drift_plan(),
        plans.plan_of([]),
        tier_plans.moving_plan(),
        tier_plans.wished_plan(),
    )
    return [_written(plan) for plan in made]


def read_plan(data: bytes, _folder: Path) -> str:
    """Look at a saved plan of these bytes, sealed as it is and sealed anew."""
    forged = _forged(data)
    if forged is not None:
        _read(forged, FORGED)
        _check_schema_agrees(forged)
    return _read(data, plans.SEAL)


def _read(data: bytes, seal: Seal) -> str:
    first, second = (answer(lambda: plan_from_bytes(data, "plan.json", seal)) for _ in range(2))
    assert second == first
    if not isinstance(first, Plan):
        return first[0]
    assert plan_from_bytes(_written(first), "plan.json", seal) == first
    for width in (40, 200):
        plan_text(first, width=width, colour=False).encode()
    plan_markdown(first, limit=60_000).encode()
    return TAKEN


def _check_schema_agrees(data: bytes) -> None:
    """What is taken is valid by the schema, and what the schema allows is refused for what no schema can say."""
    valid = _validator().is_valid(json.loads(data))
    outcome = answer(lambda: plan_from_bytes(data, "plan.json", FORGED))
    beyond = (
        "isn't a plan that this version can use",
        "nested too deep",
        "out of range",
        "isn't MAJOR.MINOR",
        "was edited",
    )
    taken = isinstance(outcome, Plan)
    assert valid if taken else not valid or any(reason in outcome[1] for reason in beyond), outcome


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(plan_schema())


def _forged(data: bytes) -> bytes | None:
    """Give a document with flags, counts and digest that fit, or None for what isn't a document."""
    try:
        document = json.loads(data)
        changes = document["resource_changes"]
        actions = [tuple(change["change"]["actions"]) for change in changes]
        gates = [change["gate"] for change in changes]
        document["summary"] |= {
            **{
                key: actions.count((key.replace("_", "-"),))
                for key in ("create", "update", "delete", "forget", "no_op")
            },
            "replace": sum(len(words) == 2 for words in actions),
            "waiting": sum(gate is not None and gate["state"] != "open" for gate in gates),
        }
        document["digest"] = "sha256:forged"
        document["applyable"] = not document["refusals"]
        document["errored"] = any(each["severity"] == "error" for each in document["diagnostics"])
        document["complete"] = not (
            document["targeted"] or document["summary"]["waiting"] or document["errored"]
        )
        return json.dumps(document).encode()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _written(plan: Plan) -> bytes:
    return json.dumps(plan_document(plan, "0.1.0")).encode()
