"""What differs between what the services say and what the state remembers, and what wasn't looked at."""

from datetime import datetime

from chanplan.model.addresses import Address
from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import Drift, RefreshMode, Unchecked
from chanplan.model.resources import Depth, Observed, ResourceState
from chanplan.model.values import Attributes
from chanplan.planning.decisions import PROTECTION, as_read, declared_now
from chanplan.planning.diff import changed_names
from chanplan.planning.situation import Situation

NOWHERE, OWNERSHIP = "existence", "ownership"
"""What differs when an object isn't there any more, or doesn't carry our mark."""


def drift(situation: Situation) -> tuple[Drift, ...]:
    """Find the resources that changed, or went, behind our back."""
    found = []
    for address in sorted(situation.snapshot.resources):
        prior = situation.snapshot.resources[address]
        if not prior.complete or address in situation.begun:
            continue
        if address in situation.reading.gone:
            found.append(Drift(address, prior.attributes, None, (), situation.reading.at))
            continue
        observed = situation.observed(address)
        if observed is None:
            continue
        names = KINDS[address.kind].attributes_of(prior.attributes)
        now: Attributes = declared_now(situation, prior, None)
        changed = changed_names(prior.attributes, now, names)
        if changed:
            found.append(Drift(address, prior.attributes, now, changed, observed.read_at))
    return tuple(found)


def differing(prior: ResourceState, observed: Observed | None) -> tuple[str, ...]:
    """Name what a direct reading found other than the state has it: attributes, missing parts, the mark of
    ownership, or that nothing is there."""
    if observed is None:
        return (NOWHERE,)
    names = KINDS[prior.address.kind].attributes_of(prior.attributes)
    changed = changed_names(prior.attributes, as_read(prior, observed, None), names)
    marks = observed.marks if KINDS[prior.address.kind].owns_objects else None
    is_ours = marks is None or marks.id == prior.id
    return (*changed, *observed.incomplete, *(() if is_ours else (OWNERSHIP,)))


def unchecked(situation: Situation) -> tuple[Unchecked, ...]:
    """List the declared attributes that this refresh didn't compare; none when nothing was asked, since then it is all."""
    if situation.reading.mode is RefreshMode.NONE:
        return ()
    found = []
    for address in sorted(situation.snapshot.resources):
        prior = situation.snapshot.resources[address]
        if address in situation.reading.gone:
            continue
        observed = situation.observed(address)
        read = set() if observed is None else set(observed.attributes)
        names = set(KINDS[address.kind].attributes_of(prior.attributes)) & set(prior.attributes)
        left = tuple(sorted(names - read - {PROTECTION}))
        if left:
            found.append(Unchecked(address, left, _checked_at(situation, address)))
    return tuple(found)


def _checked_at(situation: Situation, address: Address) -> datetime | None:
    observed, earlier = situation.observed(address), situation.snapshot.observations.get(address)
    if observed is not None and observed.depth is Depth.DIRECT:
        return observed.read_at
    return None if earlier is None else earlier.deep_at
