"""From configuration, state and observation to a plan."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration
from chanplan.model.kinds.use_case import FIRST_TIER
from chanplan.model.plans import Action, Change, Plan, Reason, Refusal
from chanplan.model.requests import Reading, Request
from chanplan.model.resources import Desired, Origin
from chanplan.model.scopes import Scope
from chanplan.model.settlements import Ambiguous
from chanplan.model.snapshots import Intent, IntentKind
from chanplan.planning.decisions import decide
from chanplan.planning.diagnostics import diagnostics
from chanplan.planning.digest import digest_of, fingerprints_of
from chanplan.planning.drift import drift, unchecked
from chanplan.planning.edges import Pass, edges, gatings, passes, steps_of
from chanplan.planning.estimate import Costs, estimate
from chanplan.planning.graph import closure, cycle_of
from chanplan.planning.import_rules import import_refusals
from chanplan.planning.imports import Adoption, Pending, adoption_of, inferred_tier, pending_imports
from chanplan.planning.losses import (
    acknowledge,
    loss_refusals,
    protection_refusals,
    rename_refusals,
    threshold_refusals,
)
from chanplan.planning.moves import MovedSnapshot
from chanplan.planning.numbers import (
    known_objects,
    number_refusals,
    told_apart,
    wanted_by,
    with_passes,
    with_profile,
)
from chanplan.planning.ownership import ownership_refusals
from chanplan.planning.rules import (
    absence_refusals,
    attribute_refusals,
    place_refusals,
    pool_refusals,
    reference_refusals,
    settlement_refusals,
    swap_refusals,
)
from chanplan.planning.situation import Situation
from chanplan.planning.summary import summary_of
from chanplan.planning.tiers import PoolMap, PoolMissing, tier_of, with_pool

_JUDGED_BY = frozenset({"mail_from", "customer_profile"})
"""Attributes of setups of which the services know nothing yet when a plan changes them."""


def make_plan(
    configuration: Configuration,
    moved: MovedSnapshot,
    reading: Reading,
    request: Request,
    now: datetime,
    costs: Costs,
    ambiguous: Sequence[Ambiguous] = (),
) -> Plan:
    """Decide everything. `moved` is the state with open intents settled in memory and renames applied.

    Pure: the same arguments give the same plan. Raises KeyError only for kinds that don't exist.
    """
    pools = PoolMap(
        desired for desired in configuration.resources.values() if desired.address.kind == "sending_pool"
    )
    pending = {} if request.destroy else pending_imports(configuration, moved.snapshot)
    tiers = {
        address: inferred_tier(configuration.resources[address], each, reading.observed.get(address), pools)
        for address, each in pending.items()
    }
    desired, missing = _derive(configuration, moved, request, pools, tiers)
    adoptions = {
        address: adoption_of(
            desired[address],
            each,
            reading.observed.get(address),
            configuration.workspace,
            tiers[address],
        )
        for address, each in pending.items()
    }
    # A replacement that creates first leaves a deletion open, whose object isn't the one in state any more.
    begun = {
        intent.address: intent
        for intent in moved.snapshot.intents
        if intent.kind is not IntentKind.CREATE
        and intent.address in moved.snapshot.resources
        and intent.resource_id == moved.snapshot.resources[intent.address].id
    }
    begun |= _begun_imports(pending, adoptions)
    situation = Situation(
        configuration=configuration,
        snapshot=moved.snapshot,
        previous=moved.previous,
        reading=reading,
        request=request,
        now=now,
        desired=desired,
        going=frozenset(),
        renewed=frozenset(),
        begun=begun,
        removed={entry.address: entry for entry in configuration.removed},
        wanted_numbers=wanted_by(desired),
        known_objects=known_objects(moved.snapshot)
        | {told_apart(each.prior) for each in adoptions.values() if each.prior is not None} - {""},
        adoptions=adoptions,
    )
    situation, changes = _decide_all(situation)
    situation, changes, missing = _restart(situation, changes, missing, pools)
    passed = passes(changes)
    order = edges(changes, pools, passed)
    if request.targets:
        kept = closure(request.targets, changes, order)
        changes = {address: change for address, change in changes.items() if address in kept}
        order = tuple(edge for edge in order if edge.first.address in kept and edge.then.address in kept)
        passed = tuple(value for value in passed if value.giver in kept and value.taker in kept)
    changes = {
        address: with_passes(situation, _with_fingerprints(acknowledge(situation, change)))
        for address, change in changes.items()
    }
    refusals = _refusals(situation, changes, passed, missing, ambiguous)
    cycle = cycle_of((*order, *gatings(changes)))
    if cycle and not any(refusal.code == "swap" for refusal in refusals):
        # Said beside whatever else is refused: nobody should agree to a loss first and meet it then.
        refusals = (*refusals, _cycle(cycle[0].address, " → ".join(str(step.address) for step in cycle)))
    effective = [change for change in changes.values() if change.action is not Action.NO_OP]
    return Plan(
        workspace=configuration.workspace,
        lineage=moved.snapshot.lineage,
        serial=moved.snapshot.serial,
        config_digest=configuration.digest,
        digest=digest_of(fingerprint for change in effective for fingerprint in change.fingerprints),
        created_at=now,
        refresh=reading.mode,
        refreshed_at=reading.at,
        changes=tuple(changes[address] for address in sorted(changes)),
        edges=order,
        drift=drift(situation),
        unchecked=unchecked(situation),
        refusals=refusals,
        diagnostics=diagnostics(situation, changes.values()),
        summary=summary_of(changes.values()),
        estimate=estimate(
            effective, () if cycle else order, sum(len(v) for v in reading.verdicts.values()), costs
        ),
        targeted=bool(request.targets),
        made_by_api=tuple(
            change.address
            for change in sorted(changes.values(), key=lambda each: each.address)
            if change.desired is None
            and change.action is Action.NO_OP
            and change.prior is not None
            and change.prior.origin is Origin.API
        ),
        destroy=request.destroy,
    )


def _begun_imports(
    pending: Mapping[Address, Pending], adoptions: Mapping[Address, Adoption]
) -> Mapping[Address, Intent]:
    """Give the imports that go on where an earlier run stopped."""
    return {
        address: each.begun
        for address, each in pending.items()
        if each.begun is not None and adoptions[address].id == each.begun.resource_id
    }


def _derive(
    configuration: Configuration,
    moved: MovedSnapshot,
    request: Request,
    pools: PoolMap,
    tiers: Mapping[Address, str | None],
) -> tuple[Mapping[Address, Desired], Mapping[Address, PoolMissing]]:
    """Give what is desired, each email use case with the pool of its family and recorded tier, each line that has
    numbers with their customer profile. `tiers` are those at which use cases are imported."""
    if request.destroy:
        return {}, {}
    desired: dict[Address, Desired] = {}
    missing: dict[Address, PoolMissing] = {}
    for address, resource in configuration.resources.items():
        if "email_type" not in resource.attributes:
            desired[address] = with_profile(resource, configuration.resources)
            continue
        prior = moved.snapshot.resources.get(address)
        pool = pools.pool_for(resource, tiers.get(address) or tier_of(prior))
        if isinstance(pool, PoolMissing):
            missing[address] = pool
            pool = None
        desired[address] = with_pool(resource, pool)
    return desired, missing


def _restart(
    situation: Situation,
    changes: dict[Address, Change],
    missing: Mapping[Address, PoolMissing],
    pools: PoolMap,
) -> tuple[Situation, dict[Address, Change], Mapping[Address, PoolMissing]]:
    """Decide anew what will be made anew: it starts again at the first tier, and so in that tier's pool."""
    desired, lacking = dict(situation.desired), dict(missing)
    restarted = []
    for address, change in changes.items():
        made_anew = change.action.replaces or change.reason is Reason.GONE
        if not made_anew or change.desired is None or "email_type" not in change.desired.attributes:
            continue
        if tier_of(situation.prior(address)) == FIRST_TIER:
            continue
        pool = pools.pool_for(change.desired, FIRST_TIER)
        lacking.pop(address, None)
        if isinstance(pool, PoolMissing):
            lacking[address] = pool
            pool = None
        desired[address] = with_pool(change.desired, pool)
        restarted.append(address)
    if not restarted:
        return situation, changes, missing
    situation = replace(situation, desired=desired)
    return situation, changes | {address: decide(situation, address) for address in restarted}, lacking


def _decide_all(situation: Situation) -> tuple[Situation, dict[Address, Change]]:
    unread = _unread(situation)
    addresses = sorted((set(situation.desired) | set(situation.snapshot.resources)) - unread)
    # Setups and pools first: whether one goes decides the gates of what refers to it.
    changes = {address: decide(situation, address) for address in addresses if address.kind != "use_case"}
    going = frozenset(
        address
        for address, change in changes.items()
        if change.action.destroys or change.action is Action.FORGET or change.action is Action.CREATE
    )
    renewed = frozenset(
        address
        for address, change in changes.items()
        if change.action is Action.UPDATE and not _JUDGED_BY.isdisjoint(change.changed)
    )
    situation = replace(situation, going=going, renewed=renewed)
    changes |= {address: decide(situation, address) for address in addresses if address.kind == "use_case"}
    return situation, changes


def _unread(situation: Situation) -> set[Address]:
    """What lives where nothing could be read, and what refers to it; and what a run of `tiers` began on of which nobody
    could say how it ended: to plan it would take a suspension back."""
    begun = {
        address
        for address, intent in situation.begun.items()
        if intent.tier_move is not None or intent.switch is not None
    }
    return begun | _out_of_reach(situation)


def _out_of_reach(situation: Situation) -> set[Address]:
    places = [entry.scope for entry in situation.reading.unreadable]
    if not places:
        return set()
    found = {
        address
        for address, scope, _ in _located(situation)
        if any(_same_way(scope, place) for place in places)
    }
    return found | {
        address
        for address, _, references in _located(situation)
        if any(reference in found for reference in references)
    }


def _same_way(scope: Scope, place: Scope) -> bool:
    if not scope.same_place(place):
        return False
    # Of two aliases for one region, the account says whether they lead to one place.
    return scope.alias == place.alias or (scope.account is not None and scope.account == place.account)


def _located(situation: Situation) -> Iterable[tuple[Address, Scope, tuple[Address, ...]]]:
    for resource in situation.snapshot.resources.values():
        yield resource.address, resource.scope, resource.references
    for desired in situation.desired.values():
        yield desired.address, desired.scope, desired.references


def _with_fingerprints(change: Change) -> Change:
    fingerprints = fingerprints_of(change)
    return replace(change, fingerprints=fingerprints) if fingerprints else change


def _refusals(
    situation: Situation,
    changes: Mapping[Address, Change],
    passed: Sequence[Pass],
    missing: Mapping[Address, PoolMissing],
    ambiguous: Sequence[Ambiguous],
) -> tuple[Refusal, ...]:
    request = situation.request
    effective = [change for change in changes.values() if steps_of(change)]
    # Where a resource belongs needs no reading, and its place may be unreadable for that very reason.
    declared = [
        desired for address, desired in situation.desired.items() if address in changes or not request.targets
    ]
    if request.targets:
        ambiguous = [entry for entry in ambiguous if entry.intent.address in changes]
    # What stands in the way there may be ours: to say that it is somebody else's would mislead.
    unclear = {entry.intent.address for entry in ambiguous}
    # Which object is meant, an import says.
    ambiguous = [entry for entry in ambiguous if entry.intent.address not in situation.adoptions]
    structural = (
        *settlement_refusals(ambiguous),
        *ownership_refusals(situation, [change for change in effective if change.address not in unclear]),
        *_one_each(
            *attribute_refusals(effective),
            *place_refusals(situation, declared),
            *reference_refusals(situation, changes),
        ),
        *absence_refusals(situation, effective),
        *pool_refusals(situation, changes, missing),
        *number_refusals(situation, effective),
        *swap_refusals(passed),
        *import_refusals(situation, effective),
        *protection_refusals(situation, effective),
    )
    renamed = rename_refusals(effective)
    # What can't be done at all, or is a rename, isn't also asked to be acknowledged.
    settled = {refusal.address for refusal in (*structural, *renamed)}
    asked = [change for change in effective if change.address not in settled]
    return (
        *structural,
        *renamed,
        *loss_refusals(asked),
        *threshold_refusals(situation, effective),
    )


def _one_each(*refusals: Refusal) -> tuple[Refusal, ...]:
    """Of several ways to say that something can't be done in one plan, the first one."""
    found: dict[Address | None, Refusal] = {}
    for refusal in refusals:
        found.setdefault(refusal.address, refusal)
    return tuple(found.values())


def _cycle(address: Address, ring: str) -> Refusal:
    return Refusal(
        "cycle",
        address,
        f"These changes wait for one another: {ring}.",
        "Make some of them in a plan of their own.",
    )
