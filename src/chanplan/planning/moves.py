"""Renames: reading the state as if `moved:` entries had been applied to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from chanplan.model.addresses import Address
from chanplan.model.configuration import Moved
from chanplan.model.resources import Desired, ResourceState
from chanplan.model.snapshots import Intent, Observation, Snapshot
from chanplan.model.values import Attributes


@dataclass(frozen=True, slots=True)
class MovedSnapshot:
    """A snapshot under its new addresses, and the old ones by new."""

    snapshot: Snapshot
    previous: Mapping[Address, Address]


def with_moves(snapshot: Snapshot, moved: Iterable[Moved]) -> MovedSnapshot:
    """Rename what the state still knows by its old address. Entries that were applied long ago do nothing, chains
    are followed, and what already exists under the new address stays where it is."""
    onward = {entry.origin: entry.target for entry in moved}
    names: dict[Address, Address] = {}
    for address in snapshot.resources:
        target = _end(onward, address)
        if target != address and target not in snapshot.resources and target not in names.values():
            names[address] = target
    if not names:
        return MovedSnapshot(snapshot, {})
    resources = {
        names.get(address, address): _renamed(resource, names)
        for address, resource in snapshot.resources.items()
    }
    observations = {
        names.get(address, address): _observed(observation, names)
        for address, observation in snapshot.observations.items()
    }
    intents = tuple(_intent(intent, names) for intent in snapshot.intents)
    moved_snapshot = replace(snapshot, resources=resources, observations=observations, intents=intents)
    return MovedSnapshot(moved_snapshot, {new: old for old, new in names.items()})


def _end(onward: Mapping[Address, Address], address: Address) -> Address:
    seen = {address}
    while address in onward and onward[address] not in seen:
        address = onward[address]
        seen.add(address)
    return address


def _attributes(attributes: Attributes, names: Mapping[Address, Address]) -> Attributes:
    texts = {str(old): str(new) for old, new in names.items()}
    return {
        name: texts.get(value, value) if isinstance(value, str) else value
        for name, value in attributes.items()
    }


def _renamed(resource: ResourceState, names: Mapping[Address, Address]) -> ResourceState:
    return replace(
        resource,
        address=names.get(resource.address, resource.address),
        attributes=_attributes(resource.attributes, names),
        references=tuple(names.get(reference, reference) for reference in resource.references),
    )


def _desired(desired: Desired, names: Mapping[Address, Address]) -> Desired:
    return replace(
        desired,
        address=names.get(desired.address, desired.address),
        attributes=_attributes(desired.attributes, names),
        references=tuple(names.get(reference, reference) for reference in desired.references),
    )


def _observed(observation: Observation, names: Mapping[Address, Address]) -> Observation:
    return replace(observation, address=names.get(observation.address, observation.address))


def _intent(intent: Intent, names: Mapping[Address, Address]) -> Intent:
    return replace(
        intent,
        address=names.get(intent.address, intent.address),
        desired=None if intent.desired is None else _desired(intent.desired, names),
        prior=None if intent.prior is None else _renamed(intent.prior, names),
    )
