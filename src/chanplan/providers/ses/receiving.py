"""Inbound mail: one entry per domain in receipt rules that many domains share.

A rule set holds 200 rules of 100 recipients, so a rule per setup would end at 200 setups. Ours are known by
their names alone, since SES can't tag them; nobody else's rule is ever written, and no set is made active.
"""

import hashlib
import re
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from chanplan.model.errors import Gone, OutcomeUnknown, Rejected, Transient
from chanplan.model.values import Value
from chanplan.ports.clock import Clock
from chanplan.providers.ses.answers import Answer, block, blocks, required, text, texts
from chanplan.providers.ses.clients import Calls
from chanplan.providers.ses.errors import AlreadyThere
from chanplan.providers.ses.limits import RECIPIENTS_PER_RULE, RULE_NAME_LENGTH
from chanplan.providers.ses.receiving_actions import declared_form, same_actions, spelled

_ROUNDS = 8
"""Looks at a rule set before giving up: two writes move a domain, the rest is for somebody who interferes."""

_NUMBER = re.compile(r"[0-9]{3,}")
_ANY_RULE = re.compile(r"chanplan-[A-Za-z0-9_-]+-[0-9]{3,}")


@dataclass(frozen=True, slots=True)
class CreateRule:
    """Add a rule behind the last one, where it can't take mail from rules that stand there."""

    rule: Mapping[str, object]
    after: str | None


@dataclass(frozen=True, slots=True)
class UpdateRule:
    """Replace a rule as a whole; SES knows no other way."""

    rule: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class DeleteRule:
    """Delete a rule whose last recipient goes: without recipients it would match all mail of the account."""

    name: str


Write = CreateRule | UpdateRule | DeleteRule


class Receiving:
    """The entries of domains in one workspace's rules. One writer changes a rule set at a time in this process;
    whoever else interferes is noticed by looking again after each write."""

    def __init__(self, workspace: str, clock: Clock) -> None:
        self._prefix = rule_prefix(workspace)
        self._clock = clock
        self._locks: dict[tuple[str | None, str, str], AbstractContextManager[object]] = {}
        self._making = threading.Lock()

    def require(self, calls: Calls, receiving: Mapping[str, Value]) -> None:
        """Raise `Rejected` when the named rule set isn't there."""
        self._rules(calls, str(receiving["rule_set"]))

    def place(self, calls: Calls, domain: str, receiving: Mapping[str, Value]) -> None:
        """Put a domain into a rule of ours with these actions, and take it from ours with others."""
        self._settle(calls, str(receiving["rule_set"]), domain, receiving["actions"])

    def remove(self, calls: Calls, domain: str, rule_set: str) -> None:
        """Take a domain from all our rules of a rule set; that the set is gone is fine."""
        try:
            self._settle(calls, rule_set, domain, None)
        except Rejected as error:
            if error.code != "rule_set_missing":
                raise

    def actions_of(self, rules: Sequence[Answer], domain: str) -> list[Value] | None:
        """Give what our rules do with mail to a domain, or None when no enabled one names it."""
        for rule in naming(rules, domain, self._prefix):
            if rule.get("Enabled"):
                return declared_form(blocks(rule, "Actions"))
        return None

    def is_torn(self, rules: Sequence[Answer], domain: str) -> bool:
        """Tell whether several rules name a domain, so that its mail is handled more than once."""
        return len(naming(rules, domain, self._prefix)) > 1

    def _settle(self, calls: Calls, rule_set: str, domain: str, actions: Value) -> None:
        with self._lock(calls, rule_set):
            for _ in range(_ROUNDS):
                rules = self._rules(calls, rule_set)
                write = next_write(rules, self._prefix, domain, actions)
                if write is None:
                    return
                _carry_out(calls, rule_set, write)
        raise Transient(
            f"Receipt rule set {rule_set} was changed by somebody else again and again.",
            remedy="Run the same command again when nobody else works on it.",
            code="contended",
        )

    def _rules(self, calls: Calls, rule_set: str) -> tuple[Answer, ...]:
        found = rules_of(calls, rule_set)
        if found is None:
            raise Rejected(
                f"The receipt rule set '{rule_set}' doesn't exist in {calls.region}.",
                remedy="Make it, and make it the active one if inbound mail shall follow it:\n"
                f"  aws ses create-receipt-rule-set --rule-set-name {rule_set} --region {calls.region}\n"
                f"  aws ses set-active-receipt-rule-set --rule-set-name {rule_set} --region {calls.region}",
                code="rule_set_missing",
            )
        return found

    def _lock(self, calls: Calls, rule_set: str) -> AbstractContextManager[object]:
        with self._making:
            return self._locks.setdefault((calls.scope.account, calls.region, rule_set), self._clock.lock())


def rules_of(calls: Calls, rule_set: str) -> tuple[Answer, ...] | None:
    """Give the rules of a rule set, or None when it doesn't exist."""
    try:
        return blocks(calls("ses:DescribeReceiptRuleSet", RuleSetName=rule_set), "Rules")
    except Gone:
        return None


def active_rule_set(calls: Calls) -> str | None:
    """Give the name of the rule set that inbound mail follows, or None when all receiving is off."""
    return text(block(calls("ses:DescribeActiveReceiptRuleSet"), "Metadata"), "Name")


def rule_prefix(workspace: str) -> str:
    """Give what the names of a workspace's rules begin with; shortened with a hash where the name is too long."""
    folded = re.sub(r"[^A-Za-z0-9_-]", "-", workspace)
    longest = RULE_NAME_LENGTH - len("chanplan--000")
    if folded != workspace or len(folded) > longest:
        folded = f"{folded[: longest - 9]}-{hashlib.sha256(workspace.encode()).hexdigest()[:8]}"
    return f"chanplan-{folded}-"


def number_of(rule_name: str, prefix: str) -> int | None:
    """Give the number of a rule of ours, or None for anybody else's."""
    number = rule_name.removeprefix(prefix)
    return int(number) if rule_name.startswith(prefix) and _NUMBER.fullmatch(number) else None


def naming(rules: Sequence[Answer], domain: str, prefix: str) -> list[Answer]:
    """Give the rules of any workspace that name a domain, our workspace's first.

    A domain is one setup's. When that was handed over by another workspace, the domain stands in a rule of that one,
    and stays there until its actions change: a handover calls no service.
    """
    found = [
        rule
        for rule in rules
        if _ANY_RULE.fullmatch(required(rule, "Name")) and domain in texts(rule, "Recipients")
    ]
    return sorted(
        found,
        key=lambda rule: (number_of(required(rule, "Name"), prefix) is None, required(rule, "Name")),
    )


def next_write(rules: Sequence[Answer], prefix: str, domain: str, actions: Value) -> Write | None:
    """Decide the one write that brings a domain nearer to where it belongs; None when it is there. Domains are added to
    rules of our workspace only, and taken out of any that `naming` gives.

    `actions` None takes it out. A domain that moves is added before it is removed: for a moment its mail is
    handled twice, which loses none.
    """
    ours = sorted(
        (rule for rule in rules if number_of(required(rule, "Name"), prefix) is not None),
        key=lambda rule: required(rule, "Name"),
    )
    named = naming(rules, domain, prefix)
    right = [rule for rule in ours if _does(rule, actions)] if actions is not None else []
    home = next((rule for rule in named if actions is not None and _does(rule, actions)), None)
    if home is not None and not home.get("Enabled"):
        return UpdateRule({**home, "Enabled": True})
    if home is None and actions is not None:
        roomy = next((rule for rule in right if len(texts(rule, "Recipients")) < RECIPIENTS_PER_RULE), None)
        if roomy is not None:
            return UpdateRule({**roomy, "Enabled": True, "Recipients": [*texts(roomy, "Recipients"), domain]})
        return CreateRule(
            {
                "Name": _free_name(ours, prefix),
                "Enabled": True,
                "ScanEnabled": True,
                "TlsPolicy": "Optional",
                "Recipients": [domain],
                "Actions": spelled(actions),
            },
            after=required(rules[-1], "Name") if rules else None,
        )
    for rule in named:
        if rule is not home:
            rest = [recipient for recipient in texts(rule, "Recipients") if recipient != domain]
            return UpdateRule({**rule, "Recipients": rest}) if rest else DeleteRule(required(rule, "Name"))
    return None


def _does(rule: Answer, actions: Value) -> bool:
    return same_actions(declared_form(blocks(rule, "Actions")), actions)


def _free_name(ours: Sequence[Answer], prefix: str) -> str:
    taken = {number_of(required(rule, "Name"), prefix) for rule in ours}
    return f"{prefix}{next(number for number in range(1, len(taken) + 2) if number not in taken):03d}"


def _carry_out(calls: Calls, rule_set: str, write: Write) -> None:
    # Whatever a write ends with, the next look at the rule set tells what is left to do.
    try:
        match write:
            case CreateRule(rule, after):
                place = {} if after is None else {"After": after}
                calls("ses:CreateReceiptRule", RuleSetName=rule_set, Rule=rule, **place)
            case UpdateRule(rule):
                calls("ses:UpdateReceiptRule", RuleSetName=rule_set, Rule=rule)
            case DeleteRule(name):
                calls("ses:DeleteReceiptRule", RuleSetName=rule_set, RuleName=name)
    except (AlreadyThere, Gone, OutcomeUnknown):
        return
