"""What differs between what the services say and what the state remembers, and what wasn't looked at."""

from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import Drift, RefreshMode, Unchecked
from chanplan.model.values import Attributes
from chanplan.planning.decisions import PROTECTION, declared_now
from chanplan.planning.diff import changed_names
from chanplan.planning.situation import Situation


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
            found.append(Unchecked(address, left))
    return tuple(found)
