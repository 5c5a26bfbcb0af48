"""The order of steps: what must be done before what, and why."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chanplan.model.addresses import Address
from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.use_case import numbers_of
from chanplan.model.plans import Action, Change, Edge, Half, Step
from chanplan.model.resources import ResourceState
from chanplan.model.scopes import Place
from chanplan.planning.graph import on_cycles
from chanplan.planning.numbers import known_numbers
from chanplan.planning.tiers import PoolMap

SETTLED_TOGETHER = frozenset({"sender"})
"""Namespaces whose values live in state only."""
REASSIGNED = frozenset({"phone_number"})
"""Namespaces whose values pass by one reassigning call."""
_MAKING = frozenset({Half.CREATE, Half.IMPORT, Half.UPDATE})
SHARED = frozenset({"customer_profile"})
"""Namespaces whose values several resources may have, so that nothing passes."""


@dataclass(frozen=True, slots=True)
class Pass:
    """A unique value that goes from one address to another."""

    namespace: str
    value: str
    giver: Address
    taker: Address


def steps_of(change: Change) -> tuple[Step, ...]:
    """Give the steps of a change in the order of its halves."""
    match change.action:
        case Action.NO_OP:
            return ()
        case Action.CREATE:
            return (Step(change.address, Half.CREATE),)
        case Action.UPDATE:
            half = Half.UPDATE if change.importing is None else Half.IMPORT
            return (Step(change.address, half),)
        case Action.DELETE:
            return (Step(change.address, Half.DELETE),)
        case Action.FORGET:
            return (Step(change.address, Half.FORGET),)
        case Action.REPLACE:
            return (Step(change.address, Half.DELETE), Step(change.address, Half.CREATE))
        case Action.REPLACE_CREATE_FIRST:
            return (Step(change.address, Half.CREATE), Step(change.address, Half.DELETE))


def making(change: Change) -> Step | None:
    """Give the step after which the resource is as declared."""
    return next((step for step in steps_of(change) if step.half in _MAKING), None)


def unmaking(change: Change) -> Step | None:
    """Give the step after which the old object, or the state's hold on it, is gone."""
    return next((step for step in steps_of(change) if step.half in (Half.DELETE, Half.FORGET)), None)


def passes(changes: Mapping[Address, Change]) -> tuple[Pass, ...]:
    """Find the unique values that one address gives up and another takes."""
    taken: dict[tuple[str, str, Place | None], Address] = {}
    for address, change in changes.items():
        if change.after is None or change.action is Action.NO_OP:
            continue
        for key in KINDS[address.kind].natural_keys(change.after):
            if key.namespace not in SHARED:
                taken[key.claim(change.scope)] = address
    found: list[Pass] = []
    for address, change in changes.items() if taken else ():
        if change.prior is None:
            continue
        for key in KINDS[address.kind].natural_keys(change.prior.attributes):
            taker = taken.get(key.claim(change.prior.scope))
            if taker is not None and taker != address:
                found.append(Pass(key.namespace, key.value, address, taker))
    return tuple(sorted(found, key=lambda p: (p.namespace, p.value, p.giver)))


def edges(changes: Mapping[Address, Change], pools: PoolMap, passed: Iterable[Pass]) -> tuple[Edge, ...]:
    """Give every order between steps, sorted."""
    found: set[Edge] = set()
    held = carried(changes.values())
    for change in changes.values():
        _halves(change, found)
        _references(change, changes, found)
        _pools(change, changes, pools, found)
        _pool_leavers(change, held, found)
    passed = tuple(passed)
    swapped = {value for ring in rings(passed, SETTLED_TOGETHER) for value in ring}
    for value in passed:
        _release(value, changes, swapped, found)
    return tuple(sorted(found | _takings(changes, found), key=_written))


def gatings(changes: Mapping[Address, Change]) -> tuple[Edge, ...]:
    """Give what stands before changes whose gate opens only after something is made: no order of one apply, which leaves
    them to a later one, but a ring through it never ends."""
    found: set[Edge] = set()
    for change in changes.values():
        on = None if change.gate is None or not change.waits else changes.get(change.gate.on)
        if on is not None and (on.action is Action.CREATE or on.action.replaces):
            _add(found, making(on), next(iter(steps_of(change)), None), "gate")
    return tuple(sorted(found, key=_written))


def _written(edge: Edge) -> tuple[str, str, str, str, str, str, str]:
    # Plain texts compare much faster than the dataclasses that they stand in.
    first, then = edge.first, edge.then
    return (
        first.address.kind,
        first.address.name,
        first.half,
        then.address.kind,
        then.address.name,
        then.half,
        edge.why,
    )


def _add(found: set[Edge], first: Step | None, then: Step | None, why: str) -> None:
    if first is not None and then is not None and first != then:
        found.add(Edge(first, then, why))


def _halves(change: Change, found: set[Edge]) -> None:
    steps = steps_of(change)
    for first, then in pairwise(steps):
        _add(found, first, then, "replacement")


def _references(change: Change, changes: Mapping[Address, Change], found: set[Edge]) -> None:
    wanted = () if change.desired is None else change.desired.references
    for reference in wanted:
        referent = changes.get(reference)
        if referent is not None:
            _add(found, making(referent), making(change), "reference")
    held = () if change.prior is None else change.prior.references
    for reference in held:
        referent = changes.get(reference)
        if referent is not None:
            _add(found, unmaking(change) or _leaving(change, reference), unmaking(referent), "reference")


def _takings(changes: Mapping[Address, Change], others: Collection[Edge]) -> set[Edge]:
    """Let a line that takes a number do so before the one that held it goes, so that no call is missed. Where something
    else must go the other way round, the number is taken once it is free."""
    takers = {
        number: change
        for change in changes.values()
        if change.after is not None and making(change) is not None
        for number in numbers_of(change.after)
    }
    found: set[Edge] = set()
    for change in changes.values() if takers else ():
        if change.prior is None or unmaking(change) is None:
            continue
        for number in known_numbers(change.prior).union(numbers_of(change.before or {})):
            taker = takers.get(number)
            if taker is not None and taker.address != change.address:
                _add(found, making(taker), unmaking(change), "number")
    return found - on_cycles((*others, *found)) if found else found


def _leaving(change: Change, reference: Address) -> Step | None:
    """The step by which a change stops referring to something."""
    if change.desired is not None and reference not in change.desired.references:
        return making(change)
    return None


def _pools(change: Change, changes: Mapping[Address, Change], pools: PoolMap, found: set[Edge]) -> None:
    if change.desired is None or "email_type" not in change.desired.attributes:
        return
    if change.action is Action.NO_OP:
        return
    for address in pools.pools_of(change.desired):
        pool = changes.get(address)
        if pool is not None:
            _add(found, making(pool), making(change), "pool")


def carried(changes: Iterable[Change]) -> Mapping[str, Sequence[Change]]:
    """Give the changes of existing use cases by the pools that carry them now, as remembered and as observed."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        if change.prior is None or change.address.kind != "use_case":
            continue
        seen = (change.prior.attributes, change.before or {})
        for name in {name for held in seen if isinstance(name := held.get("sending_pool"), str)}:
            found.setdefault(name, []).append(change)
    return found


def carries(pool: ResourceState, resources: Iterable[ResourceState]) -> bool:
    """Tell whether a resource is a pool through which, as far as is remembered, one of these still sends."""
    name = pool.attributes.get("pool_name")
    return name is not None and any(
        other.attributes.get("sending_pool") == name and other.scope.same_place(pool.scope)
        for other in resources
    )


def _pool_leavers(change: Change, held: Mapping[str, Sequence[Change]], found: set[Edge]) -> None:
    if change.address.kind != "sending_pool" or unmaking(change) is None or change.prior is None:
        return
    for other in held.get(str(change.prior.attributes.get("pool_name")), ()):
        if other.prior is not None and other.prior.scope.same_place(change.prior.scope):
            _add(found, unmaking(other) or making(other), unmaking(change), "pool")


def rings(passed: Iterable[Pass], namespaces: Collection[str]) -> tuple[tuple[Pass, ...], ...]:
    """Give the passes of these namespaces that lead back to their giver, ring by ring."""
    onward = {(value.namespace, value.giver): value for value in passed if value.namespace in namespaces}
    found: list[tuple[Pass, ...]] = []
    seen: set[tuple[str, Address]] = set()
    for start in sorted(onward):
        walk: list[Pass] = []
        key = start
        while key in onward and key not in seen:
            seen.add(key)
            walk.append(onward[key])
            key = (key[0], onward[key].taker)
        givers = [value.giver for value in walk]
        if key[1] in givers:
            found.append(tuple(walk[givers.index(key[1]) :]))
    return tuple(found)


def _release(
    value: Pass, changes: Mapping[Address, Change], swapped: Collection[Pass], found: set[Edge]
) -> None:
    if value.namespace in REASSIGNED:
        return
    if value in swapped:
        # No service knows these values, and whoever comes first, nobody is without.
        return
    giver, taker = changes[value.giver], changes[value.taker]
    if value.namespace in SETTLED_TOGETHER and not (giver.calls_service or taker.calls_service):
        return
    _add(found, unmaking(giver) or making(giver), making(taker), "release")
