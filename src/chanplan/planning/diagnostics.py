"""Warnings that a plan carries, and errors of services that couldn't be read."""

from collections.abc import Iterable, Mapping

from chanplan.model.addresses import Address
from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import Change, Reason
from chanplan.model.problems import Problem, Severity
from chanplan.model.snapshots import IntentKind, Snapshot
from chanplan.planning.decisions import regressed
from chanplan.planning.import_notes import import_notes
from chanplan.planning.profile_notes import profile_notes
from chanplan.planning.situation import Situation
from chanplan.planning.tier_notes import tier_notes

UNFINISHED_REPLACEMENT = "unfinished_replacement"
"""The code of a warning under which an apply has something to do although no change is planned."""


def diagnostics(situation: Situation, changes: Iterable[Change]) -> tuple[Problem, ...]:
    """Gather what a reviewer should know besides the changes."""
    changes = tuple(changes)
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
    found.extend(
        _empty(address, situation)
        for address, observed in sorted(situation.reading.observed.items())
        if observed.facts.get("has_addresses") is False and address in situation.desired
    )
    found.extend(tier_notes(situation))
    found.extend(profile_notes(situation))
    found.extend(import_notes(situation, changes))
    found.extend(_left_over(address) for address in left_over(situation.snapshot))
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


def left_over(snapshot: Snapshot) -> tuple[Address, ...]:
    """Give the addresses where a replacement that creates first still has its deletion to do."""
    return tuple(
        sorted(
            intent.address
            for intent in snapshot.intents
            if intent.kind is IntentKind.DELETE
            and (held := snapshot.resources.get(intent.address)) is not None
            and held.id != intent.resource_id
        )
    )


def _left_over(address: Address) -> Problem:
    return Problem(
        UNFINISHED_REPLACEMENT,
        f"An earlier run replaced {address} and didn't come to delete what was there before.",
        "The next apply deletes it.",
        Severity.WARNING,
        address=address,
    )


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


def _empty(address: Address, situation: Situation) -> Problem:
    desired = situation.desired[address]
    name = desired.attributes["pool_name"]
    return Problem(
        "pool_empty",
        f"{address} is a standard pool, and no IP address is in {name}: mail that is sent through it goes nowhere.",
        "Lease dedicated IP addresses at AWS and put them into the pool, or use `scaling: managed`, for which SES leases its own.",
        Severity.WARNING,
        desired.source,
        address,
    )


def _gone(change: Change) -> Problem:
    return Problem(
        "deleted_behind_our_back",
        f"{change.address} isn't at the service any more.",
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
