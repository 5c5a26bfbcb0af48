"""Receipt rule sets and their rules: what happens to inbound mail, in the older API."""

import re

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import ServiceError
from chanplan.sandbox.services import paging, quirks
from chanplan.sandbox.services.call import Call
from chanplan.sandbox.services.ses import names

_CHARACTERS = r"^[a-zA-Z0-9_.-]+$"
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?")
_ACTIVE = "active"
_LISTED = 100


def create_receipt_rule_set(call: Call) -> Document:
    """Makes an empty rule set."""
    name = call.params["RuleSetName"]
    _check_name(name, "ruleSetName", "ruleSetName")
    if call.get(names.RULE_SET, name) is not None:
        raise ServiceError("AlreadyExists", f"Rule set already exists: {name}")
    if call.state.count(call.scope, names.RULE_SET) >= quirks.RULE_SETS.value:
        raise ServiceError("LimitExceeded", "Too many rule sets")
    call.put(names.RULE_SET, name, {"name": name, "created": call.now, "rules": []})
    return {}


def describe_receipt_rule_set(call: Call) -> Document:
    """Answers a rule set with its rules in their order."""
    return _described(_rule_set(call))


def list_receipt_rule_sets(call: Call) -> Document:
    """Lists the rule sets by name."""
    refusal = ServiceError("InvalidParameterValue", f"Invalid NextToken <{call.params.get('NextToken')}>.")
    rows = paging.kept_rows(call, names.RULE_SET, limit=_LISTED + 1, after=paging.position(call, refusal))
    token = paging.token(call, rows[_LISTED - 1].key) if len(rows) > _LISTED else None
    return {"RuleSets": [_metadata(row.value) for row in rows[:_LISTED]], "NextToken": token}


def delete_receipt_rule_set(call: Call) -> Document:
    """Deletes a rule set unless it is the active one; a missing one is fine."""
    name = call.params["RuleSetName"]
    if _active_name(call) == name:
        raise ServiceError("CannotDelete", f"Cannot delete active rule set: {name}")
    call.delete(names.RULE_SET, name)
    return {}


def set_active_receipt_rule_set(call: Call) -> Document:
    """Makes a rule set the active one; without a name no set is active, and all receiving stops."""
    if not call.params.get("RuleSetName"):
        call.delete(names.ACTIVE_RULE_SET, _ACTIVE)
        return {}
    call.put(names.ACTIVE_RULE_SET, _ACTIVE, {"name": _rule_set(call)["name"]})
    return {}


def describe_active_receipt_rule_set(call: Call) -> Document:
    """Answers the active rule set, or nothing at all."""
    name = _active_name(call)
    active = None if name is None else call.get(names.RULE_SET, name)
    return {} if active is None else _described(active)


def create_receipt_rule(call: Call) -> Document:
    """Adds a rule behind the one that `After` names, else before all others."""
    rule = _checked(call.params["Rule"])
    rule_set = _rule_set(call)
    rules = rule_set["rules"]
    if any(known["Name"] == rule["Name"] for known in rules):
        raise ServiceError("AlreadyExists", f"Rule already exists: {rule['Name']}")
    if len(rules) >= quirks.RULES_PER_SET.value:
        raise ServiceError("LimitExceeded", "Too many rules")
    after = call.params.get("After")
    rules.insert(0 if after is None else _place(rules, after) + 1, rule)
    return _kept(call, rule_set)


def describe_receipt_rule(call: Call) -> Document:
    """Answers one rule."""
    rules = _rule_set(call)["rules"]
    return {"Rule": rules[_place(rules, call.params["RuleName"])]}


def update_receipt_rule(call: Call) -> Document:
    """Replaces a rule as a whole; it stays in its place."""
    rule = _checked(call.params["Rule"])
    rule_set = _rule_set(call)
    rule_set["rules"][_place(rule_set["rules"], rule["Name"])] = rule
    return _kept(call, rule_set)


def delete_receipt_rule(call: Call) -> Document:
    """Deletes a rule; a missing one is fine."""
    rule_set = _rule_set(call)
    rule_set["rules"] = [rule for rule in rule_set["rules"] if rule["Name"] != call.params["RuleName"]]
    return _kept(call, rule_set)


def _rule_set(call: Call) -> Document:
    name = call.params["RuleSetName"]
    rule_set = call.get(names.RULE_SET, name)
    if rule_set is None:
        raise ServiceError("RuleSetDoesNotExist", f"Rule set does not exist: {name}")
    return rule_set


def _active_name(call: Call) -> str | None:
    active = call.get(names.ACTIVE_RULE_SET, _ACTIVE)
    return None if active is None else str(active["name"])


def _place(rules: list[Document], name: str) -> int:
    for place, rule in enumerate(rules):
        if rule["Name"] == name:
            return place
    raise ServiceError("RuleDoesNotExist", f"Rule does not exist: {name}")


def _checked(rule: Document) -> Document:
    _check_name(rule["Name"], "rule.name", "ruleName")
    if len(rule.get("Recipients", [])) > quirks.RECIPIENTS_PER_RULE.value:
        raise ServiceError("LimitExceeded", "Too many recipients")
    if len(rule.get("Actions", [])) > quirks.ACTIONS_PER_RULE.value:
        raise ServiceError("LimitExceeded", "Too many actions")
    defaults = {
        "Enabled": False,
        "TlsPolicy": "Optional",
        "Recipients": [],
        "Actions": [],
        "ScanEnabled": False,
    }
    return {**defaults, **rule}


def _check_name(name: str, place: str, spoken: str) -> None:
    """Refuses a name, in the two ways of SES: by its characters, then by its length and ends."""
    if not re.fullmatch(_CHARACTERS, name):
        raise ServiceError("ValidationError", quirks.RULE_NAME_CHARACTERS.value.format(place=place))
    if not _NAME.fullmatch(name):
        raise ServiceError(
            "InvalidParameterValue", quirks.RULE_NAME_REFUSED.value.format(what=spoken, name=name)
        )


def _described(rule_set: Document) -> Document:
    return {"Metadata": _metadata(rule_set), "Rules": rule_set["rules"]}


def _metadata(rule_set: Document) -> Document:
    return {"Name": rule_set["name"], "CreatedTimestamp": rule_set["created"]}


def _kept(call: Call, rule_set: Document) -> Document:
    call.put(names.RULE_SET, rule_set["name"], rule_set)
    return {}
