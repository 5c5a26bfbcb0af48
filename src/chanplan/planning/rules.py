"""What one plan may not do at all, whoever agrees."""

from collections.abc import Iterable, Mapping

from chanplan.model.addresses import Address
from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.sending_pool import TIERS
from chanplan.model.kinds.table import Effect
from chanplan.model.kinds.twilio_setup import profile_sid
from chanplan.model.plans import Action, Change, Reason, Refusal
from chanplan.model.resources import Desired, ResourceState
from chanplan.model.scopes import Scope
from chanplan.model.settlements import Ambiguous
from chanplan.planning.edges import REASSIGNED, SETTLED_TOGETHER, Pass, carried, rings
from chanplan.planning.situation import Situation
from chanplan.planning.tiers import PoolMissing

_SETUP_STEPS = (
    "Add a second setup with the new values, verify its domain, point the use cases to it, and remove the first one "
    "in a later plan."
)


def attribute_refusals(changes: Iterable[Change]) -> tuple[Refusal, ...]:
    """Refuse changes of attributes that can't be made in one plan."""
    refusals = []
    for change in changes:
        if change.before is None or change.after is None or not change.action.replaces:
            continue
        kind = KINDS[change.address.kind]
        table = {**kind.attributes_of(change.before), **kind.attributes_of(change.after)}
        for name in change.changed:
            attribute = table.get(name)
            if attribute is None:
                continue
            if attribute.effect_of(change.before.get(name), change.after.get(name)) is Effect.REFUSED:
                refusals.append(
                    Refusal(
                        attribute.code,
                        change.address,
                        f"`{name}` of {change.address} can't change in one plan.",
                        attribute.steps,
                    )
                )
    return tuple(refusals)


def place_refusals(situation: Situation, desired: Iterable[Desired]) -> tuple[Refusal, ...]:
    """Refuse to take a resource to another account or region."""
    refusals = []
    for resource in desired:
        prior = situation.prior(resource.address)
        if prior is None or not prior.complete or prior.scope.same_place(resource.scope):
            continue
        if prior.scope.provider != resource.scope.provider:
            continue
        refusals.append(
            Refusal(
                "provider_moved",
                resource.address,
                f"{resource.address} was made in {_place(prior.scope)}; its provider `{resource.scope.alias}` now means "
                f"{_place(resource.scope)}.",
                "Point the provider back, or add a second resource in the new place and remove this one in a later plan.",
            )
        )
    return tuple(refusals)


def _place(scope: Scope) -> str:
    region = "" if scope.region is None else f", region {scope.region}"
    return f"account {scope.account}{region}"


def reference_refusals(situation: Situation, changes: Mapping[Address, Change]) -> tuple[Refusal, ...]:
    """Refuse to delete or replace a setup that use cases still refer to."""
    users: dict[Address, set[Address]] = {}
    forgotten: dict[Address, set[Address]] = {}
    for address, resource in situation.snapshot.resources.items():
        change = changes.get(address)
        if change is not None and change.action is Action.FORGET:
            # It still stands in the way of a deletion at the service, but not of forgetting the setup too.
            into = {} if address in situation.reading.gone else forgotten
        elif change is not None and change.action is Action.DELETE:
            into = {}
        else:
            into = users
        kept = resource.references if change is None or change.desired is None else change.desired.references
        for reference in resource.references:
            if reference in kept:
                into.setdefault(reference, set()).add(address)
    for address, desired in situation.desired.items():
        for reference in desired.references:
            users.setdefault(reference, set()).add(address)
    refusals = []
    for change in changes.values():
        if not (change.action.destroys or change.action is Action.FORGET):
            continue
        if change.prior is not None and not change.prior.complete and change.action.replaces:
            continue
        using = users.get(change.address, set())
        if change.action.destroys:
            using = using | forgotten.get(change.address, set())
        if not using:
            continue
        listed = ", ".join(str(user) for user in sorted(using))
        if change.action.replaces:
            names = ", ".join(f"`{path[0]}`" for path in change.replace_paths)
            refusals.append(
                Refusal(
                    "two_step_required",
                    change.address,
                    f"{names} of {change.address} can't change while use cases refer to it: {listed}.",
                    _SETUP_STEPS,
                )
            )
        else:
            refusals.append(
                Refusal(
                    "setup_in_use",
                    change.address,
                    f"{change.address} can't go while use cases refer to it: {listed}.",
                    "Delete these use cases first, or in the same plan.",
                )
            )
    return tuple(refusals)


def absence_refusals(situation: Situation, changes: Iterable[Change]) -> tuple[Refusal, ...]:
    """Refuse to bind what must be there already and isn't."""
    return tuple(
        Refusal(
            "profile_not_found",
            change.address,
            f"{change.address}: account {change.scope.account} has no customer profile "
            f"{profile_sid(change.after or {})}.",
            "Correct customer_profile: the Twilio Console lists the profiles of an account with their SIDs (Trust Hub). "
            "One of another account needs that account (`account: {mode: existing, sid: …}`).",
        )
        for change in changes
        if change.address in situation.reading.absent
        and change.after is not None
        and change.importing is None
    )


def pool_refusals(
    situation: Situation, changes: Mapping[Address, Change], missing: Mapping[Address, PoolMissing]
) -> tuple[Refusal, ...]:
    """Refuse to leave a use case without the pool of its family and tier, or to delete a pool under one."""
    refusals = [_lacking(address, lack) for address, lack in sorted(missing.items()) if address in changes]
    held = carried(changes.values())
    # What isn't planned, since its place can't be read or it isn't targeted, stays where it is.
    unplanned: dict[object, list[ResourceState]] = {}
    for address, resource in situation.snapshot.resources.items():
        if address not in changes and "sending_pool" in resource.attributes:
            unplanned.setdefault(resource.attributes["sending_pool"], []).append(resource)
    for change in changes.values():
        if change.address.kind != "sending_pool" or not change.action.destroys:
            continue
        if change.prior is None or not change.prior.complete:
            continue
        name = str(change.prior.attributes["pool_name"])
        staying = sorted(
            other.address
            for other in (
                *(
                    other.prior
                    for other in held.get(name, ())
                    if other.prior is not None and _stays_in(other, name)
                ),
                *unplanned.get(name, ()),
            )
            if other.scope.same_place(change.prior.scope)
        )
        if staying:
            refusals.append(
                Refusal(
                    "pool_in_use",
                    change.address,
                    f"{change.address} can't be deleted or replaced while it carries {', '.join(map(str, staying))}.",
                    "Declare a pool with another pool_name for the same family and tiers; the use cases move to it.",
                )
            )
    return tuple(refusals)


def _lacking(address: Address, lack: PoolMissing) -> Refusal:
    if lack.tier not in TIERS:
        return Refusal(
            "tier_from_newer_version",
            address,
            f"The state knows {address} at the tier {lack.tier}, which this version doesn't.",
            "Plan with the version of chanplan that gave it that tier, or a later one.",
        )
    return Refusal(
        "pool_missing",
        address,
        f"{address} sends {lack.family} mail at tier {lack.tier}, and no declared pool carries that.",
        f"Add `{lack.tier}` to the tiers of a {lack.family} pool, or declare one.",
    )


def swap_refusals(passed: Iterable[Pass]) -> tuple[Refusal, ...]:
    """Refuse values that resources swap, except those that pass in one transaction or one call."""
    passed = tuple(passed)
    unique = {value.namespace for value in passed} - SETTLED_TOGETHER - REASSIGNED
    refusals, seen = [], set()
    for ring in rings(passed, unique):
        members = tuple(sorted(value.giver for value in ring))
        if members in seen:
            continue
        seen.add(members)
        refusals.append(
            Refusal(
                "swap",
                members[0],
                f"{' and '.join(map(str, members))} swap their {ring[0].namespace} in one plan.",
                "Go through a third value: give one of them a temporary one, apply, then the final ones.",
            )
        )
    return tuple(refusals)


def _stays_in(use_case: Change, pool: str) -> bool:
    match use_case.action:
        case Action.DELETE:
            return False
        case Action.FORGET:
            return use_case.reason is not Reason.GONE
        case _:
            return use_case.after is not None and use_case.after.get("sending_pool") == pool


def settlement_refusals(ambiguous: Iterable[Ambiguous]) -> tuple[Refusal, ...]:
    """Refuse to go on where nobody can tell what an earlier run did."""
    return tuple(
        Refusal("ambiguous", entry.intent.address, entry.reason, entry.remedy) for entry in ambiguous
    )
