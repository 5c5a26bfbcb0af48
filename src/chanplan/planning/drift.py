"""What differs between what the services say and what the state remembers, and what wasn't looked at."""

from datetime import datetime

from chanplan.model.addresses import Address
from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import Drift, RefreshMode, Unchecked
from chanplan.model.resources import Depth, Observed, ResourceState
from chanplan.planning.decisions import PROTECTION, as_read, declared_now
from chanplan.planning.diff import changed_names
from chanplan.planning.situation import Situation

NOWHERE, OWNERSHIP = "existence", "ownership"
"""What differs when an object isn't there any more, or doesn't carry our mark."""


def drift(situation: Situation) -> tuple[Drift, ...]:
    """Find the resources that changed, or went, or lost parts, behind our back."""
    found = []
    for address in sorted(situation.snapshot.resources):
        prior = situation.snapshot.resources[address]
        if not prior.complete or address in situation.begun:
            continue
        one = _drift(situation, prior)
        if one is not None:
            found.append(one)
    return tuple(found)


def _drift(situation: Situation, prior: ResourceState) -> Drift | None:
    address, kind = prior.address, KINDS[prior.address.kind]
    earlier = situation.snapshot.observations.get(address)
    looked_at = None if earlier is None else earlier.deep_at
    differed = earlier is not None and bool(earlier.differs)
    alike_at, differed_at = (None, looked_at) if differed else (looked_at, None)
    if address in situation.reading.gone:
        return Drift(
            address,
            prior.id,
            prior.scope,
            prior.attributes,
            None,
            (),
            situation.reading.at,
            losses=kind.losses_of(prior.attributes),
            alike_at=alike_at,
            differed_at=differed_at,
        )
    observed = situation.observed(address)
    if observed is None:
        return None
    now = declared_now(situation, prior, None)
    changed = changed_names(prior.attributes, now, kind.attributes_of(prior.attributes))
    if not changed and not observed.incomplete:
        return None
    return Drift(
        address,
        prior.id,
        prior.scope,
        prior.attributes,
        now,
        changed,
        observed.read_at,
        missing=observed.incomplete,
        losses=kind.lost_with(prior.attributes, observed.incomplete),
        alike_at=alike_at,
        differed_at=differed_at,
    )


def differing(prior: ResourceState, observed: Observed | None) -> tuple[str, ...]:
    """Name what a reading found other than the state has it: attributes, missing parts, the mark of ownership, or
    that nothing is there."""
    if observed is None:
        return (NOWHERE,)
    names = KINDS[prior.address.kind].attributes_of(prior.attributes)
    changed = changed_names(prior.attributes, as_read(prior, observed, None), names)
    return (*changed, *observed.incomplete, *(() if is_ours(prior, observed) else (OWNERSHIP,)))


def is_ours(prior: ResourceState, observed: Observed) -> bool:
    """Tell whether what was read carries our mark, as far as marks were read and exist."""
    marks = observed.marks if KINDS[prior.address.kind].owns_objects else None
    return marks is None or marks.id == prior.id


def unchecked(situation: Situation) -> tuple[Unchecked, ...]:
    """List the declared attributes that this refresh didn't compare, of imports too, whose services don't tell them;
    none when nothing was asked, since then it is all."""
    if situation.reading.mode is RefreshMode.NONE:
        return ()
    found = []
    known = dict(situation.snapshot.resources)
    known |= {
        address: adoption.prior
        for address, adoption in situation.adoptions.items()
        if adoption.prior is not None
    }
    for address in sorted(known):
        prior = known[address]
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
