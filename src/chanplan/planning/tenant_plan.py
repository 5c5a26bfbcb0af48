"""A plan that stops all mail of one tenant, or lets it go on. No tier implies it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration
from chanplan.model.plans import Action, Change, Plan, Reason, Refusal
from chanplan.model.problems import Problem, Severity
from chanplan.model.requests import Reading
from chanplan.model.resources import Observed, ResourceState
from chanplan.model.snapshots import Snapshot
from chanplan.model.tier_moves import TenantSwitch
from chanplan.model.values import Value
from chanplan.planning.diff import differences
from chanplan.planning.drift import is_ours
from chanplan.planning.estimate import Costs
from chanplan.planning.settling_moves import SENDING_BY_US
from chanplan.planning.tier_plan import tier_plan_of
from chanplan.planning.unfinished import desired_of

SENDING = "sending"
_ON, _OFF = "ENABLED", "DISABLED"


def make_tenant_plan(
    configuration: Configuration,
    snapshot: Snapshot,
    setup: ResourceState,
    switch: TenantSwitch,
    reading: Reading,
    now: datetime,
    costs: Costs,
) -> Plan:
    """Plan to stop a setup's tenant or to let it go on. `reading` has the setup as it is now. Pure.

    A warning lists all that a stop halts.
    """
    observed = reading.observed.get(setup.address)
    refusals = tuple(_refusals(snapshot, setup, observed, reading))
    changes = []
    notes = [entry.problem for entry in reading.unreadable]
    if observed is not None and not refusals:
        before = observed.facts.get(SENDING_BY_US)
        after = _OFF if switch.stops else _ON
        if (before == _OFF) is switch.stops:
            notes.append(_nothing_to_do(setup.address, switch))
        else:
            changes.append(_change(setup, switch, before, after))
            if switch.stops:
                notes.append(_halted(setup, senders_of(snapshot, setup.address)))
        if not switch.stops and observed.facts.get("sending_status") == _OFF and before != _OFF:
            notes.append(_paused(setup.address))
    return tier_plan_of(configuration, snapshot, changes, refusals, tuple(notes), now, costs, targeted=True)


def senders_of(snapshot: Snapshot, setup: Address) -> tuple[Address, ...]:
    """Give the use cases whose mail goes through the tenant of a setup."""
    return tuple(
        address
        for address, resource in sorted(snapshot.resources.items())
        if setup in resource.references and "email_type" in resource.attributes
    )


def _refusals(
    snapshot: Snapshot, setup: ResourceState, observed: Observed | None, reading: Reading
) -> list[Refusal]:
    address = setup.address
    if any(intent.address == address for intent in snapshot.intents):
        return [
            Refusal(
                "unresolved_intent",
                address,
                f"An earlier run began something on {address} and didn't finish.",
                "Run `chanplan apply`, which finishes it, then this again.",
            )
        ]
    if address in reading.gone:
        return [
            Refusal(
                "deleted_behind_our_back",
                address,
                f"{address} isn't at the service any more, so it sends nothing.",
                "Run `chanplan apply`, which makes it anew, or delete its block.",
            )
        ]
    if observed is not None and not is_ours(setup, observed):
        return [
            Refusal(
                "foreign_object",
                address,
                f"The tenant of {address} doesn't carry our mark (any more); it is left alone.",
                "Find out who took it over. `chanplan plan` says what to do with it.",
            )
        ]
    if observed is not None and SENDING_BY_US not in observed.facts:
        return [
            Refusal(
                "sending_untold",
                address,
                f"The service doesn't tell whether the tenant of {address} sends.",
                "Stop it where that can be done; an endpoint that isn't AWS's may not offer it.",
            )
        ]
    return []


def _change(setup: ResourceState, switch: TenantSwitch, before: Value, after: str) -> Change:
    then: Mapping[str, Value] = {**setup.attributes, SENDING: after}
    now: Mapping[str, Value] = {**setup.attributes, SENDING: before}
    return Change(
        address=setup.address,
        provider=setup.scope.provider,
        action=Action.UPDATE,
        reason=Reason.TENANT_STOPPED if switch.stops else Reason.TENANT_STARTED,
        scope=setup.scope,
        id=setup.id,
        before=now,
        after=then,
        changed=(SENDING,),
        differences=differences(now, then, (SENDING,)),
        depends_on=setup.references,
        switch=switch,
        desired=replace(desired_of(setup), attributes=then),
        prior=setup,
    )


def _halted(setup: ResourceState, senders: tuple[Address, ...]) -> Problem:
    tenant = setup.attributes.get("tenant_name")
    listed = ", ".join(map(str, senders)) or "no use case"
    return Problem(
        "tenant_stops",
        f"Nothing is sent through tenant {tenant} until it is started again: {listed}.",
        "To send one use case's mail another way, suspend that one instead: chanplan tiers suspend ADDRESS --reason …",
        Severity.WARNING,
        address=setup.address,
    )


def _nothing_to_do(address: Address, switch: TenantSwitch) -> Problem:
    return Problem(
        "tenant_stopped_already" if switch.stops else "tenant_not_stopped",
        f"The tenant of {address} is stopped already."
        if switch.stops
        else f"The tenant of {address} isn't stopped by us.",
        severity=Severity.WARNING,
        address=address,
    )


def _paused(address: Address) -> Problem:
    return Problem(
        "tenant_paused_by_aws",
        f"AWS paused the tenant of {address}, and no start of ours lifts that.",
        "Resolve its findings; the SES console shows them and reinstates a tenant. chanplan never does.",
        Severity.WARNING,
        address=address,
    )
