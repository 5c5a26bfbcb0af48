"""Renames: reading the state as if `moved:` entries had been applied to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from chanplan.model.addresses import Address
from chanplan.model.configuration import Moved
from chanplan.model.kinds.registry import KINDS
from chanplan.model.resources import Desired, ResourceState
from chanplan.model.snapshots import Intent, Observation, Snapshot
from chanplan.model.values import Attributes, Value


@dataclass(frozen=True, slots=True)
class MovedSnapshot:
    """A snapshot under its new addresses, and the old ones by new."""

    snapshot: Snapshot
    previous: Mapping[Address, Address]


def with_moves(snapshot: Snapshot, moved: Iterable[Moved]) -> MovedSnapshot:
    """Rename what the state still knows by its old address. Entries that were applied long ago do nothing, chains
    are followed, and what already exists under the new address stays where it is."""
    onward = {entry.origin: entry.target for entry in moved}
    # Of several that a chain leads to one address, the closest takes it, since the others are older.
    ends = sorted(
        (hops, address, target)
        for address in snapshot.resources
        if address in onward
        for hops, target in (_end(onward, address),)
        if target not in snapshot.resources
    )
    names: dict[Address, Address] = {}
    taken: set[Address] = set()
    for _, address, target in ends:
        if target not in taken:
            names[address] = target
            taken.add(target)
    if not names:
        return MovedSnapshot(snapshot, {})
    renamed = _Names(names)
    resources = {
        renamed.of(address): renamed.resource(resource) for address, resource in snapshot.resources.items()
    }
    observations = {
        renamed.of(address): renamed.observation(observation)
        for address, observation in snapshot.observations.items()
    }
    intents = tuple(map(renamed.intent, snapshot.intents))
    moved_snapshot = replace(snapshot, resources=resources, observations=observations, intents=intents)
    return MovedSnapshot(moved_snapshot, {new: old for old, new in names.items()})


def _end(onward: Mapping[Address, Address], address: Address) -> tuple[int, Address]:
    """How many renames lead where."""
    seen = {address}
    while address in onward and onward[address] not in seen:
        address = onward[address]
        seen.add(address)
    return len(seen) - 1, address


class _Names:
    """New addresses by old, and how each sort of record takes them."""

    def __init__(self, names: Mapping[Address, Address]) -> None:
        self._names = names
        self._texts: Mapping[Value, str] = {str(old): str(new) for old, new in names.items()}

    def of(self, address: Address) -> Address:
        return self._names.get(address, address)

    def resource(self, resource: ResourceState) -> ResourceState:
        return replace(
            resource,
            address=self.of(resource.address),
            attributes=self._attributes(resource.address.kind, resource.attributes),
            references=tuple(map(self.of, resource.references)),
        )

    def observation(self, observation: Observation) -> Observation:
        gate = observation.gate
        return replace(
            observation,
            address=self.of(observation.address),
            gate=None if gate is None else replace(gate, on=self.of(gate.on)),
        )

    def intent(self, intent: Intent) -> Intent:
        return replace(
            intent,
            address=self.of(intent.address),
            desired=None if intent.desired is None else self._desired(intent.desired),
            prior=None if intent.prior is None else self.resource(intent.prior),
        )

    def _desired(self, desired: Desired) -> Desired:
        return replace(
            desired,
            address=self.of(desired.address),
            attributes=self._attributes(desired.address.kind, desired.attributes),
            references=tuple(map(self.of, desired.references)),
        )

    def _attributes(self, kind: str, attributes: Attributes) -> Attributes:
        referring = KINDS[kind].references
        if not any(name in attributes for name in referring):
            return attributes
        return {
            name: self._texts.get(value, value) if name in referring and isinstance(value, str) else value
            for name, value in attributes.items()
        }
