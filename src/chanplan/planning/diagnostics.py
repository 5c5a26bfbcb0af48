"""Warnings that a plan carries, and errors of services that couldn't be read."""

from collections.abc import Iterable, Mapping

from chanplan.model.addresses import Address
from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import Change, Reason
from chanplan.model.problems import Problem, Severity
from chanplan.planning.decisions import regressed
from chanplan.planning.situation import Situation


def diagnostics(situation: Situation, changes: Iterable[Change]) -> tuple[Problem, ...]:
    """Gather what a reviewer should know besides the changes."""
    found = [entry.problem for entry in situation.reading.unreadable]
    found.extend(situation.configuration.warnings)
    for change in changes:
        if change.reason is Reason.GONE:
            found.append(_gone(change))
        elif regressed(situation, change):
            found.append(_regressed(change))
    found.extend(
        _inactive(address, situation)
        for address, observed in sorted(situation.reading.observed.items())
        if observed.facts.get("receiving_rule_set_active") is False and address in situation.desired
    )
    for address, verdicts in sorted(situation.reading.verdicts.items()):
        found.extend(
            Problem(
                "dns_at_stake",
                f"{address}: {warning}",
                severity=Severity.WARNING,
                address=address,
            )
            for verdict in verdicts
            for warning in verdict.warnings
        )
    return tuple(found)


def _inactive(address: Address, situation: Situation) -> Problem:
    desired = situation.desired[address]
    receiving = desired.attributes.get("receiving")
    name = receiving["rule_set"] if isinstance(receiving, Mapping) else ""
    return Problem(
        "inbound_inactive",
        f"{address} receives by rule set {name}, which isn't the active one of its region: no mail arrives.",
        "Make it active when nothing else depends on the one that is; chanplan never does.",
        Severity.WARNING,
        desired.source,
        address,
    )


def _gone(change: Change) -> Problem:
    prior = change.prior
    attributes = (change.before or change.after or {}) if prior is None else prior.attributes
    lost = " ".join(loss.message for loss in KINDS[change.address.kind].losses_of(attributes))
    return Problem(
        "deleted_behind_our_back",
        f"{change.address} isn't at the service any more. {lost}".strip(),
        "If that was meant, delete its block; otherwise an apply makes it anew.",
        Severity.WARNING,
        change.source,
        change.address,
    )


def _regressed(change: Change) -> Problem:
    need = None if change.prior is None else KINDS[change.address.kind].gate_of(change.prior.attributes)
    on = "its setup" if need is None else str(need.on)
    return Problem(
        "dns_regressed",
        f"{change.address} is in use, and the DNS records of {on} aren't all verified any more.",
        f"Nothing is deleted. See `chanplan dns check {on}` for what is wrong.",
        Severity.WARNING,
        change.source,
        change.address,
    )
