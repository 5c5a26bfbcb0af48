"""docs/security.md lists the IAM actions that plan and apply need; the providers' own calls say which these are."""

import ast
import json
import re
from pathlib import Path

import botocore.session

REPOSITORY = Path(__file__).parents[2]
SERVICES = ("sesv2", "ses", "sts", "resourcegroupstaggingapi", "cloudwatch")
OPERATION = re.compile(rf"({'|'.join(SERVICES)}):([A-Z][A-Za-z0-9]+)")
PREFIXES = {"resourcegroupstaggingapi": "tag", "cloudwatch": "cloudwatch"}
"""How IAM spells services where it isn't `ses`."""
DISCOVERS = {"ses:ListReceiptRuleSets", "tag:GetResources"}
"""What `discover` needs beside the policy to plan."""
EXAMINES = {"ses:GetAccount"}
"""What `doctor` asks beside them, and does without."""
MOVES = {"ses:CreateTenantResourceAssociation", "ses:PutConfigurationSetDeliveryOptions"}
"""What `tiers apply` writes; `tests/ci/test_tiers.py` looks at what it calls."""
NEEDS_NO_PERMISSION = {"GetCallerIdentity"}
"""AWS grants it to everybody (STS API reference, GetCallerIdentity)."""


def operations(pattern: str = "**/*.py") -> set[tuple[str, str]]:
    """Give service and name of every operation that the providers' code names, or a part of it."""
    found = set()
    for path in (REPOSITORY / "src/chanplan/providers/ses").glob(pattern):
        if path.name == "limits.py":  # it tells how often, not whether
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and (match := OPERATION.fullmatch(str(node.value))):
                found.add((match[1], match[2]))
    return found


def policies() -> list[dict]:
    """Give the policies in the order in which the document has them."""
    text = (REPOSITORY / "docs/security.md").read_text()
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]


def policy(actions: set[str]) -> dict:
    """Give the policy that allows actions, as the document writes it."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": sorted(actions), "Resource": "*"}],
    }


def test_the_policies_are_what_the_code_calls():
    """One to plan, which only reads, what is more to discover, to judge tiers and to move them, and one to apply; nothing is missing
    and nothing too much."""
    called, judging = actions("*.py"), actions("mail/*.py")
    applying = called - DISCOVERS - EXAMINES
    planning = {name for name in applying if name.startswith(("ses:Get", "ses:List", "ses:Describe"))}

    assert called >= DISCOVERS | EXAMINES
    assert called >= MOVES
    assert policies() == [
        policy(planning),
        policy(DISCOVERS),
        policy(judging - planning),
        policy(MOVES),
        policy(applying),
    ]


def actions(pattern: str) -> set[str]:
    """Give the IAM actions that a part of the code needs."""
    return {
        f"{PREFIXES.get(service, 'ses')}:{name}"
        for service, name in operations(pattern)
        if name not in NEEDS_NO_PERMISSION
    }


def test_every_operation_is_one_of_awss():
    """A name that AWS doesn't know would be missing from the policies without anybody noticing."""
    session = botocore.session.get_session()
    known = {service: set(session.get_service_model(service).operation_names) for service in SERVICES}

    assert {(service, name) for service, name in operations() if name not in known[service]} == set()


def test_every_test_that_the_document_names_is_there():
    """What is said to be defended is tested."""
    text = (REPOSITORY / "docs/security.md").read_text()
    named = set(re.findall(r"`(test_\w+)`", text))
    defined = {
        name
        for path in (REPOSITORY / "tests").rglob("test_*.py")
        for name in re.findall(r"^ *def (test_\w+)", path.read_text(), re.MULTILINE)
    }

    assert named
    assert named - defined == set()
