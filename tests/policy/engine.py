"""The example policies, evaluated in this process as OPA and Conftest would."""

import json
from pathlib import Path

from regopy import Interpreter

POLICIES = Path(__file__).parents[2] / "examples" / "policy"


def verdicts(plan, limits=None):
    """Gives the messages of `deny` and of `warn` over a plan."""
    return _messages("deny", plan, limits), _messages("warn", plan, limits)


def codes(messages):
    """Gives the codes that messages begin with."""
    return sorted({message.partition(":")[0] for message in messages})


def _messages(rule, plan, limits):
    rego = Interpreter()
    for path in sorted(POLICIES.glob("*.rego")):
        rego.add_module(path.name, path.read_text())
    if limits is not None:
        rego.add_data_json(json.dumps({"limits": limits}))
    rego.set_input_term(json.dumps(plan))
    return sorted(json.loads(str(rego.query(f"data.main.{rule}")))["expressions"][0])
